"""A sleep asks and counts, operation by operation, what an independent counter derives from the network before it."""

from __future__ import annotations

from collections import Counter
from typing import Any

import pytest

from chipsim.ids import neuron_id
from chipsim.machine.actions import ACTION_NAMES
from chipsim.machine.message import F0, KIND
from chipsim.network import memory
from chipsim.programs.nsn import sleep_messages
from chipsim.programs.nsn.messages import ASK, MADE, MAKE, TOLD
from chipsim.programs.nsn.reference.cores import NsnCores
from tests.counter.sleeping import Sleeping
from tests.golden.test_sleep_chip import asleep
from tests.scenarios import run
from workloads.nsn.golden import GoldenModel

OTHERS = {"F0", "OPERATIONS", "OPERATION_BITS", "REFUSED", "ASLEEP", "ASK", "COUNT_BITS", "POSITION_BITS", "TIME_BITS"}
NAMES = {value: name.lower() for name, value in vars(sleep_messages).items() if name.isupper() and name not in OTHERS}
COUNTED = ("memory_reads", "memory_writes", "synaptic_ops", "pair_writes", "neuron_updates")
APART = ("drop", "clear", "make")
"""What these count is that of other rules: of neurons that move, of keys, of growth."""


@pytest.mark.parametrize("settings", [(), ("workload.match=keyed",), ("workload.compaction_least=3", "workload.layers=2")])
def test_every_question_is_derived(settings: tuple[str, ...], monkeypatch: pytest.MonkeyPatch) -> None:
    asked: Counter[str] = Counter()
    counted: Counter[tuple[str, str]] = Counter()
    handle = NsnCores.handle

    def watch(self: NsnCores, endpoint: int, message: Any, act: list[int]) -> Any:
        rows = handle(self, endpoint, message, act)
        kind = message[KIND]
        if kind in (ASK, MAKE, TOLD, MADE):
            name = NAMES[message[F0]] if kind == ASK else "make" if kind == MAKE else "sleeper"
            asked[name] += kind in (ASK, MAKE)
            for action in COUNTED:
                counted[name, action] += act[ACTION_NAMES.index(action)]
        return rows

    monkeypatch.setattr(NsnCores, "handle", watch)
    done = run(asleep(*settings))
    given, K = done.prepared.given, done.plan.own.constants
    golden = GoldenModel(given.rules)
    golden.advance(given.stimulus, len(given.stimulus))
    grown = {neuron_id(layer, ordinal): divmod(address, K.slots) for _, layer, ordinal, address in done.raw.own.growth.tolist()}
    w = memory.widths_of(K.cores, K.slots, numbers=K.numbers)
    room = K.memory_bits // min(memory.note_bits(w), memory.name_bits(w)) + 1
    derived = Sleeping(golden.state(), grown, K.cores, K.slots, room, K.often, bool(K.keyed)).derive()
    assert {name: times for name, times in asked.items() if times} == dict(derived.asked)
    mine = {key: times for key, times in counted.items() if times and key[0] not in APART}
    assert mine == {key: times for key, times in derived.counted.items() if times}
    assert done.raw.sent[MADE] == derived.asked["make"] + len(derived.tape)
