"""One table and one file for all benchmarks of a session."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from tests.bench.results import FILE, Results

RESULTS = pytest.StashKey[Results]()


@pytest.fixture(scope="session")
def results(pytestconfig: pytest.Config) -> Results:
    """Where benchmarks leave their numbers."""
    return pytestconfig.stash.setdefault(RESULTS, Results())


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    """The table on the terminal, the numbers in a file."""
    found = config.stash.get(RESULTS, None)
    if found is None or not found.rows:
        return
    path = Path(os.environ.get(FILE, Path(__file__).parent / "results.json"))
    found.write(path)
    terminalreporter.section("benchmarks (CPU seconds are of one thread)")
    terminalreporter.write_line(found.table())
    terminalreporter.write_line(f"written to {path}")
