"""The page of a mapping: what it uses of what is allowed, what it costs beside naive ones, and its figures.

It is made from ``mapping.json`` and the tables beside it alone; the same files give the same page.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from chipsim.errors import UsageError
from chipsim.lookup import Summary, Tables, number, numbers, rows, value
from chipsim.programs.told import Fact, Sheet
from chipsim.quantity import UNKNOWN, count, digits, percent, plural, si
from chipsim.results.store import MAPPING_SUMMARY, MAPPING_TABLES
from reports.file import write_text
from reports.markdown import escaped, table_lines
from reports.page import rendered
from reports.pictures import Picture, pictures_of
from reports.run import Run

log = logging.getLogger(__name__)

HTML, MARKDOWN = "report.html", "report.md"
TABLES = ("cores", "links", "routers", *MAPPING_TABLES)
TEMPLATE = "mapping.html.j2"

NAMES = {"this": "this mapping", "naive": "naive", "random": "random"}

MODELLED = (
    "One packet per send and core that reads it (unicast), or one packet on a tree along the row of the sender and the columns of its "
    "readers (multicast): packets, links crossed and loads of links are counted exactly, not estimated.",
    "Hard limits of each core: neurons, input lines (axons), memory bits. A mapping that breaks one is refused, not reported.",
    "Router tables with one entry per tree and router, compressed by prefixes, pairs and default routing; a limit of entries is held.",
    "Energy of the packets alone, by the chip's own prices: sending, taking in, routers, links.",
)
NOT_MODELLED = (
    "Time: queues, latency, congestion. A run of the chip says what comes of a busy link.",
    "How often neurons will spike. Packets are counted over what the table says, and a different input gives others.",
    "Answers, winner-takes-all and growth of neurosemantic networks; adaptive routing, and ways round faults.",
    "Energy of synapses, neurons and static power, which no mapping with as many powered cores changes.",
)


@dataclass(frozen=True, slots=True)
class MappingStory:
    """The content of the page.

    Attributes:
        title: what is mapped onto what, on one line; tone, headline: what it saves.
        facts: key numbers; pictures: figures; sheets: tables.
        version: of chipsim; again: the command that makes the mapping once more, empty where it is not known.
    """

    title: str
    tone: str
    headline: str
    facts: tuple[Fact, ...]
    pictures: tuple[Picture, ...]
    sheets: tuple[Sheet, ...]
    version: str
    again: str


def build_mapping_report(folder: Path) -> Path:
    """Make ``report.html`` and ``report.md`` of a folder that ``chipsim map`` wrote.

    Raises:
        UsageError: it is no such folder, or a file of it is broken.
        OSError: the page cannot be written.
    """
    story = tell_mapping(load_mapping_run(folder))
    page = rendered(TEMPLATE, story=story, modelled=MODELLED, not_modelled=NOT_MODELLED)
    path = folder / HTML
    write_text(path, page)
    write_text(folder / MARKDOWN, mapping_markdown(story))
    log.info("wrote %s and %s", path, MARKDOWN)
    return path


def load_mapping_run(folder: Path) -> Run:
    """Summary and tables of a folder of ``chipsim map``. Raises UsageError where it is none, or a file of it is broken."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    advice = "give a folder that `chipsim map` wrote with --out, or with --graph and --report"
    path = folder / MAPPING_SUMMARY
    try:
        summary = json.loads(path.read_text(encoding="utf-8"))
        if not isinstance(summary, dict) or not (
            isinstance(summary.get("mapping"), dict) or isinstance(summary.get("graph"), dict)
        ):
            raise ValueError("neither a network nor a graph in it")
        tables: dict[str, Any] = {}
        for name in TABLES:
            path = folder / f"{name}.parquet"
            if path.exists():
                arrow = pq.read_table(path, page_checksum_verification=True)
                tables[name] = {column: arrow[column].to_numpy() for column in arrow.column_names}
    except OSError as error:
        raise UsageError(f"{path}: cannot be read: {error.strerror or error}; {advice}") from error
    except (ValueError, pa.ArrowException) as error:
        raise UsageError(f"{path}: not a file of a mapping ({error}); {advice}") from error
    if "cores" not in tables:
        raise UsageError(f"{folder}: no cores.parquet; {advice}")
    return Run(folder, summary, tables)


