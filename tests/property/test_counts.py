"""Any small chip that reads any small stream counts what the independent counter derives."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace

from hypothesis import given, settings

from chipsim.config.policy import GrowthPolicy
from chipsim.engines.base import Watch
from chipsim.engines.reference import run_reference
from chipsim.errors import MappingError
from tests.counter.compare import differences
from tests.counter.count import count
from tests.counter.growth import BeyondError
from tests.counter.order import watched
from tests.property.test_chip_equals_golden import Case, cases, lowered


def still(case: Case) -> Case:
    """The case with neurons that stay where they are, under a policy that asks no core for a score."""
    policy = case.growth.policy if case.growth.policy != "axons" else "follow"
    return replace(case, growth=GrowthPolicy(policy=policy))


def check(case: Case) -> str:
    """Run a case and count it; what became of it."""
    try:
        plan = lowered(case)
    except MappingError:
        return "does not fit"
    with watched() as taken:
        raw = run_reference(plan, Watch())
    try:
        counted = count(plan, raw, case.stimulus, case.rules, plan.own.first_item, taken)
    except BeyondError:
        return "not derived"
    assert differences(counted, raw) == []
    return "without room" if len(raw.own.unstored) else "whole"


def test_any_small_run_counts_what_is_derived() -> None:
    reached: Counter[str] = Counter()

    @settings(max_examples=100)
    @given(cases().map(still))
    def run(case: Case) -> None:
        reached[check(case)] += 1

    run()
    assert reached["whole"] >= 10, reached
