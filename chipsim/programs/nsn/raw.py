"""The outcome of a neurosemantic network's run beside the chip's counters.

A snapshot of such a run has these arrays:

core_number: int64[n], cores that hold anything; core: int64[n, w], their memories as words, see ``saved``.
root: int64[roles, w]; server: int64[regions, w]: likewise.
host: int64[4]: next item, taken, events offered, overruns; offer: int64[events].
decisions: uint64[2], low word first.
waiting_since: int64[numbers]; spent: int64[roles, 3, actions], as below, so far.
winners, waits, growth, unstored, alerts, expected: as below, so far.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from chipsim.programs.nsn.image import Memory

Ints = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class NsnRun:
    """What is a neurosemantic network's own in a raw run.

    Attributes:
        decisions: sum of the hashes of decisions alone (functional part of the digest).
        events_in: events offered; items_in: items sent by the host.
        overruns: events offered later than their time, because the chip had not taken the one before.
        offer_ps: int64[events run], when each was offered, -1 if it was not.
        winners: int64[rows, 8]: time, layer, item, id, cover, new, needed, core.
        waits: int64[rows, 5]: layer, item, begin, end, needed.
        growth: int64[rows, 4]: time, layer, ordinal, address.
        unstored: int64[rows, 4]: time, layer, item, cover.
        alerts: int64[rows, 6]: time at the host, id, event time, first item, last item, new.
        expected: int64[rows, 3]: number of a recursive network, of the output that it had read, and the id that it expected, -1 for none.
        slept: int64[5]: when a sleep began and ended, ps, most bits in use meanwhile, 1 if it has not ended, elements stored before.
        memory: the core memories at the end.
        spent: int64[roles, 3, actions], what operations counted: by the layer that the handled message is about (the last is the record
            keeper), and whether it is for growth (``messages.purpose``).
    """

    decisions: int
    events_in: int
    items_in: int
    overruns: int
    offer_ps: Ints
    winners: Ints
    waits: Ints
    growth: Ints
    unstored: Ints
    alerts: Ints
    expected: Ints
    memory: Memory
    spent: Ints
    slept: Ints
