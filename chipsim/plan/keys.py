"""Keyed entries of a stored network: the distributed trie as it would have grown, one home core per entry."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from chipsim.model.keyed import key_hash
from chipsim.network import NsnState
from chipsim.plan.inputs import Mapping

Ints = npt.NDArray[np.int64]


def build_keys(state: NsnState, mapping: Mapping, layers: set[int], cores: int, keys: int, slots: int) -> Ints:
    """Entries int64[entries, 8] (core, layer, parent node, id, class, ordinal, address, open) in order of insertion.

    A node is ``core * keys + index``, the index counting the entries of the core. Layers are laid down in order, their neurons in
    order of creation.
    """
    rows: list[list[int]] = []
    filled = [0] * cores
    node_of: dict[tuple[int, int, int, int], tuple[int, int]] = {}
    start, ids, classes = state.pair_start.tolist(), state.pair_id.tolist(), state.pair_interval.tolist()
    address = (mapping.core.astype(np.int64) * slots + mapping.slot).tolist()
    for n, (layer, ordinal) in enumerate(zip(state.layer.tolist(), state.ordinal.tolist(), strict=True)):
        if layer not in layers:
            continue
        parent, row = -1, -1
        for p in range(start[n], start[n + 1]):
            key = (layer, parent, ids[p], classes[p])
            if row >= 0:
                rows[row][7] = 1
            if key not in node_of:
                core = key_hash(*key) % cores
                node_of[key] = (core * keys + filled[core], len(rows))
                filled[core] += 1
                rows.append([core, layer, parent, ids[p], classes[p], -1, -1, 0])
            parent, row = node_of[key]
        rows[row][5], rows[row][6] = ordinal, address[n]
    return np.array(rows, np.int64).reshape(-1, 8)
