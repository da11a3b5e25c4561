"""``chipsim replay --from``: how what a run stored goes on, from its folder alone."""

from __future__ import annotations

import itertools
import json
from pathlib import Path

import pytest

from chipsim.config import catalogue
from chipsim.ids import neuron_id
from tests.needs import needs

pytestmark = needs("nsn")

TEXT = "the cat sat. the dog ran. the cat lay. the cat sat on the mat. "
"""Twice as long as an episode of the run below: what is told is told of whole episodes."""


@pytest.fixture
def told(cli):
    """A run of a short text in episodes of 32: what it stored is 7 episodes, the last of 3 symbols is open."""
    text = (TEXT * 4)[:227]
    Path("mine.txt").write_text(text, encoding="utf-8")
    sets = ("path=mine.txt", "learned=100", "symbols=124", "episode=32")
    words = [word for one in sets for word in ("--set", f"workload.{one}")]
    assert cli("run", "text-small", *words, "--no-report", "--out", "here").code == 0
    Path("mine.txt").unlink()
    return text[:224]


def goes_on(text: str, prefix: str, number: int, place: int) -> str:
    """What stands in an episode of 32 behind a prefix."""
    episode = text[32 * number : 32 * number + 32]
    assert episode[:place].endswith(prefix)
    return episode[place:]


def test_a_text_goes_on_as_it_is_stored(cli, told):
    outcome = cli("replay", "here", "--from", "cat ")
    assert outcome.code == 0
    note, found = outcome.err.splitlines(), json.loads(cli("replay", "here", "--from", "cat ", "--json").out)
    assert outcome.out == goes_on(told, "cat ", found["continuation"]["episode"], found["continuation"]["place"]) + "\n"
    episodes = [told[start : start + 32] for start in range(0, len(told), 32)]
    assert found["occurrences"] == sum(episode.count("cat ") for episode in episodes)
    counts = {one["symbol"]: one["count"] for one in found["next"]}
    assert counts == {c: n for c in "sl" if (n := sum(episode.count("cat " + c) for episode in episodes))}
    assert max(counts, key=counts.__getitem__) == found["next"][0]["symbol"] == outcome.out[0] == "s"
    assert found["occurs_in"] == sum("cat " in episode for episode in episodes)
    times = f"{found['occurrences']} times, in {found['occurs_in']} of {len(episodes)} episodes"
    assert note[0].startswith(f"'cat ' is stored {times}; next: 's' {counts['s']}, 'l' {counts['l']}")
    assert found["not_replayable"] == []


def test_no_further_than_asked_for_and_in_one_episode(cli, told):
    whole = cli("replay", "here", "--from", "the ").out
    assert cli("replay", "here", "--from", "the ", "--length", "5").out == whole[:5] + "\n"
    shorter, longer = (
        json.loads(cli("replay", "here", "--from", "the ", *words, "--json").out) for words in (("--length", "5"), ())
    )
    assert shorter["continuation"]["items"] == longer["continuation"]["items"][:5]
    assert cli("replay", "here", "--from", told[24:32], "--episode", "0", "--json").code == 0
    crossing = told[26:38]
    assert not any(crossing in told[start : start + 32] for start in range(0, len(told), 32))
    assert cli("replay", "here", "--from", crossing).code == 2


def test_every_way_on_is_listed(cli, told):
    outcome = cli("replay", "here", "--from", "the ", "--all", "--length", "6")
    rows = [line.split("\t") for line in outcome.out.splitlines()]
    ways = [row for row in rows if row[1] != "end of an episode"]
    assert [int(row[0]) for row in ways] == sorted((int(row[0]) for row in ways), reverse=True)
    assert {row[2][1] for row in ways} == {"c", "d", "m"}
    for count, where, shown in ways:
        number, place = (int(word) for word in where.replace(",", "").split()[1::2])
        assert f"'{goes_on(told, 'the ', number, place)[:6]}'" == shown
        assert int(count) == sum(told[start : start + 32].count("the " + shown[1]) for start in range(0, len(told), 32))
    as_json = json.loads(cli("replay", "here", "--from", "the ", "--all", "--length", "6", "--json").out)
    assert ["".join(way["symbols"]) for way in as_json["next"]] == [row[2][1:-1] for row in ways]


def test_end_of_an_episode_is_told(cli, told):
    outcome = cli("replay", "here", "--from", told[20:32], "--episode", "0")
    assert (outcome.code, outcome.out) == (0, "")
    assert outcome.err.endswith("next: end of the episode 1; nothing follows\n")
    found = json.loads(cli("replay", "here", "--from", told[20:32], "--episode", "0", "--json", "--trace").out)
    assert (found["continuation"], found["ends"], found["trace"]) == (None, 1, [])
    assert cli("replay", "here", "--from", told[20:32], "--episode", "0", "--all").out == "1\tend of an episode\n"


