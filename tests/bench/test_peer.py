"""Side by side with SANA-FE on one network in one run: a hundred thousand neurons, fan-out 100, 2 % firing, on 196 cores."""

from __future__ import annotations

import importlib.util
import json
import subprocess
import sys
from pathlib import Path
from statistics import median

import pytest

from chipsim.engines.compiled import run_compiled
from tests.bench.loads import spiking_load
from tests.bench.peer import save_network
from tests.bench.results import Results, peak_rss, spread

STEPS = {"simple": 6, "detailed": 2}
REPEATS = 3

pytestmark = [
    pytest.mark.bench,
    pytest.mark.skipif(
        importlib.util.find_spec("sanafe") is None, reason="SANA-FE is not installed: pip install 'chipsim[peers]'"
    ),
]


def test_packets_per_cpu_second(results: Results, tmp_path: Path, root: Path) -> None:
    """Ours before and after the peer; the spikes and hops of every step are equal."""
    network, plan = spiking_load(100_000, 100, 50, 1 + sum(STEPS.values()), 14, 14)
    run_compiled(plan)
    runs = [run_compiled(plan) for _ in range(REPEATS)]
    save_network(network, tmp_path / "net.npz", 14, 14, 512, STEPS)
    arguments = [sys.executable, "-m", "tests.bench.peer", str(tmp_path / "net.npz"), str(tmp_path / "out.json")]
    subprocess.run(arguments, cwd=root, check=True, stdout=subprocess.DEVNULL)
    peer = json.loads((tmp_path / "out.json").read_text(encoding="utf-8"))
    runs += [run_compiled(plan) for _ in range(REPEATS)]
    ours = [int(r.sent.sum()) / r.cpu_s for r in runs]
    results.row("SANA-FE's network, compiled, queued", median(ours), "packets/CPU s", f"peak {peak_rss() / 2**30:.2f} GiB")
    results.note("peer", ours=spread(ours), ours_peak_rss_bytes=peak_rss())
    step = 1  # the first gives the peer's neurons their potentials
    for model, found in peer["runs"].items():
        mine = runs[0].own.steps[step : step + found["steps"]]
        step += found["steps"]
        assert found["fired"] == mine[:, 3].tolist()
        assert found["hops"] == mine[:, 6:8].sum(axis=1).tolist()
        rate = int(mine[:, 5].sum()) / found["cpu_s"]
        results.row(f"SANA-FE, {model}", rate, "packets/CPU s", f"compiled / it: {median(ours) / rate:.2f} x")
        results.note("peer", **{model: {"packets_per_cpu_s": rate, "ratio": median(ours) / rate, **found}})
    results.row("SANA-FE, build and load", peer["build_cpu_s"], "CPU s", f"peak {peer['peak_rss_bytes'] / 2**30:.2f} GiB")
    results.note("peer", build_cpu_s=peer["build_cpu_s"], peak_rss_bytes=peer["peak_rss_bytes"])
