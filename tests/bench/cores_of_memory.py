"""Cores and watts for the memory of a text, and for 10^6 neurons at the fill reached: as read, and compacted before it is mapped.

    python -m tests.bench.cores_of_memory TEXT [--learned N] [--out FILE]

One run per row: the golden model learns ``learned`` characters, the partitioner maps what it stores onto altai-256 with a mesh of 40 x 40
cores, and 2,000 more characters run at 5 kHz. Compacted networks read by ``pass``. Cores in use hold neurons, roles or records (further
record keepers included); ``claim.at_1e6`` carries fill and power of these on to 10^6 neurons.
"""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path
from typing import Any

from chipsim.api import simulate
from chipsim.config.load import load_experiment

MESH = ("chip.noc.width=40", "chip.noc.height=40")
BEHIND = 2_000
KEYED, SUM = "workload.match=keyed", "workload.recognise.mode=sum"
COMPACT = ("workload.compaction=learned", "workload.reading=pass")
WAYS: dict[str, tuple[str, ...]] = {
    "associative, exact": (),
    "associative, sum": (SUM,),
    "keyed, exact": (KEYED,),
}
"""Ways to match; a walk by keys does not sum."""


def measure(text: Path, learned: int) -> list[dict[str, Any]]:
    """The rows, one per way and with and without compaction."""
    rows = []
    for compacted in (False, True):
        for way, settings in WAYS.items():
            named = (
                f"workload.path={text}",
                f"workload.learned={learned}",
                f"workload.symbols={BEHIND}",
                "workload.source=null",
            )
            experiment = load_experiment("text", (*named, *MESH, *settings, *(COMPACT if compacted else ())))
            rows.append(row(way, compacted, simulate(experiment).summary))
            print(json.dumps(rows[-1]), file=sys.stderr, flush=True)  # noqa: T201
    return rows


def row(way: str, compacted: bool, summary: dict[str, Any]) -> dict[str, Any]:
    """What a run says of it."""
    nsn, claim, cores = summary["nsn"], summary["claim"], summary["cores"]
    return {
        "way": way,
        "compacted": compacted,
        "neurons": claim["neurons"],
        "elements": nsn["stored_elements"],
        "cores_of_neurons": cores["neurons"],
        "cores_in_use": cores["in_use"],
        "watts": claim["watts"],
        "at_1e6": claim["at_1e6"],
        "replay_exact": nsn["replay_exact"],
    }


def markdown(rows: list[dict[str, Any]]) -> list[str]:
    """The rows as a table."""
    lines = [
        "| network | matching | neurons | elements | cores with neurons | cores in use | W | cores for 10^6 neurons | W |",
        "|---|---|---|---|---|---|---|---|---|",
    ]
    for one in rows:
        million = one["at_1e6"]
        lines.append(
            f"| {'compacted' if one['compacted'] else 'as read'} | {one['way']} | {one['neurons']:,} | {one['elements']:,} "
            f"| {one['cores_of_neurons']:,} | {one['cores_in_use']:,} | {one['watts']:.3f} | {million['cores']:,} | {million['watts']:.2f} |"
        )
    return lines


def main() -> None:
    """Measure, write the figures, and print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("text", type=Path)
    parser.add_argument("--learned", type=int, default=1_000_000)
    parser.add_argument("--out", type=Path)
    given = parser.parse_args()
    rows = measure(given.text, given.learned)
    if given.out is not None:
        given.out.write_text(json.dumps(rows, indent=1) + "\n", encoding="utf-8")
    print("\n".join(markdown(rows)))  # noqa: T201


if __name__ == "__main__":
    main()
