"""Messages of a neurosemantic network: which are sent because of which, and the classes that follow."""

from __future__ import annotations

import pytest

from chipsim.machine.message import DEST, KIND, TRACE
from chipsim.noc.classes import classes_of
from chipsim.programs.nsn.kinds import kinds_of
from chipsim.programs.nsn.messages import ALERT, ITEM
from chipsim.programs.nsn.reference import NsnCores
from chipsim.programs.reference import Message
from tests.scenarios import run, small

MOVING = (
    "workload.learned=0",
    "workload.symbols=240",
    "mapping.growth.policy=axons",
    "mapping.growth.migrate.least_gain=0.0",
    "chip.noc.height=6",
)
HEARD = ("workload.recursive=2", "workload.listeners=3", "workload.alerts=new")
SLEEPING = ("workload.compaction=sleep", "workload.symbols=240", "workload.learned=0", "chip.core.neurons=48")
ASLEEP = [SLEEPING, (*SLEEPING, "workload.match=keyed")]
GROWING = [
    (*MOVING, "chip.core.neurons=6"),
    (*MOVING, "chip.core.memory=500 B", "chip.core.neurons=16", "chip.noc.cast=unicast"),
]


@pytest.mark.parametrize(
    "settings",
    [
        (),
        ("workload.match=keyed",),
        ("workload.alerts=all", "chip.core.memory=4 KiB"),
        HEARD,
        SLEEPING,
        (*SLEEPING, "workload.match=keyed"),
        *GROWING,
    ],
)
def test_no_message_causes_what_it_is_not_known_to_cause(settings: tuple[str, ...], monkeypatch: pytest.MonkeyPatch) -> None:
    caused = set()

    def noted(self: NsnCores, endpoint: int, message: Message, act: list[int]) -> list[Message]:
        rows = handle(self, endpoint, message, act)
        caused.update((message[KIND], row[KIND]) for row in rows if row[DEST] != TRACE)
        return rows

    handle = NsnCores.handle
    monkeypatch.setattr(NsnCores, "handle", noted)
    run(small(*settings))
    assert len(caused) > 15
    moving = any("growth" in setting for setting in settings)
    sleeps = any("compaction" in setting for setting in settings)
    sends = kinds_of(moving or sleeps, heard=any("recursive" in setting for setting in settings), sleeps=sleeps).sends
    assert caused <= {(a, b) for a, sent in sends.items() for b in sent}


def test_classes_are_in_the_order_of_causes() -> None:
    classes, class_of = classes_of(kinds_of(moving=False, heard=False))
    assert (classes, class_of[ITEM], class_of[ALERT]) == (2, 0, 1)
