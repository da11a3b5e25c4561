"""``chipsim complexity``: runs on real text whose counters are those of plain runs, slopes from their rows, and what is refused."""

from __future__ import annotations

import csv
import json
from pathlib import Path
from typing import Any

import pytest

from chipsim.config.catalogue import source_path
from chipsim.config.load import load_experiment
from chipsim.engines.base import Watch
from chipsim.pipeline import simulate
from chipsim.sweep.complexity.answer import complexity_object
from chipsim.sweep.complexity.fits import fit
from chipsim.sweep.complexity.runs import COUNTS, Row, run_all, tasks
from chipsim.sweep.complexity.spec import complexity_spec
from tests.cli.conftest import Call
from tests.needs import needs

pytestmark = needs("nsn")

WORDS = ("--learned", "4096", "--lengths", "128,256,512", "--stretches", "2")


@pytest.fixture(scope="module")
def rows() -> list[Row]:
    """Rows of a small series, both ways of matching."""
    made: list[Row] = []
    ended = run_all(complexity_spec("128,256,512", learned=4096, stretches=2), Watch(), lambda row, _: made.append(row))
    assert ended.status == "done" and ended.left_out == ()
    return made


def test_every_length_is_read_from_the_same_network(rows: list[Row]) -> None:
    base = [row for row in rows if row["learned"] == 4096 and not row["recursive"]]
    assert [(row["stretch"], row["match"], row["length"]) for row in base] == [
        (stretch, match, length) for stretch in range(2) for match in ("keyed", "associative") for length in (128, 256, 512)
    ]
    assert len({row["neurons"] for row in base}) == 1
    assert {(row["learned"], row["length"]) for row in rows if row["learned"] != 4096} == {
        (1024, 512),
        (2048, 512),
        (8192, 512),
    }
    starts = sorted({row["start"] for row in rows})
    assert starts[1] - starts[0] == 512 and starts[0] >= 8192, "stretches are disjoint and lie behind what is learned"
    assert all(row["lost"] == 0 for row in rows)
    plain = [row for row in rows if not row["recursive"]]
    assert all(sum(layer["synaptic_ops"] for layer in row["layers"]) == row["synaptic_ops"] for row in plain)
    nets = [row for row in rows if row["recursive"]]
    assert [(row["recursive"], row["stretch"], row["length"], row["match"]) for row in nets] == [
        (5, stretch, 512, "associative") for stretch in range(2)
    ]
    assert all(row["layers"][0]["inputs"] == row["length"] for row in rows)


def test_counters_are_those_of_a_plain_run(rows: list[Row], tmp_path: Path) -> None:
    """The learned text and a stretch as a text of their own, run as anybody would."""
    text = source_path("docs-topics", ".txt").read_text(encoding="utf-8")
    row = next(row for row in rows if row["learned"] == 4096 and row["length"] == 512 and row["stretch"] == 1)
    start = row["start"]
    path = tmp_path / "part.txt"
    path.write_text(text[:4096] + text[start : start + 512], encoding="utf-8")
    words = [
        f"workload.path={path}",
        "workload.learned=4096",
        "workload.symbols=512",
        "workload.match=keyed",
        "engine=compiled",
    ]
    summary = simulate(load_experiment("text", words), limits=False).summary
    assert {name: summary["counts"][name] for name in COUNTS} == {name: row[name] for name in COUNTS}
    assert summary["functional_digest"] == row["functional_digest"] and summary["digest"] == row["digest"]
    energy = summary["energy_j"]
    assert row["dynamic_j"] == sum(energy[share] for share in ("core", "router", "link", "interchip"))


def test_both_ways_of_matching_decide_alike_and_slopes_are_of_the_rows(rows: list[Row]) -> None:
    found = complexity_object(complexity_spec("128,256,512", learned=4096, stretches=2), rows, "done")
    assert found["same_winners"] is True
    one = next(
        one for one in found["slopes"] if one["layer"] is None and one["column"] == "messages_in" and one["match"] == "keyed"
    )
    counts: dict[int, dict[int, float]] = {}
    for row in rows:
        if row["learned"] == 4096 and row["match"] == "keyed":
            counts.setdefault(row["stretch"], {})[row["length"]] = row["messages_in"]
    by_hand = fit(counts)
    assert by_hand is not None and (one["slope"], one["low"], one["high"]) == (by_hand.slope, by_hand.low, by_hand.high)
    assert 0.9 < one["slope"] < 1.1
    layer = next(one for one in found["layers"] if one["match"] == "keyed" and one["layer"] == 1)
    mine = [row["layers"][1] for row in rows if (row["learned"], row["length"], row["match"]) == (4096, 512, "keyed")]
    assert layer["segments"] == sum(one["segments"] for one in mine) / 2
    symbol = next(one for one in found["symbols"] if one["match"] == "keyed" and one["length"] == 512)
    assert symbol["token_j"] == pytest.approx(96 * (12 * 12288**2 + 2 * 512 * 12288) * 1.5e-12)
    digests = [row["functional_digest"] for row in rows]
    rows[0]["functional_digest"], kept = "other", rows[0]["functional_digest"]
    assert complexity_object(complexity_spec(learned=4096), rows, "done")["same_winners"] is False
    rows[0]["functional_digest"] = kept
    assert [row["functional_digest"] for row in rows] == digests


