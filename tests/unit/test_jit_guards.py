"""What cannot be compiled as it is written is refused with file and line before anything runs, one form at a time."""

from __future__ import annotations

import importlib
import itertools
import sys
from pathlib import Path

import pytest

from chipsim import jit
from chipsim.jit.kernel_unit import Unit
from chipsim.jit.sources import source_of
from chipsim.jit.translate import Request, translate

HEAD = """from __future__ import annotations

from collections.abc import MutableSequence, Sequence
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from chipsim import jit
from chipsim.jit.records import I16, I32, I64, U8, Column, Functions, Handle, Row, Rows

Ints = MutableSequence[int]
Words = npt.NDArray[np.int32]
Longs = npt.NDArray[np.int64]
TABLE = (4, 5, 6)
HALF = 0.5


class Fixed(NamedTuple):
    slots: int
    home: Sequence[int]


class Memory(NamedTuple):
    a: Ints
    b: Ints


class Token(Row):
    next: I32
    key: I64


class Hooks(Functions):
    def begin(self, m: Machine, i: int) -> int: ...


class Machine(Handle):
    now: I64
    tokens: Rows[Token]
    sent: Column[I64]
    narrow: Column[I32]
    program: Hooks
    fixed: Fixed
    memory: Memory


class Other(Handle):
    now: I64


@jit.struct
class Arrays(NamedTuple):
    first: npt.NDArray[np.int64]
    second: npt.NDArray[np.int32]


def helper(m: Machine, i: int, k: int = 2) -> int:
    return m.now + i + k


def nothing(m: Machine) -> None:
    m.now = 0


def plain(i: int, k: int = 2) -> int:
    return i + k


"""
LINE = HEAD.count("\n") + 2
"""Of the first statement of the function that follows."""

NUMBER = itertools.count()


