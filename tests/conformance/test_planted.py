"""The comparison finds what it is for: an error of order in a copy of the engine is caught, and its first differing event is named."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

LINKS = ("network", "            L[link, ORDER] |= 1\n", "            L[link, ORDER] |= 0\n")
"""A link no longer notes that its packets must be put in order."""
PORTS = ("network", "            E[endpoint, E_ORDER] |= 1\n", "            E[endpoint, E_ORDER] |= 0\n")
"""Likewise a local port."""
NOTHING = ("network", "            L[link, ORDER] |= 1\n", "            L[link, ORDER] |= 1  # as it was\n")

TURN = ("crossbar", "    N[first + p, N_TURN] = Y[i, Y_VC] + 1\n", "    N[first + p, N_TURN] = Y[i, Y_VC]\n")
"""An input of a wormhole router favours the virtual channel that it has just served."""
REUSE = ("wormhole", "    if P[ATOMIC] and left & (HELD | CREDITS) == buffer:\n", "    if P[ATOMIC] and left & HELD == 0:\n")
"""A virtual channel is given away before it is empty."""
HALF = ("channels", "    if P[HALVES] == 0 or out >= P[PORTS_OF]:\n", "    if True:\n")
"""Trees on a torus take any virtual channel, on both sides of the dateline."""
STALL = (
    "crossbar",
    "            L[N[first + out, N_LINK], STALL_CREDIT] += 1\n",
    "            L[N[first + out, N_LINK], STALL_SWITCH] += 1\n",
)
"""A flit that waits for a credit is said to wait for the switch."""


def compared(folder: Path, root: Path, error: tuple[str, str, str], scenario: str, **environment: str) -> str:
    done = subprocess.run(
        [sys.executable, "-m", "tests.conformance.planted", str(folder), *error, scenario],
        cwd=root,
        env={**os.environ, "PYTHONPATH": str(root), "CHIPSIM_CACHE_DIR": str(folder / "cache"), **environment},
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.mark.parametrize("error", [LINKS, PORTS], ids=["links", "ports"])
@pytest.mark.parametrize("scenario", ["traffic, crowded instants", "lif barrier, crowded instants"])
def test_an_error_of_order_is_caught_and_its_first_event_named(
    error: tuple[str, str, str], scenario: str, tmp_path: Path, root: Path
) -> None:
    """In the engine's code as it is compiled, without the compiler."""
    said = compared(tmp_path, root, error, scenario, NUMBA_DISABLE_JIT="1")
    first, *around = said.splitlines()
    found = re.match(r"packets\[(\d+)\] \(injected, delivered, .*\): (\[.*\]) and (\[.*\]); (\d+) and \4 rows", first)
    assert found, said
    row = int(found[1])
    assert f"  first >[{row}] {found[2]}" in around and f"  second >[{row}] {found[3]}" in around
    before = [
        [line.split("] ", 1)[1] for line in around if line.startswith(f"  {side}  [{row - 1}]")] for side in ("first", "second")
    ]
    assert before[0] == before[1] != [] or row == 0, "what comes before is the same on both"


def test_a_copy_without_an_error_agrees(tmp_path: Path, root: Path) -> None:
    assert compared(tmp_path, root, NOTHING, "traffic, crowded instants", NUMBA_DISABLE_JIT="1") == "no difference"


@pytest.mark.parametrize(
    ("error", "scenario"),
    [
        (TURN, "concentration"),
        (REUSE, "one VC, atomic"),
        (HALF, "spikes on trees of a torus"),
    ],
    ids=["turn", "reuse", "half"],
)
def test_an_error_in_a_wormhole_router_is_caught(
    error: tuple[str, str, str], scenario: str, tmp_path: Path, root: Path
) -> None:
    said = compared(tmp_path, root, error, scenario, NUMBA_DISABLE_JIT="1")
    assert re.match(r"packets\[(\d+)\] \(injected, delivered, .*\): (\[.*\]) and (\[.*\]); (\d+) and \4 rows", said), said


def test_a_wrong_cause_of_waiting_is_caught(tmp_path: Path, root: Path) -> None:
    said = compared(tmp_path, root, STALL, "one VC of one flit", NUMBA_DISABLE_JIT="1")
    assert said.startswith("link_stalls["), said


@pytest.mark.slow
def test_the_same_error_is_caught_when_compiled(tmp_path: Path, root: Path) -> None:
    said = compared(tmp_path, root, LINKS, "traffic, crowded instants")
    interpreted = tmp_path / "interpreted"
    interpreted.mkdir()
    assert said.startswith("packets[")
    assert said == compared(interpreted, root, LINKS, "traffic, crowded instants", NUMBA_DISABLE_JIT="1")
