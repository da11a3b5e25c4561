"""What a scaling run leaves in its folder: a table of the points, a figure, and a page made of them."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from chipsim.errors import UsageError
from chipsim.programs.told import Fact, Sheet
from chipsim.quantity import count, digits, percent, plural, si
from reports.file import write_text
from reports.pictures import pictures_of
from reports.run import Run
from reports.series import Page, page_html, page_markdown

Point = dict[str, Any]
Summary = Mapping[str, Any]

MILLION = 1_000_000
OBJECT, POINTS, CSV, FIGURE, VECTOR = "points.json", "points.parquet", "points.csv", "scale.png", "scale.svg"
HTML, MARKDOWN = "report.html", "report.md"

MODELLED = (
    "Every point is a run of the whole network on a mesh as large as it needs: all messages, all cores, energy as counted actions times the"
    " chip's prices.",
    "Memory of each core: of a stored network it, and not the places for neurons, decides how many cores there are.",
    "Static power of the cores that hold anything or worked. Unused cores of the mesh are not charged to the network.",
)
NOT_MODELLED = (
    "What is marked extrapolated: rates that the budget pays for, and sizes beyond the largest that was run. They follow from one run each.",
    "Memory of spiking networks as a limit: what their synapses take is counted, and no core is refused for it.",
    "Networks that were learned: those of this series are generated with the statistics of a learned one (nsn), or drawn at random (lif).",
    "Host computer, off-chip memory, clock tree, voltage scaling, switched-off cores.",
)

_VERDICTS = {
    "holds": "holds",
    "holds_to": "holds to",
    "fails": "fails",
    "depends_on_assumed": "hangs on assumed constants",
}


def build_scale_report(folder: Path) -> Path:
    """Make ``report.html``, ``report.md``, ``points.parquet``, ``points.csv``, ``scale.png`` and ``scale.svg`` of ``points.json``.

    Returns:
        Path of ``report.html``.

    Raises:
        UsageError: it is no folder of ``chipsim scale`` with a point in it, or its file is broken.
        OSError: a file cannot be written.
    """
    from reports.figures import look, png
    from reports.figures.scale import DRAWINGS, draw_power

    summary = _read(folder)
    columns = flat_columns(summary["points"])
    pq.write_table(pa.table(columns), folder / POINTS, write_page_checksum=True)
    write_text(folder / CSV, csv_text(columns))
    with look():
        figure = draw_power(summary, {})
        figure.savefig(folder / VECTOR, format="svg", metadata={"Date": None, "Creator": None})
    (folder / FIGURE).write_bytes(png(figure))
    page = tell_scale(Run(folder, summary, {}), DRAWINGS)
    write_text(folder / HTML, page_html(page))
    write_text(folder / MARKDOWN, page_markdown(page))
    return folder / HTML


def _read(folder: Path) -> dict[str, Any]:
    advice = "give a folder that `chipsim scale` wrote with --out"
    path = folder / OBJECT
    try:
        summary = json.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise UsageError(f"{path}: cannot be read: {error.strerror or error}; {advice}") from error
    except ValueError as error:
        raise UsageError(f"{path}: not JSON ({error}); {advice}") from error
    points = summary.get("points") if isinstance(summary, dict) else None
    if not isinstance(points, list) or not all(
        isinstance(one, dict) and {"size", "claim", "scale"} <= one.keys() for one in points
    ):
        raise UsageError(f"{path}: not the points of a scaling run; {advice}")
    if not points:
        raise UsageError(f"{path}: no point was run; run chipsim scale again")
    return dict(summary)


def tell_scale(run: Run, drawings: Sequence[Any]) -> Page:
    """Everything that the page says; ``drawings`` are its figures."""
    summary = run.summary
    first = summary["points"][0]
    tone, headline = _answer(summary["points"])
    sheets = (_power(summary["points"]), _extrapolated(summary["points"]), _took(summary["points"]))
    return Page(
        title=_title(summary["points"]),
        command="chipsim scale",
        warning=_warning(summary),
        tone=tone,
        question="Does the budget per core hold",
        headline=headline,
        reasons=tuple(_reasons(summary)),
        facts=tuple(_facts(summary["points"])),
        pictures=tuple(pictures_of(drawings, run)),
        sheets=sheets,
        settings=tuple(_settings(summary)),
        modelled=MODELLED,
        not_modelled=NOT_MODELLED,
        again=(),
        version=str(first.get("version") or "of unknown version"),
        made_of=OBJECT,
    )


def _title(points: Sequence[Point]) -> str:
    first = points[0]
    return f"Scaling of {first['chip']['name']}: workload {first['workload']}, {_sizes(points)} neurons{_rates(points)}"


def _largest(points: Sequence[Point]) -> Point:
    """The largest network that ran to its end, at the highest rate; else of those that did not."""
    done = [point for point in points if point["status"] != "interrupted"] or points
    return max(done, key=lambda point: (int(point["size"]), point["rate"] or 0.0))


def _sizes(points: Sequence[Point]) -> str:
    sizes = sorted({int(point["size"]) for point in points})
    return count(sizes[0]) if len(sizes) == 1 else f"{count(sizes[0])} to {count(sizes[-1])}"


def _rates(points: Sequence[Point]) -> str:
    rates = sorted({float(point["rate"]) for point in points if point["rate"] is not None})
    of = points[0]["scale"]["rate_of"]
    return f", {', '.join(si(rate, 'Hz') for rate in rates)} ({of})" if rates else ", at rest"


def _warning(summary: Summary) -> str:
    from reports.figures.scale import missing_points

    missing, cut = missing_points(summary), any(point["status"] == "interrupted" for point in summary["points"])
    text = "Interrupted: the last point covers the part of its run that was done. " if cut else ""
    return (text + (f"Not run: {'; '.join(missing)}." if missing else "")).strip()


def _kept(point: Point) -> bool:
    """Whether a point keeps the budget: in all, of its nominal cores, and per core as the verdict of a run has it."""
    return bool(point["scale"]["within_envelope"]) and point["claim"]["verdict"] in ("holds", "holds_to")


def _answer(points: Sequence[Point]) -> tuple[str, str]:
    last = _largest(points)
    claim, budget = last["claim"], last["power_per_core_mw"]["budget"]
    drawn = f"{count(last['size'])} neurons draw {si(claim['watts'], 'W')} on {plural(claim['cores_in_use'], 'core')}"
    if budget is None:
        return "none", f"{drawn}. No budget per core is set for this chip."
    kept = [point for point in points if _kept(point)]
    told = f"{drawn}; {count(claim['cores'])} nominal cores × {digits(budget)} mW allow {si(last['scale']['envelope_w'], 'W')}"
    if len(kept) == len(points):
        return "holds", f"{digits(budget)} mW per core holds at {'every size' if len(points) > 1 else 'this size'}: {told}."
    if not kept:
        return "fails", f"{digits(budget)} mW per core holds at {'no size' if len(points) > 1 else 'this size not'}: {told}."
    return "depends", f"{digits(budget)} mW per core holds in {len(kept)} of {plural(len(points), 'point')}: {told}."


def _reasons(summary: Summary) -> Iterator[str]:
    from reports.figures.scale import at, core_mw, projected

    points = summary["points"]
    last = _largest(points)
    each = sorted(one for point in points if (one := core_mw(point)) is not None)
    if each:
        share = last["scale"]["static_w"] / last["claim"]["watts"] if last["claim"]["watts"] else 0.0
        drawn = (
            f"{digits(each[0])} mW" if digits(each[0]) == digits(each[-1]) else f"{digits(each[0])} to {digits(each[-1])} mW"
        )
        yield f"Simulated: a core in use draws {drawn}; {percent(share)} of what the largest network draws is static power."
    used, nominal = last["mapping"]["cores_used"], last["claim"]["cores"]
    memory = last["mapping"].get("max_memory_fill") or 0.0
    if memory > 1:
        yield (
            f"Memory is not held to: the fullest core would need {digits(memory)} times what it has. What is extrapolated to 10⁶ neurons"
            " takes as many cores as memory asks for."
        )
    if used > nominal:
        yield f"Its neurons take {count(used)} cores and not {count(nominal)}: memory is full before all places for neurons are taken."
    if (paid := last["claim"].get("break_even_rate_hz")) and last["rate"] is not None:
        limit, ran = last["claim"].get("max_rate_hz"), si(last["claim"]["rate_hz"], "Hz")
        more = (
            f", the first limit ({str(last['claim'].get('limit')).replace('_', ' ')}) is at {si(limit, 'Hz')}" if limit else ""
        )
        yield f"Extrapolated: the budget of all its cores pays for {si(paid, 'Hz')} of input where {ran} ran{more}."
    series = last["rate"], str(last.get("match") or "")
    if (later := projected(summary).get(series)) is not None:
        cores = later[0]["claim"]["at_1e6"]["cores"]
        yield f"Extrapolated: 10⁶ neurons{at(*series)} would draw {si(later[1], 'W')} on {count(cores)} cores, filled and working alike."
    assumed = sorted({name for point in points for name in point["claim"].get("assumed") or ()})
    if any(point["claim"]["verdict"] == "depends_on_assumed" for point in points):
        yield f"The verdict hangs on {', '.join(assumed)}: moved within the range given for it, it turns it."


def _facts(points: Sequence[Point]) -> Iterator[Fact]:
    from reports.figures.scale import at, core_mw, whole_s

    last = _largest(points)
    claim, budget = last["claim"], last["power_per_core_mw"]["budget"]
    yield Fact(
        "Largest network", f"{count(last['size'])} neurons", f"that was run{at(last['rate'], str(last.get('match') or ''))}"
    )
    envelope = last["scale"]["envelope_w"]
    yield Fact(
        "Power", si(claim["watts"], "W"), "bottom-up" if envelope is None else f"bottom-up; the envelope is {si(envelope, 'W')}"
    )
    each = core_mw(last)
    if each is not None:
        against = "no budget is set" if budget is None else f"{percent(each / budget)} of {digits(budget)} mW"
        yield Fact("Power of a core in use", f"{digits(each)} mW", against)
    nominal = 1e3 * claim["watts"] / claim["cores"]
    yield Fact(
        "Power of a nominal core",
        f"{digits(nominal)} mW",
        "" if budget is None else f"{percent(nominal / budget)} of {digits(budget)} mW",
    )
    yield Fact("Cores", count(last["mapping"]["cores_used"]), f"hold its neurons; nominal {count(claim['cores'])}")
    yield Fact("Wall time", si(whole_s(last), "s"), f"of which the run took {si(last['wall_s']['run'], 's')}")
    yield Fact("Memory", si(last["peak_rss_bytes"], "B"), "of the process, at most")
    if last["wall_s_per_event"] is not None:
        yield Fact("Speed", si(last["wall_s_per_event"], "s"), "per engine event")


def _head(point: Point, points: Sequence[Point]) -> tuple[str, ...]:
    cells = (count(point["size"]), "at rest" if point["rate"] is None else si(point["rate"], "Hz"))
    return (*cells, str(point["match"])) if _matched(points) else cells


def _matched(points: Sequence[Point]) -> bool:
    return any(point.get("match") and point["rate"] is not None for point in points)


def _sheet(
    key: str, title: str, points: Sequence[Point], heads: Sequence[str], cells: Sequence[Sequence[str]], note: str
) -> Sheet:
    lead = ("neurons", "rate", *(["match"] if _matched(points) else []))
    numeric = (True, True, *([False] if _matched(points) else []))
    lines = tuple((*_head(point, points), *row) for point, row in zip(points, cells, strict=True))
    words = [head in ("verdict", "status", "within") for head in heads]
    return Sheet(key, title, (*lead, *heads), lines, (*numeric, *(not word for word in words)), note)


def _power(points: Sequence[Point]) -> Sheet:
    from reports.figures.scale import core_mw

    heads = ("nominal cores", "hold neurons", "in use", "static", "bottom-up", "envelope", "mW per core", "within")
    cells = [
        (
            count(point["claim"]["cores"]),
            count(point["mapping"]["cores_used"]),
            count(point["claim"]["cores_in_use"]),
            si(point["scale"]["static_w"], "W"),
            si(point["claim"]["watts"], "W"),
            "–" if point["scale"]["envelope_w"] is None else si(point["scale"]["envelope_w"], "W"),
            "–" if (each := core_mw(point)) is None else digits(each),
            {True: "yes", False: "no", None: "–"}[point["scale"]["within_envelope"]],
        )
        for point in points
    ]
    note = (
        "Bottom-up: static power of the cores in use (that hold anything or worked) and all that was done. The envelope is the nominal number"
        " of cores times the budget."
    )
    return _sheet("simulated", "Simulated: cores and power", points, heads, cells, note)


def _extrapolated(points: Sequence[Point]) -> Sheet:
    heads = ("verdict", "mean core", "first limit", "within envelope", "10⁶ neurons", "on cores")
    cells = []
    for point in points:
        claim, million = point["claim"], point["claim"].get("at_1e6") or {}
        verdict = _VERDICTS.get(str(claim["verdict"]), "–")
        to = f" {si(claim['max_rate_hz'], 'Hz')}" if claim["verdict"] == "holds_to" else ""
        rates = (claim.get("break_even_rate_hz"), claim.get("max_rate_hz"), point["scale"]["paid_rate_hz"])
        here = point["size"] == MILLION
        cells.append(
            (
                verdict + to,
                *("–" if rate is None else si(rate, "Hz") for rate in rates),
                "–" if here or million.get("watts") is None else si(million["watts"], "W"),
                "–" if here or million.get("cores") is None else count(million["cores"]),
            )
        )
    note = (
        "Worked out from each run, and not run. Mean core: the rate at which all powered cores spend their budget; first limit: the"
        " lowest of all limits; within envelope: the rate at which the cores used spend what the nominal number of cores may, 0 where"
        " static power alone is more; 10⁶ neurons at the fill and the power per core of the run."
    )
    return _sheet("extrapolated", "Extrapolated: rates, and a million neurons", points, heads, cells, note)


def _took(points: Sequence[Point]) -> Sheet:
    from reports.figures.scale import whole_s

    heads = ("status", "engine events", "run", "all stages", "per event", "memory")
    cells = [
        (
            str(point["status"]),
            count(point["engine_events"]),
            si(point["wall_s"]["run"], "s"),
            si(whole_s(point), "s"),
            "–" if point["wall_s_per_event"] is None else si(point["wall_s_per_event"], "s"),
            si(point["peak_rss_bytes"], "B"),
        )
        for point in points
    ]
    note = "Of this machine, whatever else it did. Memory is the most that the process had taken by then."
    return _sheet("took", "What it took", points, heads, cells, note)


def _settings(summary: Summary) -> Iterator[tuple[str, str]]:
    first = summary["points"][0]
    yield "workload", str(first["workload"])
    yield "chip", str(first["chip"]["name"])
    yield "neurons per core", count(first["chip"]["neurons_per_core"])
    yield "engine", str(first["engine"])
    yield "seed", str(first["seed"])
    for name, values in (summary.get("asked") or {}).items():
        told = ", ".join("at rest" if one is None else f"{one:,}" if isinstance(one, int) else f"{one}" for one in values)
        if told:
            yield name, told


def flat_columns(points: Sequence[Point]) -> dict[str, list[Any]]:
    """Every single number and word of the points by dotted path, None where a point has none; lists are left out."""
    rows = [dict(_flat(point)) for point in points]
    names = list(dict.fromkeys(name for row in rows for name in row))
    return {name: _alike([row.get(name) for row in rows]) for name in names}


def _flat(value: Any, path: str = "") -> list[tuple[str, Any]]:
    if isinstance(value, dict):
        return [pair for key, inner in value.items() for pair in _flat(inner, f"{path}.{key}" if path else str(key))]
    return [] if isinstance(value, (list, tuple)) else [(path, value)]


def _alike(values: list[Any]) -> list[Any]:
    """Whole numbers and fractions of one column as fractions."""
    if any(isinstance(v, float) for v in values):
        return [float(v) if isinstance(v, int) and not isinstance(v, bool) else v for v in values]
    return values


def csv_text(columns: dict[str, list[Any]]) -> str:
    """A table as CSV; nothing where a value is missing."""
    lines = [",".join(columns)]
    for row in zip(*columns.values(), strict=True):
        lines.append(",".join("" if value is None else f'"{value}"' if "," in str(value) else str(value) for value in row))
    return "\n".join(lines) + "\n"
