"""What engines say of a deadlock in a network of wormhole routers: which packets wait for one another."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence


def describe_wormhole(rows: Iterable[Sequence[int]], ports: int, grid: bool, now: int) -> str:
    """Which packets wait for one another in a deadlock of a network of wormhole routers.

    Args:
        rows: who waits for whom: router, input port, VC, source and sequence number of the packet in front there, output port that it wants,
            then router, input port and VC of what it waits for. A packet may wait for several.
        ports: network ports of a router; those beyond lead to endpoints.
        grid: ports are called by their direction.
        now: ps.
    """
    packet: dict[tuple[int, ...], tuple[str, int]] = {}
    after: dict[tuple[int, ...], list[tuple[int, ...]]] = {}
    for row in rows:
        where, (source, sequence, out), next_one = tuple(row[:3]), row[3:6], tuple(row[6:9])
        packet[where] = f"packet {sequence} of endpoint {source}", out
        after.setdefault(where, []).append(next_one)
    lines = [f"the network stands still at {now} ps; these packets wait for one another:"]
    cycle = _cycle(after)
    for i, where in enumerate(cycle):
        what, out = packet[where]
        behind = _place(cycle[(i + 1) % len(cycle)], ports, grid)
        lines.append(f"  {_place(where, ports, grid)} ({what}, to output {_port(out, ports, grid)}) waits for {behind}")
    if not cycle:
        lines += [f"  {_place(where, ports, grid)} ({what}) waits" for where, (what, _) in list(packet.items())[:8]]
    lines.append("  use a routing that cannot deadlock (chip.noc.routing), and leave chip.noc.allow_deadlock at false")
    return "\n".join(lines)


def _cycle(after: Mapping[tuple[int, ...], Sequence[tuple[int, ...]]]) -> list[tuple[int, ...]]:
    """The first cycle of a graph in the order of its nodes, empty if there is none."""
    done: set[tuple[int, ...]] = set()
    for start in sorted(after):
        path, on_path = [start], {start: 0}
        ways = [iter(after[start])]
        while ways:
            way = next(ways[-1], None)
            if way is None:
                ways.pop()
                done.add(path[-1])
                del on_path[path.pop()]
            elif way in on_path:
                return path[on_path[way] :]
            elif way in after and way not in done:
                on_path[way] = len(path)
                path.append(way)
                ways.append(iter(after[way]))
    return []


def _place(where: Sequence[int], ports: int, grid: bool) -> str:
    return f"router {where[0]} input {_port(where[1], ports, grid)} VC {where[2]}"


def _port(port: int, ports: int, grid: bool) -> str:
    if port >= ports:
        return f"local {port - ports}"
    return "EWSNDU"[port] if grid else str(port)
