"""Choosing among results: conditions on what they have to tell, and an order."""

from __future__ import annotations

import re
from typing import Any

from chipsim.errors import UsageError
from chipsim.results.catalogue import OWN, SHORT, Entry

_CONDITION = re.compile(r"([\w.\[\]-]+)\s*(!=|>=|<=|=|>|<)\s*([^=!<>\s].*)", re.ASCII | re.DOTALL)


def filtered(found: list[Entry], conditions: list[str]) -> list[Entry]:
    """Those entries that meet all conditions: ``KEY=VALUE``, ``!=``, ``>``, ``>=``, ``<``, ``<=``.

    Numbers are compared as numbers; a figure that an entry does not have meets none but ``!=``.

    Raises:
        UsageError: a condition cannot be read, or no entry has such a key.
    """
    for text in conditions:
        match = _CONDITION.fullmatch(text.strip())
        if match is None:
            raise UsageError(f"--filter: found {text!r:.60}; allowed: KEY=VALUE, or with !=, >, >=, <, <=, e.g. 'mean_mw>1'")
        key, sign, wanted = match.groups()
        values = [(one, one.value(key)) for one in found]
        _refuse_unknown("--filter", key, found, [value for _, value in values])
        found = [one for one, value in values if _meets(value, sign, wanted.strip())]
    return found


def ordered(found: list[Entry], key: str) -> list[Entry]:
    """Entries by a key, with ``-`` before it the greatest first; those that do not have it come last.

    Raises:
        UsageError: no entry has such a key.
    """
    name = key.removeprefix("-")
    values = [(one, one.value(name)) for one in found]
    _refuse_unknown("--sort", name, found, [value for _, value in values])
    there = [pair for pair in values if pair[1] is not None]
    numbers = all(_number(value) is not None for _, value in there)
    there.sort(key=lambda pair: (_number(pair[1]) or 0.0) if numbers else 0.0, reverse=key.startswith("-"))
    if not numbers:
        there.sort(key=lambda pair: str(pair[1]), reverse=key.startswith("-"))
    return [one for one, _ in there] + [one for one, value in values if value is None]


def _refuse_unknown(option: str, key: str, found: list[Entry], values: list[Any]) -> None:
    if found and key not in (*OWN, *SHORT) and all(value is None for value in values):
        raise UsageError(
            f"{option}: nothing here has {key!r:.60}; allowed: {', '.join((*OWN, *SHORT))}, a figure of summary.json or a setting,"
            " such as counts.spikes or chip.noc.router"
        )


def _meets(value: Any, sign: str, wanted: str) -> bool:
    here, there = _number(value), _number(wanted)
    if here is not None and there is not None:
        return {
            "=": here == there,
            "!=": here != there,
            ">": here > there,
            ">=": here >= there,
            "<": here < there,
            "<=": here <= there,
        }[sign]
    text = str(value).lower() if isinstance(value, bool) else "" if value is None else str(value)
    if sign in ("=", "!="):
        return (text == wanted and value is not None) == (sign == "=")
    if value is None:
        return False
    return {">": text > wanted, ">=": text >= wanted, "<": text < wanted, "<=": text <= wanted}[sign]


def _number(value: Any) -> float | None:
    if isinstance(value, bool) or value is None:
        return None
    try:
        return float(value)
    except (TypeError, ValueError):
        return None
