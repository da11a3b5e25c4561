"""``chipsim show``: what is shipped, every choice by key, a chip with its constants, a run again."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from chipsim.cli.describe import (
    describe_archive,
    describe_chip,
    describe_experiment,
    describe_input,
    describe_sweep,
    print_json,
)
from chipsim.cli.options import Json, Settings
from chipsim.cli.output import tell
from chipsim.cli.text import columns, labelled
from chipsim.errors import UsageError
from chipsim.registry import Registry, did_you_mean

if TYPE_CHECKING:
    from chipsim.config.describe import KeyInfo


_CONSTANT = " | null | mapping of value, grade, source, proxy, range, range_source"
_GLOSSARY = "glossary"
_SWEEP = "sweep.yaml"
"""What describes a sweep in its folder."""

_GIVEN = {
    "chip": "none, a chip file gives it",
    "workload": "none, an experiment gives it",
}
"""What to say of keys without a default, by where they stand."""

_RESULT_FILES = {
    ".jsonl": "JSON, one object a line, which pandas.read_json(PATH, lines=True) or a loop over json.loads reads",
    ".parquet": "a table, which pyarrow.parquet.read_table or pandas.read_parquet reads",
    ".csv": "a table as text, which pandas.read_csv or a spreadsheet reads",
    ".html": "a page, which a browser shows",
    ".md": "text to be read as it is",
}
"""Files that are written for people and other programs, by how their names end, and what reads them."""

_FAR_BOUND = re.compile(r" to [0-9]{10,}(\.0)?(?![0-9])")


def show(
    name: Annotated[
        str | None,
        typer.Argument(
            metavar="[NAME|KEY|FILE|FOLDER|glossary]",
            help="Experiment, chip, sweep, text, log, archive, key such as workload, folder of a run, sweep, noc, scale or complexity,"
            " or the glossary.",
        ),
    ] = None,
    term: Annotated[
        list[str] | None, typer.Argument(metavar="[TERM]", help="A word of the output, behind glossary.", show_default=False)
    ] = None,
    yaml: Annotated[
        bool, typer.Option("--yaml", help="Print the commented file of a shipped experiment, chip or sweep, to start from.")
    ] = False,
    settings: Settings = None,
    json: Json = False,
) -> None:
    """List what there is, or describe it.

    Without a name: shipped experiments, chips, sweeps, texts and logs, and every choice by key.
    """
    from chipsim.cli import names  # heavy, and --help must be quick
    from chipsim.results.comparison.kinds import COMPLEXITY_FILE, NOC_FILE, SCALE_FILE

    if term and name != _GLOSSARY:
        raise UsageError(f"{term[0]!r:.40}: goes with `chipsim show glossary`; one name, key, file or folder at a time")
    if name == _GLOSSARY:
        from chipsim.cli.glossary import show_glossary

        show_glossary(" ".join(term) if term else None, json)
    elif yaml:
        tell(_yaml(name, settings or []), nl=False)
    elif name is None:
        _everything(json)
    elif names.is_run_folder(name):
        _run_folder(Path(name), json)
    elif measured := [path for file in (NOC_FILE, SCALE_FILE, COMPLEXITY_FILE) if (path := Path(name) / file).is_file()]:
        _measured(measured[0], json)
    else:
        _one(str(Path(name) / _SWEEP) if (Path(name) / _SWEEP).is_file() else name, settings or [], json)


def _yaml(name: str | None, settings: list[str]) -> str:
    """The shipped file as it is, comments and all; with changes or for a user's file what it resolves to."""
    from chipsim.cli import names
    from chipsim.config.load import DEFAULT_EXPERIMENT, load_experiment
    from chipsim.config.write import resolved_yaml

    name = name or DEFAULT_EXPERIMENT
    if names.describes_sweep(name) and (names.is_path(name) or settings):
        from chipsim.config.sweep import load_sweep, resolved_sweep_yaml

        return resolved_sweep_yaml(load_sweep(name, settings))
    if names.is_path(name) or settings:
        return resolved_yaml(load_experiment(name, settings))
    return names.shipped_file(name).read_text(encoding="utf-8")


