"""All arrays of one run of the compiled engine, laid out from a plan, and made larger when ``advance`` asks for it."""

from __future__ import annotations

from collections.abc import Sequence
from math import gcd

import numpy as np

from chipsim import jit
from chipsim.engines.compiled import layout as at
from chipsim.engines.compiled.fabric import open_routers
from chipsim.engines.compiled.loop import EXPORTS
from chipsim.engines.compiled.ranges import MOST_PACKETS, check_ranges
from chipsim.engines.compiled.walk import routes_of
from chipsim.errors import SimulationError
from chipsim.jit.records import Block, row_dtype
from chipsim.machine import state
from chipsim.machine.actions import ACTIONS
from chipsim.machine.raw import CAUSES
from chipsim.noc import PORTS
from chipsim.noc.damage import FOREVER
from chipsim.noc.links import along_x
from chipsim.noc.plan import IDEAL, QUEUED
from chipsim.noc.routing import Routing
from chipsim.noc.xy import xy_step
from chipsim.plan.plan import FLIP_BIT, LOSE_MESSAGE, Plan, counted
from chipsim.programs.host import Array, aligned, host_of

MOST_WHEEL = 1 << at.PLACE_BITS
LOG_ROWS = 1 << 14
"""Rows of the log between two visits of Python."""

KERNELS = "chipsim.engines.compiled.loop"


