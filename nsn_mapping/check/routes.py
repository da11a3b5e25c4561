"""Independent re-walk of every multicast through the compressed router tables. It shares no code with what makes them.

Rules of a router, restated: entries are looked at in order, and the first with ``packet key & mask == key`` says where the packet goes (bits 0
to 3: east, west, south, north; bit 4 + k: core k of the tile). A packet that no entry matches goes straight on; one that comes from a core
of the tile has no straight path and is lost.
"""

from __future__ import annotations

from typing import Any, Protocol

import numpy as np
import numpy.typing as npt

from chipsim.errors import MappingError
from chipsim.noc import Mesh
from nsn_mapping.hypergraph import Hypergraph

Ints = npt.NDArray[np.int64]

_AT_ONCE = 2**26
"""Nets x routers that are kept track of at a time."""

_COMPARED = 2**22
"""Keys x entries that are compared at a time."""

_STEP = ((1, 0), (-1, 0), (0, 1), (0, -1))
_NAMES = ("east", "west", "south", "north")
_LOST = -1


class RouterTables(Protocol):
    """Tables as flat arrays: ``routes.Tables`` or anything of that shape."""

    @property
    def start(self) -> Ints:
        """int64[routers + 1], first entry of each router."""

    @property
    def key(self) -> Ints:
        """int64[entries]."""

    @property
    def mask(self) -> Ints:
        """int64[entries]."""

    @property
    def route(self) -> Ints:
        """int64[entries]."""


