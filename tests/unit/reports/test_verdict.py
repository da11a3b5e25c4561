"""What a report says of the claim."""

from __future__ import annotations

import pytest

from chipsim.quantity import rate, si
from reports.content import facts
from reports.run import Run
from reports.verdict import verdict
from tests.report_runs import changed_run

STATIC = "power.static_per_core"


def test_verdict_names_the_constants_that_decide(small: Run) -> None:
    run = changed_run(changed_run(small, {"claim.verdict": "depends_on_assumed"}), {"claim.assumed": [STATIC]})
    found = verdict(run.summary, run.tables)
    assert found.tone == "depends" and STATIC in found.headline and "within the budget" in found.headline
    assert "0.82 mW" in found.reasons[0] and "no longer hold" in found.reasons[0]


def test_verdict_tells_how_far_it_holds(small: Run) -> None:
    claim = small.summary["claim"]
    found = verdict(small.summary, small.tables)
    assert claim["verdict"] == "holds_to" and found.tone == "holds"
    assert f"2 mW per core holds to {rate(claim['max_rate_hz'], 'events')}" in found.headline
    text = " ".join(found.reasons)
    for one in claim["points"][1:2]:
        assert f"{rate(one['rate_hz'], 'events')} go through (measured)" in text
    assert "TrueNorth" in text and "above: " in text and "SpiNNaker 1" in text, "published static powers"
    assert "0.25 mW fails" in text, "the press band"


@pytest.mark.parametrize(
    ("word", "tone", "said"),
    [
        ("holds", "holds", "2 mW per core holds at any rate that the chip takes"),
        ("fails", "fails", "2 mW per core does not hold here"),
        (None, "none", "no budget per core is set for this chip"),
    ],
)
def test_verdict_follows_the_claim(small: Run, word: str | None, tone: str, said: str) -> None:
    found = verdict(changed_run(small, {"claim.verdict": word}).summary, small.tables)
    assert found.tone == tone and said in found.headline


def test_a_million_neurons_are_told_at_the_fill_of_the_run(small: Run) -> None:
    made = {"claim.at_1e6": {"cores": 5000, "watts": 5.0}, "chip.neurons_per_core": 500}
    changed = small
    for path, item in made.items():
        changed = changed_run(changed, {path: item})
    reason = verdict(changed.summary, changed.tables).reasons[-1]
    assert "it holds 200" in reason and "5,000 cores: 5 W" in reason and "10 W at the budget" in reason and "4 W (" in reason


def test_key_numbers_come_from_the_summary(small: Run) -> None:
    found = {fact.label: fact.value for fact in facts(small.summary, small.tables)}
    assert found["Events"] == "300"
    assert found["Neurons stored"] == f"{sum(layer['neurons'] for layer in small.summary['nsn']['layers']):,}"
    assert found["Energy"] == si(small.summary["energy_j"]["total"], "J")
    assert found["Replay"].startswith("exact")
