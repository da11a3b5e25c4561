"""What a program does for the compiled engine in Python: it opens its state, makes room, saves, restores and sums up.

The kernels of the program (``chipsim.machine.state.Hooks``) do the rest. One object per run; the engine knows programs by this alone.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping, Sequence
from typing import Any, ClassVar

import numpy as np
import numpy.typing as npt

from chipsim.errors import SimulationError
from chipsim.jit.records import Block, Handle
from chipsim.machine.state import LATEST_PS
from chipsim.plan.plan import Plan
from chipsim.plan.ranges import Range
from chipsim.programs.base import side_of

Array = npt.NDArray[Any]
Message = tuple[int, ...]


def longest_operation(ps: int) -> Range:
    """The range of how long an operation can take, by what it counts at most: its end is within int64 ps."""
    return Range("ps that an operation can take", ps, LATEST_PS)


class Host(ABC):
    """A program's side of a run.

    Attributes:
        kernels: name of the module with the hooks; hooks: which of them it has.
        own_kind: the handle of what it keeps; own: that.
        keeps_lists: what it logs is part of its snapshots.
        compile_s: processor seconds to compile the hooks, roughly.
        least_wheel: slots of the machine's near wheel at least.
        most: packets that one endpoint sends at once.
        machine: the machine's state; packets and endpoints are what a program reads and writes there.
        unit: ps.
        end_side: has the operation of an endpoint's other side end at a time, in units; set by the engine.
    """

    kernels: ClassVar[str]
    hooks: ClassVar[tuple[str, ...]]
    own_kind: ClassVar[type[Handle]]
    least_wheel: ClassVar[int] = 1 << 11
    keeps_lists: ClassVar[bool] = False
    compile_s: ClassVar[float] = 1.0

    def __init__(self, plan: Plan, machine: Block, unit: int) -> None:
        self.plan, self.machine, self.unit = plan, machine, unit
        self.own = Block(self.own_kind, {name.rpartition(".")[2]: code for name, code in self.columns(plan).items()})
        self.most = 1
        self.end_side: Callable[[int, int], None]

    @staticmethod
    def times(plan: Plan) -> Sequence[int]:
        """Times in ps of which the unit of time must be a divisor, beside those of the machine."""
        return ()

    @staticmethod
    def columns(plan: Plan) -> Mapping[str, str]:
        """Codes of own columns by ``Class.field`` that are not as annotated, for numbers that stay as the plan has them."""
        return {}

    @staticmethod
    def parts(plan: Plan) -> Mapping[str, str]:
        """Kernels that stand in for others of the program's in this run: ``module:function`` by the name of those."""
        return {}

    @staticmethod
    def ranges(plan: Plan) -> Sequence[Range]:
        """What the own fields hold, and how long an operation takes at most: plans are held to it."""
        return ()

    @staticmethod
    def records(plan: Plan) -> int:
        """About how many records a run will have, by which ``auto`` takes an engine; many, if that cannot be told from the plan."""
        return 1 << 40

    @abstractmethod
    def open(self) -> None:
        """Lay out the own state from the plan; set what the machine has to know (``offer_at``, ``steps``, ``sinks``, ...)."""

    def provide(self, need: int, endpoint: int) -> None:
        """Make room for what a hook lacked; ``endpoint`` is the first of those with something to do."""
        raise SimulationError(f"{type(self).__name__} cannot provide {need}")

    @abstractmethod
    def progress(self) -> tuple[int, int]:
        """How much is done, and of how much."""

    def check_finished(self) -> None:
        """With nothing left to do: has everything been done?

        Raises:
            DeadlockError: no; it says who waits for what.
        """
        return

    def failure(self, code: int, details: Sequence[int], now: int) -> Exception:
        """What went wrong, from ``machine.error`` and its details, at a time in ps."""
        return SimulationError(f"error {code} {tuple(details)} at {now} ps")

    def flip(self, when: int, core: int, slot: int, pair: int, bit: int, field: int) -> int:
        """A fault: a bit of a core's memory flips; the hash of the record of it."""
        raise SimulationError(f"fault flip_bit: the cores have no pairs that bit {bit} of core {core} could be of")

    # -- snapshots

    @abstractmethod
    def message(self, packet: int) -> Message:
        """The message that a packet carries, in global ids."""

    @abstractmethod
    def load(self, packet: int, message: Sequence[int]) -> None:
        """Have a packet carry a message: its own words, not those of the machine."""

    def outputs(self, endpoint: int) -> list[Message]:
        """What leaves when the operation of an endpoint ends."""
        return []

    def load_outputs(self, endpoint: int, messages: Sequence[Message]) -> None:
        """Likewise, of an operation that goes on."""
        return

    @abstractmethod
    def save(self, decisions: int) -> dict[str, Array]:
        """The own arrays of a snapshot, but for the lists of the log."""

    @abstractmethod
    def restore(self, own: Mapping[str, Array]) -> int:
        """Take them back; returns the sum of the hashes of decisions."""

    # -- results

    @abstractmethod
    def result(self, status: str, end_ps: int, decisions: int, lists: Mapping[str, Array]) -> Any:
        """The own part of the raw run; ``lists`` are those of the log that are not the machine's."""

    def end_ps(self) -> int:
        """When the run ends at the earliest, done or not."""
        return 0

    def used_bits(self) -> Array:
        """int64[cores], bits of memory in use."""
        return self.plan.used_bits


def host_of(program: str) -> type[Host]:
    """The class of a program's side of a run, by the program's name. Raises PluginError where it has none."""
    return side_of(program, "host", Host, ("kernels", "hooks", "own_kind"))  # type: ignore[type-abstract]  # only told apart by it


def longer(rows: Array, more: int, first_free: int) -> Array:
    """Rows with a field ``next``, with so many more behind them that are threaded into a list of free ones that began at ``first_free``."""
    old = len(rows)
    grown = aligned(old + more, rows.dtype)
    grown[:old] = rows
    grown["next"][old:] = np.arange(old + 1, old + more + 1)
    grown["next"][-1] = first_free
    return grown


def aligned(count: int, dtype: Any) -> Array:
    """Zeros that begin at a cache line."""
    kind = np.dtype(dtype)
    block = np.zeros(count * kind.itemsize + 64, np.uint8)
    skip = -block.ctypes.data % 64
    return block[skip : skip + count * kind.itemsize].view(kind)
