"""What a plan says of its network beyond a plain mesh: any topology, routing, wormhole routers."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from chipsim.noc.damage import Damage
from chipsim.noc.fabric import Fabric
from chipsim.noc.routing import Routing

Ints = npt.NDArray[np.int64]

IDEAL, QUEUED, WORMHOLE = 0, 1, 2
"""Router fidelity."""


@dataclass(frozen=True, slots=True)
class Wormhole:
    """Wormhole routers.

    Attributes:
        clock: ps of a cycle.
        vcs: virtual channels of an input.
        buffer: flits that a virtual channel holds.
        route_cycles: cycles that a head in front waits for its route: 1 (timing D) or 0.
        speculative: 1 if heads ask for the switch while they ask for a VC (timing S), else 0.
        atomic: 1 if a virtual channel is given away only when all its credits are back.
        ejection: messages that may wait at an endpoint before it holds credits back; 0 for no limit.
        classes: number of classes of messages with VCs of their own.
        class_of: int64[KINDS], class of each kind.
    """

    clock: int
    vcs: int
    buffer: int
    route_cycles: int
    speculative: int
    atomic: int
    ejection: int
    classes: int
    class_of: Ints


@dataclass(frozen=True, slots=True)
class NocPlan:
    """Topology, routing and, for wormhole routers, how they are built; absent from plans on a plain mesh with ideal or queued routers.

    Attributes:
        fabric: routers and links.
        routing: how packets find their way.
        wormhole: None for ideal and queued routers.
        damage: what is dead or loses flits; None for a sound network. ``routing`` is that of the first epoch then.
    """

    fabric: Fabric
    routing: Routing
    wormhole: Wormhole | None = None
    damage: Damage | None = None
