"""Winner-takes-all on the chip: the order of candidates, the tree that combines answers, and who may read what (WT1 to WT5, HW10)."""

from __future__ import annotations

import math
from collections import defaultdict
from random import Random
from typing import Any

import numpy as np
import pytest

from chipsim.engines.base import Watch
from chipsim.engines.reference import Run
from chipsim.jit.records import fields_of
from chipsim.machine.actions import ACTIONS
from chipsim.machine.message import F0, F1, F2, F3, KIND, LAYER, ROW
from chipsim.programs.nsn.core import MATCH, Core
from chipsim.programs.nsn.grow import store
from chipsim.programs.nsn.link import parent_index
from chipsim.programs.nsn.match import find_axon, spike
from chipsim.programs.nsn.messages import ANSWER, NAMES, PRESENT, RESULT, SPIKE
from chipsim.programs.nsn.reference.load import make_room, new_core
from chipsim.programs.nsn.wta import better, rank
from tests.engines import lower
from tests.scenarios import golden_digests, run, small

# --- WT1: the order


def test_better_is_the_maximum_of_a_total_order() -> None:
    """10^4 random fields of candidates: combined in any tree, the winner is the maximum of the sorted keys."""
    draw = Random(1)
    for _ in range(10_000):
        n = draw.randint(1, 6)
        # few values, so that ties go down to the last component; ordinals are unique, -1 is no candidate
        ordinals = draw.sample(range(-1, 12), n)
        keys = [
            (draw.randint(0, 2), draw.randint(0, 1), draw.randint(1, 2), draw.randint(0, 2), draw.randint(0, 2))
            for _ in range(n)
        ]
        fields = [
            (rank(words, primed, response), *history, o)
            for (words, primed, response, *history), o in zip(keys, ordinals, strict=True)
        ]
        worth = {
            field: (o >= 0, -words, primed, response, count, -first, -o)
            for field, (words, primed, response, count, first), o in zip(fields, keys, ordinals, strict=True)
        }
        expected = max(fields, key=lambda field: worth[field])
        left = list(fields)
        while len(left) > 1:
            a, b = left.pop(draw.randrange(len(left))), left.pop(draw.randrange(len(left)))
            assert not (better(*a, *b) and better(*b, *a))
            left.append(a if better(*a, *b) else b)
        assert left == [expected]


# --- IN12: summation over inputs and times


def test_response_is_the_sum_over_inputs_and_times_in_the_window() -> None:
    """What a slot has matched after each item is the number of its pairs that agree so far, by brute force, and complete at all of them."""
    plan = lower(small())[2]
    K = plan.own.constants._replace(memory_bits=2**40, growth_bits=2**40, axon_limit=1000)
    draw = Random(7)
    for _ in range(200):
        core = new_core(K, 3)
        vectors = [[(draw.randrange(3), draw.randrange(1, 3) if p else 0) for p in range(draw.randint(2, 4))] for _ in range(5)]
        for slot, vector in enumerate(vectors):
            flat = [word for pair in vector for word in pair]
            make_room(K, core, slot)
            store(K, core, 0, slot, 1, slot, flat, 0, 2, len(vector), [0] * ACTIONS)
        for probe in range(1, 4):
            items = [(draw.randrange(3), draw.randrange(1, 3) if p else 0) for p in range(4)]
            for position, (neuron, cls) in enumerate(items):
                if find_axon(K, core, 0, 1, neuron, [0] * ACTIONS) < 0:
                    break
                out, act, row = [0] * (1 + 8 * ROW), [0] * ACTIONS, [0] * ROW
                row[KIND], row[LAYER], row[F0], row[F1], row[F2], row[F3] = SPIKE, 1, neuron, cls, position, probe
                spike(K, core, 0, row, out, act)
                summed = [matched(vector, items[: position + 1]) for vector in vectors]
                for slot in range(len(vectors)):
                    of, state = divmod(core.neurons[slot].match, MATCH)
                    assert (of == probe and state == position + 1) == (summed[slot] == position + 1)
                complete = [s for s, v in enumerate(vectors) if len(v) == position + 1 == summed[s]]
                assert out[1 + KIND] == RESULT
                assert out[1 + F3] == min(complete, default=-1)  # none has fired yet: equal in all but the ordinal
                assert out[1 + 10] == any(summed[s] == position + 1 < len(v) for s, v in enumerate(vectors))


