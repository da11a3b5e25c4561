"""Snapshot and resumption of the compiled engine: the wheel and the heap are emptied into global ids and filled again."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np

from chipsim.engines.base import check_snapshot
from chipsim.engines.compiled import layout as at
from chipsim.engines.compiled.memory import Array, Fields, open_bank
from chipsim.engines.compiled.queue import place_of
from chipsim.engines.compiled.spiking import packed
from chipsim.engines.compiled.walk import links_crossed
from chipsim.machine.message import ROW, TREE
from chipsim.machine.raw import ordered
from chipsim.machine.snapshot import AT_ENDPOINT, AT_ROUTER, Snapshot
from chipsim.noc import PORTS
from chipsim.noc.plan import QUEUED
from chipsim.programs import nsn, packets, snn
from chipsim.programs.nsn.messages import used_words
from chipsim.programs.packets.messages import DATA
from chipsim.programs.snn.messages import LIF_SPIKE

if TYPE_CHECKING:
    from chipsim.engines.compiled.machine import Machine
    from chipsim.engines.compiled.run import Run

WORD = (1 << 64) - 1

_THREAD = {at.END: at.E_NEXT, at.SIDE: at.E_SIDE_NEXT}
_LINK_COUNTERS = (at.PACKETS_L, at.FLITS_L, at.WAIT, at.WAIT_MAX)
_COUNTERS = 14
"""Counters that come before those of the endpoints' actions."""


def due(machine: Machine, *kinds: int) -> Array:
    """Everything of some kinds that is due: int64[n, 3] reference, kind, time in units."""
    S, T, E, far = machine.S, machine.T, machine.E, machine.far
    base, size = int(S[at.BASE]), int(machine.P[at.SIZE])
    rows = []
    for slot in np.flatnonzero(machine.slots.any(axis=1)).tolist():
        for kind in kinds:
            ref = int(machine.slots[slot, kind])
            while ref:
                when = base + (slot - base) % size if slot < size else int(far[place_of(machine.P, kind, ref)])
                rows.append((ref, kind, when))
                ref = int(E[ref - 1, _THREAD[kind]] if kind in _THREAD else T[ref, at.T_NEXT])
    return np.array(rows, np.int64).reshape(-1, 3)


def on_the_way(machine: Machine) -> Array:
    """Every packet, or copy of one, that is due somewhere: int64[n, 3] token, kind, time in units."""
    return due(machine, at.ARRIVE, at.DELIVER)


def take_snapshot(run: Run, done_ps: int) -> Snapshot:
    """State of a run that has finished the instant ``done_ps`` and begun none after it."""
    machine, plan = run.machine, run.plan
    S, E, L, unit = machine.S, machine.E, machine.L, machine.unit
    running = np.flatnonzero(E[:, at.E_STATE] & 3 == at.BUSY)
    edge = np.where(E[running, at.E_EDGE] > 0, (E[running, at.E_EDGE] - 1) * unit, -1)
    output = [_row(machine.M[row]) for e in running.tolist() for row in _thread(machine.M, int(E[e, at.E_OUT]), at.ROW_NEXT)]
    rows = E[running, at.E_OUT_ROWS] if plan.program == nsn.NAME else np.zeros(len(running), np.int64)
    operation = np.stack([running, E[running, at.E_END] * unit, edge, E[running, at.E_SPAN] * unit, rows], axis=1)
    inbox = [
        (e, int(machine.T[i, at.T_TILE]) * unit, *_words(run, i))
        for e in np.flatnonzero(E[:, at.E_INBOX]).tolist()
        for i in _thread(machine.T, int(E[e, at.E_INBOX]), at.T_NEXT)
    ]
    packets = sorted(
        (*_where(machine, token, kind, when), *_words(run, token), _entered(machine, token))
        for token, kind, when in on_the_way(machine).tolist()
    )
    free = [
        np.stack([np.full(len(n), kind), n, values[n] * unit], axis=1)
        for kind, values in enumerate((E[:, at.E_INJECT], L[:, at.FREE], E[:, at.E_EJECT]))
        for n in [np.flatnonzero(values) if plan.router == QUEUED else np.zeros(0, np.int64)]
    ]
    table = machine.table[machine.table[:, 2] != 0]
    route = np.stack([table[:, 0] >> 8, table[:, 0] & 255, table[:, 1], table[:, 2]], axis=1)
    senders, seen = np.flatnonzero(E[:, at.E_SEQUENCE]), np.flatnonzero(S[at.SEEN : at.SEEN + len(plan.kinds)])
    log = np.concatenate([*machine.logged, machine.log[: int(S[at.LOGGED])]])
    lists = {name: _listed(log, which, name, columns) for which, (name, columns) in enumerate(at.LISTS)}
    kept = {name: lists.pop(name) for name in ("packets", "spikes")}
    return Snapshot(
        time=np.array([done_ps, S[at.LAST] * unit], np.int64),
        plan_hash=np.frombuffer(bytes.fromhex(plan.fingerprint()), np.uint8),
        route=route[np.lexsort((route[:, 2], route[:, 1], route[:, 0]))],
        free=np.concatenate(free),
        sequence=np.stack([senders, E[senders, at.E_SEQUENCE]], axis=1),
        packet=_table(packets, 9 + ROW),
        inbox=_table(inbox, 6 + ROW),
        operation=operation.astype(np.int64),
        output=np.array(output, np.int64).reshape(-1, ROW),
        counter=_counter(machine),
        digest=np.array([int(S[at.COUNT]), *_two_words(run.digest)], np.uint64),
        lost=np.stack([seen, S[at.SEEN + seen]], axis=1),
        **kept,
        own=_OWN[plan.program](run, lists),
    )


