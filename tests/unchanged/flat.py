"""A run's outcome as a flat table that can be written down: paths to numbers and texts; arrays as hashes of their values."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import fields
from typing import Any

import numpy as np

from chipsim.machine.actions import A_COMBINE
from chipsim.machine.raw import RawRun
from chipsim.network.stimulus import END_EPISODE
from chipsim.programs.nsn.state import EPISODES

OF_THE_MACHINE = frozenset(
    {"wall_s", "run_cpu_s", "cpu_s", "parts_cpu_s", "place_cpu_s", "compile_s", "flit_hops_per_s", "peak_rss_bytes", "engine"}
)
"""Keys that tell of the machine that runs, not of the chip."""

OF_THE_VERSION = frozenset({"version", "schema", "plan_hash"})
"""Keys that tell how a plan is laid out."""

NOT_COUNTED = frozenset({"engine", "program", "kinds", "cpu_s", "snapshot", "used_bits", "own"})
"""Fields of a raw run that are no outcome, or are looked at apart."""

BY_KIND, EVERY_KIND = ("sent", "delivered", "dropped", "copies", "in_flight"), 53
"""Counters of messages, and how many kinds there were when all programs numbered theirs together."""

LISTS = ("winners", "waits", "growth", "unstored", "alerts")
PARTS = ("neuron", "pair", "role", "item", "residual", "residual_end", "record")

ROLE_SCALARS, ITEM_COLUMNS = 37, 6
"""What a memory image said of roots, and of the items that they buffer, when the scenarios were recorded."""

COUNTED_SINCE = (A_COMBINE,)
"""Actions that are counted since the scenarios were recorded."""

STEP_COLUMNS = 10
"""Columns that the steps of spiking networks had then."""

NOTHING = np.zeros(0, np.int64)

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
        if field.name == "actions":
            value = np.delete(value, COUNTED_SINCE, axis=1)
        if field.name in BY_KIND:
            value = np.pad(value[:EVERY_KIND], (0, max(0, EVERY_KIND - len(value))))
        found |= {field.name: f"{value:032x}"} if field.name == "digest" else flat(value, field.name)
    return found | flat_own(raw)


def flat_own(raw: RawRun) -> dict[str, Any]:
    """What is the program's own, under the paths of a time when every run had the fields of all programs."""
    cores = np.zeros(len(raw.used_bits), np.int64)
    found: dict[str, Any] = {"decisions": f"{getattr(raw.own, 'decisions', 0):032x}"}
    for name in ("events_in", "items_in", "overruns"):
        found[name] = getattr(raw.own, name, 0)
    for name in (*LISTS, "offer_ps", "steps", "potential"):
        values = getattr(raw.own, name, NOTHING)
        found[name] = hash_of(values[:, :STEP_COLUMNS] if name == "steps" and len(values) else values)
    memory = dict.fromkeys(PARTS, NOTHING) | {"pair_start": cores[:1], "key_count": cores, "axon_count": cores}
    memory["used_bits"] = raw.used_bits
    if raw.program == "nsn":
        memory |= {one.name: getattr(raw.own.memory, one.name) for one in fields(raw.own.memory)}
        memory |= {"role": memory["role"][:, :ROLE_SCALARS], "item": memory["item"][:, :ITEM_COLUMNS]}
        if not len(memory["residual_end"]):  # where none are kept every layer had a list of as many zeros as episodes
            layers = np.repeat(np.arange(raw.own.memory.layers + 1), memory["role"][:-1, EPISODES])
            memory["residual_end"] = np.stack([layers, np.zeros(len(layers), np.int64)], axis=1)
    if raw.program == "packets":
        found["items_in"] = raw.own.offered
    memory["record"] = with_times(memory["record"])
    return found | {f"memory.{name}": hash_of(value) for name, value in memory.items()}


def with_times(record: np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
    """Entries of episode records with event times, as they once were, for intervals that are exact."""
    rows, at, begins = record.copy(), 0, True
    for row in rows:
        at = int(row[1]) + (0 if begins else at)
        row[1], begins = at, bool(row[2] & END_EPISODE)
    return rows


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