def _everything(json: bool) -> None:
    from chipsim.cli.names import comment_of
    from chipsim.config import catalogue
    from chipsim.config.describe import experiment_keys

    keys = experiment_keys()
    shipped = {
        "experiments": {
            name: comment_of(catalogue.config_path(f"experiments/{name}.yaml")) for name in catalogue.experiments()
        },
        "chips": {name: comment_of(catalogue.config_path(f"chips/{name}.yaml")) for name in catalogue.chips()},
        "sweeps": {name: comment_of(catalogue.config_path(f"sweeps/{name}.yaml")) for name in catalogue.sweeps()},
        "texts": {name: _size(catalogue.source_path(name, ".txt")) for name in catalogue.sources(".txt")},
        "logs": {name: _size(catalogue.source_path(name, ".log")) for name in catalogue.sources(".log")},
    }
    if json:
        print_json(shipped | {"keys": [_key_object(key) for key in keys]})
        return
    lines: list[str] = []
    for title, found in shipped.items():
        lines += [*columns([title, ""], [(f"  {name}", text) for name, text in found.items()]), ""]
    lines += ["every key of an experiment; change one with --set KEY=VALUE", *_key_lines(keys), ""]
    lines += ["chipsim show sweep     describes the keys of a sweep file"]
    lines += ["chipsim show NAME      describes one of these, or the keys below one, such as workload or chip.noc"]
    lines += ["chipsim show glossary TERM     says what a word of the output means"]
    lines += ["chipsim show text --yaml > MY.yaml      gives a commented file to start from"]
    tell("\n".join(lines))


def _result_file(path: Path) -> str:
    """What a file is that a run writes, and how it is read; empty for others and for what is not there."""
    from chipsim.cli.names import is_run_folder

    if path.suffix not in _RESULT_FILES or not path.is_file():
        return ""
    whole = (
        f"; `{shlex.join(('chipsim', 'show', str(path.parent)))}` says what came out of its run"
        if is_run_folder(str(path.parent))
        else ""
    )
    return _RESULT_FILES[path.suffix] + whole


def _one(name: str, settings: list[str], json: bool) -> None:
    from chipsim.cli.names import describes_chip, describes_sweep, is_path
    from chipsim.config import catalogue
    from chipsim.config.describe import experiment_keys, sweep_keys

    inputs = {**dict.fromkeys(catalogue.sources(".txt"), ".txt"), **dict.fromkeys(catalogue.sources(".log"), ".log")}
    if name.endswith(".npz"):
        describe_archive(Path(name).expanduser(), json)
    elif told := _result_file(Path(name).expanduser()):
        raise UsageError(f"{name}: no description in YAML, but {told}")
    elif describes_chip(name):
        describe_chip(name, settings, json)
    elif describes_sweep(name):
        describe_sweep(name, settings, json)
    elif is_path(name) or name in catalogue.experiments():
        describe_experiment(name, settings, json)
    elif name in inputs:
        describe_input(name, catalogue.source_path(name, inputs[name]), json)
    else:
        known_keys = (*experiment_keys(), *sweep_keys())
        keys = [key for key in known_keys if _below(key.path, name)]
        alike = [key for key in known_keys if key not in keys and key.path.rpartition(".")[2] == name]
        keys, alike = (keys, alike) if keys else (alike, [])
        if not keys:
            known = [
                *catalogue.experiments(),
                *catalogue.chips(),
                *catalogue.sweeps(),
                *inputs,
                *(key.path for key in known_keys),
            ]
            raise UsageError(
                f"nothing called {name!r:.60}{_elsewhere(name, known_keys) or did_you_mean(name, known)}; allowed:"
                " what `chipsim show` lists, a file, or a run folder"
            )
        if json:
            print_json([_key_object(key) for key in keys])
        else:
            tell("\n".join([*_key_texts(keys), *_also(alike)]))


