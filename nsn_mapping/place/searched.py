"""The placers that search: force-directed descent and annealing, for parts whose traffic is a full matrix."""

from __future__ import annotations

import numpy as np

from chipsim.topology import Mesh
from nsn_mapping.place.anneal import place_blocks
from nsn_mapping.place.blocks import Blocks, from_pairs
from nsn_mapping.place.curve import cores_along
from nsn_mapping.place.placement import Placement, weighted_hops
from nsn_mapping.place.seats import mesh_seats
from nsn_mapping.place.traffic import Traffic


def force(traffic: Traffic, mesh: Mesh, seed: int) -> Placement:
    """Fiedler order on the Hilbert curve, then swaps of neighbours while they save hops.

    Args:
        traffic: messages between parts.
        mesh: with at least as many cores as there are parts.
        seed: not used, there is nothing random in it.
    """
    return _placed(traffic, mesh, seed, "force")


def anneal(traffic: Traffic, mesh: Mesh, seed: int) -> Placement:
    """Simulated annealing of swaps, for the fewest hops.

    Args:
        traffic: messages between parts.
        mesh: with at least as many cores as there are parts.
        seed: of the proposals.
    """
    return _placed(traffic, mesh, seed, "anneal")


def _blocks(traffic: Traffic) -> Blocks:
    sender, reader = np.nonzero(traffic.messages)
    return from_pairs(sender.astype(np.int32), reader.astype(np.int32), traffic.messages[sender, reader], len(traffic))


def _placed(traffic: Traffic, mesh: Mesh, seed: int, method: str) -> Placement:
    """Growth goes to the cores in use along the curve, then to free ones, those closest to all in use first."""
    seats = mesh_seats(mesh)
    core = seats.core[place_blocks(_blocks(traffic), seats, seed, method)]
    order = cores_along(mesh)
    used = np.isin(order, core)
    free = order[~used]
    away = weighted_hops(mesh, core, np.ones(len(core), np.int64))[free]
    order = np.concatenate((order[used], free[np.argsort(away, kind="stable")]))
    return Placement(core.astype(np.int32), order.astype(np.int32))
