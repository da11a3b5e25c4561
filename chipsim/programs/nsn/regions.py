"""Growth regions: which cores share a slot server, and how far each server is."""

from __future__ import annotations

import numpy as np

from chipsim.config.chip import ChipSpec
from chipsim.network import NsnState
from chipsim.noc import Mesh
from chipsim.plan.inputs import Mapping
from chipsim.plan.plan import Ints


def find_regions(chip: ChipSpec, mesh: Mesh, mapping: Mapping) -> tuple[Ints, Ints]:
    """Region of each core, and per region its cores in the order of growth, padded with -1."""
    across = -(-mesh.width // chip.growth.region_width)
    x, y = mesh.xy(np.arange(mesh.cores, dtype=np.int64) // mesh.concentration)
    region = y // chip.growth.region_height * across + x // chip.growth.region_width
    order = mapping.fill_order[np.argsort(region[mapping.fill_order], kind="stable")]
    size = np.bincount(region)
    server_core = np.full((len(size), int(size.max())), -1, np.int64)
    place = np.arange(mesh.cores) - np.repeat(np.cumsum(size) - size, size)
    server_core[region[order], place] = order
    return region, server_core


def find_servers(server_core: Ints, state: NsnState, mapping: Mapping, slots: int, numbers: int) -> tuple[Ints, Ints]:
    """First free slot of every core of ``server_core``, and per region and layer the index of the core that grows, -1: none."""
    cores = int(server_core.max()) + 1
    free_from = np.zeros(cores, np.int64)
    np.maximum.at(free_from, mapping.core, mapping.slot.astype(np.int64) + 1)
    server_next = np.where(server_core >= 0, free_from[np.maximum(server_core, 0)], 0)
    holds = np.zeros((numbers, cores), bool)
    holds[state.layer, mapping.core] = True
    current = np.full((len(server_core), numbers), -1, np.int64)
    core = np.maximum(server_core, 0)
    room = (server_core >= 0) & (free_from[core] < slots)
    last = server_core.shape[1] - 1
    for layer in range(numbers):
        growing = room & holds[layer][core]
        current[:, layer] = np.where(growing.any(axis=1), last - growing[:, ::-1].argmax(axis=1), -1)
    return server_next, current
