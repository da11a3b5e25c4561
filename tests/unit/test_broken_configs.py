"""Broken descriptions: each gives one clear message with its place, and never a traceback."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

from chipsim.config import load_experiment
from chipsim.errors import ChipsimError, ConfigError, UsageError

GOOD = """\
chip: mesh-16
workload:
  kind: text
  source: docs-topics
  symbols: 100
  rate: "5 kHz"
mapping: {partitioner: metis, placer: hilbert}
seed: 1
"""


def test_the_unbroken_description_is_accepted(tmp_path: Path) -> None:
    (tmp_path / "good.yaml").write_text(GOOD)
    assert load_experiment(str(tmp_path / "good.yaml")).name == "good"


@dataclass(frozen=True)
class Broken:
    """One line of GOOD replaced (or one added at the end), the place of the message and what it says."""

    name: str
    line: int
    text: str
    place: str
    said: tuple[str, ...]


EXPERIMENTS = [
    Broken("key typo", 1, "chpi: mesh-16", "1:1", ("chpi: unknown key (did you mean 'chip'?)", "chip: missing")),
    Broken("nested key typo", 5, "  symbls: 100", "5:3", ("workload.symbls: unknown key (did you mean 'symbols'?)",)),
    Broken("key of another place", 8, "router: ideal", "8:1", ("router: unknown key; there is chip.noc.router",)),
    Broken("chip name typo", 1, "chip: mesh-61", "1:7",
           ("chip: no chip called 'mesh-61'", "did you mean 'mesh-16'", "altai-256")),
    Broken("chip file missing", 1, "chip: ./my.yaml", "1:7", ("my.yaml: no such file", "broken.yaml")),
    Broken("chip is a number", 1, "chip: 16", "1:7", ("chip: found number 16; allowed: the name of a shipped chip",)),
    Broken("chip is null", 1, "chip:", "1:6", ("chip: found nothing (null)",)),
    Broken("chip is a list", 1, "chip: [mesh-16]", "1:7", ("chip: found a list",)),
    Broken("chip is an experiment", 1, "chip: ./broken.yaml", "1:7", ("broken.yaml describes an experiment, not a chip",)),
    Broken("base is null", 1, "chip: {base: null}", "1:14", ("chip.base: allowed: the name of a shipped chip",)),
    Broken("base typo", 1, "chip: {base: altai}", "1:14", ("no chip called 'altai'", "altai-256")),
    Broken("overlay typo", 1, "chip: {base: mesh-16, noc: {widht: 3}}", "1:29", ("chip.noc.widht", "did you mean 'width'")),
    Broken("link latency twice", 1, 'chip: {base: mesh-16, noc: {link_latency: "1 ns", link_latency_ew: "2 ns"}}', "1:29",
           ("stands for both directions",)),
    Broken("unknown workload", 3, "  kind: txet", "3:9",
           ("workload.kind: unknown kind 'txet' (did you mean 'text'?)", "text, log")),
    Broken("kind missing", 3, "  layers: 8", "3:3", ("workload: no kind given; allowed: text, log",)),
    Broken("kind is a list", 3, "  kind: [text]", "3:9", ("workload.kind: unknown kind",)),
    Broken("text unknown", 4, "  source: docs-topic", "4:11", ("no text called 'docs-topic'", "did you mean 'docs-topics'")),
    Broken("path and source", 4, "  source: docs-topics\n  path: a.txt", "5:9", ("both of source and path given",)),
    Broken("neither path nor source", 4, "  layers: 8", "3:3", ("neither of source and path given", "docs-topics")),
    Broken("text as a number", 5, "  symbols: many", "5:12", ("workload.symbols: found text 'many'; allowed: a whole number",)),
    Broken("number in quotes", 5, '  symbols: "100"', "5:12", ("found text '100'; allowed: a whole number",)),
    Broken("float for a count", 5, "  symbols: 1e-12", "5:12", ("found number 1e-12; allowed: a whole number",)),
    Broken("on is text", 5, "  symbols: on", "5:12", ("found text 'on'; allowed: a whole number",)),
    Broken("true is no number", 5, "  symbols: true", "5:12", ("found true; allowed: a whole number",)),
    Broken("negative", 5, "  symbols: -3", "5:12", ("found number -3; allowed: at least 1",)),
    Broken("zero", 5, "  symbols: 0", "5:12", ("found number 0; allowed: at least 1",)),
    Broken("too large", 5, "  symbols: 99999999999999", "5:12", ("allowed: at most 1099511627776",)),
    Broken("beyond int64", 5, "  symbols: 99999999999999999999", "5:12", ("too large; allowed: -2^63 to 2^63 - 1",)),
    Broken("missing key", 1, "name: mine", "1:1", ("chip: missing",)),
    Broken("rate without a unit", 6, "  rate: 5000", "6:9", ("workload.rate: 5000 has no unit", '"5 kHz"', '"saturate"')),
    Broken("rate with a wrong unit", 6, '  rate: "5 khz"', "6:9", ("'khz' is not a unit of rate (did you mean 'kHz'?)",)),
    Broken("rate of nothing", 6, '  rate: "0 Hz"', "6:9", ("out of range",)),
    Broken("rate of a log", 6, "  rate: source", "6:9", ("'source' is not a rate",)),
    Broken("layers", 6, "  layers: 13", "6:11", ("workload.layers: found number 13; allowed: at most 12",)),
    Broken("episode", 6, "  episode: 5000", "6:12", ("at most 4096",)),
    Broken("match", 6, "  match: assoziative", "6:10", ("did you mean 'associative'", "associative, keyed")),
    Broken("partitioner", 7, "mapping: {partitioner: mets}", "7:24", ("did you mean 'metis'", "streaming, metis, sequential, random")),
    Broken("fill", 7, "mapping: {fill: 1.5}", "7:17", ("mapping.fill: found number 1.5; allowed: at most 1",)),
    Broken("fill of infinity", 7, "mapping: {fill: .inf}", "7:17", ("mapping.fill: .inf is not a finite number",)),
    Broken("file and seed", 7, "mapping: {seed: 2, file: m.npz}", "7:26", ("file and seed given",)),
    Broken("mapping is text", 7, "mapping: metis", "7:10",
           ("mapping: found text 'metis'; allowed: a mapping with the keys partitioner",)),
    Broken("seed is null", 8, "seed: null", "8:7", ("seed: found nothing (null); allowed: a whole number",)),
    Broken("seed is negative", 8, "seed: -1", "8:7", ("at least 0",)),
    Broken("engine", 8, "engine: fast", "8:9", ("auto, golden, reference, compiled",)),
    Broken("until without a unit", 8, "until: 1e-3", "8:8", ("until: 0.001 has no unit", "ps, ns, us, ms, s")),
    Broken("until of zero", 8, 'until: "0 ms"', "8:8", ("allowed: at least 1 ps",)),
    Broken("until too late", 8, 'until: "107 d"', "8:8", ("'d' is not a unit of time",)),
    Broken("until beyond int64", 8, 'until: "9300000 s"', "8:8", ("too large", "106 days")),
    Broken("probe", 8, "probes: [spikes, packet]", "8:18", ("probes.1: found text 'packet' (did you mean 'packets'?)",)),
    Broken("probes as text", 8, "probes: spikes", "8:9", ("probes: found text 'spikes'; allowed: a list",)),
    Broken("fault kind", 8, "faults: [{kind: lose}]", "8:17", ("faults.0.kind: unknown kind 'lose'", "lose_message, flip_bit")),
    Broken("fault message", 8, "faults: [{kind: lose_message, message: anser, number: 1}]", "8:40", ("did you mean 'answer'",)),

    Broken("fault off the chip", 8, 'faults: [{kind: flip_bit, at: "1 ns", core: 16, slot: 0, pair: 0, bit: 0, field: id}]',
           "8:45", ("faults.0.core: found 16; allowed: 0 to 15",)),
    Broken("name with a slash", 8, "name: a/b", "8:7", ("name: found text 'a/b'",)),
    Broken("duplicate key", 8, "chip: altai-256", "8:1", ("chip: key given twice; it stands first at line 1",)),
    Broken("tab", 5, "\tsymbols: 100", "5:1", ("indent with spaces, not with a tab",)),
    Broken("colon in plain text", 4, "  path: a: b", "4:10", ("mapping values are not allowed here",)),
    Broken("merge key", 8, "<<: {seed: 1}", "8:1", ("<<: unknown key",)),
    Broken("unclosed list", 8, "probes: [spikes", "9:1", ("not well-formed YAML",)),
    Broken("foreign tag", 8, "seed: !!python/object/apply:os.getpid []", "8:7", ("is not allowed",)),
]  # fmt: skip


@pytest.mark.parametrize("case", EXPERIMENTS, ids=lambda case: case.name.replace(" ", "-"))
def test_a_broken_experiment_is_refused_where_it_is_broken(case: Broken, tmp_path: Path) -> None:
    lines = GOOD.splitlines()
    lines[case.line - 1] = case.text
    path = tmp_path / "broken.yaml"
    path.write_text("\n".join(lines) + "\n")
    message = refused(path)
    assert f"{path}:{case.place}: " in message
    for part in case.said:
        assert part in message


@dataclass(frozen=True)
class BrokenChip:
    """A passage of the shipped mesh-16 replaced; the message points at ``at`` in what replaces it."""

    name: str
    old: str
    new: str
    at: str
    said: tuple[str, ...]


CHIPS = [
    BrokenChip("width typo", "width: 4", "widht: 4", "widht",
           ("chip.noc.widht: unknown key (did you mean 'width'?)", "chip.noc.width: missing")),
    BrokenChip("width 0", "width: 4", "width: 0", "0", ("chip.noc.width: found number 0; allowed: at least 1",)),
    BrokenChip("width huge", "width: 4", "width: 70000", "70000", ("at most 65536",)),
    BrokenChip("topology", "topology: mesh", "topology: moebius", "moebius", ("found text 'moebius'; allowed: mesh, torus, ring",)),
    BrokenChip("router", "router: queued", "router: queue", "queue", ("did you mean 'queued'", "ideal, queued")),
    BrokenChip("version", "spec_version: 1", "spec_version: 2", "2", ("spec_version: found number 2; allowed: 1",)),
    BrokenChip("zero delay", '{value: "4.1 ns"', '{value: "0 ns"', '"0 ns"',
           ("link_latency_ew.value: '0 ns' is a delay of 0 between components",)),
    BrokenChip("negative delay", '{value: "2.3 ns"', '{value: "-2.3 ns"', '"-2.3 ns"',
           ("is negative; allowed: at least 1 ps",)),
    BrokenChip("part of a ps", '{value: "6.5 ns"', '{value: "6.5001 ns"', '"6.5001 ns"', ("not a whole number of ps",)),
    BrokenChip("bare number", '{value: "1.1 ns"', "{value: 1.1", "1.1", ("flit_time.value: 1.1 has no unit",)),
    BrokenChip("energy for time", '{value: "3.7 ns"', '{value: "3.7 pJ"', '"3.7 pJ"', ("'pJ' is not a unit of time",)),
    BrokenChip("negative energy", '{value: "79 pJ"', '{value: "-79 pJ"', '"-79 pJ"', ("out of range; allowed: 0 pJ to 1 J",)),
    BrokenChip("grade", "grade: assumed", "grade: guessed", "guessed", ("published, measured, derived, assumed, unknown",)),
    BrokenChip("unknown with a value", "grade: assumed", "grade: unknown", '"4.1 ns"', ("grade unknown goes with value null",)),
    BrokenChip("null with a grade", 'value: "4.1 ns"', "value: null", "null", ("grade unknown goes with value null",)),
    BrokenChip("no source", 'source: "made up for tests", proxy: "Loihi 1, tile hop east-west"', 'source: ""', '""',
           ("found empty text",)),
    BrokenChip("outside its range", 'range: ["1.5 ns", "15 ns"]', 'range: ["5 ns", "15 ns"]', '["5 ns"',
           ("outside its range",)),
    BrokenChip("source of no range", 'range: ["1.5 ns", "15 ns"]', "range_source: a paper", "a paper",
           ("the source of a range that is not given",)),
    BrokenChip("range of one", 'range: ["1.5 ns", "15 ns"]', 'range: ["1.5 ns"]', '["1.5 ns"]', ("link_latency_ew.range",)),
    BrokenChip("memory", 'memory: "8 KiB"', 'memory: "8 KB"', '"8 KB"', ("did you mean 'KiB'",)),
    BrokenChip("no memory", 'memory: "8 KiB"', 'memory: "0 B"', '"0 B"', ("allowed: 1 bit to 128 GiB",)),
    BrokenChip("tick missing", "pace: event", "pace: tick", "null", ("chip.core.tick: no period for pace",)),
    BrokenChip("host off the chip", "tile: 0", "tile: 16", "16",
           ("chip.host.tile: found 16 on a chip of 16 tiles; allowed: 0 to 15",)),
    BrokenChip("provenance of nothing", "core.axons: {grade", "core.axon: {grade", "{grade",
           ("'core.axon' is no number of this chip",)),
    BrokenChip("too many cores", "concentration: 1", "concentration: 65", "65", ("at most 64",)),
    BrokenChip("constant missing", "  tile: 0\n  latency: {value", "  tile: 0\n  latencz: {value", "latencz",
           ("did you mean 'latency'", "chip.host.latency: missing")),
]  # fmt: skip


@pytest.mark.parametrize("case", CHIPS, ids=lambda case: case.name.replace(" ", "-"))
def test_a_broken_chip_is_refused_where_it_is_broken(case: BrokenChip, tmp_path: Path, root: Path) -> None:
    text = (root / "configs/chips/mesh-16.yaml").read_text()
    begin = text.index(case.old)
    text = text[:begin] + case.new + text[begin + len(case.old) :]
    chip = tmp_path / "chip.yaml"
    chip.write_text(text)
    path = tmp_path / "broken.yaml"
    path.write_text(GOOD.replace("mesh-16", "./chip.yaml"))
    message = refused(path)
    place = text.index(case.at, max(0, begin - len("{value: ") - len(case.at)) if case.at not in case.new else begin)
    line, column = text.count("\n", 0, place) + 1, place - (text.rfind("\n", 0, place) + 1) + 1
    assert f"{chip}:{line}:{column}: " in message
    for part in case.said:
        assert part in message


def _bytes(data: bytes) -> Callable[[Path], None]:
    return lambda path: path.write_bytes(data) and None


FILES: list[tuple[str, Callable[[Path], object], str]] = [
    ("missing", lambda path: None, "no such file"),
    ("folder", lambda path: path.mkdir(), "is a folder"),
    ("pipe", os.mkfifo, "is not a regular file"),
    ("dangling-link", lambda path: path.symlink_to("nowhere"), "a link that leads nowhere"),
    ("ring-of-links", lambda path: path.symlink_to(path.name), "a link that leads nowhere"),
    ("empty", _bytes(b""), "is empty; allowed: a mapping"),
    ("comment-only", _bytes(b"# nothing\n"), "is empty"),
    ("list", _bytes(b"- chip\n"), "is not a mapping"),
    ("text", _bytes(b"chip\n"), "is not a mapping"),
    ("a-chip", _bytes(b"noc: {width: 3}\n"), "describes a chip, not an experiment"),
    ("binary", _bytes(b"\x7fELF\x02\x01\x01\x00" + bytes(range(256))), "not UTF-8 text (byte 136)"),
    (
        "utf-16",
        _bytes("chip: mesh-16".encode("utf-16")),
        "not a description in YAML, but text in UTF-16; write it again as UTF-8",
    ),
    ("latin-1", _bytes(b"# ok\n# caf\xe9\nchip: x\n"), ":2:6: not UTF-8 text (byte 10)"),
    ("nul", _bytes(b"chip: a\x00b\n"), ":1:8: found a character that YAML does not allow (U+0000)"),
    ("one-line-of-10-MB", _bytes(b"a" * 10_000_000), "larger than 1,000,000 bytes"),
    ("deep", _bytes(b"[" * 900_000), "nested more than 40 levels"),
    ("two-documents", _bytes(b"chip: a\n---\nchip: b\n"), ":2:1: not well-formed YAML: a second document"),
    ("self", _bytes(b"chip: &a {b: *a}\n"), ":1:7: chip.b: an alias that contains itself"),
]


@pytest.mark.parametrize(("make", "said"), [case[1:] for case in FILES], ids=[case[0] for case in FILES])
def test_a_file_that_is_no_description_is_refused(make: Callable[[Path], object], said: str, tmp_path: Path) -> None:
    path = tmp_path / "broken.yaml"
    make(path)
    message = refused(path)
    assert message.startswith(f"{path}")
    assert said in message


def test_a_ring_of_chips_is_refused(tmp_path: Path) -> None:
    (tmp_path / "a.yaml").write_text("base: ./b.yaml\n")
    (tmp_path / "b.yaml").write_text("base: ./a.yaml\n")
    (tmp_path / "broken.yaml").write_text(GOOD.replace("mesh-16", "./a.yaml"))
    assert "is it a ring?" in refused(tmp_path / "broken.yaml")


@pytest.mark.parametrize(
    ("setting", "code", "said"),
    [
        ("chip.noc.router", 2, "path=value"),
        ("=5", 2, "path=value"),
        ("chip..noc=5", 2, "path=value"),
        ("", 2, "path=value"),
        ("probes=[1, 2", 2, "not well-formed YAML"),
        ("workload.path=a: b", 3, "workload.path: found a mapping; allowed: text"),
        ("workload.path='a", 2, "put the value in quotes"),
        ("chip.noc.ruoter=ideal", 3, "chip.noc.ruoter: unknown key (did you mean 'router'?)"),
        ("noc.router=ideal", 3, "noc: unknown key; there is chip.noc"),
        ("chip.noc.router=idael", 3, "did you mean 'ideal'"),
        ("chip.noc.link_latency=5", 3, "chip.noc.link_latency_ew: 5 has no unit"),
        ("chip.noc.link_latency_ew.valu=5 ns", 3, "did you mean 'value'"),
        ("chip.noc.link_latency_ew.value=0 ns", 3, "is a delay of 0 between components"),
        ("seed.x=3", 3, "seed is a plain value (1) and has no keys"),
        ("faults.0.kind=flip_bit", 3, "faults"),
        ("probes.3=spikes", 3, "no such item of the list"),
        ("chip=mesh-17", 3, "did you mean 'mesh-16'"),
        ("chip=./none.yaml", 3, "no such file"),
        ("workload.path=", 3, "neither of source and path given"),
        ("workload=log", 3, "workload: found text 'log'; allowed: a mapping"),
        ("chip.noc=3", 3, "chip.noc: found number 3; allowed: a mapping with the keys topology"),
        ("symbols=3", 3, "symbols: unknown key; there is workload.symbols"),
        ("chip.provenance={core.x: {grade: published, source: me}}", 3, "'core.x' is no number"),
        ("workload.path=~nobody-of-this-name/x", 3, "workload.path"),
    ],
)
def test_a_broken_setting_is_refused_and_named(setting: str, code: int, said: str) -> None:
    with pytest.raises(ChipsimError) as caught:
        load_experiment("text-small", [setting])
    assert type(caught.value) is {2: UsageError, 3: ConfigError}[code]
    assert caught.value.exit_code == code
    assert "--set" in str(caught.value)
    assert said in str(caught.value)


@pytest.mark.parametrize(
    "name", ["txt", "Text", "", "a\0b", "text.yml", "x" * 5000, "./" + "x" * 5000, "~nobody-of-this-name/x"]
)
def test_a_broken_name_is_refused(name: str) -> None:
    if name == "":
        assert load_experiment(name).name == "text"
        return
    with pytest.raises(ConfigError) as caught:
        load_experiment(name)
    assert "\n" not in str(caught.value)


def test_several_problems_are_told_at_once_a_line_each(tmp_path: Path) -> None:
    path = tmp_path / "broken.yaml"
    path.write_text(GOOD.replace("symbols: 100", "symbols: x").replace("seed: 1", "seed: y").replace("metis", "z"))
    lines = refused(path).splitlines()
    assert [line.removeprefix(f"{path}:").split(": ")[:2] for line in lines] == [
        ["5:12", "workload.symbols"],
        ["7:24", "mapping.partitioner"],
        ["8:7", "seed"],
    ]


def test_very_many_problems_are_cut_short(tmp_path: Path) -> None:
    path = tmp_path / "broken.yaml"
    path.write_text(GOOD + "".join(f"k{n}: 1\n" for n in range(500)))
    assert refused(path).splitlines()[12] == "and 488 more problems"


def refused(path: Path) -> str:
    """Message with which a file is refused; checks class, exit code and size."""
    with pytest.raises(ConfigError) as caught:
        load_experiment(str(path))
    assert caught.value.exit_code == 3
    message = str(caught.value)
    assert "Traceback" not in message
    assert "pydantic" not in message
    assert len(message) < 6000
    return message


@pytest.mark.parametrize(
    ("setting", "said"),
    [
        ("workload.recursive={networks: 2, delay: 8}", ["workload.recursive.delay: found number 8; allowed: at most 7"]),
        ("workload.recursive=6", ["workload.recursive: found number 6; allowed: at most 5"]),
        ("workload.listeners=[{layer: 1}, {layer: x}]",
         ["workload.listeners.1.layer: found text 'x'; allowed: a whole number"]),
        ("workload.recursive=true",
         ["workload.recursive: found true; allowed: a whole number",
          "workload.recursive: found true; allowed: a mapping with the keys networks, scale, delay, linked"]),
    ],
)  # fmt: skip
def test_of_a_key_that_may_hold_several_kinds_of_value_the_kind_that_is_given_is_judged(setting: str, said: list[str]) -> None:
    with pytest.raises(ConfigError) as caught:
        load_experiment("text-small", [setting])
    assert str(caught.value).splitlines() == [f"--set {setting}: {line}" for line in said]
