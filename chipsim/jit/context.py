"""A function on its way into machine code: its names, its text so far, and how it complains."""

from __future__ import annotations

import ast
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from chipsim.jit.assembly import FAILED_AT, Assembly, Body, Site
from chipsim.jit.errors import Untranslatable
from chipsim.jit.kinds import INT, Kind
from chipsim.jit.scope import Scope
from chipsim.jit.words import LEAST, MOST, wrap

ENDLESS = str(1 << 62)
"""The length of what nobody knows the length of."""


@dataclass(frozen=True, slots=True)
class Value:
    """A value in the text.

    Attributes:
        kind: what it is.
        word: the name that the text has for it, or a number.
        length: gives the name of a sequence's length, with the instructions to load it; None if it is not known.
        known: the number, where it is the same in every run.
        parts: of a tuple.
    """

    kind: Kind
    word: str
    length: Callable[[], str] | None = None
    known: int | None = None
    parts: tuple[Value, ...] = ()


@dataclass(frozen=True, slots=True)
class Slot:
    """Where a local name's value is: a word, a sequence's length beside it, or the slots of a tuple's parts."""

    kind: Kind
    word: str
    length: str = ""
    parts: tuple[Slot, ...] = ()


@dataclass(frozen=True, slots=True)
class Signature:
    """What a function takes and gives.

    Attributes:
        names: of the parameters.
        kinds: of the parameters.
        gives: kind of the result.
        defaults: numbers of the last parameters.
        truth: whether the result is a truth value.
    """

    names: tuple[str, ...]
    kinds: tuple[Kind, ...]
    gives: Kind
    defaults: tuple[int, ...] = ()
    truth: bool = False

    def __str__(self) -> str:
        return f"({', '.join(map(str, self.kinds))}) -> {self.gives}"


@dataclass(slots=True)
class Context:
    """What the translation of one function knows.

    Attributes:
        assembly: the unit's text.
        body: the function's.
        scope: names of its module.
        where: its file, as messages name it.
        gives: kind of its result.
        local: names that it gives values to, and its parameters.
        dtypes: codes of columns that differ from their annotations.
        checked: whether what can go wrong is looked for.
        floats: whether floats are allowed.
        call: asks for a function of a module by name; its symbol and signature.
        slots: of the names that have a value so far.
        loops: labels to continue at and to break to, outermost first.
        wrapping: how many ``wrap`` are around.
    """

    assembly: Assembly
    body: Body
    scope: Scope
    where: str
    gives: Kind
    local: frozenset[str]
    dtypes: Mapping[str, str]
    checked: bool
    floats: bool
    call: Callable[[str, str], tuple[str, Signature]]
    slots: dict[str, Slot] = field(default_factory=dict)
    loops: list[tuple[str, str]] = field(default_factory=list)
    wrapping: int = 0

    @property
    def lengths(self) -> bool:
        """Whether Ints have a length."""
        return self.checked or self.floats

    def refused(self, node: ast.AST, found: str, allowed: str) -> Untranslatable:
        """The error for what cannot be translated."""
        return Untranslatable(f"{self.where}:{getattr(node, 'lineno', 0)}: {found}; allowed: {allowed}")

    def number(self, node: ast.AST, value: int) -> Value:
        """A number that is known."""
        if self.wrapping:
            value = wrap(value)
        if not LEAST <= value <= MOST:
            raise self.refused(node, f"the number {value}", "numbers of 64 bits with a sign; others within wrap(...)")
        return Value(INT, str(value), known=value)

    def leave(self) -> None:
        """Return at once, with nothing."""
        self.body.close({"none": "ret void", "float": "ret double 0.0"}.get(self.gives.what, "ret i64 0"))

    def fail_if(self, node: ast.AST, bit: str, text: str, first: str, second: str = "0") -> None:
        """Checked code: leave with a message if a bit is set; ``{0}`` and ``{1}`` in the text stand for the two numbers."""
        body = self.body
        number = self.assembly.site(Site(f"{self.where}:{getattr(node, 'lineno', 0)}", text))
        bad, good = body.name("bad"), body.name("good")
        body.fork(bit, bad, good)
        body.begin(bad)
        at = body.result(f"load ptr, ptr @{FAILED_AT}, align 8")
        for offset, word in enumerate((str(number), first, second)):
            place = body.result(f"getelementptr i64, ptr {at}, i64 {offset}")
            body.emit(f"store i64 {word}, ptr {place}, align 8")
        place = body.result(f"getelementptr i64, ptr {at}, i64 3")
        body.emit(f"store ptr @{FAILED_AT}, ptr {place}, align 8")  # which unit's site it is
        self.leave()
        body.begin(good)

    def leave_if_failed(self) -> None:
        """Checked code, after a call: leave if it failed."""
        body = self.body
        at = body.result(f"load ptr, ptr @{FAILED_AT}, align 8")
        site = body.result(f"load i64, ptr {at}, align 8")
        bit = body.result(f"icmp ne i64 {site}, 0")
        bad, good = body.name("bad"), body.name("good")
        body.fork(bit, bad, good)
        body.begin(bad)
        self.leave()
        body.begin(good)


def source_text(node: ast.AST) -> str:
    """A piece of source for a message; braces are doubled, for the message is a format."""
    text = ast.unparse(node)
    return (text if len(text) <= 60 else text[:57] + "...").replace("{", "{{").replace("}", "}}")
