"""Packages that are broken: whoever asks for their part is told in one line; whoever does not is not hurt."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.needs import needs
from tests.plugin.conftest import Call, Done, environment, run
from tests.unit.test_registry import install

pytestmark = needs("snn")

SMALL = ("--set", "workload.generate={neurons: 64, fan_out: 4, period: 5}", "--set", "workload.steps=10", "--no-report")

SORTS: dict[str, tuple[str, ...]] = {
    "programs": (),
    "workloads": ("workload={kind: bad}", "mapping={}"),
    "topologies": ("chip.noc.topology=bad",),
    "routings": ("chip.noc.routing=bad",),
    "partitioners": ("mapping.partitioner=bad",),
    "placers": ("mapping.placer=bad",),
    "sinks": ("sinks=[bad]",),
    "neurons": ("workload.neuron=bad",),
}
"""Groups of entry points, and settings that ask for the part ``bad`` of each."""

WRONG = {
    "an import that fails": ("import nothing_of_that_name", "ModuleNotFoundError: No module named 'nothing_of_that_name'"),
    "a wrong type": ("PART = 'a word'", "is a str; allowed: a "),
    "nothing there": ("", "AttributeError"),
}


@pytest.fixture
def with_package(root: Path, tmp_path: Path) -> Callable[..., Call]:
    """Lay a package into the path of commands."""

    def lay(group: str, points: str, code: str) -> Call:
        (tmp_path / "site").mkdir()
        install(tmp_path / "site", "zz_bad", f"chipsim.{group}", points, code)

        def call(*words: str) -> Done:
            return run([sys.executable, "-m", "chipsim.cli", *words], tmp_path, environment(root, tmp_path / "site"))

        return call

    return lay


def errors(done: Done) -> list[str]:
    assert "Traceback" not in done.err
    return [line for line in done.err.splitlines() if "zz_bad" in line]


@pytest.mark.parametrize("sort", SORTS)
def test_whoever_does_not_ask_for_a_broken_part_is_not_hurt(with_package: Callable[..., Call], sort: str) -> None:
    code, why = WRONG["an import that fails"]
    call = with_package(sort, "bad = zz_bad:PART", code)
    done = call("run", "lif-small", *SMALL, "--set", "engine=reference")
    assert done.code == 0, done.err
    assert len(errors(done)) <= 1
    assert all(why in line and "zz_bad 1.2" in line and "it is left out" in line for line in errors(done))


@pytest.mark.parametrize("sort", [sort for sort, settings in SORTS.items() if settings])
def test_whoever_asks_for_it_is_told_why(with_package: Callable[..., Call], sort: str) -> None:
    wrong = list(WRONG)[list(SORTS).index(sort) % len(WRONG)]
    code, why = WRONG[wrong]
    call = with_package(sort, "bad = zz_bad:PART", code)
    done = call("run", "lif-small", *SMALL, *(word for text in SORTS[sort] for word in ("--set", text)))
    assert done.code == 3, done.err
    line = next(line for line in errors(done) if line.startswith("error: "))
    assert f"zz_bad 1.2: entry point 'bad' of chipsim.{sort} (zz_bad:PART)" in line and why in line


def test_a_kind_that_clashes_is_told_with_both_packages(with_package: Callable[..., Call]) -> None:
    call = with_package("workloads", "text = zz_bad:PART", "PART = 1")
    done = call("validate", "text-small")
    assert done.code == 3
    assert "chipsim and zz_bad 1.2 both offer a kind of workload called 'text'; uninstall one" in errors(done)[-1]
    assert call("validate", "lif-small").code == 0
