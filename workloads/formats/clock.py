"""Times as logs write them, turned into whole units of event time.

Styles, by their shape alone:

========== ============================================== =====================================
style      looks like                                     counts from
========== ============================================== =====================================
number     ``150885`` ``12.5``                            the source's own zero
iso        ``2017-03-27T13:08:09.25+02:00``               1970-01-01 UTC (with offset)
iso-local  ``2017-03-27 13:08:09``                        1970-01-01, taken as UTC
yearless   ``03-27T13:08:09`` or ``Mar 27 13:08:09``      January 1 of the year the file starts in
========== ============================================== =====================================

A file keeps to one style: two of them have different zeros, so their difference would mean nothing.

Numbers as large as milli-, micro- or nanoseconds since 1970 are between 1990 and 2100 are those (styles ``epoch-ms``, ``epoch-us``,
``epoch-ns``); other numbers above 10^11 are refused.

What goes back in time, by how far: by less than ``LATE``, an event that was written late, which gets the time of the event before. Where
times tell no offset (iso-local, yearless), by ``LATE`` to 3,600 s, the hour that comes twice in autumn: it and all that follows count an
hour more. All else is refused. Second 60 is the first of the next minute, as POSIX counts.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from decimal import Decimal

from workloads.formats.reading import MAX_HOURS, Reading

MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")

MAX_TIME = 1 << 62
"""Event times stay below, so that the difference of two of them fits int64."""

_DAY = 86_400
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_DAYS_BEFORE = (0, 31, 59, 90, 120, 151, 181, 212, 243, 273, 304, 334)
_DAYS_IN = (31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)
_FEBRUARY = 1
_DECEMBER = 11
_MONTH_OF = {name: number for number, name in enumerate(MONTHS)} | {f"{number + 1:02}": number for number in range(12)}
_HALF_YEAR = 6
"""A month that falls back by more than this many months is a new year, by fewer an error in the order."""

LATE = 3_000
"""Steps back in time from here on, s, are no lateness of single events."""

_HOUR = 3_600

_LARGEST_SECONDS = Decimal(10) ** 11
_EPOCH_UNITS = {"ms": 3, "us": 6, "ns": 9}
_SINCE = (Decimal(631_152_000), Decimal(4_102_444_800))
"""1990 and 2100, s since 1970."""

_NUMBER = re.compile(r"[0-9]{1,19}(?:\.[0-9]{0,18})?(?:[eE][+-]?[0-9]{1,2})?", re.ASCII)
_ISO = re.compile(
    r"([0-9]{4}-[0-9]{2}-[0-9]{2}[T ][0-9]{2}:[0-9]{2}(?::[0-9]{2})?)(?:[.,]([0-9]{1,9}))?(Z|[+-][0-9]{2}:?[0-9]{2})?", re.ASCII
)
_YEARLESS = re.compile(r"([0-9]{2})-([0-9]{2})[T ]([0-9]{2}):([0-9]{2}):([0-9]{2})(?:[.,]([0-9]{1,9}))?", re.ASCII)
_SYSLOG = re.compile(r"([A-Z][a-z]{2}) {1,2}([0-9]{1,2}) ([0-9]{2}):([0-9]{2}):([0-9]{2})(?:[.,]([0-9]{1,9}))?", re.ASCII)

_LEAP = re.compile(r":[0-9]{2}:60(?![0-9])", re.ASCII)

ACCEPTED = (
    "a number of seconds (150885 or 12.5), ISO 8601 (2017-03-27T13:08:09), month-day (03-27T13:08:09) "
    "or syslog (Mar 27 13:08:09)"
)
"""The styles, for messages."""


@dataclass(frozen=True, slots=True)
class Clock:
    """What must be remembered from one time to the next.

    Attributes:
        scale: Units of event time in a second.
        style: Style of the times so far, ``""`` before the first.
        month: Month of the last yearless time, from 0; -1 before the first.
        year_start: Days from the start of the first year to the start of the current one.
        leap: February 29 was seen in the current year. A yearless log tells a leap year in no other way.
        last: Last time, units; -1 before the first.
        seconds: Latest time, s, exactly; -1 before the first.
        moved: Seconds added for hours that came twice.
        hour_at: ``seconds`` of the last such hour's first event; None before the first.
    """

    scale: Decimal = Decimal(1)
    style: str = ""
    month: int = -1
    year_start: int = 0
    leap: bool = False
    last: int = -1
    seconds: Decimal = Decimal(-1)
    moved: int = 0
    hour_at: Decimal | None = None


def tick(clock: Clock, text: str, reading: Reading, line: int) -> Clock:
    """Read the next time.

    Args:
        clock: The clock after the time before.
        text: The time as the log writes it.
        reading: Where late events, repeated hours and leap seconds are counted.
        line: Where the time stands, for people.

    Returns:
        The clock after this time; ``last`` is the time in whole units (fractions cut off).

    Raises:
        ValueError: not a time, not a possible one, of another style than before, or too far back. Its text is the part of a
            message that follows the place.
    """
    text = text.strip()
    style, year, seconds = _seconds(clock, text)
    if clock.style and style != clock.style:
        raise ValueError(
            f"the time {_short(text)} is of another kind ({style}) than those before ({clock.style}); use one kind in a file"
        )
    seconds += year.moved
    reading.leap_seconds += _has_leap_second(text, style)
    reading.unit = style.removeprefix("epoch-") if style.startswith("epoch-") else "s"
    back = clock.seconds - seconds
    if 0 < back < LATE:
        reading.late += 1
        reading.late_max = max(reading.late_max, back)
        reading.moved += clock.moved > 0
        return clock
    if back > 0:
        hour_at = clock.hour_at
        if back > _HOUR or style not in _WITHOUT_OFFSET or (hour_at is not None and clock.seconds - hour_at <= _DAY):
            raise ValueError(_too_far_back(text, back, style, hour_at))
        seconds += _HOUR
        year = replace(year, moved=year.moved + _HOUR, hour_at=seconds)
        _count_hour(reading, text, line)
    reading.moved += year.moved > 0
    return replace(year, style=style, last=_units(seconds, clock.scale, text), seconds=seconds)


_WITHOUT_OFFSET = ("iso-local", "yearless")


def _seconds(clock: Clock, text: str) -> tuple[str, Clock, Decimal]:
    """Style, the clock with the year that it is now in, and the seconds that a time says."""
    if _NUMBER.fullmatch(text):
        return _number(clock, text)
    if matched := _ISO.fullmatch(text):
        return ("iso" if matched[3] else "iso-local"), clock, _iso_seconds(matched)
    if (matched := _YEARLESS.fullmatch(text)) or (matched := _SYSLOG.fullmatch(text)):
        return ("yearless", *_yearless(clock, text, matched))
    raise ValueError(f"{_short(text)} is not a time; allowed: {ACCEPTED}")


def _number(clock: Clock, text: str) -> tuple[str, Clock, Decimal]:
    """Seconds of a number, which may count parts of them since 1970."""
    number = Decimal(text)
    if number < _LARGEST_SECONDS:
        return "number", clock, number
    for unit, digits in _EPOCH_UNITS.items():
        seconds = number.scaleb(-digits)
        if _SINCE[0] <= seconds < _SINCE[1]:
            return f"epoch-{unit}", clock, seconds
    raise ValueError(
        f"the time {_short(text)} is out of range; allowed: seconds below 10^11, or milli-, micro- or nanoseconds since 1970 "
        "that lie between 1990 and 2100; write the column named in workload.time in seconds"
    )


def _units(seconds: Decimal, scale: Decimal, text: str) -> int:
    """Whole units of event time."""
    scaled = seconds * scale
    if not 0 <= scaled < MAX_TIME:
        raise ValueError(
            f"the time {_short(text)} is out of range; allowed: 0 to {MAX_TIME - 1} units; see workload.time_scale"
        )
    return int(scaled)


def _count_hour(reading: Reading, text: str, line: int) -> None:
    reading.hours += 1
    if len(reading.hour_places) < MAX_HOURS:
        reading.hour_places.append(f"{text} (line {line})")


def _too_far_back(text: str, back: Decimal, style: str, hour_at: Decimal | None) -> str:
    """Why a time cannot follow the one before it."""
    told = f"the time {_short(text)} is earlier than the latest before it, by {back.normalize():f} s; "
    allowed = f"allowed: less than {LATE:,} s (an event written late)"
    if style in _WITHOUT_OFFSET:
        allowed += f", or once a day {LATE:,} to {_HOUR:,} s (the hour that comes twice in autumn)"
        if hour_at is not None and LATE <= back <= _HOUR:
            allowed += "; within the day before, an hour came twice already"
    return f"{told}{allowed}; sort the events by time"


def _has_leap_second(text: str, style: str) -> bool:
    return style in ("iso", *_WITHOUT_OFFSET) and _LEAP.search(text) is not None


def _iso_seconds(matched: re.Match[str]) -> Decimal:
    """Seconds since 1970-01-01 UTC, exactly (a float of them would lose microseconds)."""
    whole, fraction, offset = matched.groups()
    leap = _LEAP.search(whole) is not None
    try:
        moment = datetime.fromisoformat((whole[:-2] + "59" if leap else whole) + (offset or "Z"))
    except ValueError as error:
        raise ValueError(f"{_short(matched[0])} is not a possible time: {error}") from None
    since = moment - _EPOCH
    return Decimal(since.days * _DAY + since.seconds + leap) + Decimal(f"0.{fraction or 0}")


def _yearless(clock: Clock, text: str, matched: re.Match[str]) -> tuple[Clock, Decimal]:
    """Seconds since the start of the first year, and the clock with the year it is now in."""
    name, *numbers = matched.groups()
    day, hour, minute, second = (int(number) for number in numbers[:4])
    month = _MONTH_OF.get(name, -1)
    if not (0 <= month < len(MONTHS) and 1 <= day <= _DAYS_IN[month] and hour < 24 and minute < 60 and second <= 60):
        raise ValueError(f"{_short(text)} is not a possible time; month, day, hour, minute or second is out of range")
    within_day = Decimal((hour * 60 + minute) * 60 + second) + Decimal(f"0.{numbers[4] or 0}")
    if month == _DECEMBER and clock.month == 0:
        # written late, just after the start of a year: the months alone would read as eleven of silence
        seconds = Decimal((clock.year_start - _DAYS_IN[month] + day - 1) * _DAY) + within_day
        if clock.seconds - clock.moved - seconds < LATE:
            return clock, seconds
    if clock.month - month > _HALF_YEAR:
        clock = replace(clock, year_start=clock.year_start + 365 + clock.leap, leap=False)
    leap = clock.leap or (month == _FEBRUARY and day == 29)
    days = clock.year_start + _DAYS_BEFORE[month] + day - 1 + (leap and month > _FEBRUARY)
    return replace(clock, month=month, leap=leap), days * _DAY + within_day


def _short(text: str) -> str:
    """A piece of input for a message: quoted, at most 60 characters."""
    return repr(text if len(text) <= 60 else text[:57] + "...")
