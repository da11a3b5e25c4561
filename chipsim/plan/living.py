"""Which cores work from the start: what is mapped, and where the entries of keys live, goes to these alone."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
import numpy.typing as npt

from chipsim.errors import ConfigError, MappingError
from chipsim.spec.chip import ChipSpec
from chipsim.spec.faults import DeadCore, DeadRouter, FlitLoss, NetworkFault
from chipsim.topology.mesh import mesh_of

Words = npt.NDArray[np.int32]


def from_the_start(faults: Iterable[NetworkFault]) -> tuple[NetworkFault, ...]:
    """Dead links, routers and cores that are known before anything is mapped; what dies later nobody knows."""
    return tuple(fault for fault in faults if not isinstance(fault, FlitLoss) and fault.at == 0)


def living_cores(chip: ChipSpec, faults: Iterable[NetworkFault] = ()) -> Words:
    """Cores that are not dead from the start, nor their router.

    Args:
        chip: its topology.
        faults: of the experiment.

    Returns:
        int32[cores that work], ascending, at least one.

    Raises:
        MappingError: there is none.
        ConfigError: a fault names what the chip does not have.
    """
    mesh = mesh_of(chip.noc)
    dead = np.zeros(mesh.cores, bool)
    for fault in from_the_start(faults):
        if isinstance(fault, DeadCore):
            inside(fault.core, mesh.cores, "core", chip.name)
            dead[fault.core] = True
        if isinstance(fault, DeadRouter):
            inside(fault.router, mesh.tiles, "router", chip.name)
            dead[fault.router * mesh.concentration : (fault.router + 1) * mesh.concentration] = True
    if dead.all():
        raise MappingError(
            f"chip {chip.name}: all of {mesh.cores} cores are dead; allowed: at least one that works; remove faults"
        )
    return np.flatnonzero(~dead).astype(np.int32)


def inside(number: int, count: int, what: str, chip: str) -> None:
    """Refuse a dead core or router that the chip of this name does not have. Raises ConfigError."""
    if number >= count:
        raise ConfigError(f"dead_{what}: found {number}; allowed: 0 to {count - 1}, the {what}s of chip {chip}")
