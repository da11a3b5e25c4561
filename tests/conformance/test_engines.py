"""Every scenario gives the same records, counters and summary on every engine, in every process."""

from __future__ import annotations

import os
import pickle
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from chipsim.machine.raw import DONE, UNTIL, RawRun
from tests.conformance.catalogue import SCENARIOS, Scenario
from tests.conformance.compare import compare_runs, compare_summaries
from tests.conformance.text_runs import PROBES, SCRIPT, summary_of
from tests.own import replace_own
from tests.scenarios import Outcome, golden_digests, run, small

NO_GROWTH = ("chip.core.neurons=20", "workload.learned=480", "workload.episode=60", "workload.layers=1")
"""Sixty symbols in which nothing is new."""

Runs = dict[str, tuple[RawRun, dict[str, Any]]]


@pytest.fixture(scope="session")
def reference_runs() -> dict[str, Outcome]:
    """Every scenario on the engine that is the oracle."""
    return {scenario.name: run(scenario.experiment(), "reference", PROBES) for scenario in SCENARIOS}


@pytest.fixture(scope="session")
def other_process(
    engine: str, root: Path, tmp_path_factory: pytest.TempPathFactory
) -> dict[str, tuple[RawRun, dict[str, Any]]]:
    """Every scenario on an engine in a new process whose sets and dicts of text iterate in another order."""
    file = tmp_path_factory.mktemp("conformance") / f"{engine}.pickle"
    seed = "1" if os.environ.get("PYTHONHASHSEED") != "1" else "2"
    done = subprocess.run(
        [sys.executable, "-c", SCRIPT, engine, str(file)],
        cwd=root,
        env={**os.environ, "PYTHONHASHSEED": seed, "PYTHONPATH": str(root)},
        capture_output=True,
        text=True,
        timeout=600,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    with file.open("rb") as stream:
        runs: dict[str, tuple[RawRun, dict[str, Any]]] = pickle.load(stream)
    return runs


@pytest.fixture(params=SCENARIOS, ids=lambda s: s.name.replace(",", "").replace(" ", "-"))
def scenario(request: pytest.FixtureRequest) -> Scenario:
    """One scenario after the other."""
    one: Scenario = request.param
    return one


def test_engine_agrees_with_the_reference(scenario: Scenario, reference_runs: dict[str, Outcome], other_process: Runs) -> None:
    """Also with itself in a process of another hash seed."""
    expected = reference_runs[scenario.name]
    raw, summary = other_process[scenario.name]
    assert compare_runs(expected.raw, raw) is None
    assert compare_summaries(summary_of(expected), summary) is None
    assert raw.digest == expected.raw.digest > 0


def test_whole_runs_decide_what_the_golden_model_decides(scenario: Scenario, reference_runs: dict[str, Outcome]) -> None:
    outcome = reference_runs[scenario.name]
    assert (golden_digests(outcome.prepared)[0] == outcome.functional) == scenario.whole
    assert outcome.raw.status == (UNTIL if outcome.plan.until else DONE)


def test_nothing_is_lost_or_made(scenario: Scenario, reference_runs: dict[str, Outcome]) -> None:
    """Conservation per kind of message, and the account of memory is that of the stored things."""
    raw = reference_runs[scenario.name].raw
    assert np.array_equal(raw.sent + raw.copies, raw.delivered + raw.dropped + raw.in_flight)
    if raw.status == DONE:
        assert not raw.in_flight.any()
    assert raw.received.sum() == raw.delivered.sum() == len(raw.packets)


def test_hops_are_the_links_that_messages_cross(scenario: Scenario, reference_runs: dict[str, Outcome]) -> None:
    """x, then y, counted once for each message: its copies go the shared part of their ways together."""
    outcome = reference_runs[scenario.name]
    raw, links = outcome.raw, links_of_messages(outcome)
    if raw.status == UNTIL:  # what is on its way has crossed links too
        assert 0 < links <= raw.hops <= links + raw.in_flight.sum() * (outcome.plan.mesh.width + outcome.plan.mesh.height - 2)
    else:
        assert links == raw.hops
    assert (links < raw.packets[:, 7].sum()) <= raw.copies.any(), "only copies share a link"


def links_of_messages(outcome: Outcome) -> int:
    """Links that the delivered messages crossed, each counted once for a message however many of its copies cross it."""
    plan, crossed = outcome.plan, set()
    for _, _, kind, source, dest, sequence, _, hops, *_ in outcome.raw.packets.tolist():
        (x0, y0), (x1, y1) = (plan.mesh.xy(int(plan.endpoint_tile[end])) for end in (source, dest))
        east, south = (1 if x1 > x0 else -1), (1 if y1 > y0 else -1)
        way = [(x, y0, east, 0) for x in range(x0, x1, east)] + [(x1, y, 0, south) for y in range(y0, y1, south)]
        assert len(way) == hops
        crossed.update((source, kind, sequence, link) for link in way)
    return len(crossed)


def test_scenarios_do_what_their_names_say(reference_runs: dict[str, Outcome]) -> None:
    """A scenario that does not reach what it is for would compare nothing."""
    raw = {name: outcome.raw for name, outcome in reference_runs.items()}
    assert raw["ticks that are always late"].late_ticks.sum() > 100
    assert raw["slow ticks"].late_ticks.sum() == 0
    assert raw["overrun at 50 MHz"].own.overruns > 30
    assert raw["1 kHz"].own.overruns == 0
    assert raw["one core"].hops == 0 < raw["queued multicast"].hops
    assert (
        len(raw["no room"].own.unstored) and len(raw["no room, keyed"].own.unstored) and len(raw["axons run out"].own.unstored)
    )
    assert len(raw["alerts for all, unicast"].own.alerts) > len(raw["alerts for new"].own.alerts) > 0
    assert raw["queued multicast"].copies.any() and not raw["queued unicast"].copies.any()
    assert raw["queued multicast"].link_wait_ps.any() and not raw["ideal multicast"].link_wait_ps.any()
    regions = reference_runs["four regions that fill up"]
    assert regions.plan.own.constants.regions == 4
    assert len(reference_runs["logarithmic intervals"].raw.own.memory.residual) > 0
    digests = [r.digest for r in raw.values()]
    assert len(set(digests)) == len(digests) >= 55
    flips = raw["a bit flips"]
    assert flips.digest != raw["queued multicast"].digest and flips.records >= raw["queued multicast"].records
    for name in ("until, in ticks, while it grows", "until, keyed, overrun"):
        assert raw[name].status == UNTIL, name
        assert len(raw[name].own.growth) and raw[name].own.events_in < 120, name


def test_first_difference_is_named(reference_runs: dict[str, Outcome]) -> None:
    """The comparison sees a change in any field, and says where."""
    raw = reference_runs["queued multicast"].raw
    assert compare_runs(raw, raw) is None
    winners = raw.own.winners.copy()
    winners[3, 4] += 1
    assert compare_runs(raw, replace_own(raw, winners=winners)).startswith("own.winners[3] (time, layer, item, id, cover")
    assert "77 rows" in compare_runs(raw, replace_own(raw, waits=raw.own.waits[:77]))
    memory = replace(raw.own.memory, pair=raw.own.memory.pair + 1)
    assert compare_runs(raw, replace_own(raw, memory=memory)).startswith("own.memory.pair[0]")
    assert compare_runs(raw, replace(raw, digest=raw.digest + 1)).startswith("digest")
    for name in ("actions", "busy_ps", "sent", "link_wait_ps", "tile_flits"):
        assert compare_runs(raw, replace(raw, **{name: getattr(raw, name) + 1})).startswith(f"{name}[0]")
    assert compare_summaries({"a": {"b": 1}}, {"a": {"b": 2}}) == "summary.a.b: 1 and 2"
    assert "['c']" in compare_summaries({"a": {"c": 1}}, {"a": {}})


@pytest.mark.parametrize(
    "settings",
    [
        ("chip.noc.width=8", "chip.noc.height=1", "chip.noc.link_latency_ns.value=1 ps"),
        ("chip.core.tick=7 ps",),
        (*NO_GROWTH, "chip.growth.slot_time.value=1 ps"),
    ],
    ids=["link", "tick", "slot"],
)
def test_unused_delay_changes_nothing(settings: tuple[str, ...], engine: str) -> None:
    with_delay, without = run(small(*settings), engine).raw, run(small(*settings[:-1]), engine).raw
    assert compare_runs(with_delay, without) is None


def test_used_delay_of_one_ps_changes_the_digest(engine: str) -> None:
    """The other half of the test above: the digest does see a picosecond."""
    settings = ("chip.noc.local_latency.value=2301 ps",)
    changed, before = run(small(*settings), engine).raw, run(small(), engine).raw
    assert changed.digest != before.digest and changed.own.decisions == before.own.decisions


def test_names_are_unique() -> None:
    assert len({scenario.name for scenario in SCENARIOS}) == len(SCENARIOS)
    assert len(SCENARIOS) >= 60
