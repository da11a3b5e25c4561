"""A text is learned and recognised alike whatever carries the messages: ideal, queued and wormhole routers, one chip or a board of four."""

from __future__ import annotations

import pytest

from chipsim.config.load import load_experiment
from chipsim.engines.base import Watch
from chipsim.noc.plan import IDEAL, QUEUED, WORMHOLE, NocPlan
from chipsim.pipeline import simulate
from tests.conformance.compare import compare_runs
from tests.engines import runner
from tests.scenarios import Outcome, golden_digests, run, small

PROBES = Watch(frozenset({"packets"}))

UNICAST, MULTICAST = "chip.noc.cast=unicast", "chip.noc.cast=multicast"
WORM = ("chip.noc.router=wormhole", "chip.noc.timing=S")
ONE_VC = (*WORM, "chip.noc.vcs=1", "chip.noc.buffer=32")
"""A channel holds the longest packet, as trees need."""

NETWORKS = {
    "ideal": ("chip.noc.router=ideal",),
    "queued": ("chip.noc.router=queued",),
    "wormhole, 4 VCs": WORM,
    "wormhole, 1 VC": ONE_VC,
    "wormhole, pushed back, classes": (*WORM, "chip.noc.ejection=1", "chip.noc.classes=ordered", "chip.noc.timing=D"),
}

BOARD = (
    'chip.noc.levels=[{name: board, width: 2, height: 2, link_latency: "40 ns", flit_time: "6 ns", hop: "800 pJ"}]',
)  # fmt: skip
"""The 4 x 4 tiles as four chips of 2 x 2."""


@pytest.fixture(scope="module")
def outcomes() -> dict[tuple[str, str, bool], Outcome]:
    """Every network, cast and board, on the compiled engine; keys are network, cast, board."""
    return {
        (name, cast, board): run(small(*settings, cast, *(BOARD if board else ())), "compiled", PROBES)
        for name, settings in NETWORKS.items()
        for cast in (UNICAST, MULTICAST)
        for board in (False, True)
    }


def test_all_decide_what_the_golden_model_decides(outcomes: dict[tuple[str, str, bool], Outcome]) -> None:
    first = next(iter(outcomes.values()))
    expected = golden_digests(first.prepared)[0]
    assert {key: outcome.functional for key, outcome in outcomes.items() if outcome.functional != expected} == {}
    assert len({outcome.raw.digest for outcome in outcomes.values()}) == len(outcomes), "each is a run of its own"


def test_each_is_what_its_name_says(outcomes: dict[tuple[str, str, bool], Outcome]) -> None:
    for (name, cast, board), outcome in outcomes.items():
        plan = outcome.plan
        assert plan.router == {"ideal": IDEAL, "queued": QUEUED}.get(name, WORMHOLE)
        assert outcome.raw.copies.any() == (cast == MULTICAST)
        assert (plan.noc is None) == (plan.router != WORMHOLE and not board)
        if isinstance(plan.noc, NocPlan):
            assert len(set(plan.noc.fabric.latency[plan.noc.fabric.to >= 0].tolist())) == (3 if board else 2) - _square(outcome)
        if plan.router == WORMHOLE:
            assert plan.noc is not None and plan.noc.wormhole is not None
            assert plan.noc.wormhole.vcs == (1 if "1 VC" in name else 4)
    for name in NETWORKS:
        for cast in (UNICAST, MULTICAST):
            one, four = outcomes[name, cast, False].raw, outcomes[name, cast, True].raw
            assert four.end_ps > one.end_ps, "a board of four chips is slower than one"
    for cast in (UNICAST, MULTICAST):
        ends = [outcomes[name, cast, False].raw.end_ps for name in ("ideal", "queued", "wormhole, 4 VCs")]
        assert ends[0] <= ends[1] < ends[2]


def _square(outcome: Outcome) -> int:
    """1 if hops take as long in both directions."""
    return int(outcome.plan.link_latency[0] == outcome.plan.link_latency[2])


@pytest.mark.parametrize("cast", [UNICAST, MULTICAST])
@pytest.mark.parametrize("name", ["wormhole, 1 VC", "wormhole, pushed back, classes"])
def test_a_board_of_wormhole_routers_runs_alike_on_both_engines(
    name: str, cast: str, outcomes: dict[tuple[str, str, bool], Outcome]
) -> None:
    outcome = outcomes[name, cast, True]
    assert compare_runs(runner("reference")(outcome.plan, PROBES), outcome.raw) is None


def digest_of(base: str, *settings: str) -> str:
    return str(simulate(load_experiment(base, settings)).summary["functional_digest"])


def test_the_small_experiment_decides_the_same_over_wormhole_routers() -> None:
    """As shipped, all its characters; and with software alone."""
    assert digest_of("text-small", *WORM) == digest_of("text-small", "engine=golden")


@pytest.mark.slow
@pytest.mark.parametrize(
    "settings",
    [
        *(
            (*network, cast)
            for network in (NETWORKS["ideal"], NETWORKS["queued"], WORM, ONE_VC)
            for cast in (UNICAST, MULTICAST)
        ),
        ("chip=altai-board",),
        ("chip=altai-board", *WORM, MULTICAST),
    ],
    ids=" ".join,
)
def test_the_main_experiment_decides_the_same(settings: tuple[str, ...]) -> None:
    assert digest_of("text", *settings) == digest_of("text", "engine=golden")
