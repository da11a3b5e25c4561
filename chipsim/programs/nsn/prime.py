"""Priming: what recursive networks expect of an output of their layer, at the layer's root and in the comparison of candidates (NSN §12).

Before its output number m the root waits until each network has told what it expects behind output m - delay. The ids hold for the decision
of m alone, and not over the end of an episode unless networks read on over it. They travel with what the root presents, as the ordinals of
neurons of its own layer, for nobody else can win there; cores keep none of it.
"""

from __future__ import annotations

from chipsim.ids import LAYER_SHIFT, ORDINAL_MASK
from chipsim.machine.actions import A_READ, A_WRITE
from chipsim.machine.ints import Ints, Row
from chipsim.machine.message import F0, F1, F2
from chipsim.programs.nsn.state import BEGAN, DECIDED, PRIMED_A, PRIMED_B, PRIMED_C, SCALARS, Constants, Root

NOTHING = -1
"""Expected where nothing is."""

HALF = 31
"""Bits of an ordinal + 1: two in a word."""


def take_prime(K: Constants, r: Root, b: int, msg: Row, act: Ints) -> None:
    """PRIME: kept until the output that it is for."""
    number = msg[F1]
    at = b * K.networks * K.delay + msg[F0] * K.delay + number % K.delay
    r.expected[at] = msg[F2]
    r.expected_at[at] = number
    act[A_WRITE] += 1


def primed(K: Constants, r: Root, b: int, layer: int, act: Ints) -> bool:
    """Take up what the networks expect of the next output; False if one has not told yet."""
    s = b * SCALARS
    for word in range(PRIMED_A, PRIMED_C + 1):
        r.scalar[s + word] = 0
    number = r.scalar[s + DECIDED] - K.delay
    if number < 0:
        return True
    base = b * K.networks * K.delay + number % K.delay
    for n in range(K.networks):
        if r.expected_at[base + n * K.delay] != number:
            return False
    for n in range(K.networks):
        expected = r.expected[base + n * K.delay]
        act[A_READ] += 1
        if expected >> LAYER_SHIFT == layer and number >= r.scalar[s + BEGAN]:
            r.scalar[s + PRIMED_A + n // 2] += (expected & ORDINAL_MASK) + 1 << n % 2 * HALF
    return True


def is_primed(ordinal: int, a: int, b: int, c: int) -> int:
    """1 if an ordinal is among those of three words."""
    one, low = ordinal + 1, (1 << HALF) - 1
    if a & low == one or a >> HALF == one or b & low == one or b >> HALF == one or c == one:
        return 1
    return 0


def primed_in(r: Root, b: int, ordinal: int) -> int:
    """1 if a neuron of the root's layer is primed for the segment that is being decided."""
    s = b * SCALARS
    if ordinal < 0:
        return 0
    return is_primed(ordinal, r.scalar[s + PRIMED_A], r.scalar[s + PRIMED_B], r.scalar[s + PRIMED_C])
