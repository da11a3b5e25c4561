"""Spiking networks over wormhole routers that every engine runs: one by one, and on trees."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from chipsim.noc import Mesh
from chipsim.noc.plan import WORMHOLE, NocPlan
from chipsim.plan.plan import BARRIER, TICK, Plan
from tests.lif_networks import lif_plan, with_trees
from tests.nets import random_net
from tests.plans import LOIHI_TIMES, Chip
from tests.wormholes import CLOCK, LEVELS, noc_of


def neurons_on(noc: NocPlan, mesh: Mesh, seed: int, multicast: bool = False, **chip: Any) -> Plan:
    """A spiking network on any network, its trees included."""
    net = random_net(seed, mesh, neurons=60, steps=8)
    plan = lif_plan(net, Chip(mesh, router=WORMHOLE, **{"local": CLOCK, **chip}))
    return with_trees(plan, mesh, noc) if multicast else replace(plan, noc=noc)


def _neurons(
    seed: int, size: tuple[int, int], cores: int, noc: dict[str, Any], column: bool = False, **chip: Any
) -> Callable[[], Plan]:
    mesh = Mesh(*size, cores, column)
    spec = {"width": size[0], "height": size[1], "concentration": cores, "tile_order": "column" if column else "row"}
    return lambda: neurons_on(noc_of(**{**spec, **noc}), mesh, seed, **chip)


TREES = {"atomic": True, "buffer": 3}

SCENARIOS: dict[str, Callable[[], Plan]] = {
    "spikes": _neurons(1, (4, 3), 2, {"timing": "S", "vcs": 2, "buffer": 2}),
    "spikes, pushed back, clocked": _neurons(
        2, (4, 3), 2, {"timing": "D", "ejection": 1, "vcs": 3}, pace=TICK, tick=2_000_000, times=LOIHI_TIMES
    ),
    "spikes, long, on a torus": _neurons(3, (4, 4), 1, {"topology": "torus", "timing": "L", "buffer": 2}, flits=4, local=1_700),
    "spikes on trees": _neurons(4, (4, 3), 2, TREES, multicast=True, flits=3),
    "spikes on trees, by columns": _neurons(
        5, (3, 4), 2, {**TREES, "timing": "D", "vcs": 1}, column=True, multicast=True, flits=2, pace=BARRIER, sync=700
    ),
    "spikes on trees, pushed back": _neurons(6, (4, 3), 2, {**TREES, "ejection": 1, "timing": "L"}, multicast=True, times={}),
    "spikes on trees of a torus": _neurons(
        7, (4, 4), 1, {**TREES, "topology": "torus", "routing": "dateline", "vcs": 4}, multicast=True, flits=2
    ),
    "spikes on trees over levels": _neurons(8, (4, 6), 1, {**TREES, "levels": LEVELS}, multicast=True, flits=3, times={}),
    "spikes on trees, y first": _neurons(9, (4, 3), 1, {**TREES, "routing": "yx", "vcs": 2}, multicast=True, flits=3),
}
"""Plans by name, made when asked for."""
