"""What a program does on the reference engine, and what the engine hands to it.

The engine has the network, the clock, the inboxes and the operations of cores and servers, and it counts and records. A program has what is
in the cores: it takes a message in, says what that costs and what it sends, and acts by itself where it must. It imports no simulator: what
it waits for, and what it lets happen later, it asks of the `Chip` that it is given.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Generator, Mapping, Sequence
from typing import Any, NamedTuple, Protocol

import numpy as np
import numpy.typing as npt

from chipsim.machine.snapshot import Snapshot
from chipsim.plan.plan import Plan
from chipsim.programs.base import side_of

Ints = npt.NDArray[np.int64]
Arrays = Mapping[str, npt.NDArray[Any]]
Message = tuple[int, ...]
"""A row as in ``chipsim.machine.message``."""

Process = Generator[Any, Any, None]
"""Something that happens step by step: it yields what it waits for, a `Chip.signal` or a `Chip.wait`."""


class Carried(NamedTuple):
    """What a network counts that has a price.

    Attributes:
        hops_ew, hops_ns: link crossings by packets along x, and all others; flits_ew, flits_ns: by flits.
        flits_local: flits through the local ports of routers.
        router_lookups: entries of routers' tables that packets were looked up in.
        credits: that went back over links.
    """

    hops_ew: int
    hops_ns: int
    flits_ew: int
    flits_ns: int
    flits_local: int
    router_lookups: int
    credits: int


class Chip(Protocol):
    """The chip around the cores.

    Attributes:
        plan: the run.
        host: number of the host's endpoint.
        last_ps: time of the last delivery, end of an operation, or other thing done.
        sent, delivered, dropped, copies: messages so far, by kind.
        losses: messages that a damaged network dropped, by cause.
        late: per endpoint, ticks whose work did not end before the next edge.
    """

    plan: Plan
    host: int
    last_ps: int
    sent: list[int]
    delivered: list[int]
    dropped: list[int]
    copies: list[int]
    losses: list[int]
    late: list[int]

    @property
    def now(self) -> int:
        """Time in ps."""

    def later(self, delay: int, phase: int, act: Callable[[], None]) -> None:
        """Have something happen in a phase of an instant (``chipsim.machine.phases``) so many ps from now."""

    def process(self, steps: Process) -> None:
        """Start a process."""

    def signal(self) -> Any:
        """Something that a process can wait for, once."""

    def trigger(self, signal: Any, delay: int, phase: int) -> None:
        """Let the process that waits for a signal go on, in a phase of this or a later instant."""

    def wait(self, delay: int) -> Any:
        """Something that a process can wait for: the deliver phase so many ps from now."""

    def inject(self, source: int, message: Message, more: int = 0) -> None:
        """Send a message now, of as many flits as its kind has in the plan, and some more."""

    def send(self, source: int, message: Message, flits: int, release: int) -> None:
        """Send a message of so many flits; it is counted and numbered now and leaves its endpoint at a time that may be to come."""

    def take_up(self, core: int, layer: int, key: int, bit: int) -> None:
        """The router of a core's tile takes up a branch of a tree."""

    def give_up(self, core: int, layer: int, key: int, bit: int) -> None:
        """The router of a core's tile gives up a branch of a tree."""

    def carried(self) -> Carried:
        """What the network has done so far."""

    def count(self, endpoint: int, kind: int, act: Sequence[int]) -> int:
        """An operation of a kind begins now at an endpoint and counts some actions; returns its duration in ps."""

    def record(self, kind: int, *fields: int) -> None:
        """Hash a record into the digest."""

    def spike(self, at: int, place: int, row: Message) -> None:
        """Hash a spike, and keep its row (time, core and two words more) if it is probed; ``place``: core and what else says where."""


class Cores(ABC):
    """A program's part in a run of the reference engine; what a program does not need it leaves as it is here.

    Attributes:
        clocked: whether idle cores begin operations at edges only, where the pace is ``TICK``.
    """

    clocked = False

    def __init__(self, chip: Chip) -> None:
        self.chip, self.plan = chip, chip.plan

    def begin(self) -> None:
        """The run begins, or goes on from a snapshot: have happen what comes first."""

    @abstractmethod
    def handle(self, endpoint: int, message: Message, act: list[int]) -> list[Message]:
        """A core or server begins an operation: it takes a message in.

        Args:
            endpoint: which.
            message: the row.
            act: takes the counted actions.

        Returns:
            Rows that leave when the operation ends.
        """

    def release(self, endpoint: int, rows: list[Message]) -> None:
        """An operation has ended: its rows leave."""
        for row in rows:
            self.chip.inject(endpoint, row)

    def receive(self, message: Message) -> None:
        """The host takes a message."""

    def absorbed(self, source: int) -> None:
        """A message of an endpoint was delivered where nobody takes it in (``Plan.sinks``)."""

    def dropped(self) -> None:
        """A packet was dropped on its way."""

    def flip(self, where: Sequence[int]) -> None:
        """A fault of a core's memory: what lies behind the time in a row of ``Plan.fault``."""

    def progress(self) -> tuple[int, int]:
        """How much of what is to be done is done, and all."""
        return 0, 0

    def check_finished(self) -> None:
        """Nothing is due any more. Raises DeadlockError if somebody waits, naming who waits for what."""

    def end_ps(self) -> int:
        """Where a run ends that goes to its end."""
        return self.chip.last_ps

    def outcome(self, end_ps: int) -> tuple[Any, Ints]:
        """What is the program's own in a raw run, and bits of memory in use by core."""
        return None, self.plan.used_bits

    def save(self) -> Arrays:
        """The program's arrays in a snapshot."""
        return {}

    def restore(self, snapshot: Snapshot) -> None:
        """Go on from a snapshot; what is the chip's is as it was already."""


def cores_of(program: str) -> type[Cores]:
    """The class of a program's part, by the program's name. Raises PluginError where it has none."""
    return side_of(program, "reference", Cores)  # type: ignore[type-abstract]  # only told apart by it
