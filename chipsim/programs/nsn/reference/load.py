"""Core, root and server memories, filled from a plan with the programs' own writers."""

from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise
from typing import cast

import numpy as np

from chipsim.errors import MappingError
from chipsim.jit.records import RowKind, Rows, fields_of, maker
from chipsim.machine.actions import ACTIONS
from chipsim.plan.plan import Plan
from chipsim.programs.nsn.core import Axon, Core, Entry, Holder, Key, List, Member, Neuron, Pair
from chipsim.programs.nsn.grow import order_rows, store
from chipsim.programs.nsn.keyed import insert_key
from chipsim.programs.nsn.link import add_member
from chipsim.programs.nsn.match import find_axon
from chipsim.programs.nsn.plan import NsnPlan
from chipsim.programs.nsn.present import find_list
from chipsim.programs.nsn.record import store_entry
from chipsim.programs.nsn.sizes import FILLED, core_sizes, server_sizes
from chipsim.programs.nsn.sleep_rows import Counter, Note, Tape
from chipsim.programs.nsn.state import PAIRS, RING, SUBSTITUTION, USE_MOST, Constants, Root, Server


def new_core(K: Constants, number: int) -> Core:
    """An empty core of its own lists; nobody else has a handle on them. Long tables get their rows when they are needed (`make_room`)."""
    core = Core()
    for name, size in core_sizes(K).items():
        kind = fields_of(Core)[name].kind
        rows = 0 if name in FILLED else size
        setattr(core, name, [0] * size if kind is None else [maker(kind)() for _ in range(rows)])
    core.ledgers[0].number = number
    make_room(K, core)
    return core


def make_room(K: Constants, m: Core, slot: int = -1) -> None:
    """Give a core the rows that one message could take: for a neuron in a slot, for its axons, for a reader, for a keyed entry.

    Where cores are split they look at all of their slots and axons.
    """
    own = m.ledgers[0]
    _extend(m.neurons, Neuron, K.slots if K.batch else slot + 1)
    _extend(m.pairs, Pair, (slot + 1) * PAIRS)
    _extend(m.axons, Axon, K.axons if K.batch else min(own.axons + PAIRS, K.axons))
    _extend(m.rows, Holder, min(own.rows + PAIRS, K.rows))
    _extend(m.lists, List, min(own.lists + 1, K.lists))
    _extend(m.members, Member, min(own.members + 1, K.members))
    _extend(m.keys, Key, min(own.keys + 1, K.keys))
    _extend(m.records, Entry, min(m.kept[0].entries + 1, K.records))
    if K.sleeps:
        dream = m.dreams[0]
        _extend(m.notes, Note, min(dream.notes + 1, K.notes))
        _extend(m.counters, Counter, min(dream.counters + 1, K.counters))
        _extend(m.tape, Tape, min(dream.tape + 1, K.tape))


def _extend(table: Rows[RowKind], kind: type[RowKind], rows: int) -> None:
    assert isinstance(table, list)
    more = rows - len(table)
    if more > 0:
        make = maker(kind)
        table += [make() for _ in range(more)]


def load_cores(plan: Plan) -> dict[int, Core]:
    """The cores that hold anything before the first event."""
    own: NsnPlan = plan.own
    K = own.constants
    cores: dict[int, Core] = {}

    def core(number: int) -> Core:
        if number not in cores:
            cores[number] = new_core(K, number)
        return cores[number]

    act = [0] * ACTIONS
    unlimited = K._replace(memory_bits=2**62, growth_bits=2**62)  # the plan has checked the bits, tables and roles included
    start = own.pair_start.tolist()
    flat = own.pair.ravel().tolist()
    for n, (number, slot, layer, ordinal, count, first, last) in enumerate(own.neuron.tolist()):
        m = core(number)
        make_room(K, m, slot)
        if store(unlimited, m, 0, slot, layer, ordinal, flat, 2 * start[n], 2, start[n + 1] - start[n], act) < 0:
            raise MappingError(
                f"core {number} needs more than {K.axon_limit} axons (core.axons); lower mapping.fill or workload.learned"
            )
        m.neurons[slot].activations, m.neurons[slot].first, m.last[slot] = count, first, last
    for m in cores.values():
        order_rows(K, m, 0, cast("Rows[Holder]", [maker(Holder)() for _ in m.rows]))
    _link(own, core)
    for number, layer, parent, neuron, cls, ordinal, address, is_open in own.key.tolist():
        make_room(K, core(number))
        insert_key(unlimited, core(number), 0, layer, parent, neuron, cls, ordinal, address, is_open, act)
    for number, neuron, word, flags in own.record.tolist():
        m = core(number)
        make_room(K, m)
        store_entry(unlimited, m, 0, neuron, word, flags, 0)
    for before, number in pairwise(own.keepers.tolist()):
        core(number).kept[0].before = before + 1
    for number in np.flatnonzero(plan.used_bits).tolist():  # also those that hold nothing but a role
        core(number).ledgers[0].used = int(plan.used_bits[number])
    return cores


