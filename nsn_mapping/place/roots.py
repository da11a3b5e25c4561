"""Where the roles live: the root of each layer, and the record keeper."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from chipsim.network import NsnState
from chipsim.network.memory import Widths, first_record_bits, item_bits, record_bits, residual_bits
from chipsim.noc import Mesh
from nsn_mapping.place.placement import weighted_hops

_ROOM = 4
"""Beyond what a role keeps already it wants one part in so many of its core's memory free, for what it will keep."""


def place_roots(
    state: NsnState,
    core: npt.NDArray[np.int32],
    free_bits: npt.NDArray[np.int64],
    memory_bits: int,
    fill_order: npt.NDArray[np.int32],
    mesh: Mesh,
    usable: npt.NDArray[np.int32],
    widths: Widths,
) -> npt.NDArray[np.int32]:
    """Put every role near the neurons that it talks to.

    Each root goes to the core from which the activation-weighted path to its layer's neurons is shortest, among cores with room;
    the record keeper as near as possible to the last layer that has neurons. Room is what the role keeps already (open items,
    residuals, episode records) and a quarter of a core. Roles take different cores while there are any, the busiest layer
    choosing first. Where no free core has that room, the one with the most is taken.

    Args:
        state: the network.
        core: int32[neurons], core of each neuron.
        free_bits: int64[cores], memory left in each core.
        memory_bits: memory of a core.
        fill_order: int32[cores], for layers without neurons (an empty network) and to decide ties.
        mesh: the chip.
        usable: int32[sites], cores that work; at least one.
        widths: bit widths on the chip.

    Returns:
        int32[roles], cores of the roots of layers 0..L, then of the record keeper, of the roots of recursive networks.
    """
    rank = np.empty(mesh.cores, dtype=np.int64)
    rank[fill_order] = np.arange(mesh.cores)
    spots, weight = _weights(state, core, fill_order)
    keeper = state.layers + 1
    last = int(state.layer[state.layer < keeper].max(initial=0))
    wishes = [(layer, weight[layer]) for layer in range(len(weight)) if layer != keeper]
    wishes.sort(key=lambda wish: (wish[0] > keeper, -int(wish[1].sum()), wish[0]))
    wishes.insert(keeper, (keeper, weight[last]))
    roles = max(keeper + 1, state.numbers)
    kept = _kept_bits(state, widths)
    roots = np.zeros(roles, dtype=np.int32)
    dead = np.ones(mesh.cores, dtype=bool)
    dead[usable] = False
    taken = dead.copy()
    for role, pull in wishes:
        if taken.all():
            taken = dead.copy()
        roomy = ~taken & (free_bits >= kept[role] + memory_bits // _ROOM)
        if roomy.any():
            chosen = _least(roomy, weighted_hops(mesh, spots, pull), rank)
        else:
            chosen = _least(~taken, -free_bits, rank)
        roots[role] = chosen
        taken[chosen] = True
    return roots


def _least(allowed: npt.NDArray[np.bool_], cost: npt.NDArray[np.int64], rank: npt.NDArray[np.int64]) -> int:
    """The allowed core of least cost, of these the one of lowest rank; bool, int64 and int64[cores], at least one allowed."""
    best = np.flatnonzero(allowed & (cost == cost[allowed].min()))
    return int(best[rank[best].argmin()])


def _kept_bits(state: NsnState, widths: Widths) -> list[int]:
    """Bits that each role keeps already: per layer open items and residuals, at the keeper's number the episode records."""
    timed = bool(len(state.residuals))
    kept = [
        len(items.id) * item_bits(widths, timed) + int(ended) * residual_bits(widths)
        for items, ended in zip(state.open_items, state.ended, strict=True)
    ]
    if timed:  # the root of the lowest layer that has intervals keeps what their classes leave out
        having = state.layer[np.repeat(np.arange(len(state)), np.diff(state.pair_start))[state.pair_interval > 0]]
        kept[int(having.min(initial=state.layers))] += len(state.residuals) * residual_bits(widths)
    entries, first = sum(len(record.top) for record in state.records), first_record_bits(widths) - record_bits(widths)
    keeper = state.layers + 1
    return [*kept[:keeper], entries * record_bits(widths) + len(state.records) * first, *kept[keeper + 1 :]]


def _weights(
    state: NsnState, core: npt.NDArray[np.int32], fill_order: npt.NDArray[np.int32]
) -> tuple[npt.NDArray[np.int64], list[npt.NDArray[np.int64]]]:
    """Cores that matter, and per layer int64[these]: activations of the layer's neurons; a layer without any takes those below."""
    spots = np.unique(np.append(core, fill_order[0])).astype(np.int64)
    place = np.searchsorted(spots, core)
    weight: list[npt.NDArray[np.int64]] = []
    for layer in range(state.numbers):
        rows = np.flatnonzero(state.layer == layer)
        one = np.zeros(len(spots), dtype=np.int64)
        if len(rows):
            np.add.at(one, place[rows], np.maximum(1, state.count[rows]))
        elif weight:
            # As near as the layer below, but after it in the choice of cores.
            below = layer - 1 if layer <= state.layers + 1 else 1 + (layer - state.layers - 2) // state.networks
            one = np.minimum(weight[below], 1)
        else:
            one[np.searchsorted(spots, fill_order[0])] = 1
        weight.append(one)
    return spots, weight
