"""Where packets go: patterns of destinations as functions of (source, draw number)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction

import numpy as np

from chipsim.errors import ConfigError
from workloads.synthetic.draw import Ints, below, chance, streams, words
from workloads.synthetic.nodes import Nodes

DESTINATION, SPOT, ORDER = 2, 3, 4
"""Purposes of draws; lengths, senders and arrivals have 1, 8, 0, 5, 6 and 7."""

PATTERNS = (
    "uniform", "transpose", "bitcomp", "bitrev", "shuffle", "tornado", "neighbor", "randperm", "hotspot", "bursty",
)  # fmt: skip
"""Names of the patterns; ``bursty`` is uniform with sources that are on and off."""

_ALIASES = {
    "random": "uniform",
    "complement": "bitcomp",
    "bitcomplement": "bitcomp",
    "bitreverse": "bitrev",
    "bitreversal": "bitrev",
    "perfectshuffle": "shuffle",
    "neighbour": "neighbor",
    "permutation": "randperm",
    "randomperm": "randperm",
    "hotspots": "hotspot",
    "burst": "bursty",
}


@dataclass(frozen=True, slots=True)
class Pattern:
    """A pattern and what it needs.

    Attributes:
        name: one of `PATTERNS`.
        hotspots: nodes that ``hotspot`` prefers.
        share: probability that a packet of ``hotspot`` goes to one of them, each as likely; the others are uniform.
    """

    name: str
    hotspots: tuple[int, ...] = ()
    share: Fraction = Fraction(1, 5)


def pattern_named(text: str) -> str:
    """The name of a pattern, also where it is written otherwise (``bit-complement``).

    Raises:
        ConfigError: there is no such pattern.
    """
    bare = text.strip().lower().replace("-", "").replace("_", "").replace(" ", "")
    name = _ALIASES.get(bare, bare)
    if name not in PATTERNS:
        raise ConfigError(f"traffic {text!r:.40}: no such pattern; allowed: {', '.join(PATTERNS)}")
    return name


def destinations(pattern: Pattern, nodes: Nodes, source: Ints, draw: Ints, seed: int) -> Ints:
    """Where each packet goes.

    Args:
        pattern: which.
        nodes: all of them.
        source: int64[packets], who sends.
        draw: int64[packets], which packet of its source it is, from 0.
        seed: of the traffic.

    Raises:
        ConfigError: these nodes have no such pattern.
    """
    fixed = fixed_destinations(pattern, nodes, seed)
    if fixed is not None:
        return fixed[source]
    everyone = np.arange(nodes.count, dtype=np.int64)
    anywhere = below(words(streams(seed, DESTINATION, everyone)[source], draw), nodes.count)
    if pattern.name != "hotspot":
        return anywhere
    spots = spots_of(pattern, nodes)
    word = words(streams(seed, SPOT, everyone)[source], draw)
    return np.where(chance(word, pattern.share), spots[below(word << np.uint64(32), len(spots))], anywhere)


def spots_of(pattern: Pattern, nodes: Nodes) -> Ints:
    """The hotspots; the node in the middle where none is named. Raises ConfigError where one is no node."""
    if not pattern.hotspots:
        middle = np.array([nodes.width // 2]), np.array([nodes.height // 2]), np.array([nodes.depth // 2]), np.array([0])
        return nodes.at(*middle)
    odd = [spot for spot in pattern.hotspots if not 0 <= spot < nodes.count]
    if odd:
        raise ConfigError(f"traffic hotspot: node {odd[0]} among the hotspots; allowed: 0 to {nodes.count - 1}, the nodes")
    return np.array(pattern.hotspots, np.int64)


def fixed_destinations(pattern: Pattern, nodes: Nodes, seed: int) -> Ints | None:
    """int64[nodes], the one destination of every node; None where destinations are drawn packet by packet.

    Raises:
        ConfigError: these nodes have no such pattern.
    """
    make = _FIXED.get(pattern.name)
    return None if make is None else make(nodes, np.arange(nodes.count, dtype=np.int64), seed)


def _transpose(nodes: Nodes, node: Ints, _: int) -> Ints:
    if nodes.width != nodes.height:
        raise ConfigError(
            f"traffic transpose: {nodes.width} x {nodes.height} tiles; allowed: as many columns as rows, since (x, y) sends to (y, x)"
        )
    x, y, z, local = nodes.places(node)
    return nodes.at(y, x, z, local)


def _complement(nodes: Nodes, node: Ints, _: int) -> Ints:
    x, y, z, local = nodes.places(node)
    return nodes.at(nodes.width - 1 - x, nodes.height - 1 - y, nodes.depth - 1 - z, local)


def _reverse(nodes: Nodes, node: Ints, _: int) -> Ints:
    bits = nodes.count.bit_length() - 1
    if nodes.count != 1 << bits:
        raise ConfigError(
            f"traffic bitrev: {nodes.count} nodes; allowed: a power of two, since the bits of a number are reversed"
        )
    found = np.zeros_like(node)
    for bit in range(bits):
        found |= (node >> bit & 1) << (bits - 1 - bit)
    return found


def _shuffle(nodes: Nodes, node: Ints, _: int) -> Ints:
    """Rotate the bits left: 2 s modulo (N - 1), and the last stays, as for all even numbers of nodes; for odd ones 2 s modulo N."""
    last = nodes.count - 1
    if last % 2 == 0:
        return 2 * node % nodes.count
    return np.where(node == last, last, 2 * node % last)


def _tornado(nodes: Nodes, node: Ints, _: int) -> Ints:
    """Almost half way round in every dimension."""
    return _moved(nodes, node, lambda k: (k + 1) // 2 - 1)


def _neighbour(nodes: Nodes, node: Ints, _: int) -> Ints:
    """One further in every dimension, round the rim."""
    return _moved(nodes, node, lambda _: 1)


def _moved(nodes: Nodes, node: Ints, step: Callable[[int], int]) -> Ints:
    """Each node moved in every dimension by a step that depends on its size, round the rim."""
    x, y, z, local = nodes.places(node)
    width, height, depth = nodes.width, nodes.height, nodes.depth
    return nodes.at((x + step(width)) % width, (y + step(height)) % height, (z + step(depth)) % depth, local)


def _permutation(nodes: Nodes, node: Ints, seed: int) -> Ints:
    return np.argsort(streams(seed, ORDER, node), kind="stable").astype(np.int64)


_FIXED: dict[str, Callable[[Nodes, Ints, int], Ints]] = {
    "transpose": _transpose,
    "bitcomp": _complement,
    "bitrev": _reverse,
    "shuffle": _shuffle,
    "tornado": _tornado,
    "neighbor": _neighbour,
    "randperm": _permutation,
}
