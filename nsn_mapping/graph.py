"""Bare graphs: neurons, synapses and spike counts in a NumPy archive, without anything that could run.

Keys ``n`` (neurons), ``indptr`` and ``targets`` (CSR of outgoing synapses) and ``spikes`` (spikes of each neuron in some time); other keys are
left alone.
"""

from __future__ import annotations

import logging
from dataclasses import dataclass
from pathlib import Path
from shlex import quote
from typing import Any

import numpy as np
import numpy.typing as npt

from chipsim.errors import WorkloadError
from chipsim.network.npz import Archive, open_archive, whole
from nsn_mapping.hypergraph import Hypergraph, from_graph
from nsn_mapping.save import save_arrays

Ints = npt.NDArray[np.int64]
Words = npt.NDArray[np.int32]

log = logging.getLogger(__name__)

KEYS = ("n", "indptr", "targets", "spikes")
SPIKING_KEYS = ("src", "dst", "weight")
"""Keys of the other archive that users have, a network that can be run."""

ADVICE = "docs/mapping.md describes the file"

MOST_NEURONS = 2**31 - 1
"""Neurons are numbered in 32 bits."""

MOST = 2**62


@dataclass(frozen=True, slots=True)
class Graph:
    """A directed graph of synapses with a spike count for each neuron.

    Attributes:
        indptr: int64[n + 1], where the synapses of each neuron begin.
        targets: int32[synapses], ascending within a neuron, none twice, no neuron onto itself.
        spikes: int64[n], 0 or more.
        where: the file or rule that it comes from, for messages.
    """

    indptr: Ints
    targets: Words
    spikes: Ints
    where: str

    def __len__(self) -> int:
        return len(self.spikes)

    @property
    def synapses(self) -> int:
        """Number of synapses."""
        return len(self.targets)

    def hypergraph(self) -> Hypergraph:
        """One net per neuron, its targets the pins."""
        return from_graph(self.indptr, self.targets, self.spikes)


def read_graph(path: Path) -> Graph:
    """Read a graph from a file.

    Args:
        path: NumPy archive (.npz), packed or not. Targets that are not ascending are sorted in memory, with a warning in the log.

    Raises:
        WorkloadError: the file is missing or broken, or what it says is no graph; names file, key, what was found and what is allowed.
    """
    with open_archive(path) as archive:
        n = _sizes(archive)
        indptr = _column(archive, "indptr")
        _check_indptr(path, indptr, archive.members["targets"].size)
        targets, spikes = _column(archive, "targets"), _column(archive, "spikes")
    _refuse(path, "targets", targets, (targets < 0) | (targets >= n), f"0 to {n - 1}, neurons of the graph")
    _refuse(path, "spikes", spikes, spikes < 0, "0 or more, spikes that the neuron emits")
    return make_graph(indptr, targets.astype(np.int32), spikes, str(path))


def graph_bytes(path: Path) -> int:
    """Memory that the arrays of a file take when they are read, by their headers alone. Raises WorkloadError like `read_graph`."""
    with open_archive(path) as archive:
        n = _sizes(archive)
        return 8 * (2 * n + 1) + 12 * archive.members["targets"].size


def make_graph(indptr: Ints, targets: Words, spikes: Ints, where: str) -> Graph:
    """A graph from arrays whose values are in range: sorts synapses, refuses what occurs twice.

    Args:
        indptr: int64[n + 1], from 0 up to the number of synapses.
        targets: int32[synapses], 0..n-1.
        spikes: int64[n], 0 or more.
        where: a name for messages.

    Raises:
        WorkloadError: a synapse occurs twice or leads back to its neuron, or totals could pass 2^62.
    """
    row = np.repeat(np.arange(len(spikes), dtype=np.int32), np.diff(indptr))
    own = np.flatnonzero(targets == row)
    if len(own):
        raise WorkloadError(
            f"{where}: targets[{own[0]}] is {targets[own[0]]}: neuron {row[own[0]]} is its own target; allowed: other neurons;"
            " leave synapses onto oneself out, they cost no packet"
        )
    same = row[1:] == row[:-1]
    if np.any((targets[1:] < targets[:-1]) & same):
        log.warning("%s: targets of a neuron are not in ascending order; sorted in memory, the file is as it was", where)
        targets = (np.sort(row.astype(np.int64) << 32 | targets) & (2**32 - 1)).astype(np.int32)
    twice = np.flatnonzero((targets[1:] == targets[:-1]) & same)
    if len(twice):
        raise WorkloadError(
            f"{where}: targets: neuron {row[twice[0]]} has neuron {targets[twice[0]]} twice; allowed: each target once;"
            " leave the second synapse out"
        )
    _refuse_totals(indptr, spikes, where)
    return Graph(indptr, targets, spikes, where)


