"""What memory a spiking network needs, from its sizes alone.

An upper bound but for packets in flight, which no plan knows: they are taken as those of one neuron in ``FIRING`` at once.
"""

from __future__ import annotations

from chipsim.plan.forecast import Forecast

NEURON_BYTES = 160
"""A spiking neuron: number, core, kind, potential, bias, threshold, rows, inputs, in network, plan and engine, without its sums."""

COLUMN_BYTES = 48
"""What a neuron model has of a neuron beside that, per quantity, in network, plan and engine."""

SUM_BYTES = 9
"""What arrives at a neuron for one step."""

STEP_BYTES = 320
"""A step in the tables."""

PACKET_BYTES = 64
"""A packet in flight."""

FIRING = 20


def network_forecast(
    neurons: int, synapses: int, synapse_bytes: int, steps: int, delay: int, moved: bool, columns: int = 0
) -> Forecast:
    """Forecast of a spiking network's run, from sizes that are known before any of it is read.

    Args:
        neurons: how many.
        synapses: how many.
        synapse_bytes: of one synapse in its row.
        steps: of the run.
        delay: longest delay in steps.
        moved: whether rows are copied into another order.
        columns: quantities of the neuron model.
    """
    copies = 2 if moved else 1
    parts = (
        ("synapses", synapses * synapse_bytes * copies),
        ("neurons", neurons * (NEURON_BYTES + COLUMN_BYTES * columns + SUM_BYTES * (delay + 2))),
        ("packets in flight", synapses // FIRING * PACKET_BYTES),
        ("steps", steps * STEP_BYTES),
    )
    return Forecast(parts, "a network with fewer synapses, fewer steps (workload.steps)")