def below(folder: str) -> dict[str, list[int]]:
    """Ids in the vectors of the neurons of a run, by layer:ordinal."""
    from chipsim.programs.nsn.image import load_memory

    memory = load_memory(Path(folder) / "memory.npz")
    starts = itertools.pairwise(memory.pair_start.tolist())
    keys = memory.neuron[:, 2:4].tolist()
    return {
        f"{layer}:{ordinal}": memory.pair[low:high, 0].tolist()
        for (layer, ordinal), (low, high) in zip(keys, starts, strict=True)
    }


def check_trace(chain: list[dict[str, object]], code: int, stored: dict[str, list[int]]) -> int:
    """A symbol's neurons are linked as memory has it; returns how many stand in another's place."""
    assert stored[str(chain[0]["neuron"])] == [code]
    for lower, upper in itertools.pairwise(chain):
        named = neuron_id(*map(int, str(lower["instead"] or lower["neuron"]).split(":")))
        assert stored[str(upper["neuron"])][lower["position"]] == named  # type: ignore[index]
    return sum(link["instead"] is not None for link in chain)


def test_each_symbol_has_its_neurons(cli, told):
    found = json.loads(cli("replay", "here", "--from", "the ", "--trace", "--json").out)
    items, stored = found["continuation"]["items"], below("here")
    assert len(found["trace"]) == len(items) > 5
    for (code, _), chain in zip(items, found["trace"], strict=True):
        assert check_trace(chain, code, stored) == 0
    lines = [line.split("\t") for line in cli("replay", "here", "--from", "the ", "--trace").out.splitlines()]
    assert [line[0] for line in lines] == [repr(chr(code)) for code, _ in items]
    assert [int(line[1]) for line in lines] == [time for _, time in items]
    number = found["continuation"]["episode"]
    for line, chain in zip(lines, found["trace"], strict=True):
        assert line[2] == " ".join(f"{link['neuron']} at {link['position']} of" for link in chain) + f" episode {number}"


