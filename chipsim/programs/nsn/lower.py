"""Building a plan from chip, rules, stored network, mapping and stimulus."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from chipsim.config.chip import ChipSpec
from chipsim.config.faults import NetworkFault
from chipsim.config.policy import POLICIES, GrowthPolicy
from chipsim.errors import ConfigError, MappingError, SimulationError
from chipsim.machine.actions import (
    A_AXON,
    A_MESSAGE,
    A_PAIR,
    A_READ,
    A_SENT,
    A_SLOT,
    A_SYNOP,
    A_TABLE,
    A_UPDATE,
    A_WRITE,
    constants_of,
)
from chipsim.network import END_EPISODE, NsnState, Stimulus, longest_interval
from chipsim.network.rules import COVER, EXACT, NsnRules
from chipsim.noc import Mesh, mesh_of
from chipsim.noc.build import noc_plan, refuse_deadlock
from chipsim.noc.usable import from_the_start, joined_tiles, living_cores
from chipsim.plan.chip import MAX_PS, NETWORK_CONSTANTS, chip_part, endpoint_tiles, ps_of, refuse_growing_trees, refuse_unknown
from chipsim.plan.inputs import Mapping
from chipsim.plan.plan import EVENT, FLIP_BIT, LOSE_MESSAGE, TICK, Plan
from chipsim.programs.nsn import NAME, memory
from chipsim.programs.nsn.axon_access import find_readings, rows_of_ids, tree_routes
from chipsim.programs.nsn.keys import build_keys
from chipsim.programs.nsn.kinds import MOVING, STILL
from chipsim.programs.nsn.messages import GROW, IMPORT, NAMES, SPIKE, message_bits
from chipsim.programs.nsn.plan import NsnPlan
from chipsim.programs.nsn.regions import find_regions, find_servers
from chipsim.programs.nsn.state import (
    DECIDED,
    DEEPEST,
    EPISODES,
    NEED_ITEM,
    NEEDED,
    ORDINAL,
    PHASE,
    RECEIVED,
    RECORDS,
    RESIDUALS,
    RESTART,
    RING,
    SCALARS,
    START,
    UNSTORED_COUNT,
    USED,
    Constants,
)

Ints = npt.NDArray[np.int64]

NSN_ACTIONS = (A_MESSAGE, A_AXON, A_SYNOP, A_UPDATE, A_READ, A_WRITE, A_PAIR, A_SENT, A_SLOT, A_TABLE)
"""What its cores and slot servers count that takes time or costs something."""

NSN_CONSTANTS = (*constants_of(NSN_ACTIONS), "host.latency", "energy.host_flit", *NETWORK_CONSTANTS)
"""What a neurosemantic network needs of a chip."""

LONGEST_OFFER_PS = MAX_PS // 4
"""The last event is offered at most 26 days after the start, which leaves the rest of int64 for answering it."""

NO_LIMIT = 2**40

LINK_RESERVE = 16
"""A new neuron may not take the last sixteenth of a core's memory: neurons that live there already get readers later, and a forwarding
list that cannot grow would make each of those readers' neurons unreachable."""

FOLLOW = GrowthPolicy()

ALERTS = {"none": 0, "new": 1, "all": 2}


@dataclass(frozen=True, slots=True)
class RunOptions:
    """What a run adds to chip, network and mapping.

    Attributes:
        keyed: matching mode.
        arity: children per node of the reduction tree.
        alerts: ``none``, ``new`` or ``all``.
        offer: int64[events] ps at which each event run on the chip is offered, ``SATURATE`` for as soon as possible.
        until: ps or 0.
        seed: of everything random.
        fault: int64[faults, 7]: kind, then (message kind, number) or (at, core, slot, pair, bit, field: 0 id, 1 interval).
        network_faults: what is dead in the network, or loses flits.
        growth: where new neurons go, and whether neurons move.
        avoid_faults: whether keys have no home on cores that are dead from the start.
    """

    keyed: bool
    arity: int
    alerts: str
    offer: Ints
    until: int
    seed: int
    fault: Ints
    network_faults: tuple[NetworkFault, ...] = ()
    growth: GrowthPolicy = FOLLOW
    avoid_faults: bool = True


