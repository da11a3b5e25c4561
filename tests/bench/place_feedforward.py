"""Hops of ``quality`` on feed-forward graphs against plain swap annealing of the same partition.

python -m tests.bench.place_feedforward [--cases layers-5x96,...] [--seeds 1,2] [--proposals 1000000] [--out FILE]

Layers of S x S neurons (times channels), each neuron reading a field of the layer before it, on a mesh that is full to 85 to 98 %. The
annealing that is compared with is written here, shares nothing with the placers but random numbers, and looks at all parts for every swap:
two tiles drawn from the whole mesh or from within a radius that shrinks, temperatures from ``hot`` to ``cold`` in equal ratios. Of three pairs
of these and three seeds each the best median counts, and the best run of all. ``placed`` is the placement of the partition, ``final`` after
neurons have moved, ``again`` plain annealing of the final cores. Rows that the file has already are not measured again.
"""

from __future__ import annotations

import argparse
import json
import statistics
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from chipsim import jit
from chipsim.noc import Mesh
from nsn_mapping.evaluate import evaluate
from nsn_mapping.hypergraph import Hypergraph, from_graph, plain_caps
from nsn_mapping.map_graph import map_graph
from nsn_mapping.xorshift import below, coldness, draw, new_state

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]

MEASURED = Path(__file__).with_name("measured") / "place_feedforward.json"
CAP = 512
SCHEDULES = ((0.3, 0.004), (1.0, 0.004), (2.0, 0.002))
"""First and last temperature, in mean packets of a part."""

STEPS = 1000
"""Temperatures."""


@dataclass(frozen=True, slots=True)
class Case:
    """A graph and its mesh.

    Attributes:
        sides: neurons of each layer along one side.
        field: neurons along one side of what a neuron reads.
        mesh: width and height.
        stride: neurons of the layer before from one field to the next.
        channels: neurons at each place; a neuron reads those of all channels.
        spikes: mean spikes of a neuron, Poisson and 1 more; 0 for one each.
    """

    sides: tuple[int, ...]
    field: int
    mesh: tuple[int, int]
    stride: int = 1
    channels: int = 1
    spikes: float = 0.0


CASES = {
    "layers-5x96": Case((96,) * 5, 3, (10, 9)),
    "spikes-5x96": Case((96,) * 5, 3, (10, 10), spikes=12),
    "fields5-10x64": Case((64,) * 10, 5, (9, 10), spikes=12),
    "wide-3x128": Case((128,) * 3, 3, (10, 10)),
    "small-8x48": Case((48,) * 8, 5, (6, 7)),
    "stride2-192": Case((192, 96, 48, 24), 3, (10, 10), stride=2),
    "channels-5x40": Case((40,) * 5, 3, (8, 8), channels=4),
    "deep-20x48": Case((48,) * 20, 3, (12, 8), spikes=12),
    "large-5x160": Case((160,) * 5, 3, (16, 16)),
    "large-6x200": Case((200,) * 6, 5, (22, 22), spikes=5),
}


