"""Every key of an experiment with what it may hold, for people: what ``chipsim show`` lists."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from chipsim import units
from chipsim.config.schema import experiment_schema, sweep_schema

_BOUNDS = (("minimum", "from"), ("exclusiveMinimum", "above"), ("maximum", "to"), ("exclusiveMaximum", "below"))


_QUANTITIES = (
    (units.TIME_UNITS, "0 ps or later, a delay between components at least 1 ps; whole picoseconds"),
    (units.ENERGY_UNITS, "0 pJ to 1 J"),
    (units.POWER_UNITS, "0 mW to 1000 kW"),
    (units.MEMORY_UNITS, "1 bit to 128 GiB"),
    (units.FREQUENCY_UNITS, "above 0"),
)
"""Units, and how far what they measure may go (``chipsim.config.constant``)."""


@dataclass(frozen=True, slots=True)
class KeyInfo:
    """One key.

    Attributes:
        path: key path; the keys of one kind of workload or fault only have it in brackets, ``workload[log].fields``.
        allowed: what it may hold.
        default: its default as text, empty where it must be given.
        text: what it means.
        unit: units of a quantity with the range of what they measure, empty for other values.
    """

    path: str
    allowed: str
    default: str
    text: str
    unit: str = ""


def sweep_keys() -> tuple[KeyInfo, ...]:
    """All keys of a sweep, below ``sweep``."""
    return tuple(_keys("sweep.", {"$ref": "#/$defs/SweepFile"}, sweep_schema()["$defs"]))


def experiment_keys() -> tuple[KeyInfo, ...]:
    """All keys of an experiment, those of its chip included, in order of the format."""
    definitions = experiment_schema()["$defs"]
    definitions["Experiment"]["properties"]["chip"] = {"$ref": "#/$defs/ChipSpec"}
    return tuple(_keys("", {"$ref": "#/$defs/Experiment"}, definitions))


def _keys(prefix: str, schema: dict[str, Any], definitions: dict[str, Any]) -> Iterator[KeyInfo]:
    """Keys below a schema, depth first."""
    owner = _resolve(schema, definitions)
    for name, field in owner.get("properties", {}).items():
        path = f"{prefix}{name}"
        inner = _resolve(field, definitions)
        if "properties" in inner:
            yield from _keys(f"{path}.", field, definitions)
            continue
        items = _resolve(inner.get("items", {}), definitions)
        choices = inner if "discriminator" in inner else items
        if "discriminator" in choices:
            for kind, reference in choices["discriminator"]["mapping"].items():
                yield from _keys(f"{path}[{kind}].", {"$ref": reference}, definitions)
            continue
        default = _plain(field["default"]) if "default" in field else ""
        text = field.get("description", inner.get("description", ""))
        yield KeyInfo(path, _allowed(inner, definitions), default, text, _unit(inner, definitions))
        if (below := _within(inner, definitions)) is not None:
            yield from _keys(f"{path}[each]." if inner.get("type") == "array" else f"{path}.", below, definitions)


def _within(schema: dict[str, Any], definitions: dict[str, Any]) -> dict[str, Any] | None:
    """The mapping with keys of its own that a value may be, or a list may hold; None where there is none, or it is a constant."""
    for option in (schema.get("items", {}), *schema.get("anyOf", ())):
        found = _resolve(option, definitions)
        if "properties" in found and "grade" not in found["properties"]:
            return found
    return None


def _resolve(schema: dict[str, Any], definitions: dict[str, Any]) -> dict[str, Any]:
    """The schema that a reference stands for, or the schema itself."""
    reference = schema.get("$ref", "")
    found: dict[str, Any] = definitions[reference.removeprefix("#/$defs/")] if reference else schema
    return found


def _allowed(schema: dict[str, Any], definitions: dict[str, Any]) -> str:
    """What a value may be, in words."""
    schema = _resolve(schema, definitions)
    if "enum" in schema or "const" in schema:
        return " | ".join(_plain(word) for word in schema.get("enum", [schema.get("const")]))
    if "anyOf" in schema:
        words = [_allowed(option, definitions) for option in schema["anyOf"]]
        return " | ".join(dict.fromkeys(words))
    kind = schema.get("type")
    if kind in ("integer", "number"):
        word = "whole number" if kind == "integer" else "number"
        return word + "".join(f" {text} {schema[key]}" for key, text in _BOUNDS if key in schema)
    if kind == "array" and "prefixItems" in schema:
        return "[" + ", ".join(_allowed(one, definitions) for one in schema["prefixItems"]) + "]"
    if kind == "array":
        return f"list of ({_allowed(schema.get('items', {}), definitions)})"
    if kind == "boolean":
        return "true | false"
    if kind == "string":
        return f'text such as "{schema["examples"][0]}"' if schema.get("examples") else "text"
    return {"null": "null", "object": "mapping of " + ", ".join(schema.get("properties", ("key: value",)))}.get(
        str(kind), "any value"
    )


def _unit(schema: dict[str, Any], definitions: dict[str, Any]) -> str:
    """Units of the quantity that a value may be, and from where to where it may go."""
    schema = _resolve(schema, definitions)
    for option in schema.get("anyOf", ()):
        if found := _unit(option, definitions):
            return found
    examples = schema.get("examples") or [""]
    unit = str(examples[0]).rpartition(" ")[2]
    return next((f"{', '.join(names)}; {reach}" for names, reach in _QUANTITIES if unit in names), "")


def _plain(value: Any) -> str:
    """A default as YAML would write it."""
    if value is None:
        return "null"
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, list):
        return "[" + ", ".join(map(_plain, value)) + "]"
    if isinstance(value, dict) and "grade" in value:
        return str(value["value"] or "unknown")
    return "{}" if value == {} else str(value)
