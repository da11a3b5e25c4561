"""Any links, from a file; the ports of a router are its neighbours in ascending order."""

from __future__ import annotations

import numpy as np

from chipsim.config.noc import NocSpec
from chipsim.config.topology import Topology
from chipsim.noc.edges import read_edges
from chipsim.noc.fabric import Links


def lay(noc: NocSpec) -> Links:
    """The links of its file. Raises ConfigError where that is wrong."""
    assert noc.edges is not None  # the description has seen to it
    edges = read_edges(noc.edges, noc.tiles, len(noc.levels))
    source = np.concatenate([edges.a, edges.b])
    target = np.concatenate([edges.b, edges.a])
    order = np.lexsort((target, source))
    degree = np.bincount(source, minlength=noc.tiles)
    ports = max(int(degree.max()), 1)
    first = np.cumsum(degree) - degree
    port = np.empty(len(order), np.int64)
    port[order] = np.arange(len(order)) - first[source[order]]
    link = source * ports + port
    to = np.full(noc.tiles * ports, -1, np.int64)
    back, level = np.full_like(to, -1), np.zeros_like(to)
    half = len(edges.a)
    to[link], level[link] = target, np.tile(edges.level, 2)
    back[link[:half]], back[link[half:]] = port[half:], port[:half]
    own = [np.zeros(noc.tiles * ports, np.int64) for _ in range(2)]
    own[0][link], own[1][link] = np.tile(edges.latency, 2), np.tile(edges.flit_time, 2)
    return Links(ports, to, back, level, own[0], own[1])


GRAPH = Topology(lay, ("updown", "table"), levels=True, edges=True)
