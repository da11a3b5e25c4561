"""Snapshot and resumption of the compiled engine: the wheels are emptied into global ids and filled again."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from chipsim.engines.base import check_snapshot
from chipsim.engines.compiled import layout as at
from chipsim.engines.compiled.walk import links_crossed, routes_of, tree_entries
from chipsim.jit.records import Block
from chipsim.machine import state
from chipsim.machine.message import ROW
from chipsim.machine.raw import ordered
from chipsim.machine.snapshot import AT_ENDPOINT, AT_ROUTER, Snapshot
from chipsim.noc import PORTS
from chipsim.noc.plan import QUEUED
from chipsim.programs.host import Array

if TYPE_CHECKING:
    from chipsim.engines.compiled.machine import Machine
    from chipsim.engines.compiled.run import Run

WORD = (1 << 64) - 1

_COUNTERS = 14
"""Counters that come before those of the endpoints' actions."""


def due(machine: Machine, *kinds: int) -> Array:
    """Everything of some kinds that is due: int64[n, 3] reference, kind, time in units."""
    m = machine.state
    thread = {at.END: (m.endpoints["next"], 1), at.SIDE: (m.endpoints["side_next"], 1)}
    slots, rows = m.slots.reshape(-1, 4), []
    for slot in np.flatnonzero(slots.any(axis=1)).tolist():
        for kind in kinds:
            after, less = thread.get(kind, (m.next, 0))
            ref = int(slots[slot, kind])
            while ref:
                when = m.base + (slot - m.base) % m.size if slot < m.size else _far_time(m, kind, ref, slot - m.size)
                rows.append((ref, kind, when))
                ref = int(after[ref - less])
    return np.array(rows, np.int64).reshape(-1, 3)


def _far_time(m: Block, kind: int, ref: int, bucket: int) -> int:
    """When something in a bucket of the far wheel is due; see ``queue.keep_time``."""
    if kind > at.DELIVER:
        return int(m.far[(kind - at.END) * len(m.endpoints) + ref - 1])
    far, now = int(m.packets["far"][ref]), m.base >> (m.shift + at.BUCKET_BITS)
    turn = now + ((far >> at.PLACE_BITS) - now & at.MOST_TURNS)
    return (turn << at.BUCKET_BITS | bucket) << m.shift | far & (1 << at.PLACE_BITS) - 1


def on_the_way(machine: Machine) -> Array:
    """Every packet, or copy of one, that is due somewhere: int64[n, 3] row, kind, time in units."""
    return due(machine, at.ARRIVE, at.DELIVER)


def take_snapshot(run: Run, done_ps: int) -> Snapshot:
    """State of a run that has finished the instant ``done_ps`` and begun none after it."""
    machine, plan, m = run.machine, run.plan, run.machine.state
    e, unit = m.endpoints, machine.unit
    running = np.flatnonzero(e["state"] & state.STATE == state.BUSY)
    edge = np.where(e["edge"][running] > 0, (e["edge"][running] - 1) * unit, -1)
    outputs = [machine.host.outputs(endpoint) for endpoint in running.tolist()]
    rows = np.array([len(rows) for rows in outputs], np.int64)
    operation = np.stack([running, e["end"][running] * unit, edge, e["span"][running] * unit, rows], axis=1)
    inbox = [
        (endpoint, int(m.packets["when"][i]) * unit, *_words(machine, i))
        for endpoint in np.flatnonzero(e["inbox"]).tolist()
        for i in _thread(m.next, int(e["inbox"][endpoint]))
    ]
    packets = sorted(
        (*_where(machine, packet, kind, when), *_words(machine, packet), _entered(machine, packet))
        for packet, kind, when in on_the_way(machine).tolist()
    )
    free = [
        np.stack([np.full(len(n), kind), n, values[n] * unit], axis=1)
        for kind, values in enumerate((e["inject"], m.links["free"], e["eject"]))
        for n in [np.flatnonzero(values) if plan.router == QUEUED else np.zeros(0, np.int64)]
    ]
    route = routes_of(m.table)
    senders, tiles = np.flatnonzero(e["sequence"]), np.flatnonzero(m.lookups)
    log = np.concatenate([*machine.logged, m.log.reshape(-1, state.LOG)[: m.logged]])
    lists = {name: ordered(name, log[log[:, 0] == n, 1 : columns + 1]) for n, (name, columns) in enumerate(at.LISTS)}
    kept = {name: lists.pop(name) for name in ("packets", "spikes")}
    own = machine.host.save(run.decisions)
    return Snapshot(
        time=np.array([done_ps, m.last * unit], np.int64),
        plan_hash=np.frombuffer(bytes.fromhex(plan.fingerprint()), np.uint8),
        route=route[np.lexsort((route[:, 2], route[:, 1], route[:, 0]))],
        free=np.concatenate(free),
        sequence=np.stack([senders, e["sequence"][senders]], axis=1),
        packet=_table(packets, 9 + ROW),
        inbox=_table(inbox, 6 + ROW),
        operation=operation.astype(np.int64),
        output=np.array([row for rows_ in outputs for row in rows_], np.int64).reshape(-1, ROW),
        counter=_counter(machine),
        digest=np.array([m.count, run.digest & WORD, run.digest >> 64 & WORD], np.uint64),
        lookups=np.stack([tiles, m.lookups[tiles]], axis=1),
        lost=_lost(machine),
        **kept,
        own=own | (lists if machine.host.keeps_lists else {}),
    )


