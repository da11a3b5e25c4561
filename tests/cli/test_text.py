"""Numbers and columns for people; progress lines."""

from __future__ import annotations

import time

import pytest

from chipsim import terminal
from chipsim.cli import text
from chipsim.cli.progress import describe, left_of, plain_lines, shown_stages
from chipsim.config.load import load_experiment
from chipsim.engines.base import Progress
from chipsim.pipeline.compare_mappings import compare
from chipsim.pipeline.map_graph import GraphTask, map_one
from tests.needs import needs


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        (7.077887e-06, "7.08 us"),
        (0.9996, "1 s"),
        (0.99949, "999 ms"),
        (999.6, "1 ks"),
        (0.0, "0 s"),
        (1.5e-15, "1.5e-15 s"),
        (None, "unknown"),
    ],
)
def test_si(value, shown):
    assert terminal.si(value, "s") == shown


@pytest.mark.parametrize(
    ("value", "shown"),
    [(1056550.08, "1.06 million events/s"), (5016.04, "5,016 events/s"), (0.25, "0.25 events/s"), (None, "unknown")],
)
def test_rate(value, shown):
    assert terminal.rate(value, "events/s") == shown


@pytest.mark.parametrize(
    ("share", "shown"),
    [
        (1.0, "100 %"),
        (0.0, "0 %"),
        (0.0712, "7.1 %"),
        (0.0002, "0.02 %"),
        (0.0996, "10 %"),
        (0.996, "99.6 %"),
        (0.99999, "over 99.9 %"),
    ],
)
def test_percent(share, shown):
    assert terminal.percent(share) == shown


def test_columns_wrap_the_last_and_align(monkeypatch):
    monkeypatch.setenv("COLUMNS", "60")
    lines = text.columns(["key", "n", "text"], [("a", "5", "word " * 20), ("long-key", "1,000", "short")], right=[1])
    assert lines[0] == "key           n  text"
    assert lines[1].startswith("a             5  word word")
    assert lines[2].startswith(" " * 17 + "word")
    assert lines[-1] == "long-key  1,000  short"
    assert max(map(len, lines)) <= 60


def test_commands_and_what_is_quoted_are_never_wrapped(monkeypatch):
    monkeypatch.setenv("COLUMNS", "60")
    command = text.command("chipsim", "run", "my runs/a b/experiment.yaml", "--set", "probes=[packets, spikes]")
    lines = text.suggested("next", command, "measures latency, " * 6).splitlines()
    assert lines[0] == "next     chipsim run 'my runs/a b/experiment.yaml' --set 'probes=[packets, spikes]'"
    assert len(lines) > 2 and all(line.startswith(" " * 9) and len(line) <= 60 for line in lines[1:])
    wrapped = text.labelled("saved", "nothing; --out DIR keeps the mapping for `--set mapping.file=DIR/mapping.npz --set x=1`")
    assert "`--set mapping.file=DIR/mapping.npz --set x=1`" in wrapped.splitlines()[1]
    assert text.columns(["a", "b"], [("1", f"see {command}")])[-1].endswith("'probes=[packets, spikes]'")


def test_text_that_no_terminal_shows_is_not_wrapped(monkeypatch):
    monkeypatch.delenv("COLUMNS", raising=False)
    long = "word " * 100
    assert text.labelled("label", long) == f"label    {long.strip()}"
    assert text.columns(["a", "b"], [("1", long)])[1:] == [f"1  {long.strip()}"]


def test_plain_progress_comes_every_ten_seconds(capsys):
    times = iter([0.0, 4.0, 10.0, 12.0, 21.0])
    show = plain_lines(lambda: next(times))
    for done in (10, 50, 110, 130, 220):
        show(Progress(done * 10**9, done, 1000, 500 * done))
    lines = capsys.readouterr().err.splitlines()
    assert len(lines) == 2
    assert lines[0] == "11 %: 110 of 1,000 events, 110 ms of chip time, 10 events/s, 5,000 hops/s, about 89 s left"


def test_time_left_counts_the_passes_that_measure_limits(capsys):
    """A run of 10 s of which 2 s are done, and 1.5 times as much after it."""
    times = iter([0.0, 2.0])
    show = plain_lines(lambda: next(times), every_s=1.0, passes=1.5)
    show(Progress(0, 0, 1000, 0))
    show(Progress(10**9, 200, 1000, 0))
    assert "about 23 s left with the passes that measure limits" in capsys.readouterr().err


def test_time_left_goes_by_work():
    assert left_of(1.0, 3.0, 10.0) == ", about 20 s left"
    assert left_of(3.0, 3.0, 10.0) == left_of(0.0, 3.0, 0.0) == ""


def test_a_stage_that_takes_longer_than_a_moment_is_named(capsys):
    with shown_stages(quiet=False, after_s=0.02) as stage:
        stage("quick")
        stage("slow")
        time.sleep(0.2)
    assert capsys.readouterr().err == "slow ...\n"


@needs("nsn")
def test_stages_of_mapping_and_of_a_network_alone(tmp_path):
    stages: list[str] = []
    compare(
        load_experiment("text-small", ["workload.learned=300", "workload.symbols=10"]), ["sequential", "random"], stages.append
    )
    assert stages[-2:] == ["mapping by sequential, method 1 of 2", "mapping by random, method 2 of 2"]
    del stages[:]
    map_one(GraphTask("topics:1000", "4x4", "sequential"), stage=stages.append)
    assert stages == ["reading the graph topics:1000", "mapping by sequential", "counting what it costs"]


def test_progress_before_the_first_event_promises_nothing():
    nothing = Progress(0, 0, 0, 0)
    assert describe(nothing, nothing, 0.0) == "0 %: 0 of 0 events, 0 s of chip time, 0 events/s, 0 hops/s"
