"""``chipsim map``: place a network, or a bare graph, on the cores without running it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from chipsim.cli.options import Force, Json, MemoryLimit, Name, Quiet, Settings, bytes_of
from chipsim.cli.output import tell
from chipsim.cli.text import columns, labelled, unbroken
from chipsim.cli.unused import say_unused
from chipsim.errors import UsageError
from chipsim.terminal import count, percent, si

if TYPE_CHECKING:
    from chipsim.lookup import Columns
    from chipsim.pipeline import MappingReport

_NAMES = {"this": "this mapping", "naive": "naive", "random": "random"}
"""What a comparison calls the mappings of an overview."""

_RESOURCES = ("neurons", "axons", "memory_bits")


def map_network(  # noqa: PLR0913  one parameter is one option
    name: Name = None,
    settings: Settings = None,
    graph: Annotated[
        str | None,
        typer.Option(
            "--graph", metavar="GRAPH.npz|RULE", help="Map a bare graph: n, indptr, targets, spikes; or e.g. topics:100000."
        ),
    ] = None,
    mesh: Annotated[str | None, typer.Option(metavar="WxH", help="The mesh a graph goes onto, one core per tile.")] = None,
    method: Annotated[
        str | None,
        typer.Option(
            metavar="METHOD",
            help="A partitioner, as `chipsim show mapping.partitioner` lists them; a list of them with --compare.",
            show_default=False,
        ),
    ] = None,
    seed: Annotated[
        int | None, typer.Option(help="Of what is random in mapping a graph; 1 by default.", show_default=False)
    ] = None,
    neurons: Annotated[
        int | None, typer.Option(metavar="N", help="Most neurons of a core, for a graph; 512 by default.")
    ] = None,
    axons: Annotated[
        int | None, typer.Option(metavar="N", help="Most input lines of a core, for a graph; no limit by default.")
    ] = None,
    fill: Annotated[
        float | None, typer.Option(metavar="SHARE", help="Share of each core's neurons to use, for a graph.")
    ] = None,
    budget: Annotated[float | None, typer.Option(metavar="SECONDS", help="CPU time that --method auto plans with.")] = None,
    objective: Annotated[
        str | None,
        typer.Option(metavar="WHAT", help="packets, hops, link or energy: what placing a graph minimises; packets by default."),
    ] = None,
    prices: Annotated[
        str | None,
        typer.Option(
            metavar="CHIP",
            help="Chip by whose prices a graph's joules are counted; altai-256 for --objective energy.",
            show_default=False,
        ),
    ] = None,
    compare: Annotated[bool, typer.Option("--compare", help="Run several methods side by side.")] = False,
    use: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Evaluate a mapping of the graph that was saved with --out.")
    ] = None,
    save_graph: Annotated[Path | None, typer.Option(metavar="FILE", help="Write the graph of a RULE as a file.")] = None,
    out: Annotated[
        Path | None,
        typer.Option("--out", metavar="DIR|FILE", help="Where to write; a file with --graph.", show_default=False),
    ] = None,
    report: Annotated[
        Path | None,
        typer.Option("--report", metavar="DIR", help="Write a report of the mapped graph, with figures, and its tables."),
    ] = None,
    force: Force = False,
    memory_limit: MemoryLimit = None,
    json: Json = False,
    quiet: Quiet = False,
) -> None:
    """Map a network, or a bare graph, onto the cores.

    Says what is used of what is allowed, and what a spike costs on the way.
    """
    given = {
        "--mesh": mesh,
        "--seed": seed,
        "--neurons": neurons,
        "--axons": axons,
        "--fill": fill,
        "--budget": budget,
        "--objective": objective,
        "--use": use,
        "--save-graph": save_graph,
        "--report": report,
        "--prices": prices,
    }
    if graph is not None:
        if name is not None:
            raise UsageError("--graph: maps a graph alone; leave the experiment out")
        from chipsim.cli.map_graph import GraphOptions, map_bare_graph

        chip = prices, tuple(settings or ())
        options = GraphOptions(
            graph, mesh, method, seed, neurons, axons, fill, budget, objective, use, save_graph, report, *chip
        )
        map_bare_graph(options, compare, out, force, memory_limit, json, quiet)
        return
    for option, value in given.items():
        if value is not None:
            raise UsageError(f"{option}: goes with --graph{_instead(option, str(value))}")
    if compare:
        if out is not None:
            raise UsageError(
                "--out: --compare writes no mapping; map once more with --set mapping.partitioner=... of your choice, one folder "
                "each: `chipsim compare` holds the folders side by side"
            )
        _compare(name, settings, method, memory_limit, json, quiet)
        return
    if method is not None:
        raise UsageError(f"--method: goes with --graph or --compare; for an experiment use --set mapping.partitioner={method}")
    from chipsim.cli.progress import shown_stages
    from chipsim.config.load import load_experiment
    from chipsim.pipeline import plan_mapping
    from chipsim.results.store import folder_for, summary_text

    experiment = load_experiment(name, settings or [], there=True)
    say_unused(experiment, settings or [], quiet)
    folder = folder_for(experiment, out, force) if out is not None else None
    with shown_stages(quiet) as stage:
        mapped = plan_mapping(experiment, bytes_of(memory_limit), stage)
        summary = mapped.summary | {"resources": _resources(mapped.tables["cores"])}
        if folder is not None:
            stage("writing the report")
            _save(folder, mapped, summary)
    if json:
        tell(summary_text(summary), nl=False)
    if not quiet:
        tell("\n".join(_lines(mapped, folder)), err=json)


_KEYS = {
    "--seed": "mapping.seed",
    "--neurons": "chip.core.neurons",
    "--fill": "mapping.fill",
    "--objective": "mapping.objective",
    "--use": "mapping.file",
}
"""Keys of an experiment that say what options say of a graph."""


def _instead(option: str, value: str) -> str:
    """What says of an experiment what an option says of a graph."""
    width, _, height = value.lower().partition("x")
    if option == "--mesh" and width.isdecimal() and height.isdecimal():
        return f"; an experiment says it by --set chip.noc.width={width} --set chip.noc.height={height}"
    return f"; an experiment says it by --set {_KEYS[option]}={value}" if option in _KEYS else ""


def _compare(
    name: str | None, settings: list[str] | None, method: str | None, memory_limit: str | None, json: bool, quiet: bool
) -> None:
    """Mappings of one experiment by several methods, side by side."""
    from chipsim.cli.methods import comparison_lines
    from chipsim.cli.progress import shown_stages
    from chipsim.config.load import load_experiment
    from chipsim.pipeline.compare_mappings import compare
    from chipsim.results.store import summary_text

    bytes_of(memory_limit)
    with shown_stages(quiet) as stage:
        rows = compare(load_experiment(name, settings or [], there=True), method.split(",") if method else None, stage)
    if json:
        tell(summary_text({"schema": 1, "methods": rows}), nl=False)
    if not quiet:
        tell("\n".join(comparison_lines(rows)), err=json)


def _save(folder: Path, report: MappingReport, summary: dict[str, Any]) -> None:
    from chipsim.cli.map_report import write_report
    from chipsim.results.store import MAPPING, remove_stale, write_experiment, write_mapping

    remove_stale(folder)
    write_experiment(folder, report.experiment)
    write_mapping(folder / MAPPING, report.mapping, report.experiment)
    write_report(folder, summary, report.tables)


def _resources(cores: Columns) -> dict[str, dict[str, Any]]:
    """Per resource: used on the fullest core, allowed on one core (null for no limit), used and allowed in all."""
    found: dict[str, dict[str, Any]] = {}
    for name in _RESOURCES:
        used, allowed = cores[name], cores[f"{name}_allowed"]
        limit = int(allowed[0]) if len(allowed) and allowed[0] >= 0 else None
        found[name] = {
            "fullest_core": int(used.max(initial=0)),
            "core_allowed": limit,
            "all": int(used.sum()),
            "all_allowed": None if limit is None else int(allowed.sum()),
        }
    return found


def _lines(report: MappingReport, folder: Path | None) -> Iterator[str]:
    mapping, chip = report.summary["mapping"], report.summary["chip"]
    yield labelled(
        "mapping",
        f"{report.summary['name']} on {chip['name']} by {mapping['method']}: {count(mapping['neurons'])} neurons on"
        f" {mapping['cores_used']} of {chip['cores']} cores, in {si(report.summary['wall_s']['map'], 's')}",
    )
    yield from (labelled("warning", text) for text in report.summary["warnings"])
    yield ""
    rows = []
    for name, one in _resources(report.tables["cores"]).items():
        limit, whole = one["core_allowed"], one["all_allowed"]
        cells = [name.replace("_", " "), count(one["fullest_core"]), "no limit" if limit is None else count(limit)]
        cells += [
            percent(one["fullest_core"] / limit) if limit else "",
            count(one["all"]),
            percent(one["all"] / whole) if whole else "",
        ]
        rows.append(cells)
    yield from columns(["resource", "fullest core", "allowed", "share", "all cores", "share"], rows, right=range(1, 6))
    yield ""
    if "comparison" in report.summary:
        from chipsim.cli.methods import comparison_lines

        yield from comparison_lines([row | {"method": _NAMES[row["method"]]} for row in report.summary["comparison"]])
        yield labelled("packets", f"counted over {report.summary['traffic']['of']}; hops and busiest link of unicasts")
        yield ""
    yield labelled("traffic", report.traffic)
    if folder is None:
        use = " for `--set mapping.file=DIR/mapping.npz`" if report.reads_files else ""
        yield labelled("saved", f"nothing; --out DIR keeps the mapping{use}")
    else:
        yield labelled("saved", unbroken(folder / "mapping.npz"))
        yield labelled("report", unbroken(folder / "report.html"))
