"""Memories of cores, roots and slot servers in a snapshot: one row each, field after field."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np

from chipsim.machine.ints import Ints as Words
from chipsim.programs.nsn.reference.load import new_core
from chipsim.programs.nsn.state import Constants, Core, Root, Server
from chipsim.programs.reference import Arrays, Ints


def save_bundles(K: Constants, cores: Mapping[int, Core], roots: Sequence[Root], servers: Sequence[Server]) -> Arrays:
    """All memories."""
    numbers = sorted(cores)
    width = sum(map(len, new_core(K, 0)))
    return {
        "core_number": np.array(numbers, np.int64),
        "core": np.array([_flat(cores[number]) for number in numbers], np.int64).reshape(-1, width),
        "root": _ragged([_flat(root) for root in roots]),
        "server": np.array([_flat(server) for server in servers], np.int64),
    }


def fill_cores(K: Constants, own: Arrays) -> dict[int, Core]:
    """The memories of the cores that held anything."""
    cores = {number: new_core(K, number) for number in own["core_number"].tolist()}
    fill_bundles(cores.values(), own["core"])
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
