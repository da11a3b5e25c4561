"""``table``: shortest ways of any topology."""

from __future__ import annotations

from chipsim.config.topology import RoutingRule
from chipsim.noc.tables import shortest_table

SHORTEST = RoutingRule(table=shortest_table)
