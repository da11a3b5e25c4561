"""Any small chip that reads any small stream decides and stores what the golden model does, and says so where it has no room."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, replace
from fractions import Fraction
from functools import lru_cache

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from chipsim.config.chip import ChipSpec
from chipsim.config.load import load_chip
from chipsim.config.policy import GrowthPolicy, Migration
from chipsim.engines.base import Watch
from chipsim.engines.reference.run import Run
from chipsim.errors import MappingError
from chipsim.network import NsnState, Stimulus, memory
from chipsim.network.rules import EXACT, LOG2, NsnRules, event_rules, least_of, text_rules
from chipsim.noc import Mesh
from chipsim.plan.plan import Plan
from chipsim.programs.nsn.by_layer import choices_summary
from chipsim.programs.nsn.constants import RunOptions
from chipsim.programs.nsn.functional import functional_digest
from chipsim.programs.nsn.image import stored_network
from chipsim.programs.nsn.lower import build_plan
from chipsim.programs.nsn.state import LOST, SATURATE
from nsn_mapping import CoreLimits, map_network
from nsn_mapping.place.listeners import with_listeners
from tests.chip_links import check_links
from tests.scenarios import events, golden, leaves, text
from workloads.nsn.golden import GoldenModel
from workloads.nsn.replay import replay_episode


@dataclass(frozen=True)
class Case:
    """A stream, how it is read, how much of it was learned before, and the chip that goes on."""

    stimulus: Stimulus
    rules: NsnRules
    learned: int
    chip: tuple[str, ...]
    keyed: bool
    arity: int
    period: int
    mapping: tuple[str, str, int]
    growth: GrowthPolicy
    inhibition: bool
    listeners: tuple[int, ...] = ()

    def __repr__(self) -> str:
        s = self.stimulus
        stream = (s.code.tolist(), s.time.tolist(), s.flags.tolist())
        how = (
            self.rules,
            self.learned,
            self.chip,
            self.keyed,
            self.arity,
            self.period,
            self.mapping,
            self.growth,
            self.inhibition,
            self.listeners,
        )
        return f"Case({stream}, {how})"


@st.composite
def streams(draw: st.DrawFn) -> tuple[Stimulus, NsnRules]:
    interval, unit, gap = draw(st.sampled_from([(EXACT, 1, 0), (LOG2, 1, 0), (LOG2, 3, 9), (EXACT, 1, 2)]))
    if draw(st.booleans()):
        # words that come back, so that upper layers have something to recognise
        words = draw(st.lists(st.text("abcd", min_size=1, max_size=9), min_size=1, max_size=4))
        chosen = draw(st.lists(st.sampled_from(words), min_size=1, max_size=16))
        return text("".join(chosen)[:110], draw(st.integers(1, 60))), text_rules(draw(st.integers(1, 4)), interval, unit, gap)
    width = draw(st.integers(1, 11))
    rows = draw(st.lists(st.lists(st.integers(0, 2), min_size=width, max_size=width), min_size=1, max_size=max(2, 60 // width)))
    gaps = draw(st.lists(st.integers(0, 20), min_size=len(rows), max_size=len(rows)))
    stimulus = events(list(zip(np.cumsum(gaps).tolist(), rows, strict=True)), draw(st.lists(st.integers(0, 30), max_size=4)))
    return stimulus, event_rules(draw(st.integers(1, 3)), interval, unit, gap)


@st.composite
def cases(draw: st.DrawFn) -> Case:
    stimulus, rules = draw(streams())
    keyed = draw(st.booleans())
    if not keyed and draw(st.booleans()):
        threshold, tolerance = draw(
            st.sampled_from([(Fraction(3, 4), 1), (Fraction(1, 2), 0), (Fraction(1, 10), 2), (Fraction(1), 1)])
        )
        rules = replace(rules, summing=True, least=least_of(threshold), tolerance=tolerance)
    growth, listeners = draw(growths()), ()
    if not keyed and growth.migrate is None and draw(st.booleans()):
        networks, scale, delay = draw(st.integers(1, 5)), draw(st.integers(1, 5)), draw(st.sampled_from([1, 1, 1, 2, 3, 7]))
        rules = replace(rules, networks=networks, scale=scale, delay=delay, linked=draw(st.booleans()))
    if draw(st.booleans()):
        heard = [number for number in range(rules.numbers) if number != rules.layers + 1]
        listeners = tuple(draw(st.lists(st.sampled_from(heard), max_size=4)))
    width, height, concentration = draw(st.sampled_from([(1, 1, 1), (2, 1, 1), (1, 3, 2), (2, 2, 1), (4, 4, 1), (3, 2, 3)]))
    chip = (
        f"noc.width={width}",
        f"noc.height={height}",
        f"noc.concentration={concentration}",
        f"host.tile={draw(st.integers(0, width * height - 1))}",
        f"core.neurons={draw(st.sampled_from([2, 3, 5, 9, 64, 64]))}",
        f"core.memory={draw(st.sampled_from(['300 B', '450 B', '1 KiB', '8 KiB', '64 KiB', '64 KiB']))}",
        f"core.axons={draw(st.sampled_from(['null', 'null', '12']))}",
        f"noc.router={draw(st.sampled_from(['ideal', 'queued']))}",
        f"noc.cast={draw(st.sampled_from(['multicast', 'unicast']))}",
        f"noc.flit_bits={draw(st.sampled_from([8, 32, 512]))}",
        f"noc.link_latency_ew.value={draw(st.sampled_from(['1 ps', '4.1 ns', '1 us']))}",
        f"noc.link_latency_ns.value={draw(st.sampled_from(['1 ps', '6.5 ns', '3 us']))}",
        f"noc.flit_time.value={draw(st.sampled_from(['1 ps', '1.1 ns', '40 ns']))}",
        f"core.pace={draw(st.sampled_from(['event', 'event', 'tick']))}",
        f"core.tick={draw(st.sampled_from(['20 ns', '1 us']))}",
        f"growth.region_width={draw(st.integers(1, 4))}",
        f"growth.region_height={draw(st.integers(1, 4))}",
    )
    return Case(
        stimulus,
        rules,
        draw(st.one_of(st.just(0), st.integers(0, stimulus.events))),
        chip,
        keyed,
        draw(st.sampled_from([2, 3, 8])),
        draw(st.sampled_from([SATURATE, 1, 300_000, 10**9])),
        (
            draw(st.sampled_from(["default", "metis", "sequential", "random"])),
            draw(st.sampled_from(["hilbert", "row", "random"])),
            draw(st.integers(0, 3)),
        ),
        growth,
        not keyed and draw(st.booleans()),
        listeners,
    )


@st.composite
def growths(draw: st.DrawFn) -> GrowthPolicy:
    policy = draw(st.sampled_from(["follow", "locality", "load", "axons", "axons"]))
    batch = draw(st.sampled_from([0, 0, 1, 3, 100]))
    return GrowthPolicy(
        policy=policy, migrate=Migration(batch=batch, least_gain=draw(st.sampled_from([0.0, 0.0, 0.5]))) if batch else None
    )


@lru_cache(maxsize=256)
def chip_of(settings_: tuple[str, ...]) -> ChipSpec:
    return load_chip("mesh-16", settings_)


def lowered(case: Case) -> Plan:
    """Mapped and lowered; ``MappingError`` where what was learned does not fit."""
    chip, stimulus = chip_of(case.chip), case.stimulus
    first = stimulus.item_of_event(case.learned)
    model = GoldenModel(case.rules)
    model.advance(stimulus, first, recording=False)
    mesh = Mesh(chip.noc.width, chip.noc.height, chip.noc.concentration)
    limits = CoreLimits(chip.core.neurons, chip.core.axons, chip.core.memory_bits)
    numbers, misses, strays = case.rules.numbers, case.rules.misses, case.rules.strays
    widths = memory.widths_of(mesh.cores, chip.core.neurons, 0, numbers, misses=misses, strays=strays)
    partitioner, placer, seed = case.mapping
    match = "keyed" if case.keyed else "associative"
    mapping = map_network(model.state(), mesh, limits, widths, match, partitioner, placer, seed, 1.0)
    mapping = with_listeners(mapping, case.listeners, mesh, np.arange(mesh.cores, dtype=np.int32))
    number = np.arange(stimulus.events - case.learned, dtype=np.int64)
    offer = np.full(len(number), SATURATE) if case.period == SATURATE else number * case.period
    options = RunOptions(
        case.keyed,
        case.arity,
        "none",
        offer,
        0,
        1,
        np.zeros((0, 7), np.int64),
        (),
        case.growth,
        listeners=case.listeners,
        inhibition=case.inhibition,
    )
    return build_plan(chip, case.rules, model.state(), mapping, stimulus, first, options)


def check(case: Case) -> str:
    """Run a case; what became of it."""
    try:
        plan = lowered(case)
    except MappingError:
        return "does not fit"
    run = Run(plan, Watch())
    raw = run.run()
    if plan.own.constants.batch:
        check_links(run)
    state = stored_network(raw.own.memory)
    assert (raw.own.memory.used_bits <= plan.own.constants.memory_bits).all()
    assert not raw.in_flight.any()
    check_replay(case, state)
    model = golden(case.stimulus, case.rules, plan.own.first_item)
    complete = len(model.state().records) == len(state.records)
    equal = functional_digest(raw.own.decisions, state) == functional_digest(model.decision_digest(), model.state())
    if len(raw.own.unstored) or not complete or raw.own.memory.keeper[LOST]:
        return "ran out of room"
    assert equal
    told, found = model.choices, choices_summary(raw.own.memory.role[: case.rules.layers + 2])
    assert found == {name: told[name] for name in found}
    return "equal"


def check_replay(case: Case, state: NsnState) -> None:
    """Whatever claims to be replayable is exact."""
    ends = (np.flatnonzero(case.stimulus.flags & 2) + 1).tolist()
    items = leaves(case.stimulus)
    for number, record in enumerate(state.records):
        if record.replayable:
            assert replay_episode(state, case.rules, number) == items[ends[number - 1] if number else 0 : ends[number]]


def test_chip_decides_and_stores_what_the_golden_model_does() -> None:
    reached: Counter[str] = Counter()

    @settings(max_examples=60)
    @given(cases())
    def run(case: Case) -> None:
        reached[check(case)] += 1

    run()
    assert reached["equal"] >= 10, f"most runs had no room: {reached}"
