"""What ``chipsim noc`` leaves in its folder: tables of points and links as CSV, two figures, and a page made of them."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pcompute
import pyarrow.csv as pc

from chipsim.errors import UsageError
from chipsim.lookup import value
from chipsim.programs.told import Fact, Sheet
from chipsim.quantity import count, digits, percent, plural, si
from reports.file import write_text
from reports.pictures import pictures_of
from reports.run import Run
from reports.series import Page, page_html, page_markdown

Links = Mapping[str, npt.NDArray[Any]]

SUMMARY, POINTS, LINKS, CURVE, MAP = "noc.json", "points.csv", "links.csv", "latency.png", "links.png"
HTML, MARKDOWN = "report.html", "report.md"

MODELLED = (
    "Every packet, link by link: with wormhole routers every flit, its virtual channel, its credit and each arbiter; with queued routers the"
    " wait for busy links.",
    "Sources that create packets whatever became of those before (an open loop), with a queue that has no end; with a window they wait.",
    "Energy, where a chip is given: flits, credits and table look-ups as counted, times the chip's prices, and static power of all cores.",
)
NOT_MODELLED = (
    "Cores that work: they take in what comes at once and free of charge. A run of the chip says what a workload makes of this network.",
    "Traffic of a real workload: patterns are synthetic. Packets that a run kept can be sent again (workload kind traffic).",
    "Clock tree, voltage and frequency scaling, switched-off routers.",
)

_DIRECTIONS = {"E": "east", "W": "west", "S": "south", "N": "north", "D": "down", "U": "up"}
_MOST_LINKS = 50
"""Rows of the table of links; ``links.csv`` has all."""


def write_noc_report(folder: Path, summary: dict[str, Any], links: Sequence[tuple[float, Links]]) -> None:
    """Write ``points.csv``, ``links.csv``, ``latency.png``, ``links.png``, ``report.html`` and ``report.md``.

    The map of links is that of the highest load that the network carried, or of the lowest where it carried none.

    Args:
        folder: exists.
        summary: the object of ``--json``; without points nothing is written.
        links: load and table of links of each point.

    Raises:
        UsageError: a file cannot be written.
    """
    points = summary["points"]
    if not points:
        return
    at = shown_load(summary)
    shown = next(table for load, table in links if load == at)
    try:
        write_text(folder / POINTS, points_csv(points))
        _write_links(folder / LINKS, links)
        _write_page(Run(folder, summary, tables_of(summary, at, shown)), pngs=True)
    except OSError as error:
        raise UsageError(f"{folder}: cannot be written: {error.strerror or error}; name another folder with --out") from error


def build_noc_report(folder: Path) -> Path:
    """Make ``report.html`` and ``report.md`` of a folder that ``chipsim noc`` wrote, from what is in it.

    Returns:
        Path of ``report.html``.

    Raises:
        UsageError: it is no such folder, or a file of it is broken.
        OSError: the page cannot be written.
    """
    advice = "give a folder that `chipsim noc` wrote with --out"
    path = folder / SUMMARY
    try:
        summary = json.loads(path.read_text(encoding="utf-8"))
        at = shown_load(summary)
        path = folder / LINKS
        table = pc.read_csv(path)
        mine = table.filter(pcompute.equal(table["load"], at))
        links = {name: mine[name].to_numpy() for name in mine.column_names if name != "load"}
        run = Run(folder, summary, tables_of(summary, at, links))
    except OSError as error:
        raise UsageError(f"{path}: cannot be read: {error.strerror or error}; {advice}") from error
    except (ValueError, TypeError, KeyError, pa.ArrowException) as error:
        raise UsageError(f"{path}: not a file of a measured network ({error}); {advice}") from error
    return _write_page(run, pngs=False)


def shown_load(summary: Mapping[str, Any]) -> float:
    """The highest load that was carried, or the lowest measured where none was. Raises ValueError without points."""
    points = summary["points"]
    if not points:
        raise ValueError("no load was measured")
    carried = [point["load"] for point in points if point["stable"]]
    return float(max(carried) if carried else min(point["load"] for point in points))


def tables_of(summary: Mapping[str, Any], load: float, links: Links) -> dict[str, dict[str, Any]]:
    """Tables as figures of links want them: links between routers with their places, and the places of all tiles.

    Args:
        summary: the object of ``--json``.
        load: at which the links were loaded so.
        links: table of links at that load.
    """
    noc = summary["noc"]
    between = np.flatnonzero(links["port"].astype(str) != "EJECT")
    mine = {name: column[between] for name, column in links.items()}
    ports = [str(port) for port in mine["port"].tolist()]
    flat = noc["depth"] == 1 and noc["topology"] in ("mesh", "torus")
    mine["direction"] = np.array(
        [_DIRECTIONS.get(port, f"port {port}") if flat else f"port {port}" for port in ports], dtype=object
    )
    for end, (x, y) in (("", ("x", "y")), ("to_", ("to_x", "to_y"))):
        mine[f"{end}tile"] = mine["to" if end else "from"]
        mine[x], mine[y] = _place(noc, mine[f"{end}tile"])
    tiles = _place(noc, np.arange(noc["width"] * noc["height"]))
    return {"links": mine, "cores": {"x": tiles[0], "y": tiles[1]}, "at": {"load": np.array([load])}}


def _place(noc: Mapping[str, Any], tile: npt.NDArray[Any]) -> tuple[npt.NDArray[Any], npt.NDArray[Any]]:
    """Column and row of tiles of a plane."""
    width, height = noc["width"], noc["height"]
    return (tile // height, tile % height) if noc["tile_order"] == "column" else (tile % width, tile // width)


def _write_page(run: Run, *, pngs: bool) -> Path:
    from reports.figures import NothingToDrawError, look, png
    from reports.figures.noc import DRAWINGS, draw_curve, draw_links

    folder = run.folder
    if pngs:
        for name, draw in ((CURVE, draw_curve), (MAP, draw_links)):
            try:
                with look():
                    figure = draw(run.summary, run.tables)
                (folder / name).write_bytes(png(figure))
            except NothingToDrawError:
                continue
    page = tell_noc(run, DRAWINGS)
    write_text(folder / HTML, page_html(page))
    write_text(folder / MARKDOWN, page_markdown(page))
    return folder / HTML


def tell_noc(run: Run, drawings: Sequence[Any]) -> Page:
    """Everything that the page says; ``drawings`` are its figures."""
    summary = run.summary
    sheets = (_points(summary), _energy(summary), _links(run.tables))
    return Page(
        title=f"{network_of(summary)} · {traffic_of(summary)}",
        command="chipsim noc",
        warning=_warning(summary),
        tone="none",
        question="What load the network carries",
        headline=_headline(summary),
        reasons=tuple(_reasons(summary)),
        facts=tuple(_facts(summary)),
        pictures=tuple(pictures_of(drawings, run)),
        sheets=tuple(sheet for sheet in sheets if sheet.lines),
        settings=tuple(_settings(summary)),
        modelled=MODELLED,
        not_modelled=NOT_MODELLED,
        again=(),
        version=str(value(summary, "version") or "of unknown version"),
        made_of=f"{SUMMARY} and {LINKS}",
    )


def network_of(summary: Mapping[str, Any]) -> str:
    """The network in words."""
    noc = summary["noc"]
    size = f"{noc['width']} × {noc['height']}" + (f" × {noc['depth']}" if noc["depth"] > 1 else "")
    cores = f", {noc['concentration']} cores per router" if noc["concentration"] > 1 else ""
    inside = f" ({noc['vcs']} VCs of {noc['buffer']} flits, timing {noc['timing']})" if noc["router"] == "wormhole" else ""
    where = "" if summary["chip"] == "bare routers" else f" of {summary['chip']}"
    return f"{size} {noc['topology']}{where}{cores}, {noc['router']} routers{inside}, {noc['routing']}"


def traffic_of(summary: Mapping[str, Any]) -> str:
    """The traffic in words."""
    flits = " or ".join(map(str, summary["flits"]))
    text = f"{summary['traffic']} traffic, {flits} flit{'' if summary['flits'] == [1] else 's'} per packet"
    if summary["senders"] < 1:
        text += f", {percent(summary['senders'])} of the nodes send"
    if summary["window"]:
        text += f", at most {plural(summary['window'], 'packet')} of a node on the way"
    return text + (f", {plural(len(summary['faults']), 'fault')} in the network" if summary["faults"] else "")


def _warning(summary: Mapping[str, Any]) -> str:
    if summary["status"] != "interrupted":
        return ""
    from reports.figures.noc import missing_loads

    missing = missing_loads(summary)
    told = f": load {', '.join(digits(one, 4) for one in missing)}" if missing else ""
    return f"Interrupted. Not all loads were measured{told}."


def _headline(summary: Mapping[str, Any]) -> str:
    carried, peak, capacity = summary["carried"], summary["peak"], summary["capacity"]
    if carried is None:
        least = min(point["load"] for point in summary["points"])
        return f"Carries none of the loads offered, from {digits(least, 4)} flits per node and cycle on."
    text = f"Carries {digits(carried['load'], 4)} flits per node and cycle"
    if capacity is not None:
        text += (
            f", {percent(carried['load'] / capacity)} of the {digits(capacity, 4)} at which its busiest link would never rest"
        )
    return f"{text}." if peak is not None else f"{text}, all that it was offered: it was not driven to saturation."


def _reasons(summary: Mapping[str, Any]) -> Iterator[str]:
    empty, knee, peak, beyond = (summary[name] for name in ("zero_load", "knee", "peak", "beyond"))
    if empty is not None:
        time = f" ({si(empty * summary['cycle_s'], 's')})"
        text = f"Empty, it delivers a packet in {digits(empty, 4)} cycles{time}"
        yield f"{text}; at load {digits(knee, 4)} in three times that: the knee." if knee is not None else f"{text}."
    if peak is not None:
        text = f"Saturated, it accepts {digits(peak['accepted'], 4)} flits per node and cycle at most (offered {digits(peak['load'], 4)})"
        if beyond is None:
            yield f"{text}; no higher load was offered."
        elif beyond["accepted"] < 0.98 * peak["accepted"]:
            yield (
                f"{text}. Beyond, throughput falls: offered {digits(beyond['load'], 4)}, it accepts {digits(beyond['accepted'], 4)},"
                f" {percent(beyond['accepted'] / peak['accepted'])} of the peak."
            )
        else:
            yield f"{text}, and keeps {digits(beyond['accepted'], 4)} up to load {digits(beyond['load'], 4)}: no collapse."
    point = next(one for one in summary["points"] if one["load"] == shown_load(summary))
    if value(summary, "prices"):
        watts, each = point["power_w"], point["pj_per_flit"]
        yield (
            f"At load {digits(point['load'], 4)} it draws {si(watts['mean'], 'W')} ({si(watts['dynamic'], 'W')} in routers and links, the rest"
            f" static): {digits(each['total'], 4)} pJ per flit, {digits(each['dynamic'], 4)} pJ of them in routers and links."
        )


def _facts(summary: Mapping[str, Any]) -> Iterator[Fact]:
    carried, peak, beyond, capacity = (summary[name] for name in ("carried", "peak", "beyond", "capacity"))
    of = "flits per node and cycle"
    if carried is not None:
        yield Fact("Load carried", digits(carried["load"], 4), f"{of}, the highest measured that was")
    if summary["zero_load"] is not None:
        yield Fact(
            "Zero-load latency",
            f"{digits(summary['zero_load'], 4)} cycles",
            f"a packet in the empty network; {summary['zero_load_of']}",
        )
    knee = summary["knee"]
    yield Fact(
        "Knee",
        "not reached" if knee is None else digits(knee, 4),
        f"{of}, latency three times that" if knee is not None else "latency three times that of the empty network",
    )
    if peak is not None:
        yield Fact("Saturation throughput", digits(peak["accepted"], 4), f"{of} accepted, offered {digits(peak['load'], 4)}")
    if peak is not None and beyond is not None:
        share = percent(beyond["accepted"] / peak["accepted"]) if peak["accepted"] else "nothing"
        yield Fact(
            "Beyond saturation",
            digits(beyond["accepted"], 4),
            f"accepted, offered {digits(beyond['load'], 4)}: {share} of the peak",
        )
    if capacity is not None:
        yield Fact("Capacity", digits(capacity, 4), "the busiest link, or way into a core, would never rest")
    point = next(one for one in summary["points"] if one["load"] == shown_load(summary))
    yield Fact("Busiest link", f"{digits(point['link_load_max'])} flits/cycle", f"at load {digits(point['load'], 4)}")
    if value(summary, "prices"):
        yield Fact("Power", si(point["power_w"]["mean"], "W"), f"at load {digits(point['load'], 4)}, static power included")
        yield Fact("Energy of a flit", f"{digits(point['pj_per_flit']['total'], 4)} pJ", "that arrived, static power included")


def _points(summary: Mapping[str, Any]) -> Sheet:
    heads = ("load", "carried", "accepted", "mean", "p50", "p99", "in network", "links", "busiest link", "undelivered")
    lines = []
    for point in sorted(summary["points"], key=lambda one: float(one["load"])):
        cells = [digits(point["load"], 4), "yes" if point["stable"] else "no", digits(point["accepted"], 4)]
        cells += [
            _number(point[name]) for name in ("mean_latency", "p50_latency", "p99_latency", "network_latency", "mean_links")
        ]
        lines.append((*cells, digits(point["link_load_max"]), count(point["undelivered"])))
    note = (
        "Load and accepted in flits per node and cycle, latencies in cycles, links that a packet crosses, busiest link in flits per cycle;"
        f" {POINTS} has every figure."
    )
    return Sheet("points", "All loads", heads, tuple(lines), (True, False, *(len(heads) - 2) * (True,)), note)


def _energy(summary: Mapping[str, Any]) -> Sheet:
    shares = ("static", "router", "link", "interchip")
    found = sorted(summary["points"], key=lambda one: float(one["load"])) if value(summary, "prices") else []
    shown = [name for name in shares if any(point["energy_j"][name] for point in found)]
    lines = [
        (
            digits(point["load"], 4),
            "yes" if point["stable"] else "no",
            *(si(point["energy_j"][name], "J") for name in (*shown, "total")),
            *(si(point["power_w"][name], "W") for name in ("mean", "dynamic")),
            *(_number(point["pj_per_flit"][name]) for name in ("dynamic", "total")),
        )
        for point in found
    ]
    heads = ("load", "carried", *shown, "all", "power", "dynamic", "pJ/flit", "with static")
    note = (
        f"Joules at the prices of {value(summary, 'prices')} until the last packet arrived, or the run ended; power at the load: flits"
        " accepted times what one that arrived took (dynamic: routers and links), and static power."
    )
    return Sheet("energy", "Energy at all loads", heads, tuple(lines), (True, False, *(len(heads) - 2) * (True,)), note)


def _number(found: float | None) -> str:
    return "–" if found is None else digits(found, 4)


def _links(tables: Mapping[str, Any]) -> Sheet:
    from reports.figures.link_map import link_names
    from reports.figures.noc import waits

    links, names, wait = tables["links"], link_names(tables), waits(tables)
    order = [int(one) for one in np.argsort(-links["flits_per_cycle"], kind="stable")[:_MOST_LINKS]]
    lines = [
        (
            names[one],
            str(links["direction"][one]),
            count(float(links["flits"][one])),
            digits(float(links["flits_per_cycle"][one])),
            digits(float(links["load_norm"][one])),
            digits(float(wait[one])),
        )
        for one in order
    ]
    heads = ("link", "direction", "flits", "flits per cycle", "per unit of load", "wait")
    note = (
        f"At load {digits(tables['at']['load'][0], 4)}, the busiest first; wait in cycles per flit, for a virtual channel, a credit or the"
        " switch."
    )
    if len(names) > _MOST_LINKS:
        note += f" The first {_MOST_LINKS} of {len(names):,} are shown; {LINKS} has all, at every load."
    return Sheet("links", "Links", heads, tuple(lines), (False, False, True, True, True, True), note)


def _settings(summary: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    yield "chip", str(summary["chip"])
    for name, found in summary["noc"].items():
        yield f"noc.{name}", "–" if found is None else digits(found, 6) if isinstance(found, float) else str(found)
    for name in ("traffic", "flits", "senders", "window", "warmup", "cycles", "seed", "engine"):
        found = summary[name]
        yield name, "none" if found is None else ", ".join(map(str, found)) if isinstance(found, list) else str(found)
    yield "cycle", si(summary["cycle_s"], "s")
    yield "faults", str(len(summary["faults"])) if summary["faults"] else "none"


def points_csv(points: Sequence[dict[str, Any]]) -> str:
    """One line per point; groups of figures become columns with a dot (``stalls.vc``), unknown ones are empty."""
    flat = [_flat(point) for point in points]
    out = io.StringIO()
    writer = csv.DictWriter(out, list(flat[0]), lineterminator="\n")
    writer.writeheader()
    writer.writerows(flat)
    return out.getvalue()


def _flat(point: dict[str, Any], prefix: str = "") -> dict[str, Any]:
    found: dict[str, Any] = {}
    for key, item in point.items():
        if isinstance(item, dict):
            found |= _flat(item, f"{prefix}{key}.")
        else:
            found[prefix + key] = int(item) if isinstance(item, bool) else item
    return found


def _write_links(path: Path, links: Sequence[tuple[float, Links]]) -> None:
    """Table by table, so that the links of a large network at many loads are never all text at once."""
    with path.open("wb") as file:
        for number, (load, table) in enumerate(links):
            columns = {"load": np.full(len(table["flits"]), load), **table}
            pc.write_csv(pa.table(columns), file, pc.WriteOptions(include_header=number == 0))
