"""Spiking cores in the compiled engine: neurons and synapses where the plan has them, and what steps count."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from chipsim.errors import SimulationError
from chipsim.jit.records import Block
from chipsim.machine.actions import A_ACCESS, A_AXON, A_FIRED, A_MESSAGE, A_SENT, A_SOMA, A_SYNOP
from chipsim.machine.message import ROW, TREE
from chipsim.machine.state import NEVER
from chipsim.network.neurons import NEURONS, NeuronModel
from chipsim.network.spiking import QUANTUM
from chipsim.plan.plan import BARRIER, TICK, Plan
from chipsim.plan.ranges import Range
from chipsim.programs.host import Array, Host, Message, longest_operation
from chipsim.programs.snn.behind import describe_behind
from chipsim.programs.snn.kernels import (
    COUNT_BITS,
    EXPORTS,
    NEURON_MASK,
    STEP_SHIFT,
    TOTALS,
    Spiking,
    count_together,
)
from chipsim.programs.snn.messages import LIF_SPIKE
from chipsim.programs.snn.plan import SnnPlan
from chipsim.programs.snn.raw import COLUMNS, OF_MODEL, SnnRun
from chipsim.programs.snn.sides import MODEL

MOST_SYNAPSES = (1 << (63 - COUNT_BITS)) - 1
"""The number of one stands above the count in a spike's word."""

_OWN = ("fired", "updated", "packets", "synops", "late_spikes", "inputs", "accesses", "taken")
_COUNTED = (
    "fired", "updated", "packets", "hops_ew", "hops_ns", "synops", "late_spikes", "inputs", "accesses", "taken", "tails_ew", "tails_ns",
    "local_flits", "looked_up", "credits",
)  # fmt: skip
"""What the kernels note at the begin of a step, in their order: the program's own, and the machine's."""

_TOTAL = ("fired", "updated", "synops", "late_spikes", "inputs", "accesses", "taken")
"""``total`` of a snapshot."""

_HOPS, _TAILS = slice(3, 5), slice(10, 12)
"""Where the links crossed by heads and by further flits stand among these."""