def _two_words(total: int) -> tuple[int, int]:
    return total & WORD, total >> 64 & WORD


def _neurosemantic(run: Run, lists: dict[str, Array]) -> dict[str, Array]:
    """The arrays of a neurosemantic network."""
    machine, S = run.machine, run.machine.S
    number = machine.cores.field("self_core")[: int(S[at.BANKS]), 0]
    order = np.argsort(number)
    return {
        "core_number": number[order],
        "core": _flat(machine.cores, order),
        "root": _roots(machine, len(machine.nsn.role)),
        "server": _flat(machine.servers, np.arange(len(machine.nsn.server_core))),
        "host": np.array([S[at.NEXT_ITEM], S[at.TAKEN_ITEMS], S[at.OFFERED], S[at.OVERRUNS]], np.int64),
        "offer": machine.offered.copy(),
        "decisions": np.array(_two_words(run.decisions), np.uint64),
        "waiting_since": machine.waiting.copy(),
        **lists,
    }


def _listed(log: Array, which: int, name: str, columns: int) -> Array:
    """The rows of one list of the log, in the order in which results have them."""
    return ordered(name, log[log[:, 0] == which, 1 : columns + 1])


def _row(words: Array) -> Array:
    """A message without what an earlier one left behind its fields."""
    row = words[:ROW].copy()
    row[used_words(int(row[0])) :] = 0
    return row


def _thread(rows: Array, ref: int, column: int) -> list[int]:
    found = []
    while ref:
        found.append(ref)
        ref = int(rows[ref, column])
    return found


def _where(machine: Machine, token: int, kind: int, when: int) -> tuple[int, int, int, int]:
    """Due in ps, ``AT_ROUTER`` or ``AT_ENDPOINT``, tile or endpoint, port."""
    T, unit = machine.T, machine.unit
    if kind == at.DELIVER:
        return when * unit, AT_ENDPOINT, int(T[token, at.T_DEST]), 0
    port = int(T[token, at.T_KEY]) >> at.PORT_SHIFT
    if port == machine.P[at.PORTS_OF]:
        port += int(T[token, at.T_KEY]) >> at.SOURCE_SHIFT & at.SOURCE_MASK
    return when * unit, AT_ROUTER, int(T[token, at.T_TILE]) & at.TILE_MASK, port


def _entered(machine: Machine, token: int) -> int:
    """When the head of a packet that is on the way left its endpoint, in ps."""
    waited = int(machine.T[token, at.T_TILE]) >> at.WAIT_SHIFT
    return (int(machine.T[token, at.T_INJECTED]) + waited) * machine.unit


