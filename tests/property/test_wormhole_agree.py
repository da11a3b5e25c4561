"""Any small network of wormhole routers with any load runs equally on every engine; nothing is lost in it, and all credits come back."""

from __future__ import annotations

from collections import Counter
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from chipsim.config.topology import ROUTINGS as RULES
from chipsim.engines.base import Watch
from chipsim.engines.compiled import layout as at
from chipsim.engines.compiled.fabric import channels
from chipsim.engines.compiled.run import Run
from chipsim.engines.reference import run_reference
from chipsim.errors import DeadlockError
from chipsim.machine.actions import A_MESSAGE
from chipsim.machine.raw import DONE, RawRun
from chipsim.noc import Mesh
from chipsim.plan.plan import BARRIER, TICK, Plan
from tests.conformance.compare import compare_runs
from tests.fabrics import ROUTINGS
from tests.needs import needs
from tests.topologies import edges_file
from tests.wormholes import CLOCK, KINDS, LEVELS, noc_of

PROBES = Watch(frozenset({"packets", "spikes"}))

SENT = {26: 1, 27: 1}
"""Numbers of a spike and of a packet: with two classes they are in the upper one."""


@st.composite
def networks(
    draw: st.DrawFn, topologies: tuple[str, ...] = tuple(ROUTINGS), trees: bool = False, longest: int = 1
) -> dict[str, Any]:
    """Arguments of ``noc_of``; with trees only what trees may grow on, and no virtual channel below a packet's length."""
    topology = draw(st.sampled_from(topologies))
    routings = ("xy", "yx") if topology == "mesh" else ("dateline",) if topology == "torus" else ("updown",)
    routing = draw(st.sampled_from(routings if trees else ROUTINGS[topology]))
    flat, line = topology in ("mesh", "torus", "mesh3d"), topology in ("ring", "tree")
    width, height = (draw(st.integers(1, 5)), draw(st.integers(1, 4))) if flat else (draw(st.integers(2, 9)) if line else 12, 1)
    classes = draw(st.integers(1, 2))
    each = 2 if RULES.get(routing).vcs == 2 or topology in ("torus", "ring") else 1
    spec: dict[str, Any] = {
        "topology": topology, "width": width, "height": height, "routing": routing,
        "timing": draw(st.sampled_from("SLD")),
        "vcs": draw(st.integers(classes * each, 8)),
        "buffer": max(draw(st.integers(1, 6)), longest if trees else 1),
        "atomic": trees or routing == "adaptive" or draw(st.booleans()),
        "ejection": draw(st.sampled_from([0, 0, 1, 3])),
        "class_of": tuple(SENT.get(kind, 0) * (classes - 1) for kind in range(KINDS)),
        "link": draw(st.integers(1, 4)), "flit_time": draw(st.integers(1, 3)),
        "concentration": draw(st.integers(1, 3)),
        "seed": draw(st.integers(0, 2**32)),
    }  # fmt: skip
    if topology == "mesh3d":
        spec["depth"] = draw(st.integers(1, 3))
    if topology == "tree":
        spec["arity"] = draw(st.integers(1, 4))
    if topology == "graph":
        spec["edges"] = str(edges_file())
    if flat and draw(st.booleans()):
        spec["tile_order"] = "column"
    if topology == "mesh" and draw(st.integers(0, 3)) == 0:
        spec |= {"width": 4, "height": 3, "levels": LEVELS}
    return spec


@st.composite
def packets(draw: st.DrawFn) -> Plan:
    """From a few packets now and then to more than the network can carry."""
    longest = draw(st.integers(1, 5))
    noc = noc_of(**(spec := draw(networks(longest=longest))))
    count, span = draw(st.integers(1, 160)), draw(st.sampled_from([1, 30, 150, 3_000]))
    operation = draw(st.sampled_from([None, 0, 1, 9])) if not spec["ejection"] else draw(st.sampled_from([0, 1, 9]))
    until = draw(st.sampled_from([0, 0, 0, 17_000, 60_001]))
    from tests.wormhole_scenarios import packets_on

    return packets_on(noc, draw(st.integers(0, 2**32)), count, span, longest, spec["concentration"], until, operation)


@st.composite
def neurons(draw: st.DrawFn) -> Plan:
    """Spiking cores, their spikes one by one or on trees."""
    multicast, flits = draw(st.booleans()), draw(st.integers(1, 3))
    spec = draw(networks(("mesh", "torus") if multicast else ("mesh", "torus", "mesh3d"), multicast, flits))
    mesh = Mesh(spec["width"], spec["height"] * spec.get("depth", 1), spec["concentration"], spec.get("tile_order") == "column")
    pace = draw(st.sampled_from([BARRIER, TICK]))
    how = {
        "pace": pace, "tick": 2_000_000 if pace == TICK else 0, "flits": flits,
        "local": draw(st.sampled_from([CLOCK, 1_700, 3_000])),
        **({"times": {}} if draw(st.booleans()) else {}),
    }  # fmt: skip
    from tests.wormhole_spikes import neurons_on

    return neurons_on(noc_of(**spec), mesh, draw(st.integers(0, 2**32)), multicast, **how)


