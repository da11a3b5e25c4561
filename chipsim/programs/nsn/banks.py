"""Core memories of the compiled engine: tables for all cores that hold anything, in banks that are handed out as cores are touched."""

from __future__ import annotations

import mmap
from collections.abc import Mapping
from contextlib import suppress
from itertools import pairwise
from typing import Any

import numpy as np

from chipsim.jit.records import I64, Block, Column, Handle, Rows, fields_of
from chipsim.plan.plan import Plan
from chipsim.programs.host import aligned
from chipsim.programs.nsn.core import Core, Holder
from chipsim.programs.nsn.grow import order_rows, store
from chipsim.programs.nsn.image import Memory
from chipsim.programs.nsn.keepers import chain_of
from chipsim.programs.nsn.keyed import insert_key
from chipsim.programs.nsn.link import add_member
from chipsim.programs.nsn.match import find_axon
from chipsim.programs.nsn.plan import NsnPlan
from chipsim.programs.nsn.present import find_list
from chipsim.programs.nsn.sizes import core_bytes, core_sizes, root_sizes, server_sizes
from chipsim.programs.nsn.state import PAIRS, USE_MOST, Constants, Root

Array = np.ndarray[tuple[int, ...], np.dtype[np.int64]]
Table = np.ndarray[Any, np.dtype[Any]]

PAGE = 4096
ADDRESS_SPACE = 1 << 29
"""Bytes of memory that may be reserved before anybody needs them."""

RINGS = ("item_id", "item_address", "item_time", "item_flags", "item_needed", "item_start")
"""What a root knows of an item that it buffers."""

NEURON, FAN_OUT, KEY = 7, 6, 8
"""Words of the plan's rows."""


class Stored(Handle):
    """What the plan stores, on its way into the memories: the plan's arrays, flat.

    Attributes:
        constants: they allow any number of bits, for the plan has checked them.
        cores: the memories; banks: in use; bank: of each core + 1.
        pair: id and class in turn; scratch: room for the rows of a core.
    """

    banks: I64
    neurons: I64
    fan_outs: I64
    keys: I64
    constants: Constants
    cores: Core
    bank: Column[I64]
    neuron: Column[I64]
    pair_start: Column[I64]
    pair: Column[I64]
    fan_out: Column[I64]
    member_start: Column[I64]
    member: Column[I64]
    key: Column[I64]
    act: Column[I64]
    scratch: Rows[Holder]


class Fields:
    """A bundle of banks in one array: a word per field that says where it begins, then field by field, bank by bank."""

    __slots__ = ("banks", "flat", "names", "sizes")

    def __init__(self, sizes: Mapping[str, int], banks: int) -> None:
        self.names, self.sizes, self.banks = tuple(sizes), tuple(sizes.values()), banks
        self.flat = np.zeros(len(sizes) + banks * sum(self.sizes), np.int64)
        self.flat[: len(sizes)] = len(sizes) + banks * np.concatenate([[0], np.cumsum(self.sizes[:-1])])

    def field(self, name: str) -> Array:
        """A field as int64[banks, size], a view."""
        i = self.names.index(name)
        begin = int(self.flat[i])
        return self.flat[begin : begin + self.banks * self.sizes[i]].reshape(self.banks, self.sizes[i])


