"""Synthetic traffic: laws of arrivals and destinations against closed forms, patterns against their definitions digit by digit."""

from __future__ import annotations

from fractions import Fraction
from typing import get_args

import numpy as np
import pytest

from chipsim.config.load import load_chip, load_experiment
from chipsim.errors import ConfigError
from workloads.kinds.synthetic import SyntheticWorkload, synthetic_packets
from workloads.synthetic import (
    PATTERNS,
    Burst,
    Nodes,
    Pattern,
    Synthetic,
    fixed_destinations,
    make_traffic,
    pattern_named,
    senders_of,
)
from workloads.synthetic.draw import geometric, streams, words

CYCLE = 1000
GRID = Nodes(8, 8)


def made(
    pattern: Pattern | str = "uniform",
    load: str = "0.1",
    nodes: Nodes = GRID,
    flits: tuple[int, ...] = (1,),
    cycles: int = 5000,
    seed: int = 1,
    burst: Burst | None = None,
) -> np.ndarray:
    pattern = Pattern(pattern) if isinstance(pattern, str) else pattern
    return make_traffic(Synthetic(pattern, Fraction(load), flits, cycles, seed, burst), nodes, CYCLE)


def test_words_are_those_of_splitmix64() -> None:
    state, seen = 0x123456789, []
    for _ in range(3):  # Steele, Lea and Flood, as published
        state = (state + 0x9E3779B97F4A7C15) % 2**64
        z = (state ^ state >> 30) * 0xBF58476D1CE4E5B9 % 2**64
        z = (z ^ z >> 27) * 0x94D049BB133111EB % 2**64
        seen.append(z ^ z >> 31)
    assert words(np.array([0x123456789], np.uint64), np.arange(3)).tolist() == seen


@pytest.mark.parametrize(("success", "horizon"), [("1", 100), ("1/2", 100), ("1/10", 30_000), ("1/3000", 1 << 26)])
def test_gaps_are_geometric(success: str, horizon: int) -> None:
    p = Fraction(success)
    found = geometric(p, horizon).numbers(streams(3, 0, np.arange(500))[:, None], np.arange(400)[None, :]).ravel()
    n, mean, sigma = len(found), float((1 - p) / p), float(1 - p) ** 0.5 / float(p)
    assert abs(found.mean() - mean) <= 4 * sigma / n**0.5
    for at in (1, int(mean) + 1, 3 * int(mean) + 1):  # the whole law, not its mean alone
        share = float(1 - p) ** at
        assert abs((found >= at).mean() - share) <= 4 * (share * (1 - share) / n) ** 0.5 + 1e-12


def test_full_load_is_a_packet_in_every_cycle_of_every_node() -> None:
    rows = made(load="1", nodes=Nodes(3, 2), cycles=50)
    assert rows[:, 0].tolist() == [c * CYCLE for c in range(50) for _ in range(6)]
    assert rows[:, 1].tolist() == list(range(6)) * 50


