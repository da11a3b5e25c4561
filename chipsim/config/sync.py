"""The time that a barrier takes to begin the next step, by the number of tiles in use."""

from __future__ import annotations

from itertools import pairwise
from typing import Annotated, Any, Self

from pydantic import Field, model_validator

from chipsim import units
from chipsim.config.constant import SET_BY_USER, Delay, FieldError, Grade, Spec


class SyncStep(Spec):
    """One step of the table.

    Attributes:
        tiles: from so many tiles in use on.
        time: from the last thing done in a step to the next step (ps).
    """

    tiles: Annotated[int, Field(strict=True, ge=1, le=2**24)]
    time: Delay


class SyncTable(Spec):
    """Barrier times by tiles in use, known as well as their source knows them; bare text is one time for all.

    Attributes:
        steps: from 1 tile on, in ascending order; the last step with at most so many tiles counts.
        grade: how well the table is known.
        source: where it comes from.
    """

    steps: Annotated[tuple[SyncStep, ...], Field(min_length=1)]
    grade: Grade
    source: Annotated[str, Field(min_length=1)]

    def time(self, tiles: int) -> int:
        """Barrier time (ps) with so many tiles in use (at least 1)."""
        return next(step.time for step in reversed(self.steps) if step.tiles <= max(tiles, 1))

    def text(self) -> str:
        """The table in words, e.g. ``600 ns from 1 tile, 1 us from 2 tiles``."""
        steps = ((units.format_time(step.time), f"{step.tiles} tile{'s' if step.tiles > 1 else ''}") for step in self.steps)
        return ", ".join(f"{time} from {tiles}" for time, tiles in steps)

    @model_validator(mode="before")
    @classmethod
    def _short_forms(cls, data: Any) -> Any:
        """One time for all, or a list of steps; without a grade and source it is the user's own assumption."""
        if isinstance(data, (str, int, float)):
            data = {"steps": [{"tiles": 1, "time": data}]}
        elif isinstance(data, (list, tuple)):
            data = {"steps": data}
        if not isinstance(data, dict) or {"grade", "source"} & data.keys():
            return data
        return {"grade": "assumed", "source": SET_BY_USER} | data

    @model_validator(mode="after")
    def _ascending(self) -> Self:
        tiles = [step.tiles for step in self.steps]
        if tiles[0] != 1 or any(a >= b for a, b in pairwise(tiles)):
            raise FieldError(f"found tiles {', '.join(map(str, tiles))}; allowed: 1 first, then ascending", "steps")
        if self.grade == "unknown":
            raise FieldError("found unknown, with times; allowed: published, measured, derived, assumed", "grade")
        return self
