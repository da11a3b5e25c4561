"""A network in ms and mV from a NumPy archive: which archives are of that sort, and names that others use for the same."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from chipsim.errors import WorkloadError
from chipsim.network.npz import Archive, chunks, open_archive
from chipsim.registry import did_you_mean
from workloads.snn.lif_network import KEYS, NEEDED, OWN_KEYS, LifNetwork

ALSO = {
    "tau": "tau_ms", "tau_m": "tau_ms", "taum": "tau_ms", "tau_mem": "tau_ms", "tau_membrane": "tau_ms",
    "v_th": "threshold_mv", "vth": "threshold_mv", "v_thresh": "threshold_mv", "v_threshold": "threshold_mv", "theta": "threshold_mv",
    "v_rest": "rest_mv", "vrest": "rest_mv", "e_l": "rest_mv", "el": "rest_mv", "v_leak": "rest_mv",
    "v_reset": "reset_mv", "vreset": "reset_mv", "v_r": "reset_mv",
    "v_init": "v0_mv", "v0": "v0_mv",
    "t_ref": "refractory_ms", "tref": "refractory_ms", "tau_ref": "refractory_ms", "tau_refrac": "refractory_ms",
    "refractory": "refractory_ms",
    "r_m": "resistance_mohm", "r": "resistance_mohm", "resistance": "resistance_mohm",
    "i": "current_na", "i_e": "current_na", "i_ext": "current_na", "i_offset": "current_na", "current": "current_na",
    "dt": "dt_ms", "duration": "duration_ms", "t_sim": "duration_ms", "sim_time": "duration_ms", "simtime": "duration_ms",
    "w": "weight_mv", "weights": "weight_mv", "weight": "weight_mv",
    "delay": "delay_ms", "delays": "delay_ms",
    "pre": "src", "source": "src", "sources": "src", "post": "dst", "target": "dst", "targets": "dst",
    "n": "neurons",
}  # fmt: skip
"""Names in other tools, in lower case, and of archives in fixed point, for what has another name here."""

INSTEAD = {
    "weight": "weight_mv", "delay": "delay_ms", "threshold": "threshold_mv", "v0": "v0_mv", "leak": "tau_ms", "bias": "drive_mv",
    "in_step": "in_ms", "steps": "duration_ms", "reset": "reset_mv", "refractory": "refractory_ms",
}  # fmt: skip
"""Keys of a network in fixed point, and which key of one in ms and mV says the same with another number."""

_PARAMETERS = frozenset({"tau_ms", "threshold_mv", "rest_mv", "reset_mv", "refractory_ms", "resistance_mohm", "current_na"})
_SHORT = frozenset({"r", "i", "el", "theta"})
"""Names that may mean anything."""


def is_lif(archive: Archive) -> bool:
    """Whether an archive is of a network in ms and mV: it has a key with a unit in its name."""
    return bool(OWN_KEYS & archive.members.keys() - {"neurons"})


def is_lif_file(path: Path) -> bool:
    """The same of a file; False where it cannot be read, which reading it will say."""
    try:
        with open_archive(path) as archive:
            return is_lif(archive)
    except WorkloadError:
        return False


def foreign_names(archive: Archive) -> dict[str, str]:
    """Names of an archive in fixed point that other tools use for parameters of neurons in ms and mV, with their name here."""
    found = {name: ALSO.get(name.lower(), "") for name in archive.members if name not in INSTEAD and name.lower() not in _SHORT}
    return {name: here for name, here in found.items() if here in _PARAMETERS}


def synapse_names(archive: Archive) -> dict[str, str]:
    """Names of an archive that others use for src, dst and weight, with those."""
    here = {"src": "src", "dst": "dst", "weight_mv": "weight"}
    also = {**ALSO, "src": "src", "dst": "dst", "weight": "weight_mv"}
    found = {name: here.get(also.get(name.lower(), ""), "") for name in archive.members if name not in here.values()}
    return {name: meant for name, meant in found.items() if meant and meant not in archive.members}


def refuse_unread(archive: Archive) -> None:
    """Refuse parameters of neurons in ms and mV beside a network in fixed point, which would be left out.

    Raises:
        WorkloadError: naming them.
    """
    found = foreign_names(archive)
    if found:
        raise WorkloadError(
            f"{archive.path}: {', '.join(found)}: not read with src, dst, weight in fixed point; allowed: a network in ms and mV as a"
            f" whole, with the keys {', '.join(NEEDED)} ({', '.join(f'{name} is {here}' for name, here in found.items())}), or in fixed"
            " point threshold, leak and bias; leave out what is not for the network"
        )


def read_lif(archive: Archive) -> LifNetwork:
    """The network of an archive, as it is given.

    Raises:
        WorkloadError: a key is missing or unknown, or cannot be read.
    """
    path, members = archive.path, archive.members
    for name in members:
        if name not in KEYS:
            other = ALSO.get(name.lower())
            meant = f"; name it {other}" if other and other not in members else did_you_mean(name, KEYS)
            if name in INSTEAD:
                meant = f", but of one in fixed point; here {INSTEAD[name]} says it, in its unit"
            raise WorkloadError(
                f"{path}: {name}: no key of a network in ms and mV{meant}; allowed: {', '.join(KEYS)}; leave out what is not for the network"
            )
    missing = [name for name in NEEDED if name not in members]
    if missing:
        raise WorkloadError(
            f"{path}: no {', '.join(missing)}; a network in ms and mV has the keys {', '.join(NEEDED)}, and may have"
            f" {', '.join(name for name in KEYS if name not in NEEDED)}; chipsim.api.save_lif writes one"
        )
    return LifNetwork(**{name: _values(archive, name) for name in members})


def _values(archive: Archive, name: str) -> Any:
    member = archive.members[name]
    parts = list(chunks(archive, name, max(1, member.size)))
    if not parts:
        import numpy as np

        return np.zeros(member.shape, member.dtype)
    return parts[0].reshape(member.shape)
