"""One chip, experiment or input, described for people or as JSON."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from chipsim.cli.output import tell
from chipsim.cli.text import columns, command, labelled


def describe_chip(name: str, settings: list[str], json: bool) -> None:
    """Mesh, cores, and every constant with its grade and source."""
    from chipsim.config.load import load_chip

    chip = load_chip(name, settings)
    data = chip.model_dump(mode="json")
    if json:
        print_json(data)
        return
    noc, core = chip.noc, chip.core
    axons = "axons without a limit but memory" if core.axons is None else f"{core.axons} axons"
    size = f"{noc.width} x {noc.height}" + (f" x {noc.depth}" if noc.depth > 1 else "")
    tell(labelled("chip", f"{chip.name}: {chip.description}" if chip.description else chip.name))
    tell(
        labelled(
            "noc",
            f"{noc.topology} of {size} tiles, {noc.cores} cores; {noc.router}, {noc.cast}, {noc.routing_name}",
        )
    )
    if noc.levels:
        levels = (f"{level.name} of {level.width} x {level.height}" for level in noc.levels)
        tell(labelled("levels", ", ".join(levels)))
    tell(labelled("core", f"{core.neurons} neurons, {axons}, {data['core']['memory']} of memory, pace {core.pace}"))
    rows = []
    for path in chip.constants():
        part: Any = data
        for step in path.split("."):
            part = part[int(step)] if isinstance(part, list) else part[step]
        of = part.get("range_source") or "a factor, no published figure"
        reach = f"{' to '.join(part['range'])} ({of})" if part.get("range") else ""
        stands_in = f"; stands in: {part['proxy']}" if part.get("proxy") else ""
        rows.append(
            (path, part["value"] or "unknown", part["grade"], f"{part['source']}{stands_in}{f'; {reach}' if reach else ''}")
        )
    if core.sync is not None:
        rows.append(("core.sync", "table", core.sync.grade, f"{core.sync.text()}; {core.sync.source}"))
    for path, one in data["provenance"].items():
        part = data
        for step in path.split("."):
            part = part[step]
        rows.append((path, "none" if part is None else str(part), one["grade"], one["source"]))
    tell("\n".join(["", *columns(["constant", "value", "grade", "source, stand-in, range"], rows, right=[1])]))


def describe_experiment(name: str, settings: list[str], json: bool) -> None:
    """What an experiment runs where, every default filled in."""
    from chipsim.cli.names import comment_of, is_path, shipped_file
    from chipsim.config import catalogue
    from chipsim.config.load import load_experiment

    experiment = load_experiment(name, settings)
    data = experiment.model_dump(mode="json", exclude_none=True)
    if json:
        print_json(data)
        return
    comment = comment_of(Path(name).expanduser() if is_path(name) else shipped_file(name))
    tell(labelled("name", f"{experiment.name}: {comment}" if comment else experiment.name, 12))
    chip = experiment.chip
    more = (
        f" ({command('chipsim', 'show', chip.name)})" if chip.name in catalogue.chips() else ""
    )  # another stands in a file of the user's
    tell(labelled("chip", f"{chip.name}, {chip.noc.cores} cores{more}", 12))
    for section in ("workload", "mapping"):
        tell(labelled(section, ", ".join(f"{key}: {_flat(value)}" for key, value in data[section].items()), 12))
    rest = {key: value for key, value in data.items() if key not in ("name", "chip", "workload", "mapping")}
    tell(labelled("other keys", ", ".join(f"{key}: {_flat(value)}" for key, value in rest.items()), 12))
    tell(labelled("run it", command("chipsim", "run", name), 12))


def describe_sweep(name: str, settings: list[str], json: bool) -> None:
    """What a sweep starts from, what it sets, and its grid."""
    from chipsim.cli.names import comment_of, is_path, shipped_file
    from chipsim.config.sweep import load_sweep, resolved, value_text

    sweep = load_sweep(name, settings)
    if json:
        print_json(resolved(sweep) | {"points": sweep.points})
        return
    comment = comment_of(Path(name).expanduser() if is_path(name) else shipped_file(name))
    tell(labelled("name", f"{sweep.name}: {comment}" if comment else sweep.name, 12))
    tell(labelled("base", str(sweep.base.value.get("name")), 12))
    tell(labelled("points", f"{sweep.points:,}", 12))
    rows = [(".".join(map(str, one.path)), value_text(one.part.value)) for one in sweep.fixed]
    rows += [(axis.path, " | ".join(value_text(one.part.value) for one in axis.values)) for axis in sweep.axes]
    tell("\n".join(["", *columns(["key", "value, or values of the grid"], rows)]))


def describe_archive(path: Path, json: bool) -> None:
    """What a NumPy archive is of, its arrays and what they mean."""
    from dataclasses import asdict

    from workloads.snn.archive_keys import contents

    found = contents(path)
    if json:
        print_json({"path": str(path), **asdict(found), "command": ["chipsim", *found.command] if found.command else None})
        return
    tell(labelled("archive", f"{path}: {found.what}", 12))
    if found.command:
        tell(labelled("run it" if found.command[0] == "run" else "map it", command("chipsim", *found.command), 12))
    rows = [
        (one.name, " x ".join(f"{size:,}" for size in one.shape) or "one", one.dtype, one.values, one.about or "not read")
        for one in found.keys
    ]
    rows += [(name, "-", "", "", about) for name, about in found.more.items()]
    tell("\n".join(["", *columns(["key", "values", "type", "least to largest", "what it means"], rows, right=[1])]))


def describe_input(name: str, path: Path, json: bool) -> None:
    """Size and first lines of a shipped text or log."""
    text = path.read_text(encoding="utf-8")
    licence = path.with_name(f"{name}.LICENSE.txt")
    facts: dict[str, str | int] = {"name": name, "path": str(path), "characters": len(text), "lines": text.count("\n")}
    facts |= {"licence": str(licence)} if licence.exists() else {}
    if json:
        print_json(facts)
        return
    tell("\n".join(labelled(key, f"{value:,}" if isinstance(value, int) else value, 12) for key, value in facts.items()))
    tell("\n".join(["", *(f"  | {line}" for line in text.splitlines()[:8])]))


def _flat(value: Any) -> str:
    if isinstance(value, list):
        return "[" + ", ".join(map(_flat, value)) + "]"
    if isinstance(value, dict):
        return "{" + ", ".join(f"{key}: {_flat(inner)}" for key, inner in value.items()) + "}"
    return str(value)


def print_json(value: Any) -> None:
    """A value as JSON on standard output."""
    from json import dumps

    tell(dumps(value, indent=2, ensure_ascii=False))
