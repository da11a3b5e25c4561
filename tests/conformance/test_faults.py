"""Damaged networks on every engine: equal records and counters, and every packet delivered or accounted for."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from chipsim.config.faults import NetworkFault
from chipsim.engines.base import Watch
from chipsim.engines.reference import run_reference
from chipsim.machine.raw import CUT, DEAD_CORE, FLIT_LOSS, UNREACHABLE, RawRun
from chipsim.noc.plan import IDEAL, QUEUED
from chipsim.plan.plan import Plan
from tests.conformance.compare import compare_runs
from tests.damages import burst, dead_core, dead_link, dead_router, flit_loss, with_faults
from tests.engines import Runner
from tests.packet_plans import wormhole_plan
from tests.wormholes import noc_of

PROBES = Watch(frozenset({"packets"}))

DAMAGES: dict[str, tuple[NetworkFault, ...]] = {
    "link": (dead_link(5, 6),),
    "one way": (dead_link(5, 6, one_way=True), dead_link(9, 10, one_way=True)),
    "router": (dead_router(5), dead_core(3)),
    "apart": (dead_link(0, 1), dead_link(0, 4)),
    "loss": (flit_loss("0.02"),),
    "retry": (flit_loss("0.05", 7),),
    "later": (dead_link(5, 6, 60), dead_link(9, 10, 60, True), dead_router(10, 90), dead_core(0, 40), dead_link(5, 9, 120)),
    "later and loss": (dead_link(5, 6, 50), dead_router(9, 70), flit_loss("0.01", 3)),
}


def plan_of(faults: tuple[NetworkFault, ...], flits: int, sinks: int = 1, **how: object) -> Plan:
    """A 4 x 4 mesh of wormhole routers under more than it can carry."""
    noc = noc_of(width=4, height=4, vcs=2, buffer=4, **how)  # type: ignore[arg-type]
    plan = wormhole_plan(burst(3, 16, 800 // (1 + flits // 3), 150, flits), noc, sinks=sinks)
    return with_faults(plan, faults, topology="mesh", width=4, height=4, router="wormhole")


def other_routers(plan: Plan, router: int) -> Plan:
    """The same with ideal or queued routers."""
    assert plan.noc is not None
    return replace(plan, router=router, noc=replace(plan.noc, wormhole=None))


def accounted(raw: RawRun) -> None:
    """Every packet is delivered or dropped, with a cause."""
    assert np.array_equal(raw.sent + raw.copies, raw.delivered + raw.dropped)
    assert raw.losses.sum() == raw.dropped.sum()
    assert len(raw.packets) == raw.delivered.sum()
    assert not raw.in_flight.any()


@pytest.mark.parametrize(("flits", "timing", "atomic", "ejection"), [(1, "S", False, 0), (6, "D", True, 0), (6, "L", False, 1)])
@pytest.mark.parametrize("name", DAMAGES)
def test_wormhole(name: str, flits: int, timing: str, atomic: bool, ejection: int, run_engine: Runner) -> None:
    plan = plan_of(DAMAGES[name], flits, int(ejection == 0), timing=timing, atomic=atomic, ejection=ejection)
    expected, raw = run_reference(plan, PROBES), run_engine(plan, PROBES)
    assert compare_runs(expected, raw) is None
    accounted(raw)
    assert (raw.losses[CUT] > 0) == ("later" in name)
    assert (raw.losses[FLIT_LOSS] > 0) == (name == "loss")
    assert raw.dropped.any() == (name not in ("link", "one way", "retry"))


@pytest.mark.parametrize("router", [IDEAL, QUEUED], ids=["ideal", "queued"])
@pytest.mark.parametrize("name", DAMAGES)
def test_without_flow_control(name: str, router: int, run_engine: Runner) -> None:
    plan = other_routers(plan_of(DAMAGES[name], 4, 0), router)
    expected, raw = run_reference(plan, PROBES), run_engine(plan, PROBES)
    assert compare_runs(expected, raw) is None
    accounted(raw)


@pytest.mark.parametrize("seed", range(12))
def test_random_damage(seed: int, run_engine: Runner) -> None:
    """Links, routers and cores that die one after the other under packets of many flits."""
    draw = np.random.default_rng(seed)
    topology = ("mesh", "torus", "ring", "tree")[seed % 4]
    size = {"width": 3, "height": 4} if seed % 4 < 2 else {"width": 9, "height": 1}
    how = {"vcs": 2, "buffer": int(draw.choice([1, 2, 8])), "timing": "SLD"[seed % 3], "ejection": seed % 3}
    noc = noc_of(topology, **size, **how)  # type: ignore[arg-type]
    fabric, routers = noc.fabric, noc.fabric.routers
    link = draw.choice(np.flatnonzero(fabric.to >= 0), 3, replace=False)
    ends = zip((link // fabric.ports).tolist(), fabric.to[link].tolist(), strict=True)
    faults: list[NetworkFault] = [dead_link(a, b, int(draw.integers(0, 120)), bool(draw.integers(0, 2))) for a, b in ends]
    faults += [
        dead_router(int(draw.integers(0, routers)), int(draw.integers(0, 120))),
        dead_core(int(draw.integers(0, routers)), 50),
    ]
    packets = burst(seed, routers, 25 * routers, 120, 9)
    plan = with_faults(wormhole_plan(packets, noc, sinks=0), tuple(faults), topology=topology, router="wormhole", **size)
    expected, raw = run_reference(plan, PROBES), run_engine(plan, PROBES)
    assert compare_runs(expected, raw) is None
    accounted(raw)


def test_what_is_lost_for_what(run_engine: Runner) -> None:
    """By hand: core 0 stands alone, core 5 is dead, the rest is connected."""
    faults = (dead_link(0, 1), dead_link(0, 4), dead_core(5))
    raw = run_engine(plan_of(faults, 1), PROBES)
    packets = burst(3, 16, 800, 150, 1)
    source, dest = packets[:, 1], packets[:, 2]
    dead = (source == 5) | ((dest == 5) & (source != 0))
    apart = ((source == 0) != (dest == 0)) & (source != 5)
    assert raw.losses[DEAD_CORE] == dead.sum()
    assert raw.losses[UNREACHABLE] == apart.sum()


@pytest.mark.parametrize(("cycle", "crossed"), [(9, (1, 0)), (13, (2, 3)), (15, (4, 3))])
def test_a_cut_packet(cycle: int, crossed: tuple[int, int], run_engine: Runner) -> None:
    """A packet of 12 flits on its way east loses the link in the middle: its front is dropped where it ends, its rear is drained."""
    noc = noc_of(width=6, height=1, vcs=1, buffer=2)
    packets = np.array([(0, 0, 5, 12), (30, 0, 5, 3), (30, 5, 3, 1)], np.int64)
    plan = with_faults(
        wormhole_plan(packets, noc), (dead_link(2, 3, cycle, True),), topology="mesh", width=6, height=1, router="wormhole"
    )
    expected, raw = run_reference(plan, PROBES), run_engine(plan, PROBES)
    assert compare_runs(expected, raw) is None
    assert raw.losses.tolist() == [1, 0, 1, 0]  # 2 is cut, the later one finds no way
    assert raw.packets[:, [3, 4]].tolist() == [[5, 3]]
    over = [int(raw.link_flits[router * 4]) for router in range(5)]  # to the east
    assert over[0] == over[1] == 12  # all flits leave their core and are drained behind router 2
    assert (over[2], over[3]) == crossed  # nothing is left of the front; a tail is made; the last that has come is one
    assert over[4] == over[3]
