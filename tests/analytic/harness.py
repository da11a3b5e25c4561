"""The network of the reference engine alone: hand-made packets in, arrivals out, nothing behind the endpoints."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from functools import cache

import numpy as np
import simpy

from chipsim.config.chip import ChipSpec
from chipsim.engines.base import Watch
from chipsim.engines.reference import Run
from chipsim.engines.reference.phases import Later
from chipsim.machine.message import DEST, F0, KIND, LAYER, ROW, TREE
from chipsim.machine.phases import OFFER
from chipsim.machine.raw import RawRun
from chipsim.noc import Mesh
from chipsim.plan.plan import Plan
from chipsim.programs.nsn.messages import SPIKE, TAKEN
from tests.engines import lower
from tests.own import replace_own
from tests.scenarios import small


@dataclass(frozen=True, slots=True)
class Arrival:
    """A message at an endpoint: when, where, whose, and how long it took."""

    time: int
    endpoint: int
    source: int
    sequence: int
    latency: int


@dataclass(slots=True)
class Net:
    """Packets to be sent over an otherwise silent network, then one run."""

    plan: Plan
    tables: list[tuple[int, int, int, int]] = field(default_factory=list)
    sends: list[tuple[int, int, tuple[int, ...]]] = field(default_factory=list)

    def send(self, at: int, source: int, dest: int, kind: int = TAKEN, layer: int = 0, key: int = 0) -> None:
        """Inject a message at a time; ``dest`` TREE follows the entries of (layer, key)."""
        row = [0] * ROW
        row[KIND], row[DEST], row[LAYER], row[F0] = kind, dest, layer, key
        self.sends.append((at, source, tuple(row)))

    def run(self) -> tuple[list[Arrival], RawRun]:
        """All arrivals in order, and the counters."""
        run = Run(self.plan, Watch())
        found: list[Arrival] = []

        def deliver(event: simpy.Event) -> None:
            endpoint, packet = event._value
            run.network.delivered[packet.kind] += 1
            now = run.env.now
            found.append(Arrival(now, endpoint, packet.source, packet.sequence, now - packet.injected))

        run.network.deliver = deliver
        for tile, layer, key, mask in self.tables:
            run.network.tables[tile][layer, key] = mask
        for at, source, row in self.sends:
            Later(run.env, at, OFFER, lambda e: run.network.inject(*e._value), (source, row))
        return found, run.run()


def chip_and_plan(*settings: str, flits: int = 1) -> tuple[ChipSpec, Plan]:
    """A chip, and a plan for it without any input, in which every message has so many flits."""
    chip, plan = _silent(settings)
    return chip, replace(replace_own(plan, grow_flits=np.full(9, flits)), flits=np.where(plan.flits > 0, flits, 0))


@cache
def _silent(settings: tuple[str, ...]) -> tuple[ChipSpec, Plan]:
    experiment = small("workload.learned=0", "workload.symbols=1", *settings)
    plan = lower(experiment)[2]
    nothing = np.zeros(0, np.int64)
    silent = replace_own(plan, code=nothing, time=nothing, flags=nothing, event=nothing, offer=nothing)
    return experiment.chip, silent


def tree_of(
    mesh: Mesh, source: int, readers: list[int], key: int
) -> tuple[list[tuple[int, int, int, int]], set[tuple[int, int]]]:
    """Routing entries of a multicast by hand, and the links (from tile, to tile) of the union of the x-then-y paths."""
    masks: dict[int, int] = {}
    links: set[tuple[int, int]] = set()
    for reader in readers:
        x, y = mesh.xy(mesh.tile_of(source))
        to_x, to_y = mesh.xy(mesh.tile_of(reader))
        while (x, y) != (to_x, to_y):
            step = (np.sign(to_x - x), 0) if x != to_x else (0, np.sign(to_y - y))
            port = {(1, 0): 0, (-1, 0): 1, (0, 1): 2, (0, -1): 3}[int(step[0]), int(step[1])]
            here = mesh.tile_at(x, y)
            masks[here] = masks.get(here, 0) | 1 << port
            x, y = x + int(step[0]), y + int(step[1])
            links.add((here, mesh.tile_at(x, y)))
        here = mesh.tile_at(x, y)
        masks[here] = masks.get(here, 0) | 1 << 4 + reader % mesh.concentration
    return [(tile, 1, key, mask) for tile, mask in sorted(masks.items())], links


__all__ = ["SPIKE", "TREE", "Arrival", "Net", "chip_and_plan", "tree_of"]
