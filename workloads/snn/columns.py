"""What a neuron model has of each neuron beside potential, bias and threshold: from an archive, or as it is by default."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import numpy.typing as npt

from chipsim.errors import WorkloadError
from chipsim.network.neurons import Quantity
from chipsim.network.npz import Archive, whole
from chipsim.network.spiking import MOST_DIGITS, QUANTUM, NeuronColumn
from workloads.snn.fixed import Floats, as_floats, digits_needed, first_too_fine, to_fixed

Quantities = tuple[Quantity, ...]

Given = dict[str, Floats]
"""Values by name of the quantity: one for each neuron, or one for all."""


def read_columns(archive: Archive, quantities: Quantities) -> Given:
    """Read and check what a model has.

    Raises:
        WorkloadError: a value is not allowed; names file, key, index, found and allowed.
    """
    return {one.name: _values(archive, one) for one in quantities}


def digits_of(quantities: Quantities, given: Given) -> int:
    """Binary digits behind the point that what is measured like potentials needs."""
    digits = QUANTUM
    for one in quantities:
        if one.real:
            digits = digits_needed(given[one.name], digits)
    return digits


def columns_of(quantities: Quantities, given: Given, count: int, fraction: int, where: Path | str) -> tuple[NeuronColumn, ...]:
    """Columns of so many neurons.

    Args:
        quantities: of the neuron model.
        given: values of these.
        count: neurons.
        fraction: binary digits behind the point.
        where: named in the message.

    Raises:
        WorkloadError: a value does not fit into 62 bits with so many digits.
    """
    found = []
    for one in quantities:
        values, digits = given[one.name], fraction if one.real else 0
        large = np.flatnonzero(np.abs(values) >= 2.0 ** (62 - digits))
        if len(large):
            raise WorkloadError(
                f"{where}: {one.name}[{large[0]}] is {float(values[large[0]])!r}; allowed: below {2.0 ** (62 - digits):.6g}, with {digits}"
                " binary digits behind the point"
            )
        whole_numbers = to_fixed(values, digits)
        found.append(NeuronColumn(one.name, whole_numbers if len(values) == count else np.full(count, whole_numbers[0])))
    return tuple(found)


def usual(quantities: Quantities) -> Given:
    """What a model has by default."""
    return {one.name: np.array([float(one.default)]) for one in quantities}


def _values(archive: Archive, one: Quantity) -> npt.NDArray[np.float64]:
    values = as_floats(whole(archive, one.name), f"{archive.path}: {one.name}") if one.name in archive else np.zeros(0)
    if not len(values):
        return np.array([float(one.default)])
    allowed, bad = f"{one.low:g} to {one.high:g}, {one.about}", ~((values >= one.low) & (values <= one.high))
    if not one.real:
        allowed, bad = f"whole numbers, {allowed}", bad | (values != np.rint(values))
    at = np.flatnonzero(bad)
    if len(at):
        raise WorkloadError(f"{archive.path}: {one.name}[{at[0]}] is {values[at[0]]:g}; allowed: {allowed}")
    fine = first_too_fine(values) if one.real else -1
    if fine >= 0:
        raise WorkloadError(
            f"{archive.path}: {one.name}[{fine}] is {float(values[fine])!r}, no multiple of 2^-{MOST_DIGITS}; allowed: what fixed point with"
            f" {MOST_DIGITS} binary digits holds exactly; round it"
        )
    return values