def _words(run: Run, token: int) -> tuple[int, ...]:
    """Source, sequence number, flits, injected, and the message."""
    machine, plan = run.machine, run.plan
    key, dest, info, injected, payload, _, way = (int(v) for v in machine.T[token, at.T_KEY :])
    if plan.program == nsn.NAME:
        message = tuple(_row(machine.M[payload]).tolist())
    elif plan.program == snn.NAME:
        neuron = way >> at.NEURON_SHIFT
        synapse = -1 if plan.multicast else payload >> at.COUNT_BITS
        to = TREE if synapse < 0 else int(plan.own.core[plan.own.target[synapse]])
        message = (LIF_SPIKE, to, 0, neuron, info >> at.STEP_SHIFT, synapse) + (0,) * (ROW - 6)
    else:
        message = (DATA, dest) + (0,) * (ROW - 2)
    return (
        key >> at.SOURCE_SHIFT & at.SOURCE_MASK, key & at.SEQUENCE_MASK, info & at.FLIT_MASK, injected * machine.unit, *message,
    )  # fmt: skip


def _flat(fields: Fields, banks: Array) -> Array:
    """Banks as rows, field after field."""
    return np.concatenate([fields.field(name)[banks] for name in fields.names], axis=1)


def _roots(machine: Machine, roots: int) -> Array:
    """Roots as rows; only the last, the record keeper, has records."""
    whole = [name for name in machine.roots.names if not name.startswith("record_")]
    kept = [name for name in machine.roots.names if name.startswith("record_")]
    parts = [machine.roots.field(name)[:roots] for name in whole]
    tail = [machine.roots.field(name)[:roots].copy() for name in kept]
    for part in tail:
        part[:-1] = 0
    return np.concatenate([*parts, *tail], axis=1)


def _counter(machine: Machine) -> Array:
    """Every counter that is not 0: which, index, value."""
    E, L, unit = machine.E, machine.L, machine.unit
    flits = np.bincount(E[:, at.E_TILE], E[:, at.E_FLITS], machine.plan.mesh.tiles).astype(np.int64)
    waits = (1, 1, unit, unit)
    rows = [E[:, at.E_BUSY] * unit, E[:, at.E_OPERATIONS], E[:, at.E_RECEIVED], E[:, at.E_LATE], *machine.counted()]
    rows += [L[:, column] * scale for column, scale in zip(_LINK_COUNTERS, waits, strict=True)]
    rows += [flits, machine.S[at.HOST_FLITS : at.HOST_FLITS + 1]]
    found = [np.stack([np.full(len(n), which), n, v[n]], axis=1) for which, v in enumerate(rows) for n in [np.flatnonzero(v)]]
    e, action = np.nonzero(machine.actions)
    found.append(np.stack([_COUNTERS + e, action, machine.actions[e, action]], axis=1))
    return np.concatenate(found)


def _given(run: Run, lists: dict[str, Array]) -> dict[str, Array]:
    """The array of given traffic."""
    return {"offered": run.machine.S[at.CURSOR : at.CURSOR + 1].copy()}


def _spiking(run: Run, lists: dict[str, Array]) -> dict[str, Array]:
    """The arrays of a spiking network."""
    machine, own = run.machine, run.plan.own
    S, unit, lif = machine.S, machine.unit, machine.lif
    ring, neurons = own.ring, own.neurons
    step_at = int(S[at.STEP_AT])
    totals = [S[at.FIRED], S[at.UPDATED], S[at.SYNOPS], S[at.LATE_SPIKES]]
    rows = machine.steps[: int(S[at.STEP])]
    C = machine.C
    idle = C[:, at.C_ACTIVE] == 0
    side = np.stack(
        [C[:, at.C_BEGUN], C[:, at.C_PENDING], np.where(idle, -1, C[:, at.C_END] * unit), np.where(idle, -1, C[:, at.C_AT])],
        axis=1,
    )
    return {
        "due": np.array([step_at * unit if step_at >= 0 else -1], np.int64),
        "total": np.array(totals, np.int64),
        "step": np.column_stack([np.arange(1, len(rows) + 1), rows[:, :2] * unit, rows[:, 2:]])
        .reshape(-1, 10)
        .astype(np.int64),
        "side": side.astype(np.int64),
        "potential": lif["potential"].copy(),
        "sum": lif["sums"].reshape(ring, neurons) >> 1,
        "arrived": (lif["sums"].reshape(ring, neurons) & 1).astype(np.uint8),
        "input_next": lif["input_next"].copy(),
    }


