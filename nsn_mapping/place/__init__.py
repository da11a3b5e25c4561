"""Placement: which core a part sits on. One placer per file, registered as an entry point of ``chipsim.placers``."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from chipsim.config.mapping import PLACERS, Objective, searching
from chipsim.errors import MappingError
from chipsim.noc import Mesh
from nsn_mapping.place.blocks import Blocks
from nsn_mapping.place.growth import grow_near
from nsn_mapping.place.max_link import lower_max_link, refuse_other_routes
from nsn_mapping.place.placement import Placement
from nsn_mapping.place.seats import Seats, refuse_few
from nsn_mapping.place.traffic import Traffic

Words = npt.NDArray[np.int32]


def place_parts(placer: str, traffic: Traffic | None, parts: int, mesh: Mesh, seats: Seats, seed: int) -> Placement:
    """Give every part a core, and say where growth goes.

    Args:
        placer: one of ``PLACERS``.
        traffic: messages between parts; None where nobody knows them, for placers that only have an order.
        parts: how many.
        mesh: the chip.
        seats: at least as many as there are parts, what paths between them cost, and what of it placers that search minimise.
        seed: of all that is random.

    Raises:
        UsageError: the placer is not known.
        MappingError: more parts than seats, or the placer or these seats do not have the objective.
    """
    how = PLACERS.get(placer)
    if how.order is not None:
        refuse_few(seats, parts)
        ordered: Placement = how.order(traffic, parts, mesh, seats, seed)
        return ordered
    assert traffic is not None
    return grow_near(seats.core[place_blocks(traffic.blocks, seats, seed, placer, seats.objective)], mesh, seats)


def place_blocks(
    blocks: Blocks, seats: Seats, seed: int, placer: str = "anneal", objective: Objective = "hops", effort: float = 1.0
) -> Words:
    """Give every part a seat of its own by a placer that searches.

    Args:
        blocks: packets between parts.
        seats: the cores that can be used and the cost of paths between them.
        seed: of all that is random.
        placer: one of ``searching()``.
        objective: ``hops`` and ``energy`` add up the cost of all paths (the seats must be priced in energy for the latter), ``link`` is the
            load of the busiest link.
        effort: how long to search; time is in proportion to it.

    Returns:
        int32[parts], seats, all different. The same for the same arguments on any machine.

    Raises:
        UsageError: the placer is not known.
        MappingError: more parts than seats, a placer that does not search, or an objective that these seats do not have.
    """
    refuse_few(seats, len(blocks))
    search = PLACERS.get(placer).search
    if search is None:
        raise MappingError(f"placer {placer} looks at no traffic; allowed: {', '.join(searching())}")
    if objective == "energy" and seats.price != "energy":
        raise MappingError(
            f"placement by energy on seats priced in {seats.price}; allowed: seats priced in energy; make them with price='energy'"
        )
    if objective == "link":
        refuse_other_routes(seats)
    if len(blocks) == 0:
        return np.zeros(0, np.int32)
    seat: Words = search(blocks, seats, seed, effort)
    return lower_max_link(blocks, seats, seat, seed, effort) if objective == "link" else seat
