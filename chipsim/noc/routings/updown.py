"""``updown``: up*/down* ways of any topology, which cannot deadlock."""

from __future__ import annotations

from chipsim.config.topology import RoutingRule
from chipsim.noc.tables import updown_table

UP_DOWN = RoutingRule(table=updown_table)
