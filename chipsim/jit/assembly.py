"""The text of a unit in LLVM's language, as it grows: functions, tables of constants, and what memory may overlap with what."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

INVARIANT = ", !invariant.load !1"
"""After a load of what no kernel changes while it runs: addresses, lengths, functions."""

_HEADER = """\
@chipsim_failed_at = global ptr null
!0 = !{!"memory of chipsim"}
!1 = !{}
"""
FAILED_AT = "chipsim_failed_at"
"""The word of a unit that says where checked code leaves what went wrong: the site's number from 1, two numbers, and the
address of this very word, which tells the unit."""


@dataclass(frozen=True, slots=True)
class Site:
    """A place in the source where something can go wrong.

    Attributes:
        where: file and line.
        text: of the message; ``{0}`` and ``{1}`` stand for two numbers.
    """

    where: str
    text: str


class Assembly:
    """A unit's text."""

    def __init__(self) -> None:
        self.functions: list[str] = []
        self.sites: list[Site] = []
        self.columns: dict[str, str] = {}  # Class.field of those that are used, and their codes
        self._tags: dict[str, int] = {}
        self._declared: dict[str, None] = {}
        self._tables: dict[tuple[int, ...], str] = {}

    def tag(self, name: str) -> str:
        """After a load or a store: memory of another name is not the same memory."""
        number = self._tags.setdefault(name, len(self._tags))
        return f", !tbaa !{3 + 2 * number}"

    def declare(self, line: str) -> None:
        """An operation of LLVM's own that is used."""
        self._declared[line] = None

    def table(self, values: Sequence[int]) -> str:
        """The name of an array of constants."""
        key = tuple(values)
        return self._tables.setdefault(key, f"@table_{len(self._tables)}")

    def site(self, site: Site) -> int:
        """The number of a place."""
        self.sites.append(site)
        return len(self.sites)

    def text(self) -> str:
        """All of it."""
        lines = [_HEADER]
        for name, number in self._tags.items():
            lines.append(f'!{2 + 2 * number} = !{{!"{name}", !0, i64 0}}')
            lines.append(f"!{3 + 2 * number} = !{{!{2 + 2 * number}, !{2 + 2 * number}, i64 0}}")
        for values, name in self._tables.items():
            words = ", ".join(f"i64 {value}" for value in values)
            lines.append(f"{name} = internal unnamed_addr constant [{len(values)} x i64] [{words}], align 8")
        return "\n".join([*lines, *self._declared, *self.functions]) + "\n"


class Body:
    """The text of one function: blocks that begin with a label and end with a jump."""

    def __init__(self) -> None:
        self.open = True
        self._kept: list[str] = []
        self._lines: list[str] = []
        self._count = 0

    def name(self, prefix: str = "%r") -> str:
        """A name that nothing has yet."""
        self._count += 1
        return f"{prefix}{self._count}"

    def emit(self, line: str) -> None:
        """An instruction without a result."""
        if self.open:
            self._lines.append(f"  {line}")

    def result(self, operation: str) -> str:
        """An instruction; the name of its result."""
        name = self.name()
        self.emit(f"{name} = {operation}")
        return name

    def room(self, kind: str) -> str:
        """A word in the function's own memory, 0 at first."""
        name = self.name("%v")
        zero = {"ptr": "null", "double": "0.0"}.get(kind, "0")
        self._kept += [f"  {name} = alloca {kind}, align 8", f"  store {kind} {zero}, ptr {name}, align 8"]
        return name

    def goto(self, label: str) -> None:
        """End the block."""
        self.emit(f"br label %{label}")
        self.open = False

    def fork(self, bit: str, yes: str, no: str) -> None:
        """End the block, one way or the other."""
        self.emit(f"br i1 {bit}, label %{yes}, label %{no}")
        self.open = False

    def close(self, line: str) -> None:
        """End the block by leaving the function."""
        self.emit(line)
        self.open = False

    def begin(self, label: str) -> None:
        """Begin a block."""
        self._lines.append(f"{label}:")
        self.open = True

    def text(self) -> list[str]:
        """The lines, own memory first."""
        return [*self._kept, *self._lines]
