"""Messages of spiking cores.

The numbers of kinds are hashed in the records of operations and deliveries of runs that are written down, so they stay what they were
when all programs numbered their kinds together.
"""

from __future__ import annotations

from chipsim.machine.message import Kinds

LIF_SPIKE = 26  # neuron, step, first synapse or -1 (multicast)                                -> core of the targets

SOMA = 28
"""Kind of an operation that no message starts: a spiking core updates neurons until one fires (``sides.py``)."""

KINDS = Kinds(("",) * LIF_SPIKE + ("lif_spike",), {LIF_SPIKE: frozenset()}, frozenset({LIF_SPIKE}))
"""A spiking core sends nothing on taking a spike in; it does so in steps."""