def _thread(after: Array, ref: int) -> list[int]:
    found = []
    while ref:
        found.append(ref)
        ref = int(after[ref])
    return found


def _where(machine: Machine, packet: int, kind: int, when: int) -> tuple[int, int, int, int]:
    """Due in ps, ``AT_ROUTER`` or ``AT_ENDPOINT``, tile or endpoint, port."""
    m, unit = machine.state, machine.unit
    t = m.packets[packet]
    if kind == at.DELIVER:
        return when * unit, AT_ENDPOINT, int(t["dest"]), 0
    port = int(t["key"]) >> state.PORT_SHIFT
    if port == m.ports_of:
        port += int(t["key"]) >> state.SOURCE_SHIFT & state.SOURCE_MASK
    return when * unit, AT_ROUTER, int(t["tile"]), port


def _entered(machine: Machine, packet: int) -> int:
    """When the head of a packet that is on the way left its endpoint, in ps."""
    t = machine.state.packets[packet]
    return int(t["injected"] + t["when"]) * machine.unit


def _words(machine: Machine, packet: int) -> tuple[int, ...]:
    """Source, sequence number, flits, injected, and the message."""
    t = machine.state.packets[packet]
    key = int(t["key"])
    return (
        key >> state.SOURCE_SHIFT & state.SOURCE_MASK, key & state.SEQUENCE_MASK, int(t["flits"]), int(t["injected"]) * machine.unit,
        *machine.host.message(packet),
    )  # fmt: skip


def _counters(machine: Machine) -> tuple[tuple[Array, int], ...]:
    """Counters in the order of their numbers, and ps or counts per unit of each."""
    m, unit = machine.state, machine.unit
    e, links = m.endpoints, m.links
    return (
        (e["busy"], unit), (e["operations"], 1), (e["received"], 1), (e["late"], 1), (m.sent, 1), (m.delivered, 1), (m.dropped, 1),
        (m.copies, 1), (links["packets"], 1), (links["flits"], 1), (links["wait"], unit), (links["wait_max"], unit),
    )  # fmt: skip


def _counter(machine: Machine) -> Array:
    """Every counter that is not 0: which, index, value."""
    m = machine.state
    flits = np.bincount(m.endpoints["tile"], m.endpoints["flits"], machine.plan.mesh.tiles).astype(np.int64)
    rows = [values * scale for values, scale in _counters(machine)] + [flits, np.array([m.host_flits], np.int64)]
    found = [np.stack([np.full(len(n), which), n, v[n]], axis=1) for which, v in enumerate(rows) for n in [np.flatnonzero(v)]]
    actions = m.actions.reshape(-1, len(m.act))
    e, action = np.nonzero(actions)
    found.append(np.stack([_COUNTERS + e, action, actions[e, action]], axis=1))
    return np.concatenate(found)


def _lost(machine: Machine) -> Array:
    """Kind, source, and how many of the kind it has sent, of kinds that faults name."""
    m = machine.state
    rows: list[tuple[int, int, int]] = []
    first = {kind: fault for fault, kind in reversed(list(enumerate(m.loss[0::3].tolist())))}
    for kind, fault in sorted(first.items()):
        seen = m.seen[fault * machine.plan.endpoints :][: machine.plan.endpoints]
        rows += [(kind, source, int(seen[source])) for source in np.flatnonzero(seen).tolist()]
    return _table(rows, 3)


def _table(rows: list[tuple[int, ...]], width: int) -> Array:
    return np.array(rows, np.int64).reshape(-1, width)


# -- the way back ------------------------------------------------------------------------------------------------------------


def restore(run: Run, snapshot: Snapshot) -> None:
    """Put a fresh run into the state of a snapshot of the same plan.

    Raises:
        ConfigError: the snapshot belongs to another plan, or the routers are wormhole routers.
    """
    machine, plan, m = run.machine, run.plan, run.machine.state
    check_snapshot(plan, snapshot)
    e, unit = m.endpoints, machine.unit
    m.now = m.base = int(snapshot.time[0]) // unit
    m.offer_at = m.step_at = m.far_at = state.NEVER
    for kind, values in enumerate((e["inject"], m.links["free"], e["eject"])):
        rows = snapshot.free[snapshot.free[:, 0] == kind]
        values[rows[:, 1]] = rows[:, 2] // unit
    e["sequence"][snapshot.sequence[:, 0]] = snapshot.sequence[:, 1]
    for fault, kind in enumerate(m.loss[0::3].tolist()):
        _, source, count = snapshot.lost[snapshot.lost[:, 0] == kind].T
        m.seen[fault * plan.endpoints + source] = count
    m.last = int(snapshot.time[1]) // unit
    count, low, high = snapshot.digest.tolist()
    m.count, run.digest = count, low | high << 64
    machine.replace_routes(snapshot.route)
    lists = {name: snapshot.own.get(name) for name, _ in at.LISTS} | {"packets": snapshot.packets, "spikes": snapshot.spikes}
    machine.logged = [_logged(which, rows) for which, rows in enumerate(lists.values()) if rows is not None and len(rows)]
    m.lookups[:] = 0
    m.lookups[snapshot.lookups[:, 0]] = snapshot.lookups[:, 1]
    m.looked_up = int(m.lookups.sum())
    _restore_counters(machine, snapshot)
    run.decisions = machine.host.restore(snapshot.own)
    _restart(machine, snapshot)