@st.composite
def deadlocking(draw: st.DrawFn) -> Plan:
    """Rings with shortest ways, so full that they often come to a deadlock; of packets, or of spikes with steps at fixed times."""
    spec = {
        "routing": "table", "timing": draw(st.sampled_from("SLD")), "vcs": 1, "buffer": draw(st.integers(1, 3)),
        "atomic": draw(st.booleans()), "link": draw(st.integers(1, 4)), "flit_time": draw(st.sampled_from([1, 1, 3, 11])),
        "ejection": draw(st.sampled_from([0, 1])),
    }  # fmt: skip
    noc, seed = noc_of("ring", 12, 1, concentration=2, **spec), draw(st.integers(0, 2**32))
    if draw(st.booleans()):
        from tests.wormhole_scenarios import packets_on

        operation = draw(st.sampled_from([0, 5])) if spec["ejection"] else None
        return packets_on(noc, seed, draw(st.integers(60, 200)), 30, draw(st.integers(1, 4)), each=2, operation=operation)
    from tests.wormhole_spikes import neurons_on

    how = {"tick": 500_000, "times": {}, "flits": draw(st.integers(1, 4)), "local": draw(st.sampled_from([CLOCK, 1_700]))}
    return neurons_on(noc, Mesh(4, 3, 2), seed, pace=TICK, **how)


def check(plan: Plan) -> str:
    """Both engines tell the same, or refuse to go on with the same words; what was sent is there, and an empty network is as it was.

    Returns how the run ended.
    """
    run = Run(plan, PROBES)
    try:
        expected = run_reference(plan, PROBES)
    except DeadlockError as error:
        with pytest.raises(DeadlockError) as caught:
            run.run()
        assert str(caught.value) == str(error)
        assert plan.noc is not None and len(plan.noc.routing.table), "only shortest ways from a table may end like this"
        return "deadlock"
    raw = run.run()
    found = compare_runs(expected, raw)
    assert found is None, found
    accounted_for(plan, raw)
    if raw.status == DONE:
        empty(run)
    return raw.status


def accounted_for(plan: Plan, raw: RawRun) -> None:
    """Every packet is delivered, once and unchanged, or on the way at ``until``."""
    assert np.array_equal(raw.sent + raw.copies, raw.delivered + raw.in_flight)
    if plan.program != "snn":
        want, got = plan.own.traffic, raw.packets[:, [0, 3, 4, 6]]
        if plan.until:
            assert set(map(tuple, got.tolist())) <= set(map(tuple, want.tolist()))
            assert len(got) + raw.in_flight.sum() == (want[:, 0] < plan.until).sum()
        else:
            assert np.array_equal(want[np.lexsort(want.T)], got[np.lexsort(got.T)])
    assert (raw.packets[:, 0] <= raw.packets[:, 8]).all() and (raw.packets[:, 8] < raw.packets[:, 1]).all()
    assert np.array_equal(raw.link_wait_ps, raw.link_stalls.sum(axis=1) * CLOCK)


def empty(run: Run) -> None:
    """Nothing is in a FIFO, no virtual channel is taken, and each has all its credits, but for those that are on their way back."""
    m = run.machine.state
    inputs = channels(m)
    assert not (inputs[:, at.V_COUNT].any() or inputs[:, at.V_PACKET].any() or m.routers["flits"].any())
    assert not (m.outputs & at.HELD).any()
    there = m.outputs & at.CREDITS
    for slot in range(1, len(m.ring), 2):
        i = int(m.ring[slot])
        while i:
            there[m.flits["where"][i] * m.vcs + m.flits["vc"][i]] += 1
            i = int(m.flits["next"][i])
    assert (there == m.buffer).all()


def check_all(plans: st.SearchStrategy[Plan], most: int, ends: str = DONE) -> None:
    """Many plans, of which a third and more end as said."""
    reached: Counter[str] = Counter()

    @settings(suppress_health_check=[HealthCheck.too_slow], max_examples=most)
    @given(plan=plans)
    def run(plan: Plan) -> None:
        reached[check(plan)] += 1

    run()
    assert reached[ends] >= most // 3, reached


@needs("packets")
def test_packets_on_any_network() -> None:
    check_all(packets(), 60)


@needs("snn")
def test_spikes_on_any_network() -> None:
    check_all(neurons(), 40)


@needs("packets", "snn")
def test_deadlocks_are_told_alike() -> None:
    check_all(deadlocking(), 60, "deadlock")


@needs("packets")
def test_a_lost_credit_and_a_channel_that_stays_taken_are_found() -> None:
    from tests.wormhole_scenarios import packets_on

    plan = packets_on(noc_of(ejection=1), 3, 80, 40, operation=5)
    assert plan.action_time[A_MESSAGE] == 5 * CLOCK
    run = Run(plan, PROBES)
    run.run()
    empty(run)
    run.machine.state.outputs[7] -= 1
    with pytest.raises(AssertionError):
        empty(run)
    run.machine.state.outputs[7] += 1 + at.HELD
    with pytest.raises(AssertionError):
        empty(run)
