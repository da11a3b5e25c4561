"""What is said of a neurosemantic network's run: at a terminal, and in the report."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import numpy as np

from chipsim import quantity, terminal
from chipsim.lookup import Summary, Tables, number, numbers, rows, value
from chipsim.network.rules import MAX_PAIRS
from chipsim.programs.told import STATUS, Fact, Sheet, Told, Try, sheet

_SPREAD = 4
"""Cores that a network on one core should come to lie on, for mappings to differ; they are half full then, so that it can grow."""

_FAR = 10
"""A rate this many times below the most that the chip could do says little about its limits."""


def done(summary: Summary) -> str:
    """How much was read."""
    return terminal.plural(summary["counts"]["events_in"], "event")


def network(summary: Summary) -> str:
    """What was recognised, grown and stored."""
    nsn = summary.get("nsn") or {}
    layers = nsn.get("layers") or []
    recognised = sum(layer["recognised"] for layer in layers if layer["layer"] > 0)
    per_layer = [layer["created"] for layer in layers]
    parts = [
        f"recognised {terminal.count(recognised)} patterns, grew {terminal.plural(sum(per_layer), 'neuron')}"
        f" (layers 0 to {len(per_layer) - 1}: {' '.join(map(str, per_layer))})"
    ]
    mapping = summary.get("mapping") or {}
    stored = f"{terminal.plural(sum(layer['neurons'] for layer in layers), 'neuron')} now"
    parts.append(stored + (f" on {terminal.plural(mapping['cores_used'], 'core')}" if mapping else ""))
    if nsn.get("replay_exact") is not None:
        parts.append("replay exact" if nsn["replay_exact"] else "REPLAY NOT EXACT")
    if nsn.get("sleep"):
        parts.append(_slept(nsn["sleep"], nsn.get("grammars") or {}))
    if nsn.get("unstored"):
        parts.append(f"{terminal.count(nsn['unstored'])} novelties found no room")
    if nsn.get("alerts"):
        parts.append(terminal.plural(nsn["alerts"], "alert"))
    return "; ".join(parts + _beside(nsn) + _read(nsn.get("input") or {}))


def _beside(nsn: Mapping[str, Any]) -> list[str]:
    """What recursive networks hold and decided, and what listeners heard."""
    parts = []
    if networks := nsn.get("networks"):
        neurons, primed = sum(one["neurons"] for one in networks), (nsn.get("decided_by") or {}).get("primed", 0)
        parts.append(
            f"{terminal.plural(len(networks), 'recursive network')} with {terminal.plural(neurons, 'neuron')} of their own,"
            f" {terminal.plural(primed, 'choice')} decided by priming"
        )
    if listeners := nsn.get("listeners"):
        heard = sum(one["heard"] for one in listeners)
        parts.append(f"{terminal.plural(len(listeners), 'listener')} heard {terminal.plural(heard, 'firing')}")
    return parts


def _slept(slept: Mapping[str, Any], grammars: Mapping[str, int]) -> str:
    """What a sleep left of what was stored, beside grammars of the same episodes where they were made."""
    text = f"sleep left {terminal.count(slept['elements_after'])} of {terminal.count(slept['elements_before'])} stored elements"
    if not grammars:
        return text
    return f"{text} (Sequitur takes {terminal.count(grammars['sequitur'])}, Re-Pair {terminal.count(grammars['repair'])})"


def _read(given: Mapping[str, Any]) -> list[str]:
    """What of a log was not taken as it stands."""
    parts = []
    if given.get("characters"):
        parts.append(
            f"the text has {given['characters']:,} characters, fewer than the {given['characters_asked']:,} asked for:"
            f" {given['characters_learned']:,} learned in software, the others run"
        )
    if given.get("skipped_lines"):
        parts.append(f"{terminal.plural(given['skipped_lines'], 'line')} of the log skipped")
    if given.get("events_left_out"):
        parts.append(f"{terminal.plural(given['events_left_out'], 'event')} of the log left out by workload.only")
    if given.get("repeated_events"):
        parts.append(f"{terminal.plural(given['repeated_events'], 'event')} told as repetitions")
    if given.get("late_events"):
        longest = terminal.si(given["late_max_s"], "s")
        parts.append(f"{terminal.plural(given['late_events'], 'late event')} set to the time before, by at most {longest}")
    if given.get("repeated_hours"):
        places = ", ".join(given["repeated_hours_at"])
        parts.append(
            f"{terminal.plural(given['repeated_hours'], 'hour')} came twice, at {places}: "
            f"{terminal.plural(given['events_moved_by_hours'], 'event')} moved"
        )
    if given.get("leap_seconds"):
        parts.append(terminal.plural(given["leap_seconds"], "time") + " in a leap second")
    if given.get("time_unit", "s") != "s":
        parts.append(f"times read as {given['time_unit']} since 1970")
    return parts


def next_setting(summary: Summary) -> Try:
    """More room, a higher rate where none was measured, a mapping to compare with, or unicasts."""
    if value(summary, "nsn.unstored"):
        return Try("mapping.fill=0.5", "leaves every core room to grow: some novelties found none here")
    ran, most, points = (value(summary, f"claim.{name}") for name in ("rate_hz", "max_rate_hz", "points"))
    if ran and most and ran * _FAR < most and len(points or ()) < 2:
        return Try("workload.rate=saturate", "measures the limits: this load is far below them")
    if (spread := _spread(summary)) is not None:
        return spread
    if "random" not in (value(summary, "mapping.method") or ""):
        return Try("mapping.partitioner=random", "shows what the mapping is worth: the same with neurons on random cores")
    return Try("chip.noc.cast=unicast", "shows what multicast saves: one packet to each core instead of a tree")


def _spread(summary: Summary) -> Try | None:
    """What takes a network off the one core that holds all of it, on which every mapping is the same; None where it is on several."""
    neurons, cores = value(summary, "mapping.neurons"), value(summary, "chip.cores")
    if value(summary, "mapping.cores_used") != 1 or not neurons or not cores or cores < _SPREAD or neurons < _SPREAD:
        return None
    each = 1 << (math.ceil(2 * neurons / _SPREAD) - 1).bit_length()
    return Try(
        f"chip.core.neurons={each}",
        "spreads the network: one core holds all of it here, so no mapping differs; a larger workload.learned does so too",
    )


def facts(summary: Summary, tables: Tables) -> list[Fact]:
    """Events, neurons, latency, energy, replay, memory."""
    count, si = quantity.count, quantity.si
    return [
        Fact(
            "Events",
            count(number(summary, "counts.events_in")),
            f"{si(number(summary, 'sim_time_s'), 's')} of chip time, {STATUS.get(str(value(summary, 'status')), '')}",
        ),
        Fact("Neurons stored", count(_stored(tables)), f"{count(_sum(tables, 'created'))} grown in this run"),
        Fact("Patterns recognised", count(_sum(tables, "recognised", 1)), "segments of layers 1 and up that memory knew"),
        Fact(
            "Latency, median",
            si(number(summary, "latency_s.p50"), "s"),
            f"99 of 100 within {si(number(summary, 'latency_s.p99'), 's')}, the wait for later input included",
        ),
        Fact(
            "Service, median",
            si(number(summary, "service_s.p50"), "s"),
            f"the same without that wait; 99 of 100 within {si(number(summary, 'service_s.p99'), 's')}",
        ),
        Fact(
            "Energy",
            si(number(summary, "energy_j.total"), "J"),
            f"{si(number(summary, 'claim.dynamic_j_per_event'), 'J')} of activity on the chip per event",
        ),
        Fact(
            "Power with host port",
            si(number(summary, "power_w.mean"), "W"),
            f"budget {si(number(summary, 'power_w.envelope'), 'W')} for {count(number(summary, 'chip.cores'))} powered cores",
        ),
        Fact(
            "Busiest core",
            quantity.percent(number(summary, "busiest.core_utilisation")),
            f"of the time; {quantity.plural(number(summary, 'mapping.answering_cores'), 'core')} answered",
        ),
        Fact("Replay", _replay(summary), "of complete episodes, from the stored memory alone"),
        Fact(
            "Memory",
            _bits(number(summary, "nsn.stored_bits_per_symbol")),
            f"stored; xz of the same input: {_bits(number(summary, 'nsn.xz_bits_per_symbol'))}",
        ),
        *_log_as_read(value(summary, "nsn.input")),
    ]


def sheets(tables: Tables) -> list[Sheet]:
    """The layers: what they decided and how long it took, what their vectors are, and what the work on them came to."""
    return [_decided(tables), *_vectors(tables), *_work(tables)]


def _decided(tables: Tables) -> Sheet:
    wanted = (
        ("layer", "layer"),
        ("inputs", "items read"),
        ("segments", "segments"),
        ("recognised", "recognised"),
        ("created", "grown"),
        ("leftover", "passed up"),
        ("unstored", "no room"),
        ("neurons", "neurons stored"),
        ("rounds", "WTA rounds"),
    )
    count = quantity.count
    cells = [[count(one) for one in numbers(tables, "layers", column)] for column, _ in wanted]
    cells.append([quantity.digits(one) for one in numbers(tables, "layers", "mean_k")])
    cells += [[_seconds(one) for one in numbers(tables, "layers", column)] for column in ("service_p50_s", "service_p99_s")]
    cells.append([count(one) if np.isfinite(one) else "–" for one in numbers(tables, "layers", "deepest_buffer")])
    heads = (*(head for _, head in wanted), "pairs each", "p50", "p99", "deepest buffer")
    note = "Layer 0 knows the symbols. p50, p99: service, from offer of an event to the layer's decision, less the wait for later input."
    return sheet("layers", "Layers", heads, cells, len(heads) * (True,), note)


def _vectors(tables: Tables) -> list[Sheet]:
    """How many pairs stored neurons have, and how far each layer narrowed its input; none of runs that did not tell it."""
    if "covered" not in tables.get("layers", {}):
        return []
    wanted = ["layer", *(f"k{n}" for n in range(1, MAX_PAIRS + 1))]
    cells = [[quantity.count(one) for one in numbers(tables, "layers", name)] for name in wanted]
    shares = ("covered", "narrowing", "narrowing_by_cover")
    cells += [[quantity.digits(one) for one in numbers(tables, "layers", name)] for name in shares]
    heads = ("layer", *map(str, range(1, MAX_PAIRS + 1)), "covered", "narrowed to", "1 − c (1 − 1/k)")
    note = (
        "Stored neurons by their number of pairs, 1 to 8. Covered: share c of the items read that stored neurons won. Narrowed to: segments"
        " passed up per item read; beside it what winners alone give, k being the items of a winner: new neurons are the difference."
    )
    return [sheet("vectors", "Vectors, and how far layers narrow", heads, cells, len(heads) * (True,), note)]


def _work(tables: Tables) -> list[Sheet]:
    """Messages, synaptic operations and joules by layer; none in software."""
    if "core_joules" not in tables.get("layers", {}):
        return []
    count, si = quantity.count, quantity.si
    cells = [[count(one) for one in numbers(tables, "layers", name)] for name in ("layer", "messages", "synaptic_ops")]
    joules, items = (numbers(tables, "layers", name) for name in ("core_joules", "inputs"))
    cells.append([si(one, "J") for one in joules])
    cells.append([si(one / read, "J") if read else "–" for one, read in zip(joules, items, strict=True)])
    heads = ("layer", "messages taken in", "synaptic operations", "energy of cores", "per item read")
    note = (
        "By the layer that each message is about, growth included. Cores, slot servers and writes of routers' tables; links and routers"
        " carry the messages of all layers at once and are not divided."
    )
    return [sheet("work", "What layers cost", heads, cells, len(heads) * (True,), note)]


def _log_as_read(given: Mapping[str, Any] | None) -> list[Fact]:
    """Of a log, what was skipped, repeated, set or moved; nothing of other inputs."""
    if not given:
        return []
    if "characters" in given:
        return [Fact("Text", f"{given['characters']:,} characters", "; ".join(_read(given)))]
    skipped, left_out = given.get("skipped_lines") or 0, given.get("events_left_out") or 0
    less = [f"{terminal.plural(skipped, 'line')} skipped"] if skipped else []
    less += [f"{terminal.plural(left_out, 'event')} left out by workload.only"] if left_out else []
    said = _read({**given, "skipped_lines": 0, "events_left_out": 0})
    return [
        Fact(
            "Log as read",
            ", ".join(less) or "every line",
            "; ".join(said) if said else "all else as it stands: nothing repeated, late or moved",
        )
    ]


def _stored(tables: Tables) -> float | None:
    return float(np.nansum(numbers(tables, "layers", "neurons"))) if rows(tables, "layers") else None


def _sum(tables: Tables, column: str, first_layer: int = 0) -> float | None:
    if not rows(tables, "layers"):
        return None
    return float(np.nansum(numbers(tables, "layers", column)[numbers(tables, "layers", "layer") >= first_layer]))


def _replay(summary: Summary) -> str:
    exact, whole, of = value(summary, "nsn.replay_exact"), number(summary, "nsn.replayable"), number(summary, "nsn.episodes")
    if exact is None:
        return quantity.UNKNOWN
    if not exact:
        return "not exact"
    return f"exact, {quantity.count(whole)} of {quantity.count(of)}" if whole is not None and of is not None else "exact"


def _bits(bits: float | None) -> str:
    return quantity.UNKNOWN if bits is None else f"{quantity.digits(bits)} bit/event"


def _seconds(seconds: float) -> str:
    return quantity.si(seconds, "s") if np.isfinite(seconds) else "–"


TOLD = Told(
    done=done,
    network=network,
    latency_way="from offer to answer on layer 1, later input waited for",
    no_latency="unknown: no event was answered",
    next=next_setting,
    facts=facts,
    figures=("power", "over-time", "influence", "energy", "chip-map", "link-map", "network", "latency", "growth"),
    sheets=sheets,
)
