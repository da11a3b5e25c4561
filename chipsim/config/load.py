"""Descriptions from shipped names, files and ``--set`` texts: read, put together, then validated as a whole."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TypeVar

from pydantic import BaseModel, ValidationError

from chipsim.beside import beside
from chipsim.config import catalogue, overrides, tree
from chipsim.config.chip import ChipSpec
from chipsim.config.experiment import Experiment
from chipsim.config.problems import config_error
from chipsim.config.yaml12 import Document, KeyPath, Mark, read_document
from chipsim.errors import ConfigError
from chipsim.foreign import KINDS, how_to_run
from chipsim.registry import did_you_mean

DEFAULT_EXPERIMENT = "text"

_PATHS: tuple[KeyPath, ...] = (("workload", "path"), ("mapping", "file"))
"""Keys that hold the path of a file of the user's."""

_EDGES: KeyPath = ("noc", "edges")
"""Likewise, within a chip."""

_LINK_LATENCY = ("link_latency_ew", "link_latency_ns")

_MOST_BASES = 8  # a chip on a chip on a chip ... : deeper than this is a ring

Model = TypeVar("Model", bound=BaseModel)


def load_experiment(name_or_path: str | None = None, settings: Sequence[str] = (), there: bool = False) -> Experiment:
    """An experiment by shipped name or file, with ``path=value`` texts applied after its names are resolved.

    Paths inside a file are taken from that file's folder; those of shipped files and of ``settings`` from the current folder.

    Args:
        name_or_path: shipped name, path of a YAML file, or None for the default experiment.
        settings: ``--set`` texts in order, e.g. ``chip.noc.router=ideal``.
        there: whether the files that it names must be there, for who is about to read them.

    Raises:
        ConfigError: a file or value is wrong; one line per problem, with file:line:column and key path.
        UsageError: a ``--set`` text is malformed.
    """
    name = name_or_path or DEFAULT_EXPERIMENT
    given = [overrides.parse(setting) for setting in settings]
    document = experiment_document(name, Path.cwd())
    experiment = resolve(document, given, name in catalogue.experiments())
    if there:
        _refuse_missing(_changed(document, given))
    return experiment


def _refuse_missing(document: Document) -> None:
    """Say where a file of the user's is named that is not there. Raises ConfigError."""
    for key in _PATHS:
        named = tree.at(document, key) if tree.has(document, key) else None
        if named is not None and isinstance(named.value, str) and not (path := Path(named.value)).exists():
            suffixes = (f"*{path.suffix}",) if path.suffix and any(path.parent.glob(f"*{path.suffix}")) else ("*",)
            raise ConfigError(
                f"{named.values[()]}: {'.'.join(map(str, key))}: {path}: there is no such file{beside(path, suffixes)}"
            )


def _changed(document: Document, settings: Sequence[overrides.Override]) -> Document:
    """A document after settings: a whole is set before its parts."""
    for setting in sorted(settings, key=lambda one: len(one.path)):
        document = _apply(document, setting)
    return document


def resolve(document: Document, settings: Sequence[overrides.Override], fit: bool) -> Experiment:
    """The experiment of a prepared document after settings, for every command and every point of a sweep.

    A whole is set before its parts, so that ``chip`` and ``chip.noc.router`` go together in any order; else the last one counts.

    Args:
        document: what `experiment_document` or `prepare_experiment` gives.
        settings: key paths with their values.
        fit: whether workload and mapping take what an input says that settings have it read (`WorkloadSpec.fitted`, ``fitted_mapping``), as
            shipped experiments do; what a file of the user's says is meant, but for an input that has less (`WorkloadSpec.shortened`).

    Raises:
        ConfigError: a value is wrong; one line per problem.
    """
    experiment = validated(Experiment, _changed(document, settings))
    named, of_mapping = _named(settings, "workload"), _named(settings, "mapping")
    workload, mapping = experiment.workload, experiment.mapping
    if fit and "" not in named:  # else the workload as a whole is the user's
        workload = workload.fitted(named)
        mapping = workload.fitted_mapping(mapping, named, of_mapping)
    workload = workload.shortened(named)
    return experiment.model_copy(update={"workload": workload, "mapping": mapping})


def _named(settings: Sequence[overrides.Override], part: str) -> frozenset[str]:
    """Keys below a part of an experiment that settings name; "" for the part as a whole."""
    return frozenset(str(one.path[1]) if len(one.path) > 1 else "" for one in settings if one.path[0] == part)


