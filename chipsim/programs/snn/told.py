"""What is said of a spiking network's run: at a terminal, and in the report."""

from __future__ import annotations

from chipsim import quantity, terminal
from chipsim.lookup import Summary, Tables, number, value
from chipsim.programs.packet_words import (
    LATENCY_WAY,
    MEASURES_LATENCY,
    NO_LATENCY,
    carried,
    chip_time,
    last_facts,
    next_setting,
    packet_hops,
)
from chipsim.programs.snn.firing import condense
from chipsim.programs.snn.scale import scale_sheets, scale_words
from chipsim.programs.told import Condensed, Fact, Told, Try


def done(summary: Summary) -> str:
    """Steps and spikes; of neurons in ms the time that they lived through, and how often one fired."""
    counts, lif = summary["counts"], (summary.get("snn") or {}).get("lif") or {}
    steps, spikes = terminal.plural(counts["steps"], "step"), terminal.plural(counts["spikes"], "spike")
    if lif.get("rate_hz") is None:
        return f"{steps}, {spikes}"
    return f"{steps} of {lif['dt_ms']:g} ms, {spikes}, {quantity.digits(lif['rate_hz'])} Hz a neuron"


def network(summary: Summary) -> str:
    """How large it is, where it lies, what went over the network-on-chip."""
    counts, mapping = summary["counts"], summary["mapping"]
    parts = [
        f"{terminal.plural(mapping['neurons'], 'neuron')} and {terminal.plural(mapping['synapses'], 'synapse')} on"
        f" {terminal.plural(mapping['cores_used'], 'core')} ({mapping['method']})",
        f"{carried(summary)}, {terminal.plural(counts['synaptic_ops'], 'synaptic event')}",
    ]
    rounded = (summary.get("snn") or {}).get("quantised") or {}
    if rounded.get("rounded") and not scale_words(summary):
        parts.append(
            f"{terminal.plural(rounded['rounded'], 'number')} rounded to steps of {rounded['step']:.3g} (error at most"
            f" {rounded['worst']:.3g}, mean {rounded['mean']:.3g}; {rounded['saturated']:,} saturated)"
        )
    if counts.get("late_spikes"):
        parts.append(f"{terminal.plural(counts['late_spikes'], 'spike')} LATE")
    return "; ".join(parts)


def facts(summary: Summary, tables: Tables) -> list[Fact]:
    """Steps, spikes, synaptic events, packets, latency, energy."""
    count = quantity.count
    neurons = f"{count(number(summary, 'mapping.neurons'))} neurons on {count(number(summary, 'mapping.cores_used'))} cores"
    each = quantity.digits(number(summary, "mapping.packets_per_spike"))
    synapses = f"of {count(number(summary, 'mapping.synapses'))} synapses"
    return [
        Fact("Steps", count(number(summary, "counts.steps")), chip_time(summary)),
        Fact("Spikes", count(number(summary, "counts.spikes")), f"{_rate(summary)}{neurons}"),
        Fact("Synaptic events", count(number(summary, "counts.synaptic_ops")), synapses),
        Fact("Packets", count(number(summary, "counts.packets")), f"{each} per spike; {packet_hops(summary)}"),
        *last_facts(summary, "spike"),
    ]


def _rate(summary: Summary) -> str:
    rate = ((summary.get("snn") or {}).get("lif") or {}).get("rate_hz")
    return "" if rate is None else f"{quantity.digits(rate)} Hz a neuron in the network's own time; "


def next_try(summary: Summary) -> Try:
    """Spikes kept, then packets beside them, then what routers do."""
    if value(summary, "snn.spikes_kept") is False:
        return Try("probes=[spikes]", "keeps who fired when: the raster, the rate of each neuron, the intervals between spikes")
    if value(summary, "latency_s.p50") is None:
        return Try("probes=[spikes,packets]", MEASURES_LATENCY)
    return next_setting(summary)


TOLD = Told(
    done=done,
    network=network,
    latency_way=LATENCY_WAY,
    no_latency=NO_LATENCY,
    next=next_try,
    facts=facts,
    figures=("power", "over-time", "influence", "energy", "raster", "firing", "steps", "chip-map", "link-map", "network"),
    scale=scale_words,
    sheets=scale_sheets,
    condensed={"spikes": Condensed(("step", "neuron"), condense)},
)
