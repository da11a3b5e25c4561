"""What the network-on-chip is: how tiles are joined, how packets find their way, and what the routers are made of."""

from __future__ import annotations

from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from chipsim.config.constant import EnergyConstant, FieldError, Spec, TimeConstant
from chipsim.config.core import whole
from chipsim.config.named import NameIn
from chipsim.config.topology import ROUTINGS, TOPOLOGIES, RoutingRule, Topology

MAX_SIDE = 2**16
"""Most tiles in a row or column."""


class LevelSpec(Spec):
    """A level of a hierarchy above the chip: a board of chips, a rack of boards.

    Attributes:
        name: what tables and reports call it.
        width, height: units of the level below in a row of this one, and rows; the lowest level groups chips.
        link_latency: one hop between two units of the level below.
        flit_time: how long such a link is busy with one flit.
        hop: energy of a flit on such a link.
    """

    name: Annotated[str, Field(min_length=1, max_length=40)]
    width: Annotated[int, whole(1, MAX_SIDE)] = 1
    height: Annotated[int, whole(1, MAX_SIDE)] = 1
    link_latency: TimeConstant
    flit_time: TimeConstant
    hop: EnergyConstant


class NocSpec(Spec):
    """The network-on-chip; ``link_latency`` in a file sets both directions.

    Attributes:
        topology: how tiles are joined: ``mesh``, ``torus``, ``ring`` (all tiles, in order), ``mesh3d``, ``tree`` (complete, ``arity``
            children each, numbered from the root level by level) or ``graph`` (``edges``).
        width, height: tiles in a row, and rows; with ``levels`` of the whole, boards and racks included.
        depth: layers (``torus`` and ``mesh3d``); elsewhere it only counts towards the number of tiles, width x height x depth.
        arity: children of a router (``tree``).
        edges: CSV file with the links of a ``graph``: a, b and, if wanted, latency, flit_time, level; each joins both ways.
        concentration: cores per tile.
        tile_order: how tiles are numbered: ``row`` (row by row, from the top) or ``column`` (column by column, from the left).
        router: ``ideal`` (hop delays, no contention), ``queued`` (one FIFO per output link) or ``wormhole`` (flits, virtual channels,
            credits; the clock is ``flit_time``).
        cast: ``multicast`` (one packet on a tree) or ``unicast`` (one packet per destination core).
        routing: ``xy`` (along the row first, then the column, then the layers), ``yx``, ``west-first``, ``odd-even``, ``adaptive``,
            ``torus`` (as xy, the shorter way round; xy means this on a torus), ``dateline``, ``table`` (shortest ways) or ``updown``;
            null for the natural one: xy, torus, or updown on trees and graphs.
        vcs: virtual channels of a router's input (``wormhole``).
        buffer: flits that a virtual channel holds (``wormhole``).
        timing: stages of a router (``wormhole``): ``S`` (look-ahead and speculation), ``L`` (look-ahead) or ``D`` (neither).
        vc_reuse: when a virtual channel is given to the next packet (``wormhole``): ``early`` (the last flit has left for it) or ``atomic``
            (it is empty again); null for atomic where packets go on trees or routing is adaptive, else early.
        ejection: messages that may wait at a core before it holds back its router (``wormhole``), null for no limit.
        classes: ``one``, or ``ordered``: virtual channels of their own for kinds of messages that others wait for (``wormhole``).
        allow_deadlock: whether a routing that can deadlock is run all the same (``wormhole``).
        flit_bits: payload of a flit; a packet is a whole number of flits.
        link_latency_ew, link_latency_ns: one hop to the east or west (any hop of a ring, tree or graph), to the north or south (or between
            layers).
        local_latency: between a router and a core of its tile.
        flit_time: how long a link is busy with one flit.
        table_entries: entries of a router's multicast table, null where there is no limit or none is known; a run holds a table with one
            entry per tree against it, a mapping the compressed table (``nsn_mapping.routes``).
        levels: hierarchy above the chip, from below: a board of chips, a rack of boards; links between units have constants of their own.
    """

    topology: Annotated[str, NameIn(TOPOLOGIES)] = "mesh"
    width: Annotated[int, whole(1, MAX_SIDE)]
    height: Annotated[int, whole(1, MAX_SIDE)]
    depth: Annotated[int, whole(1, MAX_SIDE)] = 1
    arity: Annotated[int, whole(1, 32)] = 2
    edges: Annotated[str, Field(min_length=1)] | None = None
    concentration: Annotated[int, whole(1, 64)] = 1
    tile_order: Literal["row", "column"] = "row"
    router: Literal["ideal", "queued", "wormhole"] = "queued"
    cast: Literal["multicast", "unicast"] = "multicast"
    routing: Annotated[str, NameIn(ROUTINGS)] | None = None
    vcs: Annotated[int, whole(1, 31)] = 4
    buffer: Annotated[int, whole(1, 2**16)] = 8
    timing: Literal["S", "L", "D"] = "S"
    vc_reuse: Literal["early", "atomic"] | None = None
    ejection: Annotated[int, whole(1, 2**31 - 1)] | None = None
    classes: Literal["one", "ordered"] = "one"
    allow_deadlock: Annotated[bool, Field(strict=True)] = False
    flit_bits: Annotated[int, whole(8, 1024)] = 32
    link_latency_ew: TimeConstant
    link_latency_ns: TimeConstant
    local_latency: TimeConstant
    flit_time: TimeConstant
    table_entries: Annotated[int, whole(1, 2**31 - 1)] | None = None
    levels: tuple[LevelSpec, ...] = ()

    @property
    def tiles(self) -> int:
        """Number of tiles, and of routers."""
        return self.width * self.height * self.depth

    @property
    def cores(self) -> int:
        """Number of cores."""
        return self.tiles * self.concentration

    @property
    def joined(self) -> Topology:
        """How tiles are joined."""
        return TOPOLOGIES.get(self.topology, "chip.noc.topology")

    @property
    def routing_name(self) -> str:
        """The routing by its name in this topology, never null: on a torus ``xy`` is ``torus``."""
        here = self.joined
        return here.routings[0] if self.routing is None else here.also.get(self.routing, self.routing)

    @property
    def rule(self) -> RoutingRule:
        """How packets find their way."""
        return ROUTINGS.get(self.routing_name, "chip.noc.routing")

    @property
    def is_plain_mesh(self) -> bool:
        """Whether it is a mesh with x-then-y ways: what engines and mappers know by heart."""
        return self.topology == "mesh" and self.routing_name == "xy"

    @model_validator(mode="after")
    def _fits_together(self) -> Self:
        here = self.joined
        if here.grid and not here.layers and self.depth > 1:
            raise FieldError(
                f"found {self.depth} layers in a {self.topology}; allowed: 1, or topology mesh3d or torus", "depth"
            )
        if here.edges != (self.edges is not None):
            found = "no file of edges" if self.edges is None else f"edges of a {self.topology}"
            raise FieldError(f"{found}; allowed: a CSV file with a, b per line with topology graph, null with others", "edges")
        allowed = here.routings
        if self.routing is not None and self.routing not in allowed and not ROUTINGS.get(self.routing).anywhere:
            raise FieldError(
                f"found {self.routing} on a {self.topology}; allowed: {', '.join(allowed)}, or null for {allowed[0]}", "routing"
            )
        if self.levels and not here.levels:
            raise FieldError(
                f"levels on a {self.topology}; allowed: with mesh, torus, mesh3d, or graph (level in its file of edges)",
                "levels",
            )
        across = down = 1
        for level in self.levels:
            across, down = across * level.width, down * level.height
        if not here.edges and (self.width % across or self.height % down):
            raise FieldError(
                f"{across} x {down} chips in all do not divide {self.width} x {self.height} tiles; allowed: width and height of the noc in"
                f" multiples of {across} and {down}, since they count all tiles",
                "levels",
            )
        return self

    @model_validator(mode="after")
    def _routers(self) -> Self:
        if self.router != "wormhole":
            return self
        if self.vcs < self.rule.vcs:
            raise FieldError(
                f"found {self.vcs} with routing {self.routing_name}, which needs {self.rule.why}; allowed: from {self.rule.vcs}",
                "vcs",
            )
        if self.cast == "multicast" and self.vc_reuse == "early":
            raise FieldError(
                "early with cast multicast, where branches would wait for each other; allowed: atomic or null, or cast unicast",
                "vc_reuse",
            )
        if self.cast == "multicast" and not self.rule.trees:
            raise FieldError(
                f"{self.routing_name} with cast multicast, whose trees go x-then-y with the very turns that {self.routing_name} forbids;"
                " allowed: xy, yx, west-first or adaptive, or cast unicast",
                "routing",
            )
        return self
