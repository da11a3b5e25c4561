"""Texts as stimuli: every character once, in order, and the shipped text is the one that was shipped."""

from __future__ import annotations

import hashlib
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from chipsim.config.catalogue import config_path
from chipsim.config.load import load_experiment
from chipsim.config.write import resolved_yaml
from chipsim.errors import ConfigError, WorkloadError
from chipsim.network import END_EPISODE, END_SEGMENT
from chipsim.pipeline import simulate
from chipsim.programs.base import PROGRAMS
from tests.needs import needs
from tests.stimuli import build_stimulus
from workloads.formats.text import read_text, text_stimulus
from workloads.kinds.text import TextWorkload, announce_text


def test_shipped_text_is_the_one_its_licence_notice_names() -> None:
    """One text for every Python version: its length and hash are those that the notice states."""
    text = read_text("docs-topics")
    assert len(text) >= 150_000
    notice = config_path("texts/docs-topics.LICENSE.txt").read_text(encoding="utf-8")
    assert hashlib.sha256(text.encode()).hexdigest() in notice
    assert f"{len(text):,} characters" in notice
    assert "CPython 3.11.7" in notice
    assert "PYTHON SOFTWARE FOUNDATION LICENSE VERSION 2" in notice


def test_unknown_shipped_text_names_those_that_are_shipped() -> None:
    with pytest.raises(ConfigError, match="docs-topics"):
        read_text("docs-topic")


def test_characters_become_items() -> None:
    """Code points in order, one unit of time apart, each its own segment; an episode every three and at the end."""
    stimulus = text_stimulus("aж\n𝄞zz!", 7, 3, "here")
    assert stimulus.code.tolist() == [ord(character) for character in "aж\n𝄞zz!"]
    assert stimulus.time.tolist() == stimulus.event.tolist() == list(range(7))
    assert (stimulus.flags & END_SEGMENT).all()
    assert np.flatnonzero(stimulus.flags & END_EPISODE).tolist() == [2, 5, 6]
    assert stimulus.names == ()
    assert stimulus.label(int(stimulus.code[3])) == "𝄞"
    assert all(array.dtype == np.int64 for array in (stimulus.code, stimulus.time, stimulus.flags, stimulus.event))


@given(
    text=st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=60),
    episode=st.integers(1, 70),
    data=st.data(),
)
def test_nothing_is_lost_or_added(text: str, episode: int, data: st.DataObject) -> None:
    """The stimulus of any prefix spells that prefix; episodes have ``episode`` items but for the last."""
    total = data.draw(st.integers(0, len(text)))
    stimulus = text_stimulus(text, total, episode, "here")
    assert "".join(map(stimulus.label, stimulus.code.tolist())) == text[:total]
    ends = np.flatnonzero(stimulus.flags & END_EPISODE)
    lengths = np.diff(ends, prepend=-1)
    assert lengths.sum() == total
    assert (lengths[:-1] == episode).all() and (lengths <= episode).all()


def test_too_short_text_says_what_to_set() -> None:
    with pytest.raises(WorkloadError, match=r"book\.txt: the text has 5 characters, .* ask for 6; .* at most 5"):
        text_stimulus("hello", 6, 512, "book.txt")


@pytest.mark.parametrize(
    ("raw", "text"),
    [
        (b"one\r\ntwo\rthree\n", "one\ntwo\nthree\n"),
        (b"\xef\xbb\xbfone", "one"),
        ("войнá\u2028x".encode(), "войнá\u2028x"),
        (b"\x0c\x1b[0m", "\x0c\x1b[0m"),
    ],
)
def test_own_file(tmp_path: Path, raw: bytes, text: str) -> None:
    """Line ends are written as one character, a byte order mark goes, all else stays."""
    path = tmp_path / "own.txt"
    path.write_bytes(raw)
    assert read_text(path) == text


def test_ten_megabytes_on_one_line_are_a_text(tmp_path: Path) -> None:
    """A text needs no lines."""
    path = tmp_path / "long.txt"
    path.write_bytes(b"ab" * 5_000_000)
    assert len(text_stimulus(read_text(path), 100, 512, "long")) == 100


