"""The network of a plan from a chip: fabric, routing and, for wormhole routers, how they are built; refused where it could deadlock."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from chipsim.config.chip import ChipSpec
from chipsim.config.faults import NetworkFault
from chipsim.config.noc import NocSpec
from chipsim.errors import ConfigError
from chipsim.machine.message import Kinds
from chipsim.noc.check import checked_table
from chipsim.noc.classes import classes_of
from chipsim.noc.damage_build import damaged
from chipsim.noc.deadlock import check_deadlock
from chipsim.noc.fabric import Fabric, by_column, extent, fabric_of
from chipsim.noc.mesh import PORTS
from chipsim.noc.plan import IDEAL, QUEUED, WORMHOLE, NocPlan, Wormhole
from chipsim.noc.routing import TABLE, Routing
from chipsim.noc.tables import refuse_many

Ints = npt.NDArray[np.int64]

ROUTER = {"ideal": IDEAL, "queued": QUEUED, "wormhole": WORMHOLE}
"""Fidelity of routers by its name in a chip."""

CORES_AT_MOST = 62
"""Most ports of a router, those of its cores included, where trees branch: a routing entry has a bit for each."""


def noc_plan(chip: ChipSpec, kinds: Kinds, seed: int, faults: tuple[NetworkFault, ...] = ()) -> NocPlan | None:
    """The network that a chip describes; whoever has laid the trees of a run has it checked by `refuse_deadlock`.

    Args:
        chip: the chip.
        kinds: of messages of the program that runs.
        seed: of the tie bits.
        faults: what is dead, or loses flits.

    Returns:
        None for a sound mesh without levels, x-then-y, with ideal or queued routers: engines know it by heart.

    Raises:
        ConfigError: a constant is unknown, a router has too many ports, or there are more classes than virtual channels.
    """
    noc = chip.noc
    trees = noc.cast == "multicast" and bool(kinds.on_trees)
    if noc.is_plain_mesh and noc.router != "wormhole" and not noc.levels and not faults:
        _refuse_wide(chip, PORTS, trees)
        return None
    fabric = fabric_of(noc)
    _refuse_wide(chip, fabric.ports, trees)
    wormhole = _wormhole(chip, kinds, trees) if noc.router == "wormhole" else None
    plan = NocPlan(fabric, routing_of(noc, fabric, seed), wormhole)
    return damaged(chip.name, noc, plan, faults, trees, seed) if faults else plan


def refuse_deadlock(chip: ChipSpec, noc: NocPlan | None, longest_tree: int, route: Ints) -> None:
    """Refuse wormhole routers that can deadlock, unless ``noc.allow_deadlock`` is set.

    Args:
        chip: the chip.
        noc: its network.
        longest_tree: flits of the longest packet that goes on a tree, 0 without trees.
        route: int64[entries, 4] the trees, as in ``Plan.route``.

    Raises:
        ConfigError: naming links that can wait for each other.
    """
    if noc is not None and noc.wormhole is not None and not chip.noc.allow_deadlock:
        check_deadlock(noc, longest_tree, route, chip.name, chip.noc.routing_name)


def routing_of(noc: NocSpec, fabric: Fabric, seed: int) -> Routing:
    """The routing that a chip describes, with its table if it has one.

    Raises:
        ConfigError: there are too many routers for a table.
        PluginError: the table of the routing leads nowhere.
    """
    width, height, depth = extent(noc)
    rule = noc.rule
    table, kind = np.zeros(0, np.int64), rule.kind
    if rule.table is not None:
        refuse_many(fabric)
        table, kind = checked_table(noc.routing_name, fabric, rule.table(fabric)), TABLE
    elif rule.in_layers is not None and noc.joined.layers:
        kind = rule.in_layers
    return Routing(kind, width, height, depth, int(by_column(noc)), fabric.ports, fabric.routers, seed, table)


def _refuse_wide(chip: ChipSpec, links: int, trees: bool) -> None:
    """Refuse routers whose outputs have no bit each in an entry of a tree."""
    cores = chip.noc.concentration
    if trees and links + cores > CORES_AT_MOST:
        raise ConfigError(
            f"chip {chip.name}: {links} links and {cores} cores at a router; allowed with cast multicast: up to {CORES_AT_MOST}"
            " together; lower chip.noc.concentration or arity, or use chip.noc.cast=unicast"
        )


def _wormhole(chip: ChipSpec, kinds: Kinds, trees: bool) -> Wormhole:
    """How the routers are built."""
    noc = chip.noc
    if noc.flit_time.value is None:
        raise ConfigError(
            f"chip {chip.name}: noc.flit_time is the clock of wormhole routers and unknown; set it, for example --set"
            ' chip.noc.flit_time="1 ns"'
        )
    classes, class_of = (1, np.zeros(len(kinds.names), np.int64)) if noc.classes == "one" else classes_of(kinds)
    each = noc.rule.vcs
    if noc.vcs < classes * each:
        of = f" of {each} virtual channels each (routing {noc.routing_name})" if each > 1 else ""
        raise ConfigError(
            f"chip {chip.name}: the workload has {classes} ordered classes of messages{of}, and noc.vcs is {noc.vcs}; allowed: from"
            f" {classes * each}, or chip.noc.classes=one"
        )
    # a head behind another packet, or without a credit in the channel that it was given, could not reach the escape of an adaptive routing
    needs_atomic = trees or noc.rule.atomic
    reuse = noc.vc_reuse or ("atomic" if needs_atomic else "early")
    return Wormhole(
        clock=int(noc.flit_time.value),
        vcs=noc.vcs,
        buffer=noc.buffer,
        route_cycles=int(noc.timing == "D"),
        speculative=int(noc.timing == "S"),
        atomic=int(reuse == "atomic"),
        ejection=noc.ejection or 0,
        classes=classes,
        class_of=class_of,
    )
