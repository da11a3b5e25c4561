"""What an answer of cores says, beside its candidate's ordinal, address, count and first event time, in one word of the row (NSN §11):

    horizon       4 bits   the most pairs of a vector that matches here and can still come to be complete, 0: none
    matched       8 bits   of the candidate: pairs that match
    strayed       8 bits   of these: those whose class is off
    primed        1 bit    whether the candidate is primed (prime.py)
    level         3 bits   at which the candidate beat the best of those that it was compared with, 0: none (``wta``)
    candidates             complete vectors so far

The last two tell only how the choice was made: no branch of a program depends on them, and no message is charged for them. Where every pair has
to match the word is 1 if something can go on, else 0.
"""

from __future__ import annotations

from chipsim.programs.nsn.wta import rank, verdict

ONES = tuple(n.bit_count() for n in range(256))
"""Bits that are set."""

MASK = 255


def packed(horizon: int, matched: int, strayed: int, primed: int, level: int, candidates: int) -> int:
    """What an answer says of its candidate and of others."""
    return horizon | matched << 4 | strayed << 12 | primed << 20 | level << 21 | candidates << 24


def horizon_of(word: int) -> int:
    """The most pairs that a vector can still come to have."""
    return word & 15


def matched_of(word: int) -> int:
    """Mask of the pairs that match."""
    return word >> 4 & MASK


def strayed_of(word: int) -> int:
    """Mask of the pairs that match with another class."""
    return word >> 12 & MASK


def primed_of(word: int) -> int:
    """Whether the candidate is primed."""
    return word >> 20 & 1


def level_of(word: int) -> int:
    """Level at which the candidate beat the best of the others."""
    return word >> 21 & 7


def candidates_of(word: int) -> int:
    """Complete vectors."""
    return word >> 24


def rank_of(word: int, k: int) -> int:
    """Rank of the candidate, a vector of k pairs: two words of residual per pair that does not match, one per class that is off."""
    response = ONES[matched_of(word)]
    return rank(2 * (k - response) + ONES[strayed_of(word)], primed_of(word), response)


def retold(word: int, horizon: int, level: int, candidates: int) -> int:
    """The same candidate, with what is known of others by now."""
    return packed(horizon, matched_of(word), strayed_of(word), primed_of(word), level, candidates)


def duel(
    k_a: int, word_a: int, count_a: int, first_a: int, ordinal_a: int,
    k_b: int, word_b: int, count_b: int, first_b: int, ordinal_b: int,
) -> int:  # fmt: skip
    """Which of two best candidates is better, and at which level that one beats the best of all the others: positive, the level + 1, where it
    is a; negative where it is b. The best of the others is the one that differs last, so the shape of the tree does not matter.
    """
    if ordinal_b < 0:
        return 1 + level_of(word_a)
    if ordinal_a < 0:
        return -1 - level_of(word_b)
    won = verdict(rank_of(word_a, k_a), count_a, first_a, ordinal_a, rank_of(word_b, k_b), count_b, first_b, ordinal_b)
    return 1 + max(level_of(word_a), won) if won > 0 else -1 - max(level_of(word_b), -won)
