"""Any small chip with any small load runs equally on every engine: records, counters, lists, memories, snapshot."""

from __future__ import annotations

import dataclasses
from collections import Counter

import pytest
from hypothesis import HealthCheck, given, reject, settings
from hypothesis import strategies as st

from chipsim.engines.base import Watch
from chipsim.engines.reference import run_reference
from chipsim.errors import MappingError, SimulationError
from chipsim.machine.actions import A_ACCESS, A_FIRED, A_MESSAGE, A_SENT, A_SOMA, A_SYNOP
from chipsim.machine.raw import DONE, UNTIL
from chipsim.noc import Mesh
from chipsim.noc.plan import IDEAL, QUEUED
from chipsim.plan.plan import BARRIER, EVENT, TICK, Plan
from tests.conformance.compare import compare_runs
from tests.engines import ENGINE_NAMES, Runner, runner
from tests.needs import needs
from tests.nets import random_net, random_packets
from tests.plans import Chip

PROBES = Watch(frozenset({"packets", "spikes"}))
OTHERS = tuple(name for name in ENGINE_NAMES if name != "reference")

patient = settings(suppress_health_check=[HealthCheck.too_slow])


@pytest.fixture(params=OTHERS, scope="module")
def engine(request: pytest.FixtureRequest) -> Runner:
    """Every engine but the reference."""
    return runner(request.param)


def agree(plan: Plan, engine: Runner) -> str:
    """Run on both; a run that one refuses must be refused by the other, in the same words."""
    try:
        expected = run_reference(plan, PROBES)
    except (SimulationError, MappingError) as error:
        with pytest.raises(type(error)) as caught:
            engine(plan, PROBES)
        assert str(caught.value) == str(error)
        return "refused"
    found = compare_runs(expected, engine(plan, PROBES))
    assert found is None, found
    return expected.status


@st.composite
def chips(draw: st.DrawFn, paces: tuple[int, ...]) -> Chip:
    """Shapes, delays from a few ps, where everything happens at once, to those of real chips."""
    width, height = draw(st.sampled_from([(1, 1), (2, 1), (1, 4), (3, 2), (2, 5), (4, 4)]))
    mesh = Mesh(width, height, draw(st.integers(1, 3)), column=draw(st.booleans()))
    delay = st.one_of(st.integers(1, 4), st.sampled_from([100, 1_000, 4_099, 6_521, 250_000]))
    ew, ns = draw(delay), draw(delay)
    actions = (A_MESSAGE, A_SYNOP, A_ACCESS, A_SOMA, A_FIRED, A_SENT)
    cost = st.one_of(st.integers(0, 4), st.sampled_from([700, 3_800]))
    return Chip(
        mesh=mesh,
        router=draw(st.sampled_from([QUEUED, QUEUED, IDEAL])),
        pace=draw(st.sampled_from(paces)),
        tick=draw(st.sampled_from([500_000, 3_000_000])),
        sync=draw(st.sampled_from([1, 7, 1_000])),
        late=draw(st.integers(0, 1)),
        multicast=draw(st.booleans()),
        flits=draw(st.integers(1, 3)),
        times={action: draw(cost) for action in actions},
        links=(ew, ew, ns, ns),
        local=draw(delay),
        flit_time=draw(delay),
    )


@st.composite
def spiking(draw: st.DrawFn) -> Plan:
    from tests.lif_networks import lif_plan

    chip = draw(chips((BARRIER, TICK)))
    if chip.pace == BARRIER:
        chip = dataclasses.replace(chip, tick=0)
    neurons, fan_out = draw(st.integers(1, 50)), draw(st.integers(1, 10))
    net = random_net(
        draw(st.integers(0, 2**32)), chip.mesh, neurons, fan_out, draw(st.integers(1, 8)), draw(st.sampled_from([1, 1, 2, 7])),
        draw(st.sampled_from([0.9, 1.0, 0.37])), draw(st.sampled_from([6, 13])),
    )  # fmt: skip
    return lif_plan(net, chip, draw(st.sampled_from([0, 0, 900, 1_000_003])))


@st.composite
def traffic(draw: st.DrawFn) -> Plan:
    from tests.packet_plans import traffic_plan

    chip = draw(chips((EVENT,)))
    packets, span = draw(st.integers(1, 200)), draw(st.sampled_from([1, 40, 3_000, 200_000]))
    rows = random_packets(draw(st.integers(0, 2**32)), chip.mesh, packets, span)
    return traffic_plan(rows, chip, draw(st.sampled_from([0, 0, 500, 90_001])))


def agree_on_all(plans: st.SearchStrategy[Plan], engine: Runner, most: int) -> None:
    """Many plans, of which most are run to their end: what is refused, or cut off at once, compares little."""
    reached: Counter[str] = Counter()

    @settings(patient, max_examples=most)
    @given(plan=plans)
    def run(plan: Plan) -> None:
        reached[agree(plan, engine)] += 1

    run()
    assert reached[DONE] >= most // 4 and reached[UNTIL] > 0, reached


@st.composite
def neurosemantic(draw: st.DrawFn) -> Plan:
    from tests.property.test_chip_equals_golden import cases, lowered

    case = draw(cases())
    try:
        plan = lowered(case)
    except MappingError:
        reject()
    return dataclasses.replace(plan, until=draw(st.sampled_from([0, 0, 777_777, 10**9 + 1])))


@needs("snn")
def test_spiking_networks(engine: Runner) -> None:
    agree_on_all(spiking(), engine, 150)


@needs("packets")
def test_given_packets(engine: Runner) -> None:
    agree_on_all(traffic(), engine, 150)


@needs("nsn")
def test_neurosemantic_networks(engine: Runner) -> None:
    agree_on_all(neurosemantic(), engine, 100)
