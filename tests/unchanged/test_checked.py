"""A sample of the scenarios on kernels that look at every index, divisor, shift, sum and stored number: none is wrong, and nothing changes."""

from __future__ import annotations

import pytest

from chipsim.jit import kernel_unit
from tests.unchanged.record import differences, outcome, recorded
from tests.unchanged.test_unchanged import QUICK, rows

SAMPLE = QUICK[::12]


@pytest.mark.parametrize("name", rows(SAMPLE))
def test_runs_as_recorded_with_every_check(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CHIPSIM_BOUNDSCHECK", "1")
    monkeypatch.delenv("CHIPSIM_INTERPRET", raising=False)
    assert differences(recorded()[name], outcome(name, "compiled")) == []
    assert any(one.request.module.startswith("chipsim.engines") for one in kernel_unit._checked().values())
