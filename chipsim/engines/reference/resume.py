"""Snapshot and resumption of the reference engine.

SimPy's queue is not part of a snapshot: packets on the way and running operations are read out of it, and everything else that is due
(an offer, an edge, a fault) follows from the state.
"""

from __future__ import annotations

import heapq
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from chipsim.engines.base import check_snapshot
from chipsim.engines.reference.network import Packet
from chipsim.engines.reference.phases import Later, trigger
from chipsim.engines.reference.records import table as as_table
from chipsim.machine.ints import Ints
from chipsim.machine.message import ROW
from chipsim.machine.phases import COMPUTE, DELIVER
from chipsim.machine.raw import ordered
from chipsim.machine.snapshot import AT_ENDPOINT, AT_ROUTER, Snapshot

if TYPE_CHECKING:
    from chipsim.engines.reference.run import Run

_WORD = (1 << 64) - 1


def take_snapshot(run: Run, done_ps: int) -> Snapshot:
    """State of a run that has finished the instant ``done_ps`` and begun none after it."""
    network, endpoints, records = run.network, run.endpoints, run.records
    link_free = {link: at for link, at in enumerate(network.link_free) if at}
    free = ((0, network.inject_free), (1, link_free), (2, network.eject_free))
    inbox = [
        (endpoint, arrival, *_words(packet))
        for endpoint, box in sorted(endpoints.inbox.items())
        for arrival, _, _, packet in sorted(box, key=lambda entry: entry[:3])
    ]
    running = sorted(endpoints.running.items())
    return Snapshot(
        time=_array([done_ps, endpoints.last_ps], 0),
        plan_hash=np.frombuffer(bytes.fromhex(run.plan.fingerprint()), np.uint8),
        route=_array([(t, *key, mask) for t, table in enumerate(network.tables) for key, mask in sorted(table.items())], 4),
        free=_array([(kind, number, at) for kind, times in free for number, at in sorted(times.items())], 3),
        sequence=_array(sorted(network.sequence.items()), 2),
        packet=_array(sorted((*where, *_words(packet), packet.entered) for *where, packet in on_the_way(run)), 9 + ROW),
        inbox=_array(inbox, 6 + ROW),
        operation=_array([(e, end, edge, span, len(rows)) for e, (end, edge, span, rows) in running], 5),
        output=_array([row for _, (_, _, _, rows) in running for row in rows], ROW),
        counter=_array([(which, i, v) for which, values in enumerate(_counters(run)) for i, v in enumerate(values) if v], 3),
        digest=np.array([records.count, *_two_words(records.digest)], np.uint64),
        packets=ordered("packets", as_table(records.packets, 9)),
        spikes=ordered("spikes", as_table(records.spikes, 4)),
        lookups=_array([(tile, count) for tile, count in enumerate(network.lookups) if count], 2),
        lost=_array(sorted((*key, count) for key, count in network.counted.items()), 3),
        own=run.program.save(),
    )


def _two_words(total: int) -> tuple[int, int]:
    return total & _WORD, total >> 64


def restore(run: Run, snapshot: Snapshot) -> None:
    """Put a fresh run into the state of a snapshot of the same plan.

    Raises:
        ConfigError: the snapshot belongs to another plan, or the routers are wormhole routers.
    """
    check_snapshot(run.plan, snapshot)
    network, endpoints, records = run.network, run.endpoints, run.records
    for table in network.tables:
        table.clear()
    for tile, layer, neuron, mask in snapshot.route.tolist():
        network.tables[tile][layer, neuron] = mask
    for kind, number, at in snapshot.free.tolist():
        frees: tuple[Any, Any, Any] = (network.inject_free, network.link_free, network.eject_free)
        frees[kind][number] = at
    network.sequence.update(dict(snapshot.sequence.tolist()))
    network.counted.update({(kind, source): count for kind, source, count in snapshot.lost.tolist()})
    for tile, count in snapshot.lookups.tolist():
        network.lookups[tile] = count
    counters = list(_counters(run))
    for which, i, value in snapshot.counter.tolist():
        counters[which][i] = value
    records.count, low, high = snapshot.digest.tolist()
    records.total = low | high << 64
    records.packets += map(tuple, snapshot.packets.tolist())
    records.spikes += map(tuple, snapshot.spikes.tolist())
    endpoints.last_ps = int(snapshot.time[1])
    run.program.restore(snapshot)
    _restart(run, snapshot)


def _restart(run: Run, snapshot: Snapshot) -> None:
    """Schedule what is due: from here on everything happens relative to the time of the snapshot."""
    env, endpoints, network = run.env, run.endpoints, run.network
    now = int(snapshot.time[0])
    for due, kind, where, port, *words, entered in snapshot.packet.tolist():
        packet = _packet(words)
        packet.entered = entered
        if kind == AT_ROUTER:
            network.send_on(where, port, packet, due - now)
        else:
            Later(env, due - now, DELIVER, endpoints.deliver, (where, packet))
    for endpoint, arrival, *words in snapshot.inbox.tolist():
        packet = _packet(words)
        endpoints.open(endpoint)
        heapq.heappush(endpoints.inbox[endpoint], (arrival, packet.source, packet.sequence, packet))
    output = iter(snapshot.output.tolist())
    for endpoint, end, edge, span, rows in snapshot.operation.tolist():
        endpoints.running[endpoint] = (end, edge, span, [tuple(next(output)) for _ in range(rows)])
        endpoints.open(endpoint)
    for endpoint, box in endpoints.inbox.items():
        if box and endpoint not in endpoints.running:
            endpoints.idle[endpoint] = False
            # the instant is done, so what waits in an inbox without an operation waits for the next edge
            trigger(endpoints.wake[endpoint], run.plan.tick - now % run.plan.tick if run.program.clocked else 0, COMPUTE)


def on_the_way(run: Run) -> Iterator[tuple[int, int, int, int, Packet]]:
    """Every packet, or copy of one, that is due somewhere: due, ``AT_ROUTER`` or ``AT_ENDPOINT``, tile or endpoint, port, packet."""
    for due, _, _, event in run.env._queue:
        if not isinstance(event, Later) or not event.callbacks:
            continue
        if event.callbacks[0] == run.network.arrive:
            tile, port, packet = event._value
            yield int(due), AT_ROUTER, tile, port, packet
        elif event.callbacks[0] == run.endpoints.deliver:
            endpoint, packet = event._value
            yield int(due), AT_ENDPOINT, endpoint, 0, packet


def _counters(run: Run) -> Iterator[Ints]:
    """Every counter as a list, in a fixed order."""
    endpoints, network = run.endpoints, run.network
    yield from (endpoints.busy, endpoints.operations, endpoints.received, endpoints.late)
    yield from (network.sent, network.delivered, network.dropped, network.copies)
    yield from (network.link_packets, network.link_flits, network.link_wait, network.link_wait_max, network.tile_flits)
    yield network.host_flits
    yield from endpoints.actions


def _words(packet: Packet) -> tuple[int, ...]:
    return (packet.source, packet.sequence, packet.flits, packet.injected, *packet.message)


def _packet(words: Sequence[int]) -> Packet:
    source, sequence, flits, injected, *message = words
    return Packet(source, sequence, tuple(message), flits, injected)


def _array(rows: object, width: int) -> np.ndarray[tuple[int, ...], np.dtype[np.int64]]:
    array = np.array(rows, np.int64)
    return array.reshape(-1, width) if width else array
