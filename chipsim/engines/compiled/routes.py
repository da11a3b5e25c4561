"""Where packets go on: multicast tables of all routers as one hash table, (tile, layer, id) -> output ports and local cores; a mesh."""

from __future__ import annotations

import numpy as np

from chipsim.engines.compiled.tables import Entries, Places, Table

STEP = 1000003
SPREAD = 739982445
PRIME = (1 << 31) - 1
HERE = 4
TOWARDS = np.array([HERE, 3, 2, 1, 1, 1, 0, 0, 0], np.int64)
"""Port by 3 x (0 same column, 1 westwards, 2 eastwards) + (0 same row, 1 northwards, 2 southwards)."""

INLINE = ("direction",)


def direction(place: Places, tile: int, there: int) -> int:
    """Port towards another tile, along x first, or ``HERE``: ``model.route.xy_port`` from coordinates and without a branch to guess wrong."""
    x, y = place[there, 0] - place[tile, 0], place[there, 1] - place[tile, 1]
    across = (x > 0) * 2 + (x < 0)
    down = (y > 0) * 2 + (y < 0)
    return TOWARDS[across * 3 + down]


def find_entry(table: Entries, tile: int, layer: int, neuron: int) -> int:
    """Row of an entry, or the empty row (mask 0) where it belongs; rows are (tile << 8 | layer, id, mask), as many as a power of two."""
    where = tile << 8 | layer
    h = (where % PRIME * STEP + neuron % PRIME) % PRIME
    h = (h * STEP + neuron // PRIME) % PRIME
    h = (h ^ h >> 15) * SPREAD & PRIME
    size = len(table)
    i = (h ^ h >> 12) & (size - 1)
    while table[i, 2] != 0 and (table[i, 0] != where or table[i, 1] != neuron):
        i = (i + 1) & (size - 1)
    return i


def add_entry(table: Entries, tile: int, layer: int, neuron: int, mask: int) -> int:
    """Add bits to an entry; 1 if it is new."""
    i = find_entry(table, tile, layer, neuron)
    fresh = 1 if table[i, 2] == 0 else 0
    table[i, 0] = tile << 8 | layer
    table[i, 1] = neuron
    table[i, 2] |= mask
    return fresh


def clear_entry(table: Entries, tile: int, layer: int, neuron: int, mask: int) -> int:
    """Take bits out of an entry; 1 if nothing is left of it.

    Then the rows behind it, up to the next empty one, are entered anew, so that a search still finds them.
    """
    i = find_entry(table, tile, layer, neuron)
    if table[i, 2] == 0:
        return 0
    table[i, 2] &= ~mask
    if table[i, 2] != 0:
        return 0
    size = len(table)
    i = (i + 1) & (size - 1)
    while table[i, 2] != 0:
        key, entry, kept = table[i, 0], table[i, 1], table[i, 2]
        table[i, 2] = 0
        place = find_entry(table, key >> 8, key & 255, entry)
        table[place, 0], table[place, 1], table[place, 2] = key, entry, kept
        i = (i + 1) & (size - 1)
    return 1


def add_entries(table: Entries, rows: Table) -> int:
    """Add rows (tile, layer, id, mask); how many are new."""
    fresh = 0
    for r in range(len(rows)):
        fresh += add_entry(table, rows[r, 0], rows[r, 1], rows[r, 2], rows[r, 3])
    return fresh