class Banks:
    """Memories of cores, side by side in the tables of one block. A bank that no core was given is address space that nobody has written to.

    Attributes:
        block: of ``core.Core``.
        sizes: rows per bank of each table.
        banks: how many there are.
    """

    __slots__ = ("banks", "block", "sizes")

    def __init__(self, K: Constants, banks: int) -> None:
        self.sizes, self.banks, self.block = core_sizes(K), banks, Block(Core)
        for name, size in self.sizes.items():
            setattr(self.block, name, _sparse(banks * size, fields_of(Core)[name].dtype))

    def table(self, name: str) -> Table:
        """A table as an array [banks, rows], a view."""
        found: Table = getattr(self.block, name).reshape(self.banks, self.sizes[name])
        return found

    def ledger(self, field: str, opened: int) -> Array:
        """What the first banks have in a field of their ledgers, a view."""
        found: Array = self.block.ledgers[field][:opened]
        return found

    def open(self, bank: int, core: int) -> None:
        """Give a bank to a core."""
        self.block.ledgers["number"][bank] = core

    def grow(self, banks: int) -> None:
        """More banks."""
        for name, size in self.sizes.items():
            old = getattr(self.block, name)
            larger = _sparse(banks * size, old.dtype)
            _copy(old.view(np.uint8), larger.view(np.uint8))
            setattr(self.block, name, larger)
        self.banks = banks


def _sparse(count: int, dtype: Any) -> Table:
    """Zeros that take memory page by page as they are written to: each core uses a little of each table, far apart."""
    kind = np.dtype(dtype)
    if not count or not hasattr(mmap, "MADV_NOHUGEPAGE"):
        return aligned(count, kind)
    memory = mmap.mmap(-1, count * kind.itemsize, flags=mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS)
    with suppress(OSError):  # a kernel without large pages has none to forgo
        memory.madvise(mmap.MADV_NOHUGEPAGE)
    return np.frombuffer(memory, kind)


