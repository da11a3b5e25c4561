"""The marks of a run's timeline."""

from __future__ import annotations

import numpy as np
import pytest

from chipsim.machine.state import LATEST_PS
from chipsim.machine.timeline import MOST, UNKNOWN_PS, WHOLE_RUN, Timeline, first_interval


def filled(interval: int, end: int, begin: int = 0) -> Timeline:
    """A timeline of a run that counts its picoseconds."""
    timeline = Timeline(interval, begin)
    while timeline.next_ps is not None and timeline.next_ps < end:
        timeline.note(np.array([timeline.next_ps, 7]))
    return timeline


@pytest.mark.parametrize(("interval", "end"), [(10, 95), (10, 10 * MOST), (3, 10**5), (1, 10**6)])
def test_marks_are_evenly_apart_and_few(interval: int, end: int) -> None:
    rows = filled(interval, end).rows()
    times = rows[:, 0].tolist()
    width = times[0]
    assert times == list(range(width, end, width)) and len(times) <= MOST
    assert width == interval or len(times) >= MOST // 2 - 1
    assert rows[:, 1].tolist() == times and set(rows[:, 2].tolist()) == {7}


def test_a_run_that_goes_on_has_marks_at_the_same_times() -> None:
    assert filled(10, 95, begin=34).rows()[:, 0].tolist() == [40, 50, 60, 70, 80, 90]
    assert filled(10, 95, begin=40).rows()[:, 0].tolist() == [50, 60, 70, 80, 90]


def test_without_an_interval_there_are_no_marks_and_none_beyond_the_latest_time() -> None:
    assert Timeline(0).next_ps is None and Timeline(0).rows().shape == (0, 0)
    assert Timeline(LATEST_PS + 1).next_ps is None


@pytest.mark.parametrize(
    ("horizon", "until", "expected"),
    [(64_000, 0, 1000), (0, 64_000, 1000), (64_000, 6400, 100), (5, 0, 1), (0, 0, UNKNOWN_PS)],
)
def test_the_first_interval_divides_what_is_known_of_the_time(horizon: int, until: int, expected: int) -> None:
    assert first_interval(horizon, until) == expected and WHOLE_RUN == 64
