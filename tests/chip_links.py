"""What has to hold of the cores' memories whenever a layer is at rest, recomputed from the stored vectors alone."""

from __future__ import annotations

from collections import Counter, defaultdict

from chipsim.engines.reference.run import Run
from chipsim.machine.actions import ACTIONS
from chipsim.network.memory import item_bits, widths_of
from chipsim.noc.xy import LOCAL, xy_port, xy_step
from chipsim.programs.nsn.present import find_list
from chipsim.programs.nsn.state import AXON_BUCKETS, PAIRS, RECORDS, RING, UNLINKED, USED, Constants, Core


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
        for slot in range(K.slots):
            if not m.k[slot]:
                assert m.slot_list[slot] == -1
                continue
            layer = m.layer[slot]
            address[layer, m.ordinal[slot]] = number * K.slots + slot
            for p in range(m.k[slot] if layer else 0):
                neuron, cls = m.vector_id[slot * PAIRS + p], m.vector_class[slot * PAIRS + p]
                holders[layer, neuron].add(number)
                rows[number][layer, neuron, slot, p, cls] += 1
    lists = _lists(cores, K)
    readings = 0
    for number, m in cores.items():
        found, axons = _rows(K, m)
        assert found == rows[number], number
        assert m.row_count[0] == found.total() and m.axon_count[0] == len(axons)
        for (layer, neuron), axon in axons.items():
            home = address[neuron >> 40, neuron & (1 << 40) - 1]
            if K.batch:
                assert m.axon_home[axon] == home
            if K.scores:
                below, slot = cores[home // K.slots], home % K.slots
                assert m.axon_use[axon] == below.list_use[find_list(K, below, 0, layer, slot, [0] * ACTIONS)]
            members = lists[layer, neuron][1]
            assert (
                lists[layer, neuron][0] == home and set(members) == holders[layer, neuron] and len(members) == len(set(members))
            )
            i = members.index(number)
            assert m.axon_parent[axon] == (members[(i - 1) // K.arity] if i else -1) != UNLINKED
            assert m.axon_children[axon] == sum((j - 1) // K.arity == i for j in range(1, len(members)))
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
        axon = m.axon_bucket[bucket]
        while axon >= 0:
            key = m.axon_layer[axon], m.axon_id[axon]
            assert key not in axons
            axons[key] = axon
            count = 0
            for p in range(PAIRS):
                row = m.axon_row[axon * PAIRS + p]
                while row >= 0:
                    found[(*key, m.row_slot[row], p, m.row_class[row])] += 1
                    count += 1
                    row = m.row_next[row]
            assert count == m.axon_rows[axon] > 0
            axon = m.axon_next[axon]
    return found, axons


def _lists(cores: dict[int, Core], K: Constants) -> dict[tuple[int, int], tuple[int, list[int]]]:
    lists: dict[tuple[int, int], tuple[int, list[int]]] = {}
    for number, m in cores.items():
        members_here = lists_here = 0
        for slot in range(K.slots):
            i = m.slot_list[slot]
            while i >= 0:
                members = []
                member = m.list_first[i]
                while member >= 0:
                    members.append(m.member_core[member])
                    last, member = member, m.member_next[member]
                assert m.list_last[i] == last and m.list_size[i] == len(members)
                lists[m.list_layer[i], m.layer[slot] << 40 | m.ordinal[slot]] = number * K.slots + slot, members
                members_here += len(members)
                lists_here += 1
                i = m.list_next[i]
        assert (m.member_count[0], m.list_count[0]) == (members_here, lists_here)
    return lists


def _check_bits(run: Run) -> None:
    K, w = run.plan.own.constants, widths_of(run.plan.own.constants.cores, run.plan.own.constants.slots)
    kept: Counter[int] = Counter()
    for layer, root in enumerate(run.program.roots):
        kept[K.root_core[layer]] += root.scalar[USED] + (RING * item_bits(w) if layer <= K.layers else 0)
    kept[K.root_core[-1]] += run.program.roots[-1].scalar[RECORDS] * K.bits_record
    for number, m in run.program.cores.items():
        pairs = sum(m.k)
        held = sum(1 for k in m.k if k)
        bits = held * K.bits_neuron + pairs * K.bits_pair + m.row_count[0] * K.bits_row + m.axon_count[0] * K.bits_axon
        bits += m.member_count[0] * K.bits_member + m.list_count[0] * K.bits_list + m.key_count[0] * K.bits_key + kept[number]
        assert m.used[0] == bits, number


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
            taken = {s for s in range(K.slots) if m is not None and m.k[s]}
            assert not taken & free and max(free | taken, default=-1) < server.next_slot[i]
            assert taken | free == set(range(server.next_slot[i])) and server.held[i] == len(taken)