@pytest.fixture
def module(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.syspath_prepend(tmp_path)
    return tmp_path / f"guarded{next(NUMBER)}.py"


def written(module: Path, text: str) -> str:
    module.write_text(HEAD + text)
    importlib.invalidate_caches()
    source_of.cache_clear()
    return module.stem


HANDLE = [
    # form, what is said of it
    ("return m.sent[-1]", "the index -1; allowed: indices from 0"),
    ("return m.sent[0:2]", r"m\.sent\[0:2\]; allowed: one index"),
    ("return m.tokens[i, 0]", r"m\.tokens\[i, 0\]; allowed: one index"),
    ("return m.missing", "Machine has no missing; allowed: now, tokens"),
    ("return m.tokens[i].missing", "Token has no missing; allowed: next, key"),
    ("return m.memory.missing", "Memory has no missing; allowed: a, b"),
    ("return m.tokens[i]", r"m\.tokens\[i\] is row Token; allowed: a whole number"),
    ("return m.sent", r"m\.sent is column i8; allowed: a whole number"),
    ("return i.now", "int has no fields"),
    ("return i[0]", "int has no items"),
    ("return unknown(i)", "unknown is no kernel; allowed: kernels, min"),
    ("return unknown", "unknown is not known"),
    ("return i / 2", "the operation Div; allowed: "),
    ("return i ** 2", "the operation Pow; allowed: "),
    ("return i @ 2", "the operation MatMult; allowed: "),
    ("return 0.5", r"0\.5 \(Constant\); allowed: whole numbers"),
    ("return HALF", "HALF is float; allowed: "),
    ("return i // 0", "a division by 0"),
    ("return i % 0", "a division by 0"),
    ("return 1 // 0", "1 // 0: integer division"),
    ("return i << 64", "a shift by 64; allowed: 0 to 63"),
    ("return i >> -1", "a shift by -1"),
    ("return 1 << 63", "the number 9223372036854775808; allowed: numbers of 64 bits"),
    ("return sum([i])", "sum is no kernel"),
    ("return len([j for j in range(i)])", r"ListComp.*; allowed: "),
    ("x = [i]", "List.*; allowed: "),
    ("x = 'text'", "Constant.*; allowed: "),
    ("x = lambda: i", "Lambda.*; allowed: "),
    ("x = {i: 1}", "Dict.*; allowed: "),
    ("x = (y := i)", "NamedExpr.*; allowed: "),
    ("x = i if i else m", "int or handle Machine; allowed: both of one kind"),
    ("x = nothing(m)", "the value of what returns none"),
    ("x = i; x = m", "x as handle Machine, which was int; allowed: one kind per name"),
    ("x = y; y = 1", "y has no value yet"),
    ("x, y = i, i, i", "tuple 3 for 2 names"),
    ("x = i, i\n    return x[2]", r"x\[2\]; allowed: constants from 0 to 1"),
    ("x = i, i\n    return x[i]", r"x\[i\]; allowed: constants from 0 to 1"),
    ("x: Other = m", "handle Machine as handle Other; allowed: a class that it is derived from"),
    ("x = m.program", "functions as a local; allowed: calls of them"),
    ("return m.program.missing(m, i)", "program has no function missing; allowed: begin"),
    ("return m.program.begin(m)", "no argument i; allowed: one for each of m, i"),
    ("return m.now.begin(m, i)", "int has no functions"),
    ("return helper(m)", "no argument i; allowed: one for each of m, i, k"),
    ("return helper(m, i, i, i)", "4 arguments; allowed: 3: m, i, k"),
    ("return helper(m, i, j=i)", "the argument j; allowed: each once of m, i, k"),
    ("return helper(m, i, i=i)", "the argument i; allowed: each once"),
    ("return helper(*m)", r"helper\(\*m\); allowed: arguments one by one"),
    ("return helper(i, i)", "i is int; allowed: handle Machine"),
    ("return len(out)", r"len\(out\); allowed: len of a table or a column"),
    ("return len(m.memory.a)", r"len\(m\.memory\.a\); allowed: len of a table or a column"),
    ("return min(i)", r"min\(i\); allowed: two numbers or more"),
    ("return max(i, i, key=i)", "arguments by place"),
    ("return max(i, m)", "allowed: whole numbers"),
    ("return jit.wrap(i, i)", "wrap of one number"),
    ("jit.prefetch(m.sent)", r"jit\.prefetch\(m\.sent\); allowed: prefetch of a table or column, and an index"),
    ("jit.prefetch(i, i)", "int; allowed: a table or a column, and an index"),
    ("jit.prefetch(m.tokens, m)", "column i8|rows Token; allowed: a table or a column, and an index"),
    ("x = jit.prefetch(m.sent, i)", "the value of what returns none"),
    ("return jit.lowest_bit(m)", r"jit\.lowest_bit\(m\); allowed: whole numbers"),
    ("return jit.lowest_bit(i, i)", "lowest_bit of one number"),
    ("return i < m", "m is handle Machine; allowed: a whole number"),
    ("return i is None", "allowed: == != < <= > >= in, not in"),
    ("return i in m.sent", "in a tuple of numbers"),
    ("return m + i", "handle Machine in a sum; allowed: whole numbers"),
    ("m.fixed.home[0] = i", r"storing into m\.fixed\.home\[0\]; allowed: what is not constant"),
    ("m.fixed.slots = i", r"a value for m\.fixed\.slots; allowed: numbers of handles"),
    ("m.tokens[0] = i", r"a value for m\.tokens\[0\]; allowed: numbers of handles"),
    ("m.sent = out", r"a value for m\.sent; allowed: numbers of handles"),
    ("m.now = m", "storing handle Machine; allowed: whole numbers"),
    ("m.tokens += 1", r"m\.tokens \+= 1; allowed: numbers"),
    ("TABLE[0] = i", r"storing into TABLE\[0\]; allowed: what is not constant"),
    ("x = m.narrow; out = x", "out as column i4, which was words|out as column i4, which was Ints"),
    ("try:\n        x = i\n    except ValueError:\n        x = 0", "Try.*; allowed: assignments"),
    ("with m:\n        x = i", "With.*; allowed: assignments"),
    ("def inner() -> int:\n        return 1", "FunctionDef.*; allowed: assignments"),
    ("assert i", "Assert.*; allowed: assignments"),
    ("raise ValueError", "Raise.*; allowed: assignments"),
    ("global TABLE", "Global.*; allowed: assignments"),
    ("del i", "Delete.*; allowed: assignments"),
    ("i", r"i \(Expr\); allowed: assignments"),
    ("while i:\n        i -= 1\n    else:\n        i = 3", "While.*; allowed: assignments"),
    ("for j in range(3):\n        i += j\n    else:\n        i = 3", "For.*; allowed: assignments"),
    ("for j in out:\n        i += j", "for j in out; allowed: for NAME in range"),
    ("for j in range(0, i, 0):\n        i += j", "a step that is not 0"),
    ("return", "return without a value; allowed: a whole number"),
    ("if i:\n        return 1", "kernel may end without a result"),
]  # fmt: skip


@pytest.mark.parametrize(("form", "message"), HANDLE, ids=[form.split("\n", maxsplit=1)[0] for form, _ in HANDLE])
def test_forms_of_handle_style_kernels(form: str, message: str, module: Path) -> None:
    end = "" if form.startswith(("return", "if i:")) else "\n    return 0"
    text = f"def kernel(m: Machine, i: int, out: Ints) -> int:\n    {form.replace('; ', chr(10) + '    ')}{end}\n"
    name = written(module, text)
    with pytest.raises(jit.Untranslatable, match=message) as error:
        translate(Request(name, ("kernel",)))
    where, _, line = str(error.value).split(": ", 1)[0].rpartition(":")
    assert where == f"{name}.py"
    assert LINE - 1 <= int(line) <= LINE + 5


SIGNATURES = [
    ("def kernel(m, i: int) -> int:", "kernel: m; allowed: int, bool, a Handle"),
    ("def kernel(m: float) -> int:", "kernel: a float; allowed: int, bool, a Handle"),
    ("def kernel(m: list) -> int:", "kernel: m: list; allowed: int"),
    ("def kernel(m: Missing) -> int:", "kernel: m: Missing; allowed: int"),
    ("def kernel(m: int):", "kernel: result -; allowed: int"),
    ("def kernel(m: int) -> float:", "kernel: a float; allowed: int"),
    ("def kernel(*m: int) -> int:", r"kernel; allowed: parameters by place without \* and /"),
    ("def kernel(*, m: int) -> int:", r"kernel; allowed: parameters by place without \* and /"),
    ("def kernel(m: int, /) -> int:", r"kernel; allowed: parameters by place without \* and /"),
    ("def kernel(**m: int) -> int:", r"kernel; allowed: parameters by place without \* and /"),
    ("@jit.struct\ndef kernel(m: int) -> int:", "no decorators"),
    ("def kernel(größe: int) -> int:", "the name größe; allowed: functions and parameters in ASCII"),
    ("def kernel(m: int = HALF) -> int:", "a default that is no number"),
]


@pytest.mark.parametrize(("head", "message"), SIGNATURES)
def test_signatures_of_handle_style_kernels(head: str, message: str, module: Path) -> None:
    name = written(module, f"{head}\n    return 0\n")
    with pytest.raises(jit.Untranslatable, match=message):
        translate(Request(name, ("kernel",)))


def test_what_is_not_reached_is_not_looked_at(module: Path) -> None:
    text = "MODE = 0\n\n\ndef kernel(i: int) -> int:\n    if MODE == 1:\n        return [i]\n    return other(i)\n\n\n"
    name = written(module, text + "def other(i: int) -> int:\n    return 1 + i\n\n\ndef host() -> str:\n    return 'text'\n")
    assert "other" in translate(Request(name, ("kernel",))).text
    with pytest.raises(jit.Untranslatable, match="List"):
        translate(Request(name, ("kernel",), (("MODE", 1),)))


def test_an_export_that_is_none(module: Path) -> None:
    name = written(module, "")
    with pytest.raises(jit.Untranslatable, match="no function TABLE"):
        translate(Request(name, ("TABLE",)))


ARRAY = [
    ("return values[-1]", "the index -1; allowed: indices from 0"),
    ("return words[0:2]", r"words\[0:2\]; allowed: one index"),
    ("return arrays.first[-1]", "the index -1"),
    ("return arrays.missing[0]", "Arrays has no missing; allowed: first, second"),
    ("return arrays.first[0, 0]", "allowed: one index"),
    ("arrays.first = words", "a value for arrays.first"),
    ("return take(words)", "words is column i4; allowed: column i8"),
    ("return take(fixed.home)", "fixed.home is Ints; allowed: column i8"),
    ("return len(fixed.home)", r"len\(fixed\.home\); allowed: len of a table or a column"),
    ("words[0] = heat", "storing float; allowed: whole numbers"),
    ("return heat", "heat is float; allowed: int"),
    ("return heat // 2", "the operation FloorDiv; allowed: . - . / of floats"),
    ("return heat % 2", "the operation Mod; allowed: "),
    ("return heat ** 2", "the operation Pow; allowed: "),
    ("return heat & 1", "the operation BitAnd; allowed: "),
    ("return ~heat", "heat is float; allowed: a whole number"),
    ("x = i; x = heat", "x as float, which was int; allowed: one kind per name"),
    ("return np.sum(words)", r"np\.sum is no kernel"),
    ("return words.sum()", "column i4 has no functions|column i4 has no fields"),
    ("x = [heat]", "List"),
]  # fmt: skip


@pytest.mark.parametrize(("form", "message"), ARRAY, ids=[form for form, _ in ARRAY])
def test_forms_of_array_style_kernels(form: str, message: str, module: Path) -> None:
    parameters = "values: Ints, words: Words, arrays: Arrays, fixed: Fixed, heat: float, i: int"
    end = "" if form.startswith("return") else "\n    return 0"
    text = f"def kernel({parameters}) -> int:\n    {form.replace('; ', chr(10) + '    ')}{end}\n\n\n"
    name = written(module, text + "def take(a: Longs) -> int:\n    return a[0]\n")
    with pytest.raises(jit.Untranslatable, match=message) as error:
        translate(Request(name, ("kernel",), floats=True))
    where, _, line = str(error.value).split(": ", 1)[0].rpartition(":")
    assert where == f"{name}.py"
    assert LINE <= int(line) <= LINE + 3


@pytest.mark.parametrize(
    "hint", ["npt.NDArray[np.integer]", "npt.NDArray[np.complex128]", "np.ndarray[tuple[int, int], np.dtype[np.int64]]"]
)
def test_arrays_that_kernels_do_not_take(hint: str, module: Path) -> None:
    name = written(module, f"def kernel(a: {hint}) -> int:\n    return 0\n")
    with pytest.raises(jit.Untranslatable, match=r"kernel: a: .*; allowed: "):
        translate(Request(name, ("kernel",), floats=True))


def test_a_struct_of_anything_but_arrays(module: Path) -> None:
    name = written(
        module, "@jit.struct\nclass Mixed(NamedTuple):\n    size: int\n\n\ndef kernel(a: Mixed) -> int:\n    return a.size\n"
    )
    with pytest.raises(TypeError, match=r"Mixed\.size: .*; allowed: arrays in one dimension"):
        translate(Request(name, ("kernel",), floats=True))


def test_a_unit_says_so_when_it_is_used(module: Path) -> None:
    name = written(module, "def kernel(i: int) -> int:\n    return i / 2\n")
    with pytest.raises(jit.Untranslatable, match=rf"{name}\.py:{LINE}: the operation Div"):
        Unit(Request(name, ("kernel",)), interpreted=False)("kernel", 1)
    assert name in sys.modules
