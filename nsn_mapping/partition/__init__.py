"""Partitioners: which neurons share a core. One algorithm per file, one signature, hard caps held by all of them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType

import numpy as np
import numpy.typing as npt

from nsn_mapping.partition import metis, random, sequential
from nsn_mapping.problem import Problem

Partitioner = Callable[[Problem, int], npt.NDArray[np.int32]]

PARTITIONERS: Mapping[str, Partitioner] = MappingProxyType(
    {"sequential": sequential.partition, "random": random.partition, "metis": metis.partition}
)
"""Partitioners by the name that a description uses."""

__all__ = ["PARTITIONERS", "Partitioner"]
