"""One of the results that are held against each other, in the parts that are compared."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from chipsim.results.comparison.machine import is_machine

if TYPE_CHECKING:
    import pyarrow as pa

DIGESTS = ("digest", "functional_digest", "network_digest", "plan_hash")
"""Last parts of the names of figures that stand for all of a result at once."""


@dataclass(frozen=True, slots=True)
class Side:
    """A result.

    Attributes:
        path: as it was given.
        settings: what was asked for, by dotted key.
        figures, digests, machine: what came out, by dotted key; the machine's own apart.
        tables: by name, read when called.
        keys: columns by which the rows of a table are matched; those of other tables are matched by place.
    """

    path: str
    settings: Mapping[str, Any]
    figures: Mapping[str, Any]
    digests: Mapping[str, Any]
    machine: Mapping[str, Any]
    tables: Mapping[str, Callable[[], pa.Table]]
    keys: Mapping[str, tuple[str, ...]] = field(default_factory=dict)


def side(
    path: str,
    settings: Mapping[str, Any],
    found: Mapping[str, Any],
    tables: Mapping[str, Callable[[], pa.Table]],
    keys: Mapping[str, tuple[str, ...]] | None = None,
) -> Side:
    """Make a side from everything that came out, flat."""
    parts: tuple[dict[str, Any], dict[str, Any], dict[str, Any]] = {}, {}, {}
    for key, value in found.items():
        last = key.rpartition(".")[2]
        if last in DIGESTS and value is None:
            continue  # kinds of run that have none of the sort: it is not equal, it is not there
        parts[1 if last in DIGESTS else 2 if is_machine(key) else 0][key] = value
    return Side(path, settings, *parts, tables, keys or {})
