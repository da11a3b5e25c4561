"""Priming raises the share of right choices where what is read is as far from one stored pattern as from another (AT2)."""

from __future__ import annotations

import math

import pytest

from tests.golden.ambiguity import plant, right

Z = 1.959963984540054
"""Of an interval of 95 %."""


def wilson(hits: int, of: int) -> tuple[float, float]:
    """Interval of a share (E. B. Wilson, 1927)."""
    share = hits / of
    middle = (share + Z * Z / (2 * of)) / (1 + Z * Z / of)
    half = Z / (1 + Z * Z / of) * math.sqrt(share * (1 - share) / of + Z * Z / (4 * of * of))
    return middle - half, middle + half


@pytest.mark.parametrize("pairs", [4, 8])
def test_priming_raises_the_share_of_right_choices(pairs: int) -> None:
    planted = plant(pairs, 60, seed=3)
    plain, primed = right(planted, 0), right(planted, 1)
    assert len(plain) > 100
    low, high = wilson(sum(plain), len(plain))
    assert low < 0.5 < high
    assert wilson(sum(primed), len(primed))[0] > 0.95 > high


@pytest.mark.slow
@pytest.mark.parametrize("pairs", [4, 8])
def test_priming_in_many_texts(pairs: int) -> None:
    """Also where contexts are met first with a spoilt pattern: what was learned wrong is expected wrong from then on, in some texts."""
    for taught, least in ((True, 0.99), (False, 0.7)):
        plain: list[bool] = []
        primed: list[bool] = []
        for seed in range(20):
            planted = plant(pairs, 200, seed, words=1 + seed % 4, taught=taught)
            plain += right(planted, 0)
            primed += right(planted, 1)
        assert 0.45 < sum(plain) / len(plain) < 0.55
        assert wilson(sum(primed), len(primed))[0] > least
