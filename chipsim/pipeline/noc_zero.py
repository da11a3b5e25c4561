"""Latency of an empty network: the closed form, with the mean distance of a traffic pattern."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from chipsim.config.chip import NocSpec
from workloads.synthetic import Nodes, Pattern, fixed_destinations
from workloads.synthetic.patterns import spots_of

Ints = npt.NDArray[np.int64]

ROUTER_CYCLES = {"S": 2, "L": 3, "D": 4}
"""Cycles of a wormhole router: look-ahead takes the one for the route away, speculation that for the virtual channel."""


def zero_load(noc: NocSpec, flits: tuple[int, ...], distance: tuple[float, ...] | None) -> float | None:
    """Mean packet latency of an empty network in cycles: 1 + 2 local + (H + 1) router + H link + (flits - 1).

    Ideal and queued routers take no time of their own: 2 local + H link + (flits - 1).

    Args:
        noc: the network.
        flits: lengths of packets, each as likely.
        distance: mean hops along x, y and z.

    Returns:
        None where links differ, or the distance is unknown.
    """
    clock = noc.flit_time.value
    if distance is None or noc.levels or noc.edges is not None or clock is None:
        return None
    hops = sum(distance)
    times = [noc.link_latency_ew.value, noc.link_latency_ns.value, noc.link_latency_ns.value, noc.local_latency.value]
    if None in times:
        return None
    cycles = [float(time or 0) / clock for time in times]
    length = sum(flits) / len(flits) - 1
    if noc.router != "wormhole":
        return 2 * cycles[3] + sum(h * c for h, c in zip(distance, cycles, strict=False)) + length
    whole = [float(np.ceil(c)) for c in cycles]
    links = sum(h * c for h, c in zip(distance, whole, strict=False))
    return 1 + 2 * whole[3] + (hops + 1) * ROUTER_CYCLES[noc.timing] + links + length


def mean_distance(noc: NocSpec, nodes: Nodes, pattern: Pattern, senders: Ints, seed: int) -> tuple[float, float, float] | None:
    """Mean hops of a packet along x, y and z, from those who send to where the pattern has them send.

    Args:
        noc: the network.
        nodes: its nodes.
        pattern: where packets go.
        senders: int64, who sends.
        seed: of the traffic.

    Returns:
        None where ways are not the shortest of a grid: those that a table gives need not be.
    """
    if noc.rule.table is not None or not (noc.joined.grid or noc.joined.wraps):
        return None
    fixed = fixed_destinations(pattern, nodes, seed)
    if fixed is not None:
        return _mean(noc, nodes, senders, fixed[senders])
    uniform = _uniform(noc, nodes, senders)
    if pattern.name != "hotspot":
        return uniform
    spots = spots_of(pattern, nodes)
    each = [_mean(noc, nodes, senders, np.full_like(senders, spot)) for spot in spots]
    share = float(pattern.share)
    hot = np.array(each).mean(axis=0) * share + np.array(uniform) * (1 - share)
    return float(hot[0]), float(hot[1]), float(hot[2])


def _sizes(noc: NocSpec) -> tuple[int, int, int]:
    return (noc.width, noc.height, noc.depth) if noc.joined.grid else (noc.tiles, 1, 1)


def _places(noc: NocSpec, nodes: Nodes, node: Ints) -> tuple[Ints, Ints, Ints]:
    if not noc.joined.grid:
        zero = np.zeros_like(node)
        return node // nodes.concentration, zero, zero
    return nodes.places(node)[:3]


def _mean(noc: NocSpec, nodes: Nodes, source: Ints, target: Ints) -> tuple[float, float, float]:
    found = []
    for a, b, size in zip(_places(noc, nodes, source), _places(noc, nodes, target), _sizes(noc), strict=True):
        away = np.abs(a - b)
        found.append(float(np.minimum(away, size - away).mean() if _is_round(noc) else away.mean()))
    return found[0], found[1], found[2]


def _uniform(noc: NocSpec, nodes: Nodes, senders: Ints) -> tuple[float, float, float]:
    found = []
    for at, size in zip(_places(noc, nodes, senders), _sizes(noc), strict=True):
        # a node in place a has a (a + 1) / 2 + (n - 1 - a) (n - a) / 2 hops in all to the n places of its line
        hops = at * (at + 1) // 2 + (size - 1 - at) * (size - at) // 2
        found.append(size * size // 4 / size if _is_round(noc) else float(hops.mean()) / size)
    return found[0], found[1], found[2]


def _is_round(noc: NocSpec) -> bool:
    return noc.joined.wraps
