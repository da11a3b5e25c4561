"""Spiking networks as plans, made from arrays without any description file; and the scenarios that every engine runs."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from fractions import Fraction

import numpy as np
import numpy.typing as npt

from chipsim.machine.actions import A_ACCESS
from chipsim.noc import Mesh
from chipsim.noc.paths import path_entries
from chipsim.noc.plan import IDEAL, NocPlan
from chipsim.plan.plan import BARRIER, TICK, Plan
from chipsim.programs.snn import NAME
from chipsim.programs.snn.messages import KINDS
from chipsim.programs.snn.plan import SnnPlan
from chipsim.programs.snn.reach import reach_of
from chipsim.programs.snn.state import DROP
from chipsim.programs.snn.trees import spike_routes
from tests.nets import Net, random_net
from tests.plans import COLUMN, ODD, QUICK, Chip, plan_on
from tests.topologies import noc_on

Ints = npt.NDArray[np.int64]


def lif_plan(net: Net, chip: Chip, until: int = 0) -> Plan:
    """A spiking network on a chip."""
    order = np.lexsort((np.arange(net.neurons), net.core))
    position = np.empty(net.neurons, np.int64)
    position[order] = np.arange(net.neurons)
    src, dst = position[net.src], position[net.dst]
    rows = np.lexsort((dst, src))
    used, first = np.unique(net.core[order], return_index=True)
    inputs = np.lexsort((net.in_step, position[net.in_neuron]))
    scale = 1 << net.fraction
    leak = Fraction(float(np.float32(net.leak)))
    start = np.concatenate([[0], np.cumsum(np.bincount(src, minlength=net.neurons))]).astype(np.int64)
    input_start = np.concatenate([[0], np.cumsum(np.bincount(position[net.in_neuron], minlength=net.neurons))])
    longest = int(net.delay.max(initial=1))
    lif = SnnPlan(
        number=order.astype(np.int64),
        core=net.core[order].astype(np.int32),
        used=used.astype(np.int64),
        first=np.append(first, net.neurons).astype(np.int64),
        kind=net.kind[order].astype(np.uint8),
        potential=(net.v0[order] * scale).astype(np.int64),
        bias=(net.bias[order] * scale).astype(np.int64),
        threshold=np.floor(net.threshold[order] * scale).astype(np.int64),
        fraction=net.fraction,
        leak=leak.numerator,
        leak_shift=leak.denominator.bit_length() - 1,
        start=start,
        target=dst[rows].astype(np.int32),
        weight=(net.weight[rows] * scale).astype(np.int32),
        delay=net.delay[rows].astype(np.uint8) if longest > 1 else np.zeros(0, np.uint8),
        longest=longest,
        input_start=input_start.astype(np.int64) if len(inputs) else np.zeros(0, np.int64),
        input_step=net.in_step[inputs].astype(np.int64),
        steps=net.steps,
        late=chip.late,
        sync=chip.sync,
        flits=chip.flits,
    )
    route = _routes(lif, chip.mesh) if chip.multicast else np.zeros((0, 4), np.int64)
    return plan_on(chip, NAME, lif, KINDS.names, until, route)


def lif_on(name: str, router: int, multicast: bool = False) -> Plan:
    """A network on a topology of `tests.topologies`, one by one or on trees."""
    mesh, noc = noc_on(name)
    plan = lif_plan(random_net(3, mesh, neurons=70), Chip(mesh, router=router, pace=BARRIER, flits=3))
    return with_trees(plan, mesh, noc) if multicast else dataclasses.replace(plan, noc=noc)


def with_trees(plan: Plan, mesh: Mesh, noc: NocPlan) -> Plan:
    """The same with multicast trees over any network."""
    lif = plan.own
    reach = reach_of(lif.start, lif.target, lif.first, lif.used, mesh, noc)
    route = spike_routes(lif.start, lif.target, lif.first, lif.used, mesh, reach, noc)
    return dataclasses.replace(plan, noc=noc, route=route, multicast=1)


def busy_core(neurons: int, tick: int) -> Plan:
    """One core with as many ns of work per step as it has neurons, none of which fires; four steps."""
    nothing, zero = np.zeros(0, np.int64), np.zeros(neurons)
    net = Net(
        src=nothing, dst=nothing, weight=np.zeros(0), delay=nothing, core=np.zeros(neurons, np.int64), kind=np.zeros(neurons, np.int64),
        v0=zero, bias=zero, threshold=np.ones(neurons), leak=1.0, in_step=nothing, in_neuron=nothing, steps=4,
    )  # fmt: skip
    return lif_plan(net, Chip(Mesh(1, 1), pace=TICK, tick=tick, times={A_ACCESS: 1_000}))


def _routes(lif: SnnPlan, mesh: Mesh) -> Ints:
    readers = [np.unique(lif.core[lif.target[lif.start[p] : lif.start[p + 1]]]) for p in range(lif.neurons)]
    reading = [(0, p, int(lif.core[p]), 0, len(cores)) for p, cores in enumerate(readers) if len(cores)]
    member = np.concatenate([np.zeros(0, np.int64), *readers]).astype(np.int64)
    start = np.concatenate([[0], np.cumsum([row[4] for row in reading])]).astype(np.int64)
    home, size = np.array([row[2] for row in reading], np.int64), np.diff(start)
    tree, tile, mask = path_entries(np.repeat(np.arange(len(reading)), size), np.repeat(home, size), member, mesh, None).T
    source = np.array([row[1] for row in reading], np.int64)[tree]
    return np.stack([tile, np.zeros_like(tile), source, mask], axis=1)


# --- scenarios

LATE = {"pace": TICK, "tick": 100, **QUICK}
"""Edges so close that spikes come late and steps are late, but none by a whole period."""


def _lif(seed: int, chip: Chip, until: int = 0, **net: float) -> Callable[[], Plan]:
    return lambda: lif_plan(random_net(seed, chip.mesh, **net), chip, until)  # type: ignore[arg-type]


SCENARIOS: dict[str, Callable[[], Plan]] = {
    "lif barrier": _lif(1, Chip()),
    "lif barrier, ideal": _lif(2, Chip(router=IDEAL, sync=700)),
    "lif barrier, multicast": _lif(3, Chip(multicast=True)),
    "lif barrier, multicast, ideal, by columns": _lif(4, Chip(COLUMN, router=IDEAL, multicast=True), longest=3),
    "lif barrier, by columns, delays": _lif(5, Chip(COLUMN, flits=3), longest=9),
    "lif barrier, crowded instants": _lif(6, Chip(**QUICK), fan_out=12),
    "lif barrier, crowded instants, multicast": _lif(7, Chip(COLUMN, multicast=True, **QUICK), fan_out=12, longest=2),
    "lif barrier, all times nothing": _lif(8, Chip(times={}, links=(1, 1, 1, 1), flit_time=1)),
    "lif barrier, one core": _lif(9, Chip(Mesh(1, 1)), neurons=20),
    "lif barrier, fine potentials": _lif(10, Chip(), leak=0.37, fraction=20),
    "lif tick": _lif(11, Chip(pace=TICK, tick=3_000_000)),
    "lif tick, delays, multicast": _lif(12, Chip(pace=TICK, tick=3_000_000, multicast=True), longest=5),
    "lif tick, late spikes act next": _lif(13, Chip(**LATE), neurons=100),
    "lif tick, late spikes are dropped": _lif(13, Chip(late=DROP, **LATE), neurons=100),
    "lif tick, late, delays": _lif(14, Chip(COLUMN, multicast=True, **{**LATE, "tick": 25}), neurons=90, longest=4),
    "lif barrier, ideal, multicast, odd link delays": _lif(15, Chip(router=IDEAL, multicast=True, links=ODD)),
    "lif barrier, odd link delays, wide spikes": _lif(16, Chip(COLUMN, links=ODD, flits=5), fan_out=12, longest=2),
    "lif barrier, longest delays": _lif(17, Chip(), steps=80, longest=63),
    "lif barrier, hot link": _lif(18, Chip(Mesh(9, 1), flit_time=40_000), fan_out=14, steps=10),
    "lif barrier, until": _lif(19, Chip(), until=4_000_001),
    "lif barrier, multicast, until": _lif(20, Chip(COLUMN, multicast=True, **QUICK), until=800, longest=3),
    "lif tick, ideal, late spikes are dropped": _lif(
        21, Chip(router=IDEAL, late=DROP, multicast=True, **LATE), neurons=100, longest=3
    ),
    "lif tick, until": _lif(22, Chip(pace=TICK, tick=3_000_000), until=30_050_007),
}
"""Plans by name, made when asked for."""
