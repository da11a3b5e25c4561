"""Replay is exact and honest: every stored episode comes back item by item, and nothing that is not stored (NG4, NG10, EP6)."""

from __future__ import annotations

import dataclasses
import itertools
import json
import lzma
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chipsim.ids import UNSTORED
from chipsim.network import NsnState, Stimulus, memory
from chipsim.network.rules import EXACT, LOG2, NsnRules, event_rules, text_rules
from chipsim.programs.nsn.functional import network_digest
from chipsim.programs.nsn.image import load_memory, save_memory, stored_network
from tests.scenarios import events, golden, leaves, run, small, text
from workloads.formats.text import read_text, text_stimulus
from workloads.nsn.replay import ReplayError, replay, replay_episode


def transitions(items: list[tuple[int, int]]) -> set[tuple[int, int, int]]:
    return {(a, b, u - t) for (a, t), (b, u) in itertools.pairwise(items)}


def check_replay(stimulus: Stimulus, state: NsnState, rules: NsnRules) -> None:
    """Every complete episode is its input, and no transition is emitted that the input does not have."""
    ends = (np.flatnonzero(stimulus.flags & 2) + 1).tolist()
    starts = [0, *ends[:-1]]
    items = leaves(stimulus)
    known = transitions(items)
    assert len(ends) == sum(r.complete for r in state.records) > 0
    for number, (start, end) in enumerate(zip(starts, ends, strict=True)):
        replayed = replay_episode(state, rules, number)
        assert replayed == items[start:end]
        assert transitions(replayed) <= known
    assert replay(state, rules) == items[: ends[-1]]


@st.composite
def timed_texts(draw: st.DrawFn) -> Stimulus:
    characters = draw(st.text(st.sampled_from("aabé漢"), min_size=1, max_size=120))
    stimulus = text(characters, draw(st.integers(1, 130)))
    gaps = draw(st.lists(st.integers(0, 40), min_size=len(characters), max_size=len(characters)))
    return dataclasses.replace(stimulus, time=np.cumsum(gaps).astype(np.int64) + draw(st.integers(0, 10**9)))


@settings(max_examples=200)
@given(timed_texts(), st.integers(1, 5), st.sampled_from([EXACT, LOG2]), st.integers(1, 9), st.integers(0, 20))
def test_timed_texts_replay_exactly(stimulus: Stimulus, layers: int, interval: int, unit: int, max_gap: int) -> None:
    rules = text_rules(layers, interval, unit, max_gap)
    check_replay(stimulus, golden(stimulus, rules).state(), rules)


@st.composite
def field_events(draw: st.DrawFn) -> Stimulus:
    width = draw(st.integers(1, 12))
    rows = draw(st.lists(st.lists(st.integers(0, 3), min_size=width, max_size=width), min_size=1, max_size=25))
    gaps = draw(st.lists(st.integers(0, 100), min_size=len(rows), max_size=len(rows)))
    ends = draw(st.lists(st.integers(0, 24), max_size=4))
    return events(list(zip(np.cumsum(gaps).tolist(), rows, strict=True)), ends)


@settings(max_examples=200)
@given(field_events(), st.integers(1, 4), st.sampled_from([EXACT, LOG2]), st.integers(1, 60), st.integers(0, 80))
def test_events_replay_exactly(stimulus: Stimulus, layers: int, interval: int, unit: int, max_gap: int) -> None:
    """Events of 1 to 12 fields; more than eight make two segments."""
    rules = event_rules(layers, interval, unit, max_gap)
    check_replay(stimulus, golden(stimulus, rules).state(), rules)


def test_what_is_not_whole_is_not_replayed() -> None:
    """An open episode and one with a hole say so instead of making something up."""
    rules = text_rules(2)
    state = golden(text("abcabcabcabc", 6), rules).state()
    hole = dataclasses.replace(state.records[0], top=(*state.records[0].top[:-1], UNSTORED))
    broken = dataclasses.replace(state, records=(hole, *state.records[1:]))
    with pytest.raises(ValueError, match="episode 0 cannot be replayed: partly unstored"):
        replay_episode(broken, rules, 0)
    assert replay(broken, rules) == leaves(text("abcabcabcabc", 6))[6:]
    half = dataclasses.replace(state.records[1], complete=False)
    with pytest.raises(ValueError, match="incomplete"):
        replay_episode(dataclasses.replace(state, records=(state.records[0], half)), rules, 1)


