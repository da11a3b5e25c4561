"""Times of logs that go back, come twice, or count other units: what becomes of each, and what is counted."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chipsim.programs.nsn.told import network
from workloads.formats.clock import LATE, Clock, tick
from workloads.formats.csvlog import read_csv
from workloads.formats.jsonl import read_jsonl
from workloads.formats.reading import MAX_HOURS, Reading


def read(*texts: str, scale: int = 1) -> tuple[list[int], Reading]:
    """Units of event time of a file's times, and what was counted."""
    clock, reading, units = Clock(scale=Decimal(scale)), Reading(), []
    for line, text in enumerate(texts, 1):
        clock = tick(clock, text, reading, line)
        units.append(clock.last)
    return units, reading


def since_first(*texts: str, scale: int = 1) -> tuple[list[int], Reading]:
    units, reading = read(*texts, scale=scale)
    return [one - units[0] for one in units], reading


@pytest.mark.parametrize(
    ("before", "after", "apart"),
    [
        ("Oct 29 02:59:59", "Oct 29 02:00:01", 2),
        ("Oct 29 02:59:59", "Oct 29 01:59:59", 0),  # exactly an hour back
        ("Oct 29 02:50:00", "Oct 29 02:00:00", 600),  # LATE exactly
        ("10-29T02:59:59", "10-29T02:00:01", 2),
        ("2017-10-29T02:59:59.5", "2017-10-29T02:00:01.5", 2),
        ("2017-10-29 02:59:59", "2017-10-29 02:00:01", 2),
    ],
)
def test_the_hour_that_comes_twice(before: str, after: str, apart: int) -> None:
    """All that follows counts an hour more, the next day too."""
    units, reading = since_first(before, after, after)
    assert units == [0, apart, apart]
    assert (reading.hours, reading.moved, reading.late) == (1, 2, 0)
    assert reading.hour_places == [f"{after} (line 2)"]


def test_an_hour_stays_moved() -> None:
    units, reading = since_first("Oct 29 02:59:59", "Oct 29 02:00:01", "Oct 30 02:00:01", "Oct 30 01:59:00")
    assert units == [0, 2, 86_402, 86_402]
    assert (reading.moved, reading.late, reading.late_max) == (3, 1, 61)


def test_every_autumn_has_its_hour() -> None:
    texts = ["Oct 29 02:59:59", "Oct 29 02:00:01", "Dec 31 00:00:00", "Jan  1 00:00:00", "Oct 28 02:59:59", "Oct 28 02:00:01"]
    assert read(*texts)[1].hours == 2


def test_two_hours_of_a_day_are_no_autumn() -> None:
    with pytest.raises(ValueError, match="within the day before, an hour came twice already"):
        read("Oct 29 02:59:59", "Oct 29 02:00:01", "Oct 29 02:59:59", "Oct 29 02:00:01")


@pytest.mark.parametrize("back", [1, 59, LATE - 1])
@pytest.mark.parametrize(
    "style", ["{}", "2017-10-29T{:02}:{:02}:{:02}Z", "2017-10-29T{:02}:{:02}:{:02}", "Oct 29 {:02}:{:02}:{:02}"]
)
def test_late_events_get_the_time_before(back: int, style: str) -> None:
    """However many follow: lateness is held against the latest time, not the one before."""

    def told(second: int) -> str:
        return style.format(second) if style == "{}" else style.format(second // 3600, second // 60 % 60, second % 60)

    units, reading = since_first(told(9000), told(9000 - back), told(9000 - back), told(9000), told(9001))
    assert units == [0, 0, 0, 0, 1]
    assert (reading.late, reading.late_max, reading.hours, reading.moved) == (2, back, 0, 0)


def test_lateness_within_a_unit_is_counted_too() -> None:
    units, reading = read("5.9", "5.8", "6")
    assert units == [5, 5, 6]
    assert (reading.late, reading.late_max) == (1, Decimal("0.1"))


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("Oct 29 03:00:00", "Oct 29 01:59:59"),
        ("2017-10-29T03:00:00", "2017-10-28T03:00:00"),
        ("2017-10-29T03:00:00Z", "2017-10-29T02:10:00Z"),  # with an offset no hour comes twice
        ("2017-10-29T03:00:00Z", "2017-10-29T02:00:00Z"),
        ("9000", "6000"),
        ("9000", "5399"),
    ],
)
def test_larger_steps_back_are_refused(before: str, after: str) -> None:
    with pytest.raises(ValueError, match=rf"the time '{after}' is earlier than the latest before it, by [0-9]+ s; allowed"):
        read(before, after)


def test_late_just_after_new_year_is_no_year_of_silence() -> None:
    units, reading = since_first("Dec 31 23:59:58", "Jan  1 00:00:02", "Dec 31 23:59:59", "Jan  1 00:00:03")
    assert units == [0, 4, 4, 5]
    assert (reading.late, reading.late_max) == (1, 3)
    assert since_first("Jan  1 00:00:02", "Dec 31 23:59:59", "Jan  1 00:00:03")[0] == [0, 0, 1]


