"""What an answer says in one word, and the match state of vectors that sum."""

from __future__ import annotations

from random import Random

from chipsim.programs.nsn.answers import (
    candidates_of,
    duel,
    horizon_of,
    level_of,
    matched_of,
    packed,
    primed_of,
    rank_of,
    retold,
    strayed_of,
)
from chipsim.programs.nsn.wta import AGE, rank

MOST_CANDIDATES = 2**39 - 1


def test_an_answer_holds_the_largest_of_each() -> None:
    word = packed(8, 255, 255, 1, AGE, MOST_CANDIDATES)
    assert word < 2**63
    found = (horizon_of(word), matched_of(word), strayed_of(word), primed_of(word), level_of(word), candidates_of(word))
    assert found == (8, 255, 255, 1, AGE, MOST_CANDIDATES)
    for n in range(6):
        fields = [0] * 6
        fields[n] = found[n]
        word = packed(*fields)
        assert [
            horizon_of(word),
            matched_of(word),
            strayed_of(word),
            primed_of(word),
            level_of(word),
            candidates_of(word),
        ] == fields


def test_words_of_residual_and_response_follow_from_the_masks() -> None:
    assert rank_of(packed(0, 0b1101, 0b1000, 0, 0, 1), 4) == rank(2 + 1, 0, 3)
    assert rank_of(packed(0, 0b11, 0, 1, 0, 1), 2) == rank(0, 1, 2)


def test_the_level_that_decides_is_that_of_the_best_of_all_others_in_any_shape_of_the_tree() -> None:
    draw = Random(4)
    for _ in range(2_000):
        ordinals = draw.sample(range(30), draw.randint(2, 6))
        sides = [
            (5, packed(0, draw.choice([0b11111, 0b10111, 0b10011]), 0, draw.randint(0, 1), 0, 1), draw.randint(1, 2), 7, o)
            for o in ordinals
        ]
        told = set()
        for _ in range(3):
            left = list(sides)
            while len(left) > 1:
                a, b = left.pop(draw.randrange(len(left))), left.pop(draw.randrange(len(left)))
                won = duel(*a, *b)
                k, word, *rest = a if won > 0 else b
                left.append((k, retold(word, 0, abs(won) - 1, candidates_of(a[1]) + candidates_of(b[1])), *rest))
            told.add(left[0])
        assert len(told) == 1
        assert candidates_of(left[0][1]) == len(sides)
