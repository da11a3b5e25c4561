"""An error of counting is caught: wherever a core program counts, a count dropped, doubled or cut to a third is not the counter's."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from functools import cache
from pathlib import Path

import pytest

import tests.unchanged.record as unchanged
from tests.counter.compare import differences
from tests.counter.faults import BY_HAND, COMPILED, RECORDED_IN, SEEN_IN
from tests.counter.planting import ERRORS, Place, places, planted, planted_code
from tests.counter.scenes import play_anew
from tests.unit import test_moving_counts

QUICK = "no axons"

PLANTED = [(scene, place) for scene, seen in SEEN_IN.items() for place in seen]
RECORDED = [(name, place) for name, seen in RECORDED_IN.items() for place in seen]


@pytest.mark.parametrize("error", ERRORS)
@pytest.mark.parametrize(("scene", "place"), PLANTED, ids=[str(place) for _, place in PLANTED])
def test_an_error_of_counting_is_caught(scene: str, place: Place, error: str) -> None:
    """By the count that is wrong and no other, though what costs less time may let other layers come first."""
    with planted(place, error):
        played = play_anew(scene)
    found = differences(played.counted, played.raw)
    assert found and all(line.startswith(f"{place.action}: ") for line in found), found


SCRIPT = f"""
from chipsim.engines.base import Watch
from tests.counter.compare import differences
from tests.counter.faults import COMPILED
from tests.counter.planting import ERRORS, planted
from tests.counter.scenes import play
from tests.engines import runner
played = play({QUICK!r})
for error in ERRORS:
    with planted(COMPILED, error):
        raw = runner("compiled")(played.plan, Watch())
    print(error, *differences(played.counted, raw))
"""


def test_an_error_in_what_the_compiled_engine_counts_itself_is_caught(root: Path) -> None:
    """Its code uncompiled, in a process of its own."""
    done = subprocess.run(
        [sys.executable, "-c", SCRIPT],
        cwd=root,
        env={**os.environ, "PYTHONPATH": str(root), "CHIPSIM_INTERPRET": "1"},
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert re.findall(r"^(\w+) messages_out: \d+, must be \d+; at \d+ endpoints[^;]*$", done.stdout, re.M) == list(ERRORS), (
        done.stdout
    )


@cache
def as_recorded(name: str) -> list[str]:
    """What differs from the record without an error."""
    return unchanged.differences(unchanged.recorded()[name], unchanged.outcome(name, "reference"))


def recorded_error(name: str, place: Place, error: str) -> bool:
    """Whether a recorded count of the action differs; without the error none does."""
    assert not as_recorded(name)
    with planted(place, error):
        found = unchanged.differences(unchanged.recorded()[name], unchanged.outcome(name, "reference"))
    return any(f"counts.{place.action}" in line for line in found)


@pytest.mark.parametrize(("name", "place"), RECORDED, ids=[str(place) for _, place in RECORDED])
def test_an_error_where_neurons_move_differs_from_what_was_recorded(name: str, place: Place) -> None:
    assert recorded_error(name, place, "dropped")


@pytest.mark.slow
@pytest.mark.parametrize("error", ["doubled", "cut"])
@pytest.mark.parametrize(("name", "place"), RECORDED, ids=[str(place) for _, place in RECORDED])
def test_other_errors_where_neurons_move_differ_too(name: str, place: Place, error: str) -> None:
    assert recorded_error(name, place, error)


@pytest.mark.parametrize("error", ERRORS)
@pytest.mark.parametrize(("place", "test"), BY_HAND.items(), ids=map(str, BY_HAND))
def test_an_error_is_caught_by_hand(place: Place, test: str, error: str) -> None:
    counts_by_hand = getattr(test_moving_counts, test)
    with planted(place, error), pytest.raises(AssertionError):
        counts_by_hand()


def test_every_place_that_counts_is_known() -> None:
    told = [place for _, place in (*PLANTED, *RECORDED)] + [*BY_HAND, COMPILED]
    assert sorted(map(str, told)) == sorted(map(str, places())), "a place that counts names where an error in it would show"


def test_there_are_errors_of_every_action() -> None:
    assert {place.action for _, place in PLANTED} == {
        "messages_in", "axon_lookups", "synaptic_ops", "neuron_updates", "memory_reads", "memory_writes", "pair_writes",
        "messages_out", "slot_ops", "table_writes", "null_answers", "wta_rounds", "spikes", "answers_combined",
    }  # fmt: skip


@pytest.mark.parametrize(
    "place", [Place("match", "gone", "spikes"), Place("match", "spike", "spikes"), Place("match", "spike", "synaptic_ops", 1)]
)
def test_an_error_that_has_no_place_is_refused(place: Place) -> None:
    with pytest.raises(LookupError, match="no place"):
        planted_code(place, "dropped")
