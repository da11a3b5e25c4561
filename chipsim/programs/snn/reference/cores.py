"""Spiking cores on the reference engine: two sides that work at once (``chipsim.programs.snn.sides``).

The input side is the server that every endpoint has; the output side is a process of its own, which a step wakes.
"""

from __future__ import annotations

from collections.abc import Callable
from operator import mul
from typing import Any

from chipsim import jit
from chipsim.errors import SimulationError
from chipsim.machine.actions import A_ACCESS, A_FIRED, A_MESSAGE, A_SENT, A_SOMA, A_SPIKE, A_SYNOP, ACTIONS, TIMED
from chipsim.machine.message import F0, F1, F2, ROW, TREE
from chipsim.machine.phases import COMPUTE
from chipsim.network.neurons import NEURONS, NeuronModel
from chipsim.network.spiking import QUANTUM
from chipsim.programs.reference import Chip, Message, Process
from chipsim.programs.snn.behind import describe_behind
from chipsim.programs.snn.messages import LIF_SPIKE, SOMA
from chipsim.programs.snn.plan import SnnPlan
from chipsim.programs.snn.sides import MODEL, first_synapse, integrate
from chipsim.programs.snn.state import Neurons

TOTALS = 7
FIRED, UPDATED, SYNAPTIC, LATE, INPUTS, ACCESSES, TAKEN = range(TOTALS)
"""What is counted over all cores, for the table of the steps."""

_REST = (0,) * (ROW - 6)