class SnnHost(Host):
    """The program's side of a run."""

    kernels = "chipsim.programs.snn.kernels"
    hooks = EXPORTS
    own_kind = Spiking
    compile_s = 0.15
    least_wheel = 1 << 13  # spikes of one operation spread over thousands of units

    def __init__(self, plan: Plan, machine: Block, unit: int) -> None:
        super().__init__(plan, machine, unit)
        self.stored: SnnPlan = plan.own
        self.model = model_of(plan)
        self.state = [one.name for one in self.model.state]

    @staticmethod
    def parts(plan: Plan) -> Mapping[str, str]:
        """The update of a neuron is its model's."""
        return {MODEL: model_of(plan).kernel}

    @staticmethod
    def times(plan: Plan) -> Sequence[int]:
        """The barrier, and 1 if an operation costs no time, such as that of inputs alone: then it takes 1 ps."""
        costs = plan.action_time[A_MESSAGE] and plan.action_time[A_ACCESS] and not plan.own.kind.any()
        return [plan.own.sync] if costs else [plan.own.sync, 1]

    @staticmethod
    def columns(plan: Plan) -> Mapping[str, str]:
        """Weights of two bytes stay so."""
        return {"Neurons.weight": "i2"} if plan.own.weight.dtype == np.int16 else {}

    @staticmethod
    def ranges(plan: Plan) -> Sequence[Range]:
        """What the words of a spike hold; and an operation over all neurons of a core, with its spikes, or over all synapses of a spike."""
        own: SnnPlan = plan.own
        time, most = plan.action_time.tolist(), int(np.diff(own.start).max(initial=0))
        spikes = min(most, len(own.used))
        update = time[A_ACCESS] + time[A_SOMA]
        output = int(np.diff(own.first).max(initial=0)) * update + time[A_FIRED] + spikes * time[A_SENT]
        return (
            Range("neurons", own.neurons, NEURON_MASK >> 1),
            Range("steps", own.steps, NEURON_MASK >> 1),
            Range("synapses", own.synapses, MOST_SYNAPSES),
            longest_operation(max(output, time[A_MESSAGE] + time[A_AXON] + most * time[A_SYNOP])),
        )

    @staticmethod
    def records(plan: Plan) -> int:
        """An update of each neuron in each step, and about twice as many for spikes on their ways."""
        return 3 * int(plan.own.neurons) * int(plan.own.steps)

    def open(self) -> None:
        """Neurons and synapses are read from the plan; potentials, sums and places in the inputs are the run's own."""
        stored, own, m = self.stored, self.own, self.machine
        starts = stored.input_start if len(stored.input_start) else np.zeros(stored.neurons + 1, np.int64)
        own.neurons, own.ring, own.late, own.delays = stored.neurons, stored.ring, stored.late, int(len(stored.delay) > 0)
        own.leak, own.leak_shift, own.flits = stored.leak, stored.leak_shift, stored.flits
        own.fraction, own.coarse = stored.fraction, stored.fraction - QUANTUM
        for name in ("number", "core", "first", "bias", "threshold", "start", "target", "delay", "input_step"):
            setattr(own, name, getattr(stored, name))
        own.role, own.weight = stored.kind, stored.weight
        own.potential, own.input_start, own.input_next = stored.potential.copy(), starts, starts[:-1].copy()
        own.model = self._columns()
        own.sums = np.zeros(stored.ring * stored.neurons, np.int64)
        cores = np.zeros(len(stored.used), own.cores.dtype)
        cores["endpoint"], cores["at"] = stored.used, stored.first[:-1]
        own.cores, own.totals = cores, np.zeros(stored.steps * TOTALS, np.int64)
        self.most = self._most_packets()
        own.most = self.most
        m.endpoints["own"][stored.used] = np.arange(1, len(stored.used) + 1)
        m.steps, m.tick_units = stored.steps, self.plan.tick // self.unit
        if self.plan.pace == BARRIER:
            m.sync_units, m.ahead_allowed = stored.sync // self.unit, 1
        if stored.steps and len(stored.used):
            m.step_at = m.sync_units if self.plan.pace == BARRIER else 0

    def _columns(self) -> Block:
        """What the neuron model has of each neuron: the run's own."""
        columns = Block(self.model.own)
        for one in self.stored.columns:
            values = one.values.astype(columns.field(one.name).dtype)
            if (values != one.values).any():  # a real one, with as many digits behind the point as the network needs
                raise SimulationError(
                    f"neuron model {self.stored.model}: {one.name} is up to {np.abs(one.values).max()} x 2^-{self.stored.fraction}, and its"
                    f" column holds {values.dtype}; allowed: fewer binary digits in the network, or a wider Column"
                )
            setattr(columns, one.name, values)
        return columns

    def _most_packets(self) -> int:
        stored = self.stored
        if self.plan.multicast or not stored.synapses:
            return 1
        return min(int(np.diff(stored.start).max()), len(stored.used))

    # -- while it runs

    def progress(self) -> tuple[int, int]:
        """Steps begun."""
        return self.machine.step, self.stored.steps

    def failure(self, code: int, details: Sequence[int], now: int) -> Exception:
        """A core cannot keep up with its ticks."""
        core, step, u, _ = details
        first = self.stored.first
        done, neurons = int(self.own.cores["at"][u]) - int(first[u]), int(first[u + 1] - first[u])
        return SimulationError(describe_behind(self.plan, core, step, now, done, neurons))

    # -- snapshots

    def message(self, packet: int) -> Message:
        """Neuron, step, and first synapse or -1."""
        packets, stored = self.machine.packets, self.stored
        payload, tree = int(packets["payload"][packet]), int(packets["tree"][packet])
        if self.plan.multicast:
            return (LIF_SPIKE, TREE, 0, tree, payload, -1) + (0,) * (ROW - 6)
        synapse = payload >> COUNT_BITS
        dest = int(stored.core[stored.target[synapse]])
        return (LIF_SPIKE, dest, 0, tree & NEURON_MASK, tree >> STEP_SHIFT, synapse) + (0,) * (ROW - 6)

    def load(self, packet: int, message: Sequence[int]) -> None:
        """Likewise."""
        neuron, step, synapse = message[3:6]
        packets = self.machine.packets
        if synapse < 0:
            packets["payload"][packet], packets["tree"][packet] = step, neuron
            return
        packets["tree"][packet] = step << STEP_SHIFT | neuron
        count = count_together(self._plain(), synapse, int(self.stored.start[neuron + 1]))
        packets["payload"][packet] = synapse << COUNT_BITS | count

    def _plain(self) -> Spiking:
        """Cores and targets as interpreted code takes them."""
        plain: Any = Spiking()
        plain.core, plain.target = self.stored.core.data, self.stored.target.data
        found: Spiking = plain
        return found

    def save(self, decisions: int) -> dict[str, Array]:
        """See ``raw``."""
        own, m, unit, stored = self.own, self.machine, self.unit, self.stored
        rows = own.totals.reshape(-1, TOTALS)[: m.step]
        cores, sums = own.cores, own.sums.reshape(stored.ring, stored.neurons)
        idle = cores["active"] == 0
        side = (cores["begun"], cores["pending"], np.where(idle, -1, cores["end"] * unit), np.where(idle, -1, cores["at"]))
        step = np.column_stack([np.arange(1, len(rows) + 1), rows[:, :2] * unit, self._with_flits(rows[:, 2:])])
        return {
            "due": np.array([m.step_at * unit if m.step_at < NEVER else -1], np.int64),
            "total": np.array([getattr(own, name) for name in _TOTAL], np.int64),
            "step": step.reshape(-1, len(COLUMNS)).astype(np.int64),
            "side": np.stack(side, axis=1).astype(np.int64),
            "potential": own.potential.copy(),
            "sum": sums >> 1,
            "arrived": (sums & 1).astype(np.uint8),
            "input_next": own.input_next.copy(),
            **{f"{OF_MODEL}{name}": getattr(own.model, name).astype(np.int64) for name in self.state},
        }

    def restore(self, own: Mapping[str, Array]) -> int:
        """See ``raw``."""
        mine, m, step = self.own, self.machine, own["step"]
        due = int(own["due"][0])
        m.step_at, m.step = due // self.unit if due >= 0 else NEVER, len(step)
        for name, count in zip(_TOTAL, own["total"].tolist(), strict=True):
            setattr(mine, name, count)
        mine.packets = int(m.sent[LIF_SPIKE])
        mine.totals[: len(step) * TOTALS] = np.column_stack([step[:, 1:3] // self.unit, step[:, 3:]]).ravel()
        mine.potential[:], mine.input_next[:] = own["potential"], own["input_next"]
        for name in self.state:
            getattr(mine.model, name)[:] = own[f"{OF_MODEL}{name}"]
        mine.sums[:] = (2 * own["sum"] + own["arrived"]).ravel()
        begun, pending, end, position = own["side"].T
        active, cores = end >= 0, mine.cores
        cores["begun"], cores["pending"], cores["active"] = begun, pending, active
        cores["at"] = np.where(active, position, self.stored.first[:-1])
        cores["end"] = np.where(active, end // self.unit, 0)
        m.work += int(active.sum())
        for u in np.flatnonzero(active).tolist():
            self.end_side(int(cores["endpoint"][u]), int(cores["end"][u]))
        return 0

    # -- results

    def end_ps(self) -> int:
        """With ticks, the last step ends with its tick."""
        return self.stored.steps * self.plan.tick if self.plan.pace == TICK else 0

    def result(self, status: str, end_ps: int, decisions: int, lists: Mapping[str, Array]) -> Any:
        """Steps and potentials."""
        return SnnRun(self._steps(end_ps), self.own.potential)

    def _steps(self, end_ps: int) -> Array:
        """Rows of ``SnnRun.steps``: differences of the totals at the begins of two steps."""
        m, own, begun = self.machine, self.own, self.machine.step
        if not begun:
            return np.zeros((0, len(COLUMNS)), np.int64)
        totals = own.totals.reshape(-1, TOTALS)[:begun]
        now = [m.now, m.last, *(getattr(own if name in _OWN else m, name) for name in _COUNTED)]
        after = np.concatenate([totals[1:], [now]])
        begin = totals[:, 0] * self.unit
        if self.plan.pace == BARRIER:
            end = np.maximum(after[:, 1] * self.unit, begin)
        else:
            end = np.append(begin[1:], end_ps)
        number = np.arange(1, begun + 1)
        return np.column_stack([number, begin, end, self._with_flits((after - totals)[:, 2:])]).astype(np.int64)

    def _with_flits(self, counted: Array) -> Array:
        """What the kernels note, with links crossed by flits in the place of those crossed behind a head; all spikes are of one length."""
        found = counted.copy()
        clocked = self.plan.noc is not None and self.plan.noc.wormhole is not None
        found[:, _TAILS] = counted[:, _HOPS] + counted[:, _TAILS] if clocked else counted[:, _HOPS] * self.stored.flits
        return found


def model_of(plan: Plan) -> NeuronModel:
    """The model of a run's neurons."""
    stored: SnnPlan = plan.own
    return NEURONS.get(stored.model)
