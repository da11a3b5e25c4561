"""What a placer returns, and the distances that placers measure with."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from chipsim.noc import Mesh


@dataclass(frozen=True, slots=True)
class Placement:
    """Parts on cores.

    Attributes:
        core: int32[parts], a different core for each part.
        order: int32[sites], all cores that can be used, in the order in which the placer goes through them.
    """

    core: npt.NDArray[np.int32]
    order: npt.NDArray[np.int32]

    @property
    def fill_order(self) -> npt.NDArray[np.int32]:
        """int32[sites], where growth goes: cores that hold parts, then unused ones, both in the placer's order."""
        holds = np.zeros(int(self.order.max(initial=-1)) + 1, bool)
        holds[self.core] = True
        used = holds[self.order]
        return np.concatenate((self.order[used], self.order[~used]))


def core_distances(mesh: Mesh, cores: npt.NDArray[np.int32]) -> npt.NDArray[np.int64]:
    """int64[cores, cores], hops between the tiles of the given cores."""
    x, y = mesh.xy(cores.astype(np.int64) // mesh.concentration)
    return np.asarray(np.abs(x[:, None] - x[None, :]) + np.abs(y[:, None] - y[None, :]), dtype=np.int64)


def weighted_hops(mesh: Mesh, cores: npt.NDArray[np.integer[Any]], weights: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
    """int64[cores of the mesh], sum of weight x hops from each core to the given ones, in time in proportion to both.

    Args:
        mesh: the chip.
        cores: any[n], cores that are gone to.
        weights: int64[n], how often.
    """
    x, y = mesh.xy(cores.astype(np.int64) // mesh.concentration)
    along_x, along_y = _sums(x, weights, mesh.width), _sums(y, weights, mesh.height)
    rows, columns = (along_x, along_y) if mesh.column else (along_y, along_x)  # tiles in the order of their numbers
    return np.repeat((rows[:, None] + columns[None, :]).ravel(), mesh.concentration)


def _sums(place: npt.NDArray[np.int64], weights: npt.NDArray[np.int64], size: int) -> npt.NDArray[np.int64]:
    """int64[size], sum of weight x distance from each point of a line to the given places."""
    here = np.zeros(size, np.int64)
    np.add.at(here, place, weights)
    upto = np.cumsum(here)
    total = int(upto[-1])
    first = int((weights * place).sum())  # from point 0
    # One step on comes nearer to all that lies ahead and leaves behind what was passed.
    return first + np.concatenate([[0], np.cumsum(2 * upto[:-1] - total)])
