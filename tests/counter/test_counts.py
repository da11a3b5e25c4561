"""Actions and messages of runs are those that an independent counter derives, core by core and kind by kind, on every engine."""

from __future__ import annotations

import pytest

from chipsim.engines.base import Watch
from chipsim.machine.actions import ACTION_NAMES
from tests.counter.compare import differences
from tests.counter.scenes import LARGE, SCENES, play
from tests.engines import ENGINE_NAMES, runner

OTHERS = {"soma_accesses", "soma_updates", "soma_spikes"}
"""Actions of spiking networks."""


@pytest.mark.parametrize("name", SCENES)
def test_every_count_is_derived(name: str) -> None:
    played = play(name)
    assert differences(played.counted, played.raw) == []


@pytest.mark.parametrize("name", SCENES)
@pytest.mark.parametrize("engine", [name for name in ENGINE_NAMES if name != "reference"])
def test_other_engines_count_the_same(engine: str, name: str) -> None:
    played = play(name)
    assert differences(played.counted, runner(engine)(played.plan, Watch())) == []


@pytest.mark.slow
@pytest.mark.parametrize("name", LARGE)
def test_every_count_of_a_large_run_is_derived(name: str) -> None:
    played = play(name)
    assert differences(played.counted, played.raw) == []


def test_scenes_see_every_action() -> None:
    """And every kind of message that there is where neurons do not move and the network does not sleep."""
    seen, sent = set(), set()
    for name in SCENES:
        played = play(name)
        seen |= {action for action, times in zip(ACTION_NAMES, played.counted.actions.sum(axis=0), strict=True) if times}
        sent |= {kind for kind, times in zip(played.plan.kinds, played.counted.sent, strict=True) if times}
    assert seen == set(ACTION_NAMES) - OTHERS
    kinds = played.plan.kinds
    still = {*kinds[1 : kinds.index("split")], *kinds[kinds.index("prime") : kinds.index("ask")]}
    assert sent == {kind for kind in still if kind}
