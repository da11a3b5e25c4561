"""A summary as one level of figures with dotted names."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any


def flat(value: Any, prefix: str = "") -> Iterator[tuple[str, Any]]:
    """Every figure of a summary with its dotted name: items of a list by number, a list of words as one text."""
    if isinstance(value, Mapping):
        for key, inner in value.items():
            yield from flat(inner, f"{prefix}.{key}" if prefix else str(key))
    elif isinstance(value, list) and not (value and all(isinstance(item, str) for item in value)):
        for number, inner in enumerate(value):
            yield from flat(inner, f"{prefix}.{number}")
    else:
        yield prefix, ", ".join(value) if isinstance(value, list) else value
