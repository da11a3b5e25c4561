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

from chipsim.machine.actions import A_ACCESS, A_AXON, A_FIRED, A_MESSAGE, A_SOMA, A_SPIKE, A_SYNOP
from chipsim.machine.ints import Ints, Row
from chipsim.network.spiking import INPUT

NEXT, DROP = 0, 1
"""What becomes of a spike that comes after its step has begun: it acts in the next step to begin, or not at all."""


INLINE = ("decay",)
"""For ``chipsim.jit``: part of their callers."""


def decay(potential: int, leak: int, shift: int, coarse: int) -> int:
    """Potential x leak / 2^shift, cut toward zero to a multiple of 2^coarse."""
    if potential < 0:
        return -((-potential * leak >> (shift + coarse)) << coarse)
    return (potential * leak >> (shift + coarse)) << coarse


def scan(
    at: int,
    end: int,
    step: int,
    row: int,
    kind: Row,
    potential: Ints,
    bias: Row,
    threshold: Row,
    sums: Ints,
    input_next: Ints,
    input_start: Row,
    input_step: Row,
    leak: int,
    shift: int,
    coarse: int,
    act: Ints,
) -> int:
    """Update neurons from position ``at`` on until one fires.

    Args:
        at: position of the first neuron.
        end: position behind the core's last.
        step: number of the step, from 1.
        row: where the sums of this step begin in ``sums``.
        kind, potential, bias, threshold: of all neurons, by position.
        sums: twice the sum of the weights that arrived, and 1 if anything did; 0 again for what was read.
        input_next: next entry of each input's list in ``input_step``; ``input_start``: where the lists begin.
        leak, shift, coarse: of ``decay``.
        act: counted actions.

    Returns:
        Position of the neuron that fired, or ``end``.
    """
    while at < end:
        came = sums[row + at]
        if came != 0:
            sums[row + at] = 0
        if kind[at] == INPUT:
            entry = input_next[at]
            if entry < input_start[at + 1] and input_step[entry] == step:
                input_next[at] = entry + 1
                act[A_SPIKE] += 1
                return at
            at += 1
            continue
        v = potential[at]
        act[A_ACCESS] += 1
        active = v != 0 or came != 0 or bias[at] != 0
        if step > 1:
            v = decay(v, leak, shift, coarse)
        v += bias[at] + (came >> 1)
        fired = v > threshold[at]
        if active or fired:
            act[A_SOMA] += 1
        if fired:
            potential[at] = 0
            act[A_FIRED] += 1
            act[A_SPIKE] += 1
            return at
        potential[at] = v
        at += 1
    return end


def first_synapse(begin: int, end: int, position: int, target: Row) -> int:
    """First synapse in [begin, end) whose target is not before a position; ``end`` if there is none. Targets ascend."""
    while begin < end:
        middle = (begin + end) // 2
        if target[middle] < position:
            begin = middle + 1
        else:
            end = middle
    return begin


def integrate(
    synapse: int,
    end: int,
    beyond: int,
    step: int,
    begun: int,
    late: int,
    neurons: int,
    ring: int,
    target: Row,
    weight: Row,
    delay: Row,
    delays: int,
    sums: Ints,
    act: Ints,
) -> int:
    """Take in a spike: add the weights of its synapses in this core to the sums of the steps in which they act.

    Args:
        synapse: the first of them; ``end``: behind the last of the source; ``beyond``: position behind the core's last neuron.
        step: in which the source fired; a synapse acts in step + its delay.
        begun: the last step that the core has begun; what should have acted by then is late.
        late: ``NEXT`` or ``DROP``.
        neurons: of the whole network; what arrives for step s is at s % ring * neurons + position in ``sums``, see ``scan``.
        ring: steps kept apart.
        target, weight: of all synapses; ``delay`` likewise if ``delays`` is not 0, else every delay is 1.
        sums: what has arrived.
        act: counted actions.

    Returns:
        1 if anything of the spike was late, else 0.
    """
    act[A_MESSAGE] += 1
    act[A_AXON] += 1
    behind = 0
    while synapse < end and target[synapse] < beyond:
        acts = step + 1
        if delays != 0:
            acts = step + delay[synapse]
        act[A_SYNOP] += 1
        if acts <= begun:
            behind = 1
            acts = begun + 1 if late == NEXT else 0
        if acts > 0:
            at = acts % ring * neurons + target[synapse]
            sums[at] = (sums[at] + 2 * weight[synapse]) | 1
        synapse += 1
    return behind