@pytest.mark.parametrize("flits", [(1,), (4,), (1, 5, 9)])
@pytest.mark.parametrize("burst", [None, Burst(Fraction(1, 20), Fraction(1, 10))])
def test_load_is_kept_in_flits(flits: tuple[int, ...], burst: Burst | None) -> None:
    cycles, nodes = 20_000, Nodes(8, 8)
    rows = made(load="0.2", flits=flits, cycles=cycles, burst=burst)
    packets = len(rows)
    spread = np.var(flits) / packets + np.mean(flits) ** 2 / packets * (1 if burst is None else 30)
    assert abs(rows[:, 3].sum() / (cycles * nodes.count) - 0.2) <= 4 * spread**0.5 * packets / (cycles * nodes.count)
    assert set(rows[:, 3].tolist()) == set(flits)
    assert (np.diff(rows[:, 0] // CYCLE * nodes.count + rows[:, 1]) > 0).all(), "by time, then source; one packet per cycle"


def test_bursts_have_the_lengths_of_a_two_state_chain() -> None:
    burst = Burst(Fraction(1, 50), Fraction(1, 20))
    rows = made(load=str(burst.share), cycles=40_000, burst=burst)  # when on, a packet in every cycle: runs can be seen
    on = np.zeros((64, 40_000), np.int64)
    on[rows[:, 1], rows[:, 0] // CYCLE] = 1
    starts, stays = (np.diff(on, axis=1) == 1).sum(), ((on[:, :-1] == 1) & (on[:, 1:] == 1)).sum()
    offs, ons = (on[:, :-1] == 0).sum(), (on[:, :-1] == 1).sum()
    assert starts / offs == pytest.approx(1 / 50, rel=0.05)
    assert 1 - stays / ons == pytest.approx(1 / 20, rel=0.05)
    assert on[:, 0].mean() == pytest.approx(float(burst.share), abs=0.2), "it begins as it goes on"


def test_draws_depend_on_seed_and_source_alone() -> None:
    whole, part = made(nodes=Nodes(8, 8)), made(nodes=Nodes(8, 4))
    times = {s: whole[whole[:, 1] == s][:, 0].tolist() for s in range(32)}
    assert times == {s: part[part[:, 1] == s][:, 0].tolist() for s in range(32)}
    longer = made(cycles=9000)
    assert np.array_equal(longer[longer[:, 0] < 5000 * CYCLE], whole)
    assert not np.array_equal(made(seed=2)[:100], whole[:100])


def test_uniform_reaches_all_nodes_alike_the_sender_included() -> None:
    rows = made(load="0.5", cycles=10_000)
    seen = np.bincount(rows[:, 2], minlength=64)
    assert abs(seen - len(rows) / 64).max() <= 4.5 * (len(rows) / 64) ** 0.5
    assert (rows[:, 1] == rows[:, 2]).mean() == pytest.approx(1 / 64, rel=0.1)
    assert abs(np.corrcoef(rows[:, 1], rows[:, 2])[0, 1]) < 0.01


def test_patterns_by_their_definitions() -> None:
    w = h = 4
    where = {name: fixed_destinations(Pattern(name), Nodes(w, h), 1) for name in PATTERNS}
    for node in range(16):
        x, y = node % w, node // w
        bits = f"{node:04b}"
        assert where["transpose"][node] == x * w + y
        assert where["bitcomp"][node] == 15 - node == (h - 1 - y) * w + w - 1 - x
        assert where["bitrev"][node] == int(bits[::-1], 2)
        assert where["shuffle"][node] == int(bits[1:] + bits[0], 2)
        assert where["tornado"][node] == (y + 1) % h * w + (x + 1) % w  # ceil(4 / 2) - 1
        assert where["neighbor"][node] == (y + 1) % h * w + (x + 1) % w
    assert fixed_destinations(Pattern("tornado"), Nodes(7, 1), 1).tolist() == [(x + 3) % 7 for x in range(7)]
    assert sorted(where["randperm"].tolist()) == list(range(16))
    assert where["uniform"] is where["hotspot"] is where["bursty"] is None


@pytest.mark.parametrize(
    "nodes", [Nodes(1, 1), Nodes(1, 7), Nodes(5, 3), Nodes(3, 3, 3), Nodes(4, 2, 1, 3), Nodes(3, 2, column=True)]
)
def test_every_pattern_stays_on_every_grid(nodes: Nodes) -> None:
    everyone = np.arange(nodes.count)
    assert np.array_equal(nodes.at(*nodes.places(everyone)), everyone)
    for name in PATTERNS:
        try:
            found = fixed_destinations(Pattern(name), nodes, 1)
        except ConfigError as error:
            assert "allowed: " in str(error) and name in ("transpose", "bitrev")
            continue
        if found is not None:
            assert sorted(found.tolist()) == everyone.tolist(), f"{name} is a permutation"
        rows = made(name, nodes=nodes, cycles=50, load="0.3")
        assert ((rows[:, 2] >= 0) & (rows[:, 2] < nodes.count)).all()


def test_hotspots_get_their_share() -> None:
    rows = made(Pattern("hotspot", (3, 60), Fraction(3, 10)), load="0.5", cycles=4000)
    share = np.bincount(rows[:, 2], minlength=64) / len(rows)
    for spot in (3, 60):
        assert share[spot] == pytest.approx(0.15 + 0.7 / 64, rel=0.03)
    with pytest.raises(ConfigError, match=r"node 64 among the hotspots; allowed: 0 to 63"):
        made(Pattern("hotspot", (64,)))


def test_some_of_the_nodes_send() -> None:
    traffic = Synthetic(Pattern("uniform"), Fraction(1, 10), (1,), 5000, 1, None, Fraction(1, 8))
    rows, who = make_traffic(traffic, GRID, CYCLE), senders_of(traffic, GRID)
    assert len(who) == 8 and set(rows[:, 1].tolist()) == set(who.tolist())
    assert np.array_equal(rows, (whole := made())[np.isin(whole[:, 1], who)]), "each as if all did"


def test_what_cannot_be_sent_is_refused() -> None:
    with pytest.raises(ConfigError, match=r"allowed: up to 0\.333333"):
        made(load="0.5", burst=Burst(Fraction(1, 4), Fraction(1, 2)))
    with pytest.raises(ConfigError, match="allowed: up to 26 days"):
        made(cycles=2**60)
    with pytest.raises(ConfigError, match="no such pattern; allowed: uniform, "):
        pattern_named("nowhere")
    assert pattern_named("Bit-Complement") == "bitcomp"


def test_workload_of_an_experiment(tmp_path: object) -> None:
    assert get_args(SyntheticWorkload.model_fields["pattern"].annotation) == PATTERNS
    chip = load_chip("mesh-16")
    workload = SyntheticWorkload(kind="synthetic", pattern="transpose", load=0.1, cycles=400, flits=(1, 4), seed=7)
    rows = synthetic_packets(chip, workload)
    assert np.array_equal(
        rows, make_traffic(Synthetic(Pattern("transpose"), Fraction(1, 10), (1, 4), 400, 7), Nodes(4, 4), 1100)
    )
    with pytest.raises(ConfigError, match=r"workload\.load: found number 1\.5; allowed: at most 1"):
        load_experiment("lif-small", ["workload={kind: synthetic, load: 1.5, cycles: 10}"])
