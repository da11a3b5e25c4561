"""Deciding a segment: a winner or a new neuron fires, a left-over passes up as itself, a novelty without room leaves a hole.

Every decision is recorded, and the root then waits until the layer above has taken the item.
"""

from __future__ import annotations

from chipsim.ids import UNSTORED, neuron_id
from chipsim.machine.actions import A_READ, A_WRITE
from chipsim.machine.ints import Ints
from chipsim.machine.message import TRACE, emit
from chipsim.network.rules import COVER as COVER_RULE
from chipsim.network.rules import NO_TIME
from chipsim.network.stimulus import END_EPISODE
from chipsim.programs.nsn.hear import pass_up, takers
from chipsim.programs.nsn.interval import class_floor, interval_class
from chipsim.programs.nsn.items import between, class_at, item
from chipsim.programs.nsn.messages import ALERT, E_FULL, E_ROOM, FIRE, T_ERROR, T_PAIR, T_UNSTORED, T_WINNER
from chipsim.programs.nsn.state import (
    ADDRESS,
    AWAITED,
    BEFORE,
    BEGAN,
    COVER,
    DECIDED,
    END_INPUT,
    EPISODES,
    FIRED,
    FIRING,
    LOST,
    MAKING,
    NEEDED,
    PHASE,
    RESERVED,
    RESIDUALS,
    ROOM,
    SCALARS,
    START,
    UNSTORED_COUNT,
    USED,
    WIN_ADDRESS,
    WIN_COVER,
    WIN_ORDINAL,
    Constants,
    Root,
)
from chipsim.programs.nsn.substitute import bits_of_substitutions, count_choice, substitute

ALERT_NEW, ALERT_ALL = 1, 2


def win(K: Constants, r: Root, b: int, layer: int, out: Ints, act: Ints) -> None:
    """A stored neuron covers the segment."""
    s = b * SCALARS
    r.scalar[s + COVER] = r.scalar[s + WIN_COVER]
    r.scalar[s + ADDRESS] = r.scalar[s + WIN_ADDRESS]
    if not reserve_residuals(K, r, b, layer, bits_of_substitutions(K, r, b, layer)):
        unstored(K, r, b, layer, out, act)
        return
    if K.reading[layer] >= COVER_RULE:
        count_choice(r, b)
    substitute(K, r, b, layer, act)
    fire(K, r, b, layer, r.scalar[s + WIN_ORDINAL], 0, out, act)


def fire(K: Constants, r: Root, b: int, layer: int, ordinal: int, new: int, out: Ints, act: Ints) -> None:
    """Tell the neuron's core; its spike goes up, and the next layer acknowledges it to this root."""
    s = b * SCALARS
    address = r.scalar[s + ADDRESS]
    last = item(r, b, r.scalar[s + COVER] - 1)
    flags = r.item_flags[last] if layer == 0 else r.item_flags[last] & (END_EPISODE | END_INPUT)
    keep_residuals(K, r, b, layer, act)
    r.scalar[s + FIRED] += 1
    decided(K, r, b, layer, neuron_id(layer, ordinal), new, out)
    emit(
        out, FIRE, address // K.slots, layer, address % K.slots, r.item_time[last], flags,
        r.scalar[s + DECIDED], r.scalar[s + NEEDED], r.item_start[item(r, b, 0)],
    )  # fmt: skip


def leftover(K: Constants, r: Root, b: int, layer: int, out: Ints, act: Ints) -> None:
    """A single item that nothing covers passes up as itself."""
    s = b * SCALARS
    r.scalar[s + COVER] = 1
    i = item(r, b, 0)
    if r.item_id[i] != UNSTORED:
        if not reserve_residuals(K, r, b, layer, 0):
            unstored(K, r, b, layer, out, act)
            return
        keep_residuals(K, r, b, layer, act)
    act[A_READ] += 1
    decided(K, r, b, layer, r.item_id[i], 0, out)
    send_up(K, r, b, layer, r.item_id[i], r.item_address[i], out)


def unstored(K: Constants, r: Root, b: int, layer: int, out: Ints, act: Ints) -> None:
    """No room: nothing is overwritten, the novelty is flagged, and a hole passes up (``on_full``)."""
    s = b * SCALARS
    if r.scalar[s + MAKING]:
        emit(out, T_ERROR, TRACE, layer, E_ROOM, K.root_core[layer])
        return
    r.scalar[s + USED] -= r.scalar[s + RESERVED]
    r.scalar[s + ROOM] += r.scalar[s + RESERVED]
    r.scalar[s + RESERVED] = 0
    if K.stop_when_full:
        emit(out, T_ERROR, TRACE, layer, E_FULL, r.scalar[s + START])
    r.scalar[s + UNSTORED_COUNT] += 1
    act[A_WRITE] += 1
    emit(out, T_UNSTORED, TRACE, layer, r.scalar[s + START], r.scalar[s + COVER])
    decided(K, r, b, layer, UNSTORED, 1, out)
    send_up(K, r, b, layer, UNSTORED, -1, out)


