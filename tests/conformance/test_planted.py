"""The comparison finds what it is for: an error of order in a copy of the engine is caught, and its first differing event is named."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.conformance.planted import ERRORS, NOTHING, plant
from tests.needs import needs, under


def compared(folder: Path, root: Path, error: str, scenario: str, **environment: str) -> str:
    done = started(folder, root, error, scenario, **environment)
    assert done.returncode == 0, done.stderr
    return done.stdout


def started(folder: Path, root: Path, error: str, scenario: str, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "tests.conformance.planted", str(folder), error, scenario],
        cwd=root,
        env={**os.environ, "PYTHONPATH": str(root), "CHIPSIM_CACHE_DIR": str(folder / "cache"), **environment},
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )


@pytest.mark.parametrize("error", ["links", "ports"])
@pytest.mark.parametrize(
    "scenario", [*under("packets", ["traffic, crowded instants"]), *under("snn", ["lif barrier, crowded instants"])]
)
def test_an_error_of_order_is_caught_and_its_first_event_named(error: str, scenario: str, tmp_path: Path, root: Path) -> None:
    """In the engine's code as it is compiled, without the compiler."""
    said = compared(tmp_path, root, error, scenario, CHIPSIM_INTERPRET="1")
    first, *around = said.splitlines()
    found = re.match(r"packets\[(\d+)\] \(injected, delivered, .*\): (\[.*\]) and (\[.*\]); (\d+) and \4 rows", first)
    assert found, said
    row = int(found[1])
    assert f"  first >[{row}] {found[2]}" in around and f"  second >[{row}] {found[3]}" in around
    before = [
        [line.split("] ", 1)[1] for line in around if line.startswith(f"  {side}  [{row - 1}]")] for side in ("first", "second")
    ]
    assert before[0] == before[1] != [] or row == 0, "what comes before is the same on both"


@needs("packets")
def test_a_copy_without_an_error_agrees(tmp_path: Path, root: Path) -> None:
    assert compared(tmp_path, root, NOTHING, "traffic, crowded instants", CHIPSIM_INTERPRET="1") == "no difference"


@pytest.mark.parametrize(
    ("error", "scenario"),
    [
        pytest.param("turn", "concentration", marks=needs("packets")),
        pytest.param("reuse", "one VC, atomic", marks=needs("packets")),
        pytest.param("vc_class", "spikes on trees of a torus", marks=needs("snn")),
    ],
)
def test_an_error_in_a_wormhole_router_is_caught(error: str, scenario: str, tmp_path: Path, root: Path) -> None:
    said = compared(tmp_path, root, error, scenario, CHIPSIM_INTERPRET="1")
    assert re.match(r"packets\[(\d+)\] \(injected, delivered, .*\): (\[.*\]) and (\[.*\]); (\d+) and \4 rows", said), said


@needs("packets")
def test_a_wrong_cause_of_waiting_is_caught(tmp_path: Path, root: Path) -> None:
    said = compared(tmp_path, root, "stall", "one VC of one flit", CHIPSIM_INTERPRET="1")
    assert said.startswith("link_stalls["), said


@needs("packets")
def test_an_access_outside_a_table_is_an_error_where_accesses_are_checked(tmp_path: Path, root: Path) -> None:
    done = started(tmp_path, root, "outside", "traffic, crowded instants", CHIPSIM_BOUNDSCHECK="1")
    assert done.returncode == 1 and re.search(r"network\.py.*links", done.stderr, re.DOTALL), done.stderr


@pytest.mark.slow
@needs("packets")
def test_the_same_error_is_caught_when_compiled(tmp_path: Path, root: Path) -> None:
    said = compared(tmp_path, root, "links", "traffic, crowded instants")
    interpreted = tmp_path / "interpreted"
    interpreted.mkdir()
    assert said.startswith("packets[")
    assert said == compared(interpreted, root, "links", "traffic, crowded instants", CHIPSIM_INTERPRET="1")


@pytest.mark.parametrize("found", ["", "def to_link(): ...", "def to_link():\n    a.order |= 1\n    a.order |= 1"])
def test_an_error_that_has_no_place_is_refused(found: str) -> None:
    """An engine that was rewritten is not held to agree because nothing was planted in it."""
    with pytest.raises(LookupError, match=r"to_link in the engine, \d places"):
        plant({"a.py": found, "b.py": "x = 1"}, ERRORS["links"])
    good = "def to_link():\n    L[link, ORDER] |= 1"
    assert plant({"a.py": good}, ERRORS["links"])["a.py"] == good.replace("1", "0")
    with pytest.raises(LookupError, match="2 functions"):
        plant({"a.py": good, "b.py": good}, ERRORS["links"])
