"""A spiking network from a NumPy archive, read twice as a stream: once to check and count, once to put every synapse into its row.

Beside the rows themselves (4 bytes of target, 2 or 4 of weight, 1 of delay if any is not 1) only chunks are in memory.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from shlex import quote
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from chipsim.errors import WorkloadError
from chipsim.network.npz import Archive, chunks, open_archive
from chipsim.network.rows import BLOCK, place, sort_rows
from chipsim.network.spiking import LIF_MODEL, LONGEST_DELAY, QUANTUM, SpikingNetwork
from workloads.snn.columns import Quantities, columns_of
from workloads.snn.fixed import FINITE, Floats, as_floats, digits_needed, floor_fixed, leak_fraction
from workloads.snn.lif_archive import is_lif, read_lif, refuse_unread, synapse_names
from workloads.snn.lif_quantise import quantise_lif
from workloads.snn.neurons import Neurons, given_values, inputs_of, read_neurons, refuse_range
from workloads.snn.quantise import Quantiser, finest

if TYPE_CHECKING:
    from workloads.kinds.arrays import ArraysWorkload

Ints = npt.NDArray[np.int64]

SYNAPSES = ("src", "dst", "weight")
GRAPH_KEYS = ("n", "indptr", "targets", "spikes")
"""Keys of the other archive that users have, for ``chipsim map --graph``."""

MOST_NEURONS = 2**31 - 1


def load_network(workload: ArraysWorkload, quantities: Quantities = ()) -> SpikingNetwork:
    """Read a network.

    Args:
        workload: its archive, the name of the neuron model, and how many steps to run if not as many as the archive says.
        quantities: of the model.

    Raises:
        WorkloadError: the archive is missing or broken, or what it says is not a network; names file, key, index, found and allowed.
    """
    path = workload.input_path()
    with open_archive(path) as archive:
        if is_lif(archive):
            return _in_mv(archive, workload)
        columns = _synapse_columns(archive)
        refuse_unread(archive)
        _refuse_bits(workload, path)
        neurons = read_neurons(archive, workload.steps, quantities)
        seen = _Seen(0 if neurons.count is None else neurons.count)
        offset = 0
        for source, target, given, delay in _parts(archive, columns):
            weight = as_floats(given, f"{path}: weight", offset=offset)
            _check(path, source, target, weight, delay, offset, neurons)
            _look(seen, source, target, weight, delay)
            offset += len(source)
        count = neurons.count if neurons.count is not None else max(neurons.least, len(seen.out))
        seen.out = np.concatenate([seen.out, np.zeros(count - len(seen.out), np.int64)])
        if count == 0:
            raise WorkloadError(
                f"{path}: no neurons: src, dst and the arrays of neurons are empty; allowed: at least one neuron"
            )
        fraction = finest(max(seen.digits, neurons.digits), seen.largest, neurons.fewest)
        fraction = refuse_range(path, neurons, seen.arriving, count, fraction)
        quantiser = Quantiser(fraction)
        potential, bias = (
            neurons.spread(quantiser.values(values, given_values(archive, name)), count)
            for name, values in (("v0", neurons.v0), ("bias", neurons.bias))
        )
        wide = _weight_type(path, seen.largest, fraction)
        start = np.concatenate([[0], np.cumsum(seen.out)]).astype(np.int64)
        rows: list[npt.NDArray[Any]] = [np.empty(offset, np.int32), np.empty(offset, wide)]
        if seen.longest > 1:
            rows.append(np.empty(offset, np.uint8))
        cursor = start[:-1].copy()
        for source, target, given, delay in _parts(archive, columns):
            steps = quantiser.weights(as_floats(given, f"{path}: weight"), given)
            place(cursor, source, (target, steps, delay)[: len(rows)], tuple(rows))
    del cursor
    sort_rows(start, rows[0], tuple(rows[1:]) if seen.largest or len(rows) > 2 else ())
    input_start, input_step = inputs_of(neurons, count)
    leak, shift = leak_fraction(neurons.leak, fraction - QUANTUM)
    return SpikingNetwork(
        kind=neurons.spread(neurons.kind, count).astype(np.uint8),
        potential=potential,
        bias=bias,
        threshold=floor_fixed(neurons.spread(neurons.threshold, count), fraction),
        fraction=fraction,
        leak=leak,
        leak_shift=shift,
        start=start,
        target=rows[0],
        weight=rows[1],
        delay=rows[2] if len(rows) > 2 else np.zeros(0, np.uint8),
        longest=max(1, seen.longest),
        input_start=input_start,
        input_step=input_step,
        core=neurons.core.astype(np.int32),
        steps=neurons.steps,
        where=str(path),
        model=workload.neuron,
        columns=columns_of(quantities, neurons.columns, count, fraction, path),
        quantised=quantiser.found(),
    )


def _in_mv(archive: Archive, workload: ArraysWorkload) -> SpikingNetwork:
    """A network in ms and mV, which one neuron model is for."""
    if workload.neuron != LIF_MODEL:
        raise WorkloadError(
            f"{archive.path}: neurons in ms and mV, and workload.neuron is {workload.neuron}; allowed: {LIF_MODEL}, which has reset,"
            f" refractory time and a leak of each neuron: --set workload.neuron={LIF_MODEL}"
        )
    return quantise_lif(read_lif(archive), workload.weight_bits, str(archive.path), workload.steps)


def _refuse_bits(workload: ArraysWorkload, path: Path) -> None:
    if workload.weight_bits is not None:
        raise WorkloadError(
            f"{path}: weights in fixed point are taken as they are, and workload.weight_bits is {workload.weight_bits}; allowed: null, or"
            " an archive in ms and mV (weight_mv)"
        )


@dataclass(slots=True)
class _Seen:
    """What the first pass has found: synapses by source, sums of absolute weights by target, longest delay, digits needed."""

    count: int
    out: Ints = field(init=False)
    arriving: Floats = field(init=False)
    longest: int = 0
    digits: int = QUANTUM
    largest: float = 0.0

    def __post_init__(self) -> None:
        self.out, self.arriving = np.zeros(self.count, np.int64), np.zeros(self.count)


def _synapse_columns(archive: Archive) -> tuple[str, ...]:
    missing = [name for name in SYNAPSES if name not in archive]
    if missing and all(name in archive for name in GRAPH_KEYS):
        raise WorkloadError(
            f"{archive.path}: a bare graph ({', '.join(GRAPH_KEYS)}), which `chipsim map --graph {quote(str(archive.path))} --mesh 8x8`"
            f" maps; a spiking network has the keys {', '.join(SYNAPSES)}: `chipsim new network SNN.npz` makes a sample"
        )
    if missing:
        names = ", ".join(f"{name} {here}" for name, here in synapse_names(archive).items())
        raise WorkloadError(
            f"{archive.path}: no {', '.join(missing)}{f'; name {names}' if names else ''}; an archive of a spiking network has the keys src,"
            " dst and weight, one value per synapse, or weight_mv and others with neurons in ms and mV"
            f" (found: {', '.join(sorted(archive.members)[:12]) or 'nothing'})"
        )
    columns = (*SYNAPSES, "delay") if "delay" in archive and archive.members["delay"].size != 0 else SYNAPSES
    if "delay" in archive and "delay" not in columns and archive.members["src"].size:
        columns = (*SYNAPSES, "delay")
    length = archive.members["src"].size
    for name in columns:
        member = archive.members[name]
        if len(member.shape) != 1 or member.size != length:
            raise WorkloadError(
                f"{archive.path}: {name} has shape {member.shape}; allowed: ({length},), one value per synapse as in src"
            )
        kinds = "iufb" if name == "weight" else "iu"
        if member.dtype.kind not in kinds and not member.dtype.hasobject:
            allowed = "numbers" if name == "weight" else "whole numbers"
            raise WorkloadError(f"{archive.path}: {name} holds {member.dtype}; allowed: {allowed}")
    return columns


def _parts(archive: Archive, columns: tuple[str, ...]) -> Iterator[tuple[Ints, Ints, npt.NDArray[Any], Ints]]:
    """Chunks of source, target, weight as the archive has it, and delay (all 1 where the archive has none)."""
    streams = [chunks(archive, name, BLOCK) for name in columns]
    for parts in zip(*streams, strict=True):
        source, target = _whole_numbers(parts[0]), _whole_numbers(parts[1])
        delay = _whole_numbers(parts[3]) if len(parts) > 3 else np.ones(len(source), np.int64)
        yield source, target, parts[2], delay


def _whole_numbers(values: npt.NDArray[Any]) -> Ints:
    """As int64; what does not fit becomes -1, which every check refuses."""
    if values.dtype.kind == "u" and values.dtype.itemsize == 8:
        return np.where(values > np.uint64(2**63 - 1), -1, values.astype(np.int64))
    return values.astype(np.int64)


def _check(path: Path, source: Ints, target: Ints, weight: Floats, delay: Ints, offset: int, neurons: Neurons) -> None:
    count = MOST_NEURONS if neurons.count is None else neurons.count
    why = "numbers of neurons" if neurons.count is None else f"numbers of the {count} neurons that {neurons.counted_by} gives"
    for name, values in (("src", source), ("dst", target)):
        _within(path, name, values, 0, count - 1, why, offset)
    _within(path, "delay", delay, 1, LONGEST_DELAY, "steps", offset)
    odd = np.flatnonzero(~np.isfinite(weight))
    if len(odd):
        raise WorkloadError(f"{path}: weight[{offset + odd[0]}] is {weight[odd[0]]}; allowed: {FINITE}")


def _within(path: Path, name: str, values: Ints, low: int, high: int, what: str, offset: int) -> None:
    if not len(values) or (values.min() >= low and values.max() <= high):
        return
    first = int(np.flatnonzero((values < low) | (values > high))[0])
    raise WorkloadError(f"{path}: {name}[{offset + first}] is {values[first]}; allowed: {low} to {high}, {what}")


def _look(seen: _Seen, source: Ints, target: Ints, weight: Floats, delay: Ints) -> None:
    if not len(source):
        return
    needed = int(max(source.max(), target.max())) + 1
    if needed > len(seen.out):  # only where no array of neurons says how many there are
        seen.out = np.concatenate([seen.out, np.zeros(needed - len(seen.out), np.int64)])
        seen.arriving = np.concatenate([seen.arriving, np.zeros(needed - len(seen.arriving))])
    _add(seen.out, source, None)
    size = np.abs(weight)
    largest = float(size.max())
    if largest:
        _add(seen.arriving, target, size)
        seen.digits = digits_needed(weight, seen.digits)
    seen.largest = max(seen.largest, largest)
    seen.longest = max(seen.longest, int(delay.max()))


def _add(total: npt.NDArray[Any], index: Ints, values: Floats | None) -> None:
    """total[index] += values (or 1), in place; a table of all neurons is only counted where it is no longer than the chunk."""
    if len(total) <= 4 * len(index):
        total += np.bincount(index, values, len(total)).astype(total.dtype)
    else:
        np.add.at(total, index, 1 if values is None else values)


def _weight_type(path: Path, largest: float, fraction: int) -> type[np.int16] | type[np.int32]:
    whole = largest * 2.0**fraction
    if whole <= 0.5 and largest:
        raise WorkloadError(
            f"{path}: weight: the largest is {largest!r}, and steps are no finer than 2^-{fraction}, so that nothing would be left of it;"
            " scale weights, v0, bias and threshold up together"
        )
    if whole >= 2**31:
        raise WorkloadError(
            f"{path}: weight: the largest is {largest!r}, and the network needs {fraction} binary digits behind the point at the least;"
            " allowed: together 31 binary digits; scale weights, v0, bias and threshold down together"
        )
    return np.int16 if whole < 2**15 else np.int32
