"""The phases of an instant, as priorities: what has the lower number comes first."""

from __future__ import annotations

FAULT, DELIVER, OFFER, ARBITRATE, COMPUTE = 0, 1, 2, 1 << 92, 1 << 93
EDGE = COMPUTE - 1
"""Offers end the deliver phase: cores before the host. Transfer is part of arbitration here, since a start on a link is only
a time. Between ``ARBITRATE`` and ``EDGE`` there is room for the order within arbitration: input port << 64 | source << 40 | sequence. At
``EDGE`` a step of spiking cores begins."""

END = -1
"""Before everything else of its instant: the run covers [0, until)."""