@pytest.mark.parametrize(
    ("before", "leap", "after"),
    [
        ("Dec 31 23:59:59", "Dec 31 23:59:60", "Jan  1 00:00:00"),
        ("Jun 30 23:59:59", "Jun 30 23:59:60", "Jul  1 00:00:00"),
        ("2016-12-31T23:59:59Z", "2016-12-31T23:59:60Z", "2017-01-01T00:00:00Z"),
        ("2016-12-31T23:59:59", "2016-12-31T23:59:60", "2017-01-01T00:00:00"),
        ("2017-01-01T01:59:59+02:00", "2017-01-01T01:59:60+02:00", "2017-01-01T02:00:00+02:00"),
    ],
)
def test_leap_seconds(before: str, leap: str, after: str) -> None:
    units, reading = since_first(before, leap, after)
    assert units == [0, 1, 1]
    assert reading.leap_seconds == 1


@pytest.mark.parametrize("text", ["2016-12-31T23:59:61Z", "2016-12-31T23:60:00", "Dec 31 23:59:61"])
def test_second_61_is_none(text: str) -> None:
    with pytest.raises(ValueError, match="is not a possible time"):
        read(text)


@pytest.mark.parametrize(
    ("unit", "texts"),
    [
        ("s", ("1711544889", "1711544890.5")),
        ("ms", ("1711544889000", "1711544890500")),
        ("us", ("1711544889000000", "1.7115448905e15")),
        ("ns", ("1711544889000000000", "1711544890500000000")),
    ],
)
def test_numbers_since_1970(unit: str, texts: tuple[str, ...]) -> None:
    units, reading = read(*texts, scale=10)
    assert units == [17115448890, 17115448905]
    assert reading.unit == unit


@pytest.mark.parametrize(
    "text", ["100000000000", "631151999999", "4102444800000", "5e13", "631151999999999", "4102444800000000", "5e17"]
)
def test_numbers_that_count_nothing_known(text: str) -> None:
    with pytest.raises(ValueError, match="milli-, micro- or nanoseconds since 1970"):
        read(text)


def test_small_numbers_keep_their_own_zero() -> None:
    assert read("0", "150885", "99999999999")[0] == [0, 150885, 99999999999]


def test_a_file_keeps_its_unit() -> None:
    with pytest.raises(ValueError, match=r"of another kind \(number\) than those before \(epoch-ms\)"):
        read("1711544889123", "1711544890")


@given(st.lists(st.integers(0, 4000), min_size=1, max_size=40))
def test_times_never_fall(seconds: list[int]) -> None:
    """Whatever a log says, what is read never goes back; nothing is counted where nothing was out of order."""
    texts = [f"2017-10-29T{second // 3600:02}:{second // 60 % 60:02}:{second % 60:02}" for second in seconds]
    try:
        units, reading = read(*texts)
    except ValueError as error:
        assert "earlier than the latest" in str(error)
    else:
        assert units == sorted(units)
        if seconds == sorted(seconds):
            assert reading == Reading()


def test_what_was_counted_is_said() -> None:
    reading = Reading(skipped=1, repeated=2, late=3, late_max=Decimal(9), leap_seconds=1, moved=4, unit="ms")
    reading.hours, reading.hour_places = 1, ["Oct 29 02:00:01 (line 2)"]
    told = network({"nsn": {"layers": [], "input": reading.summary()}})
    for part in (
        "1 line of the log skipped", "2 events told as repetitions", "3 late events set to the time before, by at most 9 s",
        "1 hour came twice, at Oct 29 02:00:01 (line 2): 4 events moved", "1 time in a leap second", "times read as ms since 1970",
    ):  # fmt: skip
        assert part in told
    assert network({"nsn": {"layers": [], "input": Reading().summary()}}) == network({"nsn": {"layers": []}})


def test_only_the_first_hours_are_named() -> None:
    reading = Reading()
    clock = Clock()
    for day in range(MAX_HOURS + 2):
        for hour in (f"2017-10-{day * 1 + 1:02}T03:00:00", f"2017-10-{day * 1 + 1:02}T02:00:01"):
            clock = tick(clock, hour, reading, 1)
    assert (reading.hours, len(reading.hour_places)) == (MAX_HOURS + 2, MAX_HOURS)


def test_blank_lines_are_counted(tmp_path: Path) -> None:
    table, lines = tmp_path / "a.csv", tmp_path / "a.jsonl"
    table.write_text("\ntime,a\n1,x\n\n2,x\n")
    lines.write_text('\n{"time": 1}\n \n{"time": 2}\n')
    for reader, path in ((read_csv, table), (read_jsonl, lines)):
        reading = Reading()
        assert [event.time for event in reader(path, reading=reading)] == [1, 2]
        assert reading.skipped == 2
