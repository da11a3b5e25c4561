"""Winners found by inhibition, bit by bit, are those of the tree and of the largest key, on any number of cores (WT1, WT3, WT6)."""

from __future__ import annotations

from random import Random

import pytest

from chipsim.engines.base import Watch
from chipsim.ids import ordinal_of
from chipsim.machine.raw import RawRun
from chipsim.programs.nsn.by_layer import choices_summary
from chipsim.programs.nsn.inhibit import key_bit, key_bits, level_of_bit
from chipsim.programs.nsn.messages import CONTEST, VOTED
from chipsim.programs.nsn.wta import better, rank, verdict
from tests.contests import contest_plan, must_win, words
from tests.engines import runner
from tests.needs import needs
from tests.scenarios import run, small

pytestmark = needs("nsn")

ROOM = ("core.axons=null", "core.memory=1 MiB", "core.neurons=64")
GROWN = ("workload.learned=0", "chip.noc.width=6")
CORES = {1: (1, 1), 2: (2, 1), 8: (4, 2), 64: (8, 8)}


def winners(raw: RawRun) -> list[int]:
    """Ordinals that won on layer 1, in the order of the items."""
    mine = raw.own.winners[raw.own.winners[:, 1] == 1]
    return [ordinal_of(neuron) for neuron in mine[mine[:, 2].argsort(), 3].tolist()]


def test_bit_by_bit_the_candidate_that_is_left_is_the_best() -> None:
    """10^4 random sets of keys; the last that drop out tell the level at which the winner beats the best of them."""
    K = contest_plan(words(1, 10, 1), ROOM, inhibition=True).own.constants
    draw = Random(2)
    for _ in range(10_000):
        ordinals = draw.sample(range(40), draw.randint(1, 6))
        left = [
            (rank(draw.randint(0, 3), draw.randint(0, 1), draw.randint(2, 3)), draw.randint(1, 3), draw.randint(0, 3), o)
            for o in ordinals
        ]
        best, level, bit = left[0], 0, key_bits(K)
        for one in left[1:]:
            best = one if better(*one, *best) else best
        others = [one for one in left if one != best]
        while len(left) > 1:
            bit -= 1
            having = [one for one in left if key_bit(K, bit, *one)]
            if 0 < len(having) < len(left):
                left, level = having, level_of_bit(K, bit)
        assert left == [best]
        assert level == max((verdict(*best, *other) for other in others), default=0)


@pytest.mark.parametrize("inhibition", [False, True])
def test_the_largest_key_wins_ten_thousand_choices(inhibition: bool) -> None:
    of = words(3, 14, 10_000)
    raw = runner("compiled")(contest_plan(of, (*ROOM, "noc.width=4", "noc.height=2", "core.neurons=6"), inhibition), Watch())
    assert winners(raw) == must_win(of)
    told = choices_summary(raw.own.memory.role)
    assert sum(told["candidates"].values()) == told["candidates"]["9+"] == 10_000
    assert raw.sent[CONTEST] == 0 if not inhibition else raw.sent[CONTEST] > raw.sent[VOTED] / 2


@pytest.mark.parametrize("cores", CORES)
@pytest.mark.parametrize("cast", ["multicast", "unicast"])
def test_same_winners_wherever_neurons_are_and_however_slow_links(cores: int, cast: str, engine: str) -> None:
    """WT3: random placements, delays and arities; one word a core where there are as many."""
    width, height = CORES[cores]
    for seed in range(3):
        of = words(seed, 18, 60 if engine == "compiled" else 12)
        delays = [("4 ns", "7 ns"), ("1 ps", "5 us"), ("3 us", "1 ns")][seed]
        settings = (
            *ROOM[:2], f"core.neurons={-(-26 // cores)}", f"noc.width={width}", f"noc.height={height}", f"noc.cast={cast}",
            f"noc.link_latency_ew.value={delays[0]}", f"noc.link_latency_ns.value={delays[1]}",
        )  # fmt: skip
        for inhibition in (False, True):
            plan = contest_plan(of, settings, inhibition, arity=(2, 3, 8)[seed], seed=seed)
            assert winners(runner(engine)(plan, Watch())) == must_win(of)


@pytest.mark.parametrize(
    "settings",
    [
        (),
        ("workload.learned=0", "workload.symbols=120", "chip.noc.cast=unicast"),
        ("workload.recognise.mode=sum", "workload.interval=log2", "workload.wta_arity=3", "workload.learned=0"),
        ("mapping.growth.policy=axons", "mapping.growth.migrate.least_gain=0.0", "chip.core.neurons=8", *GROWN),
    ],
)
def test_texts_are_decided_and_stored_as_with_a_tree(settings: tuple[str, ...], engine: str) -> None:
    """Where vectors are exact a candidate is alone, and is only asked to answer."""
    tree, circuit = (run(small(*settings, f"workload.wta={wta}"), engine) for wta in ("tree", "inhibition"))
    assert tree.functional == circuit.functional
    assert choices_summary(tree.raw.own.memory.role) == choices_summary(circuit.raw.own.memory.role)
    assert circuit.raw.sent[VOTED] > 0
