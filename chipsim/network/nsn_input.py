"""What a neurosemantic network is given to run: made by a kind of workload, whatever that reads."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal, Protocol

import numpy as np
import numpy.typing as npt

from chipsim.network import NsnState, Stimulus
from chipsim.network.rules import NsnRules

Ints = npt.NDArray[np.int64]

LeafItems = list[tuple[int, int]]
"""(raw code, event time) of items of layer 0."""


class Decided(Protocol):
    """One decision of a golden model: of which layer, from which item on, what fires, items covered, whether it is new, its event time."""

    @property
    def layer(self) -> int: ...  # noqa: D102
    @property
    def item(self) -> int: ...  # noqa: D102
    @property
    def id(self) -> int: ...  # noqa: D102
    @property
    def cover(self) -> int: ...  # noqa: D102
    @property
    def new(self) -> bool: ...  # noqa: D102
    @property
    def time(self) -> int: ...  # noqa: D102


class Golden(Protocol):
    """The network in plain software, having learned what comes before the run."""

    def advance(self, stimulus: Stimulus, stop: int, *, recording: bool = True) -> None:
        """Learn the items up to number ``stop`` (exclusive)."""

    def state(self) -> NsnState:
        """What it knows."""

    def decision_digest(self) -> int:
        """Sum of the hashes of its decisions."""

    @property
    def expectations(self) -> Sequence[tuple[int, int, int]]:
        """What recursive networks expected while recording: number of the network, of the output that it had read, id or -1."""

    @property
    def decisions(self) -> Sequence[Decided]:
        """Decisions made while recording."""

    @property
    def choices(self) -> Mapping[str, Mapping[str, int]]:
        """Segments that stored neurons won while recording, by number of candidates and by what decided, as the summary tells them."""


class Slept(Protocol):
    """What a sleep in software has done: the network after it, what was stored before and after, digrams counted at once at most."""

    @property
    def state(self) -> NsnState: ...  # noqa: D102
    @property
    def elements_before(self) -> int: ...  # noqa: D102
    @property
    def elements_after(self) -> int: ...  # noqa: D102
    @property
    def digrams(self) -> int: ...  # noqa: D102


@dataclass(frozen=True, slots=True)
class Compaction:
    """How a network is compacted in software, and what it is held against.

    Attributes:
        sleep: a network between two episodes, compacted.
        grammars: elements of grammars of the episodes that a network stores, by name.
        least: the lowest threshold: how often two units have to occur together.
    """

    sleep: Callable[[NsnState, NsnRules], Slept]
    grammars: Callable[[NsnState, NsnRules], Mapping[str, int]]
    least: int


@dataclass(frozen=True, slots=True)
class NsnInput:
    """A network and what it reads.

    Attributes:
        stimulus: the whole input; first_item: number of its first item that runs on the chip.
        rules: how the network reads.
        state: what it knows before that item.
        golden: the golden model at that item; None where the network was not learned.
        match: ``associative`` or ``keyed``.
        wta: ``tree`` or ``inhibition``: how the winner is found among cores.
        arity: children per node of the tree that combines answers.
        alerts: what the host is told: ``none``, ``new`` or ``all``.
        offers: from stimulus and first item when each event of the run is offered: int64[events], ps from the start, or
            ``AS_SOON_AS_TAKEN``.
            Raises WorkloadError where that is too late.
        listeners: number of the layer or recursive network that each listener hears.
        replay: items of the stored episodes, from a network and its rules alone; None where they cannot be told.
        compaction: how the network sleeps when all is read; None where it does not.
    """

    stimulus: Stimulus
    first_item: int
    rules: NsnRules
    state: NsnState
    golden: Golden | None
    match: Literal["associative", "keyed"]
    wta: Literal["tree", "inhibition"]
    arity: int
    alerts: str
    offers: Callable[[Stimulus, int], Ints]
    replay: Callable[[NsnState, NsnRules], LeafItems | None]
    compaction: Compaction | None = None
    listeners: tuple[int, ...] = ()
