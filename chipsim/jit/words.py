"""Words of 64 bits where Python's numbers have no end."""

from __future__ import annotations

LEAST, MOST = -(1 << 63), (1 << 63) - 1
"""What a signed word holds."""


def lowest_bit(word: int) -> int:
    """The number of the lowest bit that is set, of a word that is not 0; one instruction in machine code."""
    return (word & -word).bit_length() - 1


def prefetch(of: object, index: int) -> None:
    """Have a row of a table, or a number of a column, in the cache by the time that it is needed; nothing when interpreted.

    The place need not exist.
    """


def wrap(value: int) -> int:
    """The signed 64-bit word of a number.

    Kernels whose sums or products may leave 64 bits on purpose, such as hashes, say so with ``wrap``: interpreted it cuts, in machine code it
    is nothing, for there every word wraps. Inside it ``+ - * << & | ^ ~`` may overflow, since what is cut at the end does not depend on what
    was cut on the way; the operands of every other operation inside it may not. A kernel that overflows elsewhere gives another result in
    machine code than in Python; with bounds checks it is reported.
    """
    return ((int(value) + (1 << 63)) & ((1 << 64) - 1)) - (1 << 63)
