"""What is said of runs whose packets are what is timed: of spiking networks, and of packets alone."""

from __future__ import annotations

from collections.abc import Iterator

from chipsim import quantity, terminal
from chipsim.lookup import Summary, number, value
from chipsim.programs.told import STATUS, Fact, Try

LATENCY_WAY = "from leaving its core to arrival"
NO_LATENCY = "not measured: packets are kept with --set probes=[packets]"

MEASURES_LATENCY = "measures latency, which needs every packet kept"


def carried(summary: Summary) -> str:
    """How many packets went how far."""
    counts = summary["counts"]
    return f"{terminal.plural(counts['packets'], 'packet')} over {terminal.plural(counts['hops'], 'hop')}"


def next_setting(summary: Summary) -> Try:
    """Packets kept, or where they were kept routers that never make them wait."""
    if value(summary, "latency_s.p50") is None:
        return Try("probes=[packets]", MEASURES_LATENCY)
    return Try("chip.noc.router=ideal", "shows how much of the latency is waiting at routers: here no packet waits")


def chip_time(summary: Summary) -> str:
    """Chip time, and how the run ended."""
    return f"{quantity.si(number(summary, 'sim_time_s'), 's')} of chip time, {STATUS.get(str(value(summary, 'status')), '')}"


def packet_hops(summary: Summary) -> str:
    """Hops in all and of a packet."""
    mean = quantity.digits(number(summary, "mapping.mean_hops"))
    return f"{quantity.count(number(summary, 'counts.hops'))} hops, {mean} per packet"


def last_facts(summary: Summary, unit: str) -> Iterator[Fact]:
    """Latency of packets, energy per ``unit``, power, the busiest core, memory."""
    si = quantity.si
    tail = f"99 of 100 within {si(number(summary, 'latency_s.p99'), 's')}, from leaving a core to arrival"
    yield Fact("Packet latency, median", si(number(summary, "latency_s.p50"), "s"), tail)
    each = si(number(summary, "claim.dynamic_j_per_event"), "J")
    yield Fact("Energy", si(number(summary, "energy_j.total"), "J"), f"{each} of activity on the chip per {unit}")
    cores = quantity.count(number(summary, "chip.cores"))
    envelope = number(summary, "power_w.envelope")
    budget = f"of {cores} powered cores" if envelope is None else f"budget {si(envelope, 'W')} for {cores} powered cores"
    yield Fact("Power with host port", si(number(summary, "power_w.mean"), "W"), budget)
    busy = quantity.percent(number(summary, "busiest.core_utilisation"))
    yield Fact("Busiest core", busy, "of the time, mean of its two sides" if unit == "spike" else "of the time")
    fill = number(summary, "mapping.max_memory_fill")
    if fill:
        yield Fact("Memory", quantity.percent(fill), "of core.memory on the fullest core")
