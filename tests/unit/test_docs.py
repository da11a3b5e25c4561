"""What the documentation says is held against the code: its examples run, its files, commands, keys, columns, sizes and constants exist."""

from __future__ import annotations

import os
import re
import shlex
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import typer.main

from chipsim.cli.app import app, main
from chipsim.config.describe import experiment_keys
from chipsim.config.load import load_chip, load_experiment
from chipsim.engines.base import Watch
from chipsim.engines.reference import Run
from chipsim.machine.message import ROW
from chipsim.network.memory import widths_of
from chipsim.pipeline import load, make_mapping, make_plan, simulate
from chipsim.results.tables import constant_table
from tests.needs import missing, needs, require
from tests.own import replace_own

ROOT = Path(__file__).resolve().parents[2]
DOCS = ROOT / "docs"
PAGES = sorted([*ROOT.glob("*.md"), *DOCS.rglob("*.md")])
TOP = "chipsim|nsn_mapping|workloads|reports|tests|configs|docs"

pages = pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))


def fenced(page: Path, language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```", page.read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL)


def table(page: Path, first: str) -> list[list[str]]:
    """Rows of the Markdown table whose header begins with a word, cells stripped of blanks and backquotes."""
    text = page.read_text(encoding="utf-8")
    found = re.search(rf"^\| {re.escape(first)} \|.*\n\|[-|]+\|\n((?:\|.*\n?)+)", text, re.MULTILINE)
    assert found, f"{page}: no table begins with {first!r}"
    return [[cell.strip().strip("`") for cell in line.strip("|").split(" | ")] for line in found[1].splitlines()]


def taken_out(path: str) -> bool:
    """Whether a path leads into the folder of a program that is not there."""
    return bool(missing([path.partition("chipsim/programs/")[2].partition("/")[0]]))


# -- examples, files, commands -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "page", [page for page in PAGES if fenced(page, "python")], ids=lambda page: str(page.relative_to(ROOT))
)
@needs("nsn", "snn", "packets")
def test_python_examples_run(page: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    names: dict[str, Any] = {}
    for block in fenced(page, "python"):
        exec(compile(block, str(page), "exec"), names)


def test_pages_that_promise_examples_have_some() -> None:
    for name in ("README.md", "docs/model.md", "docs/nsn.md", "docs/energy-and-claim.md"):
        assert any("assert " in block for block in fenced(ROOT / name, "python")), name


@pages
def test_links_lead_somewhere(page: Path) -> None:
    for target in re.findall(r"\]\(([^)#\s]+)", page.read_text(encoding="utf-8")):
        if not target.startswith("https://"):
            assert (page.parent / target).exists() or taken_out(target), f"{page}: {target}"


@pages
def test_files_named_exist(page: Path) -> None:
    for name in re.findall(rf"`((?:{TOP})/[\w./-]*)`", page.read_text(encoding="utf-8")):
        assert (ROOT / name).exists() or taken_out(name), f"{page}: {name}"


def test_pages_show_what_is_held_against_the_code() -> None:
    """Were they written another way, the tests above and below would look at nothing."""
    text = "".join(page.read_text(encoding="utf-8") for page in PAGES)
    assert len(re.findall(r"\]\(([^)#\s]+)", text)) > 50
    assert len(re.findall(rf"`((?:{TOP})/[\w./-]*)`", text)) > 50
    assert len(re.findall(r"--set '?([\w.]+)=", text)) > 20
    assert sum(len(list(command_lines(page))) for page in PAGES) > 40


def commands() -> dict[str, set[str]]:
    """Options of every command."""
    group: Any = typer.main.get_command(app)
    return {
        name: {option for parameter in command.params for option in [*parameter.opts, *parameter.secondary_opts]}
        for name, command in group.commands.items()
    }


def command_lines(page: Path) -> Iterator[tuple[str, list[str]]]:
    """Commands of chipsim that a page shows in code: name, words behind it."""
    text = page.read_text(encoding="utf-8")
    code = [
        *re.findall(r"`([^`\n]+)`", text),
        *"\n".join(fenced(page, "sh")).splitlines(),
        *re.findall(r"^ {4}(.*)$", text, re.M),
    ]
    for line in code:
        words = line.split("#")[0].split()
        if len(words) > 1 and words[0].removeprefix(".venv/bin/") == "chipsim":
            yield words[1], words[2:]


@pages
def test_commands_and_options_exist(page: Path) -> None:
    known = commands()
    for name, words in command_lines(page):
        if name.startswith("-"):
            assert name in ("--help", "--version"), f"{page}: chipsim {name}"
            continue
        assert name in known, f"{page}: chipsim {name}"
        for word in words:
            if word.startswith("-"):
                assert word in known[name], f"{page}: chipsim {name} {word}"


@pages
def test_settings_shown_are_keys(page: Path) -> None:
    keys = {re.sub(r"\[\w+\]", "", key.path) for key in experiment_keys()}
    for key in re.findall(r"--set '?([\w.]+)=", page.read_text(encoding="utf-8")):
        assert key in keys or key in ("chip", "path"), f"{page}: --set {key}"


def test_readme_shows_every_command() -> None:
    shown = {name for name, _ in command_lines(ROOT / "README.md")}
    assert set(commands()) - shown <= {"schema"}


def test_every_decision_is_listed() -> None:
    listed = re.findall(r"\]\((\d{3}-[\w-]+\.md)\)", (DOCS / "decisions/README.md").read_text(encoding="utf-8"))
    assert listed == sorted(page.name for page in (DOCS / "decisions").glob("[0-9]*.md"))


# -- numbers -----------------------------------------------------------------------------------------------------------------


@needs("nsn")
def test_sizes_of_a_sleep() -> None:
    from chipsim.network import memory
    from chipsim.programs.nsn import sleep_messages
    from chipsim.programs.nsn.messages import ASK, MADE, MAKE, message_bits

    w = widths_of(256, 512)
    asked, told = sleep_messages.asked_bits(w, False), sleep_messages.told_bits(w, False)
    rows = {row[0].split(":")[0].strip("` "): row[-1] for row in table(DOCS / "nsn.md", "operation")}
    head = message_bits(w, ASK)
    for name, bits in rows.items():
        if name == "make":
            assert bits == str(message_bits(w, MAKE))
        elif name == "made":
            assert bits == str(message_bits(w, MADE))
        else:
            operation = getattr(sleep_messages, name.upper())
            assert bits == f"{head + asked[operation]}, {head + told[operation]}", name
    assert len(rows) == sleep_messages.OPERATIONS - 1 + 2
    text = (DOCS / "nsn.md").read_text(encoding="utf-8")
    for bits in (memory.note_bits(w), memory.name_bits(w), memory.counter_bits(w), memory.tape_bits(w)):
        assert f"| {bits} |" in text
    assert f"| {memory.sleeper_bits(w, 256, 72):,} |" in text


@needs("nsn")
def test_message_sizes() -> None:
    from chipsim.programs.nsn.messages import ALERT, ANSWER, FIND_KEEPER, GROW, NAMES, RECORDED, message_bits

    small, large = widths_of(16, 64), widths_of(256, 512)
    rows = table(DOCS / "nsn.md", "kind")
    kinds = [*range(1, ALERT + 1), *range(FIND_KEEPER, RECORDED + 1)]
    assert [row[0] for row in rows] == [NAMES[kind] for kind in kinds]
    for kind, row in zip(kinds, rows, strict=True):
        pairs = 8 if kind == GROW else 0
        bits = message_bits(large, kind, pairs)
        assert [int(cell) for cell in row[3:]] == [message_bits(small, kind, pairs), bits, -(-bits // 32)], row[0]
    for row in table(DOCS / "nsn.md", "of a contest"):
        bits = message_bits(large, NAMES.index(row[0]))
        assert [int(cell) for cell in row[3:]] == [message_bits(small, NAMES.index(row[0])), bits, -(-bits // 32)], row[0]
    text = (DOCS / "nsn.md").read_text(encoding="utf-8")
    assert f"together {message_bits(widths_of(256, 512, misses=True, strays=True), ANSWER)} bits on altai-256, 6 flits" in text


def test_memory_sizes() -> None:
    from chipsim.network import memory

    w = widths_of(256, 512)
    bits = [
        memory.neuron_bits(w, 0),
        memory.neuron_bits(w, 1) - memory.neuron_bits(w, 0),
        memory.match_state_bits(w),
        memory.match_state_bits(widths_of(256, 512, misses=True, strays=True)),
        memory.row_bits(w),
        memory.axon_bits(w),
        memory.forward_bits(w),
        memory.keyed_bits(w, grows=False),
        memory.keyed_bits(w),
        memory.item_bits(w),
        memory.record_bits(w),
        memory.first_record_bits(w),
        w.core,
        memory.residual_bits(w),
        memory.substitutions_bits(w, 1, 0),
        memory.substitutions_bits(w, 0, 1),
    ]
    assert [int(row[1]) for row in table(DOCS / "nsn.md", "thing")] == bits


@needs("nsn")
@pytest.mark.parametrize(("router", "column"), [("ideal", 1), ("queued", 3)])
def test_timeline_of_two_packets(router: str, column: int) -> None:
    from chipsim.programs.nsn.messages import GROW

    rows = table(DOCS / "model.md", "moment")
    prepared = load(load_experiment("text-small", ["workload.learned=0", "workload.symbols=1", f"chip.noc.router={router}"]))
    plan = make_plan(prepared, make_mapping(prepared))
    nothing = np.zeros(0, np.int64)
    plan = replace_own(plan, code=nothing, time=nothing, flags=nothing, event=nothing, offer=nothing)
    run = Run(plan, Watch(frozenset({"packets"})))
    # GROW with 2 and with 1 pairs has 3 and 2 flits on this chip; what the core does with them is of no interest here
    for pairs in (2, 1):
        vector = [word for p in range(pairs) for word in (p, 0)]
        row = [GROW, 5, 1, 2 - pairs, 0, pairs, 0, *vector]
        run.program.release(0, [tuple(row + [0] * (ROW - len(row)))])
    while len(run.records.packets) < 2:
        run.env.step()
    packets = sorted(run.records.packets, key=lambda packet: packet[5])
    assert [packet[6] for packet in packets] == [3, 2]
    assert [packet[7] for packet in packets] == [2, 2]
    told = [round(float(cell.removesuffix(" ns")) * 1000) for cell in rows[-1][column : column + 2]]
    assert [packet[1] for packet in packets] == told
    # the moments in between follow from one another
    noc = prepared.experiment.chip.noc
    steps = [noc.local_latency.value, 0, noc.link_latency_ew.value, noc.link_latency_ns.value]
    for packet in (column, column + 1):
        moments = [round(float(row[packet].removesuffix(" ns")) * 1000) for row in rows]
        assert np.diff(moments[:-1]).tolist() == steps


def test_constants_of_altai() -> None:
    constants = constant_table(load_chip("altai-256"))
    expected = [list(map(str, row)) for row in zip(*constants.values(), strict=True)]
    assert table(DOCS / "energy-and-claim.md", "constant") == expected


def test_every_key_is_in_the_formats() -> None:
    text = (DOCS / "formats.md").read_text(encoding="utf-8")
    keys = {re.sub(r"\[\w+\]", "", key.path) for key in experiment_keys()}
    told = set(re.findall(r"^\| `((?:\w+\.)*\w+)` \|.*\|.*\|.*\|$", text, re.MULTILINE))
    assert keys <= told, sorted(keys - told)
    assert {key for key in told if key.startswith(("chip.", "workload.", "mapping.", "faults."))} <= keys


def words_of(page: Path) -> set[str]:
    """Words that stand in code within the lines of a page."""
    text = re.sub(r"^```.*?^```", "", page.read_text(encoding="utf-8"), flags=re.MULTILINE | re.DOTALL)
    return {word for code in re.findall(r"`([^`]+)`", text) for word in re.split(r"[\s,.()]+", code)}


def key_names(value: object) -> Iterator[str]:
    if isinstance(value, dict):
        for key, inner in value.items():
            yield str(key)
            yield from key_names(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from key_names(inner)


@pytest.fixture(scope="module")
def log_run() -> Any:
    require("nsn")
    return simulate(load_experiment("log-sample", ["probes=[packets, spikes]"]))


def test_every_key_of_a_summary_is_explained(log_run: Any) -> None:
    explained = words_of(DOCS / "formats.md") | words_of(DOCS / "claim.md")
    summary = log_run.summary | {
        "counts": {key: value for key, value in log_run.summary["counts"].items() if key != "messages"}
    }
    assert set(key_names(summary)) - explained == set()


def test_every_column_is_explained(log_run: Any) -> None:
    rows = {row[0].split("`")[0]: row[1] for row in table(DOCS / "formats.md", "table")}
    for name, columns in log_run.tables.items():
        told = set(re.split(r"[\s`;,:()]+", rows[name]))
        if name == "layers":
            told = words_of(DOCS / "formats.md")
        fields = {"user", "source", "new_user", "new_source", "new_user_source"} if name == "events" else set()
        assert set(columns) - fields <= told, name


def test_claim_keys_are_explained(log_run: Any) -> None:
    text = (DOCS / "claim.md").read_text(encoding="utf-8")
    for key in log_run.summary["claim"]:
        if key not in ("rate_hz", "limits"):
            assert re.search(rf"`(?:claim\.)?{key}`", text), key
    for key in log_run.summary["claim"]["limits"]:
        assert f"`{key}`" in text, key


def printed_in_readme() -> str:
    """What the README says that a run prints."""
    found = [block for block in fenced(ROOT / "README.md", "text") if block.startswith("run ")]
    assert len(found) == 1
    return found[0]


def test_readme_shows_what_a_run_prints(tmp_path: Path) -> None:
    """All words, and numbers within a twentieth; wall time and the name of the folder are left out."""
    environment = os.environ | {"COLUMNS": "100", "PYTHONPATH": str(ROOT)}
    command = [sys.executable, "-m", "chipsim.cli", "run"]
    done = subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, text=True, check=True)

    def lasting(text: str) -> list[str | float]:
        line = re.sub(r"in [0-9.]+ m?s power", "power", " ".join(text.split()))
        line = re.sub(r"runs/[0-9TZ]+-text-[0-9a-f]+", "runs/RUN", line)
        words = re.split(r"(\d[\d,]*(?:\.\d+)?)", line)
        return [float(word.replace(",", "")) if n % 2 else word for n, word in enumerate(words)]

    printed, shown = lasting(done.stdout), lasting(printed_in_readme())
    assert [word for word in printed if isinstance(word, str)] == [word for word in shown if isinstance(word, str)]
    for now, then in zip(printed, shown, strict=True):
        assert isinstance(now, str) or now == pytest.approx(then, rel=0.05), "put what is printed now into README.md"


def readme_lines() -> list[str]:
    """Lines of shell in the README, in order."""
    return [line for block in fenced(ROOT / "README.md", "sh") for line in block.splitlines()]


def without_measured(text: str) -> str:
    """Seconds and memory left out, which no two runs share."""
    text = re.sub(r"[\d.]+ m?s of CPU time for parts, [\d.]+ m?s for places", "TIME", " ".join(text.split()))
    return re.sub(r"peak memory \d+ MiB", "MEMORY", text)


@needs("nsn", "snn")
def test_commands_of_the_readme_run_one_after_the_other(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    """In an empty folder, all of them, in one process; what they leave is ignored in a clone, what is shown is what is printed."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLUMNS", "100")
    printed = {}
    for line in readme_lines():
        words = shlex.split(line, comments=True)
        capfd.readouterr()
        if words[0] == "chipsim":
            code = main(words[1:])
        else:
            code = subprocess.run(line, shell=True, check=False).returncode
        sys.stdout.flush()
        printed[line], err = capfd.readouterr()
        assert code == 0, f"{line}\n{err}"
    for start, option in (("graph ", "--report mapped"), ("5\t", "--all"), ("'", "--trace")):
        (shown,) = (block for block in fenced(ROOT / "README.md", "text") if block.startswith(start))
        (line,) = (line for line in printed if option in line)
        assert without_measured(printed[line]) == without_measured(shown), "put what is printed now into README.md"
    if (ROOT / ".git").exists():
        left = "\n".join(f"{path.name}/" if path.is_dir() else path.name for path in tmp_path.iterdir())
        words = ["git", "-C", str(ROOT), "check-ignore", "--no-index", "--stdin"]
        ignored = subprocess.run(words, input=left, capture_output=True, text=True, check=False).stdout
        assert sorted(ignored.splitlines()) == sorted(left.splitlines())


# -- rows --------------------------------------------------------------------------------------------------------------------

ROWS = [
    *(f"IN{n}" for n in range(1, 14)),
    *(f"NG{n}" for n in range(1, 14)),
    *(f"WT{n}" for n in range(1, 8)),
    *(f"AT{n}" for n in (2, 3, 4, 5, 7, 9)),
    "CX8",
    *("HW1", "HW2", "HW3", "HW4, HW5", *(f"HW{n}" for n in range(6, 12))),
    *("EP1", "EP2", "EP6"),
    *("CX7", "CX10 to CX12", "CX13 to CX17, CX19, CX20", "ER5, ER6"),
    *(f"ST{n}" for n in (1, 2, 3, 4, 5, 9)),
    "SY5",
]


def test_every_requirement_has_a_place_and_a_test() -> None:
    rows = {row[0]: row for row in table(DOCS / "requirements.md", "row")}
    assert list(rows) == ROWS
    held = {row[0]: row for row in table(DOCS / "requirements.md", "what")}
    assert len(held) >= 12
    for row in (*rows.values(), *held.values()):
        assert re.findall(rf"`(?:{TOP})/[\w./-]+\.(?:py|yaml)`", "`" + "` `".join(row[2:]) + "`"), row[0]
        named = re.findall(r"(tests/[\w./]+\.py)(?:::(\w+))?", row[3])
        assert named, row[0]
        for file, function in named:
            assert f"def {function}(" in (ROOT / file).read_text(encoding="utf-8") if function else (ROOT / file).exists(), row[
                0
            ]


# -- ranges ------------------------------------------------------------------------------------------------------------------


def test_every_range_names_a_test_that_exists() -> None:
    """Rows of all tables of the page; functions are looked up in the file that the row names."""
    rows = re.findall(r"^\| (?!field|---)(.+) \|$", (DOCS / "limits.md").read_text(encoding="utf-8"), re.MULTILINE)
    assert len(rows) > 40
    for row in rows:
        cells = re.split(r"(?<!\\) \| ", row)
        assert len(cells) == 5 and all(cells), row
        file, _, name = cells[-1].strip("`").partition("::")
        assert re.search(rf"^def {re.escape(name)}\(", (ROOT / file).read_text(encoding="utf-8"), re.MULTILINE), row