def test_build_stimulus_counts_the_learned_items(tmp_path: Path) -> None:
    path = tmp_path / "own.txt"
    path.write_text("to be or not to be", encoding="utf-8")
    stimulus, learned = build_stimulus(TextWorkload(kind="text", path=str(path), learned=6, symbols=10, episode=4))
    assert (len(stimulus), learned) == (16, 6)
    assert "".join(map(stimulus.label, stimulus.code.tolist())) == "to be or not to "
    with pytest.raises(WorkloadError, match="has 18 characters"):
        build_stimulus(TextWorkload(kind="text", path=str(path), learned=6, symbols=13))


def test_build_stimulus_of_the_shipped_text() -> None:
    stimulus, learned = build_stimulus(TextWorkload(kind="text", source="docs-topics", learned=1000, symbols=200))
    assert (stimulus.events, learned) == (1200, 1000)
    assert stimulus.label(int(stimulus.code[1199])) == read_text("docs-topics")[1199]


def test_real_texts(shared: Path) -> None:
    """All three languages of the shared texts are read; what is read is what Python reads."""
    paths = sorted((shared / "data/text").glob("*.txt"))
    assert len(paths) >= 3
    for path in paths:
        assert read_text(path) == path.read_text(encoding="utf-8-sig")


@needs("nsn")
@pytest.mark.parametrize(
    ("settings", "learned", "symbols"),
    [
        ([], 50, 50),
        (["workload.symbols=30"], 70, 30),
        (["workload.learned=30"], 30, 70),
        (["workload.learned=30", "workload.symbols=20"], 30, 20),
    ],
)
def test_a_short_text_just_runs(tmp_path: Path, settings: list[str], learned: int, symbols: int) -> None:
    """What the user does not set gives way, and the summary says so."""
    path = tmp_path / "short.txt"
    path.write_text("abcde" * 20, encoding="utf-8")
    experiment = load_experiment("text-small", [f"workload.path={path}", *settings, "limits=extrapolated"])
    workload = experiment.workload
    assert isinstance(workload, TextWorkload)
    assert (workload.learned, workload.symbols) == (learned, symbols)
    summary = simulate(experiment).summary
    assert summary["counts"]["events_in"] == symbols
    if len(settings) < 2:
        asked = summary["nsn"]["input"]["characters_asked"]
        assert summary["nsn"]["input"] == {"characters": 100, "characters_asked": asked, "characters_learned": learned}
        assert f"100 characters, fewer than the {asked:,} asked for" in announce_text(workload)
        assert "the text has 100 characters" in PROGRAMS.get("nsn").told.network(summary)
    else:
        assert "input" not in summary["nsn"]


@needs("nsn")
@pytest.mark.parametrize("settings", [["workload.learned=99999"], ["workload.symbols=101"], ["workload.learned=100"]])
def test_what_the_user_asks_of_a_short_text_is_refused_where_it_cannot_be_had(tmp_path: Path, settings: list[str]) -> None:
    path = tmp_path / "short.txt"
    path.write_text("abcde" * 20, encoding="utf-8")
    with pytest.raises(WorkloadError, match="the text has 100 characters"):
        simulate(load_experiment("text-small", [f"workload.path={path}", *settings]))


@needs("nsn")
def test_a_short_text_just_runs_from_a_file_of_the_users_too(tmp_path: Path) -> None:
    path = tmp_path / "short.txt"
    path.write_text("abcde" * 20, encoding="utf-8")
    mine = tmp_path / "mine.yaml"
    for symbols, found in (("20", (80, 20)), ("null", (90, None)), ("90", (50, 50))):
        text = f"chip: mesh-16\nlimits: extrapolated\nworkload: {{kind: text, path: {path}, learned: 90, symbols: {symbols}}}\n"
        mine.write_text(text, encoding="utf-8")
        experiment = load_experiment(str(mine))
        workload = experiment.workload
        assert isinstance(workload, TextWorkload)
        assert (workload.learned, workload.symbols) == found
        assert simulate(experiment).summary["counts"]["events_in"] == 100 - workload.learned
        again = tmp_path / "again.yaml"
        again.write_text(resolved_yaml(experiment), encoding="utf-8")
        assert load_experiment(str(again)).model_dump() == experiment.model_dump()
    settings = ["workload.learned=300", "workload.symbols=null"]
    with pytest.raises(WorkloadError, match="ask for 301"):
        simulate(load_experiment(str(mine), settings))
