"""What a report says in numbers: key facts and tables, the same for HTML and Markdown."""

from __future__ import annotations

import numpy as np

from chipsim.lookup import Summary, Tables, numbers, texts, value
from chipsim.programs.base import PROGRAMS
from chipsim.programs.told import Fact, Sheet, sheet
from chipsim.quantity import UNKNOWN, count, digits, percent, si
from reports.influence import by_influence, influence_sheet
from reports.network import flow_cells, network_lines
from reports.run import Run

S_PER_PS = 1e-12
MOST_BUSY = 10


def facts(summary: Summary, tables: Tables) -> list[Fact]:
    """The numbers to look at first; those that a run does not have are left out."""
    found = PROGRAMS.get(str(value(summary, "kind"))).told.facts(summary, tables)
    return [fact for fact in found if fact.value != UNKNOWN]


def sheets(run: Run) -> list[Sheet]:
    """All tables that the run has rows for, in the order of the report."""
    own = PROGRAMS.get(str(value(run.summary, "kind"))).told.sheets(run.tables)
    network = (_network(run.summary), _links(run.tables), _waits(run.tables), _queues(run.tables), _flows(run.tables))
    machine = (influence_sheet(run.summary, run.tables), _energy(run.tables), _constants(run.tables))
    made = (*own, _cores(run.tables), *network, *machine)
    return [one for one in made if one.lines]


def _cores(tables: Tables) -> Sheet:
    busy = numbers(tables, "cores", "busy_ps")
    order = [int(one) for one in np.argsort(-np.nan_to_num(busy), kind="stable")[:MOST_BUSY] if busy[one] > 0]

    def pick(column: str) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
        return numbers(tables, "cores", column)[order]

    fill = pick("memory_bits") / np.maximum(pick("memory_bits_allowed"), 1) if order else np.zeros(0)
    roles = [texts(tables, "cores", "role")[one] or "" for one in order]
    named = any(roles)  # a program may have none
    cells = [
        [count(one) for one in pick("core")],
        [f"({x:.0f}, {y:.0f})" for x, y in zip(pick("x"), pick("y"), strict=True)],
        *[roles] * named,
        [percent(one) for one in pick("utilisation")],
        [count(one) for one in pick("neurons")],
        [percent(one) for one in fill],
        [count(one) for one in pick("synaptic_ops")],
        [count(one) for one in pick("messages_in")],
        [si(one * 1e-12, "J") for one in pick("dynamic_pj")],
        [si(one * 1e-3, "W", 4) for one in pick("power_mw")],
    ]
    heads = ("core", "tile", *("role",) * named, "busy", "neurons", "memory", "synaptic ops", "messages in", "dynamic", "power")
    numeric = tuple(head != "role" for head in heads)
    return sheet(
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
    return sheet("network", "Network", ("what", "value", "remark"), cells, (False, True, False), note)


def _flows(tables: Tables) -> Sheet:
    heads = ("from", "to", "messages", "links", "mean", "p99", "longest", "in the network", "intervals change by")
    note = (
        "Flows with the longest tails, from endpoint to endpoint. The time in the network leaves out the queue of the source."
    )
    return sheet("flows", "Slowest flows", heads, flow_cells(tables, MOST_BUSY), len(heads) * (True,), note)


def _links(tables: Tables) -> Sheet:
    packets = numbers(tables, "links", "packets")
    order = [int(one) for one in np.argsort(-np.nan_to_num(packets), kind="stable")[:MOST_BUSY] if packets[one] > 0]
    heads, cells = _link_cells(tables, order)
    energy = [si(one * 1e-12, "J") for one in numbers(tables, "links", "energy_pj")[order]]
    return sheet("links", "Busiest links", (*heads, "energy"), [*cells, energy], (True, False, *(len(heads) - 1) * (True,)))


def _waits(tables: Tables) -> Sheet:
    """The links that packets waited for most, where any did."""
    wait = np.nan_to_num(numbers(tables, "links", "wait_ps"))
    order = [int(one) for one in np.argsort(-wait, kind="stable")[:MOST_BUSY] if wait[one] > 0]
    heads, cells = _link_cells(tables, order)
    shares = [percent(one / wait.sum()) for one in wait[order]]
    note = (
        f"Links that were waited for most, {(wait > 0).sum():,} of {len(wait):,} at all; the share is of all the time that packets waited"
        " for links."
    )
    numeric = (True, False, *(len(heads) - 1) * (True,))
    return sheet("waits", "Hot spots: links", (*heads, "of all waiting"), [*cells, shares], numeric, note)


def _queues(tables: Tables) -> Sheet:
    """The routers with the longest queues, where anything waited."""
    flits_wait = "queue_mean" in tables.get("routers", {})  # wormhole routers
    mean = np.nan_to_num(numbers(tables, "routers", "queue_mean" if flits_wait else "waiting"))
    order = [int(one) for one in np.argsort(-mean, kind="stable")[:MOST_BUSY] if mean[one] > 0]
    cells = [
        [count(one) for one in numbers(tables, "routers", "tile")[order]],
        [f"({x:.0f}, {y:.0f})" for x, y in zip(*(numbers(tables, "routers", axis)[order] for axis in "xy"), strict=True)],
        [count(one) for one in numbers(tables, "routers", "flits")[order]],
        [digits(one) for one in mean[order]],
        [percent(one / mean.sum()) for one in mean[order]],
    ]
    heads = ["router", "tile", "flits switched", "waiting, mean", "of all waiting"]
    if flits_wait:
        cells.append([count(one) for one in numbers(tables, "routers", "queue_max")[order]])
        heads.append("waiting, at most")
    what = "flits in its queues" if flits_wait else "packets that waited for one of its links"
    note = f"Routers with the longest queues: {what}, mean over the time of the run."
    return sheet("queues", "Hot spots: queues", tuple(heads), cells, len(heads) * (True,), note)


def _link_cells(tables: Tables, order: list[int]) -> tuple[tuple[str, ...], list[list[str]]]:
    """What is told of links, in an order: heads and columns."""

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
    ]
    return ("from tile", "towards", "packets", "flits", "in use", "mean wait", "longest wait"), cells


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
    return sheet("energy", "Energy, line by line", heads, cells, (False, False, True, True, True, True), note)


def _constants(tables: Tables) -> Sheet:
    heads = {
        "path": "constant",
        "value": "value",
        "grade": "grade",
        "range": "plausible",
        "source": "source",
        "proxy": "whose figure stands in",
        "range_source": "where both ends of the range are published",
    }
    shown = {name: head for name, head in heads.items() if name in tables.get("constants", {})}  # fewer in earlier versions
    grades = texts(tables, "constants", "grade")
    assumed, proxied = grades.count("assumed"), sum(bool(one) for one in texts(tables, "constants", "proxy"))
    stand_in = f", {proxied} of them replaced by the figure of another chip" if proxied else ""
    note = (
        f"{assumed} of {len(grades)} constants are assumed: unpublished{stand_in}. Published and "
        "measured ones are taken from their sources, derived ones are arithmetic on these. A range without a source is a factor about the "
        "value and no figure. Those that move the power of a core come first, the one that moves it most on top."
    )
    order = by_influence(tables)
    columns = [[column[row] for row in order] for column in (texts(tables, "constants", name) for name in shown)]
    return sheet("constants", "Constants used", tuple(shown.values()), columns, len(shown) * (False,), note)
