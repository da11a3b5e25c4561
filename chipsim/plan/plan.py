"""The plan: everything that an engine sees, as frozen flat arrays of whole numbers; times are picoseconds.

It has two parts. What is true of any chip is in `Plan` itself; what only the program needs that the cores run is in ``Plan.own``, a frozen
record of the program's own kind (``chipsim.programs.*.plan``), which nobody but that program and its engines' parts looks into.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, fields, is_dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from chipsim.machine.actions import ACTIONS
from chipsim.noc import Mesh
from chipsim.noc.plan import NocPlan
from chipsim.noc.routing import Routing

Ints = npt.NDArray[np.int64]

EVENT, TICK, BARRIER = 0, 1, 2
"""Pace of the cores."""

LOSE_MESSAGE, FLIP_BIT = 1, 2
"""Kinds of fault."""


@dataclass(frozen=True, slots=True)
class Plan:
    """A run, lowered.

    Attributes:
        program: name of what the cores run.
        own: what only that program needs: a frozen dataclass of arrays and numbers with a method ``forecast`` (``chipsim.plan.forecast``).
        mesh: the topology.
        router, pace: fidelity and pace; ``tick`` is the period in ps, 0 without; with ``BARRIER`` it is 0.
        link_latency: int64[4] ps from the start on a link to arrival at the next router, by port.
        local_latency, flit_time, host_latency: ps.
        endpoint_tile: int64[cores + servers + 1], tile of each core, of each server that is no core, and last of the host.
        action_time: int64[TIMED] ps per counted action; with actions of the program's own one for each.
        kinds: names of the kinds of messages, by number; "" where a number is none.
        flits: int64[kinds], flits of a message, by kind.
        multicast: 1 if messages to many cores go on trees, 0 if there is a packet for each core.
        table_limit: multicast entries per router, 0 without limit.
        route: int64[entries, 4]: tile, layer, id, mask of output ports and local cores.
        used_bits: int64[cores] bits of memory in use at the start.
        until: ps, 0 for the end of all work.
        fault: int64[faults, 7]: kind, then (message kind, number, source or -1) or (at, core, slot, pair, bit, field: 0 id, 1 interval).
        seed: of everything random.
        sinks: 1 if whatever is delivered is absorbed by its endpoint, 0 if a core takes each message in by an operation.
        noc: topology, routing and wormhole routers; None on a plain mesh with x-then-y routing and ideal or queued routers.
    """

    program: str
    own: Any
    mesh: Mesh
    router: int
    pace: int
    tick: int
    link_latency: Ints
    local_latency: int
    flit_time: int
    host_latency: int
    endpoint_tile: Ints
    action_time: Ints
    kinds: tuple[str, ...]
    flits: Ints
    multicast: int
    table_limit: int
    route: Ints
    used_bits: Ints
    until: int
    fault: Ints
    seed: int
    sinks: int = 0
    noc: NocPlan | None = None

    @property
    def endpoints(self) -> int:
        """Cores, servers and the host."""
        return len(self.endpoint_tile)

    def fingerprint(self) -> str:
        """SHA-256 over all arrays and numbers but ``until``: equal plans run equally on every engine, as far as they run."""
        hasher = hashlib.sha256()
        _hash_into(hasher, self, "until")
        return hasher.hexdigest()


def _hash_into(hasher: hashlib._Hash, record: Any, left_out: str = "") -> None:
    for one in fields(record):
        if one.name == left_out:
            continue
        value = getattr(record, one.name)
        hasher.update(one.name.encode())
        if isinstance(value, np.ndarray):
            hasher.update(f"{value.shape} {value.dtype}".encode())
            hasher.update(np.ascontiguousarray(value).data)
        elif is_dataclass(value) and not isinstance(value, Mesh):
            _hash_into(hasher, value)
        elif isinstance(value, tuple) and value and is_dataclass(value[0]):
            for part in value:
                _hash_into(hasher, part)
        elif isinstance(value, Routing):
            hasher.update(f"{value[:-1]} {value.table.shape}".encode())
            hasher.update(np.ascontiguousarray(value.table).data)
        else:
            hasher.update(repr(tuple(value) if isinstance(value, tuple) else value).encode())


def counted(plan: Plan) -> int:
    """How many actions a run counts: the machine's, and those of its program's own, which plans have times for (``Program.actions``)."""
    return max(ACTIONS, len(plan.action_time))
