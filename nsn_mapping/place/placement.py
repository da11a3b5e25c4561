"""What a placer returns, and the distances that placers measure with."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from chipsim.topology import Mesh


@dataclass(frozen=True, slots=True)
class Placement:
    """Parts on cores.

    Attributes:
        core: int32[parts], a different core for each part.
        order: int32[cores], all cores of the chip in the order in which the placer goes through them.
    """

    core: npt.NDArray[np.int32]
    order: npt.NDArray[np.int32]

    @property
    def fill_order(self) -> npt.NDArray[np.int32]:
        """int32[cores], where growth goes: cores that hold parts, then unused ones, both in the placer's order."""
        used = np.isin(self.order, self.core)
        return np.concatenate((self.order[used], self.order[~used]))


def core_distances(mesh: Mesh, cores: npt.NDArray[np.int32]) -> npt.NDArray[np.int64]:
    """int64[cores, cores], hops between the tiles of the given cores."""
    tile = cores.astype(np.int64) // mesh.concentration
    x, y = tile % mesh.width, tile // mesh.width
    return np.asarray(np.abs(x[:, None] - x[None, :]) + np.abs(y[:, None] - y[None, :]), dtype=np.int64)
