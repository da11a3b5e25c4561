"""What is said of a run of packets: at a terminal, and in the report."""

from __future__ import annotations

from chipsim import quantity, terminal
from chipsim.lookup import Summary, Tables, number
from chipsim.programs.packet_words import (
    LATENCY_WAY,
    NO_LATENCY,
    carried,
    chip_time,
    last_facts,
    next_setting,
    packet_hops,
)
from chipsim.programs.told import Fact, Told


def done(summary: Summary) -> str:
    """How many were sent."""
    return terminal.plural(summary["counts"]["packets"], "packet")


def network(summary: Summary) -> str:
    """How far they went, and between how many cores."""
    return f"{carried(summary)}, between {terminal.plural(summary['mapping']['cores_used'], 'core')}"


def facts(summary: Summary, tables: Tables) -> list[Fact]:
    """Packets, latency, energy."""
    packets = quantity.count(number(summary, "counts.packets"))
    return [Fact("Packets", packets, f"{chip_time(summary)}; {packet_hops(summary)}"), *last_facts(summary, "packet")]


TOLD = Told(
    done=done,
    network=network,
    latency_way=LATENCY_WAY,
    no_latency=NO_LATENCY,
    next=next_setting,
    facts=facts,
    figures=("power", "over-time", "influence", "energy", "chip-map", "link-map", "network"),
)
