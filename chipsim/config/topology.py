"""What a topology and a routing are to a description of a network-on-chip, and their registries.

A topology is one file and one entry point of the group ``chipsim.topologies``, a routing likewise of ``chipsim.routings``; those that ship
stand in ``chipsim/noc/topologies`` and ``chipsim/noc/routings``.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from chipsim.registry import Registry


@dataclass(frozen=True, slots=True)
class Topology:
    """How tiles are joined.

    Attributes:
        lay: routers' links (``chipsim.noc.fabric.Links``) for a ``NocSpec``. Raises ConfigError.
        routings: names of those that it has, the natural one first.
        grid: whether tiles stand in columns, lines and layers; else they are all in a row, and width, height and depth only count them.
        wraps: whether every row is joined at its ends.
        layers: whether a grid may have more than one.
        levels: whether it may be parted into chips and boards.
        edges: whether its links are read from a file.
        also: what another name of a routing means here.
        ports: links of a router to others at most, for a ``NocSpec``; None: six, or as a file says. Memory is forecast by it.
    """

    lay: Callable[[Any], Any]
    routings: tuple[str, ...]
    grid: bool = False
    wraps: bool = False
    layers: bool = False
    levels: bool = False
    edges: bool = False
    also: Mapping[str, str] = field(default_factory=dict)
    ports: Callable[[Any], int] | None = None


@dataclass(frozen=True, slots=True)
class RoutingRule:
    """How packets find their way.

    Attributes:
        kind: number of the function (``chipsim.noc.routing``); a routing with a table leaves it.
        in_layers: the number on a grid that may have layers, if it is another.
        table: int64[routers * routers] for a ``chipsim.noc.fabric.Fabric``: entry ``tile * routers + dest`` is a port, ``HERE`` or
            ``NO_PATH``. Raises ConfigError. None for a function.
        vcs: virtual channels that every class of messages needs with wormhole routers, and why they are so many.
        atomic: whether a virtual channel must be empty before the next packet has it.
        trees: whether trees of multicasts keep to its turns.
        anywhere: whether it goes on every topology, also on those that do not name it.
    """

    kind: int = -1
    in_layers: int | None = None
    table: Callable[[Any], Any] | None = None
    vcs: int = 1
    why: str = ""
    atomic: bool = False
    trees: bool = True
    anywhere: bool = False


TOPOLOGIES: Registry[Topology] = Registry("chipsim.topologies", "topology", Topology)
"""Every topology that is installed."""

ROUTINGS: Registry[RoutingRule] = Registry("chipsim.routings", "routing", RoutingRule)
"""Every routing that is installed."""
