"""Chips as a few numbers, and plans on them, made without any description file."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt

from chipsim.machine.actions import A_ACCESS, A_AXON, A_FIRED, A_MESSAGE, A_SENT, A_SOMA, A_SYNOP, TIMED
from chipsim.noc import Mesh
from chipsim.noc.plan import QUEUED
from chipsim.plan.plan import BARRIER, Plan

Ints = npt.NDArray[np.int64]

LOIHI_TIMES = {A_MESSAGE: 16_000, A_SYNOP: 3_800, A_ACCESS: 6_000, A_SOMA: 3_700, A_FIRED: 30_000, A_SENT: 5_100}
LOIHI_LINKS = (4_100, 4_100, 6_500, 6_500)
ACTS_NEXT = 0
"""What spiking networks call ``NEXT``: a late spike acts in the step after."""

WIDE, COLUMN = Mesh(4, 3, 2), Mesh(3, 5, 3, column=True)
FAST = {A_MESSAGE: 3, A_AXON: 1, A_SYNOP: 2, A_ACCESS: 1, A_SOMA: 2, A_FIRED: 5, A_SENT: 3}
"""Times of a few ps: many things happen in one instant."""
QUICK = {"times": FAST, "links": (2, 2, 3, 3), "local": 1, "flit_time": 2}
ODD = (4_099, 4_099, 6_521, 6_521)
"""Link delays without a common divisor: the unit of time is 1 ps."""


@dataclass(frozen=True, slots=True)
class Chip:
    """Numbers of a chip; times in ps."""

    mesh: Mesh = field(default_factory=lambda: Mesh(4, 3, 2))
    router: int = QUEUED
    pace: int = BARRIER
    tick: int = 0
    sync: int = 1
    late: int = ACTS_NEXT
    multicast: bool = False
    flits: int = 1
    times: dict[int, int] = field(default_factory=lambda: dict(LOIHI_TIMES))
    links: tuple[int, ...] = LOIHI_LINKS
    local: int = 1
    flit_time: int = 1_000


def plan_on(chip: Chip, program: str, own: Any, kinds: tuple[str, ...], until: int, route: Ints | None = None) -> Plan:
    """What a program's own part and a chip make."""
    mesh = chip.mesh
    times = np.zeros(TIMED, np.int64)
    for action, ps in chip.times.items():
        times[action] = ps
    return Plan(
        program=program,
        own=own,
        mesh=mesh,
        router=chip.router,
        pace=chip.pace,
        tick=chip.tick,
        link_latency=np.array(chip.links, np.int64),
        local_latency=chip.local,
        flit_time=chip.flit_time,
        host_latency=chip.local,
        endpoint_tile=np.append(np.arange(mesh.cores) // mesh.concentration, 0).astype(np.int64),
        action_time=times,
        kinds=kinds,
        flits=np.array([int(name != "") for name in kinds], np.int64),
        multicast=int(chip.multicast),
        table_limit=0,
        route=np.zeros((0, 4), np.int64) if route is None else route,
        used_bits=np.arange(mesh.cores, dtype=np.int64) % 3 * 1_000,
        until=until,
        fault=np.zeros((0, 7), np.int64),
        seed=1,
    )
