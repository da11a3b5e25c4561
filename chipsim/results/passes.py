"""Further passes over the plan of a run, made to know its limits, as its summary takes them in."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from chipsim.energy import Point


@dataclass(frozen=True, slots=True)
class Passes:
    """What further passes showed.

    Attributes:
        points: power at their rates, in the order in which they were run; empty where none was.
        events: how many each had, 0 where none was.
        bounds: of the saturated pass: what resources allow by the time that they were busy, events per second by name.
        why: why there are none; empty where there are.
    """

    points: tuple[Point, ...] = ()
    events: int = 0
    bounds: Mapping[str, float] = field(default_factory=dict)
    why: str = ""

    def told(self) -> dict[str, Any]:
        """As in ``summary.json``."""
        return {"events": self.events, "why_none": self.why or None}


NO_PASSES = Passes(why="not asked for")