def build_plan(
    chip: ChipSpec, rules: NsnRules, state: NsnState, mapping: Mapping, stimulus: Stimulus, first_item: int, options: RunOptions
) -> Plan:
    """Lower a run.

    Raises:
        ConfigError: the run needs a constant that the chip file leaves unknown, or the chip's pace is for spiking networks.
        MappingError: the network with its tables does not fit a core's memory; names core, used and allowed.
        SimulationError: the run could exceed 106 days of chip time.
    """
    refuse_unknown(chip, NSN_CONSTANTS)
    if chip.core.pace == "barrier":
        raise ConfigError(
            f"chip {chip.name}: core.pace is barrier, which tells the steps of spiking networks; allowed for texts and logs: event or "
            'tick, for example --set chip.core.pace=event, or --set chip.core.pace=tick with --set chip.core.tick="1 us"'
        )
    refuse_growing_trees(chip, options.network_faults)
    mesh = mesh_of(chip.noc)
    w = memory.widths_of(mesh.cores, chip.core.neurons, longest_interval(rules, stimulus))
    keyed_layers = set(range(rules.layers + 1)) if options.keyed else {0}
    if options.keyed:  # readings go to the home cores of a hash, nobody holds an axon
        reading, member_start, member = np.zeros((0, 6), np.int64), np.zeros(1, np.int64), np.zeros(0, np.int64)
    else:
        reading, member_start, member = find_readings(state, mapping, mesh)
    keys = chip.core.memory_bits // memory.keyed_bits(w) + 1
    avoided = options.network_faults if options.avoid_faults else ()
    home, joined = living_cores(chip, avoided), joined_tiles(chip, from_the_start(avoided))
    key = build_keys(state, mapping, keyed_layers, home, keys, chip.core.neurons)
    regions, server_core = find_regions(chip, mesh, mapping)
    constants = _constants(
        chip, mesh, w, rules, state, mapping, options, server_core, regions, len(stimulus) - first_item, keys, home
    )
    multicast = chip.noc.cast == "multicast"
    flit_bits = chip.noc.flit_bits
    extra = (constants.reuse > 0, constants.bids > 0, constants.batch > 0)
    flits = np.array(
        [-(-message_bits(w, kind, 0, *extra) // flit_bits) if name else 0 for kind, name in enumerate(NAMES)], np.int64
    )
    flits[[GROW, IMPORT]] = 0, 1  # what a vector takes comes on top
    grow_flits = np.array([-(-message_bits(w, GROW, pairs) // flit_bits) for pairs in range(9)], np.int64)
    noc = noc_plan(chip, MOVING if constants.reuse else STILL, options.seed, options.network_faults)
    route = tree_routes(reading, member_start, member, mesh, noc) if multicast else np.zeros((0, 4), np.int64)
    refuse_deadlock(chip, noc, int(flits[SPIKE]) if multicast else 0, route)
    _refuse_full_tables(route, chip.noc.table_entries)
    used = _used_bits(constants, mesh, w, state, mapping, reading, member, key)
    _refuse_overfull(used, chip.core.memory_bits)
    _refuse_long(chip, options.offer)
    role, item, residual, residual_end, record = _roles(state, mapping, rules, constants)
    server_next, server_current = find_servers(server_core, state, mapping, chip.core.neurons, rules.layers)
    order = np.lexsort((mapping.slot, mapping.core))
    k = np.diff(state.pair_start)
    neuron = np.stack([mapping.core, mapping.slot, state.layer, state.ordinal, state.count, state.first, state.last], axis=1)
    pair_start = np.concatenate([[0], np.cumsum(k[order])]).astype(np.int64)
    pair_rows = np.repeat(state.pair_start[order] - pair_start[:-1], k[order]) + np.arange(pair_start[-1])
    pair = np.stack([state.pair_id, state.pair_interval], axis=1)[pair_rows.astype(np.int64)]
    own = NsnPlan(
        constants=constants,
        grow_flits=grow_flits,
        server_core=server_core,
        server_next=server_next,
        server_current=server_current,
        neuron=neuron[order].astype(np.int64),
        pair_start=pair_start,
        pair=pair,
        reading=reading,
        member_start=member_start,
        member=member,
        key=key,
        role=role,
        item=item,
        residual=residual,
        residual_end=residual_end,
        record=record,
        code=stimulus.code[first_item:].astype(np.int64),
        time=stimulus.time[first_item:].astype(np.int64),
        flags=stimulus.flags[first_item:].astype(np.int64),
        event=stimulus.event[first_item:].astype(np.int64),
        first_item=first_item,
        offer=options.offer,
        first_event=int(stimulus.event[first_item]) if first_item < len(stimulus) else stimulus.events,
    )
    return Plan(
        program=NAME,
        own=own,
        pace=TICK if chip.core.pace == "tick" else EVENT,
        tick=chip.core.tick or 0 if chip.core.pace == "tick" else 0,
        host_latency=ps_of(chip.host.latency.value),
        endpoint_tile=endpoint_tiles(chip, mesh, joined),
        kinds=NAMES,
        flits=flits,
        route=route,
        used_bits=used,
        until=options.until,
        fault=options.fault,
        seed=options.seed,
        noc=noc,
        **chip_part(chip, mesh),
    )


def fault_row(kind: str, *values: int) -> list[int]:
    """One row of ``Plan.fault``."""
    row = [LOSE_MESSAGE if kind == "lose_message" else FLIP_BIT, *values]
    return row + [0] * (7 - len(row))


def _refuse_overfull(used: Ints, allowed: int) -> None:
    core = int(used.argmax())
    if used[core] > allowed:
        raise MappingError(
            f"core {core} needs {used[core]} bits of memory, allowed {allowed} (core.memory); "
            "lower mapping.fill or workload.learned, or use a chip with more cores or memory"
        )


def _refuse_full_tables(route: Ints, allowed: int | None) -> None:
    entries = np.bincount(route[:, 0], minlength=1)
    tile = int(entries.argmax())
    if allowed is not None and entries[tile] > allowed:
        raise MappingError(
            f"router {tile} needs {entries[tile]} multicast entries, allowed {allowed} (chip.noc.table_entries); "
            "raise the limit, use chip.noc.cast=unicast, or lower workload.learned"
        )


def _refuse_long(chip: ChipSpec, offer: Ints) -> None:
    if len(offer) and int(offer.max()) > LONGEST_OFFER_PS:
        raise SimulationError(
            f"chip {chip.name}: the last event is offered after more than 26 days of chip time; raise workload.rate"
        )


def _constants(
    chip: ChipSpec,
    mesh: Mesh,
    w: memory.Widths,
    rules: NsnRules,
    state: NsnState,
    mapping: Mapping,
    options: RunOptions,
    server_core: Ints,
    regions: Ints,
    items: int,
    keys: int,
    home: npt.NDArray[np.int32],
) -> Constants:
    bits = chip.core.memory_bits
    slots = chip.core.neurons
    limit = chip.core.axons if chip.core.axons is not None else NO_LIMIT
    growth = options.growth
    moves = 0 if growth.migrate is None or options.keyed else growth.migrate.batch
    bids = (growth.policy == "axons" or moves > 0) and not options.keyed
    # Keyed matching has no axons, so there is nothing to forward to either.
    forwards = 1 if options.keyed else bits // memory.forward_bits(w) + 1
    kept = max((len(r) for r in state.residuals), default=0) + max((len(e) for e in state.residual_ends), default=0)
    return Constants(
        cores=mesh.cores,
        slots=slots,
        width=mesh.width,
        height=mesh.height,
        column=int(mesh.column),
        concentration=mesh.concentration,
        layers=rules.layers,
        keyed=int(options.keyed),
        multicast=int(chip.noc.cast == "multicast"),
        arity=options.arity,
        interval=rules.interval,
        unit=rules.unit,
        max_gap=rules.max_gap,
        alerts=ALERTS[options.alerts],
        stop_when_full=int(chip.growth.on_full == "stop"),
        memory_bits=bits,
        growth_bits=bits - bits // LINK_RESERVE,
        axon_limit=limit,
        rows=1 if options.keyed else slots * 8,
        axons=1 if options.keyed else min(limit, bits // memory.axon_bits(w), slots * 8) + 1,
        keys=keys,
        lists=forwards,
        members=forwards,
        records=bits // memory.record_bits(w) + 1,
        residuals=kept + items + max(len(o.id) for o in state.open_items) + 1,
        regions=len(server_core),
        region_cores=server_core.shape[1],
        policy=POLICIES.index(growth.policy),
        bids=int(bids),
        reuse=int(growth != GrowthPolicy()),
        batch=moves,
        least_gain=0 if growth.migrate is None else round(growth.migrate.least_gain * 1000),
        host=mesh.cores + len(server_core),
        bits_neuron=memory.neuron_bits(w, 0) + (0 if options.keyed else memory.match_state_bits(w)),
        bits_pair=memory.neuron_bits(w, 1) - memory.neuron_bits(w, 0),
        bits_row=memory.row_bits(w),
        bits_axon=memory.axon_bits(w) + (memory.use_bits() if bids else 0) + (memory.home_bits(w) if moves else 0),
        bits_member=memory.forward_bits(w),
        bits_list=memory.use_bits() if bids else 0,
        bits_key=memory.keyed_bits(w),
        bits_record=memory.record_bits(w),
        bits_residual=memory.residual_bits(w),
        reading=tuple(rules.reading),
        living=len(home),
        home=tuple(home.tolist()),
        root_core=tuple(int(c) for c in mapping.roots),
        root_region=tuple(int(regions[c]) for c in mapping.roots),
    )


def _used_bits(
    K: Constants, mesh: Mesh, w: memory.Widths, state: NsnState, mapping: Mapping, reading: Ints, member: Ints, key: Ints
) -> Ints:
    """Bits in use per core: neurons, axons, forwarding lists, keyed entries, and what the roles keep."""
    used = np.zeros(mesh.cores, np.int64)
    k = np.diff(state.pair_start)
    own = K.bits_neuron + k * K.bits_pair
    if not K.keyed:
        own = own + np.where(state.layer > 0, k * K.bits_row, 0)
    np.add.at(used, mapping.core, own)
    np.add.at(used, member, K.bits_axon)
    np.add.at(used, reading[:, 2], reading[:, 4] * K.bits_member + K.bits_list)
    np.add.at(used, key[:, 0], K.bits_key)
    roots = np.array(K.root_core)
    np.add.at(used, roots[:-1], RING * memory.item_bits(w))
    for layer in range(K.layers + 1):
        used[roots[layer]] += _residual_words(state, K, layer) * K.bits_residual
    used[roots[-1]] += sum(len(r.top) for r in state.records) * K.bits_record
    return used


def _residual_words(state: NsnState, K: Constants, layer: int) -> int:
    """Words that a root keeps for replay: residuals and the length of each episode's list; none where intervals are exact."""
    if K.interval == EXACT or K.reading[layer] != COVER:
        return 0
    return len(state.residuals[layer]) + len(state.residual_ends[layer])


def _roles(state: NsnState, mapping: Mapping, rules: NsnRules, K: Constants) -> tuple[Ints, Ints, Ints, Ints, Ints]:
    layers = rules.layers
    role = np.zeros((layers + 2, SCALARS), np.int64)
    stored = state.neurons_per_layer()
    items: list[list[int]] = []
    for layer in range(layers + 1):
        opened = state.open_items[layer]
        size = len(opened.id)
        if size >= RING:
            raise SimulationError(f"layer {layer} has {size} undecided items, more than a root buffers ({RING - 1})")
        role[layer, [START, RECEIVED]] = opened.number, opened.number + size
        role[layer, PHASE] = NEED_ITEM if size == 0 else RESTART
        role[layer, [ORDINAL, DECIDED]] = stored[layer], state.decided[layer]
        role[layer, [RESIDUALS, EPISODES]] = len(state.residuals[layer]), len(state.residual_ends[layer])
        role[layer, [UNSTORED_COUNT, DEEPEST, NEEDED]] = state.unstored[layer], size, -1
        role[layer, USED] = _residual_words(state, K, layer) * K.bits_residual
        known = opened.id >= 0
        address = np.full(size, -1, np.int64)
        if layer > 0:
            rows = rows_of_ids(state, opened.id[known])
            address[known] = mapping.core[rows].astype(np.int64) * K.slots + mapping.slot[rows]
        columns = (np.full(size, layer), opened.id, address, opened.time, opened.flags, opened.needed)
        items += np.stack(columns, axis=1).tolist()
    record = [
        [top, time, END_EPISODE if r.complete and i + 1 == len(r.top) else 0]
        for r in state.records
        for i, (top, time) in enumerate(zip(r.top, r.time, strict=True))
    ]
    role[layers + 1, RECORDS] = len(record)
    role[layers + 1, EPISODES] = sum(r.complete for r in state.records)
    role[layers + 1, RECEIVED] = int(state.decided[layers])
    residual = [[layer, int(v)] for layer in range(layers + 1) for v in state.residuals[layer]]
    ends = [[layer, int(v)] for layer in range(layers + 1) for v in state.residual_ends[layer]]
    return (
        role,
        np.array(items, np.int64).reshape(-1, 6),
        np.array(residual, np.int64).reshape(-1, 2),
        np.array(ends, np.int64).reshape(-1, 2),
        np.array(record, np.int64).reshape(-1, 3),
    )
