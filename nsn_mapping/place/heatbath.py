"""Heat-bath annealing of a placed partition on a mesh: a vertex looks at all cores at once and goes to one by their Boltzmann weights.

On a mesh a distance is a sum over columns and one over rows. So what the nets of a vertex would cost with the vertex on any core is a function
of the column, plus one of the row, plus a correction for the few cores that are reached anyway; all of it takes little more time than the cost
of a single move. The next core is drawn with the Gumbel trick: the least of cost - temperature x noise (Geman and Geman 1984 for the sampler).

Cores that many want to go to have a price per neuron, raised while they are full and lowered while they are not, so that room keeps turning up
in them and whoever gains least by being there leaves. Prices steer; the cost that is counted is without them.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from chipsim import jit
from nsn_mapping.partition.pins import NEURONS, PARTS, Ints, Nets, Parts, Words, fits, move
from nsn_mapping.place.distance import Metric
from nsn_mapping.place.moves import Members, Near, relocate, swap
from nsn_mapping.xorshift import draw

_ALL = 256
"""Cores up to which a vertex looks at all of them; beyond at those that it is connected with, and around its own and the best place."""

Floats = npt.NDArray[np.float64]


@jit.struct
class Lines(NamedTuple):
    """Columns and rows of a mesh, and scratch.

    Attributes:
        x, y: int32[cores], column and row of each core.
        at: int32[width x height], first core of a tile, -1 for none.
        size: int64[3], width, height, number of the look.
        gap_x, gap_y: int64[width - 1], int64[height - 1], cost of a step to the next column or row.
        load_x, load_y, cost_x, cost_y: int64, scratch per column and row.
        extra, stamp: int64[cores], scratch; ``found``: int32[cores], cores that a look has touched.
        price: float64[cores], price per neuron.
        noise: float64[4096], see ``gumbel``.
    """

    x: Words
    y: Words
    at: Words
    size: Ints
    gap_x: Ints
    gap_y: Ints
    load_x: Ints
    load_y: Ints
    cost_x: Ints
    cost_y: Ints
    extra: Ints
    stamp: Ints
    found: Words
    price: Floats
    noise: Floats


def touch(L: Lines, c: int, found: int, by: int) -> int:
    """Change the correction of a core; returns how many cores have one."""
    if L.stamp[c] != L.size[2]:
        L.stamp[c] = L.size[2]
        L.extra[c] = 0
        L.found[found] = c
        found += 1
    L.extra[c] += by
    return found


def reached(N: Nets, S: Parts, L: Lines, packet: Ints, e: int, v: int, found: int) -> int:
    """Count a net that a vertex reads: nothing to pay on cores that it reaches without the vertex. Returns how many have a correction.

    What every core has alike, the price of a packet to another core, is left out.
    """
    a, home, w = S.part[v], S.part[N.source[e]], N.weight[e]
    L.load_x[L.x[home]] += w
    L.load_y[L.y[home]] += w
    if packet[0] != packet[1]:
        found = touch(L, home, found, (packet[1] - packet[0]) * w)
    base = S.slot_start[e]
    slots = S.limits[PARTS] if S.dense[e] else S.spread[e]
    for j in range(slots):
        c = j if S.dense[e] else S.slot_part[base + j]
        if S.slot_count[base + j] > (1 if c == a else 0):
            if c == home:
                if packet[1] != 0:
                    found = touch(L, c, found, -packet[1] * w)
                continue
            far = packet[0]
            for k in range(min(L.x[c], L.x[home]), max(L.x[c], L.x[home])):
                far += L.gap_x[k]
            for k in range(min(L.y[c], L.y[home]), max(L.y[c], L.y[home])):
                far += L.gap_y[k]
            found = touch(L, c, found, -far * w)
    return found


def sent(N: Nets, S: Parts, L: Lines, packet: Ints, e: int, v: int, found: int) -> int:
    """Count a net that a vertex sends: all that it reaches pulls. Returns how many cores have a correction."""
    a, w = S.part[v], N.weight[e]
    base = S.slot_start[e]
    slots = S.limits[PARTS] if S.dense[e] else S.spread[e]
    for j in range(slots):
        c = j if S.dense[e] else S.slot_part[base + j]
        if S.slot_count[base + j] > (1 if c == a and N.loop[e] else 0):
            L.load_x[L.x[c]] += w
            L.load_y[L.y[c]] += w
            found = touch(L, c, found, (packet[1] - packet[0] - (packet[1] if N.loop[e] else 0)) * w)
    return found


def sum_line(load: Ints, gap: Ints, cost: Ints) -> None:
    """Cost of every point of a line: sum over loads of load x distance; the loads are cleared."""
    total, first, at = 0, 0, 0
    for i in range(len(load)):
        total += load[i]
        first += load[i] * at
        if i < len(gap):
            at += gap[i]
    behind = 0
    cost[0] = first
    for i in range(len(gap)):
        behind += load[i]
        cost[i + 1] = cost[i] + gap[i] * (2 * behind - total)
    for i in range(len(load)):
        load[i] = 0


def look(N: Nets, S: Parts, L: Lines, packet: Ints, v: int) -> int:
    """Count what a vertex would cost on every core; returns how many cores have a correction."""
    L.size[2] += 1
    found = touch(L, S.part[v], 0, 0)
    for i in range(N.net_start[v], N.net_start[v + 1]):
        e = N.nets[i]
        if N.source[e] >= 0 and N.source[e] != v:
            found = reached(N, S, L, packet, e, v, found)
    for i in range(N.own_start[v], N.own_start[v + 1]):
        found = sent(N, S, L, packet, N.own[i], v, found)
    sum_line(L.load_x, L.gap_x, L.cost_x)
    sum_line(L.load_y, L.gap_y, L.cost_y)
    return found


def cost_at(L: Lines, c: int) -> int:
    """Cost of the last vertex looked at on a core, up to a constant."""
    return L.cost_x[L.x[c]] + L.cost_y[L.y[c]] + (L.extra[c] if L.stamp[c] == L.size[2] else 0)


def add_around(L: Lines, x: int, y: int, found: int) -> int:
    """Make candidates of the tiles around a place; returns how many candidates there are."""
    for i in range(max(0, x - 1), min(L.size[0], x + 2)):
        for j in range(max(0, y - 1), min(L.size[1], y + 2)):
            c = L.at[i * L.size[1] + j]
            if c >= 0:
                found = touch(L, c, found, 0)
    return found


def add_best(L: Lines, found: int) -> int:
    """Make candidates of the tiles around the best column and row; returns how many candidates there are."""
    x, y = 0, 0
    for i in range(L.size[0]):
        if L.cost_x[i] < L.cost_x[x]:
            x = i
    for i in range(L.size[1]):
        if L.cost_y[i] < L.cost_y[y]:
            y = i
    return add_around(L, x, y, found)


def choose(N: Nets, S: Parts, L: Lines, state: Ints, heat: float, v: int, found: int, full: bool) -> int:
    """Draw the core that a vertex goes to, its own one for staying.

    Args:
        N: nets.
        S: partition.
        L: what the last look found, with prices.
        state: of the random numbers.
        heat: the temperature.
        v: the vertex.
        found: cores that are candidates, on large chips.
        full: whether cores without room count as well.
    """
    a, size = S.part[v], N.size[v]
    here = cost_at(L, a)
    best = L.price[a] * size - heat * L.noise[draw(state) >> 20]
    target = a
    every = S.limits[PARTS] <= _ALL
    for i in range(S.limits[PARTS] if every else found):
        c = i if every else L.found[i]
        if c == a or (not full and S.held[c] + size > S.limits[NEURONS]):
            continue
        value = cost_at(L, c) - here + L.price[c] * size
        if value < best + heat * 8.4:  # no noise makes up for more
            value -= heat * L.noise[draw(state) >> 20]
            if value < best:
                best, target = value, c
    return target


def heat_moves(
    N: Nets,
    S: Parts,
    M: Members,
    D: Metric,
    W: Near,
    L: Lines,
    order: Words,
    state: Ints,
    heat: float,
    swaps: int,
) -> int:
    """Let vertices go where they are drawn to, one after the other.

    Args:
        N: nets.
        S: partition.
        M: members of cores.
        D: distances.
        W: neighbours.
        L: columns and rows, with prices.
        order: vertices.
        state: of the random numbers.
        heat: the temperature; 0 takes the best core.
        swaps: 1 to look at full cores as well and change places there.

    Returns:
        What the cost rose by (negative: fell).
    """
    packet = W.packet
    risen = 0
    for i in range(len(order)):
        v = order[i]
        a = S.part[v]
        found = look(N, S, L, packet, v)
        if S.limits[PARTS] > _ALL:
            found = add_best(L, add_around(L, L.x[a], L.y[a], found))
        b = choose(N, S, L, state, heat, v, found, swaps > 0)
        if b == a:
            continue
        rise = cost_at(L, b) - cost_at(L, a)
        if fits(N, S, v, b):
            move(N, S, v, b)
            if M.room[0] > 0:
                relocate(M, v, a, b)
            risen += rise
        elif swaps > 0:
            risen += swap(N, S, M, D, W, state, v, b, rise, 0.0)
    return risen


def set_prices(S: Parts, L: Lines, slack: int, step: float) -> None:
    """Raise the price of full cores by a step, lower that of others, never below nothing."""
    for c in range(len(L.price)):
        if S.held[c] + slack >= S.limits[NEURONS]:
            L.price[c] += step
        else:
            L.price[c] = max(0.0, L.price[c] - step)
