"""``west-first``: west before anything else, then any shortest way."""

from __future__ import annotations

from chipsim.config.topology import RoutingRule
from chipsim.noc.routing import WEST_FIRST

FIRST_WEST = RoutingRule(kind=WEST_FIRST)
