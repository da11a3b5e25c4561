"""``chipsim map``: place the network on the cores without running it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import typer

from chipsim.cli.options import Force, Json, MemoryLimit, Name, Out, Quiet, Settings, bytes_of
from chipsim.cli.text import columns, count, labelled, percent, si

if TYPE_CHECKING:
    from chipsim.api import MappingReport
    from chipsim.results.result import Table

_RESOURCES = ("neurons", "axons", "memory_bits")


def map_network(
    name: Name = None,
    settings: Settings = None,
    out: Out = None,
    force: Force = False,
    memory_limit: MemoryLimit = None,
    json: Json = False,
    quiet: Quiet = False,
) -> None:
    """Map a network onto the cores.

    Says what is used of what is allowed, and what a spike costs on the way.
    """
    from chipsim.api import plan_mapping  # heavy, and --help must be quick
    from chipsim.results.store import folder_for, summary_text
    from chipsim.spec.load import load_experiment

    experiment = load_experiment(name, settings or [])
    folder = folder_for(experiment, out, force) if out is not None else None
    report = plan_mapping(experiment, bytes_of(memory_limit))
    if folder is not None:
        _save(folder, report)
    if json:
        typer.echo(summary_text(report.summary | {"resources": _resources(report.tables["cores"])}), nl=False)
    if not quiet:
        typer.echo("\n".join(_lines(report, folder)), err=json)


def _save(folder: Path, report: MappingReport) -> None:
    from chipsim.results.store import MAPPING, write_experiment, write_mapping, write_summary, write_table

    write_experiment(folder, report.experiment)
    write_mapping(folder / MAPPING, report.mapping)
    write_table(folder / "cores.parquet", report.tables["cores"])
    write_summary(folder, report.summary, "mapping.json")


def _resources(cores: Table) -> dict[str, dict[str, Any]]:
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
    yield labelled("traffic", _traffic(mapping))
    if folder is None:
        use = "" if "synapses" in mapping else " for `--set mapping.file=DIR/mapping.npz`"
        yield labelled("saved", f"nothing; --out DIR keeps the mapping{use}")
    else:
        yield labelled("saved", str(folder / "mapping.npz"))


def _traffic(mapping: dict[str, Any]) -> str:
    """What one reading, or one spike of a spiking network, costs on the network-on-chip."""
    if not mapping["neurons"]:
        return "unknown: nothing is learned before the chip starts"
    if "synapses" in mapping:
        return (
            f"{count(mapping['synapses'])} synapses; {mapping['packets_per_spike']:.2f} unicast packets per spike of"
            f" {mapping['mean_hops']:.2f} hops each, the own core included"
        )
    tree, single = mapping["tree_hops_per_reading"], f"{mapping['unicast_hops_per_reading']:.2f}"
    over = f"{single} hops of unicasts" if tree is None else f"{tree:.2f} hops of a multicast tree ({single} as unicasts)"
    return (
        f"a reading reaches {mapping['readers_per_reading']:.2f} cores over {over};"
        f" {mapping['packets_per_spike']:.2f} unicast packets per spike of {mapping['mean_hops']:.2f} hops each"
    )
