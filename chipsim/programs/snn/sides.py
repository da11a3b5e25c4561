"""A spiking core's two sides, which work at once.

The *output side* updates the neurons one after the other when a step begins (``scan``): one operation reaches up to and including the next
neuron that fires, and then sends that neuron's spikes one by one. The *input side* takes the spikes that arrive and adds their weights to
the sums of the step in which they act (``integrate``). The sums of a step are read when it begins to work on them, so the two sides never
touch the same sum.

What a step does to a neuron is its model's (``neurons``). Access is counted for every neuron in every step, an update and a spike if the
model says so. Inputs fire when their list says so and cost nothing but their messages.
"""

from __future__ import annotations

from chipsim.machine.actions import A_ACCESS, A_AXON, A_FIRED, A_MESSAGE, A_SOMA, A_SPIKE, A_SYNOP
from chipsim.machine.ints import Ints
from chipsim.network.spiking import INPUT
from chipsim.programs.snn.neurons.lif import update as update_neuron  # a run with another model has that one's here
from chipsim.programs.snn.state import FIRES, LOOKED_AT, NEXT, Neurons

MODEL = "update_neuron"
"""The kernel that a neuron model stands in for."""


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
    role, sums = n.role, n.sums
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
        accesses += 1
        found = update_neuron(n, at, step, came >> 1, came != 0)
        if found != LOOKED_AT:
            updates += 1
        if found == FIRES:
            act[A_FIRED] += 1
            act[A_SPIKE] += 1
            break
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
