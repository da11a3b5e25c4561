"""Independent re-walk of multicast trees. It shares no code with what builds them."""

from __future__ import annotations

from collections.abc import Mapping as MappingOf
from typing import Protocol

import numpy as np
import numpy.typing as npt

from chipsim.errors import MappingError
from chipsim.network import NsnState
from chipsim.noc import Mesh
from chipsim.plan.inputs import Mapping

Ints = npt.NDArray[np.int64]


class TreeTable(Protocol):
    """Multicast trees as flat arrays: ``routes.Trees`` or anything of that shape."""

    @property
    def layer(self) -> Ints:
        """int64[trees], layer that reads."""

    @property
    def source(self) -> Ints:
        """int64[trees], row of the lower neuron."""

    @property
    def link_start(self) -> Ints:
        """int64[trees + 1]."""

    @property
    def links(self) -> Ints:
        """int64[links], ``tile * 4 + port``, port 0 east, 1 west, 2 south, 3 north."""


def check_trees(state: NsnState, mapping: Mapping, mesh: Mesh, trees: TreeTable) -> None:
    """Walk every tree from the home of its lower neuron and check who is reached.

    Who must be reached is found again from the network: the cores of the layer's neurons that name the lower neuron.

    Raises:
        MappingError: a reader is not reached, a router is entered twice (a cycle, or paths that meet), a link leaves the chip
            or is not
            connected to the tree, or an axon access has no tree or two.
    """
    wanted = _readers(state, mapping)
    for tree in range(len(trees.layer)):
        layer, source = int(trees.layer[tree]), int(trees.source[tree])
        name = f"tree of neuron {source} for layer {layer}"
        key = (layer, (int(state.layer[source]) << 40) + int(state.ordinal[source]))
        cores = wanted.pop(key, None)
        if cores is None:
            raise MappingError(f"mapping: the {name} is there twice, or nobody reads it; map again")
        links = trees.links[int(trees.link_start[tree]) : int(trees.link_start[tree + 1])].tolist()
        entered = _walk(name, int(mapping.core[source]) // mesh.concentration, links, mesh)
        for core in sorted(cores):
            if core // mesh.concentration not in entered:
                raise MappingError(
                    f"mapping: the {name} does not reach core {core}: {len(entered)} routers visited, "
                    f"{len(cores)} cores to be reached; map again"
                )
    if wanted:
        layer, lower = min(wanted)
        raise MappingError(
            f"mapping: neuron {lower & (2**40 - 1)} of layer {lower >> 40} has no tree for layer {layer}, "
            f"needed by {len(wanted[layer, lower])} cores; map again"
        )


def _readers(state: NsnState, mapping: Mapping) -> dict[tuple[int, int], set[int]]:
    stored = {(int(layer) << 40) + int(ordinal) for layer, ordinal in zip(state.layer, state.ordinal, strict=True)}
    wanted: dict[tuple[int, int], set[int]] = {}
    for row in range(len(state)):
        layer = int(state.layer[row])
        if layer == 0:
            continue
        for lower in state.pair_id[int(state.pair_start[row]) : int(state.pair_start[row + 1])].tolist():
            if lower in stored:
                wanted.setdefault((layer, lower), set()).add(int(mapping.core[row]))
    return wanted


def _walk(name: str, home: int, links: list[int], mesh: Mesh) -> set[int]:
    leaving: dict[int, list[int]] = {}
    for link in links:
        leaving.setdefault(link // 4, []).append(link % 4)
    entered = {home}
    edge = [home]
    walked = 0
    while edge:
        tile = edge.pop()
        for port in leaving.get(tile, ()):
            walked += 1
            after = _step(tile, port, mesh)
            if after < 0:
                raise MappingError(f"mapping: the {name} leaves the chip at tile {tile}, port {port}; map again")
            if after in entered:
                raise MappingError(f"mapping: the {name} enters the router of tile {after} twice; allowed is once; map again")
            entered.add(after)
            edge.append(after)
    if walked != len(links):
        raise MappingError(f"mapping: the {name} has {len(links)} links, only {walked} hang together with its home; map again")
    return entered


def _step(tile: int, port: int, mesh: Mesh) -> int:
    x, y = mesh.xy(tile)
    moves: MappingOf[int, tuple[int, int]] = {0: (x + 1, y), 1: (x - 1, y), 2: (x, y + 1), 3: (x, y - 1)}
    x, y = moves[port]
    return mesh.tile_at(x, y) if 0 <= x < mesh.width and 0 <= y < mesh.height else -1
