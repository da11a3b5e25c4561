"""What is new is compiled by itself: the machine's loop and the units of others stay as they were."""

from __future__ import annotations

import re
import resource
import shutil
import sys
from pathlib import Path

from tests.needs import needs
from tests.plugin.conftest import Done, environment, run

MOST_S = 15
"""CPU seconds of a run with something new in it, start, compilation and run."""


def changed(site: Path, folder: Path, name: str, old: str, new: str) -> Path:
    """The installed package with another text in one of its files."""
    shutil.copytree(site, folder)
    file = folder / "chipsim_example" / name
    text = file.read_text(encoding="utf-8")
    assert text.count(old) == 1
    file.write_text(text.replace(old, new), encoding="utf-8")
    return folder


def timed(root: Path, site: Path, folder: Path, *settings: str) -> tuple[Done, float]:
    """A run on the compiled engine, and its CPU seconds."""
    words = [word for text in settings for word in ("--set", text)]
    words = [sys.executable, "-m", "chipsim.cli", "run", "lif-small", "--engine", "compiled", "--no-report", *words]
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    done = run(words, folder, environment(root, site))
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    assert done.code == 0, done.err
    return done, after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def compiled(done: Done) -> list[str]:
    """Names of the units that a run had to compile."""
    return [
        name
        for names in re.findall(r"^compiling kernels \((.*)\), once$", done.err, re.MULTILINE)
        for name in names.split(", ")
    ]


ECHO = ("workload={kind: echo, pings: 20}", "mapping={}")
SILENT = ("workload.neuron=silent", "workload.generate={neurons: 64, fan_out: 4, period: 5}", "workload.steps=10")
CUBE = (
    "workload={kind: synthetic, load: 0.1, cycles: 50}",
    "mapping={}",
    "chip.noc.topology=hypercube",
    "chip.noc.cast=unicast",
)


def test_a_new_program_compiles_its_own_unit(root: Path, site: Path, tmp_path: Path) -> None:
    timed(root, site, tmp_path, *ECHO)
    salt = int.from_bytes(str(tmp_path).encode(), "big") % 10**9  # no cache has seen it
    other = changed(site, tmp_path / "other", "program.py", "m.act[A_MESSAGE] = 1", f"m.act[A_MESSAGE], m.detail_d = 1, {salt}")
    done, seconds = timed(root, other, tmp_path, *ECHO)
    assert compiled(done) == ["program"]
    assert seconds < MOST_S


@needs("snn")
def test_a_new_neuron_compiles_the_unit_of_its_program(root: Path, site: Path, tmp_path: Path) -> None:
    timed(root, site, tmp_path, *SILENT)
    salt = int.from_bytes(str(tmp_path).encode(), "big") % 10**9
    other = changed(
        site, tmp_path / "other", "neuron.py", "n.potential[at] = 0", f"n.potential[at] = {salt} * 0 if step > 0 else {salt}"
    )
    done, seconds = timed(root, other, tmp_path, *SILENT)
    assert compiled(done) == ["kernels"]
    assert seconds < MOST_S


@needs("packets")
def test_a_new_routing_compiles_nothing(root: Path, site: Path, tmp_path: Path) -> None:
    timed(root, site, tmp_path, *CUBE)
    other = changed(site, tmp_path / "other", "routing.py", "lowest = differ & -differ", "lowest = differ & -differ | 0")
    done, seconds = timed(root, other, tmp_path, *CUBE)
    assert compiled(done) == []
    assert seconds < MOST_S
