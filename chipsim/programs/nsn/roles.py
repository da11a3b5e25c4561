"""What roots and the record keeper hold before the first event, and the bits that everything takes."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from chipsim.errors import SimulationError
from chipsim.network import NsnState, memory
from chipsim.network.rules import NsnRules
from chipsim.plan.inputs import Mapping
from chipsim.programs.nsn.axon_access import rows_of_ids
from chipsim.programs.nsn.image import record_rows
from chipsim.programs.nsn.prime import NOTHING
from chipsim.programs.nsn.state import (
    BEFORE,
    CLASS_ALONE,
    DECIDED,
    DEEPEST,
    EPISODES,
    EXPECTED,
    FIRED,
    NEED_ITEM,
    NEEDED,
    ORDINAL,
    PHASE,
    RECEIVED,
    RECORDS,
    RESIDUALS,
    RESTART,
    RING,
    SCALARS,
    START,
    SUBSTITUTIONS,
    TAIL,
    TOLD,
    UNSTORED_COUNT,
    USED,
    Constants,
)

Ints = npt.NDArray[np.int64]


def used_bits(
    K: Constants, w: memory.Widths, state: NsnState, mapping: Mapping, fan_out: Ints, member: Ints, key: Ints
) -> Ints:
    """Bits in use per core: neurons, axons, forwarding lists, keyed entries, and what the roots keep; without episode records."""
    used = np.zeros(K.cores, np.int64)
    k = np.diff(state.pair_start)
    own = K.bits_neuron + k * K.bits_pair
    if not K.keyed:
        own = own + np.where(state.layer > 0, k * K.bits_row, 0)
    np.add.at(used, mapping.core, own)
    np.add.at(used, member, K.bits_axon)
    np.add.at(used, fan_out[:, 2], fan_out[:, 4] * K.bits_member + K.bits_list)
    np.add.at(used, key[:, 0], K.bits_key)
    roots, keeper = np.array(K.root_core), K.layers + 1
    np.add.at(used, np.delete(roots[: K.numbers], keeper), RING * memory.item_bits(w, K.gaps >= 0))
    used[roots[keeper]] += K.sleeps * K.bits_sleeper  # kept free from the start: growth would leave none
    np.add.at(used, roots[1:keeper], K.networks * K.delay * K.bits_expected)
    np.add.at(used, roots[K.numbers :], K.bits_heard)
    for layer in range(K.layers + 1):
        used[roots[layer]] += _kept_bits(state, K, layer)
    return used


def _kept_bits(state: NsnState, K: Constants, layer: int) -> int:
    """Bits that a root keeps for replay: residuals, substitutions, and the length of each episode's list of either."""
    bits = (len(state.residuals) + len(state.residual_ends)) * K.bits_residual if layer == K.gaps else 0
    if K.sums[layer] and K.differs:
        mine = state.substitutions[state.substitutions[:, 0] == layer]
        ids = int((mine[:, 4] != CLASS_ALONE).sum())
        bits += len(mine) * K.bits_substitution + ids * K.bits_id + int(state.ended[layer]) * K.bits_residual
    return bits


def load_roles(state: NsnState, mapping: Mapping, rules: NsnRules, K: Constants) -> tuple[Ints, Ints, Ints, Ints, Ints]:
    """``role``, ``item``, ``residual``, ``residual_end`` and ``record`` of ``NsnPlan``. Raises SimulationError."""
    layers = rules.layers
    role = np.zeros((K.numbers + K.listeners, SCALARS), np.int64)
    given = state.ordinals_given()
    items: list[list[int]] = []
    for layer in (*range(layers + 1), *range(layers + 2, K.numbers)):
        opened = state.open_items[layer]
        size = len(opened.id)
        if size >= RING:
            raise SimulationError(f"layer {layer} has {size} undecided items, more than a root buffers ({RING - 1})")
        role[layer, [START, RECEIVED]] = opened.number, opened.number + size
        role[layer, PHASE] = NEED_ITEM if size == 0 else RESTART
        role[layer, [ORDINAL, DECIDED]] = given[layer], state.decided[layer]
        role[layer, [EPISODES, BEFORE]] = state.ended[layer], opened.before
        role[layer, [UNSTORED_COUNT, DEEPEST, NEEDED]] = state.unstored[layer], size, -1
        role[layer, USED] = _kept_bits(state, K, layer)
        role[layer, [FIRED, SUBSTITUTIONS]] = opened.fired, (state.substitutions[:, 0] == layer).sum()
        role[layer, [TOLD, EXPECTED]] = opened.number + size, NOTHING
        known = opened.id >= 0
        address = np.full(size, -1, np.int64)
        if layer > 0:
            rows = rows_of_ids(state, opened.id[known])
            address[known] = mapping.core[rows].astype(np.int64) * K.slots + mapping.slot[rows]
        columns = (np.full(size, layer), opened.id, address, opened.time, opened.flags, opened.needed, opened.start)
        items += np.stack(columns, axis=1).tolist()
    if K.gaps >= 0:
        role[K.gaps, RESIDUALS] = len(state.residuals)
    record = record_rows(state.records)
    role[layers + 1, [RECORDS, TAIL]] = len(record), K.root_core[-1]
    role[layers + 1, [EPISODES, BEFORE]] = sum(r.complete for r in state.records), state.before
    role[layers + 1, RECEIVED] = int(state.decided[layers])
    return (
        role,
        np.array(items, np.int64).reshape(-1, 7),
        state.residuals,
        state.residual_ends,
        record,
    )
