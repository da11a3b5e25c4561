"""Columns of the table of a log's events: what chipsim says of an event and the fields of the log, no two under one name."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations

from chipsim.errors import WorkloadError

OWN = ("number", "time", "time_text", "neuron", "new", "latency_ps", "service_ps")
"""Columns that every table of events may have, whatever the fields are called."""

IN_A_VECTOR = 8
"""Fields that one neuron of layer 1 can hold together."""


@dataclass(frozen=True, slots=True)
class FieldColumns:
    """Names of columns.

    Attributes:
        value: of the values of each field.
        new: of whether the value of each field is new.
        pair: of whether a pair of values is new, by the numbers of the two fields.
    """

    value: tuple[str, ...]
    new: tuple[str, ...]
    pair: dict[tuple[int, int], str]


def field_columns(fields: Sequence[str]) -> FieldColumns:
    """Name the columns: ``F``, ``new_F``, ``new_F_G``, and with ``field.F`` for F (and G) where that name is taken.

    What chipsim says of an event comes first, then pairs, then single fields' ``new_F``, then their values. Two pairs that would share
    a name both give way.

    Raises:
        WorkloadError: two columns would share a name all the same.
    """
    pairs = [(a, b) for a, b in combinations(range(len(fields)), 2) if a // IN_A_VECTOR == b // IN_A_VECTOR]
    plain = Counter(f"new_{fields[a]}_{fields[b]}" for a, b in pairs)
    pair: dict[tuple[int, int], str] = {}
    for a, b in pairs:
        name = f"new_{fields[a]}_{fields[b]}"
        pair[a, b] = name if plain[name] == 1 else f"new_field.{fields[a]}_field.{fields[b]}"
    taken = {*OWN, *pair.values()}
    new = tuple(f"new_field.{name}" if f"new_{name}" in taken else f"new_{name}" for name in fields)
    taken.update(new)
    value = tuple(f"field.{name}" if name in taken else name for name in fields)
    shared = sorted(name for name, times in Counter((*OWN, *pair.values(), *new, *value)).items() if times > 1)
    if shared:
        raise WorkloadError(
            f"two columns of the table of events would be called {', '.join(shared)}; rename a field of the log,"
            " or leave one out"
        )
    return FieldColumns(value, new, pair)
