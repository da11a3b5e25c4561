"""Neurosemantic cores in the compiled engine: their memories, made as cores are touched, and the host that offers items."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from chipsim import jit
from chipsim.errors import DeadlockError, MappingError, SimulationError
from chipsim.jit.records import Block
from chipsim.machine.actions import A_MESSAGE, A_SLOT, ACTIONS
from chipsim.machine.digest import SUM, WRITE, record_hash
from chipsim.machine.message import DEST, F0, LAYER, MOST_FLITS, ROW, TREE
from chipsim.machine.state import KEY_MASK, MOST_LAYER
from chipsim.plan.plan import Plan
from chipsim.plan.ranges import MOST_I32, Range, refuse_beyond
from chipsim.programs.host import Array, Host, Message, aligned, longer, longest_operation
from chipsim.programs.nsn.banks import Banks, Fields, Stored, banks_for, gather_memory, load_records, load_roots, load_servers
from chipsim.programs.nsn.deadlock import describe_deadlock, is_waiting
from chipsim.programs.nsn.kernels import EXPORTS, NEED_BANK, NEED_ROWS, Neurosemantic
from chipsim.programs.nsn.messages import E_FULL, E_ROOM, GROW, IMPORT, PURPOSES, used_words
from chipsim.programs.nsn.plan import NsnPlan
from chipsim.programs.nsn.raw import NsnRun
from chipsim.programs.nsn.room import no_room
from chipsim.programs.nsn.saved import from_words, to_core, to_words
from chipsim.programs.nsn.sleep_messages import ASLEEP
from chipsim.programs.nsn.state import PAIRS, PHASE, PHASE_NAMES, Root

UNLIMITED = 1 << 62
WORD = (1 << 64) - 1

MOST_COUNTED = 1 << 10
"""Actions of a kind that an operation counts for each pair of a vector at most, beside one for each row of its core."""


class NsnHost(Host):
    """The program's side of a run; ``cores``, ``roots`` and ``servers`` are the memories."""

    kernels = "chipsim.programs.nsn.kernels"
    hooks = EXPORTS
    own_kind = Neurosemantic
    keeps_lists = True
    compile_s = 2.7

    def __init__(self, plan: Plan, machine: Block, unit: int) -> None:
        super().__init__(plan, machine, unit)
        self.stored: NsnPlan = plan.own
        self.shared: dict[int, int] = {}  # copies of a multicast share a message, while a snapshot is loaded

    @staticmethod
    def times(plan: Plan) -> Sequence[int]:
        """The delay of the host, the offers, and 1 if an operation costs no time: then it takes 1 ps."""
        found = [plan.host_latency, int(np.gcd.reduce(plan.own.offer[plan.own.offer > 0], initial=0))]
        return found if plan.action_time[A_MESSAGE] and plan.action_time[A_SLOT] else [*found, 1]

    @staticmethod
    def ranges(plan: Plan) -> Sequence[Range]:
        """Layers in a byte, the record keeper's behind the last; vectors; and an operation over all that a core or a region may hold."""
        K, grow = plan.own.constants, int(plan.own.grow_flits.max(initial=0))
        counted = PAIRS * (MOST_COUNTED + K.rows + K.axons + K.keys + K.lists + K.members + K.slots + K.region_cores)
        return (
            Range("layers, recursive networks and listeners", K.numbers + K.listeners, MOST_LAYER + 1),
            Range("flits in a vector", int(plan.flits[[GROW, IMPORT]].max()) + grow, MOST_FLITS),
            longest_operation(counted * int(plan.action_time.sum())),
        )

    @staticmethod
    def records(plan: Plan) -> int:
        """About 25 records per item and layer: 20 in small networks, 50 in ones that have grown."""
        return 25 * len(plan.own.code) * (int(plan.own.constants.numbers) - 1)

    def open(self) -> None:
        """The memories that the plan fills, and some more."""
        plan, stored, own, K = self.plan, self.stored, self.own, self.stored.constants
        if self.plan.tick:
            self.machine.edge_units = plan.tick // self.unit
        cores = stored.holders(plan.used_bits)
        self.cores = Banks(K, banks_for(K, len(cores)))
        self.roots, self.servers = load_roots(stored), load_servers(stored)
        self.cores.ledger("number", len(cores))[:] = cores
        self.machine.endpoints["own"][cores] = np.arange(1, len(cores) + 1)
        own.banks, own.items, own.first_item = len(cores), len(stored.code), stored.first_item
        own.constants, own.cores, own.roots, own.servers = jit.pack(K), self.cores.block, self.roots.flat, self.servers.flat
        readers = 64 if K.multicast else 64 + min(K.cores, K.members)
        own.spent = np.zeros(len(stored.role) * PURPOSES * ACTIONS, np.int64)
        own.message, own.out, own.waiting = (np.zeros(n, np.int64) for n in (ROW, 1 + readers * ROW, K.numbers))
        own.slept, own.sleep_flits = np.zeros(5, np.int64), stored.sleep_flits
        own.flits_of, own.grow_flits, own.layer_flits = plan.flits, stored.grow_flits, stored.layer_flits
        own.code, own.time, own.flags, own.event = stored.code, stored.time, stored.flags, stored.event - stored.first_event
        own.offer, own.offered = stored.offer, np.full(len(stored.offer), -1, np.int64)
        own.messages, own.words = np.zeros(1, own.messages.dtype), np.zeros(ROW, np.int64)
        self._load_cores(len(cores))
        self._grow_rows(max(1 << 10, 4 * readers))
        if len(stored.code):
            self.machine.offer_at = 0

    def _load_cores(self, cores: int) -> None:
        plan, stored = self.plan, self.stored
        block = Block(Stored)
        block.neurons, block.fan_outs, block.keys = len(stored.neuron), len(stored.fan_out), len(stored.key)
        block.constants = jit.pack(stored.constants._replace(memory_bits=UNLIMITED, growth_bits=UNLIMITED))
        block.cores, block.act = self.cores.block, np.zeros(ACTIONS, np.int64)
        block.bank = self.machine.endpoints["own"][: plan.mesh.cores].astype(np.int64)
        block.banks, block.scratch = cores, aligned(stored.constants.rows, block.scratch.dtype)
        for name in ("neuron", "pair_start", "pair", "fan_out", "member_start", "member", "key"):
            setattr(block, name, np.ascontiguousarray(getattr(stored, name)).ravel())
        failed = jit.unit(self.kernels, exports=self.hooks)("load_banks", block)
        if failed:
            raise MappingError(
                f"core {failed - 1} needs more than {stored.constants.axon_limit} axons (core.axons); "
                "lower mapping.fill or workload.learned"
            )
        load_records(self.cores, block.bank, stored)
        self.cores.ledger("used", cores)[:] = plan.used_bits[self.cores.ledger("number", cores)]

    # -- growth

    def provide(self, need: int, endpoint: int) -> None:
        """Rows for messages, or a memory for the core that is about to get its first work."""
        if need == NEED_ROWS:
            self._grow_rows(max(len(self.own.messages), len(self.own.out) // ROW))
        elif need == NEED_BANK:
            self._open_core(endpoint)
        else:
            super().provide(need, endpoint)

    def _grow_rows(self, more: int) -> None:
        own, words = self.own, self.own.words
        refuse_beyond([Range("messages at once", len(own.messages) + more, MOST_I32)], "this engine takes", "lower the load")
        own.messages = longer(own.messages, more, own.free_row)
        own.words = np.zeros(len(own.messages) * ROW, np.int64)
        own.words[: len(words)] = words
        own.free_row, own.free_rows = len(words) // ROW, own.free_rows + more

    def _open_core(self, core: int) -> None:
        bank = self.own.banks
        if bank == self.cores.banks:
            self._grow_banks(2 * bank)
        self.cores.open(bank, core)
        self.machine.endpoints["own"][core] = bank + 1
        self.own.banks = bank + 1

    def _grow_banks(self, banks: int) -> None:
        self.cores.grow(min(self.plan.mesh.cores, banks))

    # -- while it runs

    def progress(self) -> tuple[int, int]:
        """Items taken."""
        return self.own.taken_items, len(self.stored.code)

    def check_finished(self) -> None:
        """Every item must have been taken and every layer be waiting for more of them."""
        K, scalar = self.stored.constants, self.roots.field("scalar")
        waiting = [layer for layer in range(K.numbers) if is_waiting(K, layer, scalar[layer])]
        items = len(self.stored.code)
        if items and (waiting or self.own.taken_items < items or self.own.slept[ASLEEP]):
            raise DeadlockError(self._describe(waiting))

    def _describe(self, waiting: Sequence[int]) -> str:
        own, m, opened = self.own, self.machine, self.own.banks
        tables = {name: self.cores.table(name) for name in self.cores.sizes}
        cores = {core: to_core(tables, bank) for bank, core in enumerate(self.cores.ledger("number", opened).tolist())}
        roots = [
            Root(*(self.roots.field(name)[layer].tolist() for name in Root._fields)) for layer in range(len(self.stored.role))
        ]
        host = (own.next_item, own.taken_items)
        dropped, losses = m.dropped.tolist(), m.lost.tolist()
        return describe_deadlock(self.plan, cores, roots, waiting, host, dropped, m.now * self.unit, losses)

    def failure(self, code: int, details: Sequence[int], now: int) -> Exception:
        """A program found something wrong."""
        a, b, c, d = details
        if c == E_FULL:
            return MappingError(
                f"layer {b}: no room left for item {d} at {now} ps (chip.growth.on_full: stop); "
                "use a chip with more cores or memory, or on_full: flag"
            )
        if c == E_ROOM:
            return no_room(d, now)
        scalar = self.roots.field("scalar")
        phase = PHASE_NAMES[int(scalar[b, PHASE])] if b != self.stored.constants.layers + 1 else "nothing"
        return SimulationError(
            f"core {a}, layer {b}, {now} ps: protocol broken (code {c}, detail {d}); the root of the layer waits for {phase}"
        )

    def flip(self, when: int, core: int, slot: int, pair: int, bit: int, field: int) -> int:
        """A bit of a stored pair flips."""
        bank = int(self.machine.endpoints["own"][core]) - 1
        k = self.cores.table("neurons")["k"]
        if bank < 0 or pair >= k[bank, slot]:
            opened = self.own.banks
            holding = np.sort(self.cores.ledger("number", opened)[k[:opened].any(axis=1)])
            raise SimulationError(
                f"fault flip_bit: core {core}, slot {slot} stores no pair {pair} at {when} ps; neurons are on cores "
                f"{', '.join(map(str, holding[:40].tolist())) or '-'}, in slots from 0"
            )
        self.cores.table("pairs")["cls" if field else "id"][bank, slot * PAIRS + pair] ^= 1 << bit
        return record_hash(WRITE, (when, core << 8, slot, pair, bit))

    # -- snapshots

    def message(self, packet: int) -> Message:
        """The message that a packet carries."""
        return self._row(int(self.machine.packets["payload"][packet]))

    def _row(self, row: int) -> Message:
        """A message without what an earlier one left behind its fields."""
        words = self.own.words[row * ROW : (row + 1) * ROW].tolist()
        used = used_words(words[0], self.stored.constants.networks)
        return (*words[:used], *(0,) * (ROW - used))

    def load(self, packet: int, message: Sequence[int]) -> None:
        """Copies of a packet share a row."""
        packets = self.machine.packets
        key = int(packets["key"][packet]) & KEY_MASK
        row = self.shared.get(key)
        if row is None:
            row = self.shared[key] = self._new_row(message)
        else:
            self.own.messages["references"][row] += 1
        packets["payload"][packet] = row
        if message[DEST] == TREE:
            packets["tree"][packet], packets["layer"][packet] = message[F0], message[LAYER]

    def _new_row(self, message: Sequence[int]) -> int:
        own = self.own
        if own.free_rows < 1:
            self._grow_rows(len(own.messages))
        row = int(own.free_row)
        own.free_row, own.free_rows = int(own.messages["next"][row]), own.free_rows - 1
        own.words[row * ROW : (row + 1) * ROW] = message
        own.messages[row] = (0, 1)
        return row

    def outputs(self, endpoint: int) -> list[Message]:
        """The rows that wait for the end of an operation."""
        found, row = [], int(self.machine.endpoints["out"][endpoint])
        while row:
            found.append(self._row(row))
            row = int(self.own.messages["next"][row])
        return found

    def load_outputs(self, endpoint: int, messages: Sequence[Message]) -> None:
        """Likewise."""
        before = 0
        for row in [self._new_row(message) for message in messages][::-1]:
            self.own.messages["next"][row] = before
            before = row
        e = self.machine.endpoints
        e["out"][endpoint], e["rows"][endpoint] = before, len(messages)

    def save(self, decisions: int) -> dict[str, Array]:
        """See ``raw``."""
        own, number = self.own, self.cores.ledger("number", self.own.banks)
        order = np.argsort(number)
        return {
            "core_number": number[order],
            "core": to_words({name: self.cores.table(name)[order] for name in self.cores.sizes}),
            "root": _flat(self.roots, np.arange(len(self.stored.role))),
            "server": _flat(self.servers, np.arange(len(self.stored.server_core))),
            "host": np.array([own.next_item, own.taken_items, own.events, own.overruns], np.int64),
            "offer": own.offered.copy(),
            "decisions": np.array([decisions & WORD, decisions >> 64 & WORD], np.uint64),
            "waiting_since": own.waiting.copy(),
            "spent": own.spent.reshape(-1, PURPOSES, ACTIONS).copy(),
            "slept": own.slept.copy(),
        }

    def restore(self, own: Mapping[str, Array]) -> int:
        """See ``raw``."""
        mine, endpoints, number = self.own, self.machine.endpoints, own["core_number"]
        endpoints["own"][: self.plan.mesh.cores] = 0
        if len(number) > self.cores.banks:
            self._grow_banks(len(number))
        endpoints["own"][number] = np.arange(1, len(number) + 1)
        mine.banks = len(number)
        for name, table in from_words(self.stored.constants, own["core"]).items():
            self.cores.table(name)[: len(number)] = table
        _fill(self.servers, own["server"])
        _fill(self.roots, own["root"])
        self.machine.offer_at = self.machine.now
        mine.next_item, mine.taken_items, mine.events, mine.overruns = own["host"].tolist()
        mine.offered[:], mine.waiting[:] = own["offer"], own["waiting_since"]
        mine.spent[:] = own["spent"].ravel()
        mine.slept[:] = own["slept"]
        low, high = own["decisions"].tolist()
        return int(low | high << 64)

    # -- results

    def result(self, status: str, end_ps: int, decisions: int, lists: Mapping[str, Array]) -> Any:
        """What the chip stored, decided and told the host."""
        own = self.own
        return NsnRun(
            decisions=decisions & SUM,
            events_in=own.events,
            items_in=own.next_item,
            overruns=own.overruns,
            offer_ps=own.offered,
            memory=gather_memory(self.plan, self.cores, own.banks, self.roots),
            spent=own.spent.reshape(-1, PURPOSES, ACTIONS).copy(),
            slept=own.slept.copy(),
            **lists,
        )

    def used_bits(self) -> Array:
        """Of the cores that hold anything, what they count."""
        used = self.plan.used_bits.copy()
        opened = self.own.banks
        used[self.cores.ledger("number", opened)] = self.cores.ledger("used", opened)
        return used


def _flat(fields: Fields, banks: Array) -> Array:
    """Banks as rows, field after field."""
    return np.concatenate([fields.field(name)[banks] for name in fields.names], axis=1)


def _fill(fields: Fields, rows: Array) -> None:
    """Rows back into banks."""
    begin = 0
    for name in fields.names:
        field = fields.field(name)
        field[: len(rows)] = rows[:, begin : begin + field.shape[1]]
        begin += field.shape[1]
