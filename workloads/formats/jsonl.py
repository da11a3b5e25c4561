"""Event logs as JSON lines: one object per line."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import NoReturn

from chipsim.errors import WorkloadError
from workloads.formats.clock import Clock, tick
from workloads.formats.files import read_lines
from workloads.formats.log import LogEvent
from workloads.formats.reading import Reading

_MAX_DEPTH = 64
"""Objects within objects; deeper is not an event but an attack on the reader."""

MAX_NAME = 1024
"""Longest name of a field, characters, dots included: every leaf repeats the names of the objects around it."""


def read_jsonl(path: Path, time: str = "time", time_scale: float = 1.0, reading: Reading | None = None) -> Iterator[LogEvent]:
    """Read the events of a JSON-lines log.

    Args:
        path: The file: one object per line, oldest first; blank lines are skipped.
        time: Key of the time, a text or a number; its styles are those of ``workloads.formats.clock``. A dotted name reaches
            into objects: ``meta.time``.
        time_scale: Units of event time in a second; fractions of a unit are cut off.
        reading: Where skipped lines, late events and the like are counted.

    Yields:
        An event per object. Fields of objects within it get dotted names, numbers stay as they are written, ``true`` and
        ``false`` are text, a list is JSON text (its numbers as text), ``null`` is an absent field.

    Raises:
        WorkloadError: what ``read_lines`` refuses, a line that is not one JSON object, a key twice, too deep, text that is not
            Unicode (a lone surrogate), no time, a bad time, times too far out of order.
    """
    clock = Clock(scale=Decimal(str(time_scale)))
    reading = reading or Reading()
    for line in read_lines(path):
        if not line.text.strip():
            reading.skipped += 1
            continue
        where = f"{path}:{line.number}"
        fields = _flat(_object(line.text, where), where)
        if time not in fields:
            names = ", ".join(repr(name) for name in fields)[:300] or "none"
            raise WorkloadError(
                f"{where}:1: the event has no {time!r} for the time; keys found: {names}; name it in workload.time"
            )
        try:
            clock = tick(clock, fields[time], reading, line.number)
        except ValueError as error:
            place = line.text.find(json.dumps(time)) + 1 or 1
            raise WorkloadError(f"{where}:{place}: key {time!r}: {error}") from None
        yield LogEvent(clock.last, fields, fields[time], line.number)


def _object(text: str, where: str) -> dict[str, object]:
    """The JSON object of a line; numbers as text."""
    try:
        value = json.loads(
            text, parse_int=str, parse_float=str, parse_constant=_refuse_constant, object_pairs_hook=_no_key_twice
        )
    except json.JSONDecodeError as error:
        raise WorkloadError(
            f"{where}:{error.colno}: this is not JSON: {error.msg}; every line must be one JSON object"
        ) from None
    except RecursionError:
        raise WorkloadError(
            f"{where}:1: objects or lists are nested too deep, at most {_MAX_DEPTH} levels are allowed"
        ) from None
    except ValueError as error:
        raise WorkloadError(f"{where}:1: {error}") from None
    if not isinstance(value, dict):
        raise WorkloadError(f"{where}:1: found a {_KINDS[type(value)]}, every line must be one JSON object: {{...}}")
    return value


_KINDS = {list: "list", str: "text or number", bool: "true or false", type(None): "null"}


def _flat(value: dict[str, object], where: str) -> dict[str, str]:
    """Fields with dotted names; a stack instead of recursion, so that depth cannot hurt."""
    fields: dict[str, str] = {}
    stack: list[tuple[str, object, int]] = [(name, inner, 1) for name, inner in reversed(value.items())]
    while stack:
        name, item, depth = stack.pop()
        if depth > _MAX_DEPTH:
            raise WorkloadError(f"{where}:1: objects are nested too deep, at most {_MAX_DEPTH} levels are allowed")
        if len(name) > MAX_NAME:
            raise WorkloadError(
                f"{where}:1: a key has {len(name):,} characters, at most {MAX_NAME:,} are allowed: {name[:40]!a}..."
            )
        if isinstance(item, dict):
            stack.extend((f"{name}.{inner}", part, depth + 1) for inner, part in reversed(item.items()))
            continue
        if item is None:
            continue
        if name in fields:
            raise WorkloadError(
                f"{where}:1: two fields have the name {name!r} (a dot stands for an object in an object); rename one"
            )
        text = item if isinstance(item, str) else _text(item, where)
        if _has_surrogate(name) or _has_surrogate(text):
            raise WorkloadError(
                f"{where}:1: field {name!a} holds a lone surrogate (\\ud800 to \\udfff), which is not Unicode text"
            )
        fields[name] = text
    return fields


def _text(item: object, where: str) -> str:
    """A value that is neither text nor object, as JSON writes it."""
    try:
        return json.dumps(item, separators=(",", ":"), ensure_ascii=False)
    except RecursionError:
        raise WorkloadError(f"{where}:1: lists are nested too deep, at most {_MAX_DEPTH} levels are allowed") from None


def _has_surrogate(text: str) -> bool:
    return not text.isascii() and any("\ud800" <= character <= "\udfff" for character in text)


def _refuse_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is not JSON; give a number, a text or null")


def _no_key_twice(pairs: list[tuple[str, object]]) -> dict[str, object]:
    found = dict(pairs)
    if len(found) < len(pairs):
        twice = Counter(name for name, _ in pairs).most_common(1)[0][0]
        raise ValueError(f"the key {twice!a} is there twice; rename one of them")
    return found
