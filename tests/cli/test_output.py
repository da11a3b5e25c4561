"""Standard output that is closed, full or read in part, and libraries that print into it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from chipsim.cli.output import prints_aside, standard_streams, tell
from tests.needs import needs
from tests.unit.test_registry import install

FULL = Path("/dev/full")


def shell(line: str, root: Path, folder: Path) -> subprocess.CompletedProcess[str]:
    """Run a line of bash in which ``chipsim`` is the command line of this clone."""
    environment = os.environ | {"PYTHONPATH": str(root)}
    begin = f'chipsim() {{ "{sys.executable}" -m chipsim.cli "$@"; }}\n'
    return subprocess.run(
        ["bash", "-c", begin + line], cwd=folder, env=environment, capture_output=True, text=True, check=False
    )


@needs("nsn")
@pytest.mark.parametrize("where", [">&-", "<&- >&- 2>&-", "| true"])
def test_a_run_ends_with_its_own_status_whoever_listens(where: str, root: Path, tmp_path: Path) -> None:
    words = "--engine golden --no-report --json --out r"
    done = shell(f"chipsim run text-small {words} {where}; exit ${{PIPESTATUS[0]}}", root, tmp_path)
    assert done.returncode == 0, done.stderr
    assert "fault" not in done.stderr and "error" not in done.stderr
    assert json.loads((tmp_path / "r/summary.json").read_text())["status"] == "done"


def test_a_closed_pipe_is_quiet(root: Path, tmp_path: Path) -> None:
    done = shell("chipsim show altai-256 | head -1; echo ${PIPESTATUS[0]}", root, tmp_path)
    assert done.stdout.splitlines()[-1] == "0"
    assert done.stderr == ""


@pytest.mark.skipif(not FULL.exists(), reason="no /dev/full here")
def test_a_full_disk_is_said_plainly(root: Path, tmp_path: Path) -> None:
    done = shell("chipsim show > /dev/full", root, tmp_path)
    assert done.returncode == 2
    assert done.stderr.startswith("error: standard output: No space left on device") and "fault" not in done.stderr
    done = shell("chipsim show nothing-such > /dev/full 2> /dev/full", root, tmp_path)
    assert done.returncode == 3 or done.returncode == 2


def test_what_libraries_print_goes_to_standard_error(capfd: pytest.CaptureFixture[str]) -> None:
    @prints_aside
    def command() -> None:
        sys.stdout.write("in Python\n")
        print("in Python again", flush=True)  # noqa: T201
        os.write(1, b"in C\n")
        tell('{"own": 1}')

    with standard_streams() as streams:
        command()
        sys.stdout.flush()
        assert streams.lost() is None
    out, err = capfd.readouterr()
    assert json.loads(out) == {"own": 1}
    assert "in Python\nin Python again\nin C" in err
    os.write(1, b"as before\n")
    assert capfd.readouterr().out == "as before\n"


LOUD = """
import atexit, ctypes, os, sys
print("loud in Python")
os.write(1, b"loud in C\\n")
ctypes.CDLL(None).puts(b"loud in the buffers of C")
atexit.register(print, "loud at the end")
sys.__stdout__.write("loud to the first stream\\n")
"""
"""What a package prints when it is imported, and when the process stops."""

PARTS = {
    "programs": "from chipsim.programs.packets.entry import PACKETS as PART",
    "neurons": "from chipsim.programs.snn.neurons.lif import LIF as PART",
    "partitioners": "from nsn_mapping.methods.random import RANDOM as PART",
    "placers": "from nsn_mapping.place.row import ROW as PART",
    "topologies": "from chipsim.noc.topologies.mesh import MESH as PART",
    "routings": "from chipsim.noc.routings.xy import ALONG_X as PART",
    "workloads": "from workloads.kinds.text import TEXT as PART",
    "sinks": "from chipsim.results.sinks.csv import CSV as PART",
}

SWEEP = """
base: log-sample
set: {engine: golden}
grid: {workload.layers: [2, 3]}
"""

COMMANDS = {
    "run": "run log-sample --engine golden --no-report --out loud --json",
    "map": "map text-small --json",
    "noc": "noc --topology loud --width 2 --height 2 --load 0.1 --warmup 0 --cycles 50 --json --quiet",
    "scale": "scale --workload idle --sizes 1000 --out scaled --json --quiet",
    "sweep": "sweep sweep.yaml --out swept --json --quiet",
    "show": "show --json",
    "show a run": "show loud --json",
    "show a key": "show workload.kind --json",
    "validate": "validate log-sample --json",
    "report": "report loud --json",
    "replay": "replay loud --json",
    "schema": "schema experiment",
    "doctor": "doctor --json",
}


@pytest.fixture(scope="module")
def loud(root: Path, tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], subprocess.CompletedProcess[str]]:
    """Commands with a package that prints wherever it can."""
    folder = tmp_path_factory.mktemp("loud")
    (folder / "site").mkdir()
    for group, code in PARTS.items():
        install(folder / "site", f"zz_{group}", f"chipsim.{group}", f"loud = zz_{group}:PART", LOUD + code)
    (folder / "sweep.yaml").write_text(SWEEP)

    def call(words: str) -> subprocess.CompletedProcess[str]:
        environment = os.environ | {"PYTHONPATH": os.pathsep.join([str(root), str(folder / "site")])}
        return subprocess.run(
            [sys.executable, "-m", "chipsim.cli", *words.split()],
            cwd=folder, env=environment, capture_output=True, text=True, check=False,
        )  # fmt: skip

    return call


@needs("nsn", "snn", "packets")
def test_what_packages_print_never_reaches_json(loud: Callable[[str], subprocess.CompletedProcess[str]]) -> None:
    """In Python, in C, in the buffers of C, and when the process stops; of every command with ``--json``."""
    heard = set()
    for name, words in COMMANDS.items():
        done = loud(words)
        assert done.returncode == 0, (name, done.stderr)
        json.loads(done.stdout)
        if "loud in Python" in done.stderr:
            heard.add(name)
            for what in ("in C", "in the buffers of C", "at the end", "to the first stream"):
                assert f"loud {what}" in done.stderr, (name, what)
    assert heard >= {"run", "map", "noc", "sweep", "show", "validate", "schema", "scale"}, heard


@needs("nsn")
def test_what_packages_print_reaches_no_text_either(loud: Callable[[str], subprocess.CompletedProcess[str]]) -> None:
    for words in ("show text-small", "validate text-small", "schema experiment", "--help", "show --help"):
        done = loud(words)
        assert done.returncode == 0 and done.stdout and "loud in" not in done.stdout, words
