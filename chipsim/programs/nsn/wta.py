"""Winner-takes-all: which of two candidates of one probe is better.

Key, from NSN §5: primed before unprimed, more pairs covered, higher count, older (earlier first event time), lower ordinal. A candidate
without an ordinal (-1) is none. The order is total, so a tree of pairwise choices gives the same winner in any shape.
"""

from __future__ import annotations


def better(
    primed_a: int,
    covered_a: int,
    count_a: int,
    first_a: int,
    ordinal_a: int,
    primed_b: int,
    covered_b: int,
    count_b: int,
    first_b: int,
    ordinal_b: int,
) -> bool:
    """True if candidate a beats candidate b."""
    if ordinal_b < 0:
        return ordinal_a >= 0
    if ordinal_a < 0:
        return False
    if primed_a != primed_b:
        return primed_a > primed_b
    if covered_a != covered_b:
        return covered_a > covered_b
    if count_a != count_b:
        return count_a > count_b
    if first_a != first_b:
        return first_a < first_b
    return ordinal_a < ordinal_b
