"""Links of a topology and tables of a routing, looked at before anything goes by them.

Engines follow them without looking: a link to a router that is not there would be a read outside of a table, a table that leads round in a
circle a run without an end.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import numpy.typing as npt

from chipsim import jit
from chipsim.errors import PluginError
from chipsim.noc.circle import first_circle
from chipsim.noc.fabric import Fabric, Links
from chipsim.noc.routing import HERE, NO_PATH

Ints = npt.NDArray[np.int64]

_AT_ONCE = 1 << 20
"""Links that are looked at together."""


def checked_links(topology: str, routers: int, levels: int, links: Links) -> Links:
    """Links as a topology has laid them, as int64.

    Args:
        topology: its name.
        routers: how many there are.
        levels: of a hierarchy above the chip.
        links: what it gave.

    Raises:
        PluginError: an array has another length or no whole numbers, or a link leads nowhere, or does not come back.
    """
    count, where = routers * links.ports, f"topology {topology}"
    to, back, level = (_whole(f"{where}: Links.{name}", getattr(links, name), count) for name in ("to", "back", "level"))
    own = [None if value is None else _whole(f"{where}: Links.{name}", value, count) for name, value in _times(links)]
    for begin in range(0, count, _AT_ONCE):
        part = slice(begin, begin + _AT_ONCE)
        there, port = to[part], back[part]
        used = there >= 0
        wrong = (there < -1) | (there >= routers) | (used & ((port < 0) | (port >= links.ports)))
        wrong |= used & ((level[part] < 0) | (level[part] > levels))
        for value in own:
            if value is not None:
                wrong |= value[part] < 0
        if not wrong.any():
            number = np.arange(begin, begin + len(there))
            other = np.where(used, there * links.ports + port, 0)
            wrong = used & ((to[other] != number // links.ports) | (back[other] != number % links.ports))
        if wrong.any():
            at = begin + int(wrong.argmax())
            raise PluginError(
                f"{where}: the link of router {at // links.ports} by port {at % links.ports} leads to router {to[at]}, port {back[at]}, level"
                f" {level[at]}; allowed: routers 0 to {routers - 1}, ports 0 to {links.ports - 1} by which the same link leads back, levels 0"
                f" to {levels}, no negative times"
            )
    return replace(links, to=to, back=back, level=level, latency=own[0], flit_time=own[1])


def _times(links: Links) -> tuple[tuple[str, Any], ...]:
    return ("latency", links.latency), ("flit_time", links.flit_time)


def checked_table(routing: str, fabric: Fabric, table: Any) -> Ints:
    """A routing's table, as int64.

    Args:
        routing: its name.
        fabric: the network that it is for.
        table: what it gave.

    Raises:
        PluginError: it has another length or no whole numbers, names a port without a link, or leads round in a circle.
    """
    n, ports = fabric.routers, fabric.ports
    found = _whole(f"routing {routing}: its table", table, n * n)
    router, dest = -1, -1
    for begin in range(0, n, max(1, _AT_ONCE // n)):
        rows = found[begin * n : (begin + max(1, _AT_ONCE // n)) * n].reshape(-1, n)
        here = np.arange(begin, begin + len(rows))
        link = (rows >= 0) & (rows < ports)
        there = fabric.to[here[:, None] * ports + np.where(link, rows, 0)] >= 0 if ports else link
        right = (link & there) | (rows == NO_PATH)
        right[here - begin, here] = rows[here - begin, here] == HERE
        if not right.all():
            row, dest = np.argwhere(~right)[0].tolist()
            router = begin + row
            break
    if router >= 0:
        raise PluginError(
            f"routing {routing}: from router {router} towards router {dest} its table has {found[router * n + dest]}; allowed: a port of"
            f" the router with a link, {NO_PATH} where no way leads, {HERE} at the router itself"
        )
    circle = _first_circle(found, fabric)
    if circle >= 0:
        raise PluginError(
            f"routing {routing}: its table leads from router {circle // n} towards router {circle % n} round in a circle; allowed: a way to"
            f" each router, or {NO_PATH}"
        )
    return found


def _first_circle(table: Ints, fabric: Fabric) -> int:
    """As ``circle.first_circle``; as Python where there is no compiler, which the reference engine does without."""
    seen = np.zeros(fabric.routers, np.int64)
    try:
        kernels = jit.load("chipsim.noc.circle", entries=("first_circle",))
        return int(kernels.first_circle(table, fabric.to, fabric.ports, fabric.routers, seen))
    except ImportError:
        return first_circle(table.tolist(), fabric.to.tolist(), fabric.ports, fabric.routers, seen.tolist())


def _whole(what: str, values: Any, length: int) -> Ints:
    """Whole numbers of an array in one dimension, as int64 without gaps."""
    if not isinstance(values, np.ndarray) or values.dtype.kind not in "iu" or values.shape != (length,):
        found = f"{values.dtype}{list(values.shape)}" if isinstance(values, np.ndarray) else type(values).__name__
        raise PluginError(f"{what} is {found}; allowed: {length} whole numbers in one dimension")
    return np.ascontiguousarray(values, np.int64)
