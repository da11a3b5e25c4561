"""A run's raw outcome: integer counters, event records and the digest. Every engine returns the same, bit for bit.

As a plan has them, it has two parts: what every chip counts, and in ``RawRun.own`` a frozen record of the program (``chipsim.programs.*.raw``).
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt

from chipsim.machine.snapshot import Snapshot

Ints = npt.NDArray[np.int64]

DONE, UNTIL, INTERRUPTED = "done", "until", "interrupted"

UNREACHABLE, DEAD_CORE, CUT, FLIT_LOSS = range(4)
"""Causes for which a damaged network drops packets."""

CAUSES = ("unreachable", "dead_core", "cut", "flit_loss")
"""Their names."""


@dataclass(frozen=True, slots=True)
class RawRun:
    """What an engine returns.

    Attributes:
        engine: name of the engine.
        program: name of what the cores ran; kinds: names of its kinds of messages, by number.
        status: ``done`` (no work left), ``until`` (the set end was reached first) or ``interrupted``.
        end_ps: time of the last event, or of the end that was set.
        digest: sum of all record hashes modulo 2^128.
        records: number of records hashed.
        actions: int64[endpoints, ACTIONS], counted actions; those of the program's own come behind.
        busy_ps, operations, received: int64[endpoints].
        late_ticks: int64[endpoints], ticks whose work did not end before the next edge.
        sent, delivered, dropped, copies, in_flight: int64[kinds], packets injected, arrivals, losses, copies made by branching, on the way
            at the end.
        link_packets, link_flits, link_wait_ps, link_wait_max_ps: int64[link numbers].
        tile_flits: int64[tiles], flits through the local ports of a router.
        host_flits: flits between chip and host.
        router_entries: int64[tiles], multicast entries used.
        router_lookups: int64[tiles], entries of a router's table that packets were looked up in: those of trees, and every packet where the
            routing is a table.
        credits: int64[link numbers] of wormhole routers: credits that have gone back over each link, one for every flit that has left the FIFO
            behind it; a link that is dead carries none.
        used_bits: int64[cores], bits of memory in use at the end.
        packets: int64[rows, 9] if probed: injected, delivered, kind, source, destination, sequence, flits, hops, entered (when the head left
            its endpoint); sorted by time of delivery, destination, source, sequence.
        spikes: int64[rows, 4] if probed: time, core, then what the program says of a spike; sorted.
        link_stalls: int64[link numbers, 3] of wormhole routers: cycles that branches in front waited for an output without a VC, without a
            credit or a free link, and for the switch; ``link_wait_ps`` is their sum times the clock.
        queue: int64[tiles, 2] of wormhole routers: sum over cycles of the flits in the router's FIFOs (after landing), and the most of a cycle.
        losses: int64[len(CAUSES)], packets that a damaged network dropped, by cause; they are counted in ``dropped`` too.
        timeline: int64[marks, columns], what had been counted at regular times (``chipsim.machine.timeline``); empty if not asked for.
        own: what is the program's own.
        cpu_s: processor seconds from the first instant to the digest.
        snapshot: state to go on from, where the run did not end by itself.
    """

    engine: str
    program: str
    kinds: tuple[str, ...]
    status: str
    end_ps: int
    digest: int
    records: int
    actions: Ints
    busy_ps: Ints
    operations: Ints
    received: Ints
    late_ticks: Ints
    sent: Ints
    delivered: Ints
    dropped: Ints
    copies: Ints
    in_flight: Ints
    link_packets: Ints
    link_flits: Ints
    link_wait_ps: Ints
    link_wait_max_ps: Ints
    tile_flits: Ints
    host_flits: int
    router_entries: Ints
    used_bits: Ints
    packets: Ints
    spikes: Ints
    own: Any
    cpu_s: float
    snapshot: Snapshot | None = None
    link_stalls: Ints = field(default_factory=lambda: np.zeros((0, 3), np.int64))
    queue: Ints = field(default_factory=lambda: np.zeros((0, 2), np.int64))
    losses: Ints = field(default_factory=lambda: np.zeros(len(CAUSES), np.int64))
    router_lookups: Ints = field(default_factory=lambda: np.zeros(0, np.int64))
    credits: Ints = field(default_factory=lambda: np.zeros(0, np.int64))
    timeline: Ints = field(default_factory=lambda: np.zeros((0, 0), np.int64))

    @property
    def hops(self) -> int:
        """Link crossings by packets."""
        return int(self.link_packets.sum())


def ordered(name: str, rows: Ints) -> Ints:
    """Rows of a list in the order that does not depend on how an engine visits the components of an instant.

    ``packets`` by (delivered, destination, source, sequence), the others by their columns from the first on.
    """
    if name == "packets" and len(rows):
        # engines note packets as time goes on, and at one time hardly two come to one endpoint: one key, nearly sorted, does
        later, endpoint = np.diff(rows[:, 1]), rows[:, 4]
        if (later >= 0).all():
            key = np.concatenate([[0], np.cumsum(later > 0)]) * (endpoint.max() + 1) + endpoint
            order = np.argsort(key, kind="stable")
            if (np.diff(key[order]) > 0).all():
                return np.take(rows, order, axis=0)
    keys = rows[:, [1, 4, 3, 5]] if name == "packets" else rows
    return np.take(rows, np.lexsort(keys.T[::-1]), axis=0) if len(rows) else np.ascontiguousarray(rows)
