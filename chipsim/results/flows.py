"""What kept packets tell of their ways: latency with and without the source's queue, spike trains bent and out of order, flow by flow.

A flow is what one endpoint sends to another. All of it comes from ``RawRun.packets``: whole numbers, sorted; nothing is looped over.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from chipsim.lookup import Columns
from chipsim.machine.histogram import bin_of, edges

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]

INJECTED, DELIVERED, KIND, SOURCE, DESTINATION, SEQUENCE, FLITS, HOPS, ENTERED = range(9)
"""Columns of ``RawRun.packets``."""

COLUMNS = (
    "source", "destination", "packets", "flits", "hops", "latency_mean_ps", "latency_p99_ps", "latency_max_ps", "network_mean_ps",
    "isi_mean_ps", "isi_max_ps", "disordered",
)  # fmt: skip
REAL = frozenset({"hops", "latency_mean_ps", "network_mean_ps", "isi_mean_ps"})
"""Columns of the table of flows, and those that are no whole numbers."""


@dataclass(frozen=True, slots=True)
class Flows:
    """Packets sorted by (source, destination, sequence number).

    Attributes:
        order: int64[packets], rows of ``RawRun.packets`` in this order.
        begin: int64[flows], where each flow begins in ``order``.
        flow: int64[packets], number of the flow of each packet in this order.
    """

    order: Ints
    begin: Ints
    flow: Ints


def flows_of(packets: Ints) -> Flows:
    """Sort packets into flows.

    Args:
        packets: int64[rows, 9], ``RawRun.packets``.
    """
    order = np.lexsort((packets[:, SEQUENCE], packets[:, DESTINATION], packets[:, SOURCE]))
    source, destination = packets[order, SOURCE], packets[order, DESTINATION]
    new = np.ones(len(order), bool)
    new[1:] = (source[1:] != source[:-1]) | (destination[1:] != destination[:-1])
    return Flows(order, np.flatnonzero(new), np.cumsum(new) - 1)


def packet_latency(packets: Ints) -> Ints:
    """int64[rows] ps from the release of each packet to the arrival of its last flit, the queue of its source included."""
    return np.asarray(packets[:, DELIVERED] - packets[:, INJECTED])


def network_latency(packets: Ints) -> Ints:
    """int64[rows] ps from the head's leaving the endpoint to the arrival of the last flit."""
    return np.asarray(packets[:, DELIVERED] - packets[:, ENTERED])


def isi_distortion(packets: Ints, flows: Flows) -> tuple[Ints, Ints]:
    """How much the intervals between packets of a flow differ between where they are sent and where they arrive.

    Of packets i and i + 1 of a flow, in the order sent, it is |(delivered(i + 1) - delivered(i)) - (injected(i + 1) - injected(i))|, which is
    how much their latencies differ.

    Returns:
        int64[intervals] ps, and int64[intervals], the flow of each.
    """
    latency = packet_latency(packets)[flows.order]
    within = flows.flow[1:] == flows.flow[:-1]
    return np.abs(np.diff(latency))[within], flows.flow[1:][within]


def out_of_order(packets: Ints) -> npt.NDArray[np.bool_]:
    """Which packets arrive after one that was sent to the same target later than they were, by whomever.

    Packets that arrive together, or were sent together, are in order.

    Returns:
        bool[rows], in the order of ``packets``.
    """
    target = packets[:, DESTINATION]
    sent = np.unique(packets[:, INJECTED], return_inverse=True)[1].astype(
        np.int64
    )  # ranks: small enough to stand behind a target
    order = np.lexsort((sent, packets[:, DELIVERED], target))
    # the latest sent so far at the same target: a running maximum that every next target begins above
    at = np.unique(target, return_inverse=True)[1].astype(np.int64)[order] * (len(packets) + 1) + sent[order]
    late = np.zeros(len(packets), bool)
    late[order[1:]] = at[1:] < np.maximum.accumulate(at)[:-1]
    return late


def flow_table(packets: Ints) -> Columns:
    """One row per flow, sorted by source and destination.

    Args:
        packets: int64[rows, 9], ``RawRun.packets``.

    Returns:
        Columns source, destination, packets, flits, hops (mean links), latency_mean_ps, latency_p99_ps, latency_max_ps, network_mean_ps,
        isi_mean_ps, isi_max_ps (0 of a single packet), disordered (packets that one sent later in the flow came before).
    """
    flows = flows_of(packets)
    rows, begin = flows.order, flows.begin
    if not len(begin):
        return {name: np.zeros(0, np.float64 if name in REAL else np.int64) for name in COLUMNS}
    count = np.diff(begin, append=len(rows))
    latency = packet_latency(packets)[rows]
    longest = np.maximum.reduceat(latency, begin)
    distortion, of = isi_distortion(packets, flows)
    isi_max = np.zeros(len(begin), np.int64)
    np.maximum.at(isi_max, of, distortion)
    intervals = np.maximum(count - 1, 1)

    def mean(values: Ints) -> Floats:
        return np.asarray(np.add.reduceat(values.astype(np.float64), begin) / count)

    return {
        "source": packets[rows[begin], SOURCE],
        "destination": packets[rows[begin], DESTINATION],
        "packets": count,
        "flits": np.add.reduceat(packets[rows, FLITS], begin),
        "hops": mean(packets[rows, HOPS]),
        "latency_mean_ps": mean(latency),
        "latency_p99_ps": np.minimum(_ranked(latency, flows, 0.99), longest),
        "latency_max_ps": longest,
        "network_mean_ps": mean(network_latency(packets)[rows]),
        "isi_mean_ps": np.bincount(of, distortion.astype(np.float64), len(begin)) / intervals,
        "isi_max_ps": isi_max,
        "disordered": np.add.reduceat(_overtaken(packets[rows, DELIVERED], flows), begin),
    }


def _ranked(values: Ints, flows: Flows, q: float) -> Ints:
    """Per flow the upper edge of the histogram bin that holds value number ceil(q n) of its n (``machine.histogram``)."""
    order = np.lexsort((values, flows.flow))
    count = np.diff(flows.begin, append=len(values))
    rank = np.maximum(1, np.ceil(q * count)).astype(np.int64)
    return edges(bin_of(values[order[flows.begin + rank - 1]]))[1]


def _overtaken(delivered: Ints, flows: Flows) -> Ints:
    """int64[packets] 1 for those of a flow, in the order sent, that arrive after one sent later; packets that arrive together do not."""
    rank = np.unique(delivered, return_inverse=True)[1].astype(np.int64)
    key = flows.flow * (len(delivered) + 1) + rank
    # the earliest arrival among all that follow in the flow: a running minimum from the end, flows before lie below
    follows = np.minimum.accumulate(key[::-1])[::-1]
    overtaken = np.zeros(len(delivered), np.int64)
    overtaken[:-1] = (flows.flow[1:] == flows.flow[:-1]) & (follows[1:] < key[:-1])
    return overtaken