def test_vectors_that_sum_emit_what_was_read(cli):
    sets = ("learned=3000", "symbols=100", "episode=100", "recognise.threshold=0.5")
    words = [word for one in sets for word in ("--set", f"workload.{one}")]
    assert cli("run", "text-sum", *words, "--no-report", "--out", "sum").code == 0
    text = catalogue.source_path("docs-topics", ".txt").read_text(encoding="utf-8")[:3100]
    stored, instead = below("sum"), 0
    for start in range(0, 3100, 100):
        words = ("replay", "sum", "--from", text[start : start + 2], "--episode", str(start // 100))
        found = json.loads(cli(*words, "--trace", "--json").out)["continuation"]
        assert text[start : start + 100].endswith("".join(found["symbols"]))
        trace = json.loads(cli(*words, "--trace", "--json").out)["trace"]
        for (code, _), chain in zip(found["items"], trace, strict=True):
            instead += check_trace(chain, code, stored)
    assert instead > 0
    assert " in place of 0:" in "".join(
        cli("replay", "sum", "--from", text[:1], "--episode", str(n), "--trace").out for n in range(31)
    )


def test_a_sleep_changes_neurons_and_not_what_goes_on(cli, small):
    """The neurons are others after it, what they hold is not."""
    traces = []
    for compaction in ("none", "sleep"):
        assert cli(*small, "--engine", "golden", "--set", f"workload.compaction={compaction}", "--out", compaction).code == 0
        found = json.loads(cli("replay", compaction, "--from", "e", "--trace", "--json").out)
        stored = below(compaction)
        for (code, _), chain in zip(found["continuation"]["items"], found["trace"], strict=True):
            check_trace(chain, code, stored)
        traces.append(found.pop("trace"))
        assert cli("replay", compaction, "--from", "e").out.rstrip("\n") == "".join(found["continuation"]["symbols"]).rstrip(
            "\n"
        )
        last = found
    assert json.loads(cli("replay", "none", "--from", "e", "--json").out) == last
    assert traces[0] != traces[1]


def test_what_is_not_stored_is_said_and_nothing_is_made_up(cli, told):
    outcome = cli("replay", "here", "--from", "the catch")
    assert (outcome.code, outcome.out) == (2, "")
    assert outcome.err == (
        "error: here: 'the catch' is not stored in any of 7 episodes; its longest beginning that is: 'the cat'; its longest end that is: 'h';"
        " allowed: symbols of one episode as chipsim replay here prints them\n"
    )
    assert "no beginning of it is; its longest end that is: 'he cat'" in cli("replay", "here", "--from", "Xhe cat").err
    assert cli("replay", "here", "--from", "q", "--json").code == 2


@pytest.mark.parametrize(
    ("words", "why"),
    [
        (("--length", "3"), "--length without --from"),
        (("--all",), "--all without --from"),
        (("--trace",), "--trace without --from"),
        (("--from", ""), "--from: no symbol"),
        (("--from", "a", "--all", "--trace"), "--all and --trace"),
        (("--from", "a", "--episode", "7"), "no episode 7; allowed: 0 to 6"),
    ],
)
def test_contradictions_are_refused(cli, told, words, why):
    outcome = cli("replay", "here", *words)
    assert (outcome.code, outcome.out) == (2, "")
    assert why in outcome.err and "allowed: " in outcome.err


def test_open_episodes_are_not_searched(cli, small):
    cli(*small, "--set", "workload.layers=1", "--set", "until=10 ms", "--out", "here")
    assert cli("replay", "here", "--from", "e").err.splitlines()[-1] == "cannot be replayed, so not searched: 1 more"
    assert json.loads(cli("replay", "here", "--from", "e", "--json").out)["not_replayable"] == [5]
    cli(*small, "--set", "workload.episode=4096", "--set", "until=10 ms", "--out", "none")
    outcome = cli("replay", "none", "--from", "e")
    assert outcome.code == 2
    assert "none: no whole episode is stored; allowed: a run that stored one" in outcome.err


# -- logs --------------------------------------------------------------------------------------------------------------------


@pytest.fixture
def log(cli):
    """A run of the shipped log; its events as replay prints them."""
    assert cli("run", "log-sample", "--no-report", "--out", "log").code == 0
    return cli("replay", "log").out.splitlines()


def test_a_log_goes_on_by_field_values(cli, log):
    outcome = cli("replay", "log", "--from", "user=bob")
    first, *rest = outcome.out.splitlines()
    at = next(
        n
        for n, line in enumerate(log)
        if line.endswith(f"user=bob\t{first.split(chr(9))[1]}") and line.split("\t")[0] == first.split("\t")[0]
    )
    assert log[at + 1 : at + 1 + len(rest)] == rest, "not the events that follow there"
    assert "'user=bob' is stored 5 times, in 2 of 2 episodes; next: 'source=198.51.100.7' 4," in outcome.err
    within = cli("replay", "log", "--from", "user=backup source=192.0.2.200 \t\n user=backup", "--length", "2").out
    assert within == f"{log[1].replace('user=backup', '').replace(chr(9) * 2, chr(9))}\n{log[2].rsplit(chr(9), 1)[0]}\n"
    traced = cli("replay", "log", "--from", "user=bob", "--length", "3", "--trace").out.splitlines()
    assert [line.split("\t")[0][1:5] for line in traced] == ["sour", "user", "sour"]
    assert json.loads(cli("replay", "log", "--from", "user=bob", "--json").out)["from"] == ["user=bob"]


def test_values_that_no_event_has_are_named(cli, log):
    outcome = cli("replay", "log", "--from", "user=bob usr=bob")
    assert outcome.code == 2
    assert (
        "error: log: no event that the run saw has 'usr=bob' (did you mean 'user=bob'?); allowed: field values" in outcome.err
    )
    assert "'user=bob user=bob' is not stored in any of 2 episodes" in cli("replay", "log", "--from", "user=bob user=bob").err
    Path("log/names.json").unlink()
    outcome = cli("replay", "log", "--from", "2 3", "--length", "1")
    assert outcome.code == 0
    assert "field values are shown as their codes" in outcome.err
    assert (
        "allowed: field values apart by blanks as chipsim replay prints them, whole numbers"
        in cli("replay", "log", "--from", "user=bob").err
    )


def test_values_may_have_blanks(cli):
    rows = ["time,who,what", "1,a b,x", "2,a,x y", "3,a b,x", "4,a,x"]
    Path("mine.csv").write_text("\n".join(rows) + "\n", encoding="utf-8")
    sets = ("path=mine.csv", "format=csv", "fields=[who, what]", "only={}", "learned=0", "symbols=4")
    words = [word for one in sets for word in ("--set", f"workload.{one}")]
    assert cli("run", "log-sample", *words, "--no-report", "--out", "csv").code == 0, cli("run", "log-sample", *words).err
    found = json.loads(cli("replay", "csv", "--from", "who=a b what=x who=a", "--json").out)
    assert found["from"] == ["who=a b", "what=x", "who=a"]
    assert [one["symbol"] for one in found["next"]] == ["what=x", "what=x y"]
