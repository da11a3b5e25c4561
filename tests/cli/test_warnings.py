"""What whoever reads the figures must know first is said in the terminal, in the summary and on the page."""

from __future__ import annotations

import json
import re
from pathlib import Path

import numpy as np
import pytest

from tests.needs import needs

pytestmark = needs("snn")

RUN = ("run", "lif-small", "--set", "workload.path=mine.npz", "--set", "workload.steps=2")


@pytest.fixture
def archive(cli):
    """Two neurons, each on a core of its own."""
    np.savez("mine.npz", src=[0, 1], dst=[1, 0], weight=[0.5, 0.5], bias=[0.3, 0.2], neuron_core=[3, 9], steps=2)


def lines(text: str, label: str) -> list[str]:
    return [line for line in text.splitlines() if line.startswith(label)]


def test_a_shipped_experiment_takes_the_cores_that_an_archive_names(cli, archive):
    outcome = cli(*RUN, "--out", "r", "--no-report")
    assert outcome.code == 0 and not lines(outcome.out, "warning")
    assert "2 cores (given)" in outcome.out


@pytest.mark.parametrize("setting", ["mapping.partitioner=sequential", "mapping={partitioner: sequential}"])
def test_cores_of_an_archive_that_are_not_taken_are_named(cli, archive, setting):
    outcome = cli(*RUN, "--set", setting, "--out", "r")
    (said,) = lines(outcome.out, "warning")
    assert "neuron_core" in said and "mapping.partitioner=given" in said
    assert "neuron_core" in json.loads(Path("r/summary.json").read_text())["warnings"][0]
    assert "takes those of the archive" in Path("r/report.md").read_text()
    said = cli("map", *RUN[1:], "--set", setting).out
    assert "mapping.partitioner=given" in lines(said, "warning")[0]


def test_a_core_beyond_its_memory_is_named_with_need_allowance_and_remedies(cli):
    small = ("--set", "workload.steps=2", "--set", "chip.core.memory=8 KiB", "--set", "mapping.fill=0.1")
    outcome = cli("run", "lif-small", *small, "--out", "r")
    (said,) = lines(outcome.out, "warning")
    assert outcome.code == 0 and "core 8 needs 152 % of its memory" in said and "allowed 65,536 (core.memory)" in said
    assert "mapping.fill=" in said and "workload.check_memory=true" in said
    page = Path("r/report.html").read_text()
    assert page.index("Core 8 needs") < page.index("A core of this chip has room") and "<code>--set mapping.fill=" in page
    refused = cli("run", "lif-small", *small, "--set", "workload.check_memory=true")
    assert refused.code == 4 and "core 8 needs" in refused.err and "mapping.fill=" in refused.err
    assert lines(cli("map", "lif-small", *small).out, "warning")
    fill = re.search(r"mapping\.fill=[\d.]+", said)
    assert fill is not None
    outcome = cli("run", "lif-small", *small, "--set", fill[0], "--set", "workload.check_memory=true", "--no-report")
    assert outcome.code == 0 and not lines(outcome.out, "warning"), outcome.err
    outcome = cli("run", "lif-small", *small, "--set", "chip.core.memory=400 B", "--no-report")
    (said,) = lines(outcome.out, "warning")
    assert "there are too few" in said and "chip.core.memory" in said and "mapping.fill" not in said


def test_a_run_without_spikes_offers_them_first_and_then_packets_beside_them(cli):
    few = ("run", "lif-small", "--set", "workload.steps=2", "--no-report")
    (said,) = lines(cli(*few, "--set", "probes=[]").out, "next")
    assert "probes=[spikes]'" in said
    (said,) = lines(cli(*few).out, "next")
    assert "probes=[spikes,packets]'" in said


def test_messages_say_what_is_missing_and_what_would_do(cli):
    for name in ("no.npz", "no.log"):
        outcome = cli("run", name)
        assert outcome.code == 3 and f"{name}: there is no such file" in outcome.err, outcome.err
    Path("e.yaml").write_text("workload: {kind: arrays, path: a.npz}\n")
    outcome = cli("run", "e.yaml")
    assert (
        outcome.code == 3 and "chip: missing; allowed: the name of a shipped chip (" in outcome.err and "loihi" in outcome.err
    )
    assert cli("run", "lif-small", "--set", "workload.steps=2", "--out", "my run").code == 0
    outcome = cli("show", "my run/report.html")
    assert outcome.code == 2 and "a browser shows" in outcome.err and "`chipsim show 'my run'`" in outcome.err
    Path("my run/alerts.jsonl").write_text('{"a": 1}\n{"a": 2}\n')
    assert "one object a line" in cli("show", "my run/alerts.jsonl").err
    np.savez("a.npz", src=[0], dst=[0], weight=[np.nan], steps=3)
    outcome = cli("run", "lif-small", "--set", "workload.path=a.npz")
    assert outcome.code == 3 and "numpy.isfinite" in outcome.err
