"""Networks of wormhole routers as plans, made without any description file."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import numpy.typing as npt

from chipsim.config.noc import NocSpec
from chipsim.noc import Mesh
from chipsim.noc.build import routing_of
from chipsim.noc.fabric import fabric_of
from chipsim.noc.plan import WORMHOLE, NocPlan, Wormhole
from chipsim.plan.plan import EVENT, Plan
from tests.lif_networks import Chip, traffic_plan
from tests.own import replace_own

Ints = npt.NDArray[np.int64]

CLOCK = 1_000
"""ps of a cycle."""

KINDS = 28
"""Numbers of kinds of the programs that run here, spiking networks and packets, are below this."""


def noc_of(
    topology: str = "mesh",
    width: int = 3,
    height: int = 3,
    timing: str = "S",
    vcs: int = 4,
    buffer: int = 8,
    atomic: bool = False,
    ejection: int = 0,
    class_of: Sequence[int] = (0,) * KINDS,
    link: int = 1,
    flit_time: int = 1,
    seed: int = 1,
    **spec: Any,
) -> NocPlan:
    """A network; ``link`` and ``flit_time`` are cycles of links between routers, ``spec`` goes into the description."""

    def given(cycles: int) -> dict[str, str]:
        return {"value": f"{cycles * CLOCK} ps", "grade": "assumed", "source": "a test"}

    times = {
        "link_latency_ew": given(link),
        "link_latency_ns": given(link),
        "local_latency": given(1),
        "flit_time": given(flit_time),
    }
    noc = NocSpec.model_validate(
        {"topology": topology, "width": width, "height": height, "vcs": vcs, "buffer": buffer} | times | spec
    )
    fabric = fabric_of(noc)
    wormhole = Wormhole(
        clock=CLOCK,
        vcs=vcs,
        buffer=buffer,
        route_cycles=int(timing == "D"),
        speculative=int(timing == "S"),
        atomic=int(atomic),
        ejection=ejection,
        classes=max(class_of) + 1,
        class_of=np.array(class_of, np.int64),
    )
    return NocPlan(fabric, routing_of(noc, fabric, seed), wormhole)


def wormhole_plan(packets: Ints, noc: NocPlan, concentration: int = 1, sinks: int = 1, until: int = 0) -> Plan:
    """Packets (cycle, source core, destination core, flits) on a network."""
    rows = packets * np.array([CLOCK, 1, 1, 1])
    R = noc.routing
    mesh = Mesh(R.width, R.height * R.depth, concentration, bool(R.column))
    chip = Chip(mesh, router=WORMHOLE, pace=EVENT, local=CLOCK, flit_time=CLOCK)
    return replace(replace_own(traffic_plan(rows, chip, until), sinks=sinks), noc=noc)
