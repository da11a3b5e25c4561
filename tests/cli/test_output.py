"""Standard output that is closed, full or read in part, and libraries that print into it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from chipsim.cli.output import library_prints_aside, standard_streams
from tests.needs import needs

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
    with standard_streams() as streams:
        with library_prints_aside():
            sys.stdout.write("in Python\n")
            os.write(1, b"in C\n")
        sys.stdout.write('{"own": 1}')
        sys.stdout.flush()
        assert streams.lost() is None
    out, err = capfd.readouterr()
    assert json.loads(out) == {"own": 1}
    assert "in Python" in err and "in C" in err
    os.write(1, b"as before\n")
    assert capfd.readouterr().out == "as before\n"
