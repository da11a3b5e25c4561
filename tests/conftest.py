"""Fixtures that many tests share."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import settings

from tests.folders import ROOT, SHARED

# Wall-clock deadlines say more about a busy machine than about the code.
settings.register_profile("chipsim", deadline=None, max_examples=60)
settings.load_profile("chipsim")


@pytest.fixture(scope="session")
def root() -> Path:
    """The checkout."""
    return ROOT


@pytest.fixture(scope="session")
def shared() -> Path:
    """Real inputs kept beside the checkout; tests that need them are skipped elsewhere."""
    if not SHARED.is_dir():
        pytest.skip(f"real inputs are not here: no folder {SHARED}")
    return SHARED.parent
