"""Growth where room is short: full chips, several regions, tables that end."""

from __future__ import annotations

import numpy as np
import pytest

from chipsim.errors import MappingError
from chipsim.ids import UNSTORED
from chipsim.network.rules import text_rules
from chipsim.pipeline import simulate
from chipsim.programs.nsn.messages import ALLOC, SLOT
from chipsim.programs.nsn.state import LOST
from tests.scenarios import Outcome, golden, golden_digests, leaves, run, small, text
from workloads.nsn.replay import replay_episode

EMPTY = ("workload.learned=0", "workload.symbols=180", "workload.episode=15")
TIGHT = ("chip.core.neurons=2", *EMPTY)


def stored_exactly(outcome: Outcome) -> None:
    """Every episode is either marked or comes back exactly; and some of each."""
    items = leaves(outcome.prepared.given.stimulus)
    replayed = 0
    for number, record in enumerate(outcome.state.records):
        assert record.complete
        if record.replayable:
            assert replay_episode(outcome.state, outcome.prepared.given.rules, number) == items[15 * number : 15 * number + 15]
            replayed += 1
    assert 0 < replayed < len(outcome.state.records) == 12


@pytest.mark.parametrize("match", ["associative", "keyed"])
@pytest.mark.parametrize("pace", ["event", "tick"])
def test_full_chip_flags_what_it_cannot_store(match: str, pace: str) -> None:
    """`flag`: nothing is overwritten, the novelty is counted, its episode marked, and the rest stays exact."""
    outcome = run(small(*TIGHT, f"workload.match={match}", f"chip.core.pace={pace}", "chip.core.tick=1 us"))
    raw, state = outcome.raw, outcome.state
    assert len(state) == 32 == outcome.plan.mesh.cores * 2, "every slot is taken"
    assert len(raw.own.unstored) == state.unstored.sum() > 0
    assert np.array_equal(np.bincount(raw.own.unstored[:, 1], minlength=4), state.unstored)
    fired = raw.own.winners[raw.own.winners[:, 3] == UNSTORED]
    assert len(fired) >= len(raw.own.unstored)
    assert (state.count > 0).all()
    stored_exactly(outcome)


def test_full_chip_says_so_in_the_summary() -> None:
    summary = simulate(small(*TIGHT)).summary
    nsn = summary["nsn"]
    assert nsn["unstored"] - nsn["records_lost"] == sum(layer["unstored"] for layer in nsn["layers"]) > 0
    assert nsn["replay_exact"] is True, "what claims to be replayable is"
    assert 0 < nsn["replayable"] < nsn["episodes"] == 12
    assert summary["claim"]["limit"] == "memory"


def test_full_chip_stores_what_the_golden_model_stored_first() -> None:
    """Up to the first novelty without a slot the network is the golden model's: the same vectors under the same ids."""
    outcome = run(small(*TIGHT))
    first = int(outcome.raw.own.unstored[0, 0])
    grown = outcome.raw.own.growth[outcome.raw.own.growth[:, 0] < first]
    model = golden(outcome.prepared.given.stimulus, outcome.prepared.given.rules)
    created = {(d.layer, d.id & (1 << 40) - 1) for d in model.decisions if d.new}
    assert {(layer, ordinal) for layer, ordinal in grown[:, 1:3].tolist()} <= created
    assert len(grown) == 32


def test_full_chip_can_be_told_to_stop() -> None:
    with pytest.raises(MappingError, match=r"layer \d: no room left for item \d+ .*on_full: stop") as caught:
        run(small(*TIGHT, "chip.growth.on_full=stop"))
    assert caught.value.exit_code == 4
    assert run(small(*EMPTY, "chip.growth.on_full=stop")).raw.status == "done", "with room it does not matter"


def test_cores_without_memory_pass_growth_on() -> None:
    """A core that refuses for lack of memory is closed; others take what it could not."""
    outcome = run(small(*EMPTY, "chip.core.memory=330 B", "chip.core.neurons=64"))
    raw, K = outcome.raw, outcome.plan.own.constants
    assert raw.sent[ALLOC] > len(raw.own.growth) + len(raw.own.unstored), "some were refused and asked again"
    assert (raw.own.memory.used_bits <= K.memory_bits).all()
    assert len(np.unique(raw.own.memory.neuron[:, 0])) > 1
    assert np.bincount(raw.own.memory.neuron[:, 0]).max() < 64