@pytest.mark.slow
def test_work_of_keyed_matching_is_linear_in_the_length(cli: Call) -> None:
    """The bar: slope 1.00 +- 0.05 on the shipped text, L from 128 to 4,096; its interval too."""
    found = json.loads(cli("complexity", "--match", "keyed", "--json", "--quiet").out)
    fitted = {one["column"]: one for one in found["slopes"] if one["layer"] is None}
    assert set(fitted) == {"synaptic_ops", "messages_in", "dynamic_j"}
    for one in fitted.values():
        assert one["stretches"] == 8 and one["x"] == [128, 256, 512, 1024, 2048, 4096]
        assert 0.95 <= one["low"] <= one["slope"] <= one["high"] <= 1.05


def test_a_series_is_repeated_to_the_last_bit(cli: Call, tmp_path: Path) -> None:
    made = cli("complexity", *WORDS, "--match", "keyed", "--out", "a", "--json", "--quiet")
    assert made.code == 0 and made.err == ""
    assert made.out == cli("complexity", *WORDS, "--match", "keyed", "--json", "--quiet").out
    assert json.loads(made.out) == json.loads((tmp_path / "a/complexity.json").read_text())
    assert cli("complexity", *WORDS, "--out", "a").code == 2, "not over what is there"


def test_the_folder_is_shown_reported_listed_and_compared(cli: Call, tmp_path: Path) -> None:
    made = cli("complexity", *WORDS, "--out", "a")
    assert made.code == 0
    names = {"complexity.json", "runs.csv", "runs.parquet", "layers.csv", "layers.parquet", "report.html", "report.md"}
    assert {path.name for path in (tmp_path / "a").iterdir()} == names
    assert "slope in L" in made.out and made.out.startswith("units"), "what is a matter of units comes first"
    assert cli("show", "a").out == made.out
    page = (tmp_path / "a/report.html").read_bytes()
    assert cli("report", "a").code == 0 and (tmp_path / "a/report.html").read_bytes() == page
    assert "complexity" in cli("runs", ".").out
    assert cli("compare", "a", "a", "--fail-on-difference").code == 0
    found = json.loads((tmp_path / "a/complexity.json").read_text())
    found["runs"][3]["messages_in"] += 1
    (tmp_path / "b").mkdir()
    (tmp_path / "b/complexity.json").write_text(json.dumps(found))
    assert cli("compare", "a", "b", "--fail-on-difference").code == 1


def test_every_figure_of_the_folder_is_in_its_tables(cli: Call, tmp_path: Path) -> None:
    assert cli("complexity", *WORDS, "--match", "keyed", "--out", "a", "--quiet").code == 0
    found = json.loads((tmp_path / "a/complexity.json").read_text())
    with (tmp_path / "a/runs.csv").open(newline="") as file:
        runs = list(csv.DictReader(file))
    with (tmp_path / "a/layers.csv").open(newline="") as file:
        layers = list(csv.DictReader(file))
    assert len(runs) == len(found["runs"]) and len(layers) == sum(len(one["layers"]) for one in found["runs"])
    for one in found["slopes"]:
        if one["slope"] is None:
            continue
        table = runs if one["table"] == "runs" else [row for row in layers if int(row["layer"]) == one["layer"]]
        counts: dict[int, dict[int, float]] = {}
        for row in table:
            if row["learned"] == "4096" and row["match"] == one["match"] and int(row["length"]) in one["x"]:
                counts.setdefault(int(row["stretch"]), {})[int(row["length"])] = float(row[one["column"]])
        by_hand = fit(counts)
        assert by_hand is not None and by_hand.slope == pytest.approx(one["slope"], rel=1e-12)


