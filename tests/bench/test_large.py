"""Large runs, each in a process of its own: what they take in time and memory."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.bench.points import POINTS
from tests.bench.results import Results

pytestmark = pytest.mark.bench


def measured(name: str, folder: Path, root: Path) -> dict[str, Any]:
    """The second of two runs where code had to be compiled for the first."""
    arguments = [sys.executable, "-m", "tests.bench.points", name, str(folder)]
    found: dict[str, Any] = {}
    for _ in range(1 if name == "million" else 2):
        done = subprocess.run(arguments, cwd=root, check=True, capture_output=True, text=True)
        found = json.loads(done.stdout)
    return found


@pytest.mark.parametrize("name", POINTS)
def test_time_and_memory(name: str, results: Results, tmp_path: Path, root: Path) -> None:
    found = measured(name, tmp_path, root)
    title = {
        "million": "1e6 neurons, 1e8 synapses, 20 steps",
        "vast text": "2e6 cores, ten symbols",
        "vast spikes": "2e6 cores, ten spikes",
    }
    results.row(
        title[name], found["wall_s"], "s", f"CPU {found['cpu_s']:.1f} s, peak {found['peak_rss_bytes'] / 2**30:.2f} GiB"
    )
    if name == "million":
        assert found["cores"] == 1_954 and found["synapses"] == 10**8
        results.row("  its packets", found["packets_per_cpu_s"], "packets/CPU s", f"built in {found['build_cpu_s']:.1f} CPU s")
        results.row("  its memory", found["bytes_per_synapse"], "bytes/synapse", "all that the run added")
    results.note("large", **{name: found})