class Machine:
    """The state of a run; one per run.

    Attributes:
        plan: the run.
        unit: ps.
        state: all numbers and tables, see ``layout.Network``.
        host: the program's side; code, hooks: the machine's kernels and the program's.
        logged: rows of the log that were put away.
    """

    def __init__(self, plan: Plan, probes: frozenset[str]) -> None:
        mesh, n = plan.mesh, plan.endpoints
        check_ranges(plan)
        program = host_of(plan.program)
        self.plan, self.unit, self.logged = plan, unit_of(plan, program.times(plan)), list[Array]()
        m = self.state = Block(at.Network)
        m.offer_at = m.step_at = m.far_at = state.NEVER
        m.net_at = -1
        m.endpoints, m.packets = aligned(n, row_dtype(state.Endpoint)), aligned(1, row_dtype(state.Packet))
        m.next = np.zeros(1, np.int32)
        m.endpoints["tile"] = plan.endpoint_tile
        m.actions, m.act = np.zeros(n * counted(plan), np.int64), np.zeros(counted(plan), np.int64)
        m.log, m.entries = np.zeros(LOG_ROWS * state.LOG, np.int64), np.zeros(mesh.tiles, np.int64)
        kinds = len(plan.kinds)
        for name in ("sent", "delivered", "dropped", "copies"):
            setattr(m, name, np.zeros(kinds, np.int64))
        m.lost, m.lookups = np.zeros(len(CAUSES), np.int64), np.zeros(mesh.tiles, np.int64)
        self._wheel(program.least_wheel)
        self._parameters(probes)
        self._links()
        self.host = program(plan, m, self.unit)
        self.host.end_side = lambda endpoint, when: self.schedule(at.SIDE, endpoint + 1, when)
        self.code, self.hooks = units_of(plan)
        self.code.link(m, "services")
        self.hooks.link(m, "program")
        m.own = self.host.own
        self.host.open()
        open_routers(plan, m)
        m.one_by_one = int(m.ejection > 0)
        self.replace_routes(plan.route)
        self._grow_packets(max(1 << 12, 2 * self.host.most))

    # -- layout ----------------------------------------------------------------------------------------------------------

    def _wheel(self, least: int) -> None:
        """The wheel: room for a hop and some waiting, so that few hops go through the far one, and little enough for the caches."""
        plan, m = self.plan, self.state
        links = plan.link_latency if plan.noc is None else plan.noc.fabric.latency[plan.noc.fabric.to >= 0]
        longest = max(int(links.max(initial=1)), plan.local_latency, plan.flit_time) // self.unit
        size = least
        while 4 * size < 5 * longest and size < MOST_WHEEL:
            size *= 2
        m.size, m.shift = size, size.bit_length() - 1
        m.slots = np.zeros(4 * (size + at.BUCKETS), np.int32)
        m.far = np.zeros(2 * plan.endpoints, np.int64)
        m.map_ = np.zeros(2 * at.SUMMARY + (size >> 5) + (at.BUCKETS >> 5), np.int64)

    def _parameters(self, probes: frozenset[str]) -> None:
        plan, m, unit = self.plan, self.state, self.unit
        mesh = plan.mesh
        m.latest = state.LATEST_PS // unit
        m.unit, m.flit_units = unit, plan.flit_time // unit
        m.hold_units = plan.flit_time // unit if plan.router == QUEUED else 0
        m.local_units, m.host_units = plan.local_latency // unit, plan.host_latency // unit
        m.cores, m.concentration, m.host = mesh.cores, mesh.concentration, plan.endpoints - 1
        m.keep_packets, m.keep_spikes = int("packets" in probes), int("spikes" in probes)
        m.table_limit, m.multicast, m.sinks = plan.table_limit, plan.multicast, plan.sinks
        m.action_units = plan.action_time // unit
        loss = plan.fault[plan.fault[:, 0] == LOSE_MESSAGE][:, 1:4]
        m.loss, m.losses = loss.ravel().astype(np.int64), len(loss)
        m.seen = np.zeros(len(loss) * plan.endpoints, np.int64)
        damage = plan.noc.damage if plan.noc is not None else None
        if plan.noc is not None and damage is not None:
            clock = plan.noc.wormhole.clock if plan.noc.wormhole is not None else plan.flit_time
            m.faulty, m.loss_seed, m.ordered = 1, damage.seed, int(len(damage.rank) > 0)
            m.retry_units, m.retry_cycles = damage.retry // unit, -(-damage.retry // clock)
            m.endpoints["dead"] = damage.dead_endpoints(plan.endpoint_tile, 0)

    def _links(self) -> None:
        plan, m, unit, mesh = self.plan, self.state, self.unit, self.plan.mesh
        m.place = np.zeros(mesh.tiles, row_dtype(at.Place))
        m.place["x"], m.place["y"] = mesh.xy(np.arange(mesh.tiles))
        m.ports_of = PORTS if plan.noc is None else plan.noc.fabric.ports
        m.latency = plan.link_latency // unit
        m.step_of = np.array([xy_step(0, p, mesh.width, mesh.height, int(mesh.column)) for p in range(PORTS)], np.int64)
        m.routing = np.zeros(len(Routing._fields), np.int64) if plan.noc is None else jit.pack(plan.noc.routing)
        if plan.noc is not None:
            m.link_specs = link_specs(plan, unit)
        m.links = aligned(mesh.link_ids if plan.noc is None else max(1, len(m.link_specs)), row_dtype(at.Link))

    # -- growth ----------------------------------------------------------------------------------------------------------

    def _grow_packets(self, more: int) -> None:
        m, old = self.state, len(self.state.packets)
        if old + more > MOST_PACKETS:
            raise SimulationError(f"{old + more} packets at once; this engine takes up to {MOST_PACKETS}")
        first = m.free_packet
        packets, following = aligned(old + more, m.packets.dtype), np.arange(1, old + more + 1, dtype=np.int32)
        packets[:old], following[:old], following[-1] = m.packets, m.next, first
        m.packets, m.next = packets, following
        m.free_packet, m.free_packets = old, m.free_packets + more

    def room(self, packets: int) -> None:
        """See to free rows for so many packets."""
        if self.state.free_packets < packets:
            self._grow_packets(packets)

    def new_packet(self) -> int:
        """A free row for a packet, taken."""
        m = self.state
        i = m.free_packet
        m.free_packet, m.free_packets = int(m.next[i]), m.free_packets - 1
        m.packets[i], m.next[i] = np.zeros((), m.packets.dtype), 0
        return int(i)

    def schedule(self, kind: int, ref: int, when: int) -> None:
        """Make a packet or an endpoint due."""
        self.code("schedule", self.state, kind, ref, when)

    def replace_routes(self, rows: Array) -> None:
        """Multicast entries from rows (tile, layer, id, mask)."""
        m = self.state
        size = 1 << 10
        while size < 2 * (len(rows) + 2):
            size *= 2
        m.table = np.zeros(size, row_dtype(state.Entry))
        m.entries[:] = 0
        if len(rows):
            self.code("add_entries", m, np.ascontiguousarray(rows).ravel(), len(rows))
            np.add.at(m.entries, rows[:, 0], 1)
        m.entries_used = len(rows)

    def _grow_table(self) -> None:
        m = self.state
        rows = routes_of(m.table)
        m.table = np.zeros(2 * len(m.table), m.table.dtype)
        self.code("add_entries", m, rows.ravel(), len(rows))

    def flush_log(self) -> None:
        """Put away what the log holds."""
        m = self.state
        if m.logged:
            self.logged.append(m.log.reshape(-1, state.LOG)[: m.logged].copy())
            m.logged = 0

    def provide(self, status: int) -> None:
        """What ``advance`` came back for."""
        m = self.state
        if status == state.NEED_PACKETS:
            need = max(self.host.most, m.most_copies)
            if m.end_list:
                need = max(need, int(m.endpoints["rows"][m.end_list - 1]))
            self._grow_packets(max(len(m.packets), 2 * need))
        elif status == state.NEED_LOG:
            self.flush_log()
        elif status == state.NEED_ENTRIES:
            self._grow_table()
        else:
            self.host.provide(status, m.ready - 1)

    # -- running ---------------------------------------------------------------------------------------------------------

    def advance(self, limit: int, events: int) -> int:
        """Run up to a time (units) or a number of events; why it stopped."""
        m = self.state
        m.limit, m.left = limit, events
        while True:
            self.code("advance", m)
            status = int(m.status)
            if status in (state.NEED_PACKETS, state.NEED_LOG, state.NEED_ENTRIES) or status >= state.NEED_OWN:
                self.provide(status)
            else:
                return status


