"""``odd-even``: turns by the parity of the column."""

from __future__ import annotations

from chipsim.config.topology import RoutingRule
from chipsim.noc.routing import ODD_EVEN

TURNS = RoutingRule(kind=ODD_EVEN, trees=False)
