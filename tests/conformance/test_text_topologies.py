"""A text on every topology: every engine gives the records of the reference, and what is decided stays."""

from __future__ import annotations

import numpy as np
import pytest

from chipsim.engines.base import Watch
from chipsim.errors import ConfigError
from tests.conformance.compare import compare_runs
from tests.engines import Runner, lower
from tests.scenarios import golden_digests, run, small
from tests.topologies import BOARD, ROUTERS, topologies

PROBES = Watch(frozenset({"packets", "spikes"}))
UNICAST = "chip.noc.cast=unicast"


@pytest.mark.parametrize("router", ROUTERS)
@pytest.mark.parametrize("name", ["torus", "ring", "mesh3d", "tree", "graph", "hierarchy"])
def test_text_decides_the_same_on_every_topology(name: str, router: str, run_engine: Runner) -> None:
    settings = (*topologies()[name], f"chip.noc.router={router}", UNICAST)
    expected = run(small(*settings), watch=PROBES)
    raw = run_engine(expected.plan, PROBES)
    assert compare_runs(expected.raw, raw) is None
    assert expected.functional == golden_digests(expected.prepared)[0]
    assert expected.plan.router == ROUTERS[router] and expected.plan.noc is not None


@pytest.mark.parametrize("router", ROUTERS)
def test_text_grows_its_trees_over_a_hierarchy(router: str, run_engine: Runner) -> None:
    """A board of chips is slower than one large chip, and decides the same."""
    chip = ("chip.noc.width=4", "chip.noc.height=3", f"chip.noc.router={router}")
    board, plain = run(small(*chip, BOARD)), run(small(*chip))
    assert compare_runs(board.raw, run_engine(board.plan, Watch())) is None
    assert board.functional == plain.functional == golden_digests(board.prepared)[0]
    assert np.array_equal(board.raw.link_packets, plain.raw.link_packets) and board.raw.copies.any()
    assert board.raw.end_ps > plain.raw.end_ps


def test_text_refuses_trees_that_could_not_grow() -> None:
    for name in ("torus", "yx", "tree"):
        with pytest.raises(ConfigError, match=r"cast is multicast.*allowed elsewhere: --set chip\.noc\.cast=unicast"):
            lower(small(*topologies()[name], "chip.noc.cast=multicast"))
