"""Synthetic traffic as packets to be sent."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

import numpy as np

from chipsim.errors import ConfigError
from workloads.synthetic.arrivals import Burst, bernoulli, bursty
from workloads.synthetic.draw import Ints, below, streams, words
from workloads.synthetic.nodes import Nodes
from workloads.synthetic.patterns import Pattern, destinations

LATEST_PS = 2**61
"""Packets are sent at most 26 days after the start, which leaves the rest of int64 for delivering them."""

LENGTH, SENDER = 1, 8
"""Purposes of draws: packet lengths, who sends."""


@dataclass(frozen=True, slots=True)
class Synthetic:
    """Synthetic traffic.

    Attributes:
        pattern: where packets go.
        load: flits per sending node and cycle, above 0, at most 1.
        flits: lengths of packets, each as likely.
        cycles: how long packets are sent.
        seed: of arrivals, destinations and lengths.
        burst: sources that are on and off; None for sources that always are on.
        senders: share of the nodes that send, above 0, at most 1; which ones is drawn.
    """

    pattern: Pattern
    load: Fraction
    flits: tuple[int, ...]
    cycles: int
    seed: int
    burst: Burst | None = None
    senders: Fraction = Fraction(1)

    @property
    def probability(self) -> Fraction:
        """Probability that a node sends a packet in a cycle."""
        return self.load * len(self.flits) / sum(self.flits)


def most_packets(traffic: Synthetic, nodes: Nodes) -> int:
    """About how many packets, or times on of a source, are in memory at once."""
    burst = traffic.burst
    periods = 0 if burst is None else int(traffic.cycles * burst.alpha * burst.beta / (burst.alpha + burst.beta))
    return int(traffic.probability * traffic.cycles * nodes.count * traffic.senders) + periods + 1


def senders_of(traffic: Synthetic, nodes: Nodes) -> Ints:
    """int64, the nodes that send, ascending; at least one."""
    everyone = np.arange(nodes.count, dtype=np.int64)
    if traffic.senders == 1:
        return everyone
    drawn = np.argsort(streams(traffic.seed, SENDER, everyone), kind="stable")
    return np.sort(drawn[: max(1, round(traffic.senders * nodes.count))]).astype(np.int64)


def make_traffic(traffic: Synthetic, nodes: Nodes, cycle_ps: int) -> Ints:
    """The packets.

    Args:
        traffic: what is sent.
        nodes: who sends and takes.
        cycle_ps: length of a cycle.

    Returns:
        int64[packets, 4]: time in ps, source, destination, flits; sorted by time, then source.

    Raises:
        ConfigError: these nodes have no such pattern, or the load is more than sources that are on and off can send, or the last packet
            would be sent later than 26 days after the start.
    """
    if traffic.cycles * cycle_ps > LATEST_PS:
        raise ConfigError(
            f"traffic over {traffic.cycles} cycles of {cycle_ps} ps; allowed: up to 26 days of chip time, {LATEST_PS // cycle_ps} cycles"
        )
    probability, burst, senders = traffic.probability, traffic.burst, senders_of(traffic, nodes)
    if burst is None:
        parts = list(bernoulli(senders, probability, traffic.cycles, traffic.seed))
    else:
        if probability > burst.share:
            most = float(burst.share * sum(traffic.flits) / len(traffic.flits))
            raise ConfigError(
                f"traffic with bursts: load {float(traffic.load):g} flits per node and cycle from sources that are on"
                f" {float(burst.share):.3g} of the time; allowed: up to {min(1.0, most):g}, or a greater share of time on (alpha, beta)"
            )
        parts = list(bursty(senders, probability, burst, traffic.cycles, traffic.seed))
    # parts go by ascending source, so a stable order by cycle leaves the sources of a cycle in order
    source, cycle, number = (np.concatenate([part[column] for part in parts]) for column in range(3))
    del parts
    order = np.argsort(cycle, kind="stable")
    source, number = source[order], number[order]
    rows = np.empty((len(order), 4), np.int64)
    np.multiply(cycle[order], cycle_ps, out=rows[:, 0])
    rows[:, 1] = source
    rows[:, 2] = destinations(traffic.pattern, nodes, source, number, traffic.seed)
    rows[:, 3] = _lengths(traffic, nodes, source, number)
    return rows


def _lengths(traffic: Synthetic, nodes: Nodes, source: Ints, number: Ints) -> Ints | int:
    if len(traffic.flits) == 1:
        return traffic.flits[0]
    stream = streams(traffic.seed, LENGTH, np.arange(nodes.count, dtype=np.int64))
    return np.array(traffic.flits, np.int64)[below(words(stream[source], number), len(traffic.flits))]
