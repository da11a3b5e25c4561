"""Networks of wormhole routers that every engine runs: each topology with each of its routings, each part of a router at its limits."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

from chipsim.machine.actions import A_MESSAGE
from chipsim.noc.plan import NocPlan
from chipsim.plan.plan import Plan
from chipsim.programs.packets.messages import DATA
from tests.damages import burst, dead_core, dead_link, dead_router, flit_loss, with_faults
from tests.fabrics import ROUTINGS
from tests.packet_plans import wormhole_plan
from tests.topologies import edges_file
from tests.wormholes import CLOCK, KINDS, LEVELS, noc_of

SIZES = {
    "mesh": {"width": 4, "height": 3},
    "torus": {"width": 4, "height": 3},
    "ring": {"width": 6, "height": 1},
    "mesh3d": {"width": 3, "height": 2, "depth": 2},
    "tree": {"width": 10, "height": 1, "arity": 3},
    "graph": {"width": 12, "height": 1, "edges": str(edges_file())},
}


def packets_on(
    noc: NocPlan,
    seed: int,
    packets: int,
    span: int,
    longest: int = 4,
    each: int = 1,
    until: int = 0,
    operation: int | None = None,
) -> Plan:
    """Uniform traffic between all cores.

    Args:
        noc: the network.
        seed: of the traffic.
        packets: how many.
        span: cycles within which they are created.
        longest: flits of the longest.
        each: cores at a router.
        until: ps.
        operation: cycles that a core needs to take a packet in; None: packets are absorbed.
    """
    rows = burst(seed, noc.fabric.routers * each, packets, span, longest)
    plan = wormhole_plan(rows, noc, each, int(operation is None), until)
    times = plan.action_time.copy()
    times[A_MESSAGE] = (operation or 0) * CLOCK
    return replace(plan, action_time=times)


def _every_routing() -> dict[str, Callable[[], Plan]]:
    """Each topology with each of its routings; timings, virtual channels and buffers go round, and so do slow links and full cores."""
    found: dict[str, Callable[[], Plan]] = {}
    pairs = [(topology, routing) for topology, routings in ROUTINGS.items() for routing in routings if routing != "xy"]
    pairs += [("mesh", "xy"), ("mesh3d", "xy")]
    for i, (topology, routing) in enumerate(pairs):
        vcs = (3, 4, 2, 8, 5)[i % 5]
        how = {
            "timing": "SLD"[i % 3],
            "vcs": vcs if routing != "table" or topology == "tree" else 8,
            "buffer": (8, 1, 3, 5)[i % 4],
            "atomic": routing == "adaptive",
            "routing": routing,
            "link": (1, 2, 1, 4)[i % 4],
            "flit_time": (1, 1, 2)[i % 3],
            "seed": i,
        } | SIZES[topology]

        def make(i: int = i, topology: str = topology, how: dict[str, Any] = how) -> Plan:
            return packets_on(noc_of(topology, **how), i, 260, 90 if how["routing"] != "table" else 400)

        found[f"{topology}, {routing}"] = make
    return found


def _packets(seed: int, count: int, span: int, longest: int = 4, **how: Any) -> Callable[[], Plan]:
    of_plan = {name: how.pop(name) for name in ("each", "until", "operation") if name in how}
    spec = {"concentration": of_plan["each"]} if "each" in of_plan else {}
    return lambda: packets_on(noc_of(**{**how, **spec}), seed, count, span, longest, **of_plan)


def _hurt(seed: int, faults: Sequence[Any], **spec: Any) -> Callable[[], Plan]:
    """A damaged 4 x 3 mesh."""
    sizes = {"width": 4, "height": 3, "vcs": 4, "buffer": 3, "router": "wormhole"} | spec

    def make() -> Plan:
        return with_faults(
            wormhole_plan(burst(seed, 12, 260, 120, 4), noc_of(**{**sizes, "timing": "D"})), tuple(faults), **sizes
        )

    return make


CLASSES = tuple(int(kind == DATA) for kind in range(KINDS))
"""The kind that these networks send is in the upper of two classes."""

SCENARIOS: dict[str, Callable[[], Plan]] = _every_routing() | {
    "one router": _packets(1, 150, 60, width=1, height=1, vcs=1, buffer=1, each=2),
    "one VC of one flit": _packets(2, 200, 100, vcs=1, buffer=1, timing="D"),
    "one VC, atomic": _packets(3, 200, 100, longest=5, vcs=1, buffer=2, atomic=True, timing="L"),
    "eight VCs of eight flits, overload": _packets(4, 700, 40, longest=5, vcs=8, buffer=8),
    "eight VCs, atomic, single flits": _packets(5, 600, 60, longest=1, vcs=8, buffer=4, atomic=True),
    "concentration": _packets(6, 500, 90, width=3, height=2, vcs=2, buffer=4, each=4),
    "by columns": _packets(7, 300, 90, width=3, height=4, tile_order="column", vcs=3, buffer=2, timing="L"),
    "levels": _packets(8, 300, 300, width=4, height=6, levels=LEVELS, vcs=2, buffer=4),
    "slow flits": _packets(9, 200, 200, vcs=2, buffer=4, link=3, flit_time=5, timing="D"),
    "slow cores push back": _packets(10, 200, 60, each=2, vcs=2, buffer=2, ejection=1, operation=9),
    "slow cores with three places": _packets(
        11, 200, 60, vcs=4, buffer=1, ejection=3, operation=13, timing="L", topology="torus"
    ),
    "slow cores without limit": _packets(12, 200, 60, vcs=2, buffer=2, operation=7),
    "classes": _packets(13, 300, 60, vcs=5, buffer=2, class_of=CLASSES, topology="torus", routing="dateline", width=4),
    "cut off": _packets(14, 400, 60, vcs=2, buffer=3, until=61_234),
    "seldom": _packets(15, 60, 200_000, vcs=2, buffer=2, timing="D", link=4),
    "dead from the start": _hurt(1, [dead_link(1, 2), dead_router(9), dead_core(4)]),
    "dies on the way": _hurt(2, [dead_link(1, 2, 30), dead_router(6, 55), dead_core(4, 70)]),
    "links lose flits": _hurt(3, [flit_loss("0.02")]),
    "links lose flits and send them again": _hurt(4, [flit_loss("0.05", 7)]),
}
"""Plans by name, made when asked for."""
