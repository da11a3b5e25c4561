"""From the counters and packets of a run to a point of the curve."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import numpy as np
import numpy.typing as npt

from chipsim.machine.raw import CAUSES, RawRun
from chipsim.plan.plan import Plan

Ints = npt.NDArray[np.int64]

CREATED, DELIVERED, DESTINATION, FLITS, HOPS, ENTERED = 0, 1, 4, 6, 7, 8
"""Columns of ``RawRun.packets``."""

_SHARE, _SIGMAS, _DRIFT = 0.02, 4.0, 1.5


@dataclass(frozen=True, slots=True)
class Window:
    """What is measured: packets created in [begin, end).

    Attributes:
        begin, end, clock: ps.
        nodes: how many send.
    """

    begin: int
    end: int
    clock: int
    nodes: int


@dataclass(frozen=True, slots=True)
class NocPoint:
    """A network at a load.

    Attributes:
        load: flits per sending node and cycle.
        engine: what ran it.
        figures: what is printed; times in cycles.
        links: table of all links and ejection ports, over the whole run.
    """

    load: Fraction
    engine: str
    figures: dict[str, Any]
    links: dict[str, npt.NDArray[Any]]


def measure(load: Fraction, plan: Plan, raw: RawRun, window: Window) -> NocPoint:
    """A point of the curve.

    A point is *stable* if the network carries what it is offered: every packet created in the window was delivered before the end of the
    run; in the window no fewer flits arrived than were created but for 2 % or four times the square root of the number of packets (in
    flits of the mean length), whichever is more; and packets of the window's third quarter took on average at most half as
    long again as those of its first. What a damaged network drops counts for done, and the flits that arrive are held against the share
    that it does not drop.

    Args:
        load: offered.
        plan: what ran.
        raw: counters and packets.
        window: what is measured.

    In a closed loop a packet is created when it is released; what is offered is what was due.
    """
    packets, clock = raw.packets, window.clock
    first, last = np.searchsorted(plan.own.traffic[:, 0], [window.begin, window.end])
    due, due_flits = int(last - first), int(plan.own.traffic[first:last, 3].sum())
    created, waiting = due, 0
    if plan.own.window:  # what is due waits for its release
        released = raw.own.released
        created, waiting = (
            int(((released >= window.begin) & (released < window.end)).sum()),
            int((released[first:last] < 0).sum()),
        )
    arrived = (packets[:, DELIVERED] >= window.begin) & (packets[:, DELIVERED] < window.end)
    accepted_flits = int(packets[arrived, FLITS].sum())
    mine = packets[(packets[:, CREATED] >= window.begin) & (packets[:, CREATED] < window.end)]
    latency = mine[:, DELIVERED] - mine[:, CREATED]
    cycles = (window.end - window.begin) // clock
    whole = run_cycles(plan, raw, clock)
    links = link_table(plan, raw, whole)
    lost = int(raw.losses.sum())
    complete = not raw.in_flight.any() if lost else len(mine) >= created
    share = 1.0 - lost / max(int(raw.sent.sum()), 1)
    figures: dict[str, Any] = {
        "offered": due_flits / (window.nodes * cycles),
        "accepted": accepted_flits / (window.nodes * cycles),
        "mean_latency": _mean(latency, clock),
        "p50_latency": _quantile(latency, 0.5, clock),
        "p95_latency": _quantile(latency, 0.95, clock),
        "p99_latency": _quantile(latency, 0.99, clock),
        "max_latency": _quantile(latency, 1.0, clock),
        "network_latency": _mean(mine[:, DELIVERED] - mine[:, ENTERED], clock),
        "mean_links": _mean(mine[:, HOPS], 1),
        "stable": _is_stable(mine, latency, due, due_flits * share, accepted_flits, window, complete),
        "packets": created,
        "undelivered": created - len(mine),
        "unreleased": waiting,
        "lost": dict(zip(CAUSES, raw.losses.tolist(), strict=True)),
        "link_load_max": float(links["flits_per_cycle"].max(initial=0.0, where=links["port"] != "EJECT")),
        "stalls": dict(zip(("vc", "credit", "switch"), raw.link_stalls.sum(axis=0).tolist(), strict=True)),
        "queue_max": int(raw.queue[:, 1].max(initial=0)),
        "cycles": whole,
        "cpu_s": raw.cpu_s,
        "flit_hops": int(raw.link_flits.sum()),
    }
    return NocPoint(load, raw.engine, figures, links)


def run_cycles(plan: Plan, raw: RawRun, clock: int) -> int:
    """Cycles until the last packet was delivered, or until the end if that came first; at least 1."""
    lost = int(raw.losses.sum())
    whole = len(raw.packets) + lost == len(plan.own.traffic)
    end = int(raw.packets[:, DELIVERED].max(initial=0)) if whole else raw.end_ps
    if whole and lost:  # the last ones may be among those
        end = max(end, int(plan.own.traffic[-1, 0]))
    return max(1, -(-end // clock))


def link_table(plan: Plan, raw: RawRun, cycles: int) -> dict[str, npt.NDArray[Any]]:
    """One row per link between routers, then one per core for its ejection port.

    Columns: ``from``, ``to`` (routers, for ejection the core), ``port``, ``flits``, ``flits_per_cycle`` (over the whole run), ``load_norm``
    (flits per flit that a core of the chip sent on average, so the load per unit of offered load) and, of wormhole routers, cycles that flits
    in front waited for a virtual channel, a credit or free link, and the switch.

    Args:
        plan: what ran.
        raw: counters and packets.
        cycles: that it took.
    """
    ports, to = links_of(plan)
    number = np.flatnonzero(to >= 0)
    cores = plan.mesh.cores
    taken = np.bincount(raw.packets[:, DESTINATION], weights=raw.packets[:, FLITS], minlength=cores)[:cores].astype(np.int64)
    flits = np.concatenate([raw.link_flits[number], taken])
    stalls = np.zeros((len(flits), 3), np.int64)
    if len(raw.link_stalls):
        stalls[: len(number)] = raw.link_stalls[number]
    names = np.array([*_port_names(plan, ports), "EJECT"])
    each = int(plan.own.traffic[:, 3].sum()) / cores
    return {
        "from": np.concatenate([number // ports, plan.endpoint_tile[:cores]]),
        "to": np.concatenate([to[number], np.arange(cores)]),
        "port": np.concatenate([names[number % ports], np.repeat(names[-1:], cores)]),
        "flits": flits,
        "flits_per_cycle": flits / cycles,
        "load_norm": flits / each if each else np.zeros(len(flits)),
        "stalled_vc": stalls[:, 0],
        "stalled_credit": stalls[:, 1],
        "stalled_switch": stalls[:, 2],
    }


def links_of(plan: Plan) -> tuple[int, Ints]:
    """Network ports per router, and the router behind each link number, -1 where there is no link."""
    if plan.noc is not None:
        return plan.noc.fabric.ports, plan.noc.fabric.to
    number = np.arange(plan.mesh.link_ids, dtype=np.int64)
    return 4, plan.mesh.neighbours(number // 4, number % 4)


def _port_names(plan: Plan, ports: int) -> list[str]:
    """Directions on grids (x grows to the east, y to the south, layers downwards), numbers elsewhere."""
    letters = "EWSNDU"[:ports] if plan.noc is None or (0 < ports <= 6 and _is_grid(plan)) else ""
    return list(letters) or [str(port) for port in range(ports)]


def _is_grid(plan: Plan) -> bool:
    """On a grid a link enters by the port opposite to that by which it leaves."""
    assert plan.noc is not None
    fabric = plan.noc.fabric
    used = np.flatnonzero(fabric.to >= 0)
    return bool(((used % fabric.ports) ^ 1 == fabric.back[used]).all())


def _is_stable(
    mine: Ints, latency: Ints, created: int, created_flits: float, accepted: int, window: Window, complete: bool
) -> bool:
    if not complete:
        return False
    if not created:
        return True
    noise = max(_SHARE * created_flits, _SIGMAS * created**0.5 * created_flits / created)
    if accepted < created_flits - noise:
        return False
    # the last quarter would mislead: when sending ends, what waits then has the network to itself
    quarter = (mine[:, CREATED] - window.begin) * 4 // (window.end - window.begin)
    first, third = latency[quarter == 0], latency[quarter == 2]
    return not len(first) or not len(third) or bool(third.mean() <= _DRIFT * first.mean())


def _mean(values: Ints, unit: int) -> float | None:
    return float(values.mean()) / unit if len(values) else None


def _quantile(values: Ints, share: float, unit: int) -> float | None:
    """Value number ceil(share n) of all in order."""
    if not len(values):
        return None
    rank = max(0, int(np.ceil(share * len(values))) - 1)
    return float(np.partition(values, rank)[rank]) / unit