def check_routes(
    h: Hypergraph,
    core: npt.NDArray[np.integer[Any]],
    mesh: Mesh,
    keys: Ints,
    tables: RouterTables,
    allowed: int | None = None,
    nets: Ints | None = None,
) -> None:
    """Send one packet of every net through the tables and see who gets it.

    Args:
        h: the network.
        core: int[n], core of each vertex.
        mesh: the chip.
        keys: int64[nets], key of each net, -1 for none.
        tables: of all routers.
        allowed: entries of a router, None for no limit.
        nets: those to walk; all without it.

    Raises:
        MappingError: a table is larger than allowed, two nets have one key, a net has none, or a packet misses a core, reaches one
            that reads nothing of it, goes in a circle, reaches a router twice, leaves the chip or names a core that is not there.
    """
    _check_sizes(mesh, tables, allowed)
    sent = h.source[np.arange(h.edges)] >= 0
    sent &= np.diff(h.pin_start) > 0
    _check_keys(h, keys, sent)
    chosen = np.flatnonzero(sent)
    if nets is not None:
        chosen = nets[sent[nets]]
    per_block = max(1, _AT_ONCE // max(mesh.cores, mesh.tiles))
    for at in range(0, len(chosen), per_block):
        _Walk(h, core, mesh, keys, tables, chosen[at : at + per_block]).run()


def _check_sizes(mesh: Mesh, tables: RouterTables, allowed: int | None) -> None:
    size = np.diff(tables.start)
    if len(size) != mesh.tiles:
        raise MappingError(f"routes: tables of {len(size)} routers, the chip has {mesh.tiles}; map again")
    if allowed is not None and len(size) and size.max() > allowed:
        router = int(size.argmax())
        raise MappingError(
            f"routes: router {router} holds {size[router]} table entries, allowed are {allowed}; raise chip.noc.table_entries, or map again"
        )


def _check_keys(h: Hypergraph, keys: Ints, sent: npt.NDArray[np.bool_]) -> None:
    missing = np.flatnonzero(sent & (keys < 0))
    if len(missing):
        net = int(missing[0])
        raise MappingError(f"routes: net {net} of neuron {h.source[net]} has no key, but readers; map again")
    order = np.flatnonzero(sent)
    order = order[np.argsort(keys[order], kind="stable")]
    same = np.flatnonzero(keys[order[1:]] == keys[order[:-1]])
    if len(same):
        one, other = int(order[same[0]]), int(order[same[0] + 1])
        raise MappingError(f"routes: nets {one} and {other} share the key {keys[one]}; allowed is one net per key; map again")


class _Walk:
    """Packets of some nets on their way, all at once, a router at a time."""

    def __init__(
        self,
        h: Hypergraph,
        core: npt.NDArray[np.integer[Any]],
        mesh: Mesh,
        keys: Ints,
        tables: RouterTables,
        nets: Ints,
    ) -> None:
        self.h, self.core, self.mesh, self.keys, self.tables, self.nets = h, core, mesh, keys, tables, nets
        self.home = core[h.source[nets]].astype(np.int64) // mesh.concentration
        self.entered = np.zeros((len(nets), mesh.tiles), bool)
        self.got = np.zeros((len(nets), mesh.cores), bool)

    def run(self) -> None:
        """Walk until nothing moves any more, then compare who got the packet with who reads it."""
        mesh = self.mesh
        packet, tile = np.arange(len(self.nets)), self.home
        came = np.full(len(packet), -1)
        self.entered[packet, tile] = True
        while len(packet):
            route = self._routes(packet, tile)
            lost = np.flatnonzero((route == _LOST) & (came < 0))
            if len(lost):
                raise MappingError(
                    f"routes: {self._name(packet[lost[0]])} finds no entry in its own router {tile[lost[0]]}, which has no straight path for"
                    " it; map again"
                )
            route = np.where(route == _LOST, 1 << np.maximum(came, 0), route)
            self._deliver(packet, tile, route)
            after: list[tuple[Ints, Ints, Ints]] = []
            x, y = mesh.xy(tile)
            for port, (east, south) in enumerate(_STEP):
                there = np.flatnonzero(route >> port & 1)
                to_x, to_y = x[there] + east, y[there] + south
                off = np.flatnonzero((to_x < 0) | (to_x >= mesh.width) | (to_y < 0) | (to_y >= mesh.height))
                if len(off):
                    raise MappingError(
                        f"routes: {self._name(packet[there[off[0]]])} leaves the chip at router {tile[there[off[0]]]}, to the {_NAMES[port]};"
                        " map again"
                    )
                after.append((packet[there], mesh.tile_at(to_x, to_y), np.full(len(there), port)))
            packet, tile, came = (np.concatenate(columns) for columns in zip(*after, strict=True))
            self._enter(packet, tile)
        self._compare()

    def _routes(self, packet: Ints, tile: Ints) -> Ints:
        """int64[packets], what the tables say; _LOST where nothing matches."""
        found = np.full(len(packet), _LOST, np.int64)
        order = np.argsort(tile, kind="stable")
        cuts = np.flatnonzero(np.diff(tile[order], prepend=-1))
        for low, high in zip(cuts, np.append(cuts[1:], len(order)), strict=True):
            router = int(tile[order[low]])
            entries = slice(int(self.tables.start[router]), int(self.tables.start[router + 1]))
            key, mask, route = self.tables.key[entries], self.tables.mask[entries], self.tables.route[entries]
            if not len(key):
                continue
            rows = max(1, _COMPARED // len(key))
            for at in range(low, high, rows):
                some = order[at : min(at + rows, high)]
                fits = self.keys[self.nets[packet[some]]][:, None] & mask == key
                found[some] = np.where(fits.any(axis=1), route[fits.argmax(axis=1)], _LOST)
        return found

    def _deliver(self, packet: Ints, tile: Ints, route: Ints) -> None:
        odd = np.flatnonzero(route >> (4 + self.mesh.concentration))
        if len(odd):
            raise MappingError(
                f"routes: {self._name(packet[odd[0]])} takes the route {route[odd[0]]:#x} at router {tile[odd[0]]}, allowed are 4 ports and"
                f" {self.mesh.concentration} cores; map again"
            )
        for k in range(self.mesh.concentration):
            here = route >> (4 + k) & 1 > 0
            self.got[packet[here], tile[here] * self.mesh.concentration + k] = True

    def _enter(self, packet: Ints, tile: Ints) -> None:
        place = np.sort(packet * self.mesh.tiles + tile)
        again = np.concatenate(
            [place[1:][place[1:] == place[:-1]], (packet * self.mesh.tiles + tile)[self.entered[packet, tile]]]
        )
        if len(again):
            which, router = divmod(int(again.min()), self.mesh.tiles)
            if self._is_circle(which, router):
                raise MappingError(f"routes: {self._name(which)} goes in a circle through router {router}; map again")
            raise MappingError(
                f"routes: {self._name(which)} reaches router {router} twice, by two paths, and delivers a second time behind it; allowed is"
                " once; map again"
            )
        self.entered[packet, tile] = True

    def _is_circle(self, which: int, router: int) -> bool:
        """Whether a packet that leaves a router, wherever it came from, can come back to it."""
        number, home = np.array([which]), int(self.home[which])
        todo: list[tuple[int, int, tuple[int, ...]]] = [(home, -1, (home,))]
        steps = 0
        while todo and steps < 4 * self.mesh.tiles:  # copies that meet multiply; so many routers tell
            tile, came, path = todo.pop()
            steps += 1
            route = int(self._routes(number, np.array([tile]))[0])
            if route == _LOST:
                route = 1 << came if came >= 0 else 0
            x, y = self.mesh.xy(tile)
            for port, (east, south) in enumerate(_STEP):
                if route >> port & 1 and 0 <= x + east < self.mesh.width and 0 <= y + south < self.mesh.height:
                    to = self.mesh.tile_at(x + east, y + south)
                    if to in path:
                        if to == router:
                            return True
                        continue
                    todo.append((to, port, (*path, to)))
        return False

    def _compare(self) -> None:
        h, nets = self.h, self.nets
        size = h.pin_start[nets + 1] - h.pin_start[nets]
        which = np.repeat(np.arange(len(nets)), size)
        pin = np.arange(size.sum()) + np.repeat(h.pin_start[nets] - (np.cumsum(size) - size), size)
        wanted = np.zeros_like(self.got)
        wanted[which, self.core[h.pins[pin]]] = True
        for wrong, what in ((wanted & ~self.got, "does not reach"), (self.got & ~wanted, "reaches")):
            if wrong.any():
                number = int(wrong.any(axis=1).argmax())
                place = int(wrong[number].argmax())
                why = ", which reads it" if what != "reaches" else ", where nobody reads it"
                raise MappingError(
                    f"routes: {self._name(number)} {what} core {place}{why}; {int(wanted[number].sum())} cores are to be reached,"
                    f" {int(self.got[number].sum())} are; map again"
                )

    def _name(self, which: int | np.integer[Any]) -> str:
        net = int(self.nets[which])
        return f"the packet of net {net} (neuron {self.h.source[net]}, key {self.keys[net]})"
