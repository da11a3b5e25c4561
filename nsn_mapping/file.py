"""Mapping files: the arrays of a ``Mapping`` in a NumPy archive, checked on load."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from chipsim.errors import ConfigError, MappingError, WorkloadError
from chipsim.network import NsnState
from chipsim.network.npz import Archive, open_archive, whole
from chipsim.noc import Mesh
from chipsim.plan.inputs import Mapping

FORMAT = "chipsim-mapping-1"
_ARRAYS = ("core", "slot", "roots", "fill_order")
_LARGEST = 2**31
_LONGEST_TEXT = 4096
_ADVICE = "give a file written by `chipsim map`"
GRID = "grid"
"""Key of the tiles along x and y and the cores of a tile; files of earlier versions do not have it."""


def save_mapping(path: Path, mapping: Mapping, mesh: Mesh | None = None) -> None:
    """Write a mapping to a file (``.npz``, whatever the name ends with), with the shape of the chip where it is given.

    Raises:
        ConfigError: the file cannot be written.
    """
    grid: dict[str, Any] = {} if mesh is None else {GRID: np.array([mesh.width, mesh.height, mesh.concentration])}
    try:
        with path.open("wb") as file:
            np.savez_compressed(
                file,
                **grid,
                format=np.array(FORMAT),
                method=np.array(mapping.method),
                core=mapping.core,
                slot=mapping.slot,
                roots=mapping.roots,
                fill_order=mapping.fill_order,
            )
    except OSError as error:
        raise ConfigError(f"{path}: the mapping cannot be written: {error.strerror}; choose a folder that is there") from error


def load_mapping(path: Path, state: NsnState, mesh: Mesh, listeners: int = 0) -> Mapping:
    """Read a mapping and compare its sizes with the network and the chip; the limits are for ``check_contents``.

    Sizes and types are read first, from the headers, so that a file of another kind is refused before it takes any memory.

    Args:
        path: of the file.
        state: the network.
        mesh: the chip.
        listeners: how many there are, each with a core.

    Raises:
        ConfigError: the file is missing, unreadable or not a mapping file.
        MappingError: it was made for another network or chip.
    """
    if not path.exists():
        raise ConfigError(f"{path}: there is no such mapping file; {_ADVICE}, or drop mapping.file")
    try:
        with open_archive(path) as archive:
            return _read(archive, state, mesh, listeners)
    except WorkloadError as error:
        raise ConfigError(f"{path}: not a mapping file ({error}); {_ADVICE}") from None


def _read(archive: Archive, state: NsnState, mesh: Mesh, listeners: int) -> Mapping:
    path = archive.path
    missing = [name for name in (*_ARRAYS, "format", "method") if name not in archive]
    if missing:
        raise ConfigError(
            f"{path}: not a mapping file: no {', '.join(missing)}; it must hold {', '.join((*_ARRAYS, 'format', 'method'))}; {_ADVICE}"
        )
    for name in ("format", "method"):
        member = archive.members[name]
        if member.dtype.kind != "U" or member.shape or member.dtype.itemsize > _LONGEST_TEXT:
            raise ConfigError(f"{path}: {name} holds {member.dtype}{list(member.shape)}, allowed is one short text; {_ADVICE}")
    found = str(whole(archive, "format")[0])
    if found != FORMAT:
        raise ConfigError(f"{path}: the format is {found[:40]!r}, allowed is {FORMAT!r}; {_ADVICE}")
    roles = state.layers + 2 + state.layers * state.networks + listeners
    wanted = {"core": len(state), "slot": len(state), "roots": roles, "fill_order": mesh.cores}
    for name, length in wanted.items():
        member = archive.members[name]
        if member.dtype.kind not in "iu":
            raise ConfigError(f"{path}: {name} holds {member.dtype}, it must hold whole numbers; {_ADVICE}")
        if member.shape != (length,):
            raise MappingError(
                f"{path}: {name} has shape {member.shape}, allowed is ({length},): the network has {len(state)} neurons on "
                f"layers 0..{state.layers}, the chip {mesh.cores} cores; it was made for another network or chip, map again"
            )
    _refuse_other_grid(archive, mesh)
    arrays = {}
    for name in _ARRAYS:
        values = whole(archive, name)
        if len(values) and (int(values.min()) < 0 or int(values.max()) >= _LARGEST):
            raise MappingError(
                f"{path}: {name} holds numbers from {values.min()} to {values.max()}, allowed are 0..{_LARGEST - 1}; map again"
            )
        arrays[name] = values.astype(np.int32)
    return Mapping(method=str(whole(archive, "method")[0]), **arrays)


def _refuse_other_grid(archive: Archive, mesh: Mesh) -> None:
    """Refuse a mapping for tiles in other rows and columns: it would fit by its numbers, and put neighbours far apart."""
    if GRID not in archive:
        return
    member = archive.members[GRID]
    if member.dtype.kind not in "iu" or member.shape != (3,):
        raise ConfigError(
            f"{archive.path}: {GRID} holds {member.dtype}{list(member.shape)}, allowed are 3 whole numbers: width, height, cores per tile;"
            f" {_ADVICE}"
        )
    found = whole(archive, GRID).tolist()
    if found != [mesh.width, mesh.height, mesh.concentration]:
        raise MappingError(
            f"{archive.path}: it was made for {found[0]} x {found[1]} tiles of {found[2]} cores, the chip has {mesh.width} x {mesh.height} of"
            f" {mesh.concentration}; map again"
        )
