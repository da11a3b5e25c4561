"""Spiking cores of the reference engine against a step model of a few lines, against the peer's own results, and at their edges."""

from __future__ import annotations

import json
from dataclasses import dataclass, replace

import numpy as np
import pytest

from chipsim.engines.base import Progress, Watch
from chipsim.engines.reference import run_reference
from chipsim.errors import SimulationError
from chipsim.machine.actions import A_ACCESS, A_MESSAGE, A_SENT
from chipsim.machine.raw import DONE, INTERRUPTED, UNTIL, RawRun
from chipsim.network.spiking import INPUT, NEURON
from chipsim.noc import Mesh
from chipsim.noc.plan import IDEAL
from chipsim.plan.plan import BARRIER, TICK
from chipsim.programs.packets.messages import DATA
from chipsim.programs.snn.messages import LIF_SPIKE
from chipsim.programs.snn.state import DROP
from tests.folders import SANAFE
from tests.lif_networks import busy_core, lif_plan
from tests.nets import Net, random_net, random_packets
from tests.packet_plans import traffic_plan
from tests.plans import COLUMN, LOIHI_TIMES, QUICK, WIDE, Chip

"""Results of the closest peer; not part of the product."""

SPIKES = Watch(frozenset({"spikes", "packets"}))

BEGIN, END, FIRED, UPDATED, PACKETS, EW, NS, SYNAPTIC, LATE = range(1, 10)
"""Columns of ``SnnRun.steps``."""


@dataclass(frozen=True, slots=True)
class Expected:
    """What a step model says: raster as (step, neuron), rows of (fired, updated, packets, hops, synaptic operations), potentials."""

    raster: list[tuple[int, int]]
    steps: list[tuple[int, ...]]
    v: np.ndarray


