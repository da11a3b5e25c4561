"""What a run adds to chip, network and mapping, and what every program knows of all of these."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from chipsim.config.chip import ChipSpec
from chipsim.config.faults import NetworkFault
from chipsim.config.policy import POLICIES, GrowthPolicy
from chipsim.network import NsnState, memory
from chipsim.network.rules import COVER, PASS, NsnRules
from chipsim.noc import mesh_of
from chipsim.plan.inputs import Mapping
from chipsim.programs.nsn.state import Constants

Ints = npt.NDArray[np.int64]

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
        listeners: number of the layer that each listener hears.
        inhibition: whether winners are found by inhibition.
        sleeps: how often a digram must occur, at least, for a sleep to join it when all is read; 0: the network does not sleep.
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
    listeners: tuple[int, ...] = ()
    inhibition: bool = False
    sleeps: int = 0


def key_room(chip: ChipSpec, w: memory.Widths, keyed: bool) -> int:
    """Keyed entries for which a core has room, and one more."""
    return chip.core.memory_bits // memory.keyed_bits(w, keyed) + 1


def key_of_age(state: NsnState, times: Ints) -> tuple[int, int]:
    """Of first event times in a contest bit by bit: the time from which on they are told, and in how many bits; 0 and those of a stored time
    unless an event time does not fit.
    """
    seen = np.concatenate([state.first, times])
    base = min(0, int(seen.min(initial=0)))
    return base, max(memory.TIME_BITS, (int(seen.max(initial=0)) - base).bit_length())


def build_constants(
    chip: ChipSpec,
    w: memory.Widths,
    rules: NsnRules,
    state: NsnState,
    mapping: Mapping,
    options: RunOptions,
    regions: tuple[Ints, Ints],
    times: Ints,
    home: npt.NDArray[np.int32],
) -> Constants:
    """The constants of a run.

    Args:
        chip: its sizes and memories.
        w: bit widths.
        rules: of the network.
        state: what is stored.
        mapping: where it lives.
        options: of the run.
        regions: of each core, and the cores of each in the order of growth.
        times: int64[items], event times of the items that are still to come.
        home: int32[n], cores that are homes of keys.
    """
    mesh, (region, server_core) = mesh_of(chip.noc), regions
    bits = chip.core.memory_bits
    slots = chip.core.neurons
    limit = chip.core.axons if chip.core.axons is not None else NO_LIMIT
    growth = options.growth
    moves = 0 if growth.migrate is None or options.keyed else growth.migrate.batch
    tracks, stack = moves > 0 or (options.sleeps > 0 and not options.keyed), (rules.layers + 1) * 8
    least_note = min(memory.note_bits(w), memory.name_bits(w))
    scores = (growth.policy == "axons" or moves > 0) and not options.keyed
    # Keyed matching has no axons, so there is nothing to forward to either.
    forwards = 1 if options.keyed else bits // memory.forward_bits(w) + 1
    items = len(times)
    base, age_bits = key_of_age(state, times)
    differs = rules.misses or rules.strays
    kept = len(state.residuals) + len(state.residual_ends)
    undecided = sum(len(o.id) for o in state.open_items)
    entries = sum(len(r.top) for r in state.records) + undecided + items
    return Constants(
        cores=mesh.cores,
        slots=slots,
        width=mesh.width,
        height=mesh.height,
        column=int(mesh.column),
        concentration=mesh.concentration,
        layers=rules.layers,
        numbers=rules.numbers,
        networks=rules.networks,
        delay=rules.delay,
        linked=int(rules.linked),
        listeners=len(options.listeners),
        keyed=int(options.keyed),
        multicast=int(chip.noc.cast == "multicast"),
        arity=options.arity,
        interval=rules.interval,
        unit=rules.unit,
        gaps=rules.gaps,
        max_gap=rules.max_gap,
        alerts=ALERTS[options.alerts],
        stop_when_full=int(chip.growth.on_full == "stop"),
        memory_bits=bits,
        growth_bits=bits - bits // LINK_RESERVE,
        axon_limit=limit,
        rows=1 if options.keyed else slots * 8,
        axons=1 if options.keyed else min(limit, bits // memory.axon_bits(w), slots * 8) + 1,
        keys=key_room(chip, w, options.keyed),
        lists=forwards,
        members=forwards,
        records=min(bits // memory.record_bits(w), entries) + 1,
        residuals=kept + items + max(len(o.id) for o in state.open_items) + 1 if rules.gaps >= 0 else 1,
        regions=len(server_core),
        region_cores=server_core.shape[1],
        policy=POLICIES.index(growth.policy),
        scores=int(scores),
        reuse=int(growth != GrowthPolicy() or options.sleeps > 0),
        batch=moves,
        least_gain=0 if growth.migrate is None else round(growth.migrate.least_gain * 1000),
        host=mesh.cores + len(server_core),
        bits_neuron=memory.neuron_bits(w, 0) + (0 if options.keyed else memory.match_state_bits(w)),
        bits_pair=memory.neuron_bits(w, 1) - memory.neuron_bits(w, 0),
        bits_row=memory.row_bits(w),
        bits_axon=memory.axon_bits(w)
        + (memory.use_bits() if scores else 0)
        + (memory.home_bits(w) if moves else w.address if tracks else 0),
        bits_member=memory.forward_bits(w),
        bits_list=memory.use_bits() if scores else 0,
        bits_key=memory.keyed_bits(w, options.keyed),
        bits_record=memory.record_bits(w),
        bits_first=memory.first_record_bits(w),
        bits_core=w.core,
        bits_residual=memory.residual_bits(w),
        bits_expected=memory.expected_bits(w),
        bits_heard=memory.heard_bits(),
        reading=(*rules.reading, PASS, *[COVER] * (rules.numbers - rules.layers - 2)),
        below=tuple(rules.read_by(number) for number in range(rules.numbers)),
        unit_of=tuple(rules.unit_of(number) for number in range(rules.numbers)),
        listened=options.listeners or (-1,),
        bits_substitution=memory.substitution_bits(w),
        bits_id=w.id,
        sleeps=int(options.sleeps > 0),
        asleep=next((layer for layer, how in enumerate(rules.reading) if how in (COVER, PASS)), rules.layers + 1),
        often=options.sleeps,
        tracks=int(tracks),
        notes=bits // least_note + 1,
        counters=bits // memory.counter_bits(w) + 1,
        tape=bits // memory.tape_bits(w, rules.gaps >= 0) + 1,
        stack=stack,
        bits_node=memory.note_bits(w),
        bits_name=memory.name_bits(w),
        bits_counter=memory.counter_bits(w),
        bits_tape=memory.tape_bits(w, rules.gaps >= 0),
        bits_sleeper=memory.sleeper_bits(w, len(home), stack, rules.gaps >= 0),
        sums=tuple(map(int, rules.sums)),
        least=rules.least,
        tolerance=rules.tolerance,
        differs=int(differs),
        substitutions=bits // memory.substitution_bits(w) + 1 if differs else 1,
        inhibits=int(options.inhibition),
        ordinal_bits=max(w.address, (int(state.neurons_per_layer().max(initial=0)) + items).bit_length()),
        age_bits=age_bits,
        count_bits=max(memory.COUNT_BITS, (int(state.count.max(initial=0)) + items).bit_length()),
        time_base=base,
        key_homes=len(home),
        home=tuple(home.tolist()),
        root_core=tuple(int(c) for c in mapping.roots),
        root_region=tuple(int(region[c]) for c in mapping.roots),
    )
