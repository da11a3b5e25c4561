"""Memories of cores, roots and slot servers in a snapshot: one row each, field after field."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np

from chipsim.machine.ints import Ints as Words
from chipsim.programs.nsn.core import Core
from chipsim.programs.nsn.reference.load import make_room
from chipsim.programs.nsn.saved import from_cores, from_words, to_core, to_words
from chipsim.programs.nsn.state import Constants, Root, Server
from chipsim.programs.reference import Arrays, Ints


def save_bundles(K: Constants, cores: Mapping[int, Core], roots: Sequence[Root], servers: Sequence[Server]) -> Arrays:
    """All memories."""
    numbers = sorted(cores)
    return {
        "core_number": np.array(numbers, np.int64),
        "core": to_words(from_cores(K, [cores[number] for number in numbers])),
        "root": _ragged([_flat(root) for root in roots]),
        "server": np.array([_flat(server) for server in servers], np.int64),
    }


def fill_cores(K: Constants, own: Arrays) -> dict[int, Core]:
    """The memories of the cores that held anything."""
    tables = from_words(K, own["core"])
    cores = {number: to_core(tables, i) for i, number in enumerate(own["core_number"].tolist())}
    for core in cores.values():
        make_room(K, core)
    return cores


def fill_bundles(bundles: Iterable[Iterable[Words]], rows: np.ndarray[Any, Any]) -> None:
    """Put rows back into memories."""
    for bundle, words in zip(bundles, rows.tolist(), strict=True):
        at = 0
        for field in bundle:
            field[:] = words[at : at + len(field)]
            at += len(field)


def _flat(bundle: Iterable[Iterable[int]]) -> list[int]:
    return [word for field in bundle for word in field]


def _ragged(rows: Sequence[Sequence[int]]) -> Ints:
    """Rows of unequal length, padded with 0."""
    array = np.zeros((len(rows), max(map(len, rows), default=0)), np.int64)
    for i, row in enumerate(rows):
        array[i, : len(row)] = row
    return array
