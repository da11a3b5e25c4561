"""JSON Schemas of the chip, experiment and sweep formats, for editors and other tools, with the models' own descriptions.

They are made from the models and say what a *file* may hold: a chip by name, path or ``base``, a constant as bare text, one
``link_latency`` for both directions.
"""

from __future__ import annotations

import copy
import inspect
import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from pydantic import BaseModel

from chipsim.config import constant
from chipsim.config.chip import ChipSpec
from chipsim.config.experiment import Experiment
from chipsim.config.keys import models_below
from chipsim.config.rate import Rate
from chipsim.config.sweep import SweepFile

_DIALECT = "https://json-schema.org/draft/2020-12/schema"
_CONSTANTS = ("TimeConstant", "ActionTime", "EnergyConstant", "PowerConstant")
_ATTRIBUTE = re.compile(r"^ {4}(?P<names>\w+(?:, \w+)*): (?P<text>.*)$")


def schemas() -> dict[str, str]:
    """Text of every schema by file name."""
    made = {
        "chip.schema.json": chip_schema(),
        "experiment.schema.json": experiment_schema(),
        "sweep.schema.json": sweep_schema(),
    }
    return {name: json.dumps(schema, indent=1, ensure_ascii=False) + "\n" for name, schema in made.items()}


def write_schemas(folder: Path) -> tuple[Path, ...]:
    """Write every schema into a folder, which is made where it is missing; returns the files."""
    folder.mkdir(parents=True, exist_ok=True)
    files = []
    for name, text in schemas().items():
        path = folder / name
        path.write_text(text, encoding="utf-8")
        files.append(path)
    return tuple(files)


def chip_schema() -> dict[str, Any]:
    """Schema of a chip file."""
    definitions = _definitions(ChipSpec)
    _allow_chip_files(definitions)
    return {"$schema": _DIALECT, "title": "chipsim chip", "$ref": "#/$defs/Chip", "$defs": definitions}


def experiment_schema() -> dict[str, Any]:
    """Schema of an experiment file."""
    definitions = _definitions(Experiment)
    _allow_chip_files(definitions)
    experiment = definitions["Experiment"]
    chip = {"anyOf": [{"type": "string", "minLength": 1}, {"$ref": "#/$defs/Chip"}]}
    experiment["properties"]["chip"] = chip | {"description": "name of a shipped chip, path of a chip file, or a chip"}
    return {"$schema": _DIALECT, "title": "chipsim experiment", "$ref": "#/$defs/Experiment", "$defs": definitions}


def sweep_schema() -> dict[str, Any]:
    """Schema of a sweep file. What a key path may hold is not in it: the loader tells, for every point."""
    definitions = _definitions(SweepFile)
    base = {"anyOf": [{"type": "string", "minLength": 1}, {"type": "object"}]}
    sweep = definitions["SweepFile"]
    sweep["properties"]["base"] = base | {"description": sweep["properties"]["base"]["description"]}
    return {"$schema": _DIALECT, "title": "chipsim sweep", "$ref": "#/$defs/SweepFile", "$defs": definitions}


def _definitions(model: type[BaseModel]) -> dict[str, Any]:
    """Schemas of a model and of all below it by name, described by the docstrings of their classes."""
    schema = model.model_json_schema()
    definitions: dict[str, Any] = schema.pop("$defs", {})
    definitions[model.__name__] = schema
    for one in models_below(model):
        definition = definitions.get(one.__name__)
        if definition is not None:
            _describe(definition, one)
    for name in _CONSTANTS:
        if name in definitions:
            _allow_bare_text(definitions[name])
    if "SyncTable" in definitions:
        _allow_short_sync(definitions["SyncTable"], definitions["SyncStep"])
    return definitions