def _copy(old: Table, new: Table) -> None:
    """Copy bytes but for pages that hold nothing: those would take memory without need."""
    pages = len(old) // PAGE
    full = np.flatnonzero(old[: pages * PAGE].view(np.int64).reshape(pages, PAGE // 8).any(axis=1))
    new[: pages * PAGE].reshape(pages, PAGE)[full] = old[: pages * PAGE].reshape(pages, PAGE)[full]
    new[pages * PAGE : len(old)] = old[pages * PAGE :]


def banks_for(K: Constants, holders: int) -> int:
    """How many banks to begin with: for those that hold anything and some more, or as many as address space is no matter for."""
    return min(K.cores, max(holders + max(8, holders // 4), ADDRESS_SPACE // core_bytes(K)))


def load_banks(p: Stored) -> int:
    """Fill the memories with the programs' own writers; the number + 1 of a core that has too few axons, or 0."""
    K, m = p.constants, p.cores
    for n in range(p.neurons):
        at = n * NEURON
        core, slot = p.neuron[at], p.neuron[at + 1]
        c = p.bank[core] - 1
        begin = p.pair_start[n]
        size = p.pair_start[n + 1] - begin
        if store(K, m, c, slot, p.neuron[at + 2], p.neuron[at + 3], p.pair, 2 * begin, 2, size, p.act) < 0:
            return core + 1
        one = m.neurons[c * K.slots + slot]
        one.activations = p.neuron[at + 4]
        one.first = p.neuron[at + 5]
        m.last[c * K.slots + slot] = p.neuron[at + 6]
    for c in range(p.banks):
        order_rows(K, m, c, p.scratch)
    for i in range(p.fan_outs):
        load_fan_out(p, i)
    for i in range(p.keys):
        k = i * KEY
        insert_key(
            K, m, p.bank[p.key[k]] - 1, p.key[k + 1], p.key[k + 2], p.key[k + 3], p.key[k + 4], p.key[k + 5], p.key[k + 6], p.key[k + 7], p.act
        )  # fmt: skip
    return 0


def load_fan_out(p: Stored, i: int) -> None:
    """Who reads a neuron: the tree over the cores that hold its axon."""
    K, m = p.constants, p.cores
    at = i * FAN_OUT
    layer, lower, home, slot, use = p.fan_out[at], p.fan_out[at + 1], p.fan_out[at + 2], p.fan_out[at + 3], p.fan_out[at + 5]
    owner, begin = p.bank[home] - 1, p.member_start[i]
    for index in range(p.member_start[i + 1] - begin):
        reader = p.member[begin + index]
        add_member(K, m, owner, layer, slot, reader)
        c = p.bank[reader] - 1
        parent = p.member[begin + (index - 1) // K.arity] if index > 0 else -1
        a = c * K.axons + find_axon(K, m, c, layer, lower, p.act)
        m.axons[a].parent = parent
        if K.scores != 0:
            m.axons[a].use = min(use, USE_MOST)
        if K.tracks != 0:
            m.homes[a] = home * K.slots + slot
        if index > 0:
            above = p.bank[parent] - 1
            m.axons[above * K.axons + find_axon(K, m, above, layer, lower, p.act)].children += 1
    if K.scores != 0:
        m.lists[owner * K.lists + find_list(K, m, owner, layer, slot, p.act)].use = min(use, USE_MOST)


def load_roots(own: NsnPlan) -> Fields:
    """Memories of the roots of layers 0..L and of the record keeper."""
    K = own.constants
    roots = Fields(root_sizes(K), max(1, len(own.role)))
    if not len(own.role):
        return roots
    roots.field("scalar")[:] = own.role
    if K.gaps >= 0:
        roots.field("residual")[K.gaps, : len(own.residual)] = own.residual
        roots.field("residual_end")[K.gaps, : len(own.residual_end)] = own.residual_end
    for layer in np.unique(own.substitution[:, 0]).tolist():
        values = own.substitution[own.substitution[:, 0] == layer, 1:].ravel()
        roots.field("substitution")[layer, : len(values)] = values
    ring = roots.sizes[Root._fields.index("item_id")]
    for layer in np.unique(own.item[:, 0]).tolist():
        rows = own.item[own.item[:, 0] == layer]
        at = (int(own.role[layer, 0]) + np.arange(len(rows))) % ring
        for column, name in enumerate(RINGS, 1):
            roots.field(name)[layer, at] = rows[:, column]
    roots.field("expected_at")[:] = -1
    for network, number, expected in own.expected.tolist():
        at = (network - K.layers - 2) % K.networks * K.delay + number % K.delay
        roots.field("expected")[K.below[network], at] = expected
        roots.field("expected_at")[K.below[network], at] = number
    return roots


def load_servers(own: NsnPlan) -> Fields:
    """Memories of the slot servers."""
    K = own.constants
    servers = Fields(server_sizes(K), max(1, len(own.server_core)))
    regions = len(own.server_core)
    if regions:
        servers.field("number")[:, 0] = np.arange(regions)
        servers.field("core")[:] = own.server_core
        servers.field("next_slot")[:] = own.server_next
        servers.field("held")[:] = own.server_next
        servers.field("free_first")[:] = -1
        servers.field("kept")[:, 0] = own.server_kept
        servers.field("current")[:] = own.server_current
    return servers


def gather_memory(plan: Plan, cores: Banks, opened: int, roots: Fields) -> Memory:
    """The image that the cores leave."""
    from chipsim.programs.nsn.state import EPISODES, RECEIVED, RESIDUALS, RING, START, SUBSTITUTION, SUBSTITUTIONS, TAIL

    own: NsnPlan = plan.own
    K = own.constants
    number = cores.ledger("number", opened)
    order = np.argsort(number)
    neurons = cores.table("neurons")
    k = neurons["k"][:opened][order]
    bank, slot = np.nonzero(k)
    row = order[bank]
    stored = neurons[row, slot]
    columns = [stored[name] for name in ("layer", "ordinal", "activations", "first")]
    columns.append(cores.table("last")[row, slot])
    size = k[bank, slot].astype(np.int64)
    pairs = cores.table("pairs")[np.repeat(row, size), np.repeat(slot * PAIRS, size) + _within(size)]
    used, keys, axons = plan.used_bits.copy(), np.zeros(K.cores, np.int64), np.zeros(K.cores, np.int64)
    for values, name in ((used, "used"), (keys, "keys"), (axons, "axons")):
        values[number] = cores.ledger(name, opened)
    scalar = roots.field("scalar")[: len(own.role)].copy()
    items: list[Array] = []
    substituted: list[Array] = []
    layers = K.layers + 1 if len(scalar) else 0
    for layer in (n for n in range(K.numbers if layers else 0) if n != layers):
        at = np.arange(scalar[layer, START], scalar[layer, RECEIVED]) % RING
        rings = [roots.field(name)[layer, at] for name in RINGS]
        items.append(np.stack([np.full(len(at), layer), *rings], axis=1))
        words = roots.field("substitution")[layer, : scalar[layer, SUBSTITUTIONS] * SUBSTITUTION].reshape(-1, SUBSTITUTION)
        substituted.append(np.concatenate([np.full((len(words), 1), layer), words], axis=1))
    tail = int(scalar[layers, TAIL]) if layers else -1
    keepers, record = _records_of(plan, cores, number, tail)
    nothing = np.zeros(0, np.int64)
    kept, ends = nothing, nothing
    if layers and K.gaps >= 0:
        kept = roots.field("residual")[K.gaps, : scalar[K.gaps, RESIDUALS]].copy()
        ends = roots.field("residual_end")[K.gaps, : scalar[K.gaps, EPISODES]].copy()
    return Memory(
        neuron=np.stack([number[row], slot, *columns], axis=1).astype(np.int64),
        pair_start=np.concatenate([[0], np.cumsum(size)]).astype(np.int64),
        pair=np.stack([pairs["id"], pairs["cls"]], axis=1),
        role=scalar,
        item=np.concatenate(items) if items else np.zeros((0, 7), np.int64),
        residual=kept,
        residual_end=ends,
        record=record,
        keepers=keepers,
        used_bits=used,
        key_count=keys,
        axon_count=axons,
        substitution=np.concatenate(substituted) if substituted else np.zeros((0, 6), np.int64),
        shape=np.array([K.layers, K.networks], np.int64),
    )


def load_records(cores: Banks, bank: Table, own: NsnPlan) -> None:
    """Put the episode records of the plan into the memories; ``bank`` has that of each core + 1."""
    if not len(own.keepers):
        return
    kept, records = cores.table("kept"), cores.table("records")
    for number in np.unique(own.record[:, 0]).tolist():
        rows, at = own.record[own.record[:, 0] == number], int(bank[number]) - 1
        kept["entries"][at, 0] = len(rows)
        for column, name in enumerate(("id", "word", "flags"), 1):
            records[name][at, : len(rows)] = rows[:, column]
    for before, number in pairwise(own.keepers.tolist()):
        kept["before"][int(bank[number]) - 1, 0] = before + 1


def _records_of(plan: Plan, cores: Banks, number: Array, last: int) -> tuple[Array, Array]:
    """The keepers in order with their entries, and these; ``number`` has the core of each bank, ``last`` the keeper at the end or -1."""
    keepers, rows = np.zeros((0, 2), np.int64), [np.zeros((0, 3), np.int64)]
    if last < 0:
        return keepers, rows[0]
    kept, records = cores.table("kept")[: len(number), 0], cores.table("records")
    bank = {core: i for i, core in enumerate(number.tolist())}
    before = dict(zip(number.tolist(), (kept["before"] - 1).tolist(), strict=True))
    chain = chain_of(plan.own.constants.root_core[plan.own.constants.layers + 1], last, before)
    parts = [records[bank[core], : kept["entries"][bank[core]]] if core in bank else records[0, :0] for core in chain]
    rows += [np.stack([part[name] for name in ("id", "word", "flags")], axis=1) for part in parts]
    return np.array([chain, list(map(len, parts))], np.int64).T, np.concatenate(rows)


def _within(size: Array) -> Array:
    """0, 1, .. size - 1 for each size, one after the other."""
    ends = np.cumsum(size)
    return np.arange(int(ends[-1]) if len(ends) else 0) - np.repeat(ends - size, size)
