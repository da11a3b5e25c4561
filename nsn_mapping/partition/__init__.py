"""Partitioners of stored networks: which neurons share a core. One algorithm per file, one signature, hard caps held by all of them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType

import numpy as np
import numpy.typing as npt

from nsn_mapping.partition import metis, neighbours, random, sequential, streamed
from nsn_mapping.problem import Problem

Partitioner = Callable[[Problem, int], npt.NDArray[np.int32]]

LARGEST_QUALITY, LARGEST_DEFAULT = 50_000, 2_000_000
"""Neurons up to which ``auto`` takes these: about half a minute of quality, and some minutes of default."""


def pick(problem: Problem) -> tuple[str, str]:
    """What ``auto`` takes, and why: by size alone, so that the same network is mapped alike everywhere."""
    n = len(problem)
    if n <= LARGEST_QUALITY:
        return "quality", f"{n} neurons, quality up to {LARGEST_QUALITY}"
    if n <= LARGEST_DEFAULT:
        return "default", f"{n} neurons, quality up to {LARGEST_QUALITY}, default up to {LARGEST_DEFAULT}"
    return "streaming", f"{n} neurons, default up to {LARGEST_DEFAULT}"


def _auto(problem: Problem, seed: int) -> npt.NDArray[np.int32]:
    return PARTITIONERS[pick(problem)[0]](problem, seed)


PARTITIONERS: Mapping[str, Partitioner] = MappingProxyType(
    {
        "default": neighbours.partition,
        "quality": neighbours.partition_best,
        "auto": _auto,
        "streaming": streamed.partition,
        "metis": metis.partition,
        "sequential": sequential.partition,
        "random": random.partition,
    }
)
"""Partitioners by the name that a description uses."""

__all__ = ["PARTITIONERS", "Partitioner", "pick"]
