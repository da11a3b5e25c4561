"""The placers that search: force-directed descent and annealing, for parts whose traffic is a full matrix."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from chipsim.noc import Mesh
from nsn_mapping.place.anneal import place_blocks
from nsn_mapping.place.blocks import Blocks, from_pairs
from nsn_mapping.place.curve import cores_along
from nsn_mapping.place.max_link import lower_max_link
from nsn_mapping.place.placement import Placement, weighted_hops
from nsn_mapping.place.seats import Seats
from nsn_mapping.place.traffic import Traffic


def force(traffic: Traffic, mesh: Mesh, seats: Seats, seed: int) -> Placement:
    """Fiedler order on the Hilbert curve, then swaps of neighbours while they save anything.

    Args:
        traffic: messages between parts.
        mesh: the chip.
        seats: at least as many as there are parts, and what ways between them cost.
        seed: not used, there is nothing random in it.
    """
    return _placed(traffic, mesh, seats, seed, "force")


def anneal(traffic: Traffic, mesh: Mesh, seats: Seats, seed: int) -> Placement:
    """Simulated annealing of swaps, for the least cost of all ways.

    Args:
        traffic: messages between parts.
        mesh: the chip.
        seats: at least as many as there are parts, and what ways between them cost.
        seed: of the proposals.
    """
    return _placed(traffic, mesh, seats, seed, "anneal")


def _blocks(traffic: Traffic) -> Blocks:
    sender, reader = np.nonzero(traffic.messages)
    return from_pairs(sender.astype(np.int32), reader.astype(np.int32), traffic.messages[sender, reader], len(traffic))


def less_busy(placement: Placement, traffic: Traffic, mesh: Mesh, seats: Seats, seed: int) -> Placement:
    """The same parts on seats where the busiest link has less to carry.

    Args:
        placement: where they are.
        traffic: messages between parts.
        mesh: the chip, with routing xy.
        seats: those that can be used.
        seed: of the proposals.

    Raises:
        MappingError: from ``lower_max_link``.
    """
    start = np.searchsorted(seats.core, placement.core).astype(np.int32)
    return _grows_near(seats.core[lower_max_link(_blocks(traffic), seats, start, seed)], mesh, seats)


def _placed(traffic: Traffic, mesh: Mesh, seats: Seats, seed: int, method: str) -> Placement:
    return _grows_near(seats.core[place_blocks(_blocks(traffic), seats, seed, method)], mesh, seats)


def _grows_near(core: npt.NDArray[np.int32], mesh: Mesh, seats: Seats) -> Placement:
    """Growth goes to the cores in use along the curve, then to free ones, those closest to all in use first."""
    order = cores_along(mesh)
    order = order[np.isin(order, seats.core)]
    used = np.isin(order, core)
    free = order[~used]
    away = weighted_hops(mesh, core, np.ones(len(core), np.int64))[free]
    order = np.concatenate((order[used], free[np.argsort(away, kind="stable")]))
    return Placement(core.astype(np.int32), order.astype(np.int32))
