"""``xy``: along the row first, then the column, then the layers."""

from __future__ import annotations

from chipsim.config.topology import RoutingRule
from chipsim.noc.routing import XY, XYZ

ALONG_X = RoutingRule(kind=XY, in_layers=XYZ)
