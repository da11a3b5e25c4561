"""Spiking core: leaky integrate-and-fire neurons in fixed point, updated once per step, and synapses that add to a coming step.

A core has two sides that work at once. The *output side* updates the neurons one after the other when a step begins (``scan``): one operation
reaches up to and including the next neuron that fires, and then sends that neuron's spikes one by one. The *input side* takes the spikes
that arrive and adds their weights to the sums of the step in which they act (``integrate``). The sums of a step are read when it begins to
work on them, so the two sides never touch the same sum.

Step rule (as SANA-FE's Loihi model, without refractory time): from the second step on the potential decays, and is cut toward zero to 1/64;
the bias and what arrived for this step are added; above the threshold the neuron fires and its potential becomes 0. Access is counted for
every neuron in every step, an update if the potential was not 0, something arrived, the bias is not 0, or it fired. Inputs fire when
their list says so and cost nothing but their messages.
"""

from __future__ import annotations

from chipsim.jit.records import I32, I64, U8, Column, Handle
from chipsim.machine.actions import A_ACCESS, A_AXON, A_FIRED, A_MESSAGE, A_SOMA, A_SPIKE, A_SYNOP
from chipsim.machine.ints import Ints
from chipsim.network.spiking import INPUT

NEXT, DROP = 0, 1
"""What becomes of a spike that comes after its step has begun: it acts in the next step to begin, or not at all."""

INLINE = ("decay",)
"""For ``chipsim.jit``: part of their callers."""


class Neurons(Handle):
    """All neurons and synapses; a neuron is named by its position, see ``plan.SnnPlan``, which has what is not said here.

    Attributes:
        neurons: how many there are.
        ring: steps kept apart; what arrives for step s is at s % ring * neurons + position in ``sums``.
        leak, leak_shift, coarse: of ``decay``.
        late: ``NEXT`` or ``DROP``.
        delays: whether synapses have delays of their own; if not, each is 1.
        role: ``network.spiking.NEURON`` or ``INPUT``; potential: of all neurons.
        sums: twice the sum of the weights that arrived, and 1 if anything did; 0 again for what was read.
        input_next: next entry of each input's list in ``input_step``.
    """

    neurons: I64
    ring: I64
    leak: I64
    leak_shift: I64
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


def decay(potential: int, leak: int, shift: int, coarse: int) -> int:
    """Potential x leak / 2^shift, cut toward zero to a multiple of 2^coarse."""
    if potential < 0:
        return -((-potential * leak >> (shift + coarse)) << coarse)
    return (potential * leak >> (shift + coarse)) << coarse


def scan(n: Neurons, at: int, end: int, step: int, act: Ints) -> int:
    """Update neurons from a position on until one fires.

    Args:
        n: the neurons.
        at: position of the first of them; end: behind the core's last.
        step: number of the step, from 1.
        act: counted actions.

    Returns:
        Position of the neuron that fired, or ``end``.
    """
    role, potential, bias, threshold, sums = n.role, n.potential, n.bias, n.threshold, n.sums
    leak, shift, coarse = n.leak, n.leak_shift, n.coarse
    row = step % n.ring * n.neurons
    accesses, updates = 0, 0
    while at < end:
        came = sums[row + at]
        if came != 0:
            sums[row + at] = 0
        if role[at] == INPUT:
            entry = n.input_next[at]
            if entry < n.input_start[at + 1] and n.input_step[entry] == step:
                n.input_next[at] = entry + 1
                act[A_SPIKE] += 1
                break
            at += 1
            continue
        v = potential[at]
        accesses += 1
        active = v != 0 or came != 0 or bias[at] != 0
        if step > 1:
            v = decay(v, leak, shift, coarse)
        v += bias[at] + (came >> 1)
        fired = v > threshold[at]
        if active or fired:
            updates += 1
        if fired:
            potential[at] = 0
            act[A_FIRED] += 1
            act[A_SPIKE] += 1
            break
        potential[at] = v
        at += 1
    act[A_ACCESS] += accesses
    act[A_SOMA] += updates
    return at


def first_synapse(n: Neurons, begin: int, end: int, position: int) -> int:
    """First synapse in [begin, end) whose target is not before a position; ``end`` if there is none. Targets ascend."""
    target = n.target
    while begin < end:
        middle = (begin + end) // 2
        if target[middle] < position:
            begin = middle + 1
        else:
            end = middle
    return begin


def integrate(n: Neurons, synapse: int, end: int, beyond: int, step: int, begun: int, act: Ints) -> int:
    """Take in a spike: add the weights of its synapses in this core to the sums of the steps in which they act.

    Args:
        n: the neurons.
        synapse: the first of them; end: behind the last of the source; beyond: position behind the core's last neuron.
        step: in which the source fired; a synapse acts in step + its delay.
        begun: the last step that the core has begun; what should have acted by then is late.
        act: counted actions.

    Returns:
        1 if anything of the spike was late, else 0.
    """
    act[A_MESSAGE] += 1
    act[A_AXON] += 1
    target, weight, sums, neurons, ring, delays = n.target, n.weight, n.sums, n.neurons, n.ring, n.delays
    behind, begin = 0, synapse
    while synapse < end and target[synapse] < beyond:
        acts = step + 1
        if delays != 0:
            acts = step + n.delay[synapse]
        if acts <= begun:
            behind = 1
            acts = begun + 1 if n.late == NEXT else 0
        if acts > 0:
            at = acts % ring * neurons + target[synapse]
            sums[at] = (sums[at] + 2 * weight[synapse]) | 1
        synapse += 1
    act[A_SYNOP] += synapse - begin
    return behind
