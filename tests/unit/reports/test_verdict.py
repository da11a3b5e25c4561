"""What a report says of the claim."""

from __future__ import annotations

import pytest

from chipsim.quantity import si
from reports.content import facts
from reports.run import Run
from reports.verdict import verdict
from tests.report_runs import changed_run


def test_verdict_names_the_constants_that_decide(small: Run) -> None:
    found = verdict(small.summary, small.tables)
    assert small.summary["claim"]["assumed"] == ["power.static_per_core"]
    assert found.tone == "depends" and "power.static_per_core" in found.headline
    assert "0.82 mW" in found.reasons[0] and "0 mW to 2 mW" in found.reasons[0] and "no longer hold" in found.reasons[0]


@pytest.mark.parametrize(
    ("mean", "word", "tone", "said"),
    [
        (0.9, "holds", "holds", "2 mW per core holds here: a core draws 0.9 mW"),
        (2.5, "fails", "fails", "2 mW per core does not hold here: a core draws 2.5 mW"),
        (2.5, "depends_on_assumed", "depends", "2.5 mW on average, above the budget"),
    ],
)
def test_verdict_follows_the_claim(small: Run, mean: float, word: str, tone: str, said: str) -> None:
    found = verdict(changed_run(small, {"power_per_core_mw.mean": mean, "claim.verdict": word}).summary, small.tables)
    assert found.tone == tone and said in found.headline
    assert any("would hold" in reason for reason in found.reasons) == (tone == "depends")


def test_hottest_core_above_the_budget_is_told(small: Run) -> None:
    hot = changed_run(small, {"power_per_core_mw.max": 3.0, "claim.verdict": "holds"})
    assert any("hottest core draws 3 mW" in reason for reason in verdict(hot.summary, hot.tables).reasons)
    assert not any("hottest" in reason for reason in verdict(small.summary, small.tables).reasons)


def test_a_million_neurons_is_arithmetic_on_full_cores_only(small: Run) -> None:
    made = {
        "claim.neurons": 2000,
        "mapping.cores_used": 10,
        "mapping.max_core_fill": 0.9,
        "chip.neurons_per_core": 500,
        "power_per_core_mw.mean": 1.0,
    }
    changed = small
    for path, item in made.items():
        changed = changed_run(changed, {path: item})
    reason = verdict(changed.summary, changed.tables).reasons[-1]
    assert (
        "a used core holds 200" in reason
        and "5,000 cores: 5 W" in reason
        and "10 W at the budget" in reason
        and "4 W (" in reason
    )
    slack = changed_run(changed_run(changed, {"mapping.max_core_fill": 0.1}), {"mapping.max_memory_fill": 0.1})
    assert not any("million neurons" in reason for reason in verdict(slack.summary, slack.tables).reasons)


def test_key_numbers_come_from_the_summary(small: Run) -> None:
    found = {fact.label: fact.value for fact in facts(small.summary, small.tables)}
    assert found["Events"] == "300"
    assert found["Neurons stored"] == f"{sum(layer['neurons'] for layer in small.summary['nsn']['layers']):,}"
    assert found["Energy"] == si(small.summary["energy_j"]["total"], "J")
    assert found["Replay"].startswith("exact")
