"""The neurons of an archive: kind, core, potential, bias, threshold, leak, input spikes and steps, checked."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from chipsim.errors import WorkloadError
from chipsim.network.npz import Archive, whole
from chipsim.network.spiking import INPUT, MAX_STEPS, NEURON, QUANTUM
from workloads.snn.columns import Given, Quantities, digits_of, read_columns
from workloads.snn.fixed import FINITE, Floats, as_floats, digits_needed, leak_fraction
from workloads.snn.inputs import in_order

Ints = npt.NDArray[np.int64]

PER_NEURON = ("neuron_core", "neuron_kind", "v0", "bias", "threshold")
_BEYOND = 2**57
"""No potential gets as far: they stay below 2^62 steps of 1/64 at the least."""

_DEFAULTS = {"v0": 0.0, "bias": 0.0, "threshold": 1.0, "leak": 1.0}


@dataclass(frozen=True, slots=True)
class Neurons:
    """What an archive says of its neurons; an array of one value stands for all.

    Attributes:
        count: how many, None where no array has one value for each; counted_by: the key of such an array.
        least: 1 where an array of one value says that there is a neuron, else 0.
        kind: int64; core: int64[count] or empty.
        v0, bias, threshold: values as given; leak: factor in [0, 1].
        in_step, in_neuron: input spikes within the run, by neuron, then step, each once.
        steps: of the run.
        digits: binary digits behind the point that v0, bias and columns ask for; fewest: those that columns cannot do without.
        columns: what the neuron model has beside these.
    """

    count: int | None
    counted_by: str
    least: int
    kind: Ints
    core: Ints
    v0: Floats
    bias: Floats
    threshold: Floats
    leak: float
    in_step: Ints
    in_neuron: Ints
    steps: int
    digits: int
    fewest: int
    columns: Given

    @staticmethod
    def spread(values: npt.NDArray[Any], count: int) -> npt.NDArray[Any]:
        """One value for each of ``count`` neurons."""
        return values if len(values) == count else np.full(count, values[0])


def read_neurons(archive: Archive, steps: int | None, quantities: Quantities) -> Neurons:
    """Read and check all but the synapses.

    Args:
        archive: the network.
        steps: of the run, None for what the archive says.
        quantities: of the neuron model.

    Raises:
        WorkloadError: a value is not allowed; names file, key, index, found and allowed.
    """
    path = archive.path
    keys = keys_of(quantities)
    count, counted_by = _count(archive, keys)
    kind = _whole(archive, "neuron_kind", np.zeros(1, np.int64))
    _refuse(path, "neuron_kind", kind, (kind != NEURON) & (kind != INPUT), f"{NEURON} for a neuron, {INPUT} for an input")
    core = _whole(archive, "neuron_core", np.zeros(0, np.int64))
    _refuse(path, "neuron_core", core, (core < 0) | (core >= 2**31), "numbers of cores, from 0")
    v0, bias, threshold = (_floats(archive, name) for name in ("v0", "bias", "threshold"))
    columns = read_columns(archive, quantities)
    digits = digits_of(quantities, columns)
    fewest = digits
    for values in (v0, bias):
        digits = digits_needed(values, digits)
    run_steps = _steps(archive, steps)
    least = int(any(archive.members[name].shape == (1,) for name in keys if name in archive))
    in_step, in_neuron = _inputs(archive, kind, count, run_steps)
    leak = _leak(archive)
    return Neurons(
        count, counted_by, least, kind, core, v0, bias, threshold, leak, in_step, in_neuron, run_steps, digits, fewest, columns
    )


def keys_of(quantities: Quantities) -> tuple[str, ...]:
    """Keys of what an archive may say of every neuron."""
    return (*PER_NEURON, *(one.name for one in quantities))


def inputs_of(neurons: Neurons, count: int) -> tuple[Ints, Ints]:
    """Where each neuron's input spikes begin (int64[count + 1], empty without inputs) and their steps."""
    if not np.any(neurons.kind == INPUT):
        return np.zeros(0, np.int64), np.zeros(0, np.int64)
    start = np.concatenate([[0], np.cumsum(np.bincount(neurons.in_neuron, minlength=count))])
    return start.astype(np.int64), neurons.in_step


def refuse_range(path: Path, neurons: Neurons, arriving: Floats, count: int, fraction: int) -> int:
    """Refuse a network whose potentials could leave 63 bits however coarse the step is.

    A potential is at most |v0| + steps x (|bias| + sum of the absolute weights of all its synapses): each source fires once per step at
    most, and whatever comes late still comes once. What decays is multiplied by the numerator of the leak before it is shifted.

    Args:
        path: named in the message.
        neurons: their values.
        arriving: float64[count], sums of absolute weights.
        count: number of neurons.
        fraction: binary digits behind the point that are wanted.

    Returns:
        Binary digits behind the point, fewer where potentials need the room, never fewer than ``neurons.fewest``.
    """
    most = np.abs(neurons.spread(neurons.v0, count)) + neurons.steps * (
        np.abs(neurons.spread(neurons.bias, count)) + neurons.spread(arriving if len(arriving) else np.zeros(1), count)
    )
    worst = int(most.argmax())
    for digits in range(fraction, neurons.fewest - 1, -1):
        numerator = max(1, leak_fraction(neurons.leak, digits - QUANTUM)[0])
        # A margin above what rounding of float64 sums can do.
        allowed = 2.0 ** (62 - digits) / numerator
        if most[worst] < allowed:
            return digits
    raise WorkloadError(
        f"{path}: neuron {worst}: its potential could reach {most[worst]:.6g} in {neurons.steps} steps; allowed: below {allowed:.6g},"
        f" with {neurons.fewest} binary digits behind the point and a leak of {neurons.leak!r}; use fewer steps, smaller values, or"
        " a leak with fewer binary digits"
    )


