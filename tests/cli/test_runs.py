"""``chipsim runs``: what is in a folder, filtered and in order; what is no result is named and skipped."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import pytest

from chipsim.cli.app import main
from tests.cli.conftest import SMALL, Call
from tests.needs import needs


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A multicast and a unicast run, a mapping, a broken run and a foreign folder."""
    where = tmp_path_factory.mktemp("runs")
    for name, cast in (("20260102T030405Z-one", "multicast"), ("two", "unicast")):
        words = ["run", "text-small", *SMALL, "--set", f"chip.noc.cast={cast}", "--no-report", "--quiet"]
        assert main([*words, "--out", str(where / name)]) == 0
    assert main(["map", "text-small", *SMALL, "--quiet", "--out", str(where / "mapped")]) == 0
    shutil.copytree(where / "two", where / "broken")
    (where / "broken" / "summary.json").write_text("{")
    (where / "foreign").mkdir()
    (where / "file.txt").write_text("no folder")
    return where


def names(cli: Call, *words: str | Path) -> list[str]:
    result = cli("runs", *words, "--json", "--quiet")
    assert result.code == 0, result.err
    return [one["name"] for one in json.loads(result.out)["results"]]


@needs("nsn")
def test_every_result_is_a_row_and_others_are_named(cli: Call, folder: Path) -> None:
    found = json.loads(cli("runs", folder, "--json", "--quiet").out)
    rows: dict[str, Any] = {one["name"]: one for one in found["results"]}
    assert next(iter(rows)) == "20260102T030405Z-one" and set(rows) == {"20260102T030405Z-one", "two", "mapped"}
    first = rows["20260102T030405Z-one"]
    summary = json.loads((folder / "20260102T030405Z-one" / "summary.json").read_text())
    assert first["when"] == "2026-01-02T03:04:05+00:00" and (first["kind"], first["status"]) == ("run", "done")
    assert first["energy_j"] == summary["energy_j"]["total"] and first["mean_mw"] == summary["power_per_core_mw"]["mean"]
    assert first["digest"] == summary["digest"] and first["bytes"] > 10_000
    assert rows["mapped"]["kind"] == "mapping" and rows["mapped"]["energy_j"] is None
    assert len(found["skipped"]) == 2
    out = cli("runs", folder).out
    assert summary["digest"][-8:] in out and "3 in " in out
    assert "broken/summary.json: not JSON" in " ".join(out.split()) and "foreign: no result of chipsim" in " ".join(out.split())


@needs("nsn")
def test_filters_take_columns_figures_and_settings(cli: Call, folder: Path) -> None:
    assert names(cli, folder, "--filter", "kind=mapping") == ["mapped"]
    assert names(cli, folder, "--filter", "kind!=mapping", "--filter", "chip.noc.cast=unicast") == ["two"]
    assert names(cli, folder, "--filter", "counts.events_in>=100") == ["20260102T030405Z-one", "two"]
    assert names(cli, folder, "--filter", "mean_mw > 100") == []
    assert names(cli, folder, "--filter", "when<2026-02") == ["20260102T030405Z-one"]


@needs("nsn")
def test_order_by_a_figure_has_those_without_it_last(cli: Call, folder: Path) -> None:
    up, down = names(cli, folder, "--sort", "energy_j"), names(cli, folder, "--sort", "-energy_j")
    assert up[:2] == down[:2][::-1] and up[2] == down[2] == "mapped"
    energy = {one["name"]: one["energy_j"] for one in json.loads(cli("runs", folder, "--json", "--quiet").out)["results"]}
    assert energy[up[0]] < energy[up[1]]
    assert names(cli, folder, "--sort", "name") == sorted(up)


@needs("nsn")
def test_what_cannot_be_listed_ends_in_one_message(cli: Call, folder: Path) -> None:
    for words, said in (
        (("nowhere",), "cannot be read"),
        ((folder, "--filter", "bogus=1"), "nothing here has 'bogus'"),
        ((folder, "--sort", "bogus"), "nothing here has 'bogus'"),
        ((folder, "--filter", "bogus"), "allowed: KEY=VALUE"),
    ):
        result = cli("runs", *words)
        assert (result.code, result.out) == (2, "") and said in result.err and result.err.count("\n") == 1


def test_an_empty_folder_says_so(cli: Call, tmp_path: Path) -> None:
    result = cli("runs", tmp_path)
    assert result.code == 0 and "none in" in result.out


@needs("nsn")
def test_a_narrow_terminal_has_whole_rows_of_fewer_columns(cli: Call, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "70")
    out = cli("runs", folder).out
    assert "verdict" in out and "size" not in out.splitlines()[0]
    assert all(len(line) <= 70 for line in out.splitlines() if line.startswith(("name", "two", "mapped", "2026")))
    assert f"chipsim compare {folder}/20260102T030405Z-one {folder}/two" in out