@settings(max_examples=400)
@given(timed_texts(), st.integers(1, 3), st.sampled_from([EXACT, LOG2]), st.data())
def test_damage_does_not_replay(stimulus: Stimulus, layers: int, interval: int, data: st.DataObject) -> None:
    """The other half of exactness: a stored pair that is used and altered does not give the input back."""
    rules = text_rules(layers, interval)
    state = golden(stimulus, rules).state()
    row = data.draw(st.integers(0, len(state.pair_id) - 1))
    pair_id = state.pair_id.copy()
    pair_id[row] ^= 1
    broken = dataclasses.replace(state, pair_id=pair_id)
    try:
        assert replay(broken, rules) != leaves(stimulus)
    except ReplayError as error:
        assert "damaged memory" in str(error)
    assert network_digest(broken) != network_digest(state)


# --- real texts


def check_text(path: Path, record: pytest.FixtureRequest) -> None:
    """First 200,000 characters; stored bits per character beside xz of the same characters."""
    characters = read_text(path)[:200_000]
    stimulus = text_stimulus(characters, len(characters), 512, str(path))
    rules = text_rules(8)
    state = golden(stimulus, rules).state()
    check_replay(stimulus, state, rules)
    widths = memory.widths_of(256, 512)
    pairs = int(np.diff(state.pair_start)[state.layer > 0].sum())
    kept = sum(len(r.top) for r in state.records)
    stored = (
        pairs * (widths.id + memory.INTERVAL_BITS)
        + int((state.layer == 0).sum()) * widths.id
        + kept * memory.record_bits(widths)
        + len(state.records) * (memory.first_record_bits(widths) - memory.record_bits(widths))
    )
    xz = 8 * len(lzma.compress(characters.encode(), preset=9 | lzma.PRESET_EXTREME))
    figures = {"characters": len(characters), "neurons": len(state), "stored_bits_per_symbol": stored / len(characters)}
    figures["xz_bits_per_symbol"] = xz / len(characters)
    record.node.user_properties.append((path.name, figures))
    assert 2 < figures["stored_bits_per_symbol"] < 21, "more than the characters themselves (21 bits of Unicode)"
    assert 1 < figures["xz_bits_per_symbol"] < 4
    # one neuron per distinct character, and each vector once
    assert int((state.layer == 0).sum()) == len(set(characters))


def test_carroll_replays_exactly(shared: Path, request: pytest.FixtureRequest) -> None:
    check_text(shared / "data/text/en_eltec_carroll_1865.txt", request)


@pytest.mark.slow
@pytest.mark.parametrize("name", ["en_tinyshakespeare.txt", "ru_tolstoy_war_and_peace_1.txt"])
def test_other_texts_replay_exactly(shared: Path, name: str, request: pytest.FixtureRequest) -> None:
    check_text(shared / "data/text" / name, request)


def test_every_text_is_tested(shared: Path) -> None:
    names = {"en_eltec_carroll_1865.txt", "en_tinyshakespeare.txt", "ru_tolstoy_war_and_peace_1.txt"}
    assert {path.name for path in (shared / "data/text").iterdir() if path.suffix == ".txt"} == names


# --- the chip, in a new process, from its memories alone


REPLAY_SCRIPT = """
import json, sys
from pathlib import Path
from chipsim.network.rules import NsnRules
from chipsim.programs.nsn.image import load_memory, stored_network
from workloads.nsn.replay import replay
rules = NsnRules(tuple(json.loads(sys.argv[2])), *json.loads(sys.argv[3]))
json.dump(replay(stored_network(load_memory(Path(sys.argv[1]))), rules), sys.stdout)
assert not any(name.startswith(("chipsim.engines", "chipsim.pipeline", "simpy", "workloads.nsn.golden")) for name in sys.modules)
"""


@pytest.mark.parametrize(
    ("base", "settings"),
    [
        ("text-small", ("workload.symbols=180",)),
        ("text-small", ("workload.match=keyed", "workload.learned=0", "workload.symbols=240")),
        ("text-small", ("workload.interval=log2", "workload.learned=119", "workload.symbols=1")),
        ("log-sample", ()),
    ],
)
def test_chip_replays_in_a_new_process_from_its_memories_alone(
    base: str, settings: tuple[str, ...], tmp_path: Path, root: Path
) -> None:
    outcome = run(small(*settings, base=base))
    file = tmp_path / "memory.npz"
    save_memory(outcome.raw.own.memory, file)
    rules = outcome.prepared.given.rules
    done = subprocess.run(
        [
            sys.executable,
            "-c",
            REPLAY_SCRIPT,
            str(file),
            json.dumps(rules.reading),
            json.dumps([rules.interval, rules.unit, rules.max_gap]),
        ],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(root)},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert [tuple(item) for item in json.loads(done.stdout)] == leaves(outcome.prepared.given.stimulus)
    assert network_digest(stored_network(load_memory(file))) == network_digest(outcome.state)
