"""Fixtures that many tests share."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import pytest
from hypothesis import settings

from tests.folders import ROOT, SHARED
from tests.needs import imports_of, missing

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


class _Skipped(pytest.Module):
    """A file of tests that cannot be imported without the programs that it needs."""

    def collect(self) -> Iterable[pytest.Item]:
        pytest.skip(missing(imports_of(self.path)), allow_module_level=True)


def pytest_pycollect_makemodule(module_path: Path, parent: pytest.Collector) -> pytest.Module | None:
    """Skip files whose programs are not there, before they are imported."""
    return _Skipped.from_parent(parent, path=module_path) if missing(imports_of(module_path)) else None


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Skip tests that are marked with programs that are not there: whoever deletes a program's folder runs the tests of the others.

    Where every program is there, as in CI, none is skipped by this.
    """
    for item in items:
        reason = missing([program for mark in item.iter_markers("needs") for program in mark.args])
        if reason:
            item.add_marker(pytest.mark.skip(reason=reason))
