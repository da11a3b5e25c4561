"""Graphs of 10^6 neurons on 45 x 45 cores: packets, CPU seconds and memory of partitioners side by side, each in a process of its own.

python -m tests.bench.mapping_large [--graphs topics,...] [--methods metis,...] [--seeds 1,...] [--out FILE]
python -m tests.bench.mapping_large --graphs topics --methods streaming,hierarchical --neurons 10000000 --side 143

Rows that the file has already are not measured again. ``cpu_s`` is the method's own time, its child processes included; reading the graph and
compiling kernels are not. ``place_cpu_s`` and mean hops are those of the placement of that partition.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import numpy as np

from chipsim.noc import Mesh
from nsn_mapping.evaluate import evaluate
from nsn_mapping.hypergraph import Hypergraph, from_graph, plain_caps
from nsn_mapping.map_graph import cpu_seconds
from nsn_mapping.methods import graph_parts
from workloads.synthetic.graphs import KINDS, generate_graph

MEASURED = Path(__file__).with_name("measured") / "mapping_large.json"
NEURONS, SIDE, CAP = 1_000_000, 45, 512
TINY = 20_000
"""Neurons of the graph on which kernels are compiled before anything is measured."""

RAW = "large_k"
"""Mt-KaHyPar's preset alone; ``quality`` goes on from it."""

PLACED = ("default", "quality", "metis", "hierarchical")


def main() -> None:
    """Measure what is missing."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--graphs", default=",".join(KINDS))
    parser.add_argument("--methods", default=f"random,streaming,metis,default,{RAW},quality")
    parser.add_argument("--seeds", default="1")
    parser.add_argument("--neurons", type=int, default=NEURONS)
    parser.add_argument("--side", type=int, default=SIDE)
    parser.add_argument("--out", type=Path, default=MEASURED)
    parser.add_argument("--one", nargs=3, metavar=("NPZ", "METHOD", "SEED"), help="measure in this process and print")
    given = parser.parse_args()
    if given.one:
        sys.stdout.write(json.dumps(measure(Path(given.one[0]), given.one[1], int(given.one[2]), given.side)) + "\n")
        return
    for graph in given.graphs.split(","):
        with tempfile.TemporaryDirectory(prefix="chipsim-bench-") as folder:
            file = Path(folder, "graph.npz")
            for method in given.methods.split(","):
                for seed in given.seeds.split(","):
                    key = f"{graph}:{given.neurons} {given.side}x{given.side} {method} {seed}"
                    if key in _load(given.out):
                        continue
                    if not file.exists():
                        made = generate_graph(graph, given.neurons, 1)
                        np.savez(file, indptr=made.indptr, targets=made.targets, spikes=made.spikes)
                    row = _child(file, method, seed, given.side)
                    _save(given.out, key, row)
                    sys.stderr.write(f"{key}: {json.dumps(row)}\n")


def measure(file: Path, method: str, seed: int, side: int) -> dict[str, Any]:
    """Partition, and place, one graph.

    Args:
        file: the graph.
        method: a partitioner, or ``RAW``.
        seed: of the method.
        side: of the mesh.
    """
    mesh = Mesh(side, side)
    with np.load(file) as arrays:
        h = from_graph(arrays["indptr"], arrays["targets"], arrays["spikes"])
    tiny = generate_graph("topics", TINY, 1)
    tiny_h = from_graph(tiny.indptr, tiny.targets, tiny.spikes)
    for name in (method, "streaming"):  # hierarchical streams only what is larger than a group
        _partition(tiny_h, name, TINY * 20 // (CAP * 19), seed)
    clock, begin = time.perf_counter(), cpu_seconds()
    part = _partition(h, method, mesh.cores, seed)
    end, clock = cpu_seconds(), time.perf_counter() - clock
    cost = evaluate(h, part, mesh)
    row = {"synapses": len(h.pins), "packets": cost.packets, "edge_cut": cost.edge_cut, "largest_core": cost.largest_core}
    row |= {"cores_used": cost.cores_used, "cpu_s": round(end - begin, 2), "wall_s": round(clock, 2)}
    row["peak_rss_bytes"] = _peak()
    assert cost.largest_core <= CAP
    if method in PLACED:
        row |= _place(h, part, mesh, seed)
    return row


def _partition(h: Hypergraph, method: str, parts: int, seed: int) -> Any:
    caps = plain_caps(len(h), CAP)
    if method == RAW:
        from nsn_mapping.partition import kahypar

        return kahypar.partition(h, caps, parts, seed, RAW)
    return graph_parts(method, h, caps, parts, seed)


def _place(h: Hypergraph, part: Any, mesh: Mesh, seed: int) -> dict[str, Any]:
    from nsn_mapping.place import place_blocks
    from nsn_mapping.place.blocks import block_graph
    from nsn_mapping.place.sites import mesh_sites

    sites = mesh_sites(mesh)
    shuffled = np.random.default_rng(seed).permutation(mesh.cores).astype(np.int32)
    place_blocks(block_graph(h, part, mesh.cores), sites, seed)  # compiles
    begin = cpu_seconds()
    site = place_blocks(block_graph(h, part, mesh.cores), sites, seed)
    end = cpu_seconds()
    placed, at_random = (evaluate(h, where[part].astype(np.int32), mesh) for where in (sites.core[site], shuffled))
    return {
        "mean_hops": round(placed.hops / placed.packets, 3),
        "mean_hops_random": round(at_random.hops / at_random.packets, 3),
        "place_cpu_s": round(end - begin, 2),
    }


def _child(file: Path, method: str, seed: str, side: int) -> dict[str, Any]:
    command = [sys.executable, "-m", "tests.bench.mapping_large", "--side", str(side), "--one", str(file), method, seed]
    done = subprocess.run(command, check=False, stdout=subprocess.PIPE, text=True)
    found = json.loads(done.stdout.splitlines()[-1]) if not done.returncode else {"failed": done.returncode}
    return {**found, "load": round(os.getloadavg()[0], 1)}


def _peak() -> int:
    most = max(resource.getrusage(who).ru_maxrss for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    return most * (1 if sys.platform == "darwin" else 1024)


def _load(path: Path) -> dict[str, Any]:
    return json.loads(path.read_text(encoding="utf-8")) if path.exists() else {}


def _save(path: Path, key: str, row: dict[str, Any]) -> None:
    path.write_text(json.dumps({**_load(path), key: row}, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
