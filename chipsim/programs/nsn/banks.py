"""Core memories of the compiled engine: one flat array for all cores that hold anything, in banks that are handed out as cores are touched."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from chipsim.jit.records import I64, Column, Handle
from chipsim.plan.plan import Plan
from chipsim.programs.nsn.grow import store
from chipsim.programs.nsn.image import Memory
from chipsim.programs.nsn.keyed import insert_key
from chipsim.programs.nsn.link import add_member
from chipsim.programs.nsn.match import find_axon
from chipsim.programs.nsn.plan import NsnPlan
from chipsim.programs.nsn.present import find_list
from chipsim.programs.nsn.sizes import NONE_AT_FIRST, core_sizes, root_sizes, server_sizes
from chipsim.programs.nsn.state import USE_MOST, Constants, Core, Root

Array = np.ndarray[tuple[int, ...], np.dtype[np.int64]]

NEURON, FAN_OUT, KEY = 7, 6, 8
"""Words of the plan's rows."""


class Stored(Handle):
    """What the plan stores, on its way into the memories: the plan's arrays, flat.

    Attributes:
        constants: they allow any number of bits, for the plan has checked them.
        cores: the memories; bank: of each core + 1.
        pair: id and class in turn.
    """

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

    def grown(self, banks: int) -> Fields:
        """The same with more banks."""
        larger = Fields(dict(zip(self.names, self.sizes, strict=True)), banks)
        for name in self.names:
            larger.field(name)[: self.banks] = self.field(name)
        return larger


def new_cores(K: Constants, banks: int) -> Fields:
    """Memory for so many cores, none of them opened yet."""
    return Fields(core_sizes(K), banks)


def open_bank(cores: Fields, bank: int, core: int) -> None:
    """Give a bank to a core."""
    for name in NONE_AT_FIRST:
        cores.field(name)[bank] = -1
    cores.field("self_core")[bank] = core


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
        s = c * K.slots + slot
        m.activations[s] = p.neuron[at + 4]
        m.first[s] = p.neuron[at + 5]
        m.last[s] = p.neuron[at + 6]
    for i in range(p.fan_outs):
        load_fan_out(p, i)
    for i in range(p.keys):
        k = i * KEY
        insert_key(
            K, m, p.bank[p.key[k]] - 1, p.key[k + 1], p.key[k + 2], p.key[k + 3], p.key[k + 4], p.key[k + 5], p.key[k + 6], p.key[k + 7]
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
        m.axon_parent[a] = parent
        if K.scores != 0:
            m.axon_use[a] = min(use, USE_MOST)
        if K.batch != 0:
            m.axon_home[a] = home * K.slots + slot
        if index > 0:
            above = p.bank[parent] - 1
            m.axon_children[above * K.axons + find_axon(K, m, above, layer, lower, p.act)] += 1
    if K.scores != 0:
        m.list_use[owner * K.lists + find_list(K, m, owner, layer, slot, p.act)] = min(use, USE_MOST)


def load_roots(own: NsnPlan) -> Fields:
    """Memories of the roots of layers 0..L and of the record keeper."""
    K = own.constants
    roots = Fields(root_sizes(K), max(1, len(own.role)))
    if not len(own.role):
        return roots
    roots.field("scalar")[:] = own.role
    for name, rows in (("residual", own.residual), ("residual_end", own.residual_end)):
        for layer in np.unique(rows[:, 0]).tolist():
            values = rows[rows[:, 0] == layer, 1]
            roots.field(name)[layer, : len(values)] = values
    ring = roots.sizes[Root._fields.index("item_id")]
    for layer in np.unique(own.item[:, 0]).tolist():
        rows = own.item[own.item[:, 0] == layer]
        at = (int(own.role[layer, 0]) + np.arange(len(rows))) % ring
        for column, name in enumerate(("item_id", "item_address", "item_time", "item_flags", "item_needed"), 1):
            roots.field(name)[layer, at] = rows[:, column]
    for column, name in enumerate(("record_id", "record_time", "record_flags")):
        roots.field(name)[len(own.role) - 1, : len(own.record)] = own.record[:, column]
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
        servers.field("current")[:] = own.server_current
    return servers


def gather_memory(plan: Plan, cores: Fields, opened: int, roots: Fields) -> Memory:
    """The image that the cores leave."""
    from chipsim.programs.nsn.state import EPISODES, RECEIVED, RECORDS, RESIDUALS, RING, START

    own: NsnPlan = plan.own
    K = own.constants
    number = cores.field("self_core")[:opened, 0]
    order = np.argsort(number)
    k = cores.field("k")[:opened][order]
    bank, slot = np.nonzero(k)
    row = order[bank]
    columns = [cores.field(name)[row, slot] for name in ("layer", "ordinal", "activations", "first", "last")]
    size = k[bank, slot]
    base = np.repeat(slot * 8, size) + _within(size)
    pairs = [cores.field(name)[np.repeat(row, size), base] for name in ("vector_id", "vector_class")]
    used, keys, axons = plan.used_bits.copy(), np.zeros(K.cores, np.int64), np.zeros(K.cores, np.int64)
    for values, name in ((used, "used"), (keys, "key_count"), (axons, "axon_count")):
        values[number] = cores.field(name)[:opened, 0]
    scalar = roots.field("scalar")[: len(own.role)].copy()
    items: list[Array] = []
    residual: list[Array] = []
    ends: list[Array] = []
    layers = max(0, len(scalar) - 1)
    for layer in range(layers):
        at = np.arange(scalar[layer, START], scalar[layer, RECEIVED]) % RING
        rings = [roots.field(name)[layer, at] for name in ("item_id", "item_address", "item_time", "item_flags", "item_needed")]
        items.append(np.stack([np.full(len(at), layer), *rings], axis=1))
        for kept, name, count in ((residual, "residual", RESIDUALS), (ends, "residual_end", EPISODES)):
            values = roots.field(name)[layer, : scalar[layer, count]]
            kept.append(np.stack([np.full(len(values), layer), values], axis=1))
    records = int(scalar[-1, RECORDS]) if layers else 0
    record = [roots.field(name)[layers, :records] for name in ("record_id", "record_time", "record_flags")] if layers else []
    return Memory(
        neuron=np.stack([number[row], slot, *columns], axis=1).astype(np.int64),
        pair_start=np.concatenate([[0], np.cumsum(size)]).astype(np.int64),
        pair=np.stack(pairs, axis=1),
        role=scalar,
        item=np.concatenate(items) if items else np.zeros((0, 6), np.int64),
        residual=np.concatenate(residual) if residual else np.zeros((0, 2), np.int64),
        residual_end=np.concatenate(ends) if ends else np.zeros((0, 2), np.int64),
        record=np.stack(record, axis=1) if record else np.zeros((0, 3), np.int64),
        used_bits=used,
        key_count=keys,
        axon_count=axons,
    )


def _within(size: Array) -> Array:
    """0, 1, .. size - 1 for each size, one after the other."""
    ends = np.cumsum(size)
    return np.arange(int(ends[-1]) if len(ends) else 0) - np.repeat(ends - size, size)
