"""What recursive networks and listeners cost, and what priming is worth (AT9, HW9, AT2). Run from the project's folder:

    python -m tests.bench.recursion

* Traffic: the documentation text on ``altai-256``, 3,000 characters learned and 1,000 run at 5 kHz, 8 layers with 0 to 5 recursive networks
  each and 0 to 8 listeners: per event spikes, link crossings, dynamic joules and service, and the busiest link with how many events/s it
  would take at that load. The mapping is made anew for each number of networks, for their neurons are mapped too.
* Choices: texts with planted ambiguity (``tests/golden/ambiguity.py``), share of right choices with and without priming.

``tests/bench/measured/recursion.json`` has all figures.
"""

from __future__ import annotations

import json
import logging
from pathlib import Path
from typing import Any

from chipsim.config.load import load_experiment
from chipsim.pipeline import simulate
from tests.golden.ambiguity import plant, right
from tests.golden.test_ambiguity import wilson

OUT = Path(__file__).parent / "measured/recursion.json"
LOG = logging.getLogger("recursion")

SIZES = ("workload.learned=3000", "workload.symbols=1000", "limits=extrapolated")
NETWORKS, LISTENERS = range(6), (0, 1, 2, 4, 8)


def traffic(networks: int, listeners: int, *more: str) -> dict[str, Any]:
    """One run."""
    settings = (*SIZES, f"workload.recursive={networks}", f"workload.listeners={listeners}", *more)
    told = simulate(load_experiment("text", settings)).summary
    counts, events = told["counts"], told["counts"]["events_in"]
    limits = told["claim"]["limits"]
    return {
        "networks": networks,
        "listeners": listeners,
        "spikes": counts["spikes"] / events,
        "packets": counts["packets"] / events,
        "hops": counts["hops"] / events,
        "joules": told["claim"]["dynamic_j_per_event"],
        "service_p50_s": told["service_s"]["p50"],
        "service_p99_s": told["service_s"]["p99"],
        "link_packets": told["busiest"]["link_packets"],
        "link_utilisation": told["busiest"]["link_utilisation"],
        "link_limit_hz": limits["link"]["rate_hz"],
        "roots_limit_hz": limits["wta_quorum"]["rate_hz"],
        "neurons_of_networks": sum(one["neurons"] for one in told["nsn"].get("networks", ())),
        "primed": told["nsn"]["decided_by"]["primed"],
        "functional_digest": told["functional_digest"],
    }


def choices(pairs: int, taught: bool, texts: int = 20) -> dict[str, Any]:
    """Shares of right choices in some texts."""
    plain: list[bool] = []
    primed: list[bool] = []
    worst = 1.0
    for seed in range(texts):
        planted = plant(pairs, 200, seed, words=1 + seed % 4, taught=taught)
        plain += right(planted, 0)
        some = right(planted, 1)
        worst, primed = min(worst, sum(some) / len(some)), primed + some
    told: dict[str, Any] = {"pairs": pairs, "taught": taught, "choices": len(plain), "worst_text": worst}
    for name, found in (("without", plain), ("with", primed)):
        told[name] = {"share": sum(found) / len(found), "interval": wilson(sum(found), len(found))}
    return told


def main() -> None:
    """Measure and write."""
    logging.basicConfig(level=logging.INFO, format="%(message)s")
    rows = []
    for networks in NETWORKS:
        for listeners in LISTENERS:
            rows.append(traffic(networks, listeners))
            LOG.info("%s", rows[-1])
    told = {"traffic": rows, "choices": [choices(pairs, taught) for pairs in (4, 8) for taught in (True, False)]}
    for one in told["choices"]:
        LOG.info("%s", one)
    OUT.write_text(json.dumps(told, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
