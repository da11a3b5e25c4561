"""Networks of wormhole routers at full speed, each in a process of its own, so that its memory is its own.

python -m tests.bench.noc_speed NAME
"""

from __future__ import annotations

import json
import sys
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any

from chipsim.engines.base import Watch
from chipsim.pipeline.noc import NocRun, base_plan, noc_point
from chipsim.pipeline.noc_chip import NocOptions, noc_chip
from tests.bench.results import peak_rss
from workloads.synthetic import Pattern

REPEATS = 5


@dataclass(frozen=True, slots=True)
class Point:
    """A mesh at a load, 4 VCs of 8 flits, timing S, packets of one flit.

    Attributes:
        side: routers in a row, and rows.
        traffic: name of the pattern.
        load: flits per sending node and cycle.
        cycles: for which packets are sent.
        senders: share of the nodes that send.
    """

    side: int
    traffic: str
    load: str
    cycles: int
    senders: str = "1"

    @property
    def run(self) -> NocRun:
        """Everything but the load; nothing is measured but the whole run."""
        chip = noc_chip(NocOptions(width=self.side, height=self.side, vcs=4, buffer=8, timing="S"))
        return NocRun(chip, Pattern(self.traffic), (1,), self.cycles, 0, 1, senders=Fraction(self.senders), engine="compiled")


POINTS = {
    "8x8 uniform 0.05": Point(8, "uniform", "0.05", 40_000),
    "8x8 uniform 0.3": Point(8, "uniform", "0.3", 10_000),
    "16x16 uniform 0.05": Point(16, "uniform", "0.05", 12_000),
    "16x16 uniform 0.15": Point(16, "uniform", "0.15", 5_000),
    "45x45 uniform 0.005": Point(45, "uniform", "0.005", 8_000),
    "45x45 uniform 0.05": Point(45, "uniform", "0.05", 2_000),
    "45x45 neighbor 0.3": Point(45, "neighbor", "0.3", 2_000),
    "256x256 one in a hundred 0.05": Point(256, "uniform", "0.05", 2_000, "0.01"),
}


def measure(name: str) -> dict[str, Any]:
    """Flit-hops and router visits per processor second of the engine, and memory per router beyond that of a small network."""
    point, small = POINTS[name], Point(8, "uniform", "0.05", 100)
    noc_point(small.run, base_plan(small.run), Fraction(small.load), Watch())  # the code is loaded
    before = peak_rss()
    run = point.run
    plan = base_plan(run)
    rates, visits, figures = [], [], {}
    for _ in range(REPEATS):
        found = noc_point(run, plan, Fraction(point.load), Watch())
        assert found is not None
        figures = found.figures
        rates.append(figures["flit_hops"] / figures["cpu_s"])
        visits.append((figures["flit_hops"] + figures["packets"]) / figures["cpu_s"])
    return {
        "flit_hops": figures["flit_hops"], "flit_hops_per_s": rates, "router_visits_per_s": visits, "undelivered": figures["undelivered"],
        "mean_latency": figures["mean_latency"], "cycles": figures["cycles"], "routers": point.side**2,
        "bytes_per_router": (peak_rss() - before) / point.side**2,
    }  # fmt: skip


def anchors(folder: Path) -> dict[str, float]:
    """Router visits per CPU second that BookSim2 made, median, by the names of `POINTS` (4 VCs, timing S)."""
    from tests.analytic.booksim import rows_of

    return {
        f"{row['k']}x{row['k']} {row['traffic']} {row['load']}": float(row["rhops_per_cpu_s_med"])
        for row in rows_of(folder, "booksim2_speed.csv")
        if (row["num_vcs"], row["timing"]) == ("4", "S")
    }


if __name__ == "__main__":
    sys.stdout.write(json.dumps(measure(sys.argv[1])))
