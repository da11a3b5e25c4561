"""What every plan takes from a chip: times of actions, tiles of cores, and the refusal of what is not known."""

from __future__ import annotations

from collections.abc import Iterable
from operator import attrgetter
from typing import Any

import numpy as np

from chipsim.config.chip import ChipSpec
from chipsim.errors import ConfigError
from chipsim.machine.actions import TABLE, TIMED, Action
from chipsim.noc import Mesh
from chipsim.noc.build import ROUTER
from chipsim.plan.plan import Ints

NETWORK_CONSTANTS = (
    "noc.link_latency_ew", "noc.link_latency_ns", "noc.local_latency", "noc.flit_time",
    "energy.router_flit", "energy.table_read", "energy.hop_ew", "energy.hop_ns", "energy.credit",
    "power.static_per_core",
)  # fmt: skip
"""What runs need of a chip: times and prices of the network, and power."""

MAX_PS = 2**63 - 1
"""A run that could exceed int64 ps (106 days) is refused before it starts."""


def chip_part(chip: ChipSpec, mesh: Mesh, table: tuple[Action, ...] = TABLE) -> dict[str, Any]:
    """The fields of a plan that follow from the chip alone, whatever it runs; ``table``: what the program counts (``Program.counted``)."""
    link_ew, link_ns = ps_of(chip.noc.link_latency_ew.value), ps_of(chip.noc.link_latency_ns.value)
    return {
        "mesh": mesh,
        "router": ROUTER[chip.noc.router],
        "link_latency": np.array([link_ew, link_ew, link_ns, link_ns], np.int64),
        "local_latency": ps_of(chip.noc.local_latency.value),
        "flit_time": ps_of(chip.noc.flit_time.value),
        "action_time": action_times(chip, table),
        "multicast": int(chip.noc.cast == "multicast"),
        "table_limit": chip.noc.table_entries or 0,
    }


def action_times(chip: ChipSpec, table: tuple[Action, ...] = TABLE) -> Ints:
    """int64[TIMED] ps per counted action by its number; 0 for what takes no time, or what the chip leaves unknown.

    ``refuse_unknown`` sees to it that nothing unknown is needed. With rows of a program's own (``Program.counted``) there is a time for each.
    """
    times = np.zeros(TIMED if len(table) == len(TABLE) else len(table), np.int64)
    for action in table:
        if action.time:
            times[action.number] = attrgetter(action.time)(chip).value or 0
    return times


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
    asked = frozenset(needed) - never_spent(chip)
    unknown = [path for path in chip.unknown() if path in asked or path.startswith("noc.levels.")]
    if unknown:
        raise ConfigError(
            f"chip {chip.name}: the run needs {', '.join(unknown)}, which the chip file leaves unknown; "
            f'set it, for example --set chip.{unknown[0]}.value="..."'
        )


def never_spent(chip: ChipSpec) -> frozenset[str]:
    """Key paths of prices of what the chip's network does not do, while it is whole."""
    noc = chip.noc
    spent = {
        "energy.table_read": noc.cast == "multicast" or noc.rule.table is not None,
        "energy.credit": noc.router == "wormhole",
    }
    return frozenset(path for path, happens in spent.items() if not happens)


def ps_of(value: float | int | None) -> int:
    """A time that ``refuse_unknown`` has found to be known."""
    assert value is not None
    return int(value)
