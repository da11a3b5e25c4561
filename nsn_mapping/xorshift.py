"""Random numbers inside kernels: Marsaglia's xorshift128 (Xorshift RNGs, 2003, p. 5), four words of 32 bits kept in int64.

No step leaves 64 bits, so that compiled code and Python draw the same numbers.
"""

from __future__ import annotations

import math

import numpy as np
import numpy.typing as npt

Ints = npt.NDArray[np.int64]

_BITS = 12
_WORD = 0xFFFFFFFF


def new_state(seed: int, stream: int = 0) -> Ints:
    """int64[4], a state for a seed; every stream of a seed is another one.

    Args:
        seed: any whole number.
        stream: 0 or more.
    """
    words = np.random.SeedSequence([abs(seed), int(seed < 0), stream]).generate_state(4)
    words[0] |= 1  # all zero is the one state that never changes
    return words.astype(np.int64)


def draw(state: Ints) -> int:
    """The next 32 random bits."""
    t = state[0] ^ ((state[0] << 11) & _WORD)
    state[0] = state[1]
    state[1] = state[2]
    state[2] = state[3]
    state[3] = state[3] ^ (state[3] >> 19) ^ t ^ (t >> 8)
    return state[3]


def below(state: Ints, count: int) -> int:
    """A random whole number from 0 to ``count`` - 1, for counts up to 2^31."""
    return (draw(state) * count) >> 32


def coldness() -> npt.NDArray[np.float64]:
    """float64[4096], -ln of the middles of so many equal steps between 0 and 1, in order.

    A rise of the cost by d is accepted at temperature T with probability exp(-d / T) (Metropolis): when d <= T x a value drawn from here.
    ``math.log`` and not numpy's, whose last digit may depend on the processor.
    """
    steps = 1 << _BITS
    return np.array([-math.log((i + 0.5) / steps) for i in range(steps)])


def gumbel() -> npt.NDArray[np.float64]:
    """float64[4096], -ln(-ln(u)) at the middles of equal steps: the least of cost - T x noise is drawn with weights exp(-cost / T)."""
    return np.array([-math.log(value) for value in coldness().tolist()])
