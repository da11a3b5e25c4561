"""Runs that several tests of reports read, once per session."""

from __future__ import annotations

import pytest

from reports.run import Run
from reports.story import Story, tell
from tests.needs import require
from tests.report_runs import run_of


@pytest.fixture(scope="session")
def small(tmp_path_factory: pytest.TempPathFactory) -> Run:
    require("nsn")
    return run_of(tmp_path_factory.mktemp("runs") / "small", "text-small")


@pytest.fixture(scope="session")
def story(small: Run) -> Story:
    return tell(small)


@pytest.fixture(scope="session")
def golden(tmp_path_factory: pytest.TempPathFactory) -> Run:
    require("nsn")
    return run_of(tmp_path_factory.mktemp("runs") / "golden", "text-small", "engine=golden")
