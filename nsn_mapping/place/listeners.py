"""Where listeners live: near the root of what they hear, and out of the way of all other roles while there is room."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import numpy.typing as npt

from chipsim.noc import Mesh
from chipsim.plan.inputs import Mapping


def with_listeners(mapping: Mapping, listeners: tuple[int, ...], mesh: Mesh, usable: npt.NDArray[np.int32]) -> Mapping:
    """A mapping with a core for each listener, the nearest one that plays no role yet, of equals that which growth comes to last.

    Args:
        mapping: of everything else.
        listeners: number of the layer or recursive network that each hears.
        mesh: the chip.
        usable: int32[n], cores that work; at least one.
    """
    rank = np.empty(mesh.cores, np.int64)
    rank[mapping.fill_order] = np.arange(mesh.cores)
    roots = mapping.roots.tolist()
    for number in listeners:
        free = np.setdiff1d(usable, roots)
        among = (free if len(free) else usable).astype(np.int64)
        far = mesh.distance(among // mesh.concentration, np.full_like(among, mapping.roots[number] // mesh.concentration))
        roots.append(int(among[np.lexsort((-rank[among], far))[0]]))
    return replace(mapping, roots=np.array(roots, np.int32))