def write_graph(path: Path, graph: Graph, force: bool = False) -> None:
    """Write a graph as `read_graph` reads it; the file is whole or not there.

    Args:
        path: the file, ``.npz`` whatever its name ends with.
        graph: what to write.
        force: replace a file that is there.

    Raises:
        UsageError: the file is there already or cannot be written.
    """
    arrays = {"n": np.int64(len(graph)), "indptr": graph.indptr, "targets": graph.targets, "spikes": graph.spikes}
    save_arrays(path, arrays, force)


def _sizes(archive: Archive) -> int:
    """The number of neurons, after all that headers can tell."""
    found = ", ".join(sorted(archive.members)[:12]) or "nothing"
    missing = [name for name in KEYS if name not in archive]
    if missing and all(name in archive for name in SPIKING_KEYS):
        run = f"chipsim run lif-small --set workload.generate=null --set {quote(f'workload.path={archive.path}')}"
        raise WorkloadError(
            f"{archive.path}: a spiking network ({', '.join(SPIKING_KEYS)}), which `{run}` runs; a graph has the keys {', '.join(KEYS)}:"
            " `chipsim new graph GRAPH.npz` makes a sample"
        )
    if missing:
        raise WorkloadError(
            f"{archive.path}: no {', '.join(missing)}; a graph has the keys {', '.join(KEYS)} (found: {found}); {ADVICE}"
        )
    for name in KEYS:
        member = archive.members[name]
        if member.dtype.kind not in "iu":
            raise WorkloadError(f"{archive.path}: {name} holds {member.dtype}; allowed: whole numbers; {ADVICE}")
    if archive.members["n"].size != 1:
        raise WorkloadError(
            f"{archive.path}: n has shape {archive.members['n'].shape}; allowed: one number, the neurons; {ADVICE}"
        )
    n = int(_column(archive, "n")[0])
    if not 1 <= n <= MOST_NEURONS:
        raise WorkloadError(f"{archive.path}: n is {n}; allowed: 1 to {MOST_NEURONS} neurons")
    lengths = {"indptr": (n + 1, "where the synapses of each neuron begin, and their end"), "spikes": (n, "one per neuron")}
    for name, (length, meaning) in lengths.items():
        if archive.members[name].shape != (length,):
            raise WorkloadError(
                f"{archive.path}: {name} has shape {archive.members[name].shape}; allowed: ({length},), {meaning}, as n is {n}"
            )
    if len(archive.members["targets"].shape) != 1:
        raise WorkloadError(f"{archive.path}: targets has shape {archive.members['targets'].shape}; allowed: one dimension")
    return n


def _column(archive: Archive, name: str) -> Ints:
    """An array as int64; what does not fit becomes -1, which every check refuses."""
    values: npt.NDArray[Any] = whole(archive, name)
    if values.dtype.kind == "u" and values.dtype.itemsize == 8:
        return np.where(values > np.uint64(2**63 - 1), -1, values.astype(np.int64))
    return values.astype(np.int64)


def _check_indptr(path: Path, indptr: Ints, synapses: int) -> None:
    if indptr[0] != 0:
        raise WorkloadError(f"{path}: indptr[0] is {indptr[0]}; allowed: 0; {ADVICE}")
    falls = np.flatnonzero(indptr[1:] < indptr[:-1])
    if len(falls):
        at = int(falls[0])
        raise WorkloadError(
            f"{path}: indptr[{at + 1}] is {indptr[at + 1]}; allowed: {indptr[at]} or more, as it never falls (neuron {at})"
        )
    if indptr[-1] != synapses:
        raise WorkloadError(f"{path}: indptr[{len(indptr) - 1}] is {indptr[-1]}; allowed: {synapses}, the length of targets")


def _refuse(path: Path, name: str, values: Ints, wrong: npt.NDArray[np.bool_], allowed: str) -> None:
    at = np.flatnonzero(wrong)
    if len(at):
        raise WorkloadError(f"{path}: {name}[{at[0]}] is {values[at[0]]}; allowed: {allowed}")


def _refuse_totals(indptr: Ints, spikes: Ints, where: str) -> None:
    fan_out = np.diff(indptr)
    if float(np.sum(fan_out.astype(np.float64) * spikes) + np.sum(spikes, dtype=np.float64)) < MOST / 2:
        return
    total = sum(int(s) * (int(f) + 1) for s, f in zip(spikes, fan_out, strict=True))
    if total >= MOST:
        raise WorkloadError(
            f"{where}: spikes: {total:.3g} deliveries in all; allowed: fewer than 2^62; divide all spike counts by the same number"
        )
