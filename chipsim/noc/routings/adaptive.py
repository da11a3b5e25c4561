"""``adaptive``: any shortest way, with the x-then-y way as the escape."""

from __future__ import annotations

from chipsim.config.topology import RoutingRule
from chipsim.noc.routing import ADAPTIVE

ANY_SHORTEST = RoutingRule(kind=ADAPTIVE, vcs=2, why="an escape", atomic=True)
