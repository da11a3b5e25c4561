"""Every way to map and carry one network: what must not change (decisions, final network) and what does (hops, latency).

python -m tests.conformance.table > table.md      the whole product, some minutes
"""

from __future__ import annotations

import logging
import sys
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations, product
from random import Random
from statistics import median

import numpy as np

from chipsim.programs.nsn.functional import network_digest
from chipsim.programs.nsn.latency import layer_latencies
from tests.scenarios import golden_digests, run, small

Point = Mapping[str, str]

log = logging.getLogger(__name__)

SYMBOLS = 120

FACTORS: dict[str, dict[str, tuple[str, ...]]] = {
    "partitioner": {name: (f"mapping.partitioner={name}",) for name in ("metis", "sequential", "random")},
    "placer": {name: (f"mapping.placer={name}",) for name in ("hilbert", "row", "random")},
    "router": {name: (f"chip.noc.router={name}",) for name in ("queued", "ideal")},
    "cast": {name: (f"chip.noc.cast={name}",) for name in ("multicast", "unicast")},
    "match": {name: (f"workload.match={name}",) for name in ("associative", "keyed")},
    "delays": {
        "as shipped": (),
        "slow links": (
            "chip.noc.link_latency_ew.value=230 ns",
            "chip.noc.link_latency_ns.value=71 ns",
            "chip.noc.local_latency.value=13 ns",
            "chip.noc.flit_time.value=37 ns",
        ),
        "slow cores": (
            "chip.noc.link_latency_ew.value=1 ps",
            "chip.noc.link_latency_ns.value=3 ps",
            "chip.noc.local_latency.value=2 ps",
            "chip.noc.flit_time.value=1 ps",
            "chip.core.times.synaptic_op.value=171 ns",
            "chip.core.times.memory_read.value=53 ns",
            "chip.host.latency.value=1 ps",
        ),
    },
    "learned": {str(n): (f"workload.learned={n}", f"workload.symbols={SYMBOLS - n}") for n in (0, SYMBOLS // 2, SYMBOLS - 1)},
}
"""Factor -> level -> the settings that make it."""


@dataclass(frozen=True, slots=True)
class Row:
    """One point and what came of it.

    Attributes:
        functional, golden: functional digests of chip and golden model.
        network, golden_network: digests of the final stored network.
        p50_ps: median latency of the events of the run until layer 1 had decided them.
    """

    point: Point
    functional: str
    golden: str
    network: int
    golden_network: int
    digest: int
    hops: int
    p50_ps: int
    unstored: int


def points() -> list[Point]:
    """The whole product, in order."""
    names = list(FACTORS)
    return [dict(zip(names, levels, strict=True)) for levels in product(*FACTORS.values())]


def sample(size: int, seed: int) -> list[Point]:
    """Points in which every two levels of two factors meet, and as many more as asked for, drawn by a seed."""
    every = points()
    Random(seed).shuffle(every)
    seen: set[tuple[tuple[str, str], tuple[str, str]]] = set()
    first, rest = [], []
    for point in every:
        pairs = set(combinations(point.items(), 2))
        (first if len(pairs - seen) >= 5 or (len(first) >= 20 and pairs - seen) else rest).append(point)
        if first and first[-1] is point:
            seen |= pairs
    return [*first, *rest[: max(0, size - len(first))]]


def run_point(point: Point) -> Row:
    """Run one point on the reference engine."""
    settings = [text for name, level in point.items() for text in FACTORS[name][level]]
    outcome = run(small("workload.symbols=1", *settings))
    functional, network = golden_digests(outcome.prepared)
    latency = layer_latencies(outcome.plan.own, outcome.raw.own)[1].latency_ps
    return Row(
        point=point,
        functional=outcome.functional,
        golden=functional,
        network=network_digest(outcome.state),
        golden_network=network,
        digest=outcome.raw.digest,
        hops=outcome.raw.hops,
        p50_ps=int(np.median(latency)),
        unstored=len(outcome.raw.own.unstored),
    )


def markdown(rows: Sequence[Row]) -> str:
    """Per level of each factor: hops and median latency (least, median, most), and whether all agreed with the golden model."""
    lines = [
        f"{len(rows)} runs of {SYMBOLS} symbols on mesh-16. Functional digest equal to the golden model's: "
        f"{sum(r.functional == r.golden for r in rows)} of {len(rows)}; different final networks: {len({r.network for r in rows})}; "
        f"different digests: {len({r.digest for r in rows})}.",
        "",
        "| factor | level | runs | equal to golden | hops min | median | max | p50 latency min | median | max |",
        "|---|---|---:|---:|---:|---:|---:|---:|---:|---:|",
    ]
    for factor, levels in FACTORS.items():
        for level in levels:
            mine = [r for r in rows if r.point[factor] == level]
            if mine:
                equal = sum(r.functional == r.golden and r.network == r.golden_network for r in mine)
                hops = " | ".join(f"{value:,.0f}" for value in _spread(r.hops for r in mine))
                times = " | ".join(f"{value * 1e-6:,.2f} µs" for value in _spread(r.p50_ps for r in mine))
                lines.append(f"| {factor} | {level} | {len(mine)} | {equal} | {hops} | {times} |")
    return "\n".join(lines) + "\n"


def _spread(values: Iterable[int]) -> tuple[float, float, float]:
    found = list(values)
    return min(found), median(found), max(found)


def main() -> None:
    """Write the table of the whole product to standard output."""
    logging.basicConfig(level=logging.INFO, format="%(message)s")
    rows = []
    for number, point in enumerate(points(), 1):
        rows.append(run_point(point))
        if number % 50 == 0:
            log.info("%d of %d", number, len(points()))
    sys.stdout.write(markdown(rows))


if __name__ == "__main__":
    main()
