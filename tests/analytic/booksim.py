"""The curves measured with BookSim2 (``tests/data/noc``), and ours at the same loads."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import cache
from itertools import pairwise
from pathlib import Path
from statistics import fmean
from typing import Any

from chipsim.engines.base import Watch
from chipsim.pipeline.noc import NocRun, base_plan, noc_point
from chipsim.pipeline.noc_chip import NocOptions, noc_chip
from chipsim.pipeline.noc_measure import NocPoint
from workloads.synthetic import Pattern

KNEE = 3.0
"""The knee is the load at which the mean latency is so many times that of the empty network."""


MOST_PERIODS = 10
"""Sample periods after which the reference stopped at the latest (``max_samples``)."""


@dataclass(frozen=True, slots=True)
class Setting:
    """A network and its traffic, as far as the references differ.

    Attributes:
        traffic: name of the pattern.
        vcs, buffer, timing: of the routers.
        width, height: of the mesh.
        flits: per packet.
    """

    traffic: str
    vcs: int
    buffer: int
    timing: str
    width: int = 8
    height: int = 8
    flits: int = 1

    def run(self, cycles: int, warmup: int, seed: int, engine: str = "compiled", **more: Any) -> NocRun:
        """Ours, without a load; ``more`` changes the network (`NocOptions`)."""
        shape = {"width": self.width, "height": self.height, "vcs": self.vcs, "buffer": self.buffer, "timing": self.timing}
        chip = _chip(NocOptions(**(shape | more)))
        return NocRun(
            chip,
            Pattern(self.traffic, (27, 36) if self.traffic == "hotspot" else ()),
            (self.flits,),
            cycles,
            warmup,
            seed,
            engine=engine,
        )

    def measure(self, load: Fraction, cycles: int, warmup: int, seed: int, engine: str = "compiled", **more: Any) -> NocPoint:
        """Ours at one load."""
        run = self.run(cycles, warmup, seed, engine, **more)
        point = noc_point(run, base_plan(run), load, Watch())
        assert point is not None
        return point


@dataclass(frozen=True, slots=True)
class Reference:
    """One load of a curve, the mean over its seeds.

    Attributes:
        load: offered flits per node and cycle.
        latency: mean packet latency in cycles, source queue included.
        accepted: flits per node and cycle.
        stable: whether the reference converged with every seed.
        period: cycles of its sample periods, of which the first three were warm-up.
        periods: how many were measured.
        seeds: how many.
    """

    load: Fraction
    latency: float
    accepted: float
    stable: bool
    period: int
    periods: int
    seeds: int


@dataclass(frozen=True, slots=True)
class Curve:
    """A curve of the reference.

    Attributes:
        name: of its row in the summary.
        setting: network and traffic.
        t0: latency of the empty network in cycles.
        knee: load at ``KNEE`` times that.
        overload: accepted flits per node and cycle with 1.0 offered.
        points: by ascending load, the overload left out.
    """

    name: str
    setting: Setting
    t0: float
    knee: float
    overload: float
    points: tuple[Reference, ...]


_chip = cache(noc_chip)


def rows_of(folder: Path, name: str) -> list[dict[str, str]]:
    """Rows of a table."""
    with (folder / name).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def read_curves(folder: Path) -> list[Curve]:
    """All curves, in the order of the summary."""
    points: dict[str, dict[Fraction, list[dict[str, str]]]] = {}
    for row in rows_of(folder, "curves_mesh8x8_p1.csv"):
        if row["mode"] == "latency":
            points.setdefault(row["curve"], {}).setdefault(Fraction(row["offered_flits_node_cycle"]), []).append(row)
    return [
        Curve(
            row["curve"],
            Setting(row["traffic"], int(row["num_vcs"]), int(row["vc_buf_flits"]), row["timing"]),
            float(row["T0_formula"]),
            float(row["load_at_3xT0"]),
            float(row["overload_accepted_flits"]),
            tuple(_mean(load, same) for load, same in sorted(points[row["curve"]].items())),
        )
        for row in rows_of(folder, "summary_mesh8x8_p1.csv")
    ]


def _mean(load: Fraction, rows: Sequence[dict[str, str]]) -> Reference:
    period = max(int(row["sample_period"]) for row in rows)
    # what is left of a period is the drain; where it gave up, no count is told, and it may have come to MOST_PERIODS
    measured = fmean(min(int(row["cycles"] or 10**6) // int(row["sample_period"]) - 3, MOST_PERIODS) for row in rows)
    return Reference(
        load,
        fmean(float(row["plat_avg"]) for row in rows),
        fmean(float(row["accepted_flits"]) for row in rows),
        all(row["stable"] == "1" for row in rows),
        period,
        max(3, round(measured)),
        len(rows),
    )


def ours_at(setting: Setting, load: Fraction, seeds: Iterable[int], period: int, periods: int = 3) -> tuple[float, float]:
    """Mean latency and accepted load over several seeds, after a warm-up of three periods as the reference has it."""
    found = [setting.measure(load, periods * period, 3 * period, seed).figures for seed in seeds]
    return fmean(f["mean_latency"] for f in found), fmean(f["accepted"] for f in found)


def knee_of(points: Sequence[tuple[float, float]], t0: float) -> float:
    """Load at which the mean latency is ``KNEE`` times ``t0``, on straight lines between (load, latency)."""
    for (low, before), (high, after) in pairwise(points):
        if before < KNEE * t0 <= after:
            return low + (KNEE * t0 - before) / (after - before) * (high - low)
    raise ValueError("the knee is not among these loads")
