"""Latency of input events: chip time from the offer of an event until a layer has decided the segment that holds it.

A decision can need later events. The time in which the layer's root waited for events that had not been offered yet is not the chip's
(``lookahead wait``): root of layer l waits in [begin, end) for an item whose decision needs input item j; of this
[begin, min(end, offer of j)) is the world's. Latency with it is what a user waits; without it, service, what the chip takes.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from chipsim.programs.nsn.plan import NsnPlan
from chipsim.programs.nsn.raw import NsnRun
from chipsim.programs.nsn.state import DECIDED

Ints = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class LayerLatency:
    """Latency of the events that one layer has decided.

    Attributes:
        event: int64[n], number of the event within the run.
        latency_ps: int64[n], from offer to decision; wait_ps: int64[n], look-ahead wait within it.
        busy_ps: time that the layer's root spent from the first instant to its last decision, less all its waiting for items.
    """

    event: Ints
    latency_ps: Ints
    wait_ps: Ints
    busy_ps: int

    @property
    def service_ps(self) -> Ints:
        """int64[n], latency without the look-ahead wait."""
        return self.latency_ps - self.wait_ps


def layer_latencies(plan: NsnPlan, raw: NsnRun) -> list[LayerLatency]:
    """Latencies for layers 0..L, in order."""
    leaf_end = plan.first_item + np.arange(1, len(plan.code) + 1)  # of layer 0's input: item n ends behind input item n
    base = plan.first_item
    result = []
    for layer in range(plan.constants.layers + 1):
        rows = raw.winners[raw.winners[:, 1] == layer]
        last_item = rows[:, 2] + rows[:, 4] - 1  # last item of each segment, in the layer's own numbering
        index = last_item - base
        ends = np.where(index >= 0, leaf_end[np.maximum(index, 0)], plan.first_item) if len(leaf_end) else index
        result.append(_latency(plan, raw, layer, rows[:, 0], ends.astype(np.int64)))
        leaf_end, base = ends.astype(np.int64), int(plan.role[layer, DECIDED])
    return result


def _latency(plan: NsnPlan, raw: NsnRun, layer: int, decided_ps: Ints, ends: Ints) -> LayerLatency:
    """``ends``: the input item behind the last one of each decided segment."""
    offered = raw.offer_ps[plan.event - plan.first_event] if len(plan.event) else np.zeros(0, np.int64)
    waits = raw.waits[raw.waits[:, 0] == layer]
    total_wait = int((waits[:, 3] - waits[:, 2]).sum())
    busy = int(decided_ps[-1]) - total_wait if len(decided_ps) else 0
    if not len(ends):
        empty = np.zeros(0, np.int64)
        return LayerLatency(empty, empty, empty, 0)
    # the last item of an event decides when the event is decided
    last_of_event = np.flatnonzero(np.diff(plan.event, append=plan.event[-1] + 1))
    segment = np.searchsorted(ends, plan.first_item + last_of_event + 1)
    decided = segment < len(ends)
    segment, item = segment[decided], last_of_event[decided]
    offer, end = offered[item], decided_ps[segment]
    needed = waits[:, 4] - plan.first_item
    needed_offer = np.where(needed >= 0, offered[np.maximum(needed, 0)], 0)
    begin = waits[:, 2]
    outside = np.maximum(np.minimum(waits[:, 3], needed_offer) - begin, 0)
    wait = _waited(begin, outside, end) - _waited(begin, outside, offer)
    return LayerLatency(plan.event[item] - plan.first_event, end - offer, wait, max(busy, 0))


def _waited(begin: Ints, length: Ints, until: Ints) -> Ints:
    """Total of the intervals [begin, begin + length), disjoint and ascending, that lies before each time."""
    if not len(begin):
        return np.zeros_like(until)
    before = np.concatenate([[0], np.cumsum(length)])
    index = np.searchsorted(begin, until, side="right")
    partial = np.where(index > 0, np.minimum(until - begin[np.maximum(index - 1, 0)], length[np.maximum(index - 1, 0)]), 0)
    whole: Ints = before[np.maximum(index - 1, 0)]
    return whole + partial