def _describe(definition: dict[str, Any], model: type[BaseModel]) -> None:
    """Replace generated titles by what the docstrings say; a subclass adds to its base."""
    doc = inspect.getdoc(model) or ""
    definition["description"] = doc.split("\n")[0].replace("``", "")
    definition.pop("title", None)
    texts: dict[str, str] = {}
    for base in reversed(model.__mro__):
        if issubclass(base, constant.Spec):
            texts |= dict(_attributes(inspect.getdoc(base) or ""))
    for name, field in definition["properties"].items():
        field.pop("title", None)
        if name in texts:
            field["description"] = texts[name]
        default = model.model_fields[name].default
        if isinstance(default, Rate):
            field["default"] = str(default)


def _attributes(doc: str) -> Iterator[tuple[str, str]]:
    """(field, text) from the Attributes section of a docstring; continuation lines are joined."""
    names: list[str] = []
    text = ""
    for line in [*doc.partition("Attributes:\n")[2].split("\n"), ""]:
        found = _ATTRIBUTE.match(line)
        if found is None and line.startswith("        "):
            text += " " + line.strip()
            continue
        yield from ((name, text.replace("``", "")) for name in names)
        names = found["names"].split(", ") if found else []
        text = found["text"] if found else ""


def _allow_bare_text(definition: dict[str, Any]) -> None:
    """A constant may be given as text with a unit, as null (unknown), or in full."""
    value = next(option for option in definition["properties"]["value"]["anyOf"] if option["type"] == "string")
    whole = dict(definition)
    definition.clear()
    definition.update({"description": whole.pop("description"), "anyOf": [value, {"type": "null"}, whole]})


def _allow_short_sync(table: dict[str, Any], step: dict[str, Any]) -> None:
    """Barrier times may be given as one time, as a list of steps, or in full, with grade and source or without."""
    whole = dict(table)
    whole["required"] = ["steps"]
    table.clear()
    forms = [step["properties"]["time"] | {"description": "one for all"}, whole["properties"]["steps"], whole]
    table.update({"description": whole.pop("description"), "anyOf": forms})


def _allow_chip_files(definitions: dict[str, Any]) -> None:
    """Add ``Chip``: a whole chip, or a base with whatever differs; one latency may stand for both directions of a link."""
    noc = definitions["NocSpec"]
    both = ["link_latency_ew", "link_latency_ns"]
    noc["properties"]["link_latency"] = {"$ref": "#/$defs/TimeConstant", "description": "one hop in any direction"}
    noc["required"] = [name for name in noc["required"] if name not in both]
    noc["oneOf"] = [{"required": ["link_latency"]}, {"required": both}]
    parts = _below("ChipSpec", definitions)
    for name in sorted(parts):
        definitions[f"Partial{name}"] = _partial(copy.deepcopy(definitions[name]), parts)
    partial = definitions["PartialChipSpec"]
    partial["properties"]["base"] = {"type": "string", "minLength": 1, "description": "the chip that this one differs from"}
    definitions["Chip"] = {
        "if": {"required": ["base"]},
        "then": {"$ref": "#/$defs/PartialChipSpec"},
        "else": {"$ref": "#/$defs/ChipSpec"},
    }


def _below(name: str, definitions: dict[str, Any]) -> set[str]:
    """Names of a definition and of all that it refers to."""
    found: set[str] = set()
    todo = [name]
    while todo:
        current = todo.pop()
        if current not in found:
            found.add(current)
            todo += re.findall(r'"#/\$defs/(\w+)"', json.dumps(definitions[current]))
    return found


def _partial(schema: Any, parts: set[str]) -> Any:
    """A schema in which nothing is required, here and below."""
    if isinstance(schema, list):
        return [_partial(item, parts) for item in schema]
    if not isinstance(schema, dict):
        return schema
    reference = schema.get("$ref", "").removeprefix("#/$defs/")
    if reference in parts:
        return schema | {"$ref": f"#/$defs/Partial{reference}"}
    kept = {
        key: value for key, value in schema.items() if not (key == "required" or (key == "oneOf" and "properties" in schema))
    }
    return {key: _partial(value, parts) for key, value in kept.items()}
