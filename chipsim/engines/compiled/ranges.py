"""What the compiled engine keeps in fields of few bits, held to the plan before anything is laid out.

Every field with its range stands in ``docs/limits.md``, with the tests at the limit and one above.
"""

from __future__ import annotations

import numpy as np

from chipsim.engines.compiled import layout as at
from chipsim.machine import state
from chipsim.machine.message import MOST_FLITS, MOST_KINDS
from chipsim.plan.plan import Plan
from chipsim.plan.ranges import MOST_I32, Range, check_every_engine, refuse_beyond
from chipsim.programs.host import Array, host_of

MOST_PACKETS = MOST_I32
"""Rows of packets: lists name them by 32 bits."""

MOST_PORTS, MOST_VCS = 62, 31
"""Ports of a wormhole router at most, endpoints included, and virtual channels: masks of ports are words of 64 bits, of channels of 32."""


def check_ranges(plan: Plan) -> None:
    """Refuse what the fields of machine, routers and program cannot hold.

    Raises:
        SimulationError: how many of what there are, and how many are taken.
    """
    check_every_engine(plan)
    ranges = (*of_machine(plan), *of_wormhole(plan), *host_of(plan.program).ranges(plan))
    refuse_beyond(ranges, "this engine takes", "--engine reference takes more")


def of_machine(plan: Plan) -> tuple[Range, ...]:
    """Packets, tables and links."""
    ranges = (
        Range("flits in a message", int(plan.flits.max(initial=0)), MOST_FLITS),
        Range("numbers of kinds of messages", len(plan.kinds), MOST_KINDS),
        Range("as the layer of a tree", int(plan.route[:, 1].max(initial=0)), state.MOST_LAYER),
    )
    return ranges if plan.noc is None else (*ranges, Range("links of a router", plan.noc.fabric.ports, at.MOST_PORTS))


def of_wormhole(plan: Plan) -> tuple[Range, ...]:
    """Wormhole routers: masks, credits, cycles of links, and the rows of what is on them."""
    if plan.noc is None or plan.noc.wormhole is None:
        return ()
    fabric, how, damage = plan.noc.fabric, plan.noc.wormhole, plan.noc.damage
    used = fabric.to >= 0
    again = -(-damage.retry // how.clock) if damage is not None else 0
    slowest = int(whole_cycles(fabric.latency[used], how.clock).max(initial=1)) + again
    return (
        Range("ports of a wormhole router, cores included", _ports(plan), MOST_PORTS),
        Range("virtual channels", how.vcs, MOST_VCS),
        Range("flits in a buffer", how.buffer, at.CREDITS),
        Range(
            "cycles that a link is taken by a flit",
            int(whole_cycles(fabric.flit_time[used], how.clock).max(initial=1)),
            at.LOSSY - 1,
        ),
        Range("cycles over a link, sending again included", max(slowest, int(cycles_away(plan).max())), MOST_I32 - 2),
        Range("ports of all routers", fabric.routers * fabric.ports + 2 * plan.endpoints + 1, MOST_I32),
        Range("flits and credits on links at once", most_flying(plan), MOST_I32),
        Range("branches of packets in routers at once", most_branches(plan), MOST_I32),
    )


def whole_cycles(time: Array, clock: int) -> Array:
    """int64[n], cycles that times in ps take, at least one."""
    return np.maximum(1, -(-time // clock))


def cycles_away(plan: Plan) -> Array:
    """int64[endpoints], cycles between endpoints and their routers."""
    assert plan.noc is not None
    assert plan.noc.wormhole is not None
    latency = np.full(plan.endpoints, plan.local_latency, np.int64)
    latency[-1] = plan.host_latency
    return whole_cycles(latency, plan.noc.wormhole.clock)


def most_flying(plan: Plan) -> int:
    """Rows for flits and credits on their way: each way has one of both in a cycle, a damaged network twice that; and credits held back."""
    assert plan.noc is not None
    assert plan.noc.wormhole is not None
    fabric, how = plan.noc.fabric, plan.noc.wormhole
    links, away = whole_cycles(fabric.latency[fabric.to >= 0], how.clock), cycles_away(plan)
    # there and back: 2 + 1 cycles more; from the endpoint into its router 1 more
    cycles = int((2 * links + 3).sum() + (2 * away + 3).sum() + (1 + away).sum())
    held = plan.endpoints * how.vcs * how.buffer if how.ejection else 0
    return (2 if plan.noc.damage is not None else 1) * cycles + held + 2


def most_branches(plan: Plan) -> int:
    """Rows for branches: one per input channel and output, where packets go on trees."""
    if plan.noc is None or plan.noc.wormhole is None or not plan.multicast:
        return 1
    fabric = plan.noc.fabric
    ports = fabric.routers * fabric.ports + plan.endpoints
    return ports * plan.noc.wormhole.vcs * (fabric.ports + plan.mesh.concentration)


def _ports(plan: Plan) -> int:
    """Ports of the router with most of them."""
    assert plan.noc is not None
    return plan.noc.fabric.ports + int(np.bincount(plan.endpoint_tile).max())
