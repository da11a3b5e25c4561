"""How long it takes to read a description: every command waits for it."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable

import pytest

from chipsim.spec import load_experiment, resolved_yaml

log = logging.getLogger(__name__)


@pytest.mark.bench
def test_reading_the_main_job(record_property: Callable[[str, object], None]) -> None:
    times = []
    for _ in range(10):
        start = time.perf_counter()
        text = resolved_yaml(load_experiment("text"))
        times.append(time.perf_counter() - start)
    assert "altai-256" in text
    record_property("seconds_best", min(times))
    record_property("seconds_worst", max(times))
    log.info("reading and writing the main job: %.3f s best, %.3f s worst", min(times), max(times))
    assert min(times) < 0.5
