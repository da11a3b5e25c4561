"""A sleep on the chip that loses a message ends the run by name, and never as one that is done."""

from __future__ import annotations

import pytest

from tests.needs import needs

SHORT = ("workload.learned=300", "workload.symbols=64", "workload.layers=2", "workload.episode=32", "workload.compaction=sleep")


@needs("nsn")
@pytest.mark.parametrize("engine", ["reference", "compiled"])
@pytest.mark.parametrize("message", ["ask", "told", "make", "made"])
def test_a_sleep_that_loses_a_message_is_not_done(cli, message: str, engine: str) -> None:
    lost = f"faults=[{{kind: lose_message, message: {message}, number: 3}}]"
    words = [word for one in (*SHORT, lost, f"engine={engine}") for word in ("--set", one)]
    outcome = cli("run", "text-small", *words, "--no-report")
    assert outcome.code == 5
    assert "the sleeper waits for an answer" in outcome.err and f"1 x {message}" in outcome.err
