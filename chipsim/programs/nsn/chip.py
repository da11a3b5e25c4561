"""What a neurosemantic network takes from a chip beside what every plan does: where its slot servers are, and whether its trees can grow."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from chipsim.config.chip import ChipSpec
from chipsim.config.faults import DeadLink, DeadRouter, NetworkFault
from chipsim.errors import ConfigError
from chipsim.noc import Mesh

Ints = npt.NDArray[np.int64]


def endpoint_tiles(chip: ChipSpec, mesh: Mesh, joined: npt.NDArray[np.bool_] | None = None) -> Ints:
    """Where everything is that sends and takes messages.

    Args:
        chip: its regions and host.
        mesh: its shape.
        joined: bool[tiles], tiles that work and reach one another; None for all.

    Returns:
        int64[cores + regions + 1], tile of each core, then of each slot server (the middle of its region, or the tile nearest to it that
        works, of these that with the lowest number), then of the host port.

    Raises:
        ConfigError: the host's tile does not work.
    """
    w, h = chip.growth.region_width, chip.growth.region_height
    x0, y0 = np.arange(0, mesh.width, w, dtype=np.int64), np.arange(0, mesh.height, h, dtype=np.int64)
    middle_x, middle_y = (x0 + np.minimum(x0 + w, mesh.width)) // 2, (y0 + np.minimum(y0 + h, mesh.height)) // 2
    centres = mesh.tile_at(np.tile(middle_x, len(y0)), np.repeat(middle_y, len(x0)))
    if joined is not None:
        if not joined[chip.host.tile]:
            raise ConfigError(
                f"faults: the router of tile {chip.host.tile}, where the host is (chip.host.tile), is dead or cut off from the start; set"
                f" chip.host.tile to one that works, for example {int(joined.argmax())}"
            )
        x, y = mesh.xy(np.flatnonzero(joined))
        for region, centre in enumerate(centres):
            if not joined[centre]:
                own = (x // w == region % len(x0)) & (y // h == region // len(x0))
                near = np.abs(x - middle_x[region % len(x0)]) + np.abs(y - middle_y[region // len(x0)])
                centres[region] = np.flatnonzero(joined)[int(np.where(own, near, near + mesh.tiles).argmin())]
    cores = np.arange(mesh.cores, dtype=np.int64) // mesh.concentration
    return np.concatenate([cores, centres, np.array([chip.host.tile], np.int64)])


def refuse_growing_trees(chip: ChipSpec, faults: tuple[NetworkFault, ...]) -> None:
    """Refuse multicast where trees that grow at run time could not follow the routing: cores lay them x first, then y.

    Raises:
        ConfigError: the chip multicasts on anything but a mesh with x-then-y routing, or something on the ways is dead.
    """
    noc = chip.noc
    if noc.cast == "multicast" and any(isinstance(fault, DeadLink | DeadRouter) for fault in faults):
        raise ConfigError(
            f"chip {chip.name}: chip.noc.cast is multicast with dead links or routers; texts and logs grow their trees x first, then y,"
            " over what is dead too; allowed: --set chip.noc.cast=unicast"
        )
    if noc.cast == "multicast" and not noc.is_plain_mesh:
        raise ConfigError(
            f"chip {chip.name}: chip.noc.cast is multicast with topology {noc.topology} and routing {noc.routing_name}; texts and logs grow"
            " their trees while they run, which works on a mesh with routing xy (levels included); allowed elsewhere:"
            " --set chip.noc.cast=unicast"
        )
