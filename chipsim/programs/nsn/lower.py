"""Building a plan from chip, rules, stored network, mapping and stimulus."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from chipsim.config.chip import ChipSpec
from chipsim.errors import ConfigError, MappingError, SimulationError
from chipsim.machine.actions import (
    A_AXON,
    A_COMBINE,
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
from chipsim.network import NsnState, Stimulus, longest_interval, memory
from chipsim.network.rules import NsnRules
from chipsim.network.stimulus import LONGEST_OFFER_PS
from chipsim.noc import mesh_of
from chipsim.noc.build import noc_plan, refuse_deadlock
from chipsim.noc.usable import from_the_start, joined_tiles, usable_cores
from chipsim.plan.chip import NETWORK_CONSTANTS, chip_part, ps_of, refuse_unknown
from chipsim.plan.inputs import Mapping
from chipsim.plan.plan import EVENT, FLIP_BIT, LOSE_MESSAGE, TICK, Plan
from chipsim.programs.nsn import NAME
from chipsim.programs.nsn.axon_access import find_fan_out, tree_routes
from chipsim.programs.nsn.chip import endpoint_tiles, refuse_growing_trees
from chipsim.programs.nsn.constants import RunOptions, build_constants, key_room
from chipsim.programs.nsn.keepers import place_records
from chipsim.programs.nsn.keys import build_keys
from chipsim.programs.nsn.kinds import kinds_of
from chipsim.programs.nsn.messages import (
    ANSWER,
    ASK,
    GROW,
    HAS_NETWORKS,
    IMPORT,
    INHIBIT,
    NAMES,
    NETWORK,
    PRESENT,
    RESULT,
    SET_PARENT,
    SPIKE,
    TOLD,
    message_bits,
)
from chipsim.programs.nsn.plan import NsnPlan
from chipsim.programs.nsn.regions import find_regions, find_servers
from chipsim.programs.nsn.roles import load_roles, used_bits
from chipsim.programs.nsn.sizes import refuse_large
from chipsim.programs.nsn.sleep_messages import CALL, asked_bits, told_bits
from chipsim.programs.nsn.state import END_INPUT, TAIL

Ints = npt.NDArray[np.int64]

NSN_ACTIONS = (A_MESSAGE, A_AXON, A_SYNOP, A_UPDATE, A_READ, A_WRITE, A_PAIR, A_SENT, A_SLOT, A_TABLE, A_COMBINE)
"""What its cores and slot servers count that takes time or costs something."""

NSN_CONSTANTS = (*constants_of(NSN_ACTIONS), "host.latency", "energy.host_flit", *NETWORK_CONSTANTS)
"""What a neurosemantic network needs of a chip."""


def build_plan(
    chip: ChipSpec, rules: NsnRules, state: NsnState, mapping: Mapping, stimulus: Stimulus, first_item: int, options: RunOptions
) -> Plan:
    """Lower a run.

    Raises:
        ConfigError: the run needs a constant that the chip file leaves unknown, or the chip's pace is for spiking networks.
        MappingError: the network with its tables does not fit a core's memory; names core, used and allowed. Or a number that its records
            hold could come to be too large.
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
    longest = longest_interval(rules, stimulus)
    w = memory.widths_of(mesh.cores, chip.core.neurons, longest, rules.numbers, misses=rules.misses, strays=rules.strays)
    keyed_layers = set(range(rules.layers + 1)) if options.keyed else {0}
    if options.keyed:  # accesses go to the home cores of a hash, nobody holds an axon
        fan_out, member_start, member = np.zeros((0, 6), np.int64), np.zeros(1, np.int64), np.zeros(0, np.int64)
    else:
        fan_out, member_start, member = find_fan_out(state, mapping, mesh)
    avoided = options.network_faults if options.avoid_faults else ()
    home, joined = usable_cores(chip, avoided), joined_tiles(chip, from_the_start(avoided))
    key = build_keys(state, mapping, keyed_layers, home, key_room(chip, w, options.keyed), chip.core.neurons)
    regions = find_regions(chip, mesh, mapping)
    constants = build_constants(chip, w, rules, state, mapping, options, regions, stimulus.time[first_item:], home)
    refuse_large(
        constants,
        int(state.ordinals_given().max(initial=0)),
        int(state.count.max(initial=0)),
        len(stimulus) - first_item,
    )
    multicast = chip.noc.cast == "multicast"
    flit_bits = chip.noc.flit_bits
    extra = (constants.reuse > 0, constants.scores > 0, constants.batch > 0, constants.gaps >= 0)
    flits = np.array(
        [-(-message_bits(w, kind, 0, *extra, rules.networks) // flit_bits) if name else 0 for kind, name in enumerate(NAMES)],
        np.int64,
    )
    if constants.tracks:
        flits[SET_PARENT] = -(-message_bits(w, SET_PARENT, 0, *extra[:2], True) // flit_bits)
    flits[[ASK, TOLD]] = 0  # what an operation takes comes on top
    layer_flits = _layer_flits(w, rules.networks, extra, flit_bits, flits)
    flits[[GROW, IMPORT]] = 0, 1  # what a vector takes comes on top
    grow_flits = np.array([-(-message_bits(w, GROW, pairs) // flit_bits) for pairs in range(9)], np.int64)
    kinds = kinds_of(
        constants.reuse > 0, rules.networks > 0 or len(options.listeners) > 0, options.inhibition, options.sleeps > 0
    )
    noc = noc_plan(chip, kinds, options.seed, options.network_faults)
    route = tree_routes(fan_out, member_start, member, mesh, noc) if multicast else np.zeros((0, 4), np.int64)
    longest_cast = max(int(flits[SPIKE] + layer_flits[1]), int(flits[INHIBIT]) if options.inhibition else 0)
    refuse_deadlock(chip, noc, longest_cast if multicast else 0, route)
    _refuse_full_tables(route, chip.noc.table_entries)
    used = used_bits(constants, w, state, mapping, fan_out, member, key)
    role, item, residual, residual_end, record = load_roles(state, mapping, rules, constants)
    placed = place_records(constants, record, regions[1], used)
    role[rules.layers + 1, TAIL] = placed.keepers[-1]
    _refuse_overfull(used, chip.core.memory_bits)
    _refuse_long(chip, options.offer)
    server_next, server_current = find_servers(regions[1], state, mapping, chip.core.neurons, rules.numbers)
    order = np.lexsort((mapping.slot, mapping.core))
    k = np.diff(state.pair_start)
    neuron = np.stack([mapping.core, mapping.slot, state.layer, state.ordinal, state.count, state.first, state.last], axis=1)
    pair_start = np.concatenate([[0], np.cumsum(k[order])]).astype(np.int64)
    pair_rows = np.repeat(state.pair_start[order] - pair_start[:-1], k[order]) + np.arange(pair_start[-1])
    pair = np.stack([state.pair_id, state.pair_interval], axis=1)[pair_rows.astype(np.int64)]
    own = NsnPlan(
        constants=constants,
        grow_flits=grow_flits,
        server_core=regions[1],
        server_next=server_next,
        server_current=server_current,
        neuron=neuron[order].astype(np.int64),
        pair_start=pair_start,
        pair=pair,
        fan_out=fan_out,
        member_start=member_start,
        member=member,
        key=key,
        role=role,
        item=item,
        residual=residual,
        residual_end=residual_end,
        substitution=state.substitutions,
        record=placed.record,
        keepers=placed.keepers,
        server_kept=placed.server,
        expected=state.expected,
        layer_flits=layer_flits,
        sleep_flits=_sleep_flits(w, constants.gaps >= 0, flit_bits),
        code=stimulus.code[first_item:].astype(np.int64),
        time=stimulus.time[first_item:].astype(np.int64),
        flags=_flags(stimulus, first_item, options.sleeps > 0),
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


def _flags(stimulus: Stimulus, first_item: int, sleeps: bool) -> Ints:
    """Flags of the items; behind the last one the network may sleep."""
    flags = stimulus.flags[first_item:].astype(np.int64)
    if sleeps and len(flags):
        flags[-1] |= END_INPUT
    return flags


def _layer_flits(w: memory.Widths, networks: int, extra: tuple[bool, bool, bool, bool], flit_bits: int, flits: Ints) -> Ints:
    """``layer_flits`` of ``NsnPlan``."""
    more = np.zeros(4, np.int64)
    for kind in (PRESENT, SPIKE, ANSWER, RESULT) if networks else ():
        role = HAS_NETWORKS if kind in (PRESENT, SPIKE) else NETWORK
        more[kind - PRESENT] = -(-message_bits(w, kind, 0, *extra, networks, role) // flit_bits) - flits[kind]
    return more


def _sleep_flits(w: memory.Widths, gaps: bool, flit_bits: int) -> Ints:
    """``sleep_flits`` of ``NsnPlan``."""
    asked, told = asked_bits(w, gaps), told_bits(w, gaps)
    called = [told[CALL] + pairs * (w.id + w.interval) for pairs in range(9)]
    bits = message_bits(w, ASK) + np.array([*asked, *told, *called], np.int64)
    return -(-bits // flit_bits)


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
