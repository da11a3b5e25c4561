"""Ctrl-C, SIGTERM, a reader that goes away, a disk that is full: processes of their own."""

from __future__ import annotations

import json
import resource
import signal
import time
from pathlib import Path

import pytest

from chipsim.results.store import read_run
from tests.needs import needs

pytestmark = needs("nsn")

LONG = (
    "run",
    "text-small",
    "--engine",
    "reference",
    "--set",
    "workload.learned=0",
    "--set",
    "workload.symbols=60000",
    "--out",
    "run",
)
"""Minutes of work; the first events are simulated at once."""


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_the_first_signal_keeps_what_has_run(spawn, tmp_path: Path, number):
    process = spawn(*LONG, "--json")
    assert "60,000 events" in process.stderr.readline()
    time.sleep(1.5)
    process.send_signal(number)
    out, err = process.communicate(timeout=60)
    assert process.returncode == 130, err
    assert "stopping" in err and "Traceback" not in err
    summary, tables = read_run(tmp_path / "run")
    assert summary == json.loads(out)
    assert summary["status"] == "interrupted"
    assert summary["counts"]["events_in"] < 60000
    assert len(tables["cores"]["core"]) == summary["chip"]["cores"]
    assert (tmp_path / "run" / "experiment.yaml").is_file()
    assert (tmp_path / "run" / "report.html").is_file()
    assert "INTERRUPTED" in err


def test_the_second_signal_ends_at_once(spawn, tmp_path: Path):
    # the golden model learns for seconds before the engine could heed the first signal
    process = spawn("run", "text", "--set", "workload.learned=200000", "--out", "run")
    assert "learned in software first" in process.stderr.readline()
    process.send_signal(signal.SIGINT)
    lines = [process.stderr.readline(), process.stderr.readline()]
    assert "stopping" in "".join(lines)
    time.sleep(0.5)  # an interrupt within the flush of the first line would have it written again
    process.send_signal(signal.SIGINT)
    _, err = process.communicate(timeout=60)
    assert process.returncode == 130
    assert err == "error: interrupted; nothing is kept\n"
    assert not (tmp_path / "run").exists()


def test_a_reader_that_goes_away_is_no_error(spawn):
    process = spawn("show", "--json")
    process.stdout.close()
    with process.stderr:
        err = process.stderr.read()
    assert process.wait(timeout=60) == 0  # its own status: it has done what it should
    assert err == ""


def test_a_full_disk_is_one_message_that_names_the_file(spawn, small, tmp_path: Path):
    def no_large_files() -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (3000, 3000))

    process = spawn(*small, "--out", "run", preexec_fn=no_large_files)
    _, err = process.communicate(timeout=60)
    assert process.returncode == 2
    assert "error: run/experiment.yaml: cannot be written: File too large" in err
    assert "Traceback" not in err
    assert list(tmp_path.iterdir()) == [], "a part of a file or an empty folder is left"