def tell_mapping(run: Run) -> MappingStory:
    """Everything that the page says."""
    from reports.figures import MAPPING  # matplotlib, a second on a slow machine

    tone, headline = _verdict(run.summary)
    made = (_comparison(run.summary), _resources(run.tables))
    return MappingStory(
        title=_title(run.summary),
        tone=tone,
        headline=headline,
        facts=tuple(fact for fact in _facts(run.summary, run.tables) if fact.value != UNKNOWN),
        pictures=tuple(pictures_of(MAPPING, run)),
        sheets=tuple(sheet for sheet in made if sheet.lines),
        version=str(value(run.summary, "version") or "of unknown version"),
        again="" if value(run.summary, "graph") else "chipsim map experiment.yaml --out again",
    )


def mapping_markdown(story: MappingStory) -> str:
    """The page as Markdown without its figures, for reviews and for comparing two mappings line by line."""
    lines = [
        f"# {escaped(story.title)}",
        "",
        f"**{escaped(story.headline)}**",
        "",
        "Figures are in report.html.",
        "",
        "## Key numbers",
        "",
    ]
    lines += table_lines(("what", "value", "remark"), ((fact.label, fact.value, fact.note) for fact in story.facts))
    for sheet in story.sheets:
        lines += [f"## {sheet.title}", "", *([escaped(sheet.note), ""] if sheet.note else [])]
        lines += table_lines(sheet.columns, sheet.lines, sheet.numeric)
    lines += ["## What the figures say", ""]
    lines += [*(f"- **{escaped(figure.title)}.** {escaped(figure.caption)}" for figure in story.pictures), ""]
    lines += ["## What is modelled", "", *(f"- {line}" for line in MODELLED), ""]
    lines += ["## What is not", "", *(f"- {line}" for line in NOT_MODELLED), ""]
    return "\n".join(lines).rstrip() + "\n"


def _title(summary: Summary) -> str:
    if value(summary, "graph"):
        mesh = f"{value(summary, 'mesh.width')}x{value(summary, 'mesh.height')} mesh"
        made = f"{value(summary, 'picked')}, seed {value(summary, 'seed')}"
        return f"{value(summary, 'graph.name')} on a {mesh}, by {made}"
    chip = f"{value(summary, 'chip.name')}, {value(summary, 'chip.cores')} cores of {value(summary, 'chip.neurons_per_core')} neurons"
    return f"{value(summary, 'name')} on {chip}, by {value(summary, 'mapping.method')}"


def _row(summary: Summary, name: str) -> dict[str, Any]:
    return next((row for row in value(summary, "comparison") or [] if row.get("method") == name), {})


def _verdict(summary: Summary) -> tuple[str, str]:
    here, naive = _row(summary, "this"), _row(summary, "naive")
    if warnings := value(summary, "warnings"):
        return "fails", f"{' '.join(f'{one[:1].upper()}{one[1:]}.' for one in warnings)}"
    if here.get("packets") is None:
        return "none", "Mapped within all limits; packets were not counted."
    text = f"{count(here['packets'])} packets"
    if not naive.get("packets"):
        return "none", f"{text}; there is no naive mapping within the limits to hold them against."
    share = here["packets"] / naive["packets"]
    text += f", {percent(share)} of the naive mapping's {count(naive['packets'])}"
    if here.get("hops") is not None and naive.get("hops"):
        text += f"; {count(here['hops'])} hops, {percent(here['hops'] / naive['hops'])} of its {count(naive['hops'])}"
    return "holds" if share < 1 else "none", f"{text}."


