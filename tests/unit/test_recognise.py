"""Keys ``workload.recognise`` and ``workload.wta``."""

from __future__ import annotations

from fractions import Fraction

import pytest

from chipsim.config import load_experiment
from chipsim.errors import ConfigError
from chipsim.network.rules import ALL_PAIRS, NsnRules, least_of
from workloads.kinds.log import LogWorkload
from workloads.kinds.log import rules as log_rules
from workloads.kinds.text import TextWorkload
from workloads.kinds.text import rules as text_rules

SUM = "workload.recognise.mode=sum"


def rules(*settings: str) -> NsnRules:
    workload = load_experiment("text-small", settings).workload
    assert isinstance(workload, TextWorkload)
    return text_rules(workload)


def test_vectors_match_in_every_pair_unless_the_workload_says_otherwise() -> None:
    for settings in ((), ("workload.recognise.threshold=0.5", "workload.recognise.tolerance=3")):
        found = rules(*settings)
        assert (found.summing, found.least, found.tolerance) == (False, ALL_PAIRS, 0)


def test_the_threshold_is_the_decimal_that_is_written() -> None:
    assert rules(SUM).least == least_of(Fraction(3, 4)) == (0, 1, 2, 3, 3, 4, 5, 6, 6)
    # as binary fractions 0.6 is a little less than three fifths and 0.55 a little more than 11 twentieths
    assert rules(SUM, "workload.recognise.threshold=0.6").least[5] == 3
    assert rules(SUM, "workload.recognise.threshold=0.55").least == least_of(Fraction(11, 20))
    found = rules(SUM, "workload.recognise.threshold=1", "workload.recognise.tolerance=0")
    assert (found.summing, found.least, found.tolerance) == (True, ALL_PAIRS, 0)


def test_logs_sum_too() -> None:
    workload = load_experiment("log-sample", [SUM, "workload.recognise.tolerance=2"]).workload
    assert isinstance(workload, LogWorkload)
    found = log_rules(workload)
    assert (found.summing, found.tolerance) == (True, 2)


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        (
            (SUM, "workload.match=keyed"),
            r"workload\.match: found keyed, with recognise\.mode: sum; allowed with sum: associative",
        ),
        (("workload.wta=inhibition", "workload.match=keyed"), r"workload\.wta: found inhibition, with match: keyed; allowed"),
        (("workload.recognise.threshold=0",), r"threshold: found number 0; allowed: more than 0"),
        (("workload.recognise.threshold=1.01",), r"threshold: found number 1\.01; allowed: at most 1"),
        (("workload.recognise.tolerance=-1",), r"tolerance: found number -1; allowed: at least 0"),
        (("workload.recognise.mode=fuzzy",), r"mode: found text \"?'?fuzzy.*exact.*sum"),
        (("workload.wta=vote",), r"wta: found .*vote.*tree.*inhibition"),
    ],
)
def test_what_is_not_allowed_is_refused(settings: tuple[str, ...], message: str) -> None:
    with pytest.raises(ConfigError, match=message):
        load_experiment("text-small", settings)
