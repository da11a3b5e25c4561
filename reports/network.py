"""What a report says of the network in numbers: one line per metric, and the slowest flows. ``docs/network-metrics.md`` defines them."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from chipsim.lookup import Summary, Tables, number, numbers, rows, value
from chipsim.quantity import UNKNOWN, count, digits, percent, plural, si

Line = tuple[str, str, str]
"""What, its value, a remark."""

S_PER_PS = 1e-12


def network_lines(summary: Summary) -> list[Line]:
    """The metrics of the network; those that a run does not have are left out."""
    return [line for line in _lines(summary) if line[1] != UNKNOWN]


def _lines(summary: Summary) -> Iterator[Line]:
    yield (
        "Links per delivery",
        digits(number(summary, "noc.mean_hops")),
        "crossings of links between routers, per message delivered",
    )
    busiest = share(summary, "noc.link_utilisation.max")
    tail = f"99 of 100 links at most {share(summary, 'noc.link_utilisation.p99')}; the busiest {busiest}"
    yield "Links in use", share(summary, "noc.link_utilisation.mean"), f"of the time, mean of all links; {tail}"
    yield "Spread of link load", share(summary, "noc.link_load_std"), "standard deviation over links of the same"
    for key, name, what in (
        ("packet_latency_s", "Packet latency", "release to arrival of the last flit, the queue of the source included"),
        ("network_latency_s", "Network latency", "from the head's leaving the source"),
    ):
        quantiles = ", ".join(f"{q} {si(number(summary, f'noc.{key}.{q}'), 's')}" for q in ("p50", "p95", "p99", "max"))
        yield name, si(number(summary, f"noc.{key}.mean"), "s"), f"mean; {quantiles}; {what}"
    longest = si(number(summary, "noc.isi_distortion_s.max"), "s")
    bent = f"mean change of the interval between messages of a flow on their way; at most {longest}"
    yield "Distortion of intervals", si(number(summary, "noc.isi_distortion_s.mean"), "s"), bent
    yield "Out of order", share(summary, "noc.spike_disorder"), "of messages arrive after one sent to their target later"
    yield "Spared by multicast", share(summary, "noc.multicast_saving"), "of the crossings of one packet per target"
    deepest = f"mean over routers and time; most in one router {count(number(summary, 'noc.queue.max'))}"
    yield "Flits in a router", digits(number(summary, "noc.queue.mean")), deepest
    stalls = value(summary, "noc.stalls")
    if stalls:
        causes = (
            f"{count(stalls['vc'])} for a virtual channel, {count(stalls['credit'])} for a credit or a free link, "
            f"{count(stalls['switch'])} for the switch"
        )
        yield "Stalls", plural(sum(stalls.values()), "cycle"), causes

    lost = {cause: packets for cause, packets in (value(summary, "noc.lost") or {}).items() if packets}
    if lost:
        told = ", ".join(f"{count(packets)} {cause.replace('_', ' ')}" for cause, packets in lost.items())
        yield "Lost", plural(sum(lost.values()), "packet"), f"by cause: {told}"
    apart = value(summary, "noc.unreachable_pairs")
    if apart and apart["count"]:
        first = ", ".join(f"{source} to {target}" for source, target in apart["first"])
        more = ", the first" if apart["count"] > len(apart["first"]) else ""
        yield "Unreachable", plural(apart["count"], "pair"), f"of living routers, at the end of the run{more}: {first}"


def flow_cells(tables: Tables, most: int) -> list[list[str]]:
    """Columns of the flows with the longest tails: from, to, messages, links, mean, p99, longest, mean in the network, interval distortion."""
    tail = numbers(tables, "flows", "latency_p99_ps")
    order = np.argsort(-np.nan_to_num(tail), kind="stable")[:most] if rows(tables, "flows") else np.zeros(0, int)

    def pick(column: str) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
        return numbers(tables, "flows", column)[order]

    whole = [[count(one) for one in pick(column)] for column in ("source", "destination", "packets")]
    times = ("latency_mean_ps", "latency_p99_ps", "latency_max_ps", "network_mean_ps", "isi_mean_ps")
    return [
        *whole,
        [digits(one) for one in pick("hops")],
        *([si(one * S_PER_PS, "s") for one in pick(column)] for column in times),
    ]


def share(summary: Summary, path: str) -> str:
    """A share of the summary as per cent."""
    return percent(number(summary, path))