_OWN = {nsn.NAME: _neurosemantic, snn.NAME: _spiking, packets.NAME: _given}
"""The program's own arrays, by program."""


def _table(rows: list[tuple[int, ...]], width: int) -> Array:
    return np.array(rows, np.int64).reshape(-1, width)


# -- the way back ------------------------------------------------------------------------------------------------------------


def restore(run: Run, snapshot: Snapshot) -> None:
    """Put a fresh run into the state of a snapshot of the same plan.

    Raises:
        ConfigError: the snapshot belongs to another plan, or the routers are wormhole routers.
    """
    machine, plan = run.machine, run.plan
    check_snapshot(plan, snapshot)
    S, E, L, unit = machine.S, machine.E, machine.L, machine.unit
    now = int(snapshot.time[0])
    S[at.NOW] = S[at.BASE] = now // unit
    S[at.FAR_AT] = at.NEVER
    S[[at.OFFER_AT, at.STEP_AT]] = -1
    for kind, column in ((0, at.E_INJECT), (2, at.E_EJECT)):
        rows = snapshot.free[snapshot.free[:, 0] == kind]
        E[rows[:, 1], column] = rows[:, 2] // unit
    rows = snapshot.free[snapshot.free[:, 0] == 1]
    L[rows[:, 1], at.FREE] = rows[:, 2] // unit
    E[snapshot.sequence[:, 0], at.E_SEQUENCE] = snapshot.sequence[:, 1]
    S[at.SEEN + snapshot.lost[:, 0]] = snapshot.lost[:, 1]
    S[at.LAST] = snapshot.time[1] // unit
    count, low, high = snapshot.digest.tolist()
    S[at.COUNT], run.digest = count, low | high << 64
    machine.replace_routes(snapshot.route)
    lists = {name: snapshot.own.get(name) for name, _ in at.LISTS} | {"packets": snapshot.packets, "spikes": snapshot.spikes}
    machine.logged = [_logged(which, rows) for which, rows in enumerate(lists.values()) if rows is not None and len(rows)]
    _restore_counters(machine, snapshot)
    if plan.program == nsn.NAME:
        _restore_nsn(run, snapshot)
    elif plan.program == snn.NAME:
        _restore_spiking(machine, snapshot)
    else:
        S[at.CURSOR] = snapshot.own["offered"][0]
    _restart(run, snapshot)


def _logged(which: int, rows: Array) -> Array:
    """Rows of a list as the log has them."""
    log = np.zeros((len(rows), at.LOG), np.int64)
    log[:, 0], log[:, 1 : rows.shape[1] + 1] = which, rows
    return log


def _restore_nsn(run: Run, snapshot: Snapshot) -> None:
    machine, own, S = run.machine, snapshot.own, run.machine.S
    _restore_memory(machine, own)
    S[at.OFFER_AT] = S[at.NOW]
    S[at.NEXT_ITEM], S[at.TAKEN_ITEMS], S[at.OFFERED], S[at.OVERRUNS] = own["host"]
    machine.offered[:] = own["offer"]
    machine.waiting[:] = own["waiting_since"]
    low, high = own["decisions"].tolist()
    run.decisions = low | high << 64


def _restore_memory(machine: Machine, own: Mapping[str, Array]) -> None:
    plan, S, E = machine.plan, machine.S, machine.E
    E[: plan.mesh.cores, at.E_BANK] = 0
    if len(own["core_number"]) > machine.cores.banks:
        machine.cores = machine.cores.grown(len(own["core_number"]))
    for bank, core in enumerate(own["core_number"].tolist()):
        open_bank(machine.cores, bank, core)
        E[core, at.E_BANK] = bank + 1
    S[at.BANKS] = len(own["core_number"])
    _fill(machine.cores, machine.cores.names, own["core"])
    _fill(machine.servers, machine.servers.names, own["server"])
    whole = [name for name in machine.roots.names if not name.startswith("record_")]
    used = _fill(machine.roots, whole, own["root"])
    keeper = own["root"][-1:, used:]
    for i, name in enumerate(("record_id", "record_time", "record_flags")):
        size = machine.nsn.constants.records
        machine.roots.field(name)[len(machine.nsn.role) - 1] = keeper[0, i * size : (i + 1) * size]


