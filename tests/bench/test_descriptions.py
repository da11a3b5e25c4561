"""How long it takes to read a description: every command waits for it."""

from __future__ import annotations

import time

import pytest

from chipsim.config import load_experiment, resolved_yaml
from tests.bench.results import Results, spread


@pytest.mark.bench
def test_reading_the_main_job(results: Results) -> None:
    times = []
    for _ in range(10):
        start = time.perf_counter()
        text = resolved_yaml(load_experiment("text"))
        times.append(time.perf_counter() - start)
    assert "altai-256" in text
    results.row("reading and writing the main job", min(times), "s", f"worst {max(times):.3f} s")
    results.note("descriptions", seconds=spread(times))