def model(net: Net, mesh: Mesh) -> Expected:
    """Every step on whole arrays of floats, which hold these potentials exactly; no core, no message, no order."""
    v, leak, lif = net.v0.copy(), float(np.float32(net.leak)), net.kind == NEURON
    quantum = 64.0
    ahead = int(net.delay.max(initial=1)) + 1
    weight, came = np.zeros((net.steps + ahead + 1, net.neurons)), np.zeros((net.steps + ahead + 1, net.neurons), bool)
    x, y = mesh.xy(net.core // mesh.concentration)
    raster, steps = [], []
    for step in range(1, net.steps + 1):
        active = lif & ((v != 0) | came[step] | (net.bias != 0))
        if step > 1:
            v = np.trunc(v * leak * quantum) / quantum
        v = np.where(lif, v + net.bias + weight[step], net.v0)
        fires = lif & (v > net.threshold)
        fires[net.in_neuron[net.in_step == step]] = True
        v[fires & lif] = 0
        sent = fires[net.src]
        at = step + net.delay[sent], net.dst[sent]
        np.add.at(weight, at, net.weight[sent])
        came[at] = True
        pairs = np.unique(np.stack([net.src[sent], net.core[net.dst[sent]]], axis=1), axis=0)
        to_x, to_y = mesh.xy(pairs[:, 1] // mesh.concentration)
        hops = np.abs(x[pairs[:, 0]] - to_x) + np.abs(y[pairs[:, 0]] - to_y)
        raster += [(step, neuron) for neuron in np.flatnonzero(fires).tolist()]
        steps.append((int(fires.sum()), int((active | fires).sum()), len(pairs), int(hops.sum()), int(sent.sum())))
    return Expected(raster, steps, v)


def raster(raw: RawRun) -> list[tuple[int, int]]:
    return sorted((row[2], row[3]) for row in raw.spikes.tolist())


def counted(raw: RawRun) -> list[tuple[int, ...]]:
    s = raw.own.steps
    return list(
        zip(
            *(c.tolist() for c in (s[:, FIRED], s[:, UPDATED], s[:, PACKETS], s[:, EW] + s[:, NS], s[:, SYNAPTIC])), strict=True
        )
    )


@pytest.mark.parametrize("seed", range(12))
@pytest.mark.parametrize("pace", [BARRIER, TICK])
def test_random_networks_do_what_the_step_model_does(seed: int, pace: int) -> None:
    mesh, longest, fraction = (WIDE, COLUMN)[seed % 2], (1, 4, 30)[seed % 3], (6, 6, 12)[seed % 3]
    net = random_net(seed, mesh, steps=15, longest=longest, leak=(1.0, 0.9, 0.37, 0.0)[seed % 4], fraction=fraction)
    chip = Chip(mesh, router=seed // 2 % 2, pace=pace, tick=4_000_000 * (pace == TICK), flits=1 + seed % 3)
    plan = lif_plan(net, chip)
    raw, expected = run_reference(plan, SPIKES), model(net, mesh)
    assert len(expected.raster) > 30 and any(row[3] for row in expected.steps)
    assert raster(raw) == expected.raster
    assert counted(raw) == expected.steps
    order, lif = plan.own.number, plan.own.kind == NEURON
    assert np.array_equal(raw.own.potential[lif] / 2**fraction, expected.v[order][lif])
    assert not raw.own.steps[:, LATE].any() and not raw.late_ticks.any()
    assert raw.sent[LIF_SPIKE] == raw.delivered[LIF_SPIKE] == len(raw.packets) == raw.own.steps[:, PACKETS].sum()
    assert raw.packets[:, 7].sum() == raw.hops
    assert raw.actions[:, A_ACCESS].sum() == net.steps * (net.kind == NEURON).sum()


def test_one_step_by_hand() -> None:
    """Two neurons on a core, an input on another: when each fires, when its messages leave, when they are there."""
    mesh, zero = Mesh(2, 1), np.zeros(3)
    net = Net(
        src=np.array([0, 0, 2, 2, 2]), dst=np.array([1, 2, 0, 1, 2]), weight=np.full(5, 1.0), delay=np.ones(5, np.int64),
        core=np.array([0, 0, 1]), kind=np.array([NEURON, NEURON, INPUT]), v0=zero, bias=np.array([2.0, 0.0, 0.0]),
        threshold=np.ones(3), leak=1.0, in_step=np.array([1]), in_neuron=np.array([2]), steps=2,
    )  # fmt: skip
    raw = run_reference(lif_plan(net, Chip(mesh, sync=500, local=10, flit_time=100)), SPIKES)
    t = LOIHI_TIMES
    fires = 500 + 6_000 + 3_700 + 30_000  # access, update, spike of neuron 0; then its messages to cores 0 and 1
    assert raw.spikes[:2].tolist() == [[500, 1, 1, 2], [fires, 0, 1, 0]]
    packets = sorted(raw.packets.tolist())[:4]
    out = t[A_SENT]
    assert [row[:2] for row in packets] == [
        [500 + out, 500 + out + 10 + 4_100 + 10],
        [500 + 2 * out, 500 + 2 * out + 20],
        [fires + out, fires + out + 20],
        [fires + 2 * out, fires + 2 * out + 10 + 4_100 + 10],
    ]
    last = fires + 2 * out + 4_120 + t[A_MESSAGE] + 3_800
    assert raw.own.steps[0, [BEGIN, END]].tolist() == [500, last]
    assert raw.own.steps[1, BEGIN] == last + 500 == raw.spikes[2:, 0].min() - 6_000 - 3_700 - 30_000
    assert raw.end_ps == raw.own.steps[1, END]
    # the second step: neuron 0 as before, neuron 1 with 1 from the input and 1 from neuron 0
    assert raw.spikes[2:, [2, 3]].tolist() == [[2, 0], [2, 1]] and not raw.own.potential.any()


# --- the peer's results


def test_the_peers_reference_case() -> None:
    """Raster, packets, hops, synaptic operations and updates of every step exactly; total time near its cycle-accurate model."""
    with np.load(SANAFE / "rand1k_loihi.npz") as z:
        case = {name: z[name] for name in z.files}
    constants = json.loads((SANAFE / "rand1k_loihi.json").read_text())["constants"]

    def ps(*names: str) -> list[int]:
        return [round(constants[name] * 1e12) for name in names]

    neurons = len(case["neuron_core"])
    net = Net(
        src=case["src"].astype(np.int64), dst=case["dst"].astype(np.int64), weight=case["weight"].astype(float),
        delay=np.ones(len(case["src"]), np.int64), core=case["neuron_core"].astype(np.int64), kind=case["neuron_kind"].astype(np.int64),
        v0=case["v0"].astype(float), bias=case["bias"].astype(float), threshold=np.full(neurons, float(case["threshold"])),
        leak=float(case["leak"]), in_step=case["in_step"].astype(np.int64), in_neuron=case["in_neuron"].astype(np.int64),
        steps=int(case["steps"]),
    )  # fmt: skip
    names = ("axon_in_t", "syn_t", "soma_access_t", "soma_update_t", "soma_spike_t", "axon_out_t")
    ew, ns = ps("hop_t_ew", "hop_t_ns")
    mesh = Mesh(int(case["mesh_w"]), int(case["mesh_h"]), int(case["cores_per_tile"]), column=True)
    chip = Chip(mesh, times=dict(zip(LOIHI_TIMES, ps(*names), strict=True)), links=(ew, ew, ns, ns))
    raw = run_reference(lif_plan(net, chip), Watch(frozenset({"spikes"})))
    assert raster(raw) == list(zip(case["exp_spike_step"].tolist(), case["exp_spike_neuron"].tolist(), strict=True))
    steps = ("exp_fired", "exp_updated", "exp_packets", "exp_hops", "exp_synops")
    assert counted(raw) == list(zip(*(case[name].tolist() for name in steps), strict=True))
    assert raw.end_ps * 1e-12 == pytest.approx(case["exp_step_time_cycle"].sum(), rel=0.05)
    step_s = np.diff(np.append(raw.own.steps[:, BEGIN], raw.end_ps + 1)) * 1e-12
    assert np.abs(step_s / case["exp_step_time_cycle"] - 1).max() < 0.2, "no step is far off"


# --- casting and routers change times only


@pytest.mark.parametrize("longest", [1, 5])
def test_multicast_and_unicast_fire_alike(longest: int) -> None:
    net = random_net(21, COLUMN, longest=longest)
    runs = [
        run_reference(lif_plan(net, Chip(COLUMN, multicast=multicast, router=router)), SPIKES)
        for multicast in (False, True)
        for router in (0, IDEAL)
    ]
    assert len({tuple(raster(r)) for r in runs}) == 1
    assert len({r.own.potential.tobytes() for r in runs}) == 1
    assert runs[2].copies[LIF_SPIKE] > 0 and runs[2].sent[LIF_SPIKE] < runs[0].sent[LIF_SPIKE]
    assert runs[2].hops < runs[0].hops and runs[2].delivered[LIF_SPIKE] == runs[0].delivered[LIF_SPIKE]
    assert np.array_equal(runs[2].own.steps[:, SYNAPTIC], runs[0].own.steps[:, SYNAPTIC])


# --- ticks


def one_spike(late: int, delay: int = 1) -> RawRun:
    """An input fires in step 1; its spike reaches a neuron six hops away within step 3, so that it acts late unless it is delayed."""
    mesh, zero = Mesh(7, 1), np.zeros(2)
    net = Net(
        src=np.array([0]), dst=np.array([1]), weight=np.array([2.0]), delay=np.array([delay]), core=np.array([0, 6]),
        kind=np.array([INPUT, NEURON]), v0=zero, bias=zero, threshold=np.array([1.0, 1.0]), leak=1.0,
        in_step=np.array([1]), in_neuron=np.array([0]), steps=6,
    )  # fmt: skip
    chip = Chip(mesh, pace=TICK, tick=10_000, late=late, times={A_MESSAGE: 100, A_SENT: 100, A_ACCESS: 500}, links=(4_000,) * 4)
    return run_reference(lif_plan(net, chip), SPIKES)


def test_late_spikes_act_next_or_are_dropped() -> None:
    for late, delay, step in ((0, 1, 4), (DROP, 1, None), (0, 3, 4), (DROP, 3, 4), (DROP, 4, 5), (0, 2, 4)):
        raw = one_spike(late, delay)
        assert [row[2] for row in raw.spikes.tolist() if row[3] == 1] == ([step] if step else [])
        assert raw.own.steps[:, LATE].tolist() == [0, 0, int(delay <= 2), 0, 0, 0]
        assert raw.own.steps[:, BEGIN].tolist() == [10_000 * k for k in range(6)]
        assert raw.own.steps[:, END].tolist() == [10_000 * k for k in range(1, 7)]
        assert (raw.status, raw.end_ps, raw.own.steps[2, SYNAPTIC]) == (DONE, 60_000, 1)


def busy(neurons: int, tick: int) -> RawRun:
    return run_reference(busy_core(neurons, tick))


def test_a_late_step_is_counted_and_a_whole_step_behind_stops_the_run() -> None:
    on_time, late = busy(10, 10_000), busy(11, 10_000)
    assert on_time.late_ticks.sum() == 0 and on_time.end_ps == 40_000
    assert late.late_ticks.tolist() == [3, 0] and late.end_ps == 44_000 == late.own.steps[-1, END]
    assert busy(13, 10_000).late_ticks[0] == 3, "the fourth step begins 9 ns late"
    with pytest.raises(
        SimulationError, match=r"core 0 has not begun step 2 at 20000 ps.*still works on step 1.*tick is 10000 ps; raise it"
    ):
        busy(21, 10_000)
    assert busy(15, 10_000).late_ticks[0] == 3, "work that ends on an edge has ended before it"
    with pytest.raises(SimulationError, match="core 0 has not begun step 3 at 30000 ps"):
        busy(16, 10_000)


# --- traffic


@pytest.mark.parametrize("router", [0, IDEAL])
def test_traffic_arrives_after_its_way(router: int) -> None:
    """Alone on its way, a packet takes the zero-load latency; all of them arrive, each once, and take one message's time."""
    chip = Chip(COLUMN, router=router, local=70)
    packets = random_packets(5, COLUMN, 40, 10)
    packets[:, 0] = np.arange(40) * 1_000_000
    raw = run_reference(traffic_plan(packets, chip), SPIKES)
    (sx, sy), (dx, dy) = (COLUMN.xy(packets[:, c] // COLUMN.concentration) for c in (1, 2))
    way = 140 + 4_100 * np.abs(sx - dx) + 6_500 * np.abs(sy - dy) + 1_000 * (packets[:, 3] - 1)
    assert (
        raw.packets[:, :5].tolist()
        == np.stack([packets[:, 0], packets[:, 0] + way, np.full(40, DATA), packets[:, 1], packets[:, 2]], axis=1).tolist()
    )
    assert raw.packets[:, 6].tolist() == packets[:, 3].tolist()
    assert raw.actions[:, A_MESSAGE].sum() == raw.operations.sum() == 40
    assert raw.busy_ps.sum() == 40 * LOIHI_TIMES[A_MESSAGE]
    assert raw.end_ps == raw.packets[-1, 1] + LOIHI_TIMES[A_MESSAGE]


def test_packets_of_one_source_and_time_leave_in_the_order_given() -> None:
    packets = np.array([[0, 0, 5, 2], [0, 0, 4, 1], [0, 0, 5, 1]])
    raw = run_reference(traffic_plan(packets, Chip(Mesh(6, 1))), SPIKES)
    by_number = raw.packets[np.argsort(raw.packets[:, 5])]
    assert by_number[:, [4, 6]].tolist() == [[5, 2], [4, 1], [5, 1]]
    assert by_number[:, 0].tolist() == [0, 0, 0]
    first = 1 + 5 * 4_100 + 1
    assert by_number[[0, 2], 1].tolist() == [first + 1_000, first + 3_000], "behind three flits"


# --- progress, stop


def test_progress_counts_steps_and_a_stop_leaves_a_beginning() -> None:
    plan = lif_plan(random_net(3, WIDE, neurons=120, fan_out=20, steps=20), Chip(**QUICK))
    told: list[Progress] = []
    whole = run_reference(plan, Watch(progress=told.append))
    assert whole.status == DONE and len(told) > 2
    assert all(p.events == 20 for p in told) and told[0].events_done < told[-1].events_done <= 20
    part = run_reference(plan, Watch(stop=lambda: True))
    assert part.status == INTERRUPTED and 0 < len(part.own.steps) < 20
    assert np.array_equal(part.own.steps[:-1], whole.own.steps[: len(part.own.steps) - 1])
    assert run_reference(plan, start=part.snapshot).digest == whole.digest
    until = run_reference(replace(plan, until=int(whole.own.steps[7, BEGIN])))
    assert until.status == UNTIL and len(until.own.steps) == 7
    assert np.array_equal(until.own.steps, whole.own.steps[:7])
    beyond = run_reference(replace(plan, until=whole.end_ps + 10))
    assert (beyond.status, beyond.digest, beyond.end_ps) == (DONE, whole.digest, whole.end_ps + 10)
