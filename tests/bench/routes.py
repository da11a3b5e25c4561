"""How far router tables compress: the reference graphs by several methods; prints a row per table and writes ``measured/routes.json``.

python -m tests.bench.routes [METHOD ...]       sequential, default and quality without any
"""

from __future__ import annotations

import json
import resource
import sys
from pathlib import Path
from time import process_time
from typing import Any

from chipsim.config.load import load_chip
from chipsim.noc import Mesh
from nsn_mapping.check.routes import check_routes
from nsn_mapping.energy import directional_hops, joules
from nsn_mapping.graph import read_graph
from nsn_mapping.hypergraph import from_graph, plain_caps
from nsn_mapping.map_graph import map_graph
from nsn_mapping.routes import build_tables
from tests.folders import MAPPING

HERE = Path(__file__).resolve()
OUT = HERE.parent / "measured/routes.json"
GRAPHS = {"nsnT48k": Mesh(10, 10), "sw30k": Mesh(8, 8)}
TARGETS = {"prefixes": None, "1,024": 1024, "shortest": 0}


def measure(name: str, method: str) -> list[dict[str, Any]]:
    """Tables of one mapping: by prefixes alone, down to 1,024 entries, and as short as they become; all are walked."""
    graph, mesh, chip = read_graph(MAPPING / f"{name}.npz"), GRAPHS[name], load_chip("altai-256")
    h = from_graph(graph.indptr, graph.targets, graph.spikes)
    core = map_graph(h, plain_caps(len(h), 512), mesh, method, 1).core
    cast = {kind: directional_hops(h, core, mesh, kind == "multicast") for kind in ("unicast", "multicast")}
    rows = []
    for target, most in TARGETS.items():
        build_tables(h, core, mesh, most)  # compiles
        begin = process_time()
        made = build_tables(h, core, mesh, most)
        spent = process_time() - begin
        check_routes(h, core, mesh, made.keys.key, made)
        rows.append(
            {
                "graph": name,
                "method": method,
                "target": target,
                "key_bits": made.keys.bits,
                "entries": int(made.used.sum()),
                "fullest": int(made.used.max()),
                "compressed": int(made.compressed.sum()),
                "compressed_fullest": int(made.compressed.max()),
                "routers_over_1024": int((made.compressed > 1024).sum()),
                "cpu_s": round(spent, 3),
                "joules": {kind: joules(traffic, chip, 1) for kind, traffic in cast.items()},
                "peak_rss_mib": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024,
            }
        )
        sys.stdout.write(json.dumps(rows[-1]) + "\n")
    return rows


def main(methods: list[str]) -> None:
    """Measure and write."""
    rows = [
        row for name in GRAPHS for method in methods or ["sequential", "default", "quality"] for row in measure(name, method)
    ]
    OUT.write_text(json.dumps(rows, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main(sys.argv[1:])