def _logged(which: int, rows: Array) -> Array:
    """Rows of a list as the log has them."""
    log = np.zeros((len(rows), state.LOG), np.int64)
    log[:, 0], log[:, 1 : rows.shape[1] + 1] = which, rows
    return log


def _restore_counters(machine: Machine, snapshot: Snapshot) -> None:
    m = machine.state
    e, links = m.endpoints, m.links
    e["flits"] = 0
    which, index, value = snapshot.counter.T
    for number, (values, scale) in enumerate(_counters(machine)):
        mine = which == number
        values[:] = 0
        values[index[mine]] = value[mine] // scale
    mine = which == 12
    first = np.zeros(
        machine.plan.mesh.tiles, np.int64
    )  # flits are counted by endpoint here: one of the tile takes what the tile had
    first[e["tile"][::-1]] = np.arange(len(e))[::-1]
    e["flits"][first[index[mine]]] = value[mine]
    m.local_flits = int(value[mine].sum())
    m.host_flits = int(value[which == 13].sum())
    mine = which >= _COUNTERS
    m.actions[:] = 0
    m.actions.reshape(-1, len(m.act))[which[mine] - _COUNTERS, index[mine]] = value[mine]
    packets, port = links["packets"], np.arange(len(links)) % PORTS
    along = port < 2 if machine.plan.noc is None else m.link_specs["to"] & 1 == 1
    m.hops, m.hops_ew, m.hops_ns = int(packets.sum()), int(packets[along].sum()), int(packets[~along].sum())


def _restart(machine: Machine, snapshot: Snapshot) -> None:
    """Fill the queue and the inboxes."""
    m, unit, plan = machine.state, machine.unit, machine.plan
    machine.room(len(snapshot.packet) + len(snapshot.inbox))
    entries = tree_entries(machine)
    for when, kind, where, port, *words, entered in snapshot.packet.tolist():
        i = _packet(machine, words, port)
        t = m.packets[i : i + 1]
        tile = where if kind == AT_ROUTER else int(m.endpoints["tile"][where])
        t["when"], t["tile"] = entered // unit - t["injected"], tile if kind == AT_ROUTER else 0
        t["route"] += links_crossed(machine, i, tile, entries)
        if kind == AT_ENDPOINT:
            t["dest"] = where
        machine.schedule(at.ARRIVE if kind == AT_ROUTER else at.DELIVER, i, when // unit)
    e = m.endpoints
    for endpoint, arrival, *words in snapshot.inbox.tolist():
        i = _packet(machine, words, 0)
        m.packets["when"][i] = arrival // unit
        if e["inbox"][endpoint]:
            m.next[e["inbox_tail"][endpoint]] = i
        else:
            e["inbox"][endpoint] = i
        e["inbox_tail"][endpoint] = i
    output = iter(snapshot.output.tolist())
    for endpoint, end, edge, span, rows in snapshot.operation.tolist():
        machine.host.load_outputs(endpoint, [next(output) for _ in range(rows)])
        e["state"][endpoint], e["taken"][endpoint], e["end"][endpoint], e["span"][endpoint] = (
            state.BUSY,
            1,
            end // unit,
            span // unit,
        )
        e["edge"][endpoint] = edge // unit + 1 if edge >= 0 else 0
        machine.schedule(at.END, endpoint + 1, end // unit)
    if m.edge_units:
        now = int(snapshot.time[0])
        edge = now - now % plan.tick + plan.tick  # what waits in an inbox without an operation waits for the next edge
        for endpoint in np.flatnonzero((e["inbox"] != 0) & (e["state"] == state.IDLE)).tolist():
            e["state"][endpoint] = state.WAITING
            machine.schedule(at.SIDE, endpoint + 1, edge // unit)
    m.work += len(snapshot.packet) + len(snapshot.inbox) + len(snapshot.operation)


def _packet(machine: Machine, words: list[int], port: int) -> int:
    """The row of a packet of a snapshot: source, sequence number, flits, injected, message."""
    m = machine.state
    source, sequence, flits, injected, *message = words
    i = machine.new_packet()
    dest = message[1]
    t = m.packets[i : i + 1]
    t["key"] = min(port, m.ports_of) << state.PORT_SHIFT | source << state.SOURCE_SHIFT | sequence
    t["dest"], t["kind"], t["flits"], t["injected"] = dest, message[0], flits, injected // machine.unit
    t["route"] = m.endpoints["tile"][dest] if dest >= 0 and machine.plan.noc is None else 0
    machine.host.load(i, message)
    return i
