"""The input stream: numbered layer-0 items with event times, before any chip time is attached."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt

AS_SOON_AS_TAKEN = -1
"""When an event is offered: as soon as the one before has been taken."""

LONGEST_OFFER_PS = (2**63 - 1) // 4
"""Latest offer of an event, 26 days from the start; the rest of int64 is for what comes of it."""

END_SEGMENT = 1
"""Flag of the last item of an event (the last field; every character of a text)."""

END_EPISODE = 2
"""Flag of the last item of an episode."""


@dataclass(frozen=True, slots=True)
class Stimulus:
    """A stream of layer-0 items, in order.

    Attributes:
        code: int64[items], the raw symbol: a Unicode code point, or an index into ``names``.
        time: int64[items], event time in whole units of the source, non-decreasing within an episode.
        flags: int64[items], ``END_SEGMENT`` and ``END_EPISODE`` bits.
        event: int64[items], number of the input event that the item belongs to, from 0, without holes.
        names: what the codes stand for where they are not code points, e.g. ``user=root``.
        fields: names of the fields of an event, in order; empty for text.
        unit: the source's unit of event time, for people: ``character`` or ``second``.
    """

    code: npt.NDArray[np.int64]
    time: npt.NDArray[np.int64]
    flags: npt.NDArray[np.int64]
    event: npt.NDArray[np.int64]
    names: tuple[str, ...] = ()
    fields: tuple[str, ...] = ()
    unit: str = "character"
    extra: dict[str, list[str]] = field(default_factory=dict)
    """Columns of text per event that reports carry along (e.g. the time as the log writes it); never simulated."""
    reading: Mapping[str, Any] = field(default_factory=dict)
    """What the reader did not take as it stands, counted, for the summary; empty where there is nothing to say of its kind."""

    def __len__(self) -> int:
        return len(self.code)

    @property
    def events(self) -> int:
        """Number of input events."""
        return int(self.event[-1]) + 1 if len(self.event) else 0

    def item_of_event(self, event: int) -> int:
        """Number of the first item of an event; ``len(self)`` for the event after the last."""
        return int(np.searchsorted(self.event, event))

    def label(self, code: int) -> str:
        """What a raw code stands for, for people."""
        return self.names[code] if self.names else chr(code)