def send_up(K: Constants, r: Root, b: int, layer: int, neuron: int, address: int, out: Ints) -> None:
    """An item for the layer above that no neuron of this layer fires."""
    s = b * SCALARS
    last = item(r, b, r.scalar[s + COVER] - 1)
    flags = r.item_flags[last] if layer == 0 else r.item_flags[last] & (END_EPISODE | END_INPUT)
    start = r.item_start[item(r, b, 0)]
    pass_up(K, layer, neuron, address, r.item_time[last], flags, r.scalar[s + DECIDED], r.scalar[s + NEEDED], start, out)


def decided(K: Constants, r: Root, b: int, layer: int, fired: int, new: int, out: Ints) -> None:
    """Record the decision, alert the host if asked to, and wait for the layer above."""
    s = b * SCALARS
    start, cover = r.scalar[s + START], r.scalar[s + COVER]
    emit(out, T_WINNER, TRACE, layer, start, fired, cover, new, r.scalar[s + NEEDED])
    for p in range(cover):
        emit(out, T_PAIR, TRACE, layer, start, p, r.item_id[item(r, b, p)], class_at(K, r, b, layer, p, p))
    last = item(r, b, cover - 1)
    if layer == K.gaps:
        r.scalar[s + BEFORE] = NO_TIME if r.item_flags[last] & END_EPISODE else r.item_time[last]
    if r.item_flags[last] & END_EPISODE and layer <= K.layers:
        end_of_episode(K, r, b, layer)
    if layer == 1 and (K.alerts == ALERT_ALL or (K.alerts == ALERT_NEW and new)):
        emit(out, ALERT, K.host, layer, fired, r.item_time[last], start, start + cover - 1, new)
    r.scalar[s + PHASE] = FIRING
    r.scalar[s + AWAITED] = takers(K, layer)


def end_of_episode(K: Constants, r: Root, b: int, layer: int) -> None:
    """Note how many residuals the layer has kept up to here; where it keeps none by rule, that takes no memory. So for substitutions."""
    s = b * SCALARS
    if not K.linked:
        r.scalar[s + BEGAN] = r.scalar[s + DECIDED] + 1
    r.scalar[s + FIRED] = 0
    bits = lists(K, layer) * K.bits_residual
    if bits > 0:
        if bits > r.scalar[s + ROOM]:
            r.scalar[s + LOST] = 1
        if r.scalar[s + LOST]:
            return
        r.scalar[s + USED] += bits
        r.scalar[s + ROOM] -= bits
    if layer == K.gaps:
        r.residual_end[b * K.residuals + r.scalar[s + EPISODES]] = r.scalar[s + RESIDUALS]
    r.scalar[s + EPISODES] += 1


def lists(K: Constants, layer: int) -> int:
    """Lists that an episode has at the layer's root, each of which ends with its length: residuals, and substitutions."""
    return (1 if layer == K.gaps else 0) + (K.sums[layer] & K.differs)


def gaps_of(r: Root, b: int) -> int:
    """Gaps up to the last item of the segment, from the end of the one before: the first item of an episode has none before it."""
    s = b * SCALARS
    return r.scalar[s + COVER] - (1 if r.scalar[s + BEFORE] == NO_TIME else 0)


def reserve_residuals(K: Constants, r: Root, b: int, layer: int, substitutions: int) -> bool:
    """Take room for what the classes of the segment's gaps leave out, and for bits of substitutions; without it the occurrence could not be
    replayed.
    """
    s = b * SCALARS
    bits = substitutions + (gaps_of(r, b) * K.bits_residual if layer == K.gaps else 0)
    if bits == 0 and layer != K.gaps:
        return True
    # and one word for the length of each list of the episode; after a length that was lost nothing that needs it is kept any more
    if bits + lists(K, layer) * K.bits_residual > r.scalar[s + ROOM] or r.scalar[s + LOST]:
        return False
    r.scalar[s + USED] += bits
    r.scalar[s + ROOM] -= bits
    r.scalar[s + RESERVED] = bits
    return True


def keep_residuals(K: Constants, r: Root, b: int, layer: int, act: Ints) -> None:
    """Store what the classes of the gaps leave out, whichever layer comes to join what they part, so that replay is exact (NSN §3)."""
    s = b * SCALARS
    r.scalar[s + RESERVED] = 0
    if layer != K.gaps:
        return
    cover = r.scalar[s + COVER]
    for p in range(cover - gaps_of(r, b), cover):
        gap = r.item_start[item(r, b, 0)] - r.scalar[s + BEFORE] if p == 0 else between(K, r, b, p)
        cls = interval_class(gap, K.interval, K.unit)
        r.residual[b * K.residuals + r.scalar[s + RESIDUALS]] = gap - class_floor(cls, K.interval, K.unit)
        r.scalar[s + RESIDUALS] += 1
        act[A_WRITE] += 1
