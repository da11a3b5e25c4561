"""Networks of wormhole routers, made without any description file."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from chipsim.config.noc import NocSpec
from chipsim.noc.build import routing_of
from chipsim.noc.fabric import fabric_of
from chipsim.noc.plan import NocPlan, Wormhole

Ints = npt.NDArray[np.int64]

CLOCK = 1_000
"""ps of a cycle."""

KINDS = 28
"""Numbers of kinds of the programs that run here, spiking networks and packets, are below this."""


def _time(cycles: float) -> dict[str, str]:
    return {"value": f"{round(cycles * CLOCK)} ps", "grade": "assumed", "source": "a test"}


LEVELS = (
    {"name": "board", "width": 2, "height": 1, "link_latency": _time(5.3), "flit_time": _time(3), "hop": "800 pJ"},
    {"name": "rack", "width": 1, "height": 3, "link_latency": _time(17), "flit_time": _time(2.1), "hop": "2 nJ"},
)
"""Two chips on a board, three boards: links of many cycles, that take several for a flit."""

ROUTERS: dict[str, Any] = {
    "vcs": 4, "buffer": 8, "atomic": False, "ejection": 0, "class_of": (0,) * KINDS, "link": 1, "flit_time": 1, "seed": 1,
}  # fmt: skip
"""What ``noc_of`` takes besides, by default; ``link`` and ``flit_time`` are cycles of links between routers."""


def noc_of(topology: str = "mesh", width: int = 3, height: int = 3, timing: str = "S", **spec: Any) -> NocPlan:
    """A network; what of ``spec`` is not among ``ROUTERS`` goes into the description."""
    how = {name: spec.pop(name, value) for name, value in ROUTERS.items()}

    def given(cycles: int) -> dict[str, str]:
        return {"value": f"{cycles * CLOCK} ps", "grade": "assumed", "source": "a test"}

    times = {
        "link_latency_ew": given(how["link"]),
        "link_latency_ns": given(how["link"]),
        "local_latency": given(1),
        "flit_time": given(how["flit_time"]),
    }
    vcs, buffer = how["vcs"], how["buffer"]
    shape = {"topology": topology, "width": width, "height": height, "vcs": vcs, "buffer": buffer}
    noc = NocSpec.model_validate(shape | times | spec)
    fabric = fabric_of(noc)
    wormhole = Wormhole(
        clock=CLOCK,
        vcs=vcs,
        buffer=buffer,
        route_cycles=int(timing == "D"),
        speculative=int(timing == "S"),
        atomic=int(how["atomic"]),
        ejection=how["ejection"],
        classes=max(how["class_of"]) + 1,
        class_of=np.array(how["class_of"], np.int64),
    )
    return NocPlan(fabric, routing_of(noc, fabric, how["seed"]), wormhole)
