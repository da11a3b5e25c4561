"""What every plan takes from a chip: times of actions, tiles of endpoints, and the refusal of what is not known."""

from __future__ import annotations

from collections.abc import Iterable
from operator import attrgetter
from typing import Any

import numpy as np
import numpy.typing as npt

from chipsim.config.chip import ChipSpec
from chipsim.config.faults import DeadLink, DeadRouter, NetworkFault
from chipsim.errors import ConfigError
from chipsim.machine.actions import TABLE, TIMED
from chipsim.noc import Mesh
from chipsim.noc.build import ROUTER
from chipsim.plan.plan import Ints

NETWORK_CONSTANTS = (
    "noc.link_latency_ew", "noc.link_latency_ns", "noc.local_latency", "noc.flit_time",
    "energy.router_flit", "energy.hop_ew", "energy.hop_ns", "power.static_per_core", "power.budget_per_core",
)  # fmt: skip
"""What every run needs of a chip: times and prices of the network, and power."""

MAX_PS = 2**63 - 1
"""A run that could exceed int64 ps (106 days) is refused before it starts."""


def chip_part(chip: ChipSpec, mesh: Mesh) -> dict[str, Any]:
    """The fields of a plan that follow from the chip alone, whatever it runs."""
    link_ew, link_ns = ps_of(chip.noc.link_latency_ew.value), ps_of(chip.noc.link_latency_ns.value)
    return {
        "mesh": mesh,
        "router": ROUTER[chip.noc.router],
        "link_latency": np.array([link_ew, link_ew, link_ns, link_ns], np.int64),
        "local_latency": ps_of(chip.noc.local_latency.value),
        "flit_time": ps_of(chip.noc.flit_time.value),
        "action_time": action_times(chip),
        "multicast": int(chip.noc.cast == "multicast"),
        "table_limit": chip.noc.table_entries or 0,
    }


def action_times(chip: ChipSpec) -> Ints:
    """int64[TIMED] ps per counted action by its number; 0 for what takes no time, or what the chip leaves unknown.

    ``refuse_unknown`` sees to it that nothing unknown is needed.
    """
    times = np.zeros(TIMED, np.int64)
    for action in TABLE:
        if action.time:
            times[action.number] = attrgetter(action.time)(chip).value or 0
    return times


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


def cores_and_host(chip: ChipSpec, mesh: Mesh) -> Ints:
    """int64[cores + 1], tile of each core and of the host, on a chip without servers."""
    return np.append(np.arange(mesh.cores, dtype=np.int64) // mesh.concentration, chip.host.tile)


def refuse_unknown(chip: ChipSpec, needed: Iterable[str]) -> None:
    """Refuse a chip that leaves unknown what a run needs.

    Args:
        chip: the chip.
        needed: key paths of constants within the chip, such as ``NETWORK_CONSTANTS``; those of a hierarchy's levels always are.

    Raises:
        ConfigError: naming all that is missing.
    """
    asked = frozenset(needed)
    unknown = [path for path in chip.unknown() if path in asked or path.startswith("noc.levels.")]
    if unknown:
        raise ConfigError(
            f"chip {chip.name}: the run needs {', '.join(unknown)}, which the chip file leaves unknown; "
            f'set it, for example --set chip.{unknown[0]}.value="..."'
        )


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
            f"chip {chip.name}: chip.noc.cast is multicast with topology {noc.topology} and routing {noc.way}; texts and logs grow their"
            " trees while they run, which works on a mesh with routing xy (levels included); allowed elsewhere:"
            " --set chip.noc.cast=unicast"
        )


def ps_of(value: float | int | None) -> int:
    """A time that ``refuse_unknown`` has found to be known."""
    assert value is not None
    return int(value)
