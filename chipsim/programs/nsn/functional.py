"""The functional digest: decisions and the final stored network, without any chip time or address (NSN §9)."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
import numpy.typing as npt

from chipsim.machine.digest import EPISODE, MULTIPLIER, NEURON, RESIDUAL, SUBSTITUTE, SUM, TOP, WORD, digest_text
from chipsim.network import NsnState

Ints = npt.NDArray[np.int64]
Words = npt.NDArray[np.uint64]


def network_digest(state: NsnState) -> int:
    """Sum of the hashes of all stored neurons, episode records, residuals and substitutions."""
    k = np.diff(state.pair_start)
    h = _start(NEURON, len(state))
    for column in (state.layer, state.ordinal, state.count, state.first, state.last):
        h = _mixed(h, column)
    for place in range(int(k.max(initial=0))):
        longer = np.flatnonzero(k > place)
        at = state.pair_start[longer] + place
        h[longer] = _mixed(_mixed(h[longer], state.pair_id[at]), state.pair_interval[at])
    total = _total(h)
    tops = [
        (episode, position, top, time, int(record.complete))
        for episode, record in enumerate(state.records)
        for position, (top, time) in enumerate(zip(record.top, record.times, strict=True))
    ]
    total += _sum_of_rows(TOP, np.array(tops, np.int64).reshape(-1, 5).T)
    for layer, ended in enumerate(state.ended.tolist()):
        total += _sum_of_rows(EPISODE, (np.full(ended, layer), np.arange(ended), np.zeros(ended, np.int64)))
    for kind, values in ((RESIDUAL, state.residuals), (EPISODE, state.residual_ends)):
        total += _sum_of_rows(kind, (np.full(len(values), -1), np.arange(len(values)), values))
    total += _sum_of_rows(SUBSTITUTE, state.substitutions.T)
    return total & SUM


def _sum_of_rows(kind: int, columns: Iterable[Ints]) -> int:
    """Sum of ``record_hash(kind, row)`` over rows given by columns of equal length."""
    h: Words | None = None
    for column in columns:
        h = _mixed(_start(kind, len(column)) if h is None else h, column)
    assert h is not None
    return _total(h)


def _start(kind: int, rows: int) -> Words:
    return np.full(rows, kind * MULTIPLIER & WORD, np.uint64)


def _mixed(h: Words, column: Ints) -> Words:
    """One step of ``chipsim.machine.digest.record_hash`` for many records at once."""
    h = (h ^ column.astype(np.int64).view(np.uint64)) * np.uint64(MULTIPLIER)
    return h ^ (h >> np.uint64(32))


def _total(h: Words) -> int:
    """The hashes with their last step, added up without overflow."""
    h = h * np.uint64(MULTIPLIER)
    h ^= h >> np.uint64(29)
    return (int((h >> np.uint64(32)).sum()) << 32) + int((h & np.uint64(0xFFFFFFFF)).sum())


def functional_digest(decisions: int, state: NsnState) -> str:
    """Digest of what was decided and of what is stored in the end, as text."""
    return digest_text(decisions + network_digest(state))
