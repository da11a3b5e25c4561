"""With any one program's folder deleted, and its entry points, the others do what they did: on both engines, whole and in two parts."""

from __future__ import annotations

import re
import shutil
from pathlib import Path
from typing import Any

import pytest

from tests.plugin.conftest import conformed

TEXT = ["base=text-small", "workload.learned=150", "workload.symbols=40", "workload.episode=40"]
LIF = ["workload.generate={neurons: 128, fan_out: 8, period: 5}", "workload.steps=20"]
PACKETS = ["workload={kind: synthetic, load: 0.1, cycles: 60, flits: [1, 4]}", "mapping={}", "chip.noc.cast=unicast"]

RUNS = {
    "nsn": {"text": TEXT, "keyed": [*TEXT, "workload.match=keyed"], "text ideal": [*TEXT, "chip.noc.router=ideal"]},
    "snn": {"spikes": LIF, "trees": [*LIF, "chip.noc.cast=multicast"], "spikes by flits": [*LIF, "chip.noc.router=wormhole"]},
    "packets": {"packets": PACKETS, "torus": [*PACKETS, "chip.noc.topology=torus", "chip.noc.router=wormhole"]},
}
"""Experiments of each program."""

KINDS = {"nsn": ("text", "log", "generated"), "snn": ("arrays",), "packets": ("traffic", "synthetic")}
"""Kinds of workload that each runs, whose entry points go with it."""

NEEDED = ("chipsim", "nsn_mapping", "workloads", "reports", "configs", "tests/plugin", "tests/conformance")


@pytest.fixture(scope="module")
def tree(root: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of what runs, and of the tests that hold engines against each other."""
    folder = tmp_path_factory.mktemp("tree")
    for name in NEEDED:
        shutil.copytree(root / name, folder / name, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(root / "pyproject.toml", folder)
    return folder


@pytest.fixture(scope="module")
def whole(tree: Path, site: Path) -> dict[str, dict[str, Any]]:
    """What comes of the experiments of each program while all are there."""
    return {program: conformed(tree, site, runs) for program, runs in RUNS.items()}


@pytest.mark.slow
@pytest.mark.parametrize("gone", RUNS)
def test_the_others_run_as_before(gone: str, tree: Path, site: Path, whole: dict[str, dict[str, Any]]) -> None:
    folder, project = tree / "chipsim/programs" / gone, tree / "pyproject.toml"
    text = project.read_text(encoding="utf-8")
    points = rf'^[\w-]+ = "chipsim\.programs\.{gone}\..*\n|^({"|".join(KINDS[gone])}) = "workloads\.kinds\..*\n'
    try:
        folder.rename(tree / "away")
        project.write_text(re.sub(points, "", text, flags=re.MULTILINE), encoding="utf-8")
        for program in set(RUNS) - {gone}:
            found = conformed(tree, site, RUNS[program])
            assert found == whole[program]
            for name, case in found.items():
                assert (case["engines"], case["summaries"], case["goes_on"]) == ("", "", ""), name
    finally:
        (tree / "away").rename(folder)
        project.write_text(text, encoding="utf-8")
