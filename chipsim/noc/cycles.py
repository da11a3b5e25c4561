"""Directed graphs in arrays: a cycle, if there is one, and strongly connected components."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

Ints = npt.NDArray[np.int64]

SMALL = 2000
"""Up to so many edges networkx looks for the cycle, which gives short ones; beyond them, whole arrays are looked at at once."""


def find_cycle(nodes: int, start: Ints, end: Ints) -> list[int] | None:
    """A cycle of a graph.

    Args:
        nodes: how many; they are numbered from 0.
        start: int64[edges], where each edge begins.
        end: int64[edges], where it ends.

    Returns:
        The nodes of a cycle in the order of its edges, or None.
    """
    return find_cycle_small(start, end) if len(start) <= SMALL else find_cycle_large(nodes, start, end)


def find_cycle_small(start: Ints, end: Ints) -> list[int] | None:
    """As `find_cycle`, by depth-first search of networkx."""
    import networkx as nx

    graph: nx.DiGraph[int] = nx.DiGraph()
    graph.add_edges_from(zip(start.tolist(), end.tolist(), strict=True))
    try:
        return [int(edge[0]) for edge in nx.find_cycle(graph)]
    except nx.NetworkXNoCycle:
        return None


def find_cycle_large(nodes: int, start: Ints, end: Ints) -> list[int] | None:
    """As `find_cycle`: nodes that nothing leads to go, round by round (Kahn); what stays holds a cycle, found going backwards."""
    order = np.argsort(start, kind="stable")
    target = end[order]
    first = np.searchsorted(start[order], np.arange(nodes + 1))
    missing = np.bincount(end, minlength=nodes)
    front = np.flatnonzero(missing == 0)
    while len(front):
        size = first[front + 1] - first[front]
        near = target[np.arange(size.sum()) + np.repeat(first[front] - (np.cumsum(size) - size), size)]
        np.subtract.at(missing, near, 1)
        front = np.unique(near[missing[near] == 0])
    if not missing.any():
        return None
    left = missing[start] > 0  # every node that stays is led to by one that stays
    before = np.full(nodes, -1, np.int64)
    before[end[left][::-1]] = start[left][::-1]  # the first edge of several
    seen: dict[int, int] = {}
    path: list[int] = []
    at = int(np.flatnonzero(missing)[0])
    while at not in seen:
        seen[at] = len(path)
        path.append(at)
        at = int(before[at])
    return path[seen[at] :][::-1]


def components(nodes: int, start: Ints, end: Ints) -> Ints:
    """Strongly connected components (Tarjan, without recursion).

    Returns:
        int64[nodes], number of the component of each node; along an edge between components the number falls.
    """
    order = np.argsort(start, kind="stable")
    target = end[order].tolist()
    first = np.searchsorted(start[order], np.arange(nodes + 1)).tolist()
    index, low = [-1] * nodes, [0] * nodes
    part = [-1] * nodes
    held: list[int] = []
    count = parts = 0
    for root in range(nodes):
        if index[root] >= 0:
            continue
        stack = [(root, first[root])]
        index[root] = low[root] = count
        count += 1
        held.append(root)
        while stack:
            node, edge = stack.pop()
            if edge < first[node + 1]:
                stack.append((node, edge + 1))
                near = target[edge]
                if index[near] < 0:
                    index[near] = low[near] = count
                    count += 1
                    held.append(near)
                    stack.append((near, first[near]))
                elif part[near] < 0:
                    low[node] = min(low[node], index[near])
                continue
            if stack:
                low[stack[-1][0]] = min(low[stack[-1][0]], low[node])
            if low[node] == index[node]:
                while True:
                    member = held.pop()
                    part[member] = parts
                    if member == node:
                        break
                parts += 1
    return np.array(part, np.int64)