def _facts(summary: Summary, tables: Tables) -> Iterator[Fact]:
    here, naive = _row(summary, "this"), _row(summary, "naive")
    neurons = numbers(tables, "cores", "neurons")
    cores = number(summary, "chip.cores") or number(summary, "mesh.cores")
    yield Fact("Neurons", count(float(neurons.sum())), f"on {plural(int((neurons > 0).sum()), 'core')} of {count(cores)}")
    yield Fact("Packets", count(here.get("packets")), f"counted over {value(summary, 'traffic.of')}")
    mean = here.get("mean_hops")
    yield Fact("Hops", count(here.get("hops")), f"{digits(mean)} per packet, as unicasts{_against(naive.get('mean_hops'))}")
    yield Fact("Links of trees", count(here.get("tree_links")), "the same packets as multicasts")
    tree = here.get("max_link_tree")
    yield Fact("Busiest link", count(here.get("max_link")), f"packets as unicasts, {count(tree)} on trees")
    cast = value(summary, "traffic.cast")
    yield Fact("Energy of packets", si(here.get("joules"), "J"), f"as {cast}s, by the chip's own prices")
    entries, limit = numbers(tables, "routers", "entries"), numbers(tables, "routers", "entries_allowed")
    if len(entries):
        allowed = "no limit" if limit[0] < 0 else f"{count(limit[0])} allowed"
        before = count(float(numbers(tables, "routers", "entries_before").max()))
        yield Fact(
            "Fullest router table", count(float(entries.max())), f"entries for multicasts, {before} uncompressed; {allowed}"
        )
    seconds = number(summary, "cpu_s") if value(summary, "graph") else number(summary, "wall_s.map")
    yield Fact(
        "Time to map",
        si(seconds, "s"),
        "of processors" if value(summary, "graph") else "on this machine, compiling kernels too",
    )


def _against(mean: float | None) -> str:
    return "" if mean is None else f"; naive {digits(mean)}"


def _comparison(summary: Summary) -> Sheet:
    columns = (
        ("packets", "packets", count),
        ("share", "of naive", percent),
        ("hops", "hops", count),
        ("mean_hops", "mean hops", digits),
        ("tree_links", "tree links", count),
        ("max_link", "busiest link", count),
        ("max_link_tree", "busiest, trees", count),
        ("joules", "energy", lambda joules: si(joules, "J")),
        ("edge_cut", "edge cut", count),
        ("cores_used", "cores", count),
        ("largest_core", "largest core", count),
    )
    found = value(summary, "comparison") or []
    shown = [column for column in columns if any(row.get(column[0]) is not None for row in found)]
    lines = tuple(
        (NAMES.get(str(row.get("method")), str(row.get("method"))), *(write(row.get(key)) for key, _, write in shown))
        for row in found
    )
    note = (
        f"Packets counted over {value(summary, 'traffic.of')}. Naive: neurons in order of number, cores row by row; random: neurons drawn. All"
        " hold the same limits. Hops and busiest link are of unicasts; edge cut counts synapses between cores, which nothing pays."
    )
    return Sheet(
        "comparison",
        "Beside naive mappings",
        ("", *(head for _, head, _ in shown)),
        lines,
        (False, *len(shown) * (True,)),
        note,
    )


def _resources(tables: Tables) -> Sheet:
    lines = []
    for name, where in (("neurons", "cores"), ("axons", "cores"), ("memory_bits", "cores"), ("entries", "routers")):
        used, allowed = numbers(tables, where, name), numbers(tables, where, f"{name}_allowed")
        if not rows(tables, where) or not (used == used).any():
            continue
        limit = float(allowed[0]) if allowed[0] >= 0 else None
        place = numbers(tables, where, "core" if where == "cores" else "tile")[int(used.argmax())]
        lines.append(
            (
                "table entries" if name == "entries" else name.replace("_", " "),
                f"{where[:-1]} {place:.0f}",
                count(float(used.max())),
                "no limit" if limit is None else count(limit),
                "" if not limit else percent(float(used.max()) / limit),
                count(float(used.sum())),
                digits(float(used[used > 0].mean())) if (used > 0).any() else "0",
            )
        )
    heads = ("resource", "fullest", "used", "allowed", "share", "used in all", "mean where any")
    note = "Of each core, and of each router's compressed table for multicasts. Limits are held by the mapper and checked independently."
    return Sheet("resources", "Used and allowed", heads, tuple(lines), (False, False, True, True, True, True, True), note)
