"""What a run had counted at regular times: few enough rows to keep for a run of any length, the same on every engine.

At a mark everything is counted that happened before it. The first marks are as far apart as asked for; when there are more than ``MOST``,
every second one is dropped and they are twice as far apart from then on.

A row has, in this order: the time in ps, counted actions of all endpoints by number, flits through local ports, flits to and from the host,
look-ups in routers' tables, then flits and then credits by class of link (``chipsim.noc.links.link_classes``).
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from chipsim.machine.state import LATEST_PS

Ints = npt.NDArray[np.int64]

MOST = 128
"""Rows that are kept, at most."""

WHOLE_RUN = 64
"""Intervals into which a run is divided of which it is known how long it lasts at least."""

UNKNOWN_PS = 10**6
"""Width of the first intervals where that is not known: a microsecond."""


def first_interval(horizon_ps: int, until_ps: int) -> int:
    """How far apart the first marks of a run are.

    Args:
        horizon_ps: when the last thing from outside is due, 0 where that is not known.
        until_ps: where the run ends at the latest, 0 for the end of all work.
    """
    known = min((ps for ps in (horizon_ps, until_ps) if ps > 0), default=0)
    return max(1, known // WHOLE_RUN) if known else UNKNOWN_PS


class Timeline:
    """The marks of one run."""

    def __init__(self, interval_ps: int, begin_ps: int = 0) -> None:
        """``interval_ps``: of the first marks, 0 for none at all; ``begin_ps``: where the run begins, or goes on."""
        self.interval, self._rows = interval_ps, list[Ints]()
        self.next_ps: int | None = None
        self._last = begin_ps
        self._plan()

    def note(self, counts: Ints) -> None:
        """What had been counted before ``next_ps``; moves on to the mark after it."""
        assert self.next_ps is not None
        self._last = self.next_ps
        self._rows.append(np.concatenate([[self._last], counts]).astype(np.int64))
        if len(self._rows) > MOST:
            self.interval *= 2
            self._rows = [row for row in self._rows if row[0] % self.interval == 0]
        self._plan()

    def rows(self) -> Ints:
        """int64[marks, columns], in the order of time."""
        return np.stack(self._rows) if self._rows else np.zeros((0, 0), np.int64)

    def _plan(self) -> None:
        if self.interval:
            due = (self._last // self.interval + 1) * self.interval
            self.next_ps = due if due <= LATEST_PS else None