class SpikingCores:
    """Cores with neurons. A core is named by its index among those in use, a neuron by its position."""

    def __init__(self, chip: Chip, rest: Callable[[], None]) -> None:
        self.chip, plan = chip, chip.plan
        self.rest = rest  # told when nothing is left to do in a step
        lif: SnnPlan = plan.own
        self.lif = lif
        self.times = [*plan.action_time.tolist(), *[0] * (ACTIONS - TIMED)]
        self.used, self.first = lif.used.tolist(), lif.first.tolist()
        self.index = {core: i for i, core in enumerate(self.used)}
        self.core_of = lif.core.data
        self.multicast = bool(plan.multicast)
        self.model = NEURONS.get(lif.model)
        self.neurons = neurons_of(lif, self.model)
        self.scan = jit.copy_of("chipsim.programs.snn.sides", parts=((MODEL, self.model.kernel),)).scan
        cores = len(self.used)
        self.begun, self.pending = [0] * cores, [0] * cores
        self.at = [0] * cores  # position to go on from
        self.at_work: set[int] = set()
        self.scanning: dict[int, tuple[int, int]] = {}  # end of the operation, position to go on from
        self.turn: dict[int, Any] = {}
        self.taken_in = 0  # spikes whose operation has ended
        self.totals = [0] * TOTALS

    # --- input side

    def take_in(self, endpoint: int, message: Message, act: list[int]) -> None:
        """A spike is added to the sums of the steps in which its synapses act."""
        n, i, source, synapse = self.neurons, self.index[endpoint], message[F0], message[F2]
        end = n.start[source + 1]
        if synapse < 0:
            synapse = first_synapse(n, n.start[source], end, self.first[i])
        self.totals[LATE] += integrate(n, synapse, end, self.first[i + 1], message[F1], self.begun[i], act)
        self.totals[SYNAPTIC] += act[A_SYNOP]
        self.totals[TAKEN] += act[A_MESSAGE]

    def took_in(self) -> None:
        """The input side has done with a spike and sends nothing; it may have been the last at work."""
        self.taken_in += 1
        self.look_around()

    # --- output side

    def begin(self, i: int) -> None:
        """An edge, or the barrier: the next step, now or as soon as the core is done with the one before."""
        if self.pending[i]:
            raise SimulationError(self.describe_overload(i))
        if i in self.at_work:
            self.pending[i] = 1
            self.chip.late[self.used[i]] += 1
        else:
            self.set_out(i)

    def set_out(self, i: int) -> None:
        """A step begins on a core."""
        self.begun[i] += 1
        self.at[i] = self.first[i]
        self.open_output(i)
        self.chip.trigger(self.turn[i], 0, COMPUTE)

    def open_output(self, i: int) -> None:
        """The output side is at work; its process is made with its first step."""
        self.at_work.add(i)
        if i not in self.turn:
            self.turn[i] = self.chip.signal()
            self.chip.process(self.output_side(i))

    def output_side(self, i: int) -> Process:
        """One operation after the other, each up to the next neuron that fires."""
        chip = self.chip
        while True:
            if i not in self.scanning:  # it is, if this run goes on from a snapshot taken in the middle of an operation
                yield self.turn[i]
                self.turn[i] = chip.signal()
                self.scanning[i] = self.update(i)
            end, self.at[i] = self.scanning[i]
            yield chip.wait(end - chip.now)
            del self.scanning[i]
            chip.last_ps = chip.now
            if self.at[i] < self.first[i + 1]:
                self.chip.trigger(self.turn[i], 0, COMPUTE)
                continue
            self.at_work.remove(i)
            if self.pending[i]:
                self.pending[i] = 0
                self.set_out(i)
            self.look_around()

    def update(self, i: int) -> tuple[int, int]:
        """One operation: neurons up to the next that fires, and its spikes; returns its end in ps and the position behind it."""
        lif, core, step, act, beyond = self.lif, self.used[i], self.begun[i], [0] * ACTIONS, self.first[i + 1]
        q = self.scan(self.neurons, self.at[i], beyond, step, act)
        messages = self.messages(q, step) if q < beyond else []
        act[A_SENT] = len(messages)
        self.totals[FIRED] += act[A_SPIKE]
        self.totals[UPDATED] += act[A_SOMA] + act[A_SPIKE] - act[A_FIRED]
        self.totals[INPUTS] += act[A_SPIKE] - act[A_FIRED]
        self.totals[ACCESSES] += act[A_ACCESS]
        end = self.chip.now + self.chip.count(core, SOMA, act)
        if q == beyond:
            return end, q
        apart = self.times[A_SENT]
        fires = self.chip.now + sum(map(mul, act, self.times)) - len(messages) * apart
        self.chip.spike(fires, core << 32 | step, (fires, core, step, int(lif.number[q])))
        for number, message in enumerate(messages, 1):
            self.chip.send(core, message, lif.flits, fires + number * apart)
        return end, q + 1

    def messages(self, q: int, step: int) -> list[Message]:
        """The spikes of a neuron: one for every core that holds a target, or one for the tree."""
        n = self.neurons
        synapse, end = n.start[q], n.start[q + 1]
        if self.multicast:
            return [(LIF_SPIKE, TREE, 0, q, step, -1, *_REST)] if synapse < end else []
        found: list[Message] = []
        while synapse < end:
            core = self.core_of[n.target[synapse]]
            found.append((LIF_SPIKE, core, 0, q, step, synapse, *_REST))
            beyond = self.first[self.index[core] + 1]
            synapse = first_synapse(n, synapse, end, beyond)
        return found

    # --- both

    def look_around(self) -> None:
        """Is nothing left to do in this step: no output side at work, and every spike taken in?"""
        chip = self.chip
        came = chip.sent[LIF_SPIKE] + chip.copies[LIF_SPIKE] - chip.dropped[LIF_SPIKE]
        if not self.at_work and self.taken_in == came:
            self.rest()

    def describe_overload(self, i: int) -> str:
        """Why a clocked run cannot go on."""
        done, neurons = self.at[i] - self.first[i], self.first[i + 1] - self.first[i]
        return describe_behind(self.chip.plan, self.used[i], self.begun[i], self.chip.now, done, neurons)


def neurons_of(lif: SnnPlan, model: NeuronModel) -> Neurons:
    """The neurons of a plan as kernels take them; what grows with the synapses stays where the plan has it."""
    n: Any = Neurons()  # lists and memoryviews where kernels say columns
    n.neurons, n.ring, n.late, n.delays = lif.neurons, lif.ring, lif.late, len(lif.delay)
    n.leak, n.leak_shift, n.fraction, n.coarse = lif.leak, lif.leak_shift, lif.fraction, lif.fraction - QUANTUM
    n.start, n.target, n.weight, n.delay = lif.start.data, lif.target.data, lif.weight.data, lif.delay.data
    n.role, n.bias, n.threshold = lif.kind.tolist(), lif.bias.tolist(), lif.threshold.tolist()
    n.input_start = lif.input_start.tolist() or [0] * (lif.neurons + 1)
    n.input_step, n.input_next = lif.input_step.tolist(), n.input_start[:-1]
    n.potential = lif.potential.tolist()
    n.sums = [0] * (lif.ring * lif.neurons)
    n.model = model.own()
    for one in lif.columns:
        setattr(n.model, one.name, one.values.tolist())
    found: Neurons = n
    return found