def _count(archive: Archive, keys: tuple[str, ...]) -> tuple[int | None, str]:
    """Number of neurons and the key that gives it; all arrays that have more than one value must agree."""
    count, by = None, ""
    for name in (*keys, "leak"):
        member = archive.members.get(name)
        if member is None:
            continue
        if len(member.shape) > 1 or (name in ("neuron_core", "neuron_kind") and len(member.shape) != 1):
            raise WorkloadError(f"{archive.path}: {name} has shape {member.shape}; allowed: one value per neuron")
        if member.dtype.kind not in ("iub" if name.startswith("neuron_") else "iufb") and not member.dtype.hasobject:
            what = "whole numbers" if name.startswith("neuron_") else "numbers"
            raise WorkloadError(f"{archive.path}: {name} holds {member.dtype}; allowed: {what}")
        if len(member.shape) == 0 or (member.size == 1 and not name.startswith("neuron_")):
            continue
        if count is not None and member.size != count:
            raise WorkloadError(
                f"{archive.path}: {name} has {member.size} values, {by} has {count}; allowed: one value per neuron in both"
            )
        count, by = member.size, name
    if count is not None and count >= 2**31:
        raise WorkloadError(f"{archive.path}: {by} has {count} values; allowed: fewer than 2^31 neurons")
    return count, by


def _whole(archive: Archive, name: str, default: Ints) -> Ints:
    if name not in archive:
        return default
    values = whole(archive, name)
    return np.clip(values, -1, 2**62).astype(np.int64) if values.dtype.kind == "u" else values.astype(np.int64)


def given_values(archive: Archive, name: str) -> npt.NDArray[Any]:
    """Values of a quantity that every model has, as the archive has them, or the one that it has by default."""
    values = whole(archive, name) if name in archive else np.zeros(0)
    return values if len(values) else np.array([_DEFAULTS[name]])


def _floats(archive: Archive, name: str) -> Floats:
    reach = _BEYOND if name == "threshold" else None
    values = as_floats(given_values(archive, name), f"{archive.path}: {name}", reach)
    _refuse(archive.path, name, values, ~np.isfinite(values), FINITE)
    return values


def _leak(archive: Archive) -> float:
    values = _floats(archive, "leak")
    _refuse(archive.path, "leak", values, (values < 0) | (values > 1), "0 (nothing remains) to 1 (nothing is lost)")
    _refuse(archive.path, "leak", values, values != values[0], "one leak for all neurons")
    return float(values[0])


def _steps(archive: Archive, asked: int | None) -> int:
    if asked is not None:
        return asked
    if "steps" not in archive:
        raise WorkloadError(
            f"{archive.path}: no steps, and workload.steps is not set; set how many steps to run, for example --set workload.steps=100"
        )
    found = whole(archive, "steps")
    if found.dtype.kind not in "iu" or len(found) != 1 or not 1 <= int(found[0]) <= MAX_STEPS:
        shown = found[0] if len(found) == 1 else f"{len(found)} values"
        raise WorkloadError(f"{archive.path}: steps is {shown}; allowed: one whole number, 1 to {MAX_STEPS}")
    return int(found[0])


def _inputs(archive: Archive, kind: Ints, count: int | None, steps: int) -> tuple[Ints, Ints]:
    """Input spikes within the run, sorted by neuron, then step; an input fires once in a step at most."""
    path, empty = archive.path, np.zeros(0, np.int64)
    names = [name for name in ("in_step", "in_neuron") if name in archive]
    if len(names) == 1:
        raise WorkloadError(f"{path}: {names[0]} is there alone; allowed: in_step and in_neuron together, one value per spike")
    if not names or archive.members["in_step"].size + archive.members["in_neuron"].size == 0:
        return empty, empty
    for name in names:
        member = archive.members[name]
        if len(member.shape) != 1 or (member.dtype.kind not in "iu" and not member.dtype.hasobject):
            raise WorkloadError(
                f"{path}: {name} has shape {member.shape} of {member.dtype}; allowed: one whole number per input spike"
            )
    step, neuron = _whole(archive, "in_step", empty), _whole(archive, "in_neuron", empty)
    if len(step) != len(neuron):
        raise WorkloadError(f"{path}: in_step has {len(step)} values, in_neuron {len(neuron)}; allowed: one per input spike")
    _refuse(path, "in_step", step, step < 1, "steps, counted from 1")
    inputs = len(kind) if count is not None and len(kind) == count else 0
    known = (neuron >= 0) & (neuron < inputs)
    bad = ~known | (kind[np.where(known, neuron, 0)] != INPUT)
    _refuse(path, "in_neuron", neuron, bad, f"numbers of inputs (neuron_kind {INPUT})")
    step, neuron, twice = in_order(step, neuron)
    if twice is not None:
        first, second, input_, at = twice
        raise WorkloadError(
            f"{path}: in_step[{second}] and in_neuron[{second}] are those of spike {first}: input {input_} in step"
            f" {at}; allowed: each once, for an input fires once in a step; give it another step, or make it two inputs"
        )
    within = step <= steps
    return step[within], neuron[within]


def _refuse(path: Path, name: str, values: npt.NDArray[Any], bad: npt.NDArray[np.bool_], allowed: str) -> None:
    at = np.flatnonzero(bad)
    if len(at):
        raise WorkloadError(f"{path}: {name}[{at[0]}] is {values[at[0]]}; allowed: {allowed}")
