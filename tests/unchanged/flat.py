"""A run's outcome as a flat table that can be written down: paths to numbers and texts; arrays as hashes of their values."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from typing import Any

import numpy as np

from chipsim.machine.raw import RawRun

OF_THE_MACHINE = frozenset(
    {"wall_s", "run_cpu_s", "cpu_s", "parts_cpu_s", "place_cpu_s", "compile_s", "flit_hops_per_s", "peak_rss_bytes", "engine"}
)
"""Keys that tell of the machine that runs, not of the chip."""

OF_THE_VERSION = frozenset({"version", "schema", "plan_hash"})
"""Keys that tell how a plan is laid out."""

NOT_COUNTED = frozenset({"engine", "cpu_s", "snapshot"})
"""Fields of a raw run that are no outcome."""

DIGITS = 12
"""Hexadecimal digits of a hash that are kept."""


def flat(value: Any, path: str = "") -> dict[str, Any]:
    """Leaves of nested mappings by path; lists, arrays and columns of a table become hashes."""
    if isinstance(value, Mapping):
        left_out = OF_THE_MACHINE | OF_THE_VERSION
        parts = {str(key): one for key, one in value.items() if str(key) not in left_out}
        return {name: leaf for key, one in parts.items() for name, leaf in flat(one, f"{path}.{key}" if path else key).items()}
    if isinstance(value, np.ndarray):
        return {path: hash_of(value)}
    if isinstance(value, (list, tuple)):
        if any(isinstance(one, Mapping) for one in value):
            return {name: leaf for i, one in enumerate(value) for name, leaf in flat(one, f"{path}[{i}]").items()}
        return {path: hash_of(np.array(list(map(repr, value))))}
    return {path: value.item() if isinstance(value, np.generic) else value}


def flat_run(raw: RawRun) -> dict[str, Any]:
    """Digests, counters and event records of a raw run."""
    found: dict[str, Any] = {}
    for field in fields(RawRun):
        if field.name in NOT_COUNTED:
            continue
        value = getattr(raw, field.name)
        if is_dataclass(value):
            found |= {f"{field.name}.{one.name}": hash_of(getattr(value, one.name)) for one in fields(value)}
        elif field.name in ("digest", "decisions"):
            found[field.name] = f"{value:032x}"
        else:
            found |= flat(value, field.name)
    return found


def hash_of(values: np.ndarray[Any, Any]) -> str:
    """A hash of an array's shape and values; whole numbers of any width are alike, and no rows of any width too."""
    if values.dtype.kind in "iub":
        values = values.astype(np.int64)
    if values.dtype.kind == "O":
        values = np.array(list(map(repr, values.tolist())))
    if values.dtype.kind == "f":  # processors may add up in different orders: the last digits are the machine's
        values = np.array([f"{value:.11e}" for value in values.ravel().tolist()]).reshape(values.shape)
    shape = values.shape if values.size else (0,)
    content = (
        "\n".join(values.ravel().tolist()).encode() if values.dtype.kind == "U" else np.ascontiguousarray(values).tobytes()
    )
    return hashlib.sha256(f"{shape}".encode() + content).hexdigest()[:DIGITS]
