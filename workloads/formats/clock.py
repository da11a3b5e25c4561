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
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from decimal import Decimal

MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")

MAX_TIME = 1 << 62
"""Event times stay below, so that the difference of two of them fits int64."""

_DAY = 86_400
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_DAYS_BEFORE = (0, 31, 59, 90, 120, 151, 181, 212, 243, 273, 304, 334)
_DAYS_IN = (31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)
_FEBRUARY = 1
_MONTH_OF = {name: number for number, name in enumerate(MONTHS)} | {f"{number + 1:02}": number for number in range(12)}
_HALF_YEAR = 6
"""A month that falls back by more than this many months is a new year, by fewer an error in the order."""

_NUMBER = re.compile(r"[0-9]{1,19}(?:\.[0-9]{0,18})?(?:[eE][+-]?[0-9]{1,2})?", re.ASCII)
_ISO = re.compile(
    r"([0-9]{4}-[0-9]{2}-[0-9]{2}[T ][0-9]{2}:[0-9]{2}(?::[0-9]{2})?)(?:[.,]([0-9]{1,9}))?(Z|[+-][0-9]{2}:?[0-9]{2})?", re.ASCII
)
_YEARLESS = re.compile(r"([0-9]{2})-([0-9]{2})[T ]([0-9]{2}):([0-9]{2}):([0-9]{2})(?:[.,]([0-9]{1,9}))?", re.ASCII)
_SYSLOG = re.compile(r"([A-Z][a-z]{2}) {1,2}([0-9]{1,2}) ([0-9]{2}):([0-9]{2}):([0-9]{2})(?:[.,]([0-9]{1,9}))?", re.ASCII)

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
    """

    scale: Decimal = Decimal(1)
    style: str = ""
    month: int = -1
    year_start: int = 0
    leap: bool = False
    last: int = -1


def tick(clock: Clock, text: str) -> Clock:
    """Read the next time.

    Args:
        clock: The clock after the time before.
        text: The time as the log writes it.

    Returns:
        The clock after this time; ``last`` is the time in whole units (fractions cut off).

    Raises:
        ValueError: not a time, not a possible one, of another style than before, or earlier than the one before. Its text is
            the part of a message that follows the place.
    """
    text = text.strip()
    year = clock
    if _NUMBER.fullmatch(text):
        style, seconds = "number", Decimal(text)
    elif matched := _ISO.fullmatch(text):
        style = "iso" if matched[3] else "iso-local"
        seconds = _iso_seconds(matched)
    elif (matched := _YEARLESS.fullmatch(text)) or (matched := _SYSLOG.fullmatch(text)):
        style = "yearless"
        year, seconds = _yearless(clock, text, matched)
    else:
        raise ValueError(f"{_short(text)} is not a time; allowed: {ACCEPTED}")
    if clock.style and style != clock.style:
        raise ValueError(
            f"the time {_short(text)} is of another kind ({style}) than those before ({clock.style}); use one kind in a file"
        )
    scaled = seconds * clock.scale
    if not 0 <= scaled < MAX_TIME:
        raise ValueError(
            f"the time {_short(text)} is out of range; allowed: 0 to {MAX_TIME - 1} units; see workload.time_scale"
        )
    units = int(scaled)
    if units < clock.last:
        raise ValueError(f"the time {_short(text)} is earlier than the one before it; sort the events by time")
    return replace(year, style=style, last=units)


def _iso_seconds(matched: re.Match[str]) -> Decimal:
    """Seconds since 1970-01-01 UTC, exactly (a float of them would lose microseconds)."""
    whole, fraction, offset = matched.groups()
    try:
        moment = datetime.fromisoformat(whole + (offset or "Z"))
    except ValueError as error:
        raise ValueError(f"{_short(matched[0])} is not a possible time: {error}") from None
    since = moment - _EPOCH
    return Decimal(since.days * _DAY + since.seconds) + Decimal(f"0.{fraction or 0}")


def _yearless(clock: Clock, text: str, matched: re.Match[str]) -> tuple[Clock, Decimal]:
    """Seconds since the start of the first year, and the clock with the year it is now in."""
    name, *numbers = matched.groups()
    day, hour, minute, second = (int(number) for number in numbers[:4])
    month = _MONTH_OF.get(name, -1)
    if not (0 <= month < len(MONTHS) and 1 <= day <= _DAYS_IN[month] and hour < 24 and minute < 60 and second <= 60):
        raise ValueError(f"{_short(text)} is not a possible time; month, day, hour, minute or second is out of range")
    if clock.month - month > _HALF_YEAR:
        clock = replace(clock, year_start=clock.year_start + 365 + clock.leap, leap=False)
    leap = clock.leap or (month == _FEBRUARY and day == 29)
    days = clock.year_start + _DAYS_BEFORE[month] + day - 1 + (leap and month > _FEBRUARY)
    seconds = Decimal(days * _DAY + (hour * 60 + minute) * 60 + second) + Decimal(f"0.{numbers[4] or 0}")
    return replace(clock, month=month, leap=leap), seconds


def _short(text: str) -> str:
    """A piece of input for a message: quoted, at most 60 characters."""
    return repr(text if len(text) <= 60 else text[:57] + "...")
