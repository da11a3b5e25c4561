"""A first partition of a coarse hypergraph by METIS, recursive bisection: nets become edges between their source and their pins."""

from __future__ import annotations

from typing import Any

import numpy as np

from chipsim.errors import MappingError
from nsn_mapping.partition.pins import Nets, Words

_METIS_SEED = 2**31 - 1
_TOTAL = 2**30
"""METIS counts in 32 bits: weights are scaled down until all of them together stay below this."""


def metis(nets: Nets, parts: int, seed: int) -> Words:
    """Parts of about equal size with few spikes cut.

    Args:
        nets: the hypergraph.
        parts: how many.
        seed: of METIS.

    Returns:
        int32[n], 0..parts-1; limits may be broken and parts may be empty.

    Raises:
        MappingError: pymetis is not installed.
    """
    n = len(nets.size)
    if parts == 1:
        return np.zeros(n, np.int32)
    net = np.repeat(np.arange(len(nets.source)), np.diff(nets.pin_start))
    known = (nets.source[net] >= 0) & (nets.source[net] != nets.pins)
    a, b = nets.source[net][known].astype(np.int64), nets.pins[known].astype(np.int64)
    weight = nets.weight[net][known]
    pair, place = np.unique(np.minimum(a, b) * n + np.maximum(a, b), return_inverse=True)
    heavy = np.bincount(place, weights=weight, minlength=len(pair))
    heavy = np.maximum(1, heavy * min(1.0, _TOTAL / max(1.0, float(heavy.sum())))).astype(np.int64)
    low, high = pair // n, pair % n
    ends, others = np.concatenate((low, high)), np.concatenate((high, low))
    order = np.argsort(ends * n + others, kind="stable")
    start = np.zeros(n + 1, np.int64)
    np.cumsum(np.bincount(ends, minlength=n), out=start[1:])
    pymetis = _import()
    _, label = pymetis.part_graph(
        parts,
        pymetis.CSRAdjacency(start, others[order]),
        vweights=nets.size,
        eweights=np.concatenate((heavy, heavy))[order],
        recursive=True,
        options=pymetis.Options(seed=seed % _METIS_SEED),
    )
    return np.asarray(label, np.int32)


def _import() -> Any:
    try:
        import pymetis
    except ImportError as error:
        raise MappingError(
            "mapping.partitioner: METIS needs the package pymetis, which is not installed; run `pip install pymetis`, or set"
            " mapping.partitioner=streaming"
        ) from error
    return pymetis
