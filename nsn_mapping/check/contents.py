"""Independent check of what a mapping puts where. It shares no code with what makes mappings.

Bit formulas are restated here from the description of a core's memory, on purpose: an error in the makers' formulas must
not hide itself.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from chipsim.errors import MappingError
from chipsim.network import NsnState
from chipsim.noc import Mesh
from chipsim.plan.inputs import Mapping
from nsn_mapping.limits import CoreLimits, Match

Ints = npt.NDArray[np.int64]


def check_contents(
    state: NsnState,
    mapping: Mapping,
    mesh: Mesh,
    limits: CoreLimits,
    core_bits: int,
    slot_bits: int,
    entry_bits: int,
    match: Match,
    interval_bits: int = 12,
    homes: int | None = None,
) -> None:
    """Check that each neuron has one place and that no core holds more than it can.

    Args:
        state: the network that is mapped.
        mapping: what is checked.
        mesh: the chip.
        limits: what one core can hold, all of it (no share kept for growth).
        core_bits: bits of a core number.
        slot_bits: bits of a slot number within a core.
        entry_bits: bits of a pointer to a row or entry within a core.
        match: ``associative`` or ``keyed``; in keyed matching every core keeps its even share of the index, and no axons.
        interval_bits: bits of an interval class.
        homes: cores that the index is spread over; None for all.

    Raises:
        MappingError: naming core, resource, used and allowed.
    """
    _check_shapes(state, mapping, mesh)
    _check_places(state, mapping, mesh, limits)
    identity = (state.layer << 40) + state.ordinal
    known = np.sort(identity)
    if (known[1:] == known[:-1]).any():
        twice = int(known[1:][known[1:] == known[:-1]][0])
        raise MappingError(f"mapping: neuron {twice & (2**40 - 1)} of layer {twice >> 40} is listed twice in the network")
    core = mapping.core.astype(np.int64)
    pairs = np.diff(state.pair_start)
    # numbers of layers go beyond 15 where there are recursive networks
    layer_bits = 4 if state.numbers <= 16 else 6 if state.numbers <= 64 else 7
    id_bits = layer_bits + core_bits + slot_bits
    # id, k (4 bits), pairs of id and interval, count (24 bits), first and last time (32 bits each)
    own = id_bits + 4 + pairs * (id_bits + interval_bits) + 24 + 32 + 32
    if match == "associative":
        own = own + 32 + 4  # open match state: probe, pairs matched
        # holder rows: slot, position, interval, next
        own = own + np.where(state.layer > 0, pairs * (slot_bits + 3 + interval_bits + entry_bits), 0)
    bits = _total(core, own, mesh.cores)
    axons = np.zeros(mesh.cores, np.int64)
    if match == "associative":
        where, lower = _axons(state, core)
        axons = np.bincount(where, minlength=mesh.cores)
        bits += axons * (layer_bits + id_bits + entry_bits + core_bits + 8)  # layer, id, first row, parent, children
        by_identity = np.argsort(identity)
        place = np.minimum(np.searchsorted(known, lower), max(0, len(known) - 1))
        stored = known[place] == lower if len(known) else np.zeros(0, bool)
        # forwarding at the lower neuron: layer, slot, next, member core
        bits += np.bincount(core[by_identity[place[stored]]], minlength=mesh.cores) * (
            layer_bits + slot_bits + entry_bits + core_bits
        )
    else:
        # layer, partial match, id, interval, complete neuron with its address, open flag
        entry = layer_bits + (core_bits + entry_bits) + id_bits + interval_bits + id_bits + (core_bits + slot_bits) + 1
        bits += -(-_beginnings(state) // (homes or mesh.cores)) * entry
    _within("neurons", np.bincount(core, minlength=mesh.cores), limits.neurons)
    if limits.axons is not None:
        _within("axons", axons, limits.axons)
    _within("memory bits", bits, limits.memory_bits)


def _total(core: Ints, values: Ints, cores: int) -> Ints:
    total = np.zeros(cores, np.int64)
    np.add.at(total, core, values)
    return total


def _axons(state: NsnState, core: Ints) -> tuple[Ints, Ints]:
    """Core and lower id of every axon: each (core, layer, lower id) that occurs above layer 0, once."""
    pairs = np.diff(state.pair_start)
    read = np.repeat(state.layer > 0, pairs)
    where, layer = np.repeat(core, pairs)[read], np.repeat(state.layer, pairs)[read]
    lower = state.pair_id[read]
    order = np.lexsort((lower, layer, where))
    where, layer, lower = where[order], layer[order], lower[order]
    once = np.ones(len(where), bool)
    once[1:] = (np.diff(where) != 0) | (np.diff(layer) != 0) | (np.diff(lower) != 0)
    return where[once], lower[once]


def _beginnings(state: NsnState) -> int:
    """Different beginnings, of one pair or more, of the vectors of each layer above layer 0: the entries of the keyed index."""
    pairs = np.diff(state.pair_start)
    rows = np.flatnonzero(state.layer > 0)
    most = int(pairs[rows].max(initial=0))
    columns = [state.layer[rows]]
    for at in range(most):
        there = pairs[rows] > at
        for values in (state.pair_id, state.pair_interval):
            column = np.full(len(rows), -1, np.int64)
            column[there] = values[state.pair_start[rows[there]] + at]
            columns.append(column)
    order = np.lexsort(columns[::-1])  # as in a dictionary: equal beginnings stand together
    begun = np.ones(len(order), bool)
    begun[1:] = np.diff(columns[0][order]) != 0
    found = 0
    for at in range(most):
        for column in columns[2 * at + 1 : 2 * at + 3]:
            begun[1:] |= np.diff(column[order]) != 0
        found += int((begun & (pairs[rows][order] > at)).sum())
    return found


def _within(resource: str, used: Ints, allowed: int) -> None:
    over = np.flatnonzero(used > allowed)
    if len(over):
        core = int(over[0])
        raise MappingError(
            f"mapping: core {core} holds {used[core]} {resource}, allowed are {allowed}; "
            "map with another partitioner or a smaller mapping.fill, or use a chip with more room per core"
        )


def _check_shapes(state: NsnState, mapping: Mapping, mesh: Mesh) -> None:
    roles = max(state.layers + 2 + state.layers * state.networks, len(mapping.roots))  # and one for each listener
    for name, array, length in (
        ("core", mapping.core, len(state)),
        ("slot", mapping.slot, len(state)),
        ("roots", mapping.roots, roles),
        ("fill_order", mapping.fill_order, mesh.cores),
    ):
        if array.ndim != 1 or len(array) != length:
            raise MappingError(
                f"mapping: {name} has shape {array.shape}, it must be ({length},): the network has {len(state)} neurons on "
                f"layers 0..{state.layers}, the chip {mesh.cores} cores; this mapping was made for others, map again"
            )
        if array.dtype.kind not in "iu":
            raise MappingError(f"mapping: {name} holds {array.dtype}, it must hold whole numbers; map again")


def _check_places(state: NsnState, mapping: Mapping, mesh: Mesh, limits: CoreLimits) -> None:
    for array, name, allowed in ((mapping.core, "core", mesh.cores), (mapping.slot, "slot", limits.neurons)):
        odd = np.flatnonzero((array < 0) | (array >= allowed))
        if len(odd):
            row = int(odd[0])
            what = f"on core {array[row]}" if name == "core" else f"in slot {array[row]} of core {mapping.core[row]}"
            raise MappingError(f"mapping: neuron {row} is {what}, allowed are 0..{allowed - 1}; map again")
    place = mapping.core.astype(np.int64) * limits.neurons + mapping.slot
    order = np.argsort(place, kind="stable")
    same = np.flatnonzero(np.diff(place[order]) == 0)
    if len(same):
        one, other = int(order[same[0]]), int(order[same[0] + 1])
        raise MappingError(
            f"mapping: neurons {one} and {other} share slot {mapping.slot[one]} of core {mapping.core[one]}; map again"
        )
    for role, core in enumerate(mapping.roots.tolist()):
        if not 0 <= core < mesh.cores:
            keeper = state.layers + 1
            name = "the record keeper" if role == keeper else f"the root of layer {role}" if role < keeper else f"role {role}"
            raise MappingError(f"mapping: {name} is on core {core}, allowed are 0..{mesh.cores - 1}; map again")
    fill = mapping.fill_order
    named = np.zeros(mesh.cores, bool)
    named[fill[(fill >= 0) & (fill < mesh.cores)]] = True
    if not named.all():  # as many entries as cores: none is missing only if none is doubled or out of range
        raise MappingError(
            f"mapping: fill_order names {int(named.sum())} of the {mesh.cores} cores, it must name each of them once "
            f"(core {int(named.argmin())} is missing); map again"
        )
