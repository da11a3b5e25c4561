"""Arrays of rows with a fixed number of words, by what a row stands for.

The types are for readers and for the loader: a compiled kernel takes such an array flat, and ``T[i, c]`` becomes word ``i * WIDTH + c``, which
costs a shift where the general form costs a multiplication with a width that is read from memory.
"""

from __future__ import annotations

import numpy as np

from chipsim.engines.compiled import layout
from chipsim.machine.actions import ACTIONS

Table = np.ndarray[tuple[int, int], np.dtype[np.int64]]
"""Rows of words."""


class Tokens(Table):
    """Packets on the way or in an inbox."""

    WIDTH = layout.TOKEN


class Links(Table):
    """Links between routers."""

    WIDTH = 8


class Ways(Table):
    """What is behind links."""

    WIDTH = layout.WAY


class Endpoints(Table):
    """Cores, slot servers and the host."""

    WIDTH = layout.ENDPOINT


class Slots(Table):
    """Slots of the wheels: first thing of each kind."""

    WIDTH = 4


class Rows(Table):
    """Messages."""

    WIDTH = layout.MESSAGE


class Places(Table):
    """x and y of tiles."""

    WIDTH = 2


class Log(Table):
    """Rows for the results."""

    WIDTH = layout.LOG


class Entries(Table):
    """Multicast entries."""

    WIDTH = 3


class Actions(Table):
    """Counted actions."""

    WIDTH = ACTIONS


class Spiking(Table):
    """Cores with neurons."""

    WIDTH = layout.SPIKING


class Totals(Table):
    """What had been counted when a step began."""

    WIDTH = 9


class Packets(Table):
    """Given traffic: time, source, destination, flits."""

    WIDTH = 4


class Routers(Table):
    """Wormhole routers."""

    WIDTH = layout.ROUTER_ROW


class Ports(Table):
    """Their ports, and ways into routers."""

    WIDTH = layout.PORT_ROW


class Flits(Table):
    """Flits and credits on links."""

    WIDTH = layout.FLIT_ROW


class Branches(Table):
    """Branches of packets on trees."""

    WIDTH = layout.BRANCH_ROW


class Requests(Table):
    """Those that ask for a virtual channel."""

    WIDTH = layout.REQUEST_ROW


class Bids(Table):
    """Those that ask for the switch."""

    WIDTH = layout.BID_ROW
