"""Where things are: neurons, roots, slot servers, and the ways of multicasts; from the plan's placement and the memories at the end."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

from chipsim.config.policy import POLICIES
from chipsim.ids import neuron_id
from chipsim.plan.plan import Plan
from chipsim.programs.nsn.image import Memory

FOLLOW, LOCALITY, LOAD = "follow", "locality", "load"
"""Policies of growth that are counted."""

Step = tuple[int, int]
"""A tile and the next one on a way; at the end the tile and -1 - the core."""


@dataclass(frozen=True, slots=True)
class Places:
    """A chip and who lives where on it.

    Attributes:
        core, slot: of each neuron by id; those that grew are where the memories have them at the end.
        roots: core of the root of each layer and of the record keeper.
        growth: per region its cores in the order of growth; current: per region and layer the place in that order that the layer grew on last.
        region: of each root; tiles: of each endpoint.
        flits: of each kind of message; vector_flits: of GROW by pairs; more_flits: of what recursive networks make longer.
        numbers: one more than the highest number of a layer; networks: recursive ones of each layer from 1 up; delay: of what they expect.
        listened: number of the layer that each listener hears.
        room: keyed entries that a core has room for; address: bits of an address; inhibits: winners are found by inhibition.
    """

    core: dict[int, int]
    slot: dict[int, int]
    roots: list[int]
    growth: list[list[int]]
    current: list[list[int]]
    region: list[int]
    tiles: list[int]
    cores: int
    width: int
    height: int
    column: bool
    concentration: int
    arity: int
    keyed: bool
    multicast: bool
    room: int
    layers: int
    alerts: int
    policy: str
    flits: dict[str, int]
    vector_flits: list[int]
    more_flits: dict[str, int]
    numbers: int
    networks: int
    delay: int
    listened: list[int]
    address: int
    inhibits: bool

    @property
    def host(self) -> int:
        """The endpoint behind the slot servers."""
        return self.cores + len(self.growth)

    def size(self, kind: str, layer: int, pairs: int = 0) -> int:
        """Flits of a message; a vector in it has so many pairs."""
        if kind == "grow":
            return self.vector_flits[pairs]
        primed, expecting = 0 < layer <= self.layers, layer > self.layers
        longer = (kind in ("present", "spike") and primed) or (kind in ("answer", "result") and expecting)
        return self.flits[kind] + (self.more_flits[kind] if longer else 0)

    def networks_of(self, layer: int) -> range:
        """Numbers of the recursive networks of a layer."""
        first = self.layers + 2 + (layer - 1) * self.networks
        return range(first, first + self.networks) if layer else range(0)

    def spot(self, tile: int) -> tuple[int, int]:
        """Column and row of a tile."""
        return (tile // self.height, tile % self.height) if self.column else (tile % self.width, tile // self.width)

    def tile(self, x: int, y: int) -> int:
        """The tile in a column and row."""
        return x * self.height + y if self.column else y * self.width + x

    def hops(self, a: int, b: int) -> int:
        """Links between two endpoints."""
        (ax, ay), (bx, by) = self.spot(self.tiles[a]), self.spot(self.tiles[b])
        return abs(ax - bx) + abs(ay - by)

    def way(self, source: int, dest: int) -> list[Step]:
        """First along the row, then along the column, then into the core."""
        (x, y), (ex, ey) = self.spot(self.tiles[source]), self.spot(self.tiles[dest])
        tiles = [self.tile(x, y)]
        while (x, y) != (ex, ey):
            if x != ex:
                x += 1 if ex > x else -1
            else:
                y += 1 if ey > y else -1
            tiles.append(self.tile(x, y))
        return [*pairwise(tiles), (tiles[-1], -1 - dest)]


def places_of(plan: Plan, memory: Memory) -> Places:
    """Read them out of a plan and the image that its run left."""
    own = plan.own
    K = own.constants
    core, slot = {}, {}
    for rows in (own.neuron, memory.neuron):
        for c, s, layer, ordinal in rows[:, :4].tolist():
            core[neuron_id(layer, ordinal)], slot[neuron_id(layer, ordinal)] = c, s
    return Places(
        core=core, slot=slot, roots=list(K.root_core),
        growth=[[c for c in row if c >= 0] for row in own.server_core.tolist()],
        current=own.server_current.tolist(), region=list(K.root_region),
        tiles=plan.endpoint_tile.tolist(), cores=K.cores, width=K.width, height=K.height, column=bool(K.column), concentration=K.concentration,
        arity=K.arity, keyed=bool(K.keyed), multicast=bool(K.multicast), room=K.keys, layers=K.layers,
        alerts=K.alerts, policy=POLICIES[K.policy],
        flits=dict(zip(plan.kinds, plan.flits.tolist(), strict=True)), vector_flits=own.grow_flits.tolist(),
        more_flits=dict(zip(("present", "spike", "answer", "result"), own.layer_flits.tolist(), strict=True)),
        numbers=K.numbers, networks=K.networks, delay=K.delay, listened=list(K.listened) if K.listeners else [],
        address=(K.cores - 1).bit_length() + (K.slots - 1).bit_length(), inhibits=bool(K.inhibits),
    )  # fmt: skip
