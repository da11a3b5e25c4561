"""What messages cross: links and local ports of routers, in packets and flits, and the tables in which multicasts are looked up."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from tests.counter.places import Places, Step

EAST, WEST, SOUTH, NORTH = range(4)


class Net:
    """Of a mesh on which packets go along the row first.

    Attributes:
        packets, flits: by link, the number of which is 4 times the tile's and the port's.
        local: flits through local ports of routers, into and out of them, by tile; outside: between chip and host.
        lookups: entries of routers' tables, by tile.
    """

    def __init__(self, places: Places) -> None:
        self.places = places
        self.packets: Counter[int] = Counter()
        self.flits: Counter[int] = Counter()
        self.local: Counter[int] = Counter()
        self.lookups: Counter[int] = Counter()
        self.outside = 0

    def goes(self, source: int, dests: Sequence[int], flits: int) -> None:
        """A packet goes to one or, copied where ways part, to many."""
        steps = {step for dest in dests for step in self.places.way(source, dest)}
        for tile, after in steps:
            if after >= 0:
                link = 4 * tile + self.port((tile, after))
                self.packets[link] += 1
                self.flits[link] += flits
        for endpoint in (source, *dests):
            self.local[self.places.tiles[endpoint]] += flits
            self.outside += flits * (endpoint == self.places.host)

    def looked_up(self, source: int, dests: Sequence[int]) -> None:
        """Every router that a multicast comes to has an entry for it."""
        self.lookups.update({tile for dest in dests for tile, _ in self.places.way(source, dest)})

    def port(self, step: Step) -> int:
        """Through which a tile is left."""
        (x, y), (ex, ey) = map(self.places.spot, step)
        return EAST if ex > x else WEST if ex < x else SOUTH if ey > y else NORTH
