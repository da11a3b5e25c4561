"""Bits of words."""

from __future__ import annotations

from chipsim.jit import lowest_bit

INLINE = ("first_from",)


def first_from(mask: int, start: int) -> int:
    """The first set bit from a place on, going round; the mask is not 0."""
    above = mask >> start << start
    return lowest_bit(above if above != 0 else mask)