def matched(vector: list[tuple[int, int]], items: list[tuple[int, int]]) -> int:
    """Pairs of a vector that agree with as many items, all or none of the beginning."""
    agree = [a == b for a, b in zip(vector, items, strict=False)]
    return sum(agree) if len(agree) == len(items) and all(agree) else 0


# --- WT3, WT4: several cores


def spread(width: int, height: int, arity: int) -> tuple[str, ...]:
    """The rhyme on so many cores, just large enough for it."""
    cores = width * height
    neurons = max(1, -(-60 // cores))
    room = () if cores > 2 else ("chip.core.memory=64 KiB", "chip.core.axons=null")
    mesh = (f"chip.noc.width={width}", f"chip.noc.height={height}", f"chip.core.neurons={neurons}")
    return (*mesh, *room, f"workload.wta_arity={arity}", "workload.learned=120", "workload.symbols=120")


@pytest.mark.parametrize("arity", [2, 3, 16])
def test_same_winners_on_any_number_of_cores(arity: int) -> None:
    """WT3: 1, 2, 8 and 64 cores, any tree: the decisions of the golden model."""
    found = [run(small(*spread(w, h, arity))) for w, h in ((1, 1), (2, 1), (4, 2), (8, 8))]
    assert len({o.functional for o in found}) == 1
    assert found[0].functional == golden_digests(found[0].prepared)[0]
    answers = [int(o.raw.sent[ANSWER]) for o in found]
    assert answers == sorted(answers) and answers[0] == 0 < answers[2] < answers[3]
    decided = [o.raw.own.winners[:, 1:7].tolist() for o in found]
    assert all(sorted(d) == sorted(decided[0]) for d in decided)


def depth_of_heap(members: int, arity: int) -> int:
    """Levels of a full tree: the least d with 1 + a + ... + a^(d-1) >= members."""
    level, room = 0, 0
    while room < members:
        room += arity**level
        level += 1
    return level


@pytest.mark.parametrize("arity", [2, 3, 8])
@pytest.mark.parametrize("learned", [120, 0])
def test_reduction_tree_is_logarithmic(arity: int, learned: int) -> None:
    """WT4: levels grow as the logarithm of the answering cores, loaded or grown; messages are one per core."""
    settings = [s for s in spread(8, 8, arity) if not s.startswith("workload.learned")]
    plan = lower(small(*settings, f"workload.learned={learned}"))[2]
    engine = Run(plan, Watch())
    engine.run()
    parents: dict[tuple[int, int], dict[int, int]] = defaultdict(dict)
    children: dict[tuple[int, int], dict[int, int]] = defaultdict(dict)
    for number, core in engine.program.cores.items():
        for axon in core.axons[: core.ledgers[0].axons]:
            key = axon.layer, axon.id
            parents[key][number] = axon.parent
            children[key][number] = axon.children
    sizes = []
    for key, parent in parents.items():
        assert sum(above == -1 for above in parent.values()) == 1, "one core answers to the root"
        assert all(children[key][core] == sum(p == core for p in parent.values()) <= arity for core in parent)
        levels = max(level_of(core, parent) for core in parent)
        assert levels == depth_of_heap(len(parent), arity) <= math.log(len(parent), arity) + 2
        sizes.append(len(parent))
    assert max(sizes) > arity + 1, "trees of several levels"


def level_of(core: int, parent: dict[int, int]) -> int:
    level = 1
    while parent[core] >= 0:
        core, level = parent[core], level + 1
    return level


def test_heap_index() -> None:
    assert [parent_index(i, 2) for i in range(7)] == [-1, 0, 0, 1, 1, 2, 2]
    assert [parent_index(i, 3) for i in range(7)] == [-1, 0, 0, 0, 1, 1, 1]


# --- WT5: match, then winner


@pytest.mark.parametrize("cast", ["multicast", "unicast"])
def test_match_phase_comes_before_the_winner(cast: str) -> None:
    """Per presented item: spike to the cores, each of which answers once after it; the result goes to the root last."""
    settings = (*spread(4, 4, 2), "workload.layers=1", f"chip.noc.cast={cast}")
    plan = lower(small(*settings))[2]
    raw = Run(plan, Watch(frozenset({"packets"}))).run()
    rows = [r for r in raw.packets.tolist() if r[2] in (PRESENT, SPIKE, ANSWER, RESULT)]
    asked = sorted(r for r in rows if r[2] == PRESENT)
    rounds = 0
    for now, after in zip(asked, [*asked[1:], [raw.end_ps + 1]], strict=True):
        mine = [r for r in rows if now[0] <= r[0] < after[0]]
        kinds = [NAMES[r[2]] for r in sorted(mine)]
        assert kinds[0] == "present" and kinds.count("result") == 1
        result = next(r for r in mine if r[2] == RESULT)
        assert result[1] == max(r[1] for r in mine) < after[0], (
            "the result is the last message, and only then comes the next item"
        )
        heard = {r[4]: r[1] for r in mine if r[2] == SPIKE}
        told = {r[3]: r[0] for r in mine if r[2] in (ANSWER, RESULT)}
        if heard:
            assert heard.keys() == told.keys() and len([r for r in mine if r[2] in (ANSWER, RESULT)]) == len(told)
            assert all(told[core] > heard[core] for core in heard)
            rounds += len(heard) > 1
    assert rounds > 20


# --- HW10: nobody reads another core's memory


class Guarded(list):  # type: ignore[type-arg]
    """A list that only its owner may touch, and only while it runs."""

    running: int | None = None
    owner: int = -1

    def _check(self) -> None:
        if Guarded.running is not None and Guarded.running != self.owner:
            raise AssertionError(f"core {Guarded.running} touches memory of core {self.owner}")

    def __getitem__(self, i: Any) -> Any:
        self._check()
        return super().__getitem__(i)

    def __iter__(self) -> Any:
        self._check()
        return super().__iter__()

    def __setitem__(self, i: Any, value: Any) -> None:
        self._check()
        super().__setitem__(i, value)


def guard(memory: Any, owner: int) -> Any:
    def guarded(values: Any) -> Guarded:
        made = Guarded(values)
        made.owner = owner
        return made

    if not isinstance(memory, Core):
        return type(memory)(*map(guarded, memory))
    for name in fields_of(Core):
        setattr(memory, name, guarded(getattr(memory, name)))
    return memory


@pytest.mark.parametrize("match", ["associative", "keyed"])
def test_no_core_touches_the_memory_of_another(match: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Every list of every core, root and slot server is guarded; operations of the whole run go through."""
    import chipsim.programs.nsn.reference.cores as cores_module

    settings = ("workload.learned=60", "workload.symbols=120", f"workload.match={match}")
    plan = lower(small(*settings))[2]
    monkeypatch.setattr(cores_module, "new_core", lambda K, number: guard(new_core(K, number), number))
    engine = Run(plan, Watch())
    ends = engine.program
    ends.cores = {number: guard(core, number) for number, core in ends.cores.items()}
    ends.roots = [guard(root, plan.own.constants.root_core[layer]) for layer, root in enumerate(ends.roots)]
    ends.servers = [guard(server, plan.mesh.cores + region) for region, server in enumerate(ends.servers)]
    operate = engine.endpoints.operate
    operations = []

    def watched(endpoint: int, message: tuple[int, ...]) -> tuple[int, list[int]]:
        Guarded.running = endpoint
        try:
            operations.append(endpoint)
            return operate(endpoint, message)
        finally:
            Guarded.running = None

    monkeypatch.setattr(engine.endpoints, "operate", watched)
    raw = engine.run()
    assert raw.digest == run(small(*settings)).raw.digest
    assert len(operations) == raw.operations.sum() > 1000
    assert len(np.unique(operations)) > 5


def test_the_guard_guards() -> None:
    plan = lower(small())[2]
    core = guard(new_core(plan.own.constants, 2), 2)
    Guarded.running = 1
    try:
        with pytest.raises(AssertionError, match="core 1 touches memory of core 2"):
            core.ledgers[0].used += 1
    finally:
        Guarded.running = None
    core.ledgers[0].used += 1
