"""Cores, slot servers and the host of a neurosemantic network on the reference engine."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from chipsim.errors import DeadlockError, MappingError, SimulationError
from chipsim.ids import LAYER_SHIFT
from chipsim.machine.actions import A_SENT, ACTIONS
from chipsim.machine.digest import WRITE
from chipsim.machine.message import DEST, F0, F1, F2, F3, KIND, LAYER, ROW, TRACE
from chipsim.machine.snapshot import Snapshot
from chipsim.plan.plan import TICK
from chipsim.programs.nsn.deadlock import describe_deadlock, is_waiting
from chipsim.programs.nsn.messages import (
    ASK,
    E_FULL,
    E_ROOM,
    FOR_SLEEP,
    GROW,
    IMPORT,
    ITEM,
    KEY_WRITE,
    KINDS,
    PRESENT,
    PURPOSES,
    RECORD,
    RESULT,
    SPIKE,
    T_CLEAR,
    T_ERROR,
    T_ROUTE,
    TOLD,
    WROTE,
    is_longer,
    purpose,
    used_words,
)
from chipsim.programs.nsn.plan import NsnPlan
from chipsim.programs.nsn.program import core_message
from chipsim.programs.nsn.raw import NsnRun
from chipsim.programs.nsn.reference.gather import gather_memory
from chipsim.programs.nsn.reference.host import Host
from chipsim.programs.nsn.reference.load import load_cores, load_roots, load_servers, make_room, new_core
from chipsim.programs.nsn.reference.snapshot import fill_bundles, fill_cores, save_bundles
from chipsim.programs.nsn.reference.traces import Traces
from chipsim.programs.nsn.room import no_room
from chipsim.programs.nsn.sleep_messages import ASLEEP, place_of_flits
from chipsim.programs.nsn.slots import server_message
from chipsim.programs.nsn.state import PAIRS, PHASE, PHASE_NAMES
from chipsim.programs.reference import Arrays, Chip, Cores, Ints, Message

STORING = {GROW, IMPORT, KEY_WRITE, WROTE, RECORD, ASK}
"""Kinds with which a core may take rows of its tables into use."""

UNUSED = [[(0,) * (ROW - used_words(kind, networks)) for kind in range(KINDS)] for networks in (0, 1)]


def is_spike(row: Message) -> bool:
    """Is it a neuron's spike: to its readers (as one multicast, or the first of several unicasts), or as an item for the layer above?"""
    fired = row[KIND] == ITEM and row[F0] >> LAYER_SHIFT == row[LAYER] - 1
    return row[DEST] != TRACE and (row[KIND] == SPIKE or fired)


def _row(out: list[int], base: int, unused_of: Sequence[Message]) -> Message:
    """A row of the outbox, without what an earlier operation left behind its fields."""
    unused = unused_of[out[base]]
    return (*out[base : base + ROW - len(unused)], *unused)


