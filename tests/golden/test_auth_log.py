"""A real log: 160 accepted logins, and "first time this user comes from this source" from the novelty of neurons."""

from __future__ import annotations

import csv
from pathlib import Path
from typing import Any

import pytest

from chipsim.config.load import load_experiment
from chipsim.pipeline import simulate
from chipsim.results.result import Result
from tests.needs import needs

pytestmark = needs("nsn")

SETTINGS = {
    "golden": ("engine=golden",),
    "chip": ("engine=reference",),
    "chip keyed": ("engine=reference", "workload.match=keyed"),
    "chip, 30 learned": ("engine=reference", "workload.learned=30"),
}


def logins(shared: Path, *settings: str) -> Result:
    """The raw log, as a user would run it."""
    log = shared / "data/auth/elastic_auth_0327-0330.log"
    return simulate(
        load_experiment(
            "log-sample",
            (
                "chip=altai-256",
                f"workload={{kind: log, format: sshd, path: {log}, fields: [user, source], only: {{event: accepted}}}}",
                "workload.rate=1 kHz",
                "workload.episode=16",
                *settings,
            ),
        )
    )


@pytest.mark.parametrize("name", SETTINGS)
def test_first_source_of_a_user_is_a_new_neuron(shared: Path, name: str) -> None:
    with (shared / "data/auth/elastic_accepted_0327-0330.csv").open(encoding="utf-8", newline="") as stream:
        rows = list(csv.DictReader(stream))
    assert len(rows) == 160
    result = logins(shared, *SETTINGS[name])
    table = result.tables["events"]
    # what was learned before the chip started is not in its table
    skipped = 30 if "30" in name else 0
    expected = rows[skipped:]
    assert list(table["number"]) == list(range(skipped, 160))
    assert [(u, s) for u, s in zip(table["user"], table["source"], strict=True)] == [(r["user"], r["src"]) for r in expected]
    first = [r["first_src_for_user"] == "1" for r in expected]
    assert 5 < sum(first) < len(first) - 5
    assert sum(a == b for a, b in zip(table["new"], first, strict=True)) == 160 - skipped
    assert list(table["new"]) == first
    assert list(table["new_user_source"]) == first
    assert list(table["new_source"]) == [r["first_src_overall"] == "1" for r in expected]
    assert result.summary["nsn"]["replay_exact"] is True
    if name != "golden":
        assert [a["event"] for a in result.alerts] == [skipped + i for i, new in enumerate(first) if new], "one alert for each"
        assert (table["latency_ps"] > 0).all()


def test_chip_and_golden_model_agree_on_the_log(shared: Path) -> None:
    results = [logins(shared, *SETTINGS[name]).summary for name in ("golden", "chip", "chip keyed")]
    assert len({r["functional_digest"] for r in results}) == 1
    assert len({r["nsn"]["network_digest"] for r in results}) == 1


@pytest.mark.parametrize("log", ["elastic_auth_0327-0330.log", "loghub_OpenSSH_2k.log"])
def test_vectors_that_sum_tolerate_other_intervals_of_a_log(shared: Path, log: str) -> None:
    """At tolerance 0 all is as by the exact rule; at 1 gaps of the next class are known too, what they were is kept, and fields stay exact."""

    def run(recognise: str) -> dict[str, Any]:
        only = "fields: [user, source], only: {event: [accepted, failed]}, symbols: null, layers: 4"
        workload = f"workload={{kind: log, format: sshd, path: {shared / 'data/auth' / log}, {only}, recognise: {recognise}}}"
        summary = simulate(load_experiment("log-sample", ("chip=altai-256", "engine=golden", workload))).summary
        return {"digest": summary["functional_digest"], **summary["nsn"]}

    exact = run("{mode: exact}")
    assert run("{mode: sum, threshold: 1, tolerance: 0}") == exact
    tolerant = run("{mode: sum, threshold: 1, tolerance: 1}")
    assert tolerant["layers"][:2] == exact["layers"][:2]
    assert tolerant["stored_elements"] < exact["stored_elements"]
    assert exact["replay_exact"] is tolerant["replay_exact"] is True
