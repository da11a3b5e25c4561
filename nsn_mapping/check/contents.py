"""Independent check of what a mapping puts where. It shares no code with what makes mappings.

Bit formulas are restated here from the description of a core's memory, on purpose: an error in the makers' formulas must
not hide itself.
"""

from __future__ import annotations

from chipsim.errors import MappingError
from chipsim.network import NsnState
from chipsim.plan.inputs import Mapping
from chipsim.topology import Mesh
from nsn_mapping.limits import CoreLimits, Match


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

    Raises:
        MappingError: naming core, resource, used and allowed.
    """
    _check_shapes(state, mapping, mesh)
    _check_places(mapping, mesh, limits)
    home: dict[int, int] = {}
    for row in range(len(state)):
        identity = (int(state.layer[row]) << 40) + int(state.ordinal[row])
        if identity in home:
            raise MappingError(
                f"mapping: neuron {state.ordinal[row]} of layer {state.layer[row]} is listed twice in the network"
            )
        home[identity] = int(mapping.core[row])
    neurons = [0] * mesh.cores
    bits = [0] * mesh.cores
    axons: list[set[tuple[int, int]]] = [set() for _ in range(mesh.cores)]
    id_bits = 4 + core_bits + slot_bits
    prefixes: set[tuple[int, ...]] = set()
    for row in range(len(state)):
        core, layer = int(mapping.core[row]), int(state.layer[row])
        first, end = int(state.pair_start[row]), int(state.pair_start[row + 1])
        pairs = end - first
        neurons[core] += 1
        # id, k (4 bits), pairs of id and interval, count (24 bits), first and last time (32 bits each)
        bits[core] += id_bits + 4 + pairs * (id_bits + interval_bits) + 24 + 32 + 32
        if match == "associative":
            bits[core] += 32 + 4  # open match state: probe, pairs matched
            if layer:
                bits[core] += pairs * (
                    slot_bits + 3 + interval_bits + entry_bits
                )  # holder rows: slot, position, interval, next
                axons[core].update((layer, int(lower)) for lower in state.pair_id[first:end])
        elif layer:
            beginning: tuple[int, ...] = (layer,)
            for pair in range(first, end):
                beginning += (int(state.pair_id[pair]), int(state.pair_interval[pair]))
                prefixes.add(beginning)
    for core in range(mesh.cores):
        bits[core] += len(axons[core]) * (4 + id_bits + entry_bits + core_bits + 8)  # layer, id, first row, parent, children
        for _, lower in axons[core]:
            if lower in home:
                bits[home[lower]] += 4 + slot_bits + entry_bits + core_bits  # forwarding: layer, slot, next, member core
    if match == "keyed":
        # layer, partial match, id, interval, complete neuron with its address, open flag
        entry = 4 + (core_bits + entry_bits) + id_bits + interval_bits + id_bits + (core_bits + slot_bits) + 1
        bits = [used + -(-len(prefixes) // mesh.cores) * entry for used in bits]
    for core in range(mesh.cores):
        _within(core, "neurons", neurons[core], limits.neurons)
        if limits.axons is not None:
            _within(core, "axons", len(axons[core]), limits.axons)
        _within(core, "memory bits", bits[core], limits.memory_bits)


def _within(core: int, resource: str, used: int, allowed: int) -> None:
    if used > allowed:
        raise MappingError(
            f"mapping: core {core} holds {used} {resource}, allowed are {allowed}; "
            "map with another partitioner or a smaller mapping.fill, or use a chip with more room per core"
        )


def _check_shapes(state: NsnState, mapping: Mapping, mesh: Mesh) -> None:
    for name, array, length in (
        ("core", mapping.core, len(state)),
        ("slot", mapping.slot, len(state)),
        ("roots", mapping.roots, state.layers + 2),
        ("fill_order", mapping.fill_order, mesh.cores),
    ):
        if array.ndim != 1 or len(array) != length:
            raise MappingError(
                f"mapping: {name} has shape {array.shape}, it must be ({length},): the network has {len(state)} neurons on "
                f"layers 0..{state.layers}, the chip {mesh.cores} cores; this mapping was made for others, map again"
            )
        if array.dtype.kind not in "iu":
            raise MappingError(f"mapping: {name} holds {array.dtype}, it must hold whole numbers; map again")


def _check_places(mapping: Mapping, mesh: Mesh, limits: CoreLimits) -> None:
    seen: dict[tuple[int, int], int] = {}
    for row, (core, slot) in enumerate(zip(mapping.core.tolist(), mapping.slot.tolist(), strict=True)):
        if not 0 <= core < mesh.cores:
            raise MappingError(f"mapping: neuron {row} is on core {core}, allowed are 0..{mesh.cores - 1}; map again")
        if not 0 <= slot < limits.neurons:
            raise MappingError(
                f"mapping: neuron {row} is in slot {slot} of core {core}, allowed are 0..{limits.neurons - 1}; map again"
            )
        if (core, slot) in seen:
            raise MappingError(f"mapping: neurons {seen[core, slot]} and {row} share slot {slot} of core {core}; map again")
        seen[core, slot] = row
    for role, core in enumerate(mapping.roots.tolist()):
        if not 0 <= core < mesh.cores:
            name = "the record keeper" if role == len(mapping.roots) - 1 else f"the root of layer {role}"
            raise MappingError(f"mapping: {name} is on core {core}, allowed are 0..{mesh.cores - 1}; map again")
    order = mapping.fill_order.tolist()
    if sorted(order) != list(range(mesh.cores)):
        odd = sorted(set(range(mesh.cores)) - set(order)) or order
        raise MappingError(
            f"mapping: fill_order names {len(set(order))} different cores, it must name each of the {mesh.cores} cores once "
            f"(core {odd[0]} is missing or out of range); map again"
        )
