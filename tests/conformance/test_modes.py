"""A sample of scenarios on the compiled engine as it is seldom run: with every access checked, and without a compiler.

``make test-all`` runs the whole conformance suite both ways.
"""

from __future__ import annotations

from collections.abc import Callable

import pytest

from chipsim.engines.base import Watch
from chipsim.engines.compiled import run_compiled
from chipsim.engines.compiled.machine import units_of
from chipsim.engines.reference import run_reference
from chipsim.plan.plan import Plan
from tests import lif_networks, wormhole_scenarios
from tests.conformance.catalogue import SCENARIOS
from tests.conformance.compare import compare_runs
from tests.scenarios import lower

PROBES = Watch(frozenset({"packets", "spikes"}))

MODES = {"checked": "CHIPSIM_BOUNDSCHECK", "interpreted": "CHIPSIM_INTERPRET"}

TEXTS = (
    "queued multicast",
    "ideal unicast keyed",
    "by columns, two cores on a tile, keyed",
    "three cores on a tile, from nothing",
    "neurons move, four regions, arity 3, in ticks",
    "a bit flips",
    "until, keyed, overrun",
)
SPIKES = (
    "lif barrier, crowded instants, multicast",
    "lif tick, late, delays",
    "lif tick, late spikes are dropped",
    "traffic, crowded instants",
    "traffic, ideal, by columns",
)
WORMHOLES = ("concentration", "one VC of one flit", "spikes on trees of a torus", "dies on the way", "links lose flits")


def text(name: str) -> Callable[[], Plan]:
    return lambda: lower(next(s for s in SCENARIOS if s.name == name).experiment())[2]


SAMPLE: dict[str, Callable[[], Plan]] = {
    **{name: text(name) for name in TEXTS},
    **{name: lif_networks.SCENARIOS[name] for name in SPIKES},
    **{name: wormhole_scenarios.SCENARIOS[name] for name in WORMHOLES},
}


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("name", SAMPLE)
def test_engine_agrees_with_the_reference(name: str, mode: str, monkeypatch: pytest.MonkeyPatch) -> None:
    plan = SAMPLE[name]()
    for variable in MODES.values():
        monkeypatch.delenv(variable, raising=False)
    monkeypatch.setenv(MODES[mode], "1")
    for unit in units_of(plan):
        assert (unit.request.checked, unit.interpreted) == (mode == "checked", mode == "interpreted")
    assert compare_runs(run_reference(plan, PROBES), run_compiled(plan, PROBES)) is None


def test_the_sample_has_every_program_and_every_router() -> None:
    plans = [plan() for plan in SAMPLE.values()]
    assert {plan.program for plan in plans} == {"nsn", "snn", "packets"}
    assert len({(plan.router, plan.noc is None) for plan in plans}) >= 3
    assert len({id(unit) for plan in plans for unit in units_of(plan)}) >= 6
