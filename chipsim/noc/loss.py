"""Which flits a link loses: a function of the seed, the link and a number."""

from __future__ import annotations

from chipsim.noc.routing import tie_bits

DRAW = 1 << 62
"""Draws are below this."""

OTHER = 0x5BD1E995
"""What makes draws differ from the tie bits of packets."""


def draw(seed: int, link: int, number: int) -> int:
    """62 bits that are as good as random.

    Args:
        seed: of the run, not negative.
        link: number of the link.
        number: which draw of the link.
    """
    high = tie_bits(seed ^ OTHER, link, number)
    low = tie_bits(seed ^ OTHER << 1, link, number)
    return high << 31 | low


def lost(seed: int, link: int, number: int, flits: int, threshold: int) -> int:
    """How many of so many consecutive draws are below a threshold."""
    count = 0
    for i in range(flits):
        if draw(seed, link, number + i) < threshold:
            count += 1
    return count
