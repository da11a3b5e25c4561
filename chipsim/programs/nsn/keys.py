"""Keyed entries of a stored network: the distributed trie as it would have grown, one home core per entry."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from chipsim import jit
from chipsim.network import NsnState
from chipsim.plan.inputs import Mapping
from chipsim.programs.nsn.build_key_index import COLUMNS, build_key_index

Ints = npt.NDArray[np.int64]

_COMPILED_FROM = 100_000
"""Pairs from which a compiled loop is worth its compilation."""


def build_keys(
    state: NsnState, mapping: Mapping, layers: set[int], home: npt.NDArray[np.integer], keys: int, slots: int
) -> Ints:
    """Entries int64[entries, 8] (core, layer, parent node, id, class, ordinal, address, open) in order of insertion.

    A node is ``core * keys + index``, the index counting the entries of the core. Layers are laid down in order, their neurons in
    order of creation. ``home`` are the cores that entries live on, ascending.
    """
    wanted = np.zeros(state.numbers, np.int64)
    wanted[sorted(layers)] = 1
    address = mapping.core.astype(np.int64) * slots + mapping.slot
    pairs = int(np.diff(state.pair_start)[wanted[state.layer] > 0].sum())
    table = np.full(1 << (2 * pairs + 1).bit_length(), -1, np.int64)
    node, out = np.zeros(pairs, np.int64), np.zeros(pairs * COLUMNS, np.int64)
    filled = np.zeros(int(home.max()) + 1, np.int64)
    inputs = (
        state.pair_start,
        state.layer,
        state.ordinal,
        address,
        state.pair_id,
        state.pair_interval,
        wanted,
        home.astype(np.int64),
    )
    if pairs >= _COMPILED_FROM:
        build = jit.load("chipsim.programs.nsn.build_key_index", entries=("build_key_index",)).build_key_index
        count = build(*inputs, keys, table, filled, node, out)
        return out[: count * COLUMNS].reshape(-1, COLUMNS).copy()
    start, layer, ordinal, places, ids, classes, matched, homes = (a.tolist() for a in inputs)  # loops are faster over lists
    entries = out.tolist()
    count = build_key_index(
        start,
        layer,
        ordinal,
        places,
        ids,
        classes,
        matched,
        homes,
        keys,
        table.tolist(),
        filled.tolist(),
        node.tolist(),
        entries,
    )
    return np.array(entries[: count * COLUMNS], np.int64).reshape(-1, COLUMNS)
