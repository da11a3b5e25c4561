"""The engines, one after the other."""

from __future__ import annotations

import pytest

from tests.engines import ENGINE_NAMES


@pytest.fixture(scope="session", params=ENGINE_NAMES)
def engine(request: pytest.FixtureRequest) -> str:
    """Every engine that emulates the chip, by name."""
    name: str = request.param
    return name
