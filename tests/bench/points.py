"""Large runs, each in a process of its own, whose time and memory are told as JSON.

python -m tests.bench.points NAME FOLDER
"""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from pathlib import Path
from time import perf_counter, process_time
from typing import Any

import numpy as np

from chipsim.config.load import load_experiment
from chipsim.engines.compiled import run_compiled
from chipsim.pipeline import simulate
from tests.bench.loads import spiking_load
from tests.bench.results import peak_rss

VAST = ("chip.noc.width=2000", "chip.noc.height=1000", "chip.noc.concentration=1", "engine=compiled")
"""Two million cores."""


def million(_: Path) -> dict[str, Any]:
    """A million neurons with a hundred synapses each, 20 steps at 2 %, on 1,954 cores."""
    before = peak_rss()
    begin = process_time()
    network, plan = spiking_load(1_000_000, 100, 50, 20, 45, 44)
    built = process_time() - begin
    del network
    raw = run_compiled(plan)
    return {
        "cores": len(plan.own.used), "synapses": plan.own.synapses, "packets": int(raw.sent.sum()), "hops": raw.hops,
        "build_cpu_s": built, "run_cpu_s": raw.cpu_s, "packets_per_cpu_s": int(raw.sent.sum()) / raw.cpu_s,
        "bytes_per_synapse": (peak_rss() - before) / plan.own.synapses,
    }  # fmt: skip


def vast_text(_: Path) -> dict[str, Any]:
    """Ten symbols on two million cores that know nothing."""
    settings = (*VAST, "workload.learned=0", "workload.symbols=10", "chip.core.axons=null")
    summary = simulate(load_experiment("text-small", settings)).summary
    return {"hops": summary["counts"]["hops"], "wall_by_stage_s": summary["wall_s"], "run_cpu_s": summary["run_cpu_s"]}


def vast_spikes(folder: Path) -> dict[str, Any]:
    """Ten spikes between far cores of two million."""
    cores = np.linspace(0, 1_999_999, 20).astype(np.int64)
    path = folder / "ten.npz"
    np.savez(
        path, src=np.arange(10), dst=np.arange(19, 9, -1), weight=np.ones(10), neuron_core=cores, threshold=100.0,
        neuron_kind=(np.arange(20) < 10).astype(np.uint8), in_step=np.ones(10, np.int64), in_neuron=np.arange(10), steps=2,
    )  # fmt: skip
    settings = (*VAST, f"workload={{kind: arrays, path: {path}}}", "mapping.partitioner=given", "mapping.fill=null")
    summary = simulate(load_experiment("lif-small", settings)).summary
    return {"hops": summary["counts"]["hops"], "wall_by_stage_s": summary["wall_s"], "run_cpu_s": summary["run_cpu_s"]}


POINTS: dict[str, Callable[[Path], dict[str, Any]]] = {"million": million, "vast text": vast_text, "vast spikes": vast_spikes}


def main() -> None:
    """Run a point and write what it took to standard output."""
    begin = perf_counter()
    found = POINTS[sys.argv[1]](Path(sys.argv[2]))
    found |= {"wall_s": perf_counter() - begin, "cpu_s": process_time(), "peak_rss_bytes": peak_rss()}
    sys.stdout.write(json.dumps(found))


if __name__ == "__main__":
    main()
