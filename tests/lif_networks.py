"""Spiking networks and given traffic as plans, made from arrays without any description file; and the scenarios that every engine runs."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from fractions import Fraction

import numpy as np
import numpy.typing as npt

from chipsim.machine.actions import A_ACCESS, A_AXON, A_FIRED, A_MESSAGE, A_SENT, A_SOMA, A_SYNOP, TIMED
from chipsim.network.spiking import INPUT, NEURON
from chipsim.noc import Mesh
from chipsim.noc.plan import IDEAL, QUEUED
from chipsim.plan.plan import BARRIER, EVENT, TICK, Plan
from chipsim.programs.nsn.axon_access import tree_routes
from chipsim.programs.packets import NAME as PACKETS
from chipsim.programs.packets import messages as packet_messages
from chipsim.programs.packets.plan import PacketsPlan
from chipsim.programs.snn import NAME as SNN
from chipsim.programs.snn import messages as spike_messages
from chipsim.programs.snn.plan import SnnPlan
from chipsim.programs.snn.state import DROP, NEXT

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]

LOIHI_TIMES = {A_MESSAGE: 16_000, A_SYNOP: 3_800, A_ACCESS: 6_000, A_SOMA: 3_700, A_FIRED: 30_000, A_SENT: 5_100}
LOIHI_LINKS = (4_100, 4_100, 6_500, 6_500)


@dataclass(frozen=True, slots=True)
class Net:
    """A network as a user gives it.

    Attributes:
        src, dst, weight, delay: synapses; weights are multiples of 2^-fraction.
        core, kind, v0, bias, threshold: by neuron.
        leak: factor of a potential per step.
        in_step, in_neuron: input spikes.
    """

    src: Ints
    dst: Ints
    weight: Floats
    delay: Ints
    core: Ints
    kind: Ints
    v0: Floats
    bias: Floats
    threshold: Floats
    leak: float
    in_step: Ints
    in_neuron: Ints
    steps: int
    fraction: int = 6

    @property
    def neurons(self) -> int:
        """Number of neurons."""
        return len(self.core)


@dataclass(frozen=True, slots=True)
class Chip:
    """Numbers of a chip; times in ps."""

    mesh: Mesh = field(default_factory=lambda: Mesh(4, 3, 2))
    router: int = QUEUED
    pace: int = BARRIER
    tick: int = 0
    sync: int = 1
    late: int = NEXT
    multicast: bool = False
    flits: int = 1
    times: dict[int, int] = field(default_factory=lambda: dict(LOIHI_TIMES))
    links: tuple[int, ...] = LOIHI_LINKS
    local: int = 1
    flit_time: int = 1_000


def random_net(
    seed: int,
    mesh: Mesh,
    neurons: int = 60,
    fan_out: int = 8,
    steps: int = 20,
    longest: int = 1,
    leak: float = 0.9,
    fraction: int = 6,
) -> Net:
    """Weights, biases, potentials and thresholds drawn by a seed; some neurons are inputs, some have no synapse, some targets repeat."""
    draw = np.random.default_rng(seed)
    out = draw.integers(0, 2 * fan_out, neurons) * (draw.random(neurons) > 0.1)
    src = np.repeat(np.arange(neurons), out)
    draw.shuffle(src)
    kind = np.where(draw.random(neurons) < 0.2, INPUT, NEURON)
    fires = draw.random((steps, neurons)) < 0.3 * (kind == INPUT)
    in_step, in_neuron = np.nonzero(fires)
    scale = 1 << fraction
    return Net(
        src=src,
        dst=draw.integers(0, neurons, len(src)),
        weight=draw.integers(-scale // 2, scale, len(src)) / scale,
        delay=draw.integers(1, longest + 1, len(src)),
        core=draw.integers(0, mesh.cores, neurons),
        kind=kind,
        v0=draw.integers(-3 * scale, 3 * scale, neurons) / scale,
        bias=np.where(draw.random(neurons) < 0.5, 0, draw.integers(-scale // 4, scale, neurons)) / scale,
        threshold=draw.integers(scale, 4 * scale, neurons) / scale,
        leak=leak,
        in_step=in_step + 1,
        in_neuron=in_neuron,
        steps=steps,
        fraction=fraction,
    )


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
    return _plan(chip, SNN, lif, until, route)


def busy_core(neurons: int, tick: int) -> Plan:
    """One core with as many ns of work per step as it has neurons, none of which fires; four steps."""
    nothing, zero = np.zeros(0, np.int64), np.zeros(neurons)
    net = Net(
        src=nothing, dst=nothing, weight=np.zeros(0), delay=nothing, core=np.zeros(neurons, np.int64), kind=np.zeros(neurons, np.int64),
        v0=zero, bias=zero, threshold=np.ones(neurons), leak=1.0, in_step=nothing, in_neuron=nothing, steps=4,
    )  # fmt: skip
    return lif_plan(net, Chip(Mesh(1, 1), pace=TICK, tick=tick, times={A_ACCESS: 1_000}))


def traffic_plan(packets: Ints, chip: Chip, until: int = 0) -> Plan:
    """Packets (time ps, source core, destination core, flits) on a chip."""
    rows = packets[np.argsort(packets[:, 0], kind="stable")].astype(np.int64)
    return _plan(chip, PACKETS, PacketsPlan(rows), until)


def random_packets(seed: int, mesh: Mesh, packets: int, span: int, longest: int = 4) -> Ints:
    """Uniform traffic, several packets of one source at one time included."""
    draw = np.random.default_rng(seed)
    time = draw.integers(0, span, packets) // 7 * 7
    ends = draw.integers(0, mesh.cores, (2, packets))
    return np.stack([time, *ends, draw.integers(1, longest + 1, packets)], axis=1)


def to_one_core(seed: int, mesh: Mesh, packets: int) -> Ints:
    """Traffic that meets at one core: everybody sends to the last one."""
    rows = random_packets(seed, mesh, packets, packets // 2)
    rows[:, 2] = mesh.cores - 1
    return rows


def _routes(lif: SnnPlan, mesh: Mesh) -> Ints:
    readers = [np.unique(lif.core[lif.target[lif.start[p] : lif.start[p + 1]]]) for p in range(lif.neurons)]
    reading = [(0, p, int(lif.core[p]), 0, len(cores)) for p, cores in enumerate(readers) if len(cores)]
    member = np.concatenate([np.zeros(0, np.int64), *readers]).astype(np.int64)
    start = np.concatenate([[0], np.cumsum([row[4] for row in reading])]).astype(np.int64)
    return tree_routes(np.array(reading, np.int64).reshape(-1, 5), start, member, mesh)


def _plan(chip: Chip, program: str, own: SnnPlan | PacketsPlan, until: int, route: Ints | None = None) -> Plan:
    mesh = chip.mesh
    times = np.zeros(TIMED, np.int64)
    for action, ps in chip.times.items():
        times[action] = ps
    kinds = (spike_messages if program == SNN else packet_messages).KINDS.names
    return Plan(
        program=program,
        own=own,
        mesh=mesh,
        router=chip.router,
        pace=chip.pace,
        tick=chip.tick,
        link_latency=np.array(chip.links, np.int64),
        local_latency=chip.local,
        flit_time=chip.flit_time,
        host_latency=chip.local,
        endpoint_tile=np.append(np.arange(mesh.cores) // mesh.concentration, 0).astype(np.int64),
        action_time=times,
        kinds=kinds,
        flits=np.array([int(name != "") for name in kinds], np.int64),
        multicast=int(chip.multicast),
        table_limit=0,
        route=np.zeros((0, 4), np.int64) if route is None else route,
        used_bits=np.arange(mesh.cores, dtype=np.int64) % 3 * 1_000,
        until=until,
        fault=np.zeros((0, 7), np.int64),
        seed=1,
    )


# --- scenarios

WIDE, COLUMN = Mesh(4, 3, 2), Mesh(3, 5, 3, column=True)
FAST = {A_MESSAGE: 3, A_AXON: 1, A_SYNOP: 2, A_ACCESS: 1, A_SOMA: 2, A_FIRED: 5, A_SENT: 3}
"""Times of a few ps: many things happen in one instant."""
QUICK = {"times": FAST, "links": (2, 2, 3, 3), "local": 1, "flit_time": 2}
ODD = (4_099, 4_099, 6_521, 6_521)
"""Link delays without a common divisor: the unit of time is 1 ps."""
LATE = {"pace": TICK, "tick": 100, **QUICK}
"""Edges so close that spikes come late and steps are late, but none by a whole period."""


def _lif(seed: int, chip: Chip, until: int = 0, **net: float) -> Callable[[], Plan]:
    return lambda: lif_plan(random_net(seed, chip.mesh, **net), chip, until)  # type: ignore[arg-type]


def _traffic(seed: int, chip: Chip, packets: int, span: int, until: int = 0) -> Callable[[], Plan]:
    return lambda: traffic_plan(random_packets(seed, chip.mesh, packets, span), chip, until)


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
    "traffic": _traffic(1, Chip(pace=EVENT), 600, 40_000),
    "traffic, ideal, by columns": _traffic(2, Chip(COLUMN, router=IDEAL, pace=EVENT), 600, 40_000),
    "traffic, crowded instants": _traffic(3, Chip(pace=EVENT, **QUICK), 800, 300),
    "traffic, crowded, ideal, clocked": _traffic(4, Chip(router=IDEAL, pace=TICK, tick=50, **QUICK), 800, 300),
    "traffic, odd link delays": _traffic(5, Chip(Mesh(6, 6), pace=EVENT, links=ODD), 900, 60_000),
    "traffic, until, by columns": _traffic(6, Chip(COLUMN, pace=EVENT, **QUICK), 800, 900, until=600),
    "traffic, one far core for all": lambda: traffic_plan(to_one_core(7, WIDE, 400), Chip(pace=EVENT, **QUICK)),
}
"""Plans by name, made when asked for."""