FEW = ("chip.noc.width=2", "chip.noc.height=1", "chip.core.neurons=64", "workload.layers=1")


def test_record_without_room_is_lost_and_told() -> None:
    """Memory that ends under the last record keeper: what none could keep is counted, and no episode is passed off as whole."""
    found = 0
    for size in range(500, 1400, 50):
        outcome = run(small("workload.learned=0", "workload.symbols=120", *FEW, f"chip.core.memory={size} B"))
        lost = int(outcome.raw.own.memory.role[-1, LOST])
        items = leaves(outcome.prepared.given.stimulus)
        for number, record in enumerate(outcome.state.records):
            if record.replayable:
                assert (
                    replay_episode(outcome.state, outcome.prepared.given.rules, number) == items[30 * number : 30 * number + 30]
                )
        if lost:
            found += 1
            assert sum(r.replayable for r in outcome.state.records) < 4
            summary = simulate(outcome.prepared.experiment).summary
            assert summary["nsn"]["records_lost"] == lost and summary["claim"]["limit"] == "memory"
            assert summary["nsn"]["replayable"] < summary["nsn"]["episodes"] == 4
            break
    assert found


def test_axon_limit_is_held() -> None:
    outcome = run(small(*EMPTY, "chip.core.axons=9", "chip.core.neurons=64"))
    assert 0 < outcome.raw.own.memory.axon_count.max() <= 9
    assert outcome.functional == golden_digests(outcome.prepared)[0]


# --- regions


@pytest.mark.parametrize("cast", ["multicast", "unicast"])
def test_full_region_passes_on_to_the_next(cast: str) -> None:
    """Four regions of four cores: all grow, requests are handed on, and the outcome is that of one region."""
    regions = ("chip.growth.region_width=2", "chip.growth.region_height=2", "chip.core.neurons=4", f"chip.noc.cast={cast}")
    outcome = run(small(*EMPTY, *regions))
    plan, raw = outcome.plan, outcome.raw
    assert plan.own.constants.regions == 4 and len(plan.endpoint_tile) == 16 + 4 + 1
    tile = raw.own.growth[:, 3] // plan.own.constants.slots
    region = tile // 4 // 2 * 2 + tile % 4 // 2
    home = {plan.own.constants.root_region[layer] for layer in range(4)}
    assert len(np.unique(region)) > len(home) >= 1
    assert raw.sent[ALLOC] > raw.sent[SLOT] == len(raw.own.growth), "handed on, and each answered once"
    assert outcome.functional == golden_digests(outcome.prepared)[0]
    for r in sorted(set(region.tolist()) - home):
        assert np.flatnonzero(region == r)[0] >= 16 - 1, "another region is asked only when the own one is full"


@pytest.mark.parametrize(("width", "height", "regions"), [(1, 1, 16), (3, 3, 4), (4, 1, 4), (5, 7, 1)])
def test_any_cut_into_regions(width: int, height: int, regions: int) -> None:
    cut = (f"chip.growth.region_width={width}", f"chip.growth.region_height={height}", "chip.core.neurons=4")
    outcome = run(small(*EMPTY, *cut))
    assert outcome.plan.own.constants.regions == regions
    assert outcome.functional == golden_digests(outcome.prepared)[0]


def test_router_table_that_ends_is_a_resource_that_ends() -> None:
    with pytest.raises(MappingError, match=r"router \d+: 3 multicast entries used, 2 allowed") as caught:
        run(small(*EMPTY, "chip.noc.table_entries=2"))
    assert caught.value.exit_code == 4
    run(small(*EMPTY, "chip.noc.table_entries=2", "chip.noc.cast=unicast"))


def test_golden_model_is_not_asked_for_growth() -> None:
    """A plan of an empty chip holds the stimulus and nothing of what will be learned."""
    plan = run(small(*EMPTY, "until=1 us")).plan
    assert (
        not len(plan.own.neuron)
        and not len(plan.own.pair)
        and not len(plan.own.key)
        and not len(plan.route)
        and not len(plan.own.record)
    )
    assert text_rules(3).reading == plan.own.constants.reading[: plan.own.constants.layers + 1]
    assert len(plan.own.code) == len(text("x" * 180))