def _elsewhere(name: str, keys: Sequence[KeyInfo]) -> str:
    """Where a name stands within a key path, as the value of a key, or in the glossary."""
    from chipsim.cli.glossary import entries

    for key in keys:
        steps = _plain(key.path).split(".")
        if name in steps:
            return f" (did you mean {'.'.join(steps[: steps.index(name) + 1])!r}?)"
    named = [entry for entry in entries() if name.lower() in entry.names]
    values = [_plain(key.path) for key in keys if name in key.allowed.split(" | ")]
    where = f" (a value of {values[0]}: `chipsim show {values[0]}`" if values else " ("
    if named:
        where += f"{'; ' if values else ''}`chipsim show glossary {named[0].names[0]}` explains it"
    return f"{where})" if values or named else ""


def _also(alike: list[KeyInfo]) -> list[str]:
    """Other keys of the same name, for ``seed`` is one of several."""
    names = dict.fromkeys(_plain(key.path) for key in alike)
    return [labelled("also", ", ".join(names))] if names else []


def _plain(path: str) -> str:
    """A key path as one writes it, without the kind in brackets."""
    return re.sub(r"\[\w+\]", "", path)


def _below(path: str, name: str) -> bool:
    """Whether a key is the one named or lies below it; the kind in brackets may be left out."""
    plain = path.replace("[", ".[").split("[")[0].rstrip(".") + path.partition("]")[2]
    return any(one == name or one.startswith((f"{name}.", f"{name}[")) for one in (path, plain))


def _run_folder(folder: Path, json: bool) -> None:
    from chipsim.cli.lines import ten_lines
    from chipsim.results.store import read_summary, summary_text

    summary = read_summary(folder)
    tell(summary_text(summary).rstrip() if json else "\n".join(ten_lines(summary, folder)))


def _measured(path: Path, json: bool) -> None:
    """The tables of a measured network, a series of sizes or of lengths, as its command printed them."""
    from chipsim.cli.complexity_lines import complexity_lines
    from chipsim.cli.noc_lines import noc_lines
    from chipsim.cli.scale_lines import scale_lines
    from chipsim.results.comparison.kinds import NOC_FILE, SCALE_FILE, read_object
    from chipsim.results.store import summary_text

    found = read_object(path)
    if json:
        tell(summary_text(found).rstrip())
        return
    try:
        lines = {NOC_FILE: noc_lines, SCALE_FILE: scale_lines}.get(path.name, complexity_lines)
        tell("\n".join(lines(found, path.parent)))
    except (KeyError, TypeError) as error:
        raise UsageError(f"{path}: of another version, or changed ({error}); make the result again") from error


def _key_lines(keys: tuple[KeyInfo, ...]) -> list[str]:
    rows = [(f"  {key.path}", f"{_short(key.allowed)}{f' (default {key.default})' if key.default else ''}") for key in keys]
    return columns(["  key", "allowed"], rows)


def _short(allowed: str) -> str:
    """What a key may hold, in a line: a constant's parts and bounds that nobody meets are left to `chipsim show KEY`."""
    return _FAR_BOUND.sub("", allowed.replace(_CONSTANT, ", a constant"))


def _key_texts(keys: list[KeyInfo]) -> Iterator[str]:
    for key in keys:
        yield key.path
        if key.text:
            yield labelled("", key.text, 4)
        yield labelled("", f"allowed: {key.allowed}", 4)
        if key.unit:
            yield labelled("", f"unit: {key.unit}", 4)
        yield labelled(
            "",
            f"default: {key.default or _GIVEN.get(key.path.partition('.')[0].partition('[')[0], 'none, it must be given')}",
            4,
        )
        for choice, about in _methods(key.path).items():
            yield labelled(f"      {choice}", about, 20)


def _methods(path: str) -> dict[str, str]:
    """What each method does that a key can name; nothing for other keys."""
    from chipsim.config.mapping import PARTITIONERS, PLACERS

    registries: dict[str, Registry[Any]] = {"mapping.partitioner": PARTITIONERS, "mapping.placer": PLACERS}
    return {name: method.about for name, method in registries[path].all().items()} if path in registries else {}


def _key_object(key: KeyInfo) -> dict[str, Any]:
    methods = _methods(key.path)
    told = {"key": key.path, "allowed": key.allowed, "unit": key.unit, "default": key.default, "text": key.text}
    return told | {"methods": methods} if methods else told


def _size(path: Path) -> str:
    text = path.read_text(encoding="utf-8")
    return f"{len(text):,} characters, {text.count(chr(10)):,} lines"
