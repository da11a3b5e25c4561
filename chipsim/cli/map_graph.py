"""``chipsim map --graph``: a bare graph of neurons, synapses and spike counts onto a mesh."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import typer

from chipsim.cli.map_report import refuse_folder, write_report
from chipsim.cli.options import bytes_of
from chipsim.cli.output import tell
from chipsim.cli.progress import shown_stages
from chipsim.cli.text import columns, labelled, unbroken
from chipsim.errors import ChipsimError, UsageError
from chipsim.terminal import count, percent, si

if TYPE_CHECKING:
    from chipsim.pipeline.map_graph import GraphReport, GraphTask

_ROWS = (
    ("packets", "packets"),
    ("hops", "hops"),
    ("tree_links", "links of multicast trees"),
    ("max_link", "busiest link"),
    ("max_link_tree", "busiest link with trees"),
    ("edge_cut", "edge cut"),
    ("cores_used", "cores used"),
)


@dataclass(frozen=True, slots=True)
class GraphOptions:
    """Options of ``chipsim map`` that go with ``--graph``, None where they are not given."""

    graph: str
    mesh: str | None
    method: str | None
    seed: int | None
    neurons: int | None
    axons: int | None
    fill: float | None
    budget: float | None
    objective: str | None
    use: Path | None
    save_graph: Path | None
    report: Path | None = None
    prices: str | None = None
    settings: tuple[str, ...] = ()


def map_bare_graph(
    options: GraphOptions, compare: bool, out: Path | None, force: bool, memory_limit: str | None, json: bool, quiet: bool
) -> None:
    """Map a graph, or compare methods on it.

    Raises:
        ChipsimError: as in ``chipsim.pipeline.map_graph``; in a comparison only when no method came to an end.
    """
    from chipsim.pipeline.map_graph import load_graph, map_one  # heavy, and --help must be quick
    from chipsim.results.store import summary_text
    from nsn_mapping.graph import write_graph
    from nsn_mapping.graph_mapping import save_graph_mapping
    from nsn_mapping.save import refuse_existing

    limit = bytes_of(memory_limit)
    task = _task(options, compare)
    for path in (out, options.save_graph):
        if path is not None:
            refuse_existing(path, force)
    if compare:
        if options.report is not None:
            raise UsageError("--report: --compare writes no report; map once more with the --method of your choice")
        if out is not None:
            raise UsageError("--out: --compare writes no mapping; map once more with the --method of your choice")
        _compare(task, options, limit, json, quiet)
        return
    if options.report is not None:
        refuse_folder(options.report, force)
    if options.save_graph is not None:
        write_graph(options.save_graph, load_graph(task.graph, limit), force)
    with shown_stages(quiet) as stage:
        report = map_one(task, limit, stage)
        if out is not None:
            save_graph_mapping(out, report.mapping, force)
        if options.report is not None:
            from chipsim.pipeline.report_graph import describe_graph

            stage("writing the report")
            write_report(options.report, *describe_graph(task, report))
    if json:
        tell(summary_text(report.summary), nl=False)
    if not quiet:
        tell("\n".join(_lines(report, out, options.report)), err=json)


def _task(options: GraphOptions, compare: bool) -> GraphTask:
    from chipsim.pipeline.map_graph import GraphTask, caps_of, parse_mesh
    from nsn_mapping.map_graph import refuse_objective, refuse_unknown

    if options.mesh is None:
        raise UsageError("--mesh: missing; a graph needs the mesh that it goes onto, e.g. --mesh 12x12 (144 cores)")
    if options.use is not None and (compare or options.method or options.objective):
        raise UsageError("--use: takes a mapping from a file; it goes with none of --method, --objective and --compare")
    method = options.method or "auto"
    if not compare:
        if "," in method:
            raise UsageError(f"--method: found {method!r:.60}; a list goes with --compare, one method without it")
        refuse_unknown(method)
    if options.objective is not None:
        refuse_objective(options.objective)
    if options.budget is not None and not options.budget > 0:
        raise UsageError(f"--budget: found {options.budget:g}; allowed: above 0, CPU seconds that auto plans with")
    given: dict[str, Any] = {
        "seed": options.seed,
        "neurons": options.neurons,
        "axons": options.axons,
        "fill": options.fill,
        "budget_s": options.budget,
        "objective": options.objective,
        "use": options.use,
        "prices": options.prices,
    }
    if options.settings and options.prices is None and options.objective != "energy":
        raise UsageError("--set: with --graph it changes the chip of --prices; give that, or leave --set out")
    given = {key: value for key, value in given.items() if value is not None}
    task = GraphTask(options.graph, options.mesh, method, settings=options.settings, **given)
    if not 0 <= task.seed < 2**63:
        raise UsageError(f"--seed: found {task.seed}; allowed: 0 to 2^63 - 1")
    parse_mesh(task.mesh)
    caps_of(task, 0)
    return task


def _compare(task: GraphTask, options: GraphOptions, limit: int | None, json: bool, quiet: bool) -> None:
    from chipsim.cli.methods import comparison_lines
    from chipsim.pipeline.compare_graph import compare_graph
    from chipsim.results.store import summary_text
    from nsn_mapping.map_graph import refuse_unknown
    from nsn_mapping.methods import graph_methods

    methods = options.method.split(",") if options.method else list(graph_methods())
    for method in methods:
        refuse_unknown(method)

    def finished(row: dict[str, Any]) -> None:
        if not quiet:
            typer.echo(f"{row['method']}: {_in_short(row)}", err=True)

    with shown_stages(quiet) as stage:
        rows = compare_graph(task, methods, limit, finished, stage)
    if all(row["status"] == "failed" for row in rows):
        error = ChipsimError(rows[0]["reason"])
        error.exit_code = rows[0]["exit_code"]
        raise error
    if json:
        tell(summary_text({"schema": 1, "methods": rows}), nl=False)
    if not quiet:
        told = [row | {"share": _share(row["packets"], row["naive"]["packets"])} if "naive" in row else row for row in rows]
        tell("\n".join(comparison_lines(told)), err=json)


def _in_short(row: dict[str, Any]) -> str:
    if row["status"] == "failed":
        return f"not done: {row['reason']}"
    return f"{count(row['packets'])} packets, {count(row['hops'])} hops, {si(row['cpu_s'], 's')} of CPU time"


def _lines(report: GraphReport, out: Path | None, folder: Path | None) -> Iterator[str]:
    summary = report.summary
    graph, mesh = summary["graph"], summary["mesh"]
    picked = summary["picked"] + (f" (picked by auto: {summary['reason']})" if summary["method"] == "auto" else "")
    yield labelled(
        "graph",
        f"{graph['name']}: {count(graph['neurons'])} neurons, {count(graph['synapses'])} synapses, {count(graph['spikes'])} spikes on a"
        f" {mesh['width']}x{mesh['height']} mesh",
    )
    yield labelled(
        "mapping",
        f"{picked}, seed {summary['seed']}: {si(summary['parts_cpu_s'], 's')} of CPU time for parts, {si(summary['place_cpu_s'], 's')}"
        f" for places; peak memory {summary['peak_rss_bytes'] / 2**20:,.0f} MiB",
    )
    before = summary["before_refinement"]
    if before is not None:
        yield labelled(
            "joint",
            f"moving placed neurons took packets from {count(before['packets'])} to {count(summary['packets'])}, hops from"
            f" {count(before['hops'])} to {count(summary['hops'])}",
        )
    yield ""
    rows = []
    for key, name in _ROWS:
        here, naive = summary[key], summary["naive"][key]
        share = _share(here, naive)
        rows.append([name, count(here), count(naive), "" if share is None else percent(share), ""])
    if summary["prices"] is not None:
        here, naive = summary["joules"], summary["naive"]["joules"]
        share = _share(here, naive)
        rows.append(
            [f"energy on {summary['prices']}", si(here, "J"), si(naive, "J"), "" if share is None else percent(share), ""]
        )
    yield from columns(["", "this mapping", "naive", "share", ""], rows, right=range(1, 4))
    yield ""
    rows = []
    for name, one in summary["resources"].items():
        allowed = one["core_allowed"]
        rows.append(
            [
                name,
                count(one["fullest_core"]),
                "no limit" if allowed is None else count(allowed),
                "" if allowed is None else percent(one["fullest_core"] / allowed),
                "",
            ]
        )
    yield from columns(["resource", "fullest core", "allowed", "share", ""], rows, right=range(1, 4))
    yield ""
    hops = "" if summary["mean_hops"] is None else f" of {summary['mean_hops']:.2f} hops each"
    spike = summary["packets_per_spike"]
    yield labelled("traffic", "nobody spikes" if spike is None else f"{spike:.2f} packets per spike{hops}")
    yield labelled("saved", "nothing; --out FILE keeps the mapping" if out is None else unbroken(out))
    if folder is not None:
        yield labelled("report", unbroken(folder / "report.html"))


def _share(here: float, naive: float) -> float | None:
    return here / naive if naive else None
