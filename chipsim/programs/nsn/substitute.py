"""Substitutions: what a segment has in place of pairs of the neuron that won it, kept so that replay is exact (NSN §11); and how winners were
chosen, counted.
"""

from __future__ import annotations

from chipsim.machine.actions import A_WRITE
from chipsim.machine.ints import Ints
from chipsim.programs.nsn.answers import ONES, candidates_of, level_of, matched_of, strayed_of
from chipsim.programs.nsn.items import class_at, item
from chipsim.programs.nsn.state import (
    CLASS_ALONE,
    COVER,
    DECIDED_BY,
    EPISODES,
    FIRED,
    RIVALS,
    SCALARS,
    SUBSTITUTION,
    SUBSTITUTIONS,
    WIN_WORD,
    Constants,
    Root,
)


def missed(K: Constants, r: Root, b: int, layer: int) -> int:
    """Mask of the pairs of the winner that do not match."""
    s = b * SCALARS
    return ((1 << r.scalar[s + COVER]) - 1) & ~matched_of(r.scalar[s + WIN_WORD]) if K.sums[layer] else 0


def strayed(K: Constants, r: Root, b: int, layer: int) -> int:
    """Mask of those that match with another class."""
    return strayed_of(r.scalar[b * SCALARS + WIN_WORD]) if K.sums[layer] else 0


def bits_of_substitutions(K: Constants, r: Root, b: int, layer: int) -> int:
    """Bits that the substitutions of the winner take."""
    ids, classes = ONES[missed(K, r, b, layer)], ONES[strayed(K, r, b, layer)]
    return (ids + classes) * K.bits_substitution + ids * K.bits_id


def substitute(K: Constants, r: Root, b: int, layer: int, act: Ints) -> None:
    """Store them: one word for a class, two with an id."""
    s = b * SCALARS
    ids, classes = missed(K, r, b, layer), strayed(K, r, b, layer)
    for p in range(r.scalar[s + COVER]):
        if (ids | classes) >> p & 1:
            at = (b * K.substitutions + r.scalar[s + SUBSTITUTIONS]) * SUBSTITUTION
            r.substitution[at] = r.scalar[s + EPISODES]
            r.substitution[at + 1] = r.scalar[s + FIRED]
            r.substitution[at + 2] = p
            r.substitution[at + 3] = r.item_id[item(r, b, p)] if ids >> p & 1 else CLASS_ALONE
            r.substitution[at + 4] = class_at(K, r, b, layer, p, p)
            r.scalar[s + SUBSTITUTIONS] += 1
            act[A_WRITE] += 1 + (ids >> p & 1)


def count_choice(r: Root, b: int) -> None:
    """A stored vector has won a segment: among how many candidates, and at which level of the key. That is told and moves nothing."""
    s = b * SCALARS
    word = r.scalar[s + WIN_WORD]
    several = candidates_of(word)
    at = 0
    while at < 4 and several > 1 << at:
        at += 1
    r.scalar[s + RIVALS + at] += 1
    if at > 0:
        r.scalar[s + DECIDED_BY + level_of(word) - 1] += 1
