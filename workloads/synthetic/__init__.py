"""Synthetic traffic: patterns of destinations, arrival processes, packets drawn from integer tables by (seed, source, draw number)."""

from workloads.synthetic.arrivals import Burst
from workloads.synthetic.make import Synthetic, make_traffic, most_packets, senders_of
from workloads.synthetic.nodes import Nodes, nodes_of
from workloads.synthetic.patterns import PATTERNS, Pattern, fixed_destinations, pattern_named

__all__ = [
    "PATTERNS",
    "Burst",
    "Nodes",
    "Pattern",
    "Synthetic",
    "fixed_destinations",
    "make_traffic",
    "most_packets",
    "nodes_of",
    "pattern_named",
    "senders_of",
]
