"""How large a spiking network is, from the headers of its archive or its rule alone."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from chipsim.errors import WorkloadError
from chipsim.network.npz import Archive, chunks, open_archive
from chipsim.network.spiking import LONGEST_DELAY, MAX_STEPS
from workloads.snn.columns import Quantities
from workloads.snn.lif_archive import is_lif
from workloads.snn.lif_network import PER_NEURON
from workloads.snn.neurons import keys_of

if TYPE_CHECKING:
    from workloads.kinds.arrays import ArraysWorkload

_CHUNK = 2**20

_SYNAPSE_IN_MV = 80
"""Bytes of a synapse that is given in ms and mV, while it is turned into whole numbers."""


@dataclass(frozen=True, slots=True)
class Sizes:
    """Sizes of a network.

    Attributes:
        neurons: how many, 0 where only src and dst could tell.
        synapses: how many.
        synapse_bytes: of one synapse in its row, at most.
        delay: longest delay that it could have.
        steps: of the run, 0 where the archive does not say it as one whole number.
        columns: quantities of the neuron model.
    """

    neurons: int
    synapses: int
    synapse_bytes: int
    delay: int
    steps: int
    columns: int = 0


def network_sizes(workload: ArraysWorkload, quantities: Quantities = ()) -> Sizes:
    """Sizes of a workload's network; what is wrong with it is found when it is read. ``quantities`` are those of its neuron model.

    Raises:
        WorkloadError: the archive is missing or broken.
    """
    made, columns = workload.generate, len(quantities)
    if made is not None:
        return Sizes(made.neurons, made.neurons * made.fan_out, 6, 1, workload.steps or 0, columns)
    with open_archive(workload.input_path()) as archive:
        members = archive.members
        synapses = members["src"].size if "src" in members else 0
        if is_lif(archive):
            return _of_lif(archive, workload, synapses, columns)
        neurons = max((members[name].size for name in keys_of(quantities) if name in members), default=0)
        steps = workload.steps or 0
        if not steps and "steps" in members and members["steps"].size == 1 and members["steps"].dtype.kind in "iu":
            steps = int(next(chunks(archive, "steps", 1))[0])
        delay = 1
        if "delay" in members and members["delay"].dtype.kind in "iu":
            delay = max((int(part.max()) for part in chunks(archive, "delay", _CHUNK) if len(part)), default=1)
        return Sizes(neurons, synapses, 8 if delay <= 1 else 9, max(1, delay), max(0, steps), columns)


def says_steps(path: Path) -> bool:
    """Whether an archive says how many steps to run, rightly or not; False where it cannot be read, which reading it will say."""
    try:
        with open_archive(path) as archive:
            return "steps" in archive or "duration_ms" in archive
    except WorkloadError:
        return False


def archive_steps(path: Path) -> int | None:
    """How many steps an archive says to run; None where it does not say it, or cannot be read, which reading it will say."""
    try:
        with open_archive(path) as archive:
            if is_lif(archive):
                return _lif_steps(archive) or None
            return int(_one(archive, "steps")) or None
    except WorkloadError:
        return None


def _lif_steps(archive: Archive) -> int:
    """Steps of a network in ms and mV, 0 where it does not say."""
    dt, duration = (_one(archive, name) for name in ("dt_ms", "duration_ms"))
    return round(duration / dt) if dt > 0 and 0 <= duration < dt * MAX_STEPS else 0


def _of_lif(archive: Archive, workload: ArraysWorkload, synapses: int, columns: int) -> Sizes:
    members = archive.members
    neurons = max((members[name].size for name in PER_NEURON if name in members), default=0)
    steps = workload.steps or _lif_steps(archive)
    delay = LONGEST_DELAY if "delay_ms" in members else 1
    return Sizes(max(neurons, int(_one(archive, "neurons"))), synapses, _SYNAPSE_IN_MV, delay, steps, columns)


def _one(archive: Archive, name: str) -> float:
    """A number of an archive, 0 where it has none such."""
    member = archive.members.get(name)
    if member is None or member.size != 1 or member.dtype.kind not in "iuf":
        return 0.0
    found = float(next(chunks(archive, name, 1))[0])
    return found if 0 <= found < 2**62 else 0.0
