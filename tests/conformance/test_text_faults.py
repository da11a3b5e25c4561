"""A text over a damaged chip, on every engine."""

from __future__ import annotations

import re

import pytest

from chipsim.errors import DeadlockError
from tests.conformance.compare import compare_runs
from tests.engines import Runner, lower
from tests.scenarios import run, small

UNICAST = "chip.noc.cast=unicast"


@pytest.mark.parametrize("router", ["queued", "wormhole"])
def test_a_text_over_a_damaged_chip(router: str, run_engine: Runner) -> None:
    """Ways round what is dead, and flits that are sent again, change times and nothing else."""
    sound = run(small(UNICAST, f"chip.noc.router={router}"))
    faults = "{kind: dead_link, a: 0, b: 1, at: 100 us}, {kind: flit_loss, rate: 0.01, retransmit: true, retry: 50 ns}"
    damaged = run(small(UNICAST, f"chip.noc.router={router}", f"faults=[{faults}]"))
    assert damaged.functional == sound.functional
    assert damaged.raw.digest != sound.raw.digest
    assert compare_runs(damaged.raw, run_engine(damaged.plan)) is None


@pytest.mark.parametrize("match", ["associative", "keyed"])
def test_a_text_leaves_alone_what_is_dead_from_the_start(match: str, run_engine: Runner) -> None:
    """Neurons, roles and homes of keys are on other cores, so that nothing is lost and the text reads as on a sound chip."""
    settings = UNICAST, f"workload.match={match}"
    sound = run(small(*settings))
    hurt = small(
        *settings, "faults=[{kind: dead_core, core: 0}, {kind: dead_router, router: 5}, {kind: dead_core, core: 7, at: 1 s}]"
    )
    damaged = run(hurt)
    assert damaged.functional == sound.functional and not damaged.raw.losses.any()
    assert set(range(16)) - set(damaged.plan.own.constants.home) == {0, 5}
    assert compare_runs(damaged.raw, run_engine(damaged.plan)) is None
    with pytest.raises(DeadlockError, match=r"causes: 1 (dead_core|unreachable)"):
        run(hurt.model_copy(update={"mapping": hurt.mapping.model_copy(update={"avoid_faults": False})}))


def test_a_text_that_loses_an_answer(run_engine: Runner) -> None:
    experiment = small(UNICAST, "faults=[{kind: flit_loss, rate: 1e-3}]")
    with pytest.raises(DeadlockError) as stuck:
        run(experiment)
    # how many losses it takes is the mapping's matter: the first may hit a spike that nothing waits for
    assert re.search(r"waits for[\s\S]*dropped on the way: [1-9][\s\S]*causes: [1-9]\d* flit_loss", str(stuck.value))
    with pytest.raises(DeadlockError) as same:
        run_engine(lower(experiment)[2])
    assert str(same.value) == str(stuck.value)
