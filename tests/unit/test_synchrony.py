"""Synchrony of recursive networks: the share of outputs behind which neighbours expect the same, against circular shifts (AT5)."""

from __future__ import annotations

import numpy as np
import pytest

from chipsim.network.rules import NsnRules
from tests.golden.ambiguity import plant, rules
from tests.needs import needs
from workloads.nsn.golden import GoldenModel

pytestmark = needs("nsn")


def test_of_short_series_by_hand() -> None:
    from chipsim.programs.nsn.networks import synchrony

    told = synchrony(np.array([5, 6, -1, 7]), np.array([5, 6, -1, 8]))
    # shifted by 1: 8 5 6 -1, by 2: -1 8 5 6, by 3: 6 -1 8 5; none agrees anywhere, and expecting nothing is no agreement
    assert told == {"share": 0.5, "shifted": 0.0, "shifts": 3, "p": 0.25}
    assert synchrony(np.array([5, 5, 5]), np.array([5, 5, 5])) == {"share": 1.0, "shifted": 1.0, "shifts": 2, "p": 1.0}
    assert synchrony(np.zeros(0, np.int64), np.zeros(0, np.int64)) == {"share": None, "shifted": None, "shifts": 0, "p": None}


@pytest.mark.parametrize("n", [200, 201, 1000])
def test_long_series_are_shifted_199_times_by_different_distances(n: int) -> None:
    from chipsim.programs.nsn.networks import SHIFTS, synchrony

    draw = np.random.Generator(np.random.PCG64(n))
    one, other = draw.integers(0, 4, (2, n))
    told = synchrony(one, one)
    assert (told["share"], told["shifts"], told["p"]) == (1.0, SHIFTS, 1 / 200)
    p = synchrony(one, other)["p"]
    assert p is not None and p > 0.01  # what has nothing to do with each other agrees as often as chance has it


@pytest.mark.parametrize("scale", [1, 4])
def test_networks_that_read_the_same_agree_more_often_than_shifted_ones(scale: int) -> None:
    from dataclasses import replace

    planted = plant(4, 60, seed=5)
    three: NsnRules = replace(rules(3), scale=scale)
    golden = GoldenModel(three)
    golden.advance(planted.stimulus, len(planted.stimulus))
    from chipsim.programs.nsn.networks import synchrony_summary

    told = synchrony_summary(three, np.array(golden.expectations, np.int64))
    assert [(one["layer"], one["network"]) for one in told] == [(1, 0), (1, 1)]
    for one in told:
        assert one["shifts"] == 199 and one["p"] < 0.01 and one["share"] > one["shifted"]
