"""``dateline``: as xy, the shorter way round; a packet changes its class of virtual channels where it wraps."""

from __future__ import annotations

from chipsim.config.topology import RoutingRule
from chipsim.noc.routing import DATELINE

CROSSING = RoutingRule(kind=DATELINE, vcs=2, why="two halves")
