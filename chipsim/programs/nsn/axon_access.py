"""Who reads what: for every (layer, lower id) the cores that hold its axon, in reduction-tree order, and the multicast tree to them."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from chipsim.network import NsnState
from chipsim.noc import Mesh
from chipsim.noc.paths import path_entries
from chipsim.noc.plan import NocPlan
from chipsim.plan.inputs import Mapping

Ints = npt.NDArray[np.int64]


def rows_of_ids(state: NsnState, ids: Ints) -> Ints:
    """Row of each neuron id in the (layer, ordinal) order of a state."""
    return state.ids().searchsorted(ids).astype(np.int64)


def find_fan_out(state: NsnState, mapping: Mapping, mesh: Mesh) -> tuple[Ints, Ints, Ints]:
    """The fan-out of each stored neuron that a higher one names.

    Returns:
        fan_out int64[rows, 6] (layer, id, home core, home slot, size, accesses so far: how often neurons that name it won),
        member_start int64[rows + 1], member int64[members].
        Members are ordered by distance from the layer's root, then by number, so near cores answer near the top of the tree.
    """
    k = np.diff(state.pair_start)
    pair_layer = np.repeat(state.layer, k)
    pair_core = np.repeat(mapping.core.astype(np.int64), k)
    upper = pair_layer > 0
    if not upper.any():
        return np.zeros((0, 6), np.int64), np.zeros(1, np.int64), np.zeros(0, np.int64)
    triple = np.unique(np.stack([pair_layer[upper], state.pair_id[upper], pair_core[upper]], axis=1), axis=0)
    layer, neuron, core = triple.T
    root = mapping.roots.astype(np.int64)[layer]
    distance = mesh.distance(core // mesh.concentration, root // mesh.concentration)
    order = np.lexsort((core, distance, neuron, layer))
    layer, neuron, core = layer[order], neuron[order], core[order]
    fresh = np.concatenate([[True], (layer[1:] != layer[:-1]) | (neuron[1:] != neuron[:-1])])
    start = np.concatenate([np.flatnonzero(fresh), [len(core)]]).astype(np.int64)
    rows = rows_of_ids(state, neuron[fresh])
    _, which = np.unique(np.stack([pair_layer[upper], state.pair_id[upper]], axis=1), axis=0, return_inverse=True)
    use = np.zeros(len(rows), np.int64)
    np.add.at(use, which, np.repeat(state.count, k)[upper])
    home, slot = mapping.core[rows].astype(np.int64), mapping.slot[rows].astype(np.int64)
    fan_out = np.stack([layer[fresh], neuron[fresh], home, slot, np.diff(start), use], axis=1)
    return fan_out, start, core.copy()


def tree_routes(fan_out: Ints, member_start: Ints, member: Ints, mesh: Mesh, noc: NocPlan | None = None) -> Ints:
    """Multicast entries int64[entries, 4] (tile, layer, id, mask): the union of the paths from each home to its members."""
    size = np.diff(member_start)
    tree, tile, mask = path_entries(
        np.repeat(np.arange(len(fan_out)), size), np.repeat(fan_out[:, 2], size), member, mesh, noc
    ).T
    return np.stack([tile, fan_out[tree, 0], fan_out[tree, 1], mask], axis=1)
