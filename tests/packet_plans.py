"""Given packets as plans, made without any description file; and the scenarios that every engine runs."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import numpy.typing as npt

from chipsim.noc import Mesh
from chipsim.noc.plan import IDEAL, WORMHOLE, NocPlan
from chipsim.plan.plan import EVENT, TICK, Plan
from chipsim.programs.packets import NAME
from chipsim.programs.packets.messages import KINDS
from chipsim.programs.packets.plan import PacketsPlan
from tests.nets import random_packets, to_one_core
from tests.plans import COLUMN, ODD, QUICK, WIDE, Chip, plan_on
from tests.topologies import noc_on
from tests.wormholes import CLOCK

Ints = npt.NDArray[np.int64]


def traffic_plan(packets: Ints, chip: Chip, until: int = 0) -> Plan:
    """Packets (time ps, source core, destination core, flits) on a chip."""
    rows = packets[np.argsort(packets[:, 0], kind="stable")].astype(np.int64)
    return plan_on(chip, NAME, PacketsPlan(rows), KINDS.names, until)


def wormhole_plan(packets: Ints, noc: NocPlan, concentration: int = 1, sinks: int = 1, until: int = 0) -> Plan:
    """Packets (cycle, source core, destination core, flits) on a network."""
    rows = packets * np.array([CLOCK, 1, 1, 1])
    R = noc.routing
    mesh = Mesh(R.width, R.height * R.depth, concentration, bool(R.column))
    chip = Chip(mesh, router=WORMHOLE, pace=EVENT, local=CLOCK, flit_time=CLOCK)
    return replace(traffic_plan(rows, chip, until), noc=noc, sinks=sinks)


def packets_over(name: str, router: int) -> Plan:
    """Packets on a topology of `tests.topologies`."""
    mesh, noc = noc_on(name)
    return replace(traffic_plan(random_packets(4, mesh, 700, 60_000), Chip(mesh, router=router, pace=EVENT)), noc=noc)


def _traffic(seed: int, chip: Chip, packets: int, span: int, until: int = 0) -> Callable[[], Plan]:
    return lambda: traffic_plan(random_packets(seed, chip.mesh, packets, span), chip, until)


SCENARIOS: dict[str, Callable[[], Plan]] = {
    "traffic": _traffic(1, Chip(pace=EVENT), 600, 40_000),
    "traffic, ideal, by columns": _traffic(2, Chip(COLUMN, router=IDEAL, pace=EVENT), 600, 40_000),
    "traffic, crowded instants": _traffic(3, Chip(pace=EVENT, **QUICK), 800, 300),
    "traffic, crowded, ideal, clocked": _traffic(4, Chip(router=IDEAL, pace=TICK, tick=50, **QUICK), 800, 300),
    "traffic, odd link delays": _traffic(5, Chip(Mesh(6, 6), pace=EVENT, links=ODD), 900, 60_000),
    "traffic, until, by columns": _traffic(6, Chip(COLUMN, pace=EVENT, **QUICK), 800, 900, until=600),
    "traffic, one far core for all": lambda: traffic_plan(to_one_core(7, WIDE, 400), Chip(pace=EVENT, **QUICK)),
}
"""Plans by name, made when asked for."""