class NsnCores(Cores):
    """Memories of cores, roots and slot servers, and the host. Cores that hold nothing are made with their first message."""

    def __init__(self, chip: Chip) -> None:
        super().__init__(chip)
        own: NsnPlan = self.plan.own
        self.K = own.constants
        self.clocked = self.plan.pace == TICK
        self.cores, self.roots, self.servers = load_cores(self.plan), load_roots(own), load_servers(own)
        self.traces = Traces(chip, self.K.numbers)
        self.host = Host(chip, self.traces)
        self.spent = [[[0] * ACTIONS for _ in range(PURPOSES)] for _ in self.roots]
        self.grow_flits, self.layer_flits = own.grow_flits.tolist(), own.layer_flits.tolist()
        self.unused = UNUSED[self.K.networks > 0]
        self.sleep_flits = own.sleep_flits.tolist()
        # one outbox for all operations: nothing in it outlives the operation
        self.outbox = [0] * (1 + (self.K.cores + 64) * ROW)

    def begin(self) -> None:
        """The host offers the first event."""
        self.host.begin()

    def handle(self, endpoint: int, message: Message, act: list[int]) -> list[Message]:
        """Run the program of a core or slot server on a message."""
        K, out = self.K, self.outbox
        out[0] = 0
        if endpoint < K.cores:
            core = self.cores.get(endpoint)
            if core is None:
                core = self.cores[endpoint] = new_core(K, endpoint)
            kind = message[KIND]
            if kind in STORING or (kind == ITEM and message[LAYER] > K.layers):
                make_room(K, core, message[F0] if kind in (GROW, IMPORT) else -1)
            core_message(K, core, 0, self.roots[message[LAYER]], 0, message, out, act)
        else:
            server_message(K, self.servers[endpoint - K.cores], 0, message, out, act)
        act[A_SENT] = out[0] - out[1 + DEST : 1 + out[0] * ROW : ROW].count(TRACE)
        spent = self.spent[message[LAYER]][FOR_SLEEP if self.traces.slept[ASLEEP] else purpose(message[KIND])]
        for action, times in enumerate(act[:ACTIONS]):
            spent[action] += times
        return [_row(out, base, self.unused) for base in range(1, 1 + out[0] * ROW, ROW)]

    def release(self, endpoint: int, rows: list[Message]) -> None:
        """Traced rows become records, the others messages."""
        if rows and is_spike(rows[0]):
            now, layer, neuron = self.chip.now, rows[0][LAYER], rows[0][F0]
            self.chip.spike(now, endpoint << 8 | layer, (now, endpoint, layer, neuron))
        for row in rows:
            if row[DEST] != TRACE:
                self.chip.inject(endpoint, row, self.more_flits(row))
            elif not self.traces.note(endpoint, row):
                self.other_trace(endpoint, row)

    def more_flits(self, row: Message) -> int:
        """Flits of a message beyond those of its kind."""
        kind, layer = row[KIND], row[LAYER]
        if kind in (GROW, IMPORT):
            return int(self.grow_flits[row[F2]])
        if kind in (ASK, TOLD):
            return int(self.sleep_flits[place_of_flits(kind, row[F0], row[F3])])
        if self.K.networks and PRESENT <= kind <= RESULT and is_longer(self.K, kind, layer):
            return int(self.layer_flits[kind - PRESENT])
        return 0

    def receive(self, message: Message) -> None:
        """The host takes a message."""
        self.host.receive(message)

    def other_trace(self, core: int, row: Message) -> None:
        """What a program traces for the engine rather than for the records: a routing entry, or an error."""
        layer = row[LAYER]
        if row[KIND] == T_ROUTE:
            self.chip.take_up(core, layer, row[F0], row[F1])
        elif row[KIND] == T_CLEAR:
            self.chip.give_up(core, layer, row[F0], row[F1])
        elif row[KIND] == T_ERROR and row[F0] == E_FULL:
            raise MappingError(
                f"layer {layer}: no room left for item {row[F1]} at {self.chip.now} ps (chip.growth.on_full: stop); "
                "use a chip with more cores or memory, or on_full: flag"
            )
        elif row[KIND] == T_ERROR and row[F0] == E_ROOM:
            raise no_room(row[F1], self.chip.now)
        else:
            phase = PHASE_NAMES[self.roots[layer].scalar[PHASE]] if layer != self.K.layers + 1 else "nothing"
            raise SimulationError(
                f"core {core}, layer {layer}, {self.chip.now} ps: protocol broken (code {row[F0]}, detail {row[F1]}); "
                f"the root of the layer waits for {phase}"
            )

    def flip(self, where: Sequence[int]) -> None:
        """A bit of a stored pair flips."""
        core, slot, pair, bit, field = where
        m = self.cores.get(core)
        if m is None or slot >= len(m.neurons) or pair >= m.neurons[slot].k:
            holding = [str(n) for n, other in sorted(self.cores.items()) if any(one.k for one in other.neurons)]
            raise SimulationError(
                f"fault flip_bit: core {core}, slot {slot} stores no pair {pair} at {self.chip.now} ps; neurons are on cores "
                f"{', '.join(holding[:40]) or '-'}, in slots from 0"
            )
        flipped = m.pairs[slot * PAIRS + pair]
        if field:
            flipped.cls ^= 1 << bit
        else:
            flipped.id ^= 1 << bit
        self.chip.record(WRITE, self.chip.now, core << 8, slot, pair, bit)

    def progress(self) -> tuple[int, int]:
        """Items taken by the chip, and all."""
        return self.host.taken, len(self.host.code)

    def check_finished(self) -> None:
        """With no event left, every item must have been taken and every layer be waiting for more of them."""
        waiting = [layer for layer, root in enumerate(self.roots) if is_waiting(self.K, layer, root.scalar)]
        items, chip = len(self.host.code), self.chip
        if items and (waiting or self.host.taken < items or self.traces.slept[ASLEEP]):
            host = (self.host.next_item, self.host.taken)
            raise DeadlockError(
                describe_deadlock(self.plan, self.cores, self.roots, waiting, host, chip.dropped, chip.now, chip.losses)
            )

    def outcome(self, end_ps: int) -> tuple[NsnRun, Ints]:
        """What was decided, and the memories."""
        host = self.host
        memory = gather_memory(self.plan, self.cores, self.roots)
        run = NsnRun(
            decisions=self.traces.decisions,
            events_in=host.offered,
            items_in=host.next_item,
            overruns=host.overruns,
            offer_ps=host.offer_ps,
            memory=memory,
            spent=np.array(self.spent, np.int64),
            slept=np.array(self.traces.slept, np.int64),
            **self.traces.arrays(),
        )
        return run, memory.used_bits

    def save(self) -> Arrays:
        """See ``raw``."""
        bundles = save_bundles(self.K, self.cores, self.roots, self.servers)
        return {**bundles, **self.host.save(), **self.traces.save(), "spent": np.array(self.spent, np.int64)}

    def restore(self, snapshot: Snapshot) -> None:
        """Put memories, host and records into the state of a snapshot."""
        own = snapshot.own
        self.cores = fill_cores(self.K, own)
        fill_bundles(self.roots, own["root"])
        fill_bundles(self.servers, own["server"])
        self.host.restore(own)
        self.traces.restore(own)
        self.spent = own["spent"].tolist()