def units_of(plan: Plan) -> tuple[jit.Unit, jit.Unit]:
    """The event loop compiled for the fidelity of a plan's routers and a plain mesh or not, and the program's hooks.

    Where it is none, ideal routers are queued ones whose links are free again at once: that saves compilations.
    """
    router = QUEUED if plan.noc is not None and plan.router == IDEAL else plan.router
    constants = {"ROUTER": router, "GRID": int(plan.noc is None)}
    program, own = host_of(plan.program), counted(plan) - ACTIONS
    if own:
        constants["OWN"] = own
    return (
        jit.unit(KERNELS, exports=EXPORTS, constants=constants, loops=False),
        jit.unit(program.kernels, exports=program.hooks, dtypes=program.columns(plan), parts=program.parts(plan)),
    )


def link_specs(plan: Plan, unit: int) -> Array:
    """What is behind each link."""
    assert plan.noc is not None
    fabric = plan.noc.fabric
    flit = fabric.flit_time // unit
    specs = np.zeros(max(1, len(fabric.to)), row_dtype(at.LinkSpec))
    specs["dies"] = state.NEVER
    if not len(fabric.to):
        return specs
    specs["to"], specs["latency"] = fabric.to << 1 | along_x(fabric), fabric.latency // unit
    specs["hold"] = flit if plan.router == QUEUED else 0
    specs["gap"] = np.maximum(flit - plan.flit_time // unit, 0)
    if plan.noc.damage is not None:
        damage = plan.noc.damage
        specs["dies"] = np.where(damage.link < FOREVER, damage.link // unit, state.NEVER)
        specs["loses"] = damage.lossy << 1 | damage.goes_up(fabric)
    return specs


def unit_of(plan: Plan, more: Sequence[int]) -> int:
    """The greatest time in ps of which every time of a run is a whole multiple; ``more``: times of the program."""
    links = plan.link_latency
    if plan.noc is not None:
        used = plan.noc.fabric.to >= 0
        links = np.unique(np.concatenate([plan.noc.fabric.latency[used], plan.noc.fabric.flit_time[used]]))
    times = [*links.tolist(), plan.local_latency, plan.flit_time, plan.tick, plan.until, *plan.action_time.tolist(), *more]
    times += plan.fault[plan.fault[:, 0] == FLIP_BIT][:, 1].tolist()
    if plan.noc is not None and plan.noc.damage is not None:
        times += [plan.noc.damage.retry, *(epoch.time for epoch in plan.noc.damage.epochs)]
    return gcd(*times)