def _link(own: NsnPlan, core: Callable[[int], Core]) -> None:
    K = own.constants
    act = [0] * ACTIONS
    start, member = own.member_start.tolist(), own.member.tolist()
    for i, (layer, neuron, home, slot, _, use) in enumerate(own.fan_out.tolist()):
        readers = member[start[i] : start[i + 1]]
        for index, reader in enumerate(readers):
            make_room(K, core(home))
            add_member(K, core(home), 0, layer, slot, reader)
            m = core(reader)
            parent = readers[(index - 1) // K.arity] if index else -1
            axon = find_axon(K, m, 0, layer, neuron, act)
            m.axons[axon].parent = parent
            if K.scores:
                m.axons[axon].use = min(use, USE_MOST)
            if K.tracks:
                m.homes[axon] = home * K.slots + slot
            if index:
                above = core(parent)
                above.axons[find_axon(K, above, 0, layer, neuron, act)].children += 1
        if K.scores:
            core(home).lists[find_list(K, core(home), 0, layer, slot, act)].use = min(use, USE_MOST)


def load_roots(own: NsnPlan) -> list[Root]:
    """Memories of the roots of layers 0..L and of the record keeper."""
    K = own.constants
    roots, waiting = [], max(1, K.networks * K.delay)
    for layer, scalar in enumerate(own.role.tolist()):
        root = Root(
            scalar=scalar,
            item_id=[0] * RING, item_address=[0] * RING, item_time=[0] * RING, item_flags=[0] * RING, item_needed=[0] * RING,
            item_start=[0] * RING, path=[0] * PAIRS, named=[0] * (PAIRS if K.batch else 1),
            residual=[0] * K.residuals, residual_end=[0] * K.residuals, substitution=[0] * (K.substitutions * SUBSTITUTION),
            expected=[0] * waiting, expected_at=[-1] * waiting,
        )  # fmt: skip
        if layer == K.gaps:
            root.residual[: len(own.residual)] = own.residual.tolist()
            root.residual_end[: len(own.residual_end)] = own.residual_end.tolist()
        words = own.substitution[own.substitution[:, 0] == layer, 1:].ravel().tolist()
        root.substitution[: len(words)] = words
        for i, (_, *columns) in enumerate(r for r in own.item.tolist() if r[0] == layer):
            at = (scalar[0] + i) % RING
            rings = (root.item_id, root.item_address, root.item_time, root.item_flags, root.item_needed, root.item_start)
            for ring, value in zip(rings, columns, strict=True):
                ring[at] = value
        roots.append(root)
    for network, number, expected in own.expected.tolist():
        at, below = (network - K.layers - 2) % K.networks * K.delay + number % K.delay, K.below[network]
        roots[below].expected[at], roots[below].expected_at[at] = expected, number
    return roots


def load_servers(own: NsnPlan) -> list[Server]:
    """Memories of the slot servers."""
    K = own.constants
    free = server_sizes(K)["free_next"]
    return [
        Server(
            number=[region], core=cores, next_slot=begin, closed=[0] * len(cores), held=list(begin), free_first=[-1] * len(cores),
            free_next=[0] * free, kept=[kept], current=current,
        )
        for region, (cores, begin, current, kept) in enumerate(
            zip(own.server_core.tolist(), own.server_next.tolist(), own.server_current.tolist(), own.server_kept.tolist(), strict=True)
        )
    ]  # fmt: skip
