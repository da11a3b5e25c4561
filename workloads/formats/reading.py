"""What a reader of logs met on its way and did not take as it stood: counted, for the run to say."""

from __future__ import annotations

from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

MAX_HOURS = 16
"""Repeated hours that are named; further ones are counted."""


@dataclass(slots=True)
class Reading:
    """Counts of a log, filled while it is read.

    Attributes:
        skipped: lines that are no event: of other programs, or a repetition of one.
        left_out: events that ``workload.only`` does not let through, as far as the log is read.
        repeated: events that stand for a line "repeated N times" beyond their own line.
        late: events that the log tells after later ones; their time is that of the event before.
        late_max: largest step back of them, s.
        leap_seconds: times with second 60, which count as the first second of the next minute.
        hours: repeated hours; hour_places: the first of them, as time and line.
        moved: events whose time was moved by repeated hours.
        unit: of the times as written: ``s``, or ``ms``, ``us``, ``ns`` since 1970.
    """

    skipped: int = 0
    left_out: int = 0
    repeated: int = 0
    late: int = 0
    late_max: Decimal = Decimal(0)
    leap_seconds: int = 0
    hours: int = 0
    hour_places: list[str] = field(default_factory=list)
    moved: int = 0
    unit: str = "s"

    def summary(self) -> dict[str, Any]:
        """The counts as the summary of a run has them."""
        return {
            "time_unit": self.unit,
            "skipped_lines": self.skipped,
            "events_left_out": self.left_out,
            "repeated_events": self.repeated,
            "late_events": self.late,
            "late_max_s": float(self.late_max),
            "leap_seconds": self.leap_seconds,
            "repeated_hours": self.hours,
            "repeated_hours_at": list(self.hour_places),
            "events_moved_by_hours": self.moved,
        }
