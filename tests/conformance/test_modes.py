"""A sample of scenarios on the compiled engine as it is seldom run: with every access checked, and without a compiler.

``make test-all`` runs the whole conformance suite both ways.
"""

from __future__ import annotations

import pytest

from chipsim.engines.base import Watch
from chipsim.engines.compiled import run_compiled
from chipsim.engines.compiled.machine import units_of
from chipsim.engines.reference import run_reference
from chipsim.plan.plan import Plan
from tests.conformance.compare import compare_runs
from tests.engines import lower
from tests.needs import needs, under

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
    "spikes on trees of a torus",
)
PACKETS = (
    "traffic, crowded instants",
    "traffic, ideal, by columns",
    "concentration",
    "one VC of one flit",
    "dies on the way",
    "links lose flits",
)
SAMPLE = [*under("nsn", TEXTS), *under("snn", SPIKES), *under("packets", PACKETS)]


def plan_of(name: str) -> Plan:
    """A plan by name."""
    if name in SPIKES:
        from tests import lif_networks, wormhole_spikes

        return (lif_networks.SCENARIOS | wormhole_spikes.SCENARIOS)[name]()
    if name in PACKETS:
        from tests import packet_plans, wormhole_scenarios

        return (packet_plans.SCENARIOS | wormhole_scenarios.SCENARIOS)[name]()
    from tests.conformance.catalogue import SCENARIOS

    return lower(next(s for s in SCENARIOS if s.name == name).experiment())[2]


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("name", SAMPLE)
def test_engine_agrees_with_the_reference(name: str, mode: str, monkeypatch: pytest.MonkeyPatch) -> None:
    plan = plan_of(name)
    for variable in MODES.values():
        monkeypatch.delenv(variable, raising=False)
    monkeypatch.setenv(MODES[mode], "1")
    for unit in units_of(plan):
        assert (unit.request.checked, unit.interpreted) == (mode == "checked", mode == "interpreted")
    assert compare_runs(run_reference(plan, PROBES), run_compiled(plan, PROBES)) is None


@needs("nsn", "snn", "packets")
def test_the_sample_has_every_program_and_every_router() -> None:
    plans = [plan_of(name) for name in (*TEXTS, *SPIKES, *PACKETS)]
    assert {plan.program for plan in plans} == {"nsn", "snn", "packets"}
    assert len({(plan.router, plan.noc is None) for plan in plans}) >= 3
    assert len({id(unit) for plan in plans for unit in units_of(plan)}) >= 6
