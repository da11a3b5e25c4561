"""Multicast entries of a spiking network: per source the union of the paths to the cores of its targets."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from chipsim.errors import MappingError
from chipsim.noc import Mesh
from chipsim.noc.paths import path_entries
from chipsim.noc.plan import NocPlan
from chipsim.plan.plan import Ints
from chipsim.programs.snn.reach import Reach, axon_blocks

MOST_ENTRIES = 2 * 10**7
"""Most steps of all paths together: beyond, tables as large as no router has would fill gigabytes."""


def spike_routes(
    start: Ints, target: npt.NDArray[np.int32], first: Ints, used: Ints, mesh: Mesh, reach: Reach, noc: NocPlan | None = None
) -> Ints:
    """Entries int64[entries, 4]: tile, 0, position of the source, mask of ports and local cores; by source, then tile.

    Args:
        start: int64[N + 1], first synapse of each source.
        target: int32[S], positions.
        first: int64[U + 1], position of the first neuron of each used core.
        used: int64[U], the cores.
        mesh: the chip.
        reach: how many packets and hops there are.
        noc: topology and routing, where it is not a plain mesh.

    Raises:
        MappingError: more entries than could be kept, or no way to a core.
    """
    steps = reach.packets + reach.hops_ew + reach.hops_ns
    if steps > MOST_ENTRIES:
        raise MappingError(
            f"multicast: the trees of all neurons have up to {steps} routing entries, allowed {MOST_ENTRIES}; use"
            " chip.noc.cast=unicast, or a smaller network"
        )
    found = [np.zeros((0, 4), np.int64)]
    for source, core, _ in axon_blocks(start, target, first):
        home = used[np.searchsorted(first, source, "right") - 1]
        tree, tile, mask = path_entries(source, home, used[core], mesh, noc).T
        found.append(np.stack([tile, np.zeros_like(tile), tree, mask], axis=1))
    return np.concatenate(found)
