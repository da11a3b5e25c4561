"""The plan: everything that an engine sees, as frozen flat arrays of whole numbers; times are picoseconds."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field, fields, is_dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from chipsim.noc import Mesh
from chipsim.noc.plan import NocPlan
from chipsim.noc.routing import Routing
from chipsim.programs.nsn.state import Constants
from chipsim.programs.snn.plan import LifPlan

Ints = npt.NDArray[np.int64]

IDEAL, QUEUED, WORMHOLE = 0, 1, 2
"""Router fidelity."""

EVENT, TICK, BARRIER = 0, 1, 2
"""Pace of the cores."""

NSN, LIF, TRAFFIC = 0, 1, 2
"""What the cores run: a neurosemantic network, spiking neurons, or nothing: they take packets in, and given packets are sent."""

LOSE_MESSAGE, FLIP_BIT = 1, 2
"""Kinds of fault."""

SATURATE = -1
"""``offer`` of an event that is offered as soon as the one before it was taken."""


@dataclass(frozen=True, slots=True)
class Plan:
    """A run, lowered.

    Attributes:
        constants: what the programs know (``chipsim.programs.nsn.state.Constants``).
        mesh: the topology.
        router, pace: fidelity and pace; ``tick`` is the period in ps, 0 without; with ``BARRIER`` it is 0 and ``LifPlan.sync`` counts.
        link_latency: int64[4] ps from the start on a link to arrival at the next router, by port.
        local_latency, flit_time, host_latency: ps.
        endpoint_tile: int64[cores + regions + 1], tile of each core, slot server and the host.
        action_time: int64[TIMED] ps per counted action.
        flits: int64[KINDS], flits of a message; ``grow_flits``: int64[9] of GROW by pairs.
        table_limit: multicast entries per router, 0 without limit.
        server_core: int64[regions, C] cores of a region in the order of growth, -1 beyond.
        server_next: int64[regions, C] first free slot of each.
        server_current: int64[regions, layers + 2] index of the core that a layer grows on, -1: none.
        neuron: int64[neurons, 7]: core, slot, layer, ordinal, count, first, last; sorted by (core, slot).
        pair_start: int64[neurons + 1]; pair: int64[pairs, 2] id and interval class.
        reading: int64[readings, 6]: layer, id, home core, home slot, size, readings so far; ``member_start``, ``member``: cores with the axon,
            in the order of the reduction tree.
        route: int64[entries, 4]: tile, layer, id, mask of output ports and local cores.
        key: int64[entries, 8]: core, layer, parent node, id, class, ordinal, address, open; in the order of insertion per core.
        role: int64[layers + 2, SCALARS] scalars of the roots and the record keeper before the first event.
        item: int64[open items, 6]: layer, id, address, time, flags, needed; oldest first per layer.
        residual, residual_end: per layer what was kept before, as (layer, value) rows.
        record: int64[rows, 3]: id, time, flags of the episode records so far.
        used_bits: int64[cores] bits of memory in use before the first event.
        code, time, flags, event: int64[items], the stimulus; ``first_item``: number of the first of them in the whole stream.
        offer: int64[events] ps at which each event is offered, or ``SATURATE``; ``first_event``: number of the first.
        until: ps, 0 for the end of all work.
        fault: int64[faults, 7]: kind, then (message kind, number) or (at, core, slot, pair, bit, field: 0 id, 1 interval).
        seed: of everything random.
        program: ``NSN``, ``LIF`` or ``TRAFFIC``; the arrays of the other two are empty.
        lif: the spiking network.
        traffic: int64[packets, 4]: time ps, source core, destination core, flits; sorted by time, packets of one time in order of sending.
        sinks: 1 if traffic is absorbed as it is delivered, 0 if a core takes each packet in by an operation.
        window: packets of one source that may be on the way at once, where traffic is absorbed; 0 for no limit. What is due beyond that waits.
        noc: topology, routing and wormhole routers; None on a plain mesh with x-then-y routing and ideal or queued routers.
    """

    constants: Constants
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
    flits: Ints
    grow_flits: Ints
    table_limit: int
    server_core: Ints
    server_next: Ints
    server_current: Ints
    neuron: Ints
    pair_start: Ints
    pair: Ints
    reading: Ints
    member_start: Ints
    member: Ints
    route: Ints
    key: Ints
    role: Ints
    item: Ints
    residual: Ints
    residual_end: Ints
    record: Ints
    used_bits: Ints
    code: Ints
    time: Ints
    flags: Ints
    event: Ints
    first_item: int
    offer: Ints
    first_event: int
    until: int
    fault: Ints
    seed: int
    program: int = NSN
    lif: LifPlan | None = None
    traffic: Ints = field(default_factory=lambda: np.zeros((0, 4), np.int64))
    sinks: int = 0
    window: int = 0
    noc: NocPlan | None = None

    @property
    def endpoints(self) -> int:
        """Cores, slot servers and the host."""
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
