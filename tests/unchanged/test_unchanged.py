"""Digests, counters and joules are what they were before the machine was parted from its programs."""

from __future__ import annotations

import hashlib
import json
from typing import Any

import pytest

from tests.engines import ENGINE_NAMES
from tests.needs import needs, there, under
from tests.unchanged.record import FILE, differences, known, outcome, recorded, text_of
from tests.unchanged.scenarios import program_of

FIRST = "fb1e3fd2023f55d840ac52d4b94f5170148a0228eeb94bb7a28188242112110f"
"""SHA-256 of the file as it was first written."""

CHANGES = FILE.with_name("unchanged_changes.json")
"""Scenarios that had to change since: name to ``reason`` and ``was``, the record as it was first, null for one that is new."""

NAMES = sorted(recorded())
QUICK = [name for name in NAMES if not name.startswith(("sweep", "shipped: text", "noc", "map"))]


def test_what_was_recorded_first_is_still_known() -> None:
    """Whoever changes a record says why."""
    records, changes = recorded(), json.loads(CHANGES.read_text(encoding="utf-8"))
    for name, change in changes.items():
        assert len(change["reason"]) > 20, name
        assert change["was"] != records.get(name), f"{name}: listed, but as it was"
        if change["was"] is None:
            del records[name]
        else:
            records[name] = change["was"]
    assert len(records) > 150
    assert hashlib.sha256(text_of(records).encode()).hexdigest() == FIRST


def test_every_scenario_is_recorded() -> None:
    """Those of the programs that are there."""
    assert sorted(known()) == [name for name in NAMES if not program_of(name) or there(program_of(name))]


def rows(names: list[str]) -> list[Any]:
    """Names with the programs that they need."""
    return [row for name in names for row in (under(program_of(name), [name]) if program_of(name) else [name])]


@pytest.mark.parametrize("name", rows(QUICK))
def test_runs_as_recorded(name: str) -> None:
    assert differences(recorded()[name], outcome(name, "reference")) == []


@pytest.mark.slow
@pytest.mark.parametrize("engine", ENGINE_NAMES)
@pytest.mark.parametrize("name", rows(NAMES))
def test_runs_as_recorded_on_every_engine(name: str, engine: str) -> None:
    if name.startswith("map") and engine != ENGINE_NAMES[0]:
        pytest.skip("mapping runs on no engine")
    assert differences(recorded()[name], outcome(name, engine)) == []


@needs("snn")
def test_a_change_is_seen() -> None:
    name = "given: lif barrier"
    record = dict(recorded()[name])
    path = next(path for path in record if path.startswith("digest"))
    record[path] = "0"
    assert len(differences(record, outcome(name, "reference"))) == 1