def _fill(fields: Fields, names: tuple[str, ...] | list[str], rows: Array) -> int:
    """Rows back into banks; how many words of a row were used."""
    begin = 0
    for name in names:
        field = fields.field(name)
        field[: len(rows)] = rows[:, begin : begin + field.shape[1]]
        begin += field.shape[1]
    return begin


def _restore_counters(machine: Machine, snapshot: Snapshot) -> None:
    S, E, L, unit = machine.S, machine.E, machine.L, machine.unit
    E[:, [at.E_BUSY, at.E_OPERATIONS, at.E_RECEIVED, at.E_LATE, at.E_FLITS]] = 0
    machine.actions[:] = 0
    which, index, value = snapshot.counter.T

    def rows(number: int) -> tuple[Array, Array]:
        mine = which == number
        return index[mine], value[mine]

    for number, column, scale in ((0, at.E_BUSY, unit), (1, at.E_OPERATIONS, 1), (2, at.E_RECEIVED, 1), (3, at.E_LATE, 1)):
        i, v = rows(number)
        E[i, column] = v // scale
    for number, base in ((4, at.SENT), (5, at.DELIVERED), (6, at.DROPPED), (7, at.COPIES)):
        i, v = rows(number)
        S[base + i] = v
    for number, column, scale in ((8, at.PACKETS_L, 1), (9, at.FLITS_L, 1), (10, at.WAIT, unit), (11, at.WAIT_MAX, unit)):
        i, v = rows(number)
        L[i, column] = v // scale
    i, v = rows(12)
    first = np.zeros(machine.plan.mesh.tiles, np.int64)
    first[E[::-1, at.E_TILE]] = np.arange(len(E))[
        ::-1
    ]  # flits are counted by endpoint here: one of the tile takes what the tile had
    E[first[i], at.E_FLITS] = v
    S[at.HOST_FLITS] = rows(13)[1].sum()
    mine = which >= _COUNTERS
    machine.actions[which[mine] - _COUNTERS, index[mine]] = value[mine]
    packets, port = L[:, at.PACKETS_L], np.arange(len(L)) % PORTS
    along = port < 2 if machine.plan.noc is None else machine.W[:, at.W_TO] & 1 == 1
    S[at.HOPS], S[at.HOPS_EW], S[at.HOPS_NS] = packets.sum(), packets[along].sum(), packets[~along].sum()


