"""``yx``: along the column first, then the row."""

from __future__ import annotations

from chipsim.config.topology import RoutingRule
from chipsim.noc.routing import YX

ALONG_Y = RoutingRule(kind=YX)
