"""What a report says in numbers: key facts and tables, the same for HTML and Markdown."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from reports.network import flow_cells, network_lines
from reports.quantity import UNKNOWN, count, digits, percent, si
from reports.run import Run, Summary, Tables, number, numbers, rows, texts, value

S_PER_PS = 1e-12
MOST_BUSY = 10

STATUS = {
    "done": "all work done",
    "until": "stopped at the end that was set",
    "interrupted": "interrupted",
}


@dataclass(frozen=True, slots=True)
class Fact:
    """One key number: what it is, its value, a remark."""

    label: str
    value: str
    note: str = ""


@dataclass(frozen=True, slots=True)
class Sheet:
    """One table as text.

    Attributes:
        key: short unique name.
        title: heading.
        columns: headers.
        lines: cells, one tuple per row.
        numeric: for each column, whether it is set flush right.
        note: what to know when reading it.
    """

    key: str
    title: str
    columns: tuple[str, ...]
    lines: tuple[tuple[str, ...], ...]
    numeric: tuple[bool, ...]
    note: str = ""


def facts(summary: Summary, tables: Tables) -> list[Fact]:
    """The numbers to look at first; those that a run does not have are left out."""
    found = [*_given(summary)] if value(summary, "claim.rate_of") else _learned(summary, tables)
    return [fact for fact in found if fact.value != UNKNOWN]


def _given(summary: Summary) -> Iterator[Fact]:
    """Of a spiking network, or of given packets."""
    time = f"{si(number(summary, 'sim_time_s'), 's')} of chip time, {STATUS.get(str(value(summary, 'status')), '')}"
    packets = f"{count(number(summary, 'counts.hops'))} hops, {digits(number(summary, 'mapping.mean_hops'))} per packet"
    if value(summary, "claim.rate_of") == "spike":
        yield Fact("Steps", count(number(summary, "counts.steps")), time)
        neurons = f"{count(number(summary, 'mapping.neurons'))} neurons on {count(number(summary, 'mapping.cores_used'))} cores"
        yield Fact("Spikes", count(number(summary, "counts.spikes")), neurons)
        synapses = f"of {count(number(summary, 'mapping.synapses'))} synapses"
        yield Fact("Synaptic events", count(number(summary, "counts.synaptic_ops")), synapses)
        each = digits(number(summary, "mapping.packets_per_spike"))
        yield Fact("Packets", count(number(summary, "counts.packets")), f"{each} per spike; {packets}")
    else:
        yield Fact("Packets", count(number(summary, "counts.packets")), f"{time}; {packets}")
    tail = f"99 of 100 within {si(number(summary, 'latency_s.p99'), 's')}, from leaving a core to arrival"
    yield Fact("Packet latency, median", si(number(summary, "latency_s.p50"), "s"), tail)
    each = si(number(summary, "claim.dynamic_j_per_event"), "J")
    yield Fact(
        "Energy",
        si(number(summary, "energy_j.total"), "J"),
        f"{each} of activity on the chip per {value(summary, 'claim.rate_of')}",
    )
    budget = f"budget {si(number(summary, 'power_w.envelope'), 'W')} for {count(number(summary, 'chip.cores'))} powered cores"
    yield Fact("Power with host port", si(number(summary, "power_w.mean"), "W"), budget)
    yield Fact("Busiest core", percent(number(summary, "busiest.core_utilisation")), "of the time, both of its sides together")
    fill = number(summary, "mapping.max_memory_fill")
    if fill:
        yield Fact("Memory", percent(fill), "of core.memory on the fullest core")


def _learned(summary: Summary, tables: Tables) -> list[Fact]:
    """Of a neurosemantic network."""
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
            f"99 of 100 within {si(number(summary, 'latency_s.p99'), 's')}",
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
            percent(number(summary, "busiest.core_utilisation")),
            f"of the time; {count(number(summary, 'mapping.answering_cores'))} cores answered",
        ),
        Fact("Replay", _replay(summary), "of complete episodes, from the stored memory alone"),
        Fact(
            "Memory",
            _bits(number(summary, "nsn.stored_bits_per_symbol")),
            f"stored; xz of the same input: {_bits(number(summary, 'nsn.xz_bits_per_symbol'))}",
        ),
    ]


def sheets(run: Run) -> list[Sheet]:
    """All tables that the run has rows for, in the order of the report."""
    network = (_network(run.summary), _links(run.tables), _flows(run.tables))
    made = (_layers(run.tables), _cores(run.tables), *network, _energy(run.tables), _constants(run.tables))
    return [sheet for sheet in made if sheet.lines]


def _stored(tables: Tables) -> float | None:
    return float(np.nansum(numbers(tables, "layers", "neurons"))) if rows(tables, "layers") else None


def _sum(tables: Tables, column: str, first_layer: int = 0) -> float | None:
    if not rows(tables, "layers"):
        return None
    return float(np.nansum(numbers(tables, "layers", column)[numbers(tables, "layers", "layer") >= first_layer]))


def _replay(summary: Summary) -> str:
    exact, whole, of = value(summary, "nsn.replay_exact"), number(summary, "nsn.replayable"), number(summary, "nsn.episodes")
    if exact is None:
        return UNKNOWN
    if not exact:
        return "not exact"
    return f"exact, {count(whole)} of {count(of)}" if whole is not None and of is not None else "exact"


def _bits(bits: float | None) -> str:
    return UNKNOWN if bits is None else f"{digits(bits)} bit/event"


def _layers(tables: Tables) -> Sheet:
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
    cells = [[count(one) for one in numbers(tables, "layers", column)] for column, _ in wanted]
    cells.append([digits(one) for one in numbers(tables, "layers", "mean_k")])
    cells += [[_seconds(one) for one in numbers(tables, "layers", column)] for column in ("latency_p50_s", "latency_p99_s")]
    cells.append([_or_dash(one) for one in numbers(tables, "layers", "deepest_buffer")])
    heads = (*(head for _, head in wanted), "pairs each", "p50", "p99", "deepest buffer")
    note = "Layer 0 knows the symbols. Latency: chip time from the offer of an event until the layer has decided its segment."
    return _sheet("layers", "Layers", heads, cells, len(heads) * (True,), note)


def _cores(tables: Tables) -> Sheet:
    busy = numbers(tables, "cores", "busy_ps")
    order = [int(one) for one in np.argsort(-np.nan_to_num(busy), kind="stable")[:MOST_BUSY] if busy[one] > 0]

    def pick(column: str) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
        return numbers(tables, "cores", column)[order]

    fill = pick("memory_bits") / np.maximum(pick("memory_bits_allowed"), 1) if order else np.zeros(0)
    cells = [
        [count(one) for one in pick("core")],
        [f"({x:.0f}, {y:.0f})" for x, y in zip(pick("x"), pick("y"), strict=True)],
        [texts(tables, "cores", "role")[one] or "" for one in order],
        [percent(one) for one in pick("utilisation")],
        [count(one) for one in pick("neurons")],
        [percent(one) for one in fill],
        [count(one) for one in pick("synaptic_ops")],
        [count(one) for one in pick("messages_in")],
        [si(one * 1e-12, "J") for one in pick("dynamic_pj")],
        [si(one * 1e-3, "W", 4) for one in pick("power_mw")],
    ]
    heads = ("core", "tile", "role", "busy", "neurons", "memory", "synaptic ops", "messages in", "dynamic", "power")
    numeric = (True, True, False, *(len(heads) - 3) * (True,))
    return _sheet(
        "cores",
        "Busiest cores",
        heads,
        cells,
        numeric,
        "Power: static, what happens inside the core, and its part of its tile's router and links.",
    )


def _network(summary: Summary) -> Sheet:
    cells = list(zip(*network_lines(summary), strict=True))
    note = "Of all messages on the network. Latency of messages and their order are known where the run kept its packets (a probe)."
    return _sheet("network", "Network", ("what", "value", "remark"), cells, (False, True, False), note)


def _flows(tables: Tables) -> Sheet:
    heads = ("from", "to", "messages", "links", "mean", "p99", "longest", "in the network", "intervals change by")
    note = (
        "Flows with the longest tails, from endpoint to endpoint. The time in the network leaves out the queue of the source."
    )
    return _sheet("flows", "Slowest flows", heads, flow_cells(tables, MOST_BUSY), len(heads) * (True,), note)


def _links(tables: Tables) -> Sheet:
    packets = numbers(tables, "links", "packets")
    order = [int(one) for one in np.argsort(-np.nan_to_num(packets), kind="stable")[:MOST_BUSY] if packets[one] > 0]

    def pick(column: str) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
        return numbers(tables, "links", column)[order]

    towards = [texts(tables, "links", "direction")[one] for one in order]
    places = [f"({x:.0f}, {y:.0f})" for x, y in zip(pick("x"), pick("y"), strict=True)]
    if any(one.startswith("port") for one in towards):  # no grid
        places = [f"router {one:.0f}" for one in pick("tile")]
        towards = [f"router {one:.0f}" for one in pick("to_tile")]
    cells = [
        places,
        towards,
        [count(one) for one in pick("packets")],
        [count(one) for one in pick("flits")],
        [percent(one) for one in pick("utilisation")],
        [si(one * S_PER_PS, "s") for one in pick("wait_ps") / np.maximum(pick("packets"), 1)],
        # Wormhole routers do not count the longest.
        [
            si(one * S_PER_PS, "s") if one > 0 or mean == 0 else "–"
            for one, mean in zip(pick("wait_max_ps"), pick("wait_ps"), strict=True)
        ],
        [si(one * 1e-12, "J") for one in pick("energy_pj")],
    ]
    heads = ("from tile", "towards", "packets", "flits", "in use", "mean wait", "longest wait", "energy")
    return _sheet("links", "Busiest links", heads, cells, (True, False, *(len(heads) - 2) * (True,)))


def _energy(tables: Tables) -> Sheet:
    joules = numbers(tables, "energy", "joules")
    total = float(np.nansum(joules))
    shares = texts(tables, "energy", "share")
    each = numbers(tables, "energy", "pj_each")
    cells = [
        shares,
        [name.replace("_", " ") for name in texts(tables, "energy", "action")],
        [count(one) for one in numbers(tables, "energy", "count")],
        # The price of the static line is a power: milliwatts per core.
        [f"{digits(one)} {'mW' if share == 'static' else 'pJ'}" for share, one in zip(shares, each, strict=True)],
        [si(one, "J") for one in joules],
        [percent(one / total) if total else UNKNOWN for one in joules],
    ]
    heads = ("share", "action", "count", "each", "joules", "share of all")
    note = "Joules are counts times prices, plus static power times chip time; the static line counts powered cores."
    return _sheet("energy", "Energy, line by line", heads, cells, (False, False, True, True, True, True), note)


def _constants(tables: Tables) -> Sheet:
    wanted = ("path", "value", "grade", "range", "source", "proxy")
    heads = ("constant", "value", "grade", "plausible", "source", "whose figure stands in")
    grades = texts(tables, "constants", "grade")
    assumed = grades.count("assumed")
    note = (
        f"{assumed} of {len(grades)} constants are assumed: unpublished, replaced by another chip's figure. Published and "
        "measured ones are taken from their sources, derived ones are arithmetic on these."
    )
    return _sheet(
        "constants", "Constants used", heads, [texts(tables, "constants", name) for name in wanted], 6 * (False,), note
    )


def _sheet(
    key: str, title: str, columns: tuple[str, ...], cells: Sequence[Sequence[str]], numeric: tuple[bool, ...], note: str = ""
) -> Sheet:
    return Sheet(key, title, columns, tuple(zip(*cells, strict=True)), numeric, note)


def _seconds(seconds: float) -> str:
    return si(seconds, "s") if np.isfinite(seconds) else "–"


def _or_dash(number_: float) -> str:
    return count(number_) if np.isfinite(number_) else "–"