def experiment_document(name_or_path: str, folder: Path) -> Document:
    """What a shipped name or a file says of an experiment: its chip read in, its paths absolute, nothing validated yet.

    Args:
        name_or_path: shipped name, or path of a YAML file.
        folder: where a relative path starts.

    Raises:
        ConfigError: the file cannot be read, or is not of an experiment.
    """
    path, inner = find(name_or_path, "experiment", folder)
    document = read_document(path)
    if not isinstance(document.value, dict):
        raise ConfigError(f"{path}: {_empty(document)}; allowed: a mapping with the keys chip, workload, ...")
    if "workload" not in document.value and ("networks" in document.value or "manifest" in document.value):
        raise ConfigError(f"{path}: the configuration of a SONATA network, not an experiment; {KINDS['sonata']}")
    if "noc" in document.value and "workload" not in document.value:
        raise ConfigError(f"{path}: this describes a chip, not an experiment; name it under the key chip of an experiment")
    if "grid" in document.value and "workload" not in document.value:
        raise ConfigError(f"{path}: this describes a sweep, not an experiment; run it with `chipsim sweep`")
    return prepare_experiment(document, inner, path.stem)


def prepare_experiment(document: Document, folder: Path, name: str) -> Document:
    """An experiment's mapping with its chip read in and its paths absolute; ``name`` where it gives none itself."""
    document = _prepare(document, folder)
    if "name" not in document.value:
        mark = Mark(document.values[()].where)
        document = tree.put(document, ("name",), Document(name[:100] or "experiment", {}, {(): mark}), mark)
    return document


def load_chip(name_or_path: str, settings: Sequence[str] = ()) -> ChipSpec:
    """A chip by shipped name or file; ``settings`` name keys of the chip, with or without ``chip.`` before them.

    Raises:
        ConfigError, UsageError: as for `load_experiment`.
    """
    mark = Mark(f"chip {name_or_path!r:.60}")
    document = _chip(Document(name_or_path, {}, {(): mark}), Path.cwd())
    document = tree.wrap(document, ("chip",), mark)
    for setting in settings:
        override = overrides.parse(setting)
        path = override.path if override.path[0] == "chip" else ("chip", *override.path)
        document = _apply(document, overrides.Override(path, override.part, override.mark))
    return validated(ChipSpec, tree.at(document, ("chip",)), "chip.")


def validated(model: type[Model], document: Document, prefix: str = "") -> Model:
    """The model of a document. Raises ConfigError with one line per problem; ``prefix`` goes before every key path."""
    try:
        return model.model_validate(document.value)
    except ValidationError as error:
        raise config_error(error, document, model, prefix) from None


def find(name: str, what: str, folder: Path) -> tuple[Path, Path]:
    """File of a name or path of a chip, experiment or sweep, and the folder that paths in it start from."""
    if "\0" in name:
        raise ConfigError(f"{what} {name!r:.60}: not a name or path")
    if _is_path(name):
        try:
            path = folder / Path(name).expanduser()
        except RuntimeError as error:
            raise ConfigError(f"{what} {name!r:.60}: {error}") from None
        return path, path.absolute().parent
    names = {"chip": catalogue.chips, "experiment": catalogue.experiments, "sweep": catalogue.sweeps}[what]()
    if name not in names and (instead := how_to_run(name)):
        if not (folder / name).exists():
            raise ConfigError(f"{name}: there is no such file, and it would be no {what}, which is a file in YAML: {instead}")
        raise ConfigError(f"{name}: no {what}, which is a file in YAML; {instead}")
    if name not in names:
        raise ConfigError(
            f"no {what} called {name!r:.60} is shipped{did_you_mean(name, names)}; allowed: {', '.join(names)},"
            f" or the path of a file of yours (with a / or ending in .yaml)"
        )
    return catalogue.config_path(f"{what}s/{name}.yaml"), Path.cwd()


def _is_path(name: str) -> bool:
    return "/" in name or "\\" in name or name.endswith((".yaml", ".yml", ".json"))


def absolute(part: Document, path: KeyPath, folder: Path) -> Document:
    """A value that is to stand at a key path of an experiment, its paths starting from ``folder``; shipped names stay."""
    whole = tree.wrap(part, path, part.values[()])
    for key in (*_PATHS, ("chip", *_EDGES), ("chip",), ("chip", "base")):
        if len(key) >= len(path) and tree.has(whole, key):
            one = tree.at(whole, key)
            if isinstance(one.value, str) and one.value and (key[-1] not in ("chip", "base") or _is_path(one.value)):
                text = str((folder / _home(one, key)).absolute())
                whole = tree.put(whole, key, Document(text, {}, one.values), whole.keys[key])
    return tree.at(whole, path)


def _prepare(document: Document, folder: Path) -> Document:
    """An experiment's document, or part of one, with its chip read in and its paths made absolute."""
    for key in _PATHS:
        document = _rooted(document, key, folder)
    if tree.has(document, ("chip",)):
        part = tree.at(document, ("chip",))
        document = tree.put(document, ("chip",), _chip(part, folder), document.keys[("chip",)])
    return document


