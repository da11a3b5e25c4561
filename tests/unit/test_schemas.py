"""The JSON Schemas: fresh, valid, and agreeing with the loader about what is right and wrong."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from chipsim.cli.app import main
from chipsim.config import load_experiment, resolved_yaml
from chipsim.config.describe import experiment_keys, sweep_keys
from chipsim.config.schema import schemas, write_schemas
from chipsim.config.yaml12 import parse_document, read_document

KINDS = ("chip", "experiment", "sweep")


def validator(kind: str) -> Draft202012Validator:
    return Draft202012Validator(json.loads(schemas()[f"{kind}.schema.json"]))


def problems(kind: str, value: Any) -> list[str]:
    return [f"{error.json_path}: {error.message}" for error in validator(kind).iter_errors(value)]


def test_the_shipped_schemas_are_fresh(root: Path, tmp_path: Path) -> None:
    """Stale? ``chipsim schema --out configs/schemas``."""
    written = write_schemas(tmp_path / "new" / "folder")
    assert {path.name: path.read_text() for path in written} == {
        path.name: path.read_text() for path in (root / "configs/schemas").iterdir()
    }


@pytest.mark.parametrize("kind", KINDS)
def test_schemas_are_schemas(kind: str) -> None:
    Draft202012Validator.check_schema(json.loads(schemas()[f"{kind}.schema.json"]))


def test_every_shipped_file_satisfies_its_schema_and_names_it(root: Path) -> None:
    files = [(kind, path) for kind in KINDS for path in sorted((root / f"configs/{kind}s").glob("*.yaml"))]
    assert len(files) >= 5
    for kind, path in files:
        assert problems(kind, read_document(path).value) == []
        assert path.read_text().startswith(f"# yaml-language-server: $schema=../schemas/{kind}.schema.json\n")


@pytest.mark.parametrize("name", ["text", "text-small", "log-sample"])
def test_what_a_run_writes_satisfies_the_schema(name: str) -> None:
    assert problems("experiment", parse_document(resolved_yaml(load_experiment(name)), name).value) == []


SMALL = "workload: {kind: text, source: docs-topics, symbols: 5}\n"


@pytest.mark.parametrize(
    ("text", "right"),
    [
        ("chip: mesh-16", True),
        ("chip: {base: mesh-16, noc: {link_latency: 5 ns}}", True),
        ("chip: {base: mesh-16, energy: {hop_ew: null, hop_ns: {range: [1 pJ, 9 pJ]}}}", True),
        ("chip: {base: mesh-16, noc: {widht: 5}}", False),
        ("chip: {noc: {width: 5}}", False),
        ("chip: 5", False),
        ("chip: mesh-16\nseed: -1", False),
        ("chip: mesh-16\nuntil: 10 ms", True),
        ("chip: mesh-16\nuntil: 10", False),
        ("chip: mesh-16\nuntil: 10 mJ", False),
        ("chip: mesh-16\nprobes: [spike]", False),
        ("chip: mesh-16\nmapping: {fill: 0}", False),
        ("chip: {base: mesh-16, noc: {link_latency_ew: 5 pJ}}", False),
        ("chip: {base: mesh-16, core: {sync: 1 us, times: {axon_lookup: 0 ns}}}", True),
        ("chip: {base: mesh-16, core: {sync: [{tiles: 1, time: 1 us}, {tiles: 4, time: 2 us}]}}", True),
        ("chip: {base: mesh-16, core: {sync: {steps: [{tiles: 1, time: 1 us}], grade: derived, source: by hand}}}", True),
        ("chip: {base: mesh-16, core: {sync: []}}", False),
        ("chip: {base: mesh-16, core: {sync: {steps: [{tiles: 1, time: 1 pJ}]}}}", False),
        ("chip: {base: mesh-16, noc: {tile_order: col}}", False),
    ],
)
def test_schema_and_loader_agree(text: str, right: bool, tmp_path: Path) -> None:
    path = tmp_path / "e.yaml"
    path.write_text(SMALL + text)
    assert (problems("experiment", read_document(path).value) == []) is right
    if right:
        load_experiment(str(path))
    else:
        with pytest.raises(ValueError, match=r"e\.yaml:2|e\.yaml:3"):
            load_experiment(str(path))


def test_every_key_says_what_it_means_and_what_it_may_hold() -> None:
    keys = {key.path: key for key in experiment_keys()}
    assert len(keys) == len(experiment_keys()) > 80
    for key in (*keys.values(), *sweep_keys()):
        assert len(key.text.split()) >= 3 and key.text.endswith((".", "direction")), (key.path, key.text)
        assert key.allowed and "any value" not in key.allowed, (key.path, key.allowed)
        if '"' in key.allowed and "such as" in key.allowed:
            assert key.unit, key.path
        if key.allowed.startswith(("whole number", "number")):
            assert " from " in key.allowed or " above " in key.allowed, (key.path, key.allowed)
    assert {key.path for key in sweep_keys()} == {"sweep.name", "sweep.base", "sweep.set", "sweep.grid", "sweep.fit"}
    assert keys["workload[arrays].generate.seed"].default == "1" and "chip.noc.levels[each].hop" in keys
    assert keys["chip.noc.router"].allowed == "ideal | queued | wormhole"
    assert keys["chip.noc.router"].default == "queued"
    assert keys["mapping.partitioner"].allowed == (
        "default | quality | auto | hierarchical | streaming | metis | sequential | random | given | null"
    )
    assert keys["workload[text].rate"].default == "5 kHz"
    assert keys["workload[log].format"].default == ""
    assert keys["faults[lose_message].number"].allowed.startswith("whole number from 0")


def test_show_answers_for_every_key(monkeypatch: pytest.MonkeyPatch) -> None:
    """By its path as one writes it, with all four: meaning, what is allowed, unit of a quantity, default."""
    from chipsim.cli import show

    monkeypatch.delenv("COLUMNS", raising=False)  # the workers of parallel tests are given one
    keys = (*experiment_keys(), *sweep_keys())
    for key in keys:
        name = re.sub(r"\[\w+\]", "", key.path)
        found = [one for one in keys if show._below(one.path, name)]
        assert key in found, name
        text = "\n".join(show._key_texts([key]))
        assert key.text in text and f"allowed: {key.allowed}" in text and "default: " in text
        assert (f"unit: {key.unit}" in text) == bool(key.unit)


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("seed", "also     workload.generate.seed, workload.seed, mapping.seed"),
        ("workload.generate.seed", "that phases and targets are drawn from"),
        ("chip.noc.levels.hop", "energy of a flit on such a link"),
        ("sweep", "sweep.grid"),
        ("grid", "list of values by key path"),
        ("vcs", "chip.noc.vcs"),
        ("workload.weight_bits", "whole number from 2 to 16"),
    ],
)
def test_show_finds_keys_by_their_last_name_and_names_those_alike(
    name: str, said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["show", name]) == 0
    assert said in capsys.readouterr().out
