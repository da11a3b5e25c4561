"""SimPy's clock and events with the phases of an instant (``chipsim.machine.phases``) as priorities."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import simpy

from chipsim.machine.phases import END


class Clock(simpy.Environment):
    """SimPy's environment; its clock counts whole picoseconds."""

    if TYPE_CHECKING:

        @property
        def now(self) -> int:
            """Time in ps."""


class PhasedClock(Clock):
    """A clock that tells the phase of the instant, for components that look at their inputs once per edge."""

    phase = END

    def step(self) -> None:
        """The next event."""
        if self._queue:
            self.phase = self._queue[0][1]
        super().step()


class Later(simpy.Event):
    """An event at a set time in a set phase; SimPy's own Timeout knows one priority only."""

    def __init__(self, env: Clock, delay: int, phase: int, callback: Callable[[Any], None], value: Any = None) -> None:
        self.env = env  # as Timeout does, without the detour over Event.__init__
        self.callbacks = [callback]
        self._value = value
        self._ok = True
        env.schedule(self, phase, delay)  # type: ignore[arg-type]


def trigger(event: simpy.Event, delay: int, phase: int) -> None:
    """Let a waiting process go on, in a phase of this or a later instant."""
    event._ok, event._value = True, None
    event.env.schedule(event, phase, delay)  # type: ignore[arg-type]
