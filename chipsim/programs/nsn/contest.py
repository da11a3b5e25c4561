"""Winner-takes-all as an inhibitory circuit, at the root of a layer: it asks for bit after bit of the key until one core is left (WT6)."""

from __future__ import annotations

from chipsim.machine.actions import A_ROUND
from chipsim.machine.ints import Ints, Row
from chipsim.machine.message import F3, F4, F5, F7, F8, emit
from chipsim.programs.nsn.inhibit import key_bits, level_of_bit
from chipsim.programs.nsn.items import item
from chipsim.programs.nsn.messages import CONTEST
from chipsim.programs.nsn.state import (
    ANSWERS,
    AT,
    BIT,
    COMPLETE,
    HEARD_SCORE,
    HORIZON,
    LAST_LEVEL,
    NO_BIT,
    POSITION,
    PROBE,
    SCALARS,
    Constants,
    Root,
)
from chipsim.programs.nsn.votes import MORE


def voted(K: Constants, r: Root, b: int, layer: int, msg: Row, out: Ints, act: Ints) -> bool:
    """VOTED: all cores have voted; True if none has a candidate for the item. Else the next bit is asked for, or who is left to answer."""
    s = b * SCALARS
    bit, having, lacking = r.scalar[s + BIT], msg[F3], msg[F4]
    if bit == NO_BIT:  # the quorum: who has a candidate
        act[A_ROUND] += 1
        r.scalar[s + HEARD_SCORE] = max(r.scalar[s + HEARD_SCORE], msg[F8])
        r.scalar[s + COMPLETE] = msg[F5]
        r.scalar[s + HORIZON] = msg[F7]
        r.scalar[s + LAST_LEVEL] = 0
        if having == 0:
            return True
        ask_bit(K, r, b, layer, key_bits(K) - 1 if having == MORE else ANSWERS, 0, 0, out)
        return False
    if having and lacking:
        r.scalar[s + LAST_LEVEL] = level_of_bit(K, bit)
    left = having if having else lacking
    ask_bit(K, r, b, layer, ANSWERS if left == 1 else bit - 1, bit, 1 if having else 0, out)
    return False


def ask_bit(K: Constants, r: Root, b: int, layer: int, bit: int, before: int, had: int, out: Ints) -> None:
    """Ask the cores that the item was presented to, through the core of the lower neuron."""
    s = b * SCALARS
    r.scalar[s + BIT] = bit
    position = r.scalar[s + POSITION]
    i = item(r, b, r.scalar[s + AT] + position)
    address = r.item_address[i]
    emit(
        out, CONTEST, address // K.slots, layer, address % K.slots, r.item_id[i], position, r.scalar[s + PROBE], bit, before, had,
    )  # fmt: skip
