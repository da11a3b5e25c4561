"""What has to hold of the cores' memories whenever a layer is at rest, recomputed from the stored vectors alone."""

from __future__ import annotations

from collections import Counter, defaultdict

from chipsim.engines.reference.run import Run
from chipsim.machine.actions import ACTIONS
from chipsim.network.memory import item_bits, widths_of
from chipsim.network.stimulus import END_EPISODE
from chipsim.noc.xy import LOCAL, xy_port, xy_step
from chipsim.programs.nsn.core import Core
from chipsim.programs.nsn.keepers import chain_of
from chipsim.programs.nsn.present import find_list
from chipsim.programs.nsn.state import AXON_BUCKETS, PAIRS, RING, TAIL, UNLINKED, USED, Constants


def check_links(run: Run) -> int:
    """Readers, lists, trees, addresses, bits and slots of a run of the reference engine agree; returns the number of readings.

    Nothing may be left over: no row, axon or member that no stored vector accounts for.
    """
    K = run.plan.own.constants
    cores = run.program.cores
    address: dict[tuple[int, int], int] = {}
    holders: dict[tuple[int, int], set[int]] = defaultdict(set)
    rows: dict[int, Counter[tuple[int, int, int, int, int]]] = defaultdict(Counter)
    for number, m in cores.items():
        for slot, one in enumerate(m.neurons):
            if not one.k:
                assert one.list == 0
                continue
            layer = one.layer
            address[layer, one.ordinal] = number * K.slots + slot
            for p in range(one.k if layer else 0):
                pair = m.pairs[slot * PAIRS + p]
                holders[layer, pair.id].add(number)
                rows[number][layer, pair.id, slot, p, pair.cls] += 1
    lists = _lists(cores, K)
    readings = 0
    for number, m in cores.items():
        found, axons = _rows(K, m)
        assert found == rows[number], number
        assert m.ledgers[0].rows == found.total() and m.ledgers[0].axons == len(axons)
        for (layer, neuron), axon in axons.items():
            home = address[neuron >> 40, neuron & (1 << 40) - 1]
            if K.batch:
                assert m.homes[axon] == home
            if K.scores:
                below, slot = cores[home // K.slots], home % K.slots
                assert m.axons[axon].use == below.lists[find_list(K, below, 0, layer, slot, [0] * ACTIONS)].use
            members = lists[layer, neuron][1]
            assert (
                lists[layer, neuron][0] == home and set(members) == holders[layer, neuron] and len(members) == len(set(members))
            )
            i = members.index(number)
            assert m.axons[axon].parent == (members[(i - 1) // K.arity] if i else -1) != UNLINKED
            assert m.axons[axon].children == sum((j - 1) // K.arity == i for j in range(1, len(members)))
            readings += 1
    assert set(lists) == set(holders)
    _check_bits(run)
    if K.multicast:
        _check_trees(run, lists)
    if K.reuse:
        _check_slots(run)
    return readings


def _rows(K: Constants, m: Core) -> tuple[Counter[tuple[int, int, int, int, int]], dict[tuple[int, int], int]]:
    found: Counter[tuple[int, int, int, int, int]] = Counter()
    axons = {}
    for bucket in range(AXON_BUCKETS):
        i = m.axon_buckets[bucket]
        while i > 0:
            axon = m.axons[i - 1]
            key = axon.layer, axon.id
            assert key not in axons
            axons[key] = i - 1
            count = 0
            for p in range(PAIRS):
                r = axon.first[p]
                while r > 0:
                    row = m.rows[r - 1]
                    found[(*key, row.slot, p, row.cls)] += 1
                    count += 1
                    r = row.next
            assert count == axon.rows > 0
            i = axon.next
    return found, axons


def _lists(cores: dict[int, Core], K: Constants) -> dict[tuple[int, int], tuple[int, list[int]]]:
    lists: dict[tuple[int, int], tuple[int, list[int]]] = {}
    for number, m in cores.items():
        members_here = lists_here = 0
        for slot, neuron in enumerate(m.neurons):
            i = neuron.list
            while i > 0:
                one = m.lists[i - 1]
                members = []
                n = one.first
                while n > 0:
                    members.append(m.members[n - 1].core)
                    last, n = n, m.members[n - 1].next
                assert one.last == last and one.size == len(members)
                lists[one.layer, neuron.layer << 40 | neuron.ordinal] = number * K.slots + slot, members
                members_here += len(members)
                lists_here += 1
                i = one.next
        assert (m.ledgers[0].members, m.ledgers[0].lists) == (members_here, lists_here)
    return lists


def _check_bits(run: Run) -> None:
    K, w = run.plan.own.constants, widths_of(run.plan.own.constants.cores, run.plan.own.constants.slots)
    kept: Counter[int] = Counter()
    for role, root in enumerate(run.program.roots):
        reads = role < K.numbers and role != K.layers + 1
        kept[K.root_core[role]] += root.scalar[USED] + (RING * item_bits(w, K.gaps >= 0) if reads else 0)
        kept[K.root_core[role]] += K.bits_heard if role >= K.numbers else 0
    before, begins = {n: m.kept[0].before - 1 for n, m in run.program.cores.items()}, True
    for number in chain_of(K.root_core[K.layers + 1], run.program.roots[K.layers + 1].scalar[TAIL], before):
        kept[number] += K.bits_core * (number != K.root_core[K.layers + 1])
        m = run.program.cores.get(number)
        for entry in m.records[: m.kept[0].entries] if m else []:
            kept[number] += K.bits_first if begins else K.bits_record
            begins = entry.flags & END_EPISODE > 0
    for number, m in run.program.cores.items():
        own, held = m.ledgers[0], [one.k for one in m.neurons if one.k]
        bits = len(held) * K.bits_neuron + sum(held) * K.bits_pair + own.rows * K.bits_row + own.axons * K.bits_axon
        bits += own.members * K.bits_member + own.lists * K.bits_list + own.keys * K.bits_key + kept[number]
        assert own.used == bits, number


def _check_trees(run: Run, lists: dict[tuple[int, int], tuple[int, list[int]]]) -> None:
    """Routing entries are the union of the x-then-y ways, and nothing else."""
    K = run.plan.own.constants
    wanted: dict[tuple[int, int, int], int] = Counter()
    for (layer, neuron), (home, members) in lists.items():
        for member in members:
            tile, leaf = home // K.slots // K.concentration, member // K.concentration
            while (port := xy_port(tile, leaf, K.width, K.height, K.column)) != LOCAL:
                wanted[tile, layer, neuron] |= 1 << port
                tile = xy_step(tile, port, K.width, K.height, K.column)
            wanted[tile, layer, neuron] |= 1 << (4 + member % K.concentration)
    found = {(tile, *key): mask for tile, table in enumerate(run.network.tables) for key, mask in table.items()}
    assert found == dict(wanted)


def _check_slots(run: Run) -> None:
    """A slot is held, free or never given."""
    K = run.plan.own.constants
    for server in run.program.servers:
        for i, core in enumerate(server.core):
            if core < 0:
                continue
            free = set()
            slot = server.free_first[i]
            while slot >= 0:
                assert slot not in free
                free.add(slot)
                slot = server.free_next[i * K.slots + slot]
            m = run.program.cores.get(core)
            taken = {s for s, one in enumerate(m.neurons) if one.k} if m is not None else set()
            assert not taken & free and max(free | taken, default=-1) < server.next_slot[i]
            assert taken | free == set(range(server.next_slot[i])) and server.held[i] == len(taken)
