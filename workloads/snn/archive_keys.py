"""What archives are of, and what each of their keys means: for whoever looks at one before running it."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from chipsim.network.neurons import NEURONS
from chipsim.network.npz import Archive, Member, chunks, open_archive
from workloads.snn.lif_archive import is_lif

LIF = {
    "dt_ms": "time of a step, ms",
    "duration_ms": "how long the network runs, ms",
    "tau_ms": "membrane time constant, ms",
    "rest_mv": "potential at rest, mV",
    "threshold_mv": "above it a neuron fires, mV",
    "reset_mv": "potential after a spike, mV; rest by default",
    "v0_mv": "potential at the start, mV; rest by default",
    "refractory_ms": "after a spike the potential stays at reset so long, ms; 0 by default",
    "drive_mv": "how far above rest a constant current alone would lift the potential, mV; 0 by default",
    "resistance_mohm": "of the membrane, MOhm; with current_na instead of drive_mv",
    "current_na": "constant current, nA",
    "src": "source of each synapse, neurons from 0",
    "dst": "target of each synapse",
    "weight_mv": "by how much a spike lifts the target's potential, mV",
    "delay_ms": "from spike to effect, ms; one step by default",
    "neurons": "how many there are, where no array says it",
    "neuron_kind": "1 for an input, 0 for a neuron",
    "neuron_core": "core of each neuron",
    "in_ms": "time of each input spike, ms",
    "in_neuron": "input of each input spike",
}
"""Keys of a network in ms and mV, which ``workloads.snn.lif_network`` reads."""

FIXED = {
    "src": "source of each synapse, neurons from 0",
    "dst": "target of each synapse",
    "weight": "what a spike adds to the target's potential",
    "delay": "steps until it acts, 1 to 63; 1 by default",
    "v0": "potential before the first step; 0 by default",
    "bias": "added in each step; 0 by default",
    "threshold": "a neuron fires above it; 1 by default",
    "leak": "what remains of a potential in a step, 0 to 1; 1 by default",
    "steps": "how many the network runs",
    "neuron_kind": "1 for an input, 0 for a neuron",
    "neuron_core": "core of each neuron",
    "in_step": "step of each input spike, from 1",
    "in_neuron": "input of each input spike",
}
"""Keys of a network in fixed point, which ``workloads.snn.arrays`` reads."""

GRAPH = {
    "n": "how many neurons",
    "indptr": "where the targets of each neuron begin",
    "targets": "targets of all neurons, one neuron after the other",
    "spikes": "how many spikes each neuron emits",
}

PACKETS = {
    "time_ps": "when each packet is sent, ps",
    "source": "core that sends it",
    "destination": "core that it goes to",
    "flits": "how long it is; 1 by default",
}

_MOST = 2**24
"""Values of an array that are looked at for least and largest."""


@dataclass(frozen=True, slots=True)
class KeyOf:
    """One array of an archive: its name, shape and type, least and largest value as text, and what it means (empty: not read)."""

    name: str
    shape: tuple[int, ...]
    dtype: str
    values: str
    about: str


@dataclass(frozen=True, slots=True)
class Contents:
    """What an archive is.

    Attributes:
        what: a phrase.
        command: words of a command that takes it, after its program; empty where there is none.
        keys: its arrays.
        more: keys that it may have and has not, with what they mean.
    """

    what: str
    command: tuple[str, ...]
    keys: tuple[KeyOf, ...]
    more: dict[str, str]


def contents(path: Path) -> Contents:
    """What an archive is of.

    Raises:
        WorkloadError: it is missing or broken.
    """
    with open_archive(path) as archive:
        what, command, known = _sort_of(archive)
        keys = tuple(
            KeyOf(name, member.shape, str(member.dtype), _values(archive, member), known.get(name, ""))
            for name, member in archive.members.items()
        )
    return Contents(what, command, keys, {name: about for name, about in known.items() if name not in archive.members})


def _sort_of(archive: Archive) -> tuple[str, tuple[str, ...], dict[str, str]]:
    has, path = archive.members.keys(), str(archive.path)
    run = "run", "lif-small", "--set"
    if is_lif(archive):
        return "a spiking network in ms and mV", (*run, f"workload.path={path}"), LIF
    if has >= {"src", "dst", "weight"}:
        return (
            "a spiking network in fixed point",
            (*run, f"workload.path={path}"),
            FIXED | {one: _of_models()[one] for one in _of_models() if one in has},
        )
    if has >= GRAPH.keys():
        return "a bare graph, to be mapped", ("map", "--graph", path, "--mesh", "8x8"), GRAPH
    if has >= {"time_ps", "source", "destination"}:
        return "packets at given times", (*run, f"workload={{kind: traffic, path: {path}}}"), PACKETS
    return "nothing that chipsim runs or maps", (), {}


def _of_models() -> dict[str, str]:
    """Quantities that only some neuron models have."""
    return {
        one.name: f"{one.about}; with workload.neuron={name}"
        for name, model in NEURONS.all().items()
        for one in model.quantities
    }


def _values(archive: Archive, member: Member) -> str:
    """Least and largest value."""
    if member.dtype.kind not in "iufb" or not member.size:
        return ""
    if member.size > _MOST:
        return "not looked at"
    ends = [(part.min(), part.max()) for part in chunks(archive, member.name, 2**20)]
    low, high = (f"{one:.6g}" for one in (np.min([a for a, _ in ends]), np.max([b for _, b in ends])))
    return low if low == high else f"{low} to {high}"
