"""Where packets go on: multicast tables of all routers as one hash table, (tile, layer, id) -> output ports and local endpoints; a mesh."""

from __future__ import annotations

from chipsim.engines.compiled.layout import Network
from chipsim.jit import wrap
from chipsim.machine.ints import Ints
from chipsim.machine.state import TABLE_FULL
from chipsim.machine.tally import FACTOR

HERE = 4
TOWARDS = (HERE, 3, 2, 1, 1, 1, 0, 0, 0)
"""Port by 3 x (0 same column, 1 westwards, 2 eastwards) + (0 same row, 1 northwards, 2 southwards)."""

INLINE = ("direction",)


def direction(m: Network, tile: int, there: int) -> int:
    """Port towards another tile, along x first, or ``HERE``: ``noc.xy.xy_port`` from coordinates and without a branch to guess wrong."""
    a, b = m.place[tile], m.place[there]
    x, y = b.x - a.x, b.y - a.y
    across = (x > 0) * 2 + (x < 0)
    down = (y > 0) * 2 + (y < 0)
    return TOWARDS[across * 3 + down]


def find_entry(m: Network, tile: int, layer: int, id_: int) -> int:
    """Row of an entry, or the empty row (mask 0) where it belongs; there are as many rows as a power of two."""
    where = tile << 8 | layer
    h = wrap((where << 40 ^ id_) * FACTOR)
    last = len(m.table) - 1
    i = (h >> 32 ^ h >> 12) & last
    while m.table[i].mask != 0 and (m.table[i].where != where or m.table[i].id != id_):
        i = (i + 1) & last
    return i


def enter(m: Network, tile: int, layer: int, id_: int, mask: int) -> int:
    """Add bits to an entry; 1 if it is new."""
    entry = m.table[find_entry(m, tile, layer, id_)]
    fresh = 1 if entry.mask == 0 else 0
    entry.where = tile << 8 | layer
    entry.id = id_
    entry.mask |= mask
    return fresh


def add_entries(m: Network, rows: Ints, count: int) -> int:
    """Add entries, each four words: tile, layer, id, mask; how many are new."""
    fresh = 0
    for r in range(count):
        fresh += enter(m, rows[4 * r], rows[4 * r + 1], rows[4 * r + 2], rows[4 * r + 3])
    return fresh


def add_entry(m: Network, tile: int, layer: int, id_: int, mask: int) -> None:
    """Add bits to an entry, during a run."""
    fresh = enter(m, tile, layer, id_, mask)
    m.entries_used += fresh
    m.entries[tile] += fresh
    if m.table_limit > 0 and m.entries[tile] > m.table_limit:
        m.error, m.detail_a, m.detail_b = TABLE_FULL, tile, m.entries[tile]


def clear_entry(m: Network, tile: int, layer: int, id_: int, mask: int) -> None:
    """Take bits out of an entry.

    If nothing is left of it, the rows behind it, up to the next empty one, are entered anew, so that a search still finds them.
    """
    i = find_entry(m, tile, layer, id_)
    if m.table[i].mask == 0:
        return
    m.table[i].mask &= ~mask
    if m.table[i].mask != 0:
        return
    m.entries_used -= 1
    m.entries[tile] -= 1
    last = len(m.table) - 1
    i = (i + 1) & last
    while m.table[i].mask != 0:
        where, entry, kept = m.table[i].where, m.table[i].id, m.table[i].mask
        m.table[i].mask = 0
        place = m.table[find_entry(m, where >> 8, where & 255, entry)]
        place.where, place.id, place.mask = where, entry, kept
        i = (i + 1) & last
