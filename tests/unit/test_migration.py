"""Policies of growth, slots that are used again, and neurons that move: the same network, at other places, with every link in order."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest

from chipsim.engines.base import Watch
from chipsim.engines.reference import run_reference
from chipsim.engines.reference.run import Run
from chipsim.errors import ConfigError
from chipsim.machine.actions import ACTIONS
from chipsim.machine.raw import RawRun
from chipsim.programs.nsn.bisect import bisect
from chipsim.programs.nsn.core import Core
from chipsim.programs.nsn.functional import functional_digest
from chipsim.programs.nsn.grow import store
from chipsim.programs.nsn.image import stored_network
from chipsim.programs.nsn.messages import ALLOC, ERASE, FREE, GROW, HISTORY, IMPORT, MOVES, RELINK, SET_NODE, SPIKE, WITHDRAW
from chipsim.programs.nsn.reference.load import make_room, new_core
from tests.chip_links import check_links
from tests.engines import lower
from tests.scenarios import golden_digests, small

EMPTY = (
    "workload.learned=0",
    "workload.symbols=240",
    "workload.episode=30",
    "chip.core.neurons=8",
    *("chip.noc.width=6", "chip.noc.height=6"),
)
MOVE = ("mapping.growth.policy=axons", "mapping.growth.migrate.least_gain=0.0")


def grow(*settings: str) -> tuple[RawRun, Run, bool]:
    """A run of the reference engine, and whether it decided and stored what the golden model did."""
    prepared, _, plan = lower(small(*EMPTY, *settings))
    run = Run(plan, Watch())
    raw = run.run()
    return raw, run, functional_digest(raw.own.decisions, stored_network(raw.own.memory)) == golden_digests(prepared)[0]


@pytest.mark.parametrize("policy", ["follow", "load", "locality", "axons"])
@pytest.mark.parametrize("match", ["associative", "keyed"])
def test_policies_change_places_and_nothing_else(policy: str, match: str) -> None:
    raw, _, equal = grow(f"mapping.growth.policy={policy}", f"workload.match={match}")
    assert equal
    assert not raw.sent[list(MOVES)].any()
    held = np.bincount(raw.own.memory.neuron[:, 0], minlength=36)
    if policy == "load":
        assert np.ptp(held[held > 0]) <= 1, "the emptiest core of the region is taken each time"
    elif match == "associative" and policy == "axons":
        assert (held > 0).sum() >= 4, "each layer has a core of its own"


def test_scores_bring_neurons_together_that_share_what_they_read() -> None:
    packets = {
        policy: grow(f"mapping.growth.policy={policy}", "chip.noc.cast=unicast")[0].sent[SPIKE] for policy in ("load", "axons")
    }
    assert packets["axons"] < 0.6 * packets["load"]


@pytest.mark.parametrize(
    "settings",
    [
        (),
        ("chip.noc.cast=unicast", "workload.wta_arity=3"),
        ("mapping.growth.migrate.batch=1", "chip.growth.region_width=3", "chip.growth.region_height=2"),
        ("chip.core.axons=9", "chip.core.neurons=64"),
        ("workload.learned=120", "workload.symbols=120", "chip.noc.concentration=2", "chip.noc.width=3"),
        ("chip.core.pace=tick", "chip.core.tick=1 us", "workload.rate=saturate", "chip.noc.tile_order=column"),
    ],
)
def test_moving_changes_places_and_nothing_else(settings: tuple[str, ...]) -> None:
    raw, run, equal = grow(*MOVE, *settings)
    assert equal
    assert raw.sent[HISTORY] >= 5 and raw.sent[RELINK] > 0 and raw.sent[FREE] >= raw.sent[HISTORY]
    assert check_links(run) > 30


def test_links_are_in_order_whenever_a_run_is_cut_and_goes_on() -> None:
    """Cut anywhere, also in the middle of a move: the rest of the run gives the same records."""
    _, _, plan = lower(small(*EMPTY, *MOVE))
    whole = run_reference(plan)
    assert whole.sent[HISTORY] > 5
    snapshot, moving = None, 0
    for share in (0.2, 0.35, 0.5, 0.65, 0.8, 0.95):
        piece = run_reference(dataclasses.replace(plan, until=int(whole.end_ps * share) + 1), start=snapshot)
        snapshot = piece.snapshot
        assert snapshot is not None
        moving += int(piece.sent[HISTORY] > 0)
    last = run_reference(plan, start=snapshot)
    assert moving and (last.digest, last.own.decisions, last.end_ps) == (whole.digest, whole.own.decisions, whole.end_ps)
    assert np.array_equal(last.sent, whole.sent) and np.array_equal(last.own.memory.neuron, whole.own.memory.neuron)


def test_a_move_without_room_is_taken_back() -> None:
    """Cores so small that links fail: what was stored at the new core goes again, and neurons that were erased give their slots back."""
    for size, neurons in ((350, 6), (510, 16)):
        chip = (f"chip.core.memory={size} B", f"chip.core.neurons={neurons}", "chip.noc.width=4", "chip.noc.height=4")
        raw, run, _ = grow(*MOVE, *chip, "workload.symbols=200")
        check_links(run)
        assert raw.sent[WITHDRAW] > 0 and raw.sent[ERASE] > 5
        assert (raw.own.memory.used_bits <= run.plan.own.constants.memory_bits).all()


def test_slots_are_used_again() -> None:
    raw, run, _ = grow(*MOVE)
    given = {
        (s.core[i], slot) for s in run.program.servers for i, n in enumerate(s.next_slot) if s.core[i] >= 0 for slot in range(n)
    }
    stored = len(raw.own.memory.neuron)
    assert raw.sent[GROW] + raw.sent[IMPORT] > len(given) >= stored, (
        "more was stored, one after the other, than there are slots"
    )


def test_the_unlinked_leave_no_hole_in_the_tree() -> None:
    raw, run, equal = grow(*MOVE, "workload.wta_arity=2", "chip.core.neurons=4", "workload.symbols=400")
    assert equal and raw.sent[SET_NODE] > 0
    check_links(run)


def test_a_cut_finds_two_halves_that_share_nothing() -> None:
    """Two families of neurons, stored in turn, each with its own five ids: one family leaves, whichever is the smaller."""
    _, _, plan = lower(
        small("mapping.growth.migrate.batch=1", "mapping.growth.policy=axons", "chip.core.neurons=32", "chip.core.axons=null")
    )
    run = Run(plan, Watch())
    K, m = run.plan.own.constants, _core(run)
    rng = np.random.default_rng(3)
    act = [0] * ACTIONS
    for slot in range(32):
        family = slot % 2 if slot < 28 else 0
        ids = rng.choice(np.arange(100 * family, 100 * family + 5), 3, replace=False).tolist()
        flat = [word for p in range(3) for word in (ids[p], p)]
        make_room(K, m, slot)
        assert store(K, m, 0, slot, 1, slot, flat, 0, 2, 3, act) >= 0
    before = stored(m)
    small_family = [slot for slot in range(28) if slot % 2]
    assert bisect(K, m, 0, 1, 50, [], 0, 0, act) == 14
    assert [slot for slot in range(32) if m.cuts[slot].leave] == small_family
    for named, leaves in ([1, 102, 3], 18), ([101, 102, 3], 14), ([7, 8], 14):  # ids of the first, the second and no family
        assert bisect(K, m, 0, 1, 50, [9, *named], 1, len(named), act) == leaves
        assert sum(cut.leave for cut in m.cuts) == leaves and (m.cuts[1].leave == 1) == (leaves == 14)
    assert before == stored(m), "choosing changes nothing that is stored"


def stored(m: Core) -> tuple[list[int], list[list[int]]]:
    return [pair.id for pair in m.pairs], [[*axon.first] for axon in m.axons]


def _core(run: Run) -> Core:
    return new_core(run.plan.own.constants, 5)


def test_a_cut_that_gains_too_little_moves_nothing() -> None:
    raw, _, equal = grow("mapping.growth.policy=axons", "mapping.growth.migrate.least_gain=1.0")
    assert equal and not raw.sent[HISTORY]


def test_what_cannot_move_says_so() -> None:
    with pytest.raises(ConfigError, match=r"mapping\.growth\.migrate.*keyed"):
        small(*MOVE, "workload.match=keyed")
    with pytest.raises(ConfigError, match=r"mapping\.growth\.policy"):
        small("mapping.growth.policy=axon")
    with pytest.raises(ConfigError, match=r"batch"):
        small("mapping.growth.migrate.batch=0")


def test_by_default_nothing_is_asked_more() -> None:
    """The default policy sends what it sent before there were others."""
    raw, run, equal = grow()
    assert equal and raw.sent[ALLOC] == raw.sent[GROW] == len(raw.own.growth)
    K = run.plan.own.constants
    assert not raw.sent[FREE] and not K.scores and not K.batch and len(run.program.servers[0].free_next) == 1
