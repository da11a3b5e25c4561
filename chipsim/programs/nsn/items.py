"""The items that a root has buffered: where they are, whether they have come, and whether a segment may go on over them."""

from __future__ import annotations

from chipsim.ids import UNSTORED
from chipsim.machine.actions import A_READ
from chipsim.machine.ints import Ints
from chipsim.machine.message import TRACE, emit
from chipsim.network.stimulus import END_EPISODE
from chipsim.programs.nsn.interval import interval_class
from chipsim.programs.nsn.messages import PRIME, T_PRIME, T_WAIT
from chipsim.programs.nsn.state import EXPECTED, NEEDED, PHASE, RECEIVED, RING, SCALARS, START, TOLD, Constants, Root

WAITS, NO, YES = -1, 0, 1
"""Answers of ``boundary``: not known before the next item, no, yes."""


def taken_by(K: Constants, layer: int) -> int:
    """Who sends items to a layer: the root below, or the host."""
    return K.root_core[K.below[layer]] if layer > 0 else K.host


def have(K: Constants, r: Root, b: int, layer: int, index: int, phase: int, out: Ints, act: Ints) -> bool:
    """True if item START + index is there; otherwise wait for it in a phase.

    A recursive network that asks for an item for the first time says what it expects behind the one before.
    """
    s = b * SCALARS
    number = r.scalar[s + START] + index
    if layer > K.layers and number > r.scalar[s + TOLD]:
        tell(K, r, b, layer, number, out)
    if number < r.scalar[s + RECEIVED]:
        needed = r.item_needed[b * RING + number % RING]
        r.scalar[s + NEEDED] = max(r.scalar[s + NEEDED], needed)
        act[A_READ] += 1
        return True
    r.scalar[s + PHASE] = phase
    emit(out, T_WAIT, TRACE, layer, number, -1)
    return False


def tell(K: Constants, r: Root, b: int, layer: int, number: int, out: Ints) -> None:
    """PRIME: what a recursive network expects, matched up to the item before the one that it asks for."""
    s = b * SCALARS
    below, expected = K.below[layer], r.scalar[s + EXPECTED]
    r.scalar[s + TOLD] = number
    emit(out, T_PRIME, TRACE, layer, number - 1, expected)
    emit(out, PRIME, K.root_core[below], below, (layer - K.layers - 2) % K.networks, number - 1, expected)


def item(r: Root, b: int, index: int) -> int:
    """Where item START + index is in the ring."""
    return b * RING + (r.scalar[b * SCALARS + START] + index) % RING


def boundary(K: Constants, r: Root, b: int, layer: int, index: int, phase: int, out: Ints, act: Ints) -> int:
    """May a segment go on from item START + index - 1 to START + index? NO, YES (a boundary), or WAITS."""
    if r.item_flags[item(r, b, index - 1)] & END_EPISODE and not (K.linked and layer > K.layers):
        return YES
    if not have(K, r, b, layer, index, phase, out, act):
        return WAITS
    if r.item_id[item(r, b, index)] == UNSTORED or (K.max_gap > 0 and between(K, r, b, index) > K.max_gap):
        return YES
    return NO


def between(K: Constants, r: Root, b: int, index: int) -> int:
    """The interval between items START + index - 1 and START + index: exact ones from end to end, the others from end to start."""
    here, before = item(r, b, index), item(r, b, index - 1)
    to = r.item_time[here] if K.gaps < 0 else r.item_start[here]
    return to - r.item_time[before]


def class_at(K: Constants, r: Root, b: int, layer: int, index: int, position: int) -> int:
    """Interval class of item START + index, presented at a position of a vector."""
    if position == 0:
        return 0
    return interval_class(between(K, r, b, index), K.interval, K.unit_of[layer])