def _restore_spiking(machine: Machine, snapshot: Snapshot) -> None:
    S, C, unit, own = machine.S, machine.C, machine.unit, snapshot.own
    step_at, step = int(own["due"][0]), own["step"]
    S[at.STEP_AT] = step_at // unit if step_at >= 0 else -1
    S[at.FIRED], S[at.UPDATED], S[at.SYNOPS], S[at.LATE_SPIKES] = own["total"]
    S[at.PACKETS] = S[at.SENT + LIF_SPIKE]
    S[at.STEP] = len(step)
    machine.steps[: len(step)] = np.column_stack([step[:, 1:3] // unit, step[:, 3:]])
    lif = machine.lif
    lif["potential"][:], lif["input_next"][:] = own["potential"], own["input_next"]
    lif["sums"][:] = (2 * own["sum"] + own["arrived"]).ravel()
    begun, pending, end, position = own["side"].T
    active = end >= 0
    C[:, at.C_BEGUN], C[:, at.C_PENDING], C[:, at.C_ACTIVE] = begun, pending, active
    C[:, at.C_AT] = np.where(active, position, machine.plan.own.first[:-1])
    C[:, at.C_END] = np.where(active, end // unit, 0)
    S[at.WORK] = active.sum()
    for u in np.flatnonzero(active).tolist():
        machine.schedule(at.SIDE, int(C[u, at.C_ENDPOINT]) + 1, int(C[u, at.C_END]))


def _restart(run: Run, snapshot: Snapshot) -> None:
    """Fill the queue and the inboxes."""
    machine, plan = run.machine, run.plan
    E, unit = machine.E, machine.unit
    machine.room(len(snapshot.packet) + len(snapshot.inbox), len(snapshot.packet) + len(snapshot.inbox) + len(snapshot.output))
    shared: dict[tuple[int, int], int] = {}  # copies of a multicast share a message
    for when, kind, where, port, *words, entered in snapshot.packet.tolist():
        i = _token(run, words, port, shared)
        waited = entered // unit - int(machine.T[i, at.T_INJECTED])
        tile = where if kind == AT_ROUTER else int(E[where, at.E_TILE])
        machine.T[i, at.T_TILE] = waited << at.WAIT_SHIFT | (tile if kind == AT_ROUTER else 0)
        machine.T[i, at.T_WAY] += links_crossed(machine, words[4:], words[5], words[0], words[1], tile)
        if kind == AT_ROUTER:
            machine.schedule(at.ARRIVE, i, when // unit)
        else:
            machine.T[i, at.T_DEST] = where
            machine.schedule(at.DELIVER, i, when // unit)
    for endpoint, arrival, *words in snapshot.inbox.tolist():
        i = _token(run, words, 0, shared)
        machine.T[i, at.T_TILE] = arrival // unit
        if E[endpoint, at.E_INBOX]:
            machine.T[E[endpoint, at.E_INBOX_TAIL], at.T_NEXT] = i
        else:
            E[endpoint, at.E_INBOX] = i
        E[endpoint, at.E_INBOX_TAIL] = i
    output = iter(snapshot.output.tolist())
    for endpoint, end, edge, span, rows in snapshot.operation.tolist():
        before = 0
        for row in [machine.new_row(next(output)) for _ in range(rows)][::-1]:
            machine.M[row, at.ROW_NEXT] = before
            before = row
        E[endpoint, at.E_OUT], E[endpoint, at.E_OUT_ROWS] = before, rows if plan.program == nsn.NAME else 1
        E[endpoint, at.E_STATE], E[endpoint, at.E_END], E[endpoint, at.E_SPAN] = at.BUSY, end // unit, span // unit
        E[endpoint, at.E_EDGE] = edge // unit + 1 if edge >= 0 else 0
        machine.schedule(at.END, endpoint + 1, end // unit)
    if plan.program == nsn.NAME and plan.tick:
        now = int(snapshot.time[0])
        edge = now - now % plan.tick + plan.tick  # what waits in an inbox without an operation waits for the next edge
        for endpoint in np.flatnonzero((E[:, at.E_INBOX] != 0) & (E[:, at.E_STATE] == at.IDLE)).tolist():
            E[endpoint, at.E_STATE] = at.WAITING
            machine.schedule(at.SIDE, endpoint + 1, edge // unit)
    if plan.program != nsn.NAME:
        machine.S[at.WORK] += len(snapshot.packet) + len(snapshot.inbox) + len(snapshot.operation)


def _token(run: Run, words: list[int], port: int, shared: dict[tuple[int, int], int]) -> int:
    machine, plan = run.machine, run.plan
    source, sequence, flits, injected, *message = words
    i = machine.new_token()
    T, E = machine.T, machine.E
    kind, dest = message[0], message[1]
    T[i, at.T_KEY] = min(port, int(machine.P[at.PORTS_OF])) << at.PORT_SHIFT | source << at.SOURCE_SHIFT | sequence
    T[i, at.T_DEST] = dest
    T[i, at.T_INFO] = flits | kind << at.KIND_SHIFT
    T[i, at.T_INJECTED] = injected // machine.unit
    T[i, at.T_WAY] = E[dest, at.E_TILE] if dest >= 0 and plan.noc is None else 0
    if plan.program == nsn.NAME:
        row = shared.get((source, sequence))
        if row is None:
            row = shared[source, sequence] = machine.new_row(message)
        else:
            machine.M[row, at.REFERENCES] += 1
        T[i, at.T_PAYLOAD] = row
    elif plan.program == snn.NAME:
        neuron, step, synapse = message[3:6]
        T[i, at.T_INFO] |= step << at.STEP_SHIFT
        T[i, at.T_WAY] |= neuron << at.NEURON_SHIFT
        if synapse >= 0:
            last = int(plan.own.start[neuron + 1])
            T[i, at.T_PAYLOAD] = packed(plan.own.core, plan.own.target, synapse, last)
    return i
