"""Texts of the values of a swept key: short, and each its own."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from chipsim.config.sweep import value_text

AS_IT_IS = "as it is"
"""A mapping that says nothing in which the others differ."""


def labels(values: Sequence[Any]) -> tuple[str, ...]:
    """One text per value, in their order: words as they are, a mapping by what differs from the other mappings, anything else as JSON.

    Keys are named by their last part, and files by their name, as far as that tells all values apart.
    """
    leaves = [dict(_leaves(value)) if isinstance(value, dict) else None for value in values]
    known = [one for one in leaves if one is not None]
    paths = dict.fromkeys(path for one in known for path in one)
    differing = [path for path in paths if any(path not in one or one[path] != known[0].get(path) for one in known)]
    tails = [path.rpartition(".")[2] for path in differing]
    names = dict(zip(differing, tails if len(set(tails)) == len(tails) else differing, strict=True))
    whole = tuple(value_text(value) for value in values)
    if len(known) < 2:
        return whole
    for short in (True, False):
        found = tuple(
            text
            if one is None
            else ", ".join(f"{names[path]} {_text(one[path], short)}" for path in differing if path in one) or AS_IT_IS
            for text, one in zip(whole, leaves, strict=True)
        )
        if len(set(found)) == len(found):
            return found
    return whole


def _leaves(value: Any, prefix: str = "") -> Iterator[tuple[str, Any]]:
    """What is not a mapping, by dotted key; an empty mapping too."""
    if not (isinstance(value, dict) and value):
        yield prefix, value
        return
    for key, inner in value.items():
        yield from _leaves(inner, f"{prefix}.{key}" if prefix else str(key))


def _text(value: Any, short: bool) -> str:
    text = value_text(value)
    return Path(text).name if short and isinstance(value, str) and text.startswith("/") else text
