"""Keyed entries of stored vectors, laid down one by one as growth would have done it."""

from __future__ import annotations

from chipsim.machine.ints import Ints
from chipsim.programs.nsn.keyed import START_NODE, key_hash

COLUMNS = 8


def build_key_index(  # noqa: PLR0913  a kernel: one parameter is one array
    start: Ints,
    layer: Ints,
    ordinal: Ints,
    address: Ints,
    ids: Ints,
    classes: Ints,
    wanted: Ints,
    home: Ints,
    keys: int,
    table: Ints,
    filled: Ints,
    node: Ints,
    out: Ints,
) -> int:
    """Entries of neurons in order; which entry comes where in a core depends on all entries before it.

    Args:
        start: first pair of each neuron.
        layer: of each neuron.
        ordinal: of each neuron.
        address: of each neuron.
        ids: of each pair.
        classes: of each pair.
        wanted: per layer, 1 where it matches by key.
        home: cores that entries live on.
        keys: entries that a core can hold.
        table: as many -1 as a power of two, more than entries; written: entries by hash.
        filled: entries of each core, written.
        node: node number of each entry, written.
        out: 8 words per entry, written: core, layer, parent node, id, class, ordinal, address, open.

    Returns:
        Number of entries.
    """
    mask = len(table) - 1
    count = 0
    for n in range(len(layer)):
        if wanted[layer[n]] == 0:
            continue
        parent, row = START_NODE, -1
        for p in range(start[n], start[n + 1]):
            if row >= 0:
                out[row * COLUMNS + 7] = 1
            h = key_hash(layer[n], parent, ids[p], classes[p])
            at = h & mask
            row = -1
            while table[at] >= 0 and row < 0:
                e = table[at] * COLUMNS
                if out[e + 3] == ids[p] and out[e + 2] == parent and out[e + 4] == classes[p] and out[e + 1] == layer[n]:
                    row = table[at]
                at = (at + 1) & mask
            if row < 0:
                core = home[h % len(home)]
                table[at] = count
                row = count
                node[row] = core * keys + filled[core]
                filled[core] += 1
                e = row * COLUMNS
                out[e] = core
                out[e + 1] = layer[n]
                out[e + 2] = parent
                out[e + 3] = ids[p]
                out[e + 4] = classes[p]
                out[e + 5] = -1
                out[e + 6] = -1
                out[e + 7] = 0
                count += 1
            parent = node[row]
        if row >= 0:
            out[row * COLUMNS + 5] = ordinal[n]
            out[row * COLUMNS + 6] = address[n]
    return count
