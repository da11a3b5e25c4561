"""From what pydantic finds wrong to one line per problem: place, key path, what was found, what is allowed."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from pydantic import BaseModel, ValidationError

from chipsim.config import catalogue
from chipsim.config.constant import FieldError
from chipsim.config.keys import allowed_keys, key_paths, kinds
from chipsim.config.yaml12 import Document, KeyPath, Mark
from chipsim.errors import ConfigError
from chipsim.foreign import KINDS
from chipsim.registry import did_you_mean
from chipsim.units import number_hint

_WORD = re.compile(r"[\w.-]+", re.ASCII)
_PERCENT = re.compile(r"(\d{1,9}(?:\.\d{1,9})?) ?%", re.ASCII)
_MOST = 12  # lines of one message
_WANTED = {
    "int_type": "a whole number",
    "int_from_float": "a whole number",
    "int_parsing": "a whole number",
    "float_type": "a number",
    "float_parsing": "a number",
    "string_type": "text",
    "bool_type": "true or false",
    "tuple_type": "a list",
    "mapping_type": "a mapping",
    "dict_type": "a mapping",
}
_MODELS = ("model_type", "model_attributes_type", "dataclass_type")
_MISMATCHES = frozenset({*_WANTED, *_MODELS})
_LIMITS = {
    "greater_than": ("gt", "more than"),
    "greater_than_equal": ("ge", "at least"),
    "less_than": ("lt", "less than"),
    "less_than_equal": ("le", "at most"),
}


def config_error(error: ValidationError, document: Document, model: type[BaseModel], prefix: str = "") -> ConfigError:
    """One ConfigError from a failed validation; ``prefix`` goes before every key path (``chip.``)."""
    found = _told([dict(item) for item in error.errors(include_url=False)], document)
    lines = list(dict.fromkeys(_line(item, document, model, prefix) for item in found))
    if len(lines) > _MOST:
        lines = [*lines[:_MOST], f"and {len(lines) - _MOST} more problems"]
    return ConfigError("\n".join(lines))


def _told(items: list[dict[str, Any]], document: Document) -> list[dict[str, Any]]:
    """Problems without those of kinds of value that the user did not mean: of ``{networks: 2, delay: 9}``, which may also be a number,
    that delay is too large, and not that it is no number.
    """
    places = [(_path(item["loc"], document.value)[0], item["type"] in _MISMATCHES) for item in items]
    return [
        item
        for item, (path, mismatch) in zip(items, places, strict=True)
        if not mismatch
        or not any(other[: len(path)] == path and (len(other) > len(path) or not another) for other, another in places)
    ]


def _line(item: dict[str, Any], document: Document, model: type[BaseModel], prefix: str) -> str:
    kind, context, found = item["type"], item.get("ctx", {}), item["input"]
    loc: tuple[str | int, ...] = item["loc"]
    cause = context.get("error")
    if isinstance(cause, FieldError):
        loc = (*loc, *cause.key)
    if kind == "union_tag_invalid":
        loc = (*loc, "kind")
    path, missing = _path(loc, document.value)
    named = missing is not None and (kind == "missing" or isinstance(cause, FieldError))
    shown = (*path, missing) if named else path
    key = prefix + ".".join(map(str, shown))
    keys = allowed_keys(model, loc[:-1] if kind == "extra_forbidden" else loc)
    mark = document.keys.get(path) if kind == "extra_forbidden" else None
    where = f"{mark or _mark(document, path)}: {key + ': ' if key else ''}"
    if cause is not None:
        return f"{where}{cause}"
    if kind == "missing":
        return f"{where}missing; allowed: {_field_hint(keys, shown)}, it has no default"
    if kind == "extra_forbidden":
        name = str(path[-1]) if path else ""
        return f"{where}unknown key{_suggest(name, keys, model, prefix)}; allowed here: {', '.join(keys) or 'nothing'}"
    if kind == "union_tag_invalid":
        tags, tag = kinds(model, loc[:-1]), str(context["tag"])
        instead = f"; {KINDS[tag.lower()]}" if tag.lower() in KINDS and loc[0] == "workload" else ""
        return (
            f"{where}unknown kind {tag!r:.60}{'' if instead else did_you_mean(tag, tags)}; allowed: {', '.join(tags)}{instead}"
        )
    if kind == "union_tag_not_found":
        return f"{where}no kind given; allowed: {', '.join(kinds(model, loc)) or 'a kind'}, for example kind: text"
    if kind in ("literal_error", "enum"):
        words = context["expected"].replace(" or ", ", ").replace("'", "").split(", ")
        return f"{where}found {_show(found)}{did_you_mean(str(found), words)}; allowed: {', '.join(words)}"
    if kind in _MODELS:
        return f"{where}found {_show(found)}; allowed: {_field_hint(keys, shown)}"
    if kind in _WANTED:
        return f"{where}found {_show(found)}; allowed: {_WANTED[kind]}{_hint(kind, found, key)}"
    if kind in _LIMITS:
        name, words_ = _LIMITS[kind]
        return f"{where}found {_show(found)}; allowed: {words_} {context[name]}"
    if kind == "string_too_short":
        return f"{where}found empty text; allowed: at least {context['min_length']} character"
    if kind == "too_short":
        return f"{where}found {_items(context['actual_length'])}; allowed: at least {_items(context['min_length'])}"
    if kind in ("too_long", "string_too_long"):
        return f"{where}too long; allowed: at most {context['max_length']}"
    return f"{where}found {_show(found)}; {item['msg'][:1].lower()}{item['msg'][1:]}"


def _hint(kind: str, found: Any, key: str) -> str:
    """What to write instead of a text that is nearly right."""
    if not isinstance(found, str):
        return ""
    if _WANTED[kind] == "a list":
        return f", for example [{found}]" if _WORD.fullmatch(found) else ""
    if _WANTED[kind] not in ("a number", "a whole number"):
        return ""
    if (percent := _PERCENT.fullmatch(found)) is not None:
        return f"{_range(key)}, such as {float(percent[1]) / 100:g}"
    return number_hint(found)


def _range(key: str) -> str:
    """The limits of a number, with a comma before them; empty where it has none."""
    from chipsim.config.describe import experiment_keys  # needs the schema of everything

    allowed = next((one.allowed for one in experiment_keys() if one.path == key), "")
    found = re.fullmatch(r"(?:whole )?number ([^|]+?)(?: \|.*)?", allowed)
    return f", {found[1]}" if found is not None else ""


def _items(count: int) -> str:
    return f"{count} item" if count == 1 else f"{count} items"


def _path(loc: tuple[str | int, ...], value: Any) -> tuple[KeyPath, str | int | None]:
    """Key path within the document that an error's location stands for, and the key that is missing at its end.

    Steps that pydantic adds (tags of unions) or that the document does not have (fields of a constant given as text) are left
    out.
    """
    path: list[str | int] = []
    missing: str | int | None = None
    for step in loc:
        missing = None
        inside = step in value if isinstance(value, dict) else isinstance(value, list) and step in range(len(value))
        if inside:
            path.append(step)
            value = value[step]
        elif isinstance(value, dict):
            missing = step
    return tuple(path), missing


def _mark(document: Document, path: KeyPath) -> Mark:
    """Place of a value, or of the closest thing around it."""
    while path and path not in document.values:
        path = path[:-1]
    return document.values.get(path, Mark("?"))


def _show(value: Any) -> str:
    if value is None:
        return "nothing (null)"
    if isinstance(value, Mapping):
        return "a mapping"
    if isinstance(value, (list, tuple)):
        return "a list"
    if isinstance(value, bool):
        return str(value).lower()
    kind = "text " if isinstance(value, str) else "number "
    text = repr(value)
    return kind + (text if len(text) <= 60 else text[:57] + "...")


def _suggest(name: str, keys: tuple[str, ...], model: type[BaseModel], prefix: str) -> str:
    """The closest key allowed here, else where that very key does live."""
    close = did_you_mean(name, keys)
    if close:
        return close
    elsewhere = list(dict.fromkeys(path for path in key_paths(model) if path.rpartition(".")[2] == name))[:3]
    return f"; there is {', '.join(prefix + path for path in elsewhere)}" if elsewhere else ""


def _field_hint(keys: tuple[str, ...], path: tuple[str | int | None, ...]) -> str:
    """What may stand at a key: a chip may be named."""
    whole = f"a mapping with the keys {', '.join(keys)}" if keys else "a value"
    if path != ("chip",):
        return whole
    return f"the name of a shipped chip ({', '.join(catalogue.chips())}), the path of a chip file, or {whole}"
