"""Mappings of bare graphs as files: the core of each neuron and the place of each core, checked when they are read."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from chipsim.errors import ConfigError, MappingError, WorkloadError
from chipsim.network.npz import Archive, open_archive, whole
from chipsim.noc import Mesh
from nsn_mapping.save import save_arrays

Words = npt.NDArray[np.int32]

FORMAT = "chipsim-graph-mapping-1"
_ARRAYS = ("core", "x", "y")
_ADVICE = "give a file written by `chipsim map --graph GRAPH.npz --out`"


@dataclass(frozen=True, slots=True)
class GraphMapping:
    """A graph on a mesh.

    Attributes:
        core: int32[n], core of each neuron.
        mesh: the chip; core c is at ``mesh.xy`` of its tile.
        method: what made it.
        seed: of whatever was random.
    """

    core: Words
    mesh: Mesh
    method: str
    seed: int

    def places(self) -> tuple[Words, Words]:
        """int32[cores] twice, column and row of each core; every core of a mesh without concentration has its own."""
        x, y = self.mesh.xy(np.arange(self.mesh.cores, dtype=np.int64) // self.mesh.concentration)
        return x.astype(np.int32), y.astype(np.int32)


def save_graph_mapping(path: Path, mapping: GraphMapping, force: bool = False) -> None:
    """Write a mapping; the file is whole or not there.

    Args:
        path: the file, a NumPy archive whatever its name ends with.
        mapping: what to write.
        force: replace a file that is there.

    Raises:
        UsageError: the file is there already or cannot be written.
    """
    x, y = mapping.places()
    arrays: dict[str, Any] = {
        "format": np.array(FORMAT),
        "method": np.array(mapping.method),
        "seed": np.int64(mapping.seed),
        "core": mapping.core,
        "x": x,
        "y": y,
    }
    save_arrays(path, arrays, force)


def load_graph_mapping(path: Path, neurons: int, mesh: Mesh) -> GraphMapping:
    """Read a mapping that fits a graph and a mesh.

    Args:
        path: the file.
        neurons: of the graph.
        mesh: the chip, one core per tile. The file may number cores in another order: they are told by their places.

    Raises:
        ConfigError: the file is missing, broken, or not of this format.
        MappingError: it was made for another graph or mesh, or two cores share a place.
    """
    try:
        with open_archive(path) as archive:
            return _read(archive, neurons, mesh)
    except WorkloadError as error:
        raise ConfigError(f"{error}; {_ADVICE}") from None


def _read(archive: Archive, neurons: int, mesh: Mesh) -> GraphMapping:
    path = archive.path
    missing = [name for name in (*_ARRAYS, "format", "method", "seed") if name not in archive]
    if missing:
        raise ConfigError(f"{path}: no {', '.join(missing)}: not a mapping of a graph; {_ADVICE}")
    for name in ("format", "method"):
        if archive.members[name].dtype.kind != "U" or archive.members[name].dtype.itemsize > 4096:
            raise ConfigError(f"{path}: {name} holds {archive.members[name].dtype}; allowed: a short text; {_ADVICE}")
    found = str(whole(archive, "format")[0])
    if found != FORMAT:
        raise ConfigError(f"{path}: the format is {found[:40]!r}; allowed: {FORMAT!r}; {_ADVICE}")
    lengths = {"core": neurons, "x": mesh.cores, "y": mesh.cores}
    for name, length in (*lengths.items(), ("seed", 1)):
        member = archive.members[name]
        if member.dtype.kind not in "iu":
            raise ConfigError(f"{path}: {name} holds {member.dtype}; allowed: whole numbers; {_ADVICE}")
        if member.size != length:
            raise MappingError(
                f"{path}: {name} has {member.size} values; allowed: {length}, as the graph has {neurons} neurons and the"
                f" {mesh.width}x{mesh.height} mesh {mesh.cores} cores; it was made for another graph or mesh, map again"
            )
    x, y = (_within(archive, name, size) for name, size in (("x", mesh.width), ("y", mesh.height)))
    tile = np.asarray(mesh.tile_at(x.astype(np.int64), y.astype(np.int64)))
    held = np.bincount(tile, minlength=mesh.cores)
    if held.max() > 1:
        at = int(held.argmax())
        one, other = np.flatnonzero(tile == at)[:2].tolist()
        raise MappingError(
            f"{path}: cores {one} and {other} are both at x {x[one]}, y {y[one]}; allowed: each core at a place of its own"
        )
    core = tile[_within(archive, "core", mesh.cores)]
    return GraphMapping(core.astype(np.int32), mesh, str(whole(archive, "method")[0]), int(whole(archive, "seed")[0]))


def _within(archive: Archive, name: str, size: int) -> Words:
    values = whole(archive, name)
    wrong = np.flatnonzero((values < 0) | (values >= size))
    if len(wrong):
        raise MappingError(f"{archive.path}: {name}[{wrong[0]}] is {values[wrong[0]]}; allowed: 0 to {size - 1}; map again")
    return values.astype(np.int32)
