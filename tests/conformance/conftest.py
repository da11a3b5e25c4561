"""The engines, one after the other."""

from __future__ import annotations

import pytest

from tests.engines import ENGINE_NAMES, Runner, runner


@pytest.fixture(scope="session", params=ENGINE_NAMES)
def engine(request: pytest.FixtureRequest) -> str:
    """Every engine that emulates the chip, by name."""
    name: str = request.param
    return name


@pytest.fixture
def run_engine(engine: str) -> Runner:
    """The function that runs a plan on each of them."""
    return runner(engine)
