"""Winner-takes-all: which of two candidates of one start is better.

Key, best first (NSN §11): fewer words of residual, primed before unprimed, larger response (pairs that match), higher count, older (earlier
first event time), lower ordinal. A candidate without an ordinal (-1) is none. The order is total, so pairwise choices give the same
winner in any shape of a tree, and so does a contest bit by bit.
"""

from __future__ import annotations

RESIDUAL, PRIMED, RESPONSE, COUNT, AGE = range(1, 6)
"""Levels of the key, in their order; age is the first event time or else the ordinal."""

LEVELS = ("residual", "primed", "response", "count", "age")
"""Names of the levels, as results spell them."""

MOST_WORDS = 16
"""Of residual: two for each of eight pairs."""

PRIMED_BIT, RESIDUAL_BIT = 4, 5
"""Lowest bits of these in a rank."""

RANK_BITS = 10


def rank(residual: int, primed: int, response: int) -> int:
    """The first three levels of the key as one number, the larger the better."""
    return (MOST_WORDS - residual) << RESIDUAL_BIT | primed << PRIMED_BIT | response


def verdict(
    rank_a: int, count_a: int, first_a: int, ordinal_a: int, rank_b: int, count_b: int, first_b: int, ordinal_b: int
) -> int:
    """The first level at which two candidates differ, negative where b is the better one."""
    if rank_a != rank_b:
        differ = rank_a ^ rank_b
        level = RESIDUAL if differ >> RESIDUAL_BIT else PRIMED if differ >> PRIMED_BIT else RESPONSE
        return level if rank_a > rank_b else -level
    if count_a != count_b:
        return COUNT if count_a > count_b else -COUNT
    if first_a != first_b:
        return AGE if first_a < first_b else -AGE
    return AGE if ordinal_a < ordinal_b else -AGE


def better(
    rank_a: int, count_a: int, first_a: int, ordinal_a: int, rank_b: int, count_b: int, first_b: int, ordinal_b: int
) -> bool:
    """True if candidate a beats candidate b."""
    if ordinal_b < 0:
        return ordinal_a >= 0
    if ordinal_a < 0:
        return False
    return verdict(rank_a, count_a, first_a, ordinal_a, rank_b, count_b, first_b, ordinal_b) > 0