def main() -> None:
    """Measure what is missing."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--cases", default=",".join(CASES))
    parser.add_argument("--seeds", default="1,2")
    parser.add_argument("--proposals", type=int, default=1_000_000)
    parser.add_argument("--out", type=Path, default=MEASURED)
    given = parser.parse_args()
    rows = json.loads(given.out.read_text()) if given.out.exists() else {}
    for name in given.cases.split(","):
        for seed in map(int, given.seeds.split(",")):
            key = f"{name} {seed}"
            if key not in rows:
                rows[key] = measure(CASES[name], seed, given.proposals)
                given.out.write_text(json.dumps(rows, indent=1, sort_keys=True) + "\n")
                sys.stderr.write(f"{key}: {json.dumps(rows[key])}\n")
    for key in ("placed_to_median", "placed_to_best", "final_to_median", "final_to_again"):
        found = [row[key] for row in rows.values()]
        sys.stdout.write(f"{key}: least {min(found):.3f}, median {statistics.median(found):.3f}, most {max(found):.3f}\n")


def measure(case: Case, seed: int, proposals: int) -> dict[str, Any]:
    """Map one graph by ``quality`` and anneal its partition, and its final cores, plainly."""
    h, mesh = feed_forward(case), Mesh(*case.mesh)
    mapped = map_graph(h, plain_caps(len(h), CAP), mesh, "quality", seed)
    placed, final = (evaluate(h, core, mesh) for core in (mapped.before, mapped.core))
    begin = time.process_time()
    median, best = anneal_plainly(h, mapped.before, mesh, proposals)
    plain_s = time.process_time() - begin
    again = anneal_plainly(h, mapped.core, mesh, proposals)[0]
    return {
        "neurons": len(h),
        "cores": mesh.cores,
        "packets": final.packets,
        "placed": placed.hops,
        "final": final.hops,
        "plain_median": median,
        "plain_best": best,
        "again": again,
        "placed_to_median": round(placed.hops / median, 4),
        "placed_to_best": round(placed.hops / best, 4),
        "final_to_median": round(final.hops / median, 4),
        "final_to_again": round(final.hops / again, 4),
        "parts_cpu_s": round(mapped.parts_cpu_s, 1),
        "place_cpu_s": round(mapped.place_cpu_s, 1),
        "plain_run_cpu_s": round(plain_s / (6 * len(SCHEDULES)), 2),
    }


def feed_forward(case: Case) -> Hypergraph:
    """The graph of a case; neurons layer by layer, row by row."""
    first = np.cumsum([0, *(side * side * case.channels for side in case.sides)])
    source, target = [], []
    reach = range(-(case.field // 2), case.field // 2 + 1)
    for layer, (before, side) in enumerate(zip(case.sides, case.sides[1:], strict=False)):
        y, x = np.divmod(np.arange(side * side), side)
        for dy in reach:
            for dx in reach:
                row, column = y * case.stride + dy, x * case.stride + dx
                there = (row >= 0) & (column >= 0) & (row < before) & (column < before)
                for c in range(case.channels):
                    for d in range(case.channels):
                        source.append(first[layer] + (row * before + column)[there] * case.channels + c)
                        target.append(first[layer + 1] + np.flatnonzero(there) * case.channels + d)
    u, v = np.concatenate(source), np.concatenate(target)
    order = np.lexsort((v, u))
    n = int(first[-1])
    start = np.concatenate(([0], np.cumsum(np.bincount(u, minlength=n)))).astype(np.int64)
    spikes = 1 + np.random.default_rng(1).poisson(case.spikes, n) if case.spikes else np.ones(n, np.int64)
    return from_graph(start, v[order].astype(np.int32), spikes)


def anneal_plainly(h: Hypergraph, core: npt.NDArray[np.int32], mesh: Mesh, proposals: int) -> tuple[int, int]:
    """Hops of plain annealing of the parts that a mapping has: the best median of three seeds over all schedules, and the best run."""
    used, part = np.unique(core, return_inverse=True)
    packets = between_parts(h, part.ravel(), len(used))
    unit = packets.sum() / len(used)
    run = jit.load(__name__, entries=("anneal",)).anneal
    medians, best = [], 2**62
    for shrink in (0, 1):
        for hot, cold in SCHEDULES:
            found = []
            for seed in (1, 2, 3):
                heats = unit * hot * (cold / hot) ** (np.arange(STEPS) / (STEPS - 1))
                holder = np.full(mesh.cores, -1, np.int64)
                place = np.random.default_rng(seed).permutation(mesh.cores)[: len(used)]
                holder[place] = np.arange(len(used))
                run(
                    packets.ravel(),
                    place,
                    holder,
                    mesh.width,
                    proposals // STEPS,
                    heats,
                    shrink,
                    new_state(seed, 99),
                    coldness(),
                )
                x, y = place % mesh.width, place // mesh.width
                found.append(int((packets * (np.abs(x[:, None] - x) + np.abs(y[:, None] - y))).sum()) // 2)
            medians.append(int(statistics.median(found)))
            best = min(best, *found)
    return min(medians), best


def between_parts(h: Hypergraph, part: npt.NDArray[np.int64], parts: int) -> Ints:
    """int64[parts, parts], packets between parts in both directions, nothing on the diagonal."""
    net = np.repeat(np.arange(h.edges), np.diff(h.pin_start))
    once = np.unique(net * parts + part[h.pins])
    net, reader = once // parts, once % parts
    packets = np.zeros((parts, parts), np.int64)
    np.add.at(packets, (part[h.source[net]], reader), h.weight[net])
    np.fill_diagonal(packets, 0)
    return packets + packets.T


def anneal(
    packets: Ints, place: Ints, holder: Ints, width: int, proposals: int, heats: Floats, shrink: int, state: Ints, cold: Floats
) -> int:
    """Pairwise swaps at temperatures that fall.

    Args:
        packets: int64[parts^2], row after row.
        place: int64[parts], tile of each part; changed.
        holder: int64[tiles], part on each tile, -1 for none; changed.
        width: of the mesh.
        proposals: at each temperature.
        heats: the temperatures.
        shrink: 1 to draw partners within a radius that falls from the whole mesh to a step, 0 for the whole mesh.
        state: of the random numbers.
        cold: -ln of what is drawn for a swap that costs something.

    Returns:
        How many swaps were made.
    """
    parts, tiles = len(place), len(holder)
    height, made = tiles // width, 0
    for step in range(len(heats)):
        radius = max(1, (max(width, height) - 1) * (len(heats) - step) // len(heats))
        for _ in range(proposals):
            p = below(state, parts)
            s = place[p]
            t = below(state, tiles)
            if shrink > 0:
                x = s % width + below(state, 2 * radius + 1) - radius
                y = s // width + below(state, 2 * radius + 1) - radius
                if x < 0 or y < 0 or x >= width or y >= height:
                    continue
                t = y * width + x
            if s == t:
                continue
            q, rise = holder[t], 0
            for k in range(parts):
                if k != p and k != q:
                    w = packets[p * parts + k]
                    if q >= 0:
                        w -= packets[q * parts + k]
                    x, y = place[k] % width, place[k] // width
                    rise += w * (abs(t % width - x) + abs(t // width - y) - abs(s % width - x) - abs(s // width - y))
            if rise <= heats[step] * cold[draw(state) >> 20]:
                place[p] = t
                holder[t] = p
                holder[s] = q
                if q >= 0:
                    place[q] = s
                made += 1
    return made


if __name__ == "__main__":
    main()