def _rooted(document: Document, key: KeyPath, folder: Path) -> Document:
    """A document with the path at a key made absolute, if there is one."""
    if not tree.has(document, key):
        return document
    part = tree.at(document, key)
    if not (isinstance(part.value, str) and part.value):
        return document
    text = str((folder / _home(part, key)).absolute())
    return tree.put(document, key, Document(text, {}, part.values), document.keys[key])


def _home(part: Document, key: KeyPath) -> Path:
    try:
        return Path(part.value).expanduser()
    except RuntimeError as error:
        raise ConfigError(f"{part.values[()]}: {'.'.join(map(str, key))}: {error}") from None


def _chip(document: Document, folder: Path, depth: int = 0) -> Document:
    """A chip's document: a name or path read in, a ``base`` overlaid, ``link_latency`` spelt out."""
    value, mark = document.value, document.values[()]
    if depth > _MOST_BASES:
        raise ConfigError(f"{mark}: chip.base: more than {_MOST_BASES} chips based on one another; is it a ring?")
    if isinstance(value, str):
        try:
            path, inner = find(value, "chip", folder)
            read = read_document(path, "chip.")
        except ConfigError as error:
            raise ConfigError(str(error) if mark.where.startswith("chip ") else f"{mark}: chip: {error}") from None
        if not isinstance(read.value, dict):
            raise ConfigError(f"{path}: {_empty(read)}; allowed: a chip, a mapping with the keys name, noc, core, ...")
        if "workload" in read.value and "noc" not in read.value:
            raise ConfigError(f"{mark}: chip: {path} describes an experiment, not a chip")
        return _chip(read, inner, depth + 1)
    document = _rooted(document, _EDGES, folder)
    if isinstance(value, dict) and "base" in value:
        below = tree.at(document, ("base",))
        if not isinstance(below.value, str):
            raise ConfigError(f"{below.values[()]}: chip.base: allowed: the name of a shipped chip or the path of a chip file")
        own = _spell_out(tree.drop(document, ("base",)))
        base = _chip(below, folder, depth + 1)
        chip = _sourced(base, tree.merge(base, own))
        # with another network or other cores it is no longer the chip that was described
        same = "description" in own.value or not {"noc", "core"} & set(own.value)
        return chip if same else tree.drop(chip, ("description",))
    return _spell_out(document)


def _sourced(before: Document, after: Document) -> Document:
    """A chip some of whose numbers were changed: their grade and source were of the old ones."""
    told = before.value.get("provenance") if isinstance(before.value, dict) else None
    if not isinstance(told, dict):
        return after
    for name in told:
        path, key = tuple(str(name).split(".")), ("provenance", name)
        if not (tree.has(before, path) and tree.has(after, path) and tree.has(after, key)):
            continue
        part = tree.at(after, path)
        if part.value != tree.at(before, path).value and tree.at(after, key).value == told[name]:
            mark = part.values[()]
            after = tree.put(after, key, overrides.unsourced(part.value, mark), mark)
    return after


def _spell_out(chip: Document) -> Document:
    """``noc.link_latency`` stands for both directions."""
    key = ("noc", "link_latency")
    if not (isinstance(chip.value, dict) and isinstance(chip.value.get("noc"), dict) and tree.has(chip, key)):
        return chip
    part, mark = tree.at(chip, key), chip.keys[key]
    for name in _LINK_LATENCY:
        if name in chip.value["noc"]:
            raise ConfigError(f"{mark}: chip.noc.link_latency: stands for both directions; keep it or {name}, not both")
        chip = tree.put(chip, ("noc", name), part, mark)
    return tree.drop(chip, key)


def _apply(document: Document, override: overrides.Override) -> Document:
    """One ``--set`` on a document whose names are resolved."""
    path, part, mark = override.path, override.part, override.mark
    if path[:3] == ("chip", "noc", "link_latency"):
        for name in _LINK_LATENCY:
            document = _apply(document, overrides.Override(("chip", "noc", name, *path[3:]), part, mark))
        return document
    part = tree.at(_prepare(tree.wrap(part, path, mark), Path.cwd()), path)
    path, part = overrides.constant_value(document, path, part, mark)
    for other in overrides.replaced_by(path):
        document = tree.drop(document, other)
    changed = tree.put(document, path, part, mark)
    if path[0] == "chip" and len(path) > 1 and isinstance(document.value.get("chip"), dict):
        chip = _sourced(*(tree.at(one, ("chip",)) for one in (document, changed)))
        return tree.put(changed, ("chip",), chip, changed.keys[("chip",)])
    return changed


def _empty(document: Document) -> str:
    return "is empty" if document.value is None else "is not a mapping"