def test_the_ratio_of_recursive_networks_is_of_the_rows(rows: list[Row]) -> None:
    found = complexity_object(complexity_spec("128,256,512", learned=4096, stretches=2), rows, "done")["recursion"]
    without = [
        row for row in rows if (row["learned"], row["length"], row["match"], row["recursive"]) == (4096, 512, "associative", 0)
    ]
    having = [row for row in rows if row["recursive"]]
    ratios = [one["messages_in"] / two["messages_in"] for one, two in zip(having, without, strict=True)]
    assert found["messages_in"]["ratio"] == pytest.approx(sum(ratios) / 2) and min(ratios) > 1


def test_what_does_not_fit_is_left_out_and_said() -> None:
    """More memory than the lengths are read with may not fit the chip; that ends nothing."""
    made: list[Row] = []
    spec = complexity_spec("64,128,256", learned=4096, stretches=1, match="keyed", chip="mesh-16")
    ended = run_all(spec, Watch(), lambda row, _: made.append(row))
    assert ended.status == "done" and len(ended.left_out) == 1
    assert ended.left_out[0].startswith("8,192 symbols learned, keyed: ") and "fit" in ended.left_out[0]
    assert {row["length"] for row in made if row["learned"] == 4096} == {64, 128, 256}
    assert complexity_object(spec, made, "done", ended.left_out)["left_out"] == list(ended.left_out)


def test_what_is_interrupted_is_kept(rows: list[Row]) -> None:
    made: list[Row] = []
    ended = run_all(
        complexity_spec("128,256,512", learned=4096, stretches=2),
        Watch(stop=lambda: len(made) >= 8),
        lambda row, _: made.append(row),
    )
    assert ended.status == "interrupted" and made == rows[:8]
    found: dict[str, Any] = complexity_object(complexity_spec("128,256,512", learned=4096, stretches=2), made, ended.status)
    keyed, associative = (
        next(
            one for one in found["slopes"] if one["match"] == match and one["layer"] is None and one["column"] == "synaptic_ops"
        )
        for match in ("keyed", "associative")
    )
    assert (keyed["stretches"], associative["stretches"]) == (1, 1), "a stretch that is cut does not count"
    assert keyed["slope"] is not None and keyed["low"] is None


def test_an_empty_network_can_be_asked(cli: Call) -> None:
    made = cli("complexity", "--learned", "0", "--lengths", "128", "--stretches", "1", "--match", "keyed", "--out", "a")
    assert made.code == 0 and "-" in made.out
    page = Path("a/report.md").read_text()
    assert "Too few lengths were run for a slope" in page and "one memory only" in page


def test_a_users_text_and_price_are_taken(cli: Call, tmp_path: Path) -> None:
    (tmp_path / "my.txt").write_text("the quick brown fox jumps over the lazy dog. " * 60, encoding="utf-8")
    words = ("--path", "my.txt", "--learned", "1024", "--lengths", "64,128,256", "--stretches", "2", "--match", "keyed")
    found = json.loads(cli("complexity", *words, "--multiply-add", "0.3 nJ", "--json", "--quiet").out)
    price = found["transformer"]["multiply_add"]
    assert (price["value_pj"], price["grade"], price["source"]) == (300.0, "assumed", "set by the user")
    assert found["asked"]["path"] == "my.txt"
    refused = cli("complexity", *words[:2], "--stretches", "2", "--lengths", "4096")
    assert refused.code == 2 and "a text of 2,700 characters" in refused.err and "--stretches" in refused.err


def test_tasks_need_room_in_the_text() -> None:
    spec = complexity_spec("64,256", learned=1024, stretches=3)
    assert [task.start for task in tasks(spec, 1024 + 3 * 256) if task.length == 64 and task.match == "keyed"] == [
        1024,
        1280,
        1536,
    ]
    assert spec.memories(1024 + 3 * 256) == () and spec.memories(4096) == (2048,)


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--lengths", "many"], "whole numbers from 16"),
        (["--lengths", "8192"], "whole numbers from 16 to 4,096"),
        (["--lengths", ""], "whole numbers from 16"),
        (["--match", "fuzzy"], "allowed: keyed, associative, both"),
        (["--stretches", "0"], "1 to 100"),
        (["--recursive", "6"], "0 to 5 networks"),
        (["--learned", "-1"], "0 or more"),
        (["--multiply-add", "1.5"], "has no unit"),
        (["--multiply-add", "0 pJ"], "above 0"),
        (["--learned", "1000000"], "give fewer with"),
    ],
)
def test_bad_words_are_one_message(cli: Call, words: list[str], said: str) -> None:
    result = cli("complexity", *words, "--quiet")
    assert result.code == 2
    assert result.err.startswith("error: ") and result.err.count("\n") == 1 and said in result.err
