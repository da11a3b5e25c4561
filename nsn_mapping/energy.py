"""Joules of a mapping's traffic before any run: what the chip's own table charges for packets, by the account that prices runs.

Counted are the actions that follow from the mapping alone. A unicast is taken up once by its source's core, crosses its links, and is taken
in once: its flits pass two local ports. A multicast is taken up once, crosses the links of its tree, is looked up in the table of every
router that it comes to, and passes one local port more for every core that it reaches. The own core counts where it holds a reader, as it
does on the chip. What cores do with a packet (synapses, neurons) is the same for every mapping but for axon lookups, one per packet taken in.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import numpy.typing as npt

from chipsim.config.chip import ChipSpec
from chipsim.energy.account import Counts, Line, price_lines
from chipsim.errors import ConfigError
from chipsim.machine.actions import A_AXON, A_MESSAGE, A_SENT, ACTIONS
from chipsim.machine.message import spike_bits
from chipsim.noc import EAST, PORTS, WEST, Mesh
from chipsim.plan.chip import never_spent
from nsn_mapping.evaluate import evaluate, link_loads
from nsn_mapping.hypergraph import Hypergraph

Ints = npt.NDArray[np.int64]

_FJ_PER_J = 1e15

PRICED = ("message_in", "axon_lookup", "spike_out", "router_flit", "table_read", "hop_ew", "hop_ns", "credit")
"""Lines of the account that traffic has, and those of the levels above the chip."""


@dataclass(frozen=True, slots=True)
class Traffic:
    """What the packets of a mapping do.

    Attributes:
        sent: packets that cores send: one per spike and core that reads it (unicast), or one per spike that anybody reads (multicast).
        delivered: packets that cores take in.
        hops_ew, hops_ns: links of the chip that they cross, by direction.
        hops_level: the same for the links of each level above the chip, from the lowest.
        lookups: entries of routers' tables that they are looked up in: on trees, at every router that they come to.
    """

    sent: int
    delivered: int
    hops_ew: int
    hops_ns: int
    hops_level: tuple[int, ...] = ()
    lookups: int = 0

    @property
    def hops(self) -> int:
        """All links crossed."""
        return self.hops_ew + self.hops_ns + sum(self.hops_level)


def directional_hops(
    h: Hypergraph,
    core: npt.NDArray[np.integer[Any]],
    mesh: Mesh,
    multicast: bool = False,
    levels: tuple[tuple[int, int], ...] = (),
) -> Traffic:
    """Count what the packets of a mapping do on a mesh with XY routing.

    Args:
        h: the network; nets without a source on the chip send nothing there.
        core: int[n], core of each vertex.
        mesh: the chip, or all chips.
        multicast: whether packets go on trees.
        levels: per level above the chip, from the lowest, the tiles between two borders: along x and along y.

    Raises:
        MappingError: from ``evaluate``.
    """
    sends = h.source >= 0
    h = replace(h, weight=np.where(sends, h.weight, 0))
    delivered = evaluate(h, core, mesh).packets_with_own
    read = np.diff(h.pin_start) > 0
    loads = link_loads(h, core, mesh, tree=multicast).reshape(mesh.tiles, PORTS)
    x, y = mesh.xy(np.arange(mesh.tiles, dtype=np.int64))
    level = np.zeros((mesh.tiles, PORTS), np.int64)
    for number, (across, down) in enumerate(levels, 1):
        for port, (at, unit) in enumerate(((x, across), (x - 1, across), (y, down), (y - 1, down))):
            level[(at + 1) % unit == 0, port] = number
    by_level = [loads * (level == number) for number in range(len(levels) + 1)]
    ports = by_level[0].sum(axis=0)
    sent = int(h.weight[read].sum()) if multicast else delivered
    return Traffic(
        sent=sent,
        delivered=delivered,
        hops_ew=int(ports[EAST] + ports[WEST]),
        hops_ns=int(ports.sum() - ports[EAST] - ports[WEST]),
        hops_level=tuple(int(above.sum()) for above in by_level[1:]),
        lookups=sent + int(loads.sum()) if multicast else 0,
    )


def chip_traffic(h: Hypergraph, core: npt.NDArray[np.integer[Any]], mesh: Mesh, chip: ChipSpec) -> Traffic:
    """As ``directional_hops``, with the cast and the levels of a chip.

    Args:
        h: the network.
        core: int[n], core of each vertex.
        mesh: of the chip.
        chip: a mesh with x-then-y routing.
    """
    return directional_hops(h, core, mesh, chip.noc.cast == "multicast", borders(chip))


def borders(chip: ChipSpec) -> tuple[tuple[int, int], ...]:
    """Tiles between two borders of each level, along x and along y: the sides of a chip, of a board, ..."""
    across, down = chip.noc.width, chip.noc.height
    found = []
    for level in reversed(chip.noc.levels):
        across, down = across // level.width, down // level.height
        found.append((across, down))
    return tuple(reversed(found))


def refuse_unpriced(chip: ChipSpec) -> None:
    """Refuse a chip that leaves a price of traffic unknown. Raises ConfigError, which names the first such price."""
    wanted = {f"energy.{name}" for name in PRICED} | {f"noc.levels.{i}.hop" for i in range(len(chip.noc.levels))}
    unknown = [path for path in chip.unknown() if path in wanted - never_spent(chip)]
    if unknown:
        raise ConfigError(
            f"chip {chip.name}: {', '.join(unknown)} unknown, and joules of traffic are asked for; set a value, for example"
            f' --set chip.{unknown[0]}.value="..."'
        )


def packet_price(chip: ChipSpec, flits: int) -> int:
    """Femtojoules per flit of a packet besides its links: sent, taken in, looked up, on local ports; the same if it stays on its core.

    With multicasts what is sent once per spike is left out, for no mapping changes it.

    Args:
        chip: with its prices.
        flits: of one packet.

    Raises:
        ConfigError: something has no price.
    """
    sent = 0 if chip.noc.cast == "multicast" else 1
    return round(joules(Traffic(sent, 1, 0, 0), chip, flits) * _FJ_PER_J / flits)


def spike_flits(chip: ChipSpec) -> int:
    """Flits of a spike between cores of a spiking network."""
    return -(-spike_bits(chip.noc.cores, chip.core.neurons) // chip.noc.flit_bits)


def traffic_lines(traffic: Traffic, chip: ChipSpec, flits: int) -> tuple[Line, ...]:
    """The lines of the chip's account that traffic has: sending, taking in, axon lookups, routers, links, and links between chips.

    Args:
        traffic: counted for this chip.
        chip: with its prices.
        flits: of one packet.

    Raises:
        ConfigError: something has no price.
    """
    back = int(chip.noc.router == "wormhole")  # a credit for each flit that has crossed a link
    actions = [0] * ACTIONS
    actions[A_SENT], actions[A_MESSAGE], actions[A_AXON] = traffic.sent, traffic.delivered, traffic.delivered
    counts = Counts(
        cores=0,
        actions=tuple(actions),
        tile_flits=(traffic.sent + traffic.delivered) * flits,
        host_flits=0,
        flits_ew=traffic.hops_ew * flits,
        flits_ns=traffic.hops_ns * flits,
        seconds=0.0,
        flits_level=tuple(hops * flits for hops in traffic.hops_level),
        router_lookups=traffic.lookups,
        credits=back * (traffic.hops_ew + traffic.hops_ns) * flits,
        credits_level=tuple(back * hops * flits for hops in traffic.hops_level),
    )
    wanted = {*PRICED, *(f"{name}_{level.name}" for level in chip.noc.levels for name in ("hop", "credit"))}
    return tuple(line for line in price_lines(chip, counts) if line.action in wanted)


def joules(traffic: Traffic, chip: ChipSpec, flits: int) -> float:
    """Joules of traffic: the correctly rounded sum of ``traffic_lines``.

    Args:
        traffic: counted for this chip.
        chip: with its prices.
        flits: of one packet.

    Raises:
        ConfigError: something has no price.
    """
    return math.fsum(line.joules for line in traffic_lines(traffic, chip, flits))
