"""Whether a routing's table leads round in a circle; each pair of routers is looked at once."""

from __future__ import annotations

from chipsim.machine.ints import Ints


def first_circle(table: Ints, to: Ints, ports: int, routers: int, seen: Ints) -> int:
    """A router from which the way to another one never ends: ``router * routers + dest``; -1 if there is none.

    Args:
        table: int64[routers * routers], entry ``router * routers + dest``: a port, or what is none.
        to: int64[routers * ports], the router behind each link.
        ports: of a router.
        routers: how many there are.
        seen: int64[routers], 0; written: the walk that came by last, walks being numbered from 1.
    """
    for dest in range(routers):
        first = dest * routers + 1
        for start in range(routers):
            at = start
            while at != dest and seen[at] < first:
                seen[at] = first + start
                port = table[at * routers + dest]
                if port < 0 or port >= ports:
                    break
                at = to[at * ports + port]
                if seen[at] == first + start:
                    return start * routers + dest
    return -1
