"""``torus``: as xy, the shorter way round; packets that wrap have other virtual channels than the rest."""

from __future__ import annotations

from chipsim.config.topology import RoutingRule
from chipsim.noc.routing import TORUS

SHORTER_WAY = RoutingRule(kind=TORUS, vcs=2, why="two halves")
