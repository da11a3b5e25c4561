"""What the kernels of spiking cores read and write: neurons, synapses, sums; and what a neuron's update may come to."""

from __future__ import annotations

from chipsim.jit.records import I32, I64, U8, Column, Handle
from chipsim.machine.state import Own

NEXT, DROP = 0, 1
"""What becomes of a spike that comes after its step has begun: it acts in the next step to begin, or not at all."""

LOOKED_AT, UPDATED, FIRES = 0, 1, 2
"""What a step does to a neuron: nothing but an access, an update, or an update after which it fires."""


class Neurons(Handle):
    """All neurons and synapses; a neuron is named by its position, see ``plan.SnnPlan``, which has what is not said here.

    Attributes:
        neurons: how many there are.
        ring: steps kept apart; what arrives for step s is at s % ring * neurons + position in ``sums``.
        leak, leak_shift: a potential decays to potential x leak / 2^leak_shift.
        fraction: binary digits behind the point; coarse: of them, those that are cut off what decays.
        late: ``NEXT`` or ``DROP``.
        delays: whether synapses have delays of their own; if not, each is 1.
        role: ``network.spiking.NEURON`` or ``INPUT``; potential: of all neurons.
        sums: twice the sum of the weights that arrived, and 1 if anything did; 0 again for what was read.
        input_next: next entry of each input's list in ``input_step``.
        model: what the neuron model has of its own: a ``NeuronModel.own``.
    """

    neurons: I64
    ring: I64
    leak: I64
    leak_shift: I64
    fraction: I64
    coarse: I64
    late: I64
    delays: I64
    role: Column[U8]
    potential: Column[I64]
    bias: Column[I64]
    threshold: Column[I64]
    sums: Column[I64]
    input_next: Column[I64]
    input_start: Column[I64]
    input_step: Column[I64]
    start: Column[I64]
    target: Column[I32]
    weight: Column[I32]
    delay: Column[U8]
    model: Own
