"""Links of a run: which there are, how long flits held them, why packets waited for them."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from chipsim.lookup import Columns
from chipsim.machine.raw import RawRun
from chipsim.noc import PORTS
from chipsim.plan.plan import Plan

Ints = npt.NDArray[np.int64]

DIRECTIONS = ("east", "west", "south", "north", "down", "up")
"""Names of the ports of a grid."""

STALLS = ("vc", "credit", "switch")
"""Causes of stalls, in the order of ``RawRun.link_stalls``."""


def link_ports(plan: Plan) -> int:
    """Links per router in the numbers of links: link // ports is the router that it leaves."""
    return PORTS if plan.noc is None else max(plan.noc.fabric.ports, 1)


def links_there(plan: Plan) -> tuple[Ints, Ints, Ints]:
    """The links that exist, ascending.

    Returns:
        int64[links] link number, router that it leaves, router that it leads to.
    """
    if plan.noc is not None:
        to = plan.noc.fabric.to
    else:
        number = np.arange(plan.mesh.link_ids)
        to = plan.mesh.neighbours(number // PORTS, number % PORTS)
    link = np.flatnonzero(to >= 0)
    return link, link // link_ports(plan), to[link]


def link_busy_ps(plan: Plan, raw: RawRun) -> Ints:
    """int64[link numbers] ps for which flits held each link; wormhole routers give it away in whole cycles."""
    if plan.noc is None:
        return np.asarray(raw.link_flits * plan.flit_time)
    each = plan.noc.fabric.flit_time
    if plan.noc.wormhole is not None:
        clock = plan.noc.wormhole.clock
        each = -(-each // clock) * clock
    return np.asarray(raw.link_flits * each)


def stall_columns(raw: RawRun, link: Ints) -> Columns:
    """Cycles that branches in front waited for some links, by cause; no columns but for wormhole routers.

    Args:
        raw: the run.
        link: int64[links], numbers of the links.
    """
    if not len(raw.link_stalls):
        return {}
    return {f"stall_{cause}": raw.link_stalls[link, column] for column, cause in enumerate(STALLS)}


def direction_names(plan: Plan, link: Ints) -> list[str]:
    """Where each link leads: on a grid a direction, elsewhere the number of the port."""
    ports = link_ports(plan)
    if plan.noc is not None:
        back = plan.noc.fabric.back
        used = np.flatnonzero(back >= 0)
        if ports > len(DIRECTIONS) or (back[used] != used % ports ^ 1).any():
            return [f"port {port}" for port in (link % ports).tolist()]
    return [DIRECTIONS[port] for port in (link % ports).tolist()]
