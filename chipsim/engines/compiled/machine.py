"""All arrays of one run of the compiled engine, laid out from a plan, and made larger when ``advance`` asks for it."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property
from math import gcd
from types import ModuleType
from typing import Any

import numpy as np

from chipsim import jit
from chipsim.engines.compiled import layout as at
from chipsim.engines.compiled.fabric import rows_of
from chipsim.engines.compiled.memory import Array, load_roots, load_servers, new_cores, open_bank
from chipsim.engines.compiled.queue import put
from chipsim.errors import MappingError, SimulationError
from chipsim.machine.actions import A_ACCESS, A_MESSAGE, A_SLOT, ACTIONS, TIMED
from chipsim.machine.message import ROW
from chipsim.network.spiking import QUANTUM
from chipsim.noc import PORTS
from chipsim.noc.damage import FOREVER
from chipsim.noc.plan import QUEUED
from chipsim.noc.routing import Routing
from chipsim.noc.ways import along_x
from chipsim.noc.xy import xy_step
from chipsim.plan.plan import BARRIER, FLIP_BIT, LOSE_MESSAGE, Plan
from chipsim.programs import nsn, packets, snn
from chipsim.programs.nsn.plan import NsnPlan
from chipsim.programs.nsn.state import SCALARS, Constants
from chipsim.programs.packets.plan import PacketsPlan
from chipsim.programs.snn.plan import SnnPlan

LEAST_WHEEL = {nsn.NAME: 1 << 11, snn.NAME: 1 << 13, packets.NAME: 1 << 11}
"""Slots of the near wheel at least: a small one stays in the first cache; spikes of one operation spread over thousands of units."""

MOST_WHEEL = 1 << 15
LOG_ROWS = 1 << 14
"""Rows of the log between two visits of Python."""

UNLIMITED = 1 << 62

_WIDENED = 1 << 24
"""Synapses up to which weights of two bytes are taken as four: the loop of another type would be compiled for a minute."""


class Machine:
    """The state of a run; one per run."""

    def __init__(self, plan: Plan, probes: frozenset[str]) -> None:
        self.plan = plan
        # the loop of one program takes the arrays of the others too, empty
        self.nsn: NsnPlan = plan.own if plan.program == nsn.NAME else _no_nsn(plan)
        self.snn: SnnPlan | None = plan.own if plan.program == snn.NAME else None
        given: PacketsPlan = plan.own if plan.program == packets.NAME else PacketsPlan(np.zeros((0, 4), np.int64))
        self.given = given
        mesh, n = plan.mesh, plan.endpoints
        if n > at.SOURCE_MASK or mesh.tiles > at.WAY_MASK:
            raise SimulationError(f"{n} cores, slot servers and host; this engine takes up to {at.SOURCE_MASK}")
        self.unit = unit_of(plan)
        self.S = np.zeros(at.SCALARS, np.int64)
        self.S[[at.OFFER_AT, at.STEP_AT]] = -1
        self.S[at.FAR_AT] = at.NEVER
        self.E = np.zeros((n, at.ENDPOINT), np.int64)
        self.W, self.R = ways_of(plan, self.unit)
        self.L = np.zeros((mesh.link_ids if plan.noc is None else len(self.W), 8), np.int64)
        self.T = np.zeros((1, at.TOKEN), np.int64)
        self.M = np.zeros((1, at.MESSAGE), np.int64)
        size = self._wheel()
        self.slots = np.zeros((size + at.BUCKETS, 4), np.int32)
        self.map_ = np.zeros(2 * at.SUMMARY + (size >> 5) + (at.BUCKETS >> 5), np.int64)
        tile = np.arange(mesh.tiles)
        x, y = mesh.xy(tile)
        self.place = np.stack([x, y], axis=1).astype(np.int64)
        self.E[:, at.E_TILE] = plan.endpoint_tile
        loss = plan.fault[plan.fault[:, 0] == LOSE_MESSAGE][:, 1:3].ravel()
        self.P = np.zeros(at.LOSS + max(2, len(loss)), np.int64)
        self.P[at.LOSS : at.LOSS + len(loss)] = loss
        self.actions = np.zeros((n, ACTIONS), np.int64)
        self.act = np.zeros(ACTIONS, np.int64)
        self.log = np.zeros((LOG_ROWS, at.LOG), np.int64)
        self.logged: list[Array] = []
        self.entries = np.zeros(mesh.tiles, np.int64)
        self._parameters(size, probes)
        self.net = rows_of(plan, self.P, self.E)
        self.S[at.NET_AT] = -1
        self.S[at.ONE_BY_ONE] = int(self.P[at.EJECTION] > 0)
        self.replace_routes(plan.route)
        self._neurosemantic()
        self._spiking()
        self.traffic = given.traffic.copy()
        self.traffic[:, 0] //= self.unit
        self.most = self._most_packets()
        self._grow_tokens(max(1 << 12, 2 * self.most))
        self._grow_rows(max(1 << 10, 4 * (len(self.out) // ROW)) if plan.program == nsn.NAME else 1)

    # -- layout ----------------------------------------------------------------------------------------------------------

    def _wheel(self) -> int:
        """Slots of the wheel: room for a hop and some waiting, so that few hops go through the heap, and little enough for the caches."""
        plan = self.plan
        links = plan.link_latency if plan.noc is None else plan.noc.fabric.latency[plan.noc.fabric.to >= 0]
        longest = max(int(links.max(initial=1)), plan.local_latency, plan.flit_time) // self.unit
        size = LEAST_WHEEL[plan.program]
        while 4 * size < 5 * longest and size < MOST_WHEEL:
            size *= 2
        return size

    def _parameters(self, size: int, probes: frozenset[str]) -> None:
        plan, P, unit = self.plan, self.P, self.unit
        values = {
            at.SIZE: size, at.SHIFT: size.bit_length() - 1, at.ENDPOINTS: plan.endpoints, at.UNIT: unit,
            at.TICK_UNITS: plan.tick // unit, at.FLIT_UNITS: plan.flit_time // unit,
            at.HOLD_UNITS: plan.flit_time // unit if plan.router == QUEUED else 0,
            at.LOCAL_UNITS: plan.local_latency // unit, at.HOST_UNITS: plan.host_latency // unit,
            at.CORES: plan.mesh.cores, at.CONCENTRATION: plan.mesh.concentration, at.HOST: plan.endpoints - 1,
            at.LOSSES: int((plan.fault[:, 0] == LOSE_MESSAGE).sum()),
            at.KEEP_PACKETS: int("packets" in probes), at.KEEP_SPIKES: int("spikes" in probes),
            at.TABLE_LIMIT: plan.table_limit, at.ITEMS: len(self.nsn.code), at.FIRST_ITEM: self.nsn.first_item,
            at.SINKS: plan.sinks, at.WINDOW: self.given.window, at.MULTICAST: plan.multicast, at.BARRIER_PACE: int(plan.pace == BARRIER),
        }  # fmt: skip
        if self.snn is not None:
            lif = self.snn
            values |= {
                at.STEPS: lif.steps, at.NEURONS: lif.neurons, at.RINGS: lif.ring, at.LEAK: lif.leak, at.LEAK_SHIFT: lif.leak_shift,
                at.COARSE: lif.fraction - QUANTUM, at.DELAYS: int(len(lif.delay) > 0), at.LATE_RULE: lif.late,
                at.SYNC_UNITS: lif.sync // unit, at.SPIKE_FLITS: lif.flits, at.USED_CORES: len(lif.used),
            }  # fmt: skip
        if plan.noc is not None and plan.noc.damage is not None:
            damage = plan.noc.damage
            clock = plan.noc.wormhole.clock if plan.noc.wormhole is not None else plan.flit_time
            values |= {
                at.FAULTY: 1, at.LOSS_SEED: damage.seed, at.RETRY_UNITS: damage.retry // unit, at.ORDERED: int(len(damage.rank) > 0),
                at.RETRY_CYCLES: -(-damage.retry // clock),
            }  # fmt: skip
            self.E[:, at.E_DEAD] = damage.dead_endpoints(plan.endpoint_tile, 0)
        for index, value in values.items():
            P[index] = value
        mesh = plan.mesh
        P[at.PORTS_OF] = PORTS if plan.noc is None else plan.noc.fabric.ports
        P[at.LATENCY : at.LATENCY + PORTS] = plan.link_latency // unit
        P[at.STEP_OF : at.STEP_OF + PORTS] = [xy_step(0, p, mesh.width, mesh.height, int(mesh.column)) for p in range(PORTS)]
        P[at.FLITS_OF : at.FLITS_OF + len(plan.flits)] = plan.flits
        P[at.GROW_FLITS : at.GROW_FLITS + len(self.nsn.grow_flits)] = self.nsn.grow_flits
        P[at.UNITS_OF : at.UNITS_OF + TIMED] = plan.action_time // unit

    def _neurosemantic(self) -> None:
        plan, own, K = self.plan, self.nsn, self.nsn.constants
        runs = plan.program == nsn.NAME
        self.K = jit.pack(K)
        cores = own.holders(plan.used_bits) if runs else np.zeros(0, np.int64)
        banks = min(plan.mesh.cores, len(cores) + max(8, len(cores) // 4)) if runs else 1
        self.cores = new_cores(K, banks) if runs else new_cores(_smallest(K), 1)
        self.roots = load_roots(own)
        self.servers = load_servers(own)
        for bank, core in enumerate(cores.tolist()):
            open_bank(self.cores, bank, core)
        self.S[at.BANKS] = len(cores)
        self.E[cores, at.E_BANK] = np.arange(1, len(cores) + 1)
        self.message = np.zeros(ROW, np.int64)
        readers = 64 if K.multicast else 64 + min(K.cores, K.members)
        self.out = np.zeros(1 + (readers if runs else 1) * ROW, np.int64)
        self.waiting = np.zeros(K.layers + 2, np.int64)
        self.offered = np.full(len(own.offer), -1, np.int64)
        self.number = own.event - own.first_event
        if runs:
            self._load_cores(len(cores))
            if len(own.code):
                self.S[at.OFFER_AT] = 0

    def _load_cores(self, cores: int) -> None:
        plan, own = self.plan, self.nsn
        bank = np.zeros(plan.mesh.cores, np.int64)
        bank[:] = self.E[: plan.mesh.cores, at.E_BANK]
        free = jit.pack(own.constants._replace(memory_bits=UNLIMITED, growth_bits=UNLIMITED))
        kernel = jit.load("chipsim.engines.compiled.memory", entries=("load_bank_memory",))
        failed = kernel.load_bank_memory(
            free, self.cores.flat, bank, own.neuron, own.pair_start, np.ascontiguousarray(own.pair).ravel(), own.reading,
            own.member_start, own.member, own.key, np.zeros(ACTIONS, np.int64),
        )  # fmt: skip
        if failed:
            raise MappingError(
                f"core {failed - 1} needs more than {own.constants.axon_limit} axons (core.axons); "
                "lower mapping.fill or workload.learned"
            )
        number = self.cores.field("self_core")[:cores, 0]
        self.cores.field("used")[:cores, 0] = plan.used_bits[number]

    def _spiking(self) -> None:
        lif = self.snn
        none, small, tiny = np.zeros(0, np.int64), np.zeros(0, np.int32), np.zeros(0, np.uint8)
        self.lif: dict[str, Any] = named(
            number=none, core=small, first=none, kind=tiny, potential=none.copy(), bias=none, threshold=none, start=none, target=small,
            weight=small, delay=tiny, sums=none, input_next=none, input_start=none, input_step=none,
        )  # fmt: skip
        self.C = np.zeros((0, at.SPIKING), np.int64)
        self.steps = np.zeros((0, 9), np.int64)
        if lif is None:
            return
        weight = lif.weight.astype(np.int32) if len(lif.weight) <= _WIDENED else lif.weight
        starts = lif.input_start if len(lif.input_start) else np.zeros(lif.neurons + 1, np.int64)
        self.lif = named(
            number=lif.number, core=lif.core, first=lif.first, kind=lif.kind, potential=lif.potential.copy(), bias=lif.bias,
            threshold=lif.threshold, start=lif.start, target=lif.target, weight=weight, delay=lif.delay,
            sums=np.zeros(lif.ring * lif.neurons, np.int64), input_next=starts[:-1].copy(),
            input_start=starts, input_step=lif.input_step,
        )  # fmt: skip
        self.C = np.zeros((len(lif.used), at.SPIKING), np.int64)
        self.C[:, at.C_ENDPOINT] = lif.used
        self.C[:, at.C_AT] = lif.first[:-1]
        self.E[lif.used, at.E_BANK] = np.arange(1, len(lif.used) + 1)
        self.steps = np.zeros((lif.steps, 9), np.int64)
        if lif.steps and len(lif.used):
            self.S[at.STEP_AT] = self.P[at.SYNC_UNITS] if self.plan.pace == BARRIER else 0

    def _most_packets(self) -> int:
        lif = self.snn
        if lif is None:
            return 1
        if self.plan.multicast or not lif.synapses:
            return 1
        return min(int(np.diff(lif.start).max()), len(lif.used))

    # -- growth ----------------------------------------------------------------------------------------------------------

    def _grow_tokens(self, more: int) -> None:
        old = len(self.T)
        self.T = self._longer(self.T, more, at.T_NEXT, at.FREE_TOKEN, at.FREE_TOKENS)
        far = np.zeros(2 * self.plan.endpoints + len(self.T), np.int64)
        if old > 1:
            far[: len(self.far)] = self.far
        self.far = far

    def _grow_rows(self, more: int) -> None:
        self.M = self._longer(self.M, more, at.ROW_NEXT, at.FREE_ROW, at.FREE_ROWS)

    def _longer(self, rows: Array, more: int, thread: int, first: int, count: int) -> Array:
        """The rows with some free ones behind them, threaded into the list of free ones that begins at ``S[first]``."""
        old = len(rows)
        grown = np.zeros((old + more, rows.shape[1]), np.int64)
        grown[:old] = rows
        grown[old:, thread] = np.arange(old + 1, old + more + 1)
        grown[-1, thread] = self.S[first]
        self.S[first] = old
        self.S[count] += more
        return grown

    def room(self, tokens: int, rows: int) -> None:
        """See to so many free tokens and message rows."""
        if self.S[at.FREE_TOKENS] < tokens:
            self._grow_tokens(tokens)
        if self.S[at.FREE_ROWS] < rows:
            self._grow_rows(rows)

    @cached_property
    def flat_net(self) -> tuple[Array, ...]:
        """The arrays of wormhole routers as kernels take them."""
        net = self.net
        rows = (
            net.routers,
            net.ports,
            net.inputs,
            net.outputs,
            net.flits,
            net.ring,
            net.active,
            net.branches,
            net.requests,
        )
        return tuple(part.reshape(-1) for part in (*rows, net.bids, net.best, net.busy))

    def new_token(self) -> int:
        """A free token, taken."""
        i = int(self.S[at.FREE_TOKEN])
        self.S[at.FREE_TOKEN] = self.T[i, at.T_NEXT]
        self.S[at.FREE_TOKENS] -= 1
        self.T[i] = 0
        return i

    def new_row(self, message: Sequence[int]) -> int:
        """A message row, held once."""
        row = int(self.S[at.FREE_ROW])
        self.S[at.FREE_ROW] = self.M[row, at.ROW_NEXT]
        self.S[at.FREE_ROWS] -= 1
        self.M[row, :ROW] = message
        self.M[row, at.ROW_NEXT], self.M[row, at.REFERENCES] = 0, 1
        return row

    def schedule(self, kind: int, ref: int, when: int) -> None:
        """Make a token or an endpoint due."""
        before = put(self.S, self.P, self.slots, self.map_, self.far, kind, ref, when)
        if kind in (at.ARRIVE, at.DELIVER):
            self.T[ref, at.T_NEXT] = before
        else:
            self.E[ref - 1, at.E_NEXT if kind == at.END else at.E_SIDE_NEXT] = before

    def replace_routes(self, rows: Array) -> None:
        """Multicast entries from rows (tile, layer, id, mask)."""
        size = 1 << 10
        while size < 4 * (len(rows) + 2):
            size *= 2
        self.table = np.zeros((size, 3), np.int64)
        self.entries[:] = 0
        if len(rows):
            kernel = jit.load("chipsim.engines.compiled.routes", entries=("add_entries",))
            kernel.add_entries(self.table.ravel(), np.ascontiguousarray(rows))
            np.add.at(self.entries, rows[:, 0], 1)
        self.S[at.ENTRIES] = len(rows)

    def flush_log(self) -> None:
        """Put away what the log holds."""
        count = int(self.S[at.LOGGED])
        if count:
            self.logged.append(self.log[:count].copy())
            self.S[at.LOGGED] = 0

    def _open_core(self) -> None:
        """A bank for the core that is about to get its first work."""
        core, bank = int(self.S[at.READY]) - 1, int(self.S[at.BANKS])
        if bank == self.cores.banks:
            self.cores = self.cores.grown(min(self.plan.mesh.cores, 2 * bank))
        open_bank(self.cores, bank, core)
        self.E[core, at.E_BANK] = bank + 1
        self.S[at.BANKS] = bank + 1

    def _grow_table(self) -> None:
        old = self.table[self.table[:, 2] != 0]
        count = int(self.S[at.ENTRIES])
        self.table = np.zeros((2 * len(self.table), 3), np.int64)
        kernel = jit.load("chipsim.engines.compiled.routes", entries=("add_entries",))
        kernel.add_entries(self.table.ravel(), np.stack([old[:, 0] >> 8, old[:, 0] & 255, old[:, 1], old[:, 2]], axis=1))
        self.S[at.ENTRIES] = count

    def provide(self, status: int) -> None:
        """What ``advance`` came back for."""
        if status == at.NEED_TOKENS:
            need = max(self.most, int(self.P[at.MOST_COPIES]))
            if self.S[at.END_LIST]:
                need = max(need, int(self.E[int(self.S[at.END_LIST]) - 1, at.E_OUT_ROWS]))
            self._grow_tokens(max(len(self.T), 2 * need))
        elif status == at.NEED_ROWS:
            self._grow_rows(max(len(self.M), len(self.out) // ROW))
        elif status == at.NEED_LOG:
            self.flush_log()
        elif status == at.NEED_BANK:
            self._open_core()
        elif status == at.NEED_ENTRIES:
            self._grow_table()

    def counted(self) -> tuple[Array, Array, Array, Array]:
        """Packets sent, delivered, dropped and copied, by kind."""
        sent, delivered, dropped, copies = (
            self.S[row : row + len(self.plan.kinds)].copy() for row in (at.SENT, at.DELIVERED, at.DROPPED, at.COPIES)
        )
        return sent, delivered, dropped, copies

    # -- running ---------------------------------------------------------------------------------------------------------

    def advance(self, kernel: ModuleType, limit: int, events: int) -> int:
        """Run up to a time (units) or a number of events; why it stopped."""
        S, lif, own = self.S, self.lif, self.nsn
        S[at.LIMIT], S[at.LEFT] = limit, events
        while True:
            kernel.advance(
                S, self.P, self.T.ravel(), self.L.ravel(), self.W.ravel(), self.E.ravel(), self.slots.ravel(), self.map_, self.far,
                self.place.ravel(), self.R,
                self.actions.ravel(), self.act, self.log.ravel(), self.table.ravel(), self.entries,
                self.M.ravel(), self.K, self.cores.flat, self.roots.flat, self.servers.flat, self.message, self.out, self.waiting,
                own.code, own.time, own.flags, self.number, own.offer, self.offered,
                self.C.ravel(), lif["number"], lif["core"], lif["first"], lif["kind"], lif["potential"], lif["bias"], lif["threshold"],
                lif["start"], lif["target"], lif["weight"], lif["delay"], lif["sums"],
                lif["input_next"], lif["input_start"], lif["input_step"], self.steps.ravel(), self.most, self.traffic.ravel(),
                *self.flat_net,
            )  # fmt: skip
            status = int(S[at.STATUS])
            if status not in (at.NEED_TOKENS, at.NEED_ROWS, at.NEED_LOG, at.NEED_BANK, at.NEED_ENTRIES):
                return status
            self.provide(status)


def named(**arrays: Any) -> dict[str, Any]:
    """Arrays by name."""
    return arrays


def _no_nsn(plan: Plan) -> NsnPlan:
    """Nothing of a neurosemantic network, for runs without one."""

    def none(*shape: int) -> Array:
        return np.zeros(shape, np.int64)

    known = {
        "cores": plan.mesh.cores,
        "multicast": plan.multicast,
        "reading": (),
        "home": (),
        "root_core": (),
        "root_region": (),
    }
    one = dict.fromkeys(("arity", "rows", "axons", "keys", "lists", "members", "records", "residuals", "region_cores"), 1)
    return NsnPlan(
        constants=Constants(**(dict.fromkeys(Constants._fields, 0) | one | known)),
        grow_flits=none(9),
        server_core=none(0, 1), server_next=none(0, 1), server_current=none(0, 2),
        neuron=none(0, 7), pair_start=none(1), pair=none(0, 2), reading=none(0, 6), member_start=none(1), member=none(0),
        key=none(0, 8), role=none(0, SCALARS), item=none(0, 6), residual=none(0, 2), residual_end=none(0, 2), record=none(0, 3),
        code=none(0), time=none(0), flags=none(0), event=none(0), first_item=0, offer=none(0), first_event=0,
    )  # fmt: skip


def _smallest(K: Any) -> Any:
    """Constants with no room at all, for runs without neurosemantic cores."""
    return K._replace(slots=1, axons=1, rows=1, lists=1, members=1, keys=1, layers=0)


def ways_of(plan: Plan, unit: int) -> tuple[Array, Array]:
    """What is behind each link, int64[links, 4] (``layout``), and the routing as a bundle; next to nothing on a plain mesh."""
    if plan.noc is None:
        return np.zeros((1, at.WAY), np.int64), np.zeros(len(Routing._fields), np.int64)
    fabric = plan.noc.fabric
    if fabric.ports > at.MOST_PORTS:
        raise SimulationError(f"routers have up to {fabric.ports} ports; this engine takes up to {at.MOST_PORTS}")
    flit = fabric.flit_time // unit
    hold = flit if plan.router == QUEUED else np.zeros_like(flit)
    gap = np.maximum(flit - plan.flit_time // unit, 0)
    dies, loses = np.full_like(flit, at.NEVER), np.zeros_like(flit)
    if plan.noc.damage is not None:
        damage = plan.noc.damage
        dies = np.where(damage.link < FOREVER, damage.link // unit, at.NEVER)
        loses = damage.lossy << 1 | damage.goes_up(fabric)
    rows = np.stack([fabric.to << 1 | along_x(fabric), fabric.latency // unit, hold, gap, dies, loses], axis=1).astype(np.int64)
    return (rows if len(rows) else np.zeros((1, at.WAY), np.int64)), jit.pack(plan.noc.routing)


def unit_of(plan: Plan) -> int:
    """The greatest time in ps of which every time of a run is a whole multiple."""
    links = plan.link_latency
    if plan.noc is not None:
        used = plan.noc.fabric.to >= 0
        links = np.unique(np.concatenate([plan.noc.fabric.latency[used], plan.noc.fabric.flit_time[used]]))
    times = [*links.tolist(), plan.local_latency, plan.flit_time, plan.tick, plan.until, *plan.action_time.tolist()]
    times += plan.fault[plan.fault[:, 0] == FLIP_BIT][:, 1].tolist()
    if plan.noc is not None and plan.noc.damage is not None:
        times += [plan.noc.damage.retry, *(epoch.time for epoch in plan.noc.damage.epochs)]
    due = [np.zeros(0, np.int64)]
    if plan.program == nsn.NAME:
        due = [plan.own.offer[plan.own.offer > 0]]
        times.append(plan.host_latency)
        if not plan.action_time[A_MESSAGE] or not plan.action_time[A_SLOT]:
            times.append(1)
    if plan.program == packets.NAME:
        due = [plan.own.traffic[:, 0]]
        if not plan.action_time[A_MESSAGE]:
            times.append(1)
    if plan.program == snn.NAME:
        times.append(plan.own.sync)
        if not plan.action_time[A_MESSAGE] or not plan.action_time[A_ACCESS] or plan.own.kind.any():
            times.append(1)  # an operation that costs no time, such as that of inputs alone, takes 1 ps
    unit = gcd(*times)
    for values in due:
        if len(values):
            unit = gcd(unit, int(np.gcd.reduce(values)))
    return unit
