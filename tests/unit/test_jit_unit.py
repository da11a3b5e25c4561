"""Units: compiled, checked and interpreted kernels say the same, and what they may not do is said where it happens."""

from __future__ import annotations

import random
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from chipsim import jit
from chipsim.jit.records import Block, row_dtype
from chipsim.jit.translate import Request, translate
from chipsim.jit.words import LEAST, MOST
from tests.unit import handle_kernels as kernels

NAME = kernels.__name__
MODES = {"compiled": {}, "checked": {"CHIPSIM_BOUNDSCHECK": "1"}, "interpreted": {"CHIPSIM_INTERPRET": "1"}}


@pytest.fixture(params=list(MODES))
def mode(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    return set_mode(request.param, monkeypatch)


def set_mode(mode: str, monkeypatch: pytest.MonkeyPatch) -> str:
    for name in ("CHIPSIM_BOUNDSCHECK", "CHIPSIM_INTERPRET"):
        monkeypatch.setenv(name, MODES[mode].get(name, "0"))
    return mode


def machine() -> tuple[Block, Block]:
    m, own = Block(kernels.Machine), Block(kernels.Own)
    m.tokens = np.zeros(4, row_dtype(kernels.Token))
    m.sent = np.arange(3)
    own.weight = np.array([100, 200], np.int32)
    m.own = own
    m.fixed = jit.pack(kernels.Fixed(5, [1, 2]))
    m.memory = jit.pack(kernels.Memory([1, 2], 7, [30]))
    return m, own


def state(m: Block, own: Block) -> Any:
    return m.head[:3].tolist(), m.tokens.tolist(), m.sent.tolist(), own.weight.tolist(), m.memory.tolist(), own.step


@pytest.mark.parametrize(("router", "result"), [(0, 1267), (1, 39900)])
def test_everything_is_the_same_in_every_mode(mode: str, router: int, result: int) -> None:
    m, own = machine()
    jit.unit(NAME, ("begin",)).link(m, "program")
    found = jit.unit(NAME, ("advance",), {"ROUTER": router})("advance", m, 40)
    expected = (
        [773, 3, 40],
        [(3, -7287869449862803660, 17), (0, 6, 17), (1, -1246579732431947076, 17), (2, 2957043955184307032, 17)],
        [280, 1, 2], [-20, -2], [3, 7, 5, 797, 742, 30], 780,
    )  # fmt: skip
    assert (found, state(m, own)) == (result, expected)


@pytest.mark.parametrize("a", [-17, -8, -1, 0, 1, 7, 8, 100, LEAST, MOST])
@pytest.mark.parametrize("b", [-9, -2, -1, 1, 2, 63])
def test_division_rounds_down(mode: str, a: int, b: int) -> None:
    if (a, b) == (LEAST, -1):
        return
    out = np.zeros(5, np.int64)
    found = jit.unit(NAME, ("divide",))("divide", a, b, out)
    assert found == a // b
    assert out.tolist() == [a // b, a % b, a >> (b & 63), a // 8 + a % 8, a // -7 - a % -7]


def test_and_or_not_have_pythons_values(mode: str) -> None:
    either = jit.unit(NAME, ("either",))
    for a in range(-1, 6):
        for b in range(-1, 6):
            assert either("either", a, b) == kernels.either(a, b)


def test_range_with_a_step(mode: str) -> None:
    assert jit.unit(NAME, ("count_down",))("count_down", 7) == 7531
    assert jit.unit(NAME, ("count_down",))("count_down", 6) == 62


def test_wrap_agrees(mode: str) -> None:
    unit, draw = jit.unit(NAME, ("hashed",)), random.Random(1)
    for _ in range(50):
        a, b = draw.randrange(LEAST, MOST), draw.randrange(LEAST, MOST)
        assert unit("hashed", a, b) == kernels.hashed(a, b)
    assert jit.wrap(1 << 63) == LEAST
    assert jit.wrap(MOST + 2) == LEAST + 1


FAILS = [
    ("read", 4, "m.tokens[i]: index 4 of 4"),
    ("read", -1, "m.tokens[i]: index -1 of 4"),
    ("column", 3, "m.sent[i]: index 3 of 3"),
    ("bundle", 2, "m.memory.a[i]: index 2 of 2"),
    ("put", 1 << 31, "m.tokens[0].next: 2147483648 does not fit into 32 bits"),
    ("small", -(1 << 31) - 1, "m.own.weight[0]: -2147483649 does not fit into 32 bits"),
    ("nested", 9, "m.tokens[i]: index 9 of 4"),
]


@pytest.mark.parametrize(("name", "number", "message"), FAILS)
def test_a_checked_kernel_says_what_is_wrong(name: str, number: int, message: str, monkeypatch: pytest.MonkeyPatch) -> None:
    set_mode("checked", monkeypatch)
    m, _ = machine()
    with pytest.raises(jit.KernelError) as error:
        jit.unit(NAME, (name,))(name, m, number)
    where, said = str(error.value).split(": ", 1)
    assert said == message
    assert where.startswith("tests/unit/handle_kernels.py:")
    line = int(where.rpartition(":")[2])
    assert message.split(":")[0] in Path(str(kernels.__file__)).read_text(encoding="utf-8").splitlines()[line - 1]


SUMS = [
    ("total", (1 << 40, 1 << 40), "a * b leaves 64 bits"),
    ("total", (MOST, 1), "a * b + 1 leaves 64 bits"),
    ("left", (1, 63), "a << b leaves 64 bits"),
    ("left", (1, 64), "a << b: 1 shifted by 64"),
    ("right", (1, -1), "a >> b: 1 shifted by -1"),
    ("rest", (7, 0), "a % b: 7 divided by 0"),
    ("lowest", (0,), "lowest_bit(word) of 0"),
]


@pytest.mark.parametrize(("name", "numbers", "message"), SUMS)
def test_checked_sums(name: str, numbers: tuple[int, ...], message: str, monkeypatch: pytest.MonkeyPatch) -> None:
    set_mode("checked", monkeypatch)
    with pytest.raises(jit.KernelError, match=r"handle_kernels\.py:\d+: ") as error:
        jit.unit(NAME, (name,))(name, *numbers)
    assert message in str(error.value)


def test_checked_kernels_say_what_was_not_set(monkeypatch: pytest.MonkeyPatch) -> None:
    set_mode("checked", monkeypatch)
    m = Block(kernels.Machine)
    with pytest.raises(jit.KernelError, match=r"m\.own was not set"):
        jit.unit(NAME, ("small",))("small", m, 1)
    with pytest.raises(jit.KernelError, match=r"m\.memory was not set"):
        jit.unit(NAME, ("bundle",))("bundle", m, 1)
    with pytest.raises(jit.KernelError, match=r"m\.program\.begin was not linked"):
        jit.unit(NAME, ("through",))("through", m, 1)


def test_blocks_take_whole_arrays_only() -> None:
    m = Block(kernels.Machine)
    with pytest.raises(TypeError, match=r"Machine\.sent: the array is not contiguous"):
        m.sent = np.arange(10)[::2]
    with pytest.raises(TypeError, match=r"Machine\.sent: the array is not contiguous"):
        m.sent = np.frombuffer(bytearray(17), np.int64, 2, 1)
    with pytest.raises(TypeError, match=r"Machine\.sent takes int64, not int32"):
        m.sent = np.zeros(2, np.int32)
    with pytest.raises(TypeError, match=r"Machine\.fixed takes int64, not int32"):
        m.fixed = np.zeros(4, np.int32)
    with pytest.raises(TypeError, match=r"Machine\.own takes a block of Own, not of Machine"):
        m.own = Block(kernels.Machine)
    with pytest.raises(TypeError, match=r"Machine\.now takes a whole number, not 1\.5"):
        m.now = 1.5
    with pytest.raises(AttributeError, match="Machine has no missing"):
        m.missing = 1
    with pytest.raises(AttributeError, match="Machine has no missing"):
        _ = m.missing
    with pytest.raises(AttributeError, match="program: functions are set with"):
        m.program = kernels


def test_an_array_that_is_refused_leaves_the_one_before() -> None:
    m = Block(kernels.Machine)
    m.sent = before = np.arange(3)
    with pytest.raises(TypeError):
        m.sent = np.zeros(2, np.int32)
    assert m.sent is before


def test_checked_arrays_have_a_length(monkeypatch: pytest.MonkeyPatch) -> None:
    set_mode("checked", monkeypatch)
    with pytest.raises(jit.KernelError, match="index 5 of 5"):
        jit.unit(NAME, ("item",))("item", np.arange(5), 5)


def test_a_failure_in_another_unit_comes_through(monkeypatch: pytest.MonkeyPatch) -> None:
    set_mode("checked", monkeypatch)
    m, own = machine()
    own.weight = np.zeros(0, np.int32)
    jit.unit(NAME, ("begin",)).link(m, "program")
    with pytest.raises(jit.KernelError, match=r"own\.weight\[0\]: index 0 of 0"):
        jit.unit(NAME, ("through",))("through", m, 1)


def test_columns_of_another_size(mode: str) -> None:
    m, own = Block(kernels.Machine), Block(kernels.Own, {"weight": "i8"})
    own.weight = np.zeros(1, np.int64)
    m.own = own
    jit.unit(NAME, ("small",), dtypes={"Own.weight": "i8"})("small", m, 1 << 40)
    assert own.weight.tolist() == [1 << 40]


def test_columns_of_a_size_that_the_unit_was_not_made_for(monkeypatch: pytest.MonkeyPatch) -> None:
    set_mode("compiled", monkeypatch)
    m, own = Block(kernels.Machine), Block(kernels.Own, {"weight": "i8"})
    own.weight = np.zeros(1, np.int64)
    m.own = own
    with pytest.raises(TypeError, match=r"Own\.weight holds i8; .* was compiled for i4"):
        jit.unit(NAME, ("small",))("small", m, 1)


def deep() -> Block:
    m, _ = machine()
    made = Block(kernels.Deep)
    for name in ("tokens", "sent", "own", "fixed", "memory"):
        setattr(made, name, getattr(m, name))
    return made


def test_a_class_derived_from_another(mode: str) -> None:
    m = deep()
    m.own.step = 100
    assert jit.unit(NAME, ("deeper",))("deeper", m, 7) == 7 + 8 + 100
    assert (m.now, m.depth, m.free_token) == (11, 8, 7)
    assert jit.unit(NAME, ("free",))("free", m, 1) == 8


def test_exports_of_other_modules_and_of_derived_classes(mode: str) -> None:
    m = deep()
    unit = jit.unit("tests.unit.handle_exports", ("begin", "free"))
    unit.link(m, "program")
    assert jit.unit(NAME, ("through",))("through", m, 5) == 6
    assert unit("free", m, 5) == 10


def test_a_part_of_another_module_stands_in(mode: str) -> None:
    m, _ = machine()
    assert jit.unit(NAME, ("whole",))("whole", m, 5) == 60
    assert jit.unit(NAME, ("whole",), parts={"part": "tests.unit.handle_exports:other_part"})("whole", m, 5) == 90
    assert jit.unit(NAME, ("whole",))("whole", m, 5) == 60


def test_a_part_that_is_not_there(monkeypatch: pytest.MonkeyPatch) -> None:
    set_mode("compiled", monkeypatch)
    with pytest.raises(
        jit.Untranslatable, match=r"tests\.unit\.handle_exports: no function third; allowed: functions at module level"
    ):
        jit.unit(NAME, ("whole",), parts={"part": "tests.unit.handle_exports:third"}).compile()


def test_lowest_bit(mode: str) -> None:
    unit = jit.unit(NAME, ("lowest",))
    assert [unit("lowest", word) for word in (1, 2, 12, LEAST, -1, 1 << 40)] == [0, 1, 2, 63, 0, 40]


@pytest.mark.parametrize("index", [0, 3, -1, 1 << 40])
def test_what_is_prefetched_need_not_exist(mode: str, index: int) -> None:
    m, own = machine()
    m.tokens["next"][0] = 5
    before = state(m, own)
    assert jit.unit(NAME, ("ahead",))("ahead", m, np.arange(2) + 9, index) == 14
    assert m.now == 1
    m.now = 0
    assert state(m, own) == before


def test_prefetching_is_an_instruction() -> None:
    text = translate(Request(NAME, ("ahead",))).text
    assert text.count("call void @llvm.prefetch.p0(") == 4
    assert "getelementptr [13 x i8]" in text  # a row of a table
    assert "getelementptr [4 x i8]" in text
    assert text.count("getelementptr [8 x i8]") == 2


def test_one_array_in_two_places_is_one(mode: str) -> None:
    m, _ = machine()
    shared = np.arange(3)
    m.sent = shared
    out = np.zeros(5, np.int64)
    assert jit.unit(NAME, ("column",))("column", m, 2) == 2
    assert jit.unit(NAME, ("divide",))("divide", 9, 2, out) == 4
    assert out[0] == 4


def test_arguments_are_looked_at(monkeypatch: pytest.MonkeyPatch) -> None:
    set_mode("compiled", monkeypatch)
    m, own = machine()
    unit = jit.unit(NAME, ("read",))
    with pytest.raises(TypeError, match=r"handle_kernels\.read: m is a block of Own; allowed: one of Machine"):
        unit("read", own, 1)
    with pytest.raises(TypeError, match="read takes 2 arguments, not 1"):
        unit("read", m)
    with pytest.raises(TypeError, match=r"handle_kernels\.item: a is list; allowed: Ints"):
        jit.unit(NAME, ("item",))("item", [1], 0)


@pytest.mark.parametrize(
    ("array", "message"),
    [
        (np.zeros((2, 2), np.int64), "2-dimensional; allowed: one dimension"),
        (np.full(2, 0.5), "float64; allowed: int64"),
        (np.zeros(2, np.int32), "int32; allowed: int64"),
        (np.zeros(2, ">i8"), ">i8; allowed: int64"),
        (np.zeros(4, np.int64)[::2], "not contiguous; allowed: an array without gaps"),
    ],
)
def test_an_array_is_taken_as_it_is_or_not_at_all(mode: str, array: Any, message: str) -> None:
    with pytest.raises(TypeError, match=rf"handle_kernels\.item: a is {message}"):
        jit.unit(NAME, ("item",))("item", array, 0)


def test_a_table_has_the_rows_that_a_kernel_was_compiled_for(mode: str) -> None:
    tokens = np.zeros(2, row_dtype(kernels.Token))
    tokens["next"][1] = 7
    unit = jit.unit(NAME, ("next_of",))
    assert unit("next_of", tokens, 1) == 7
    with pytest.raises(TypeError, match=r"next_of: rows is \[\('next', '<i8'\)\]; allowed: rows of \[\('next', '<i4'\), "):
        unit("next_of", np.zeros(2, [("next", np.int64)]), 1)


def test_a_unit_that_does_not_fit_a_field(monkeypatch: pytest.MonkeyPatch) -> None:
    set_mode("compiled", monkeypatch)
    m, _ = machine()
    with pytest.raises(jit.Untranslatable, match="begin is not exported; program calls it with"):
        jit.unit(NAME, ("read",)).link(m, "program")


def test_rows_hold_arrays_of_a_fixed_length(mode: str) -> None:
    m, _ = machine()
    m.wide = np.zeros(3, row_dtype(kernels.Wide))
    m.wide["four"][1] = 1, 2, 3, 4
    unit = jit.unit(NAME, ("turn",))
    assert unit("turn", m, 1, 3, -5) == -1
    assert [(int(row["key"]), row["four"].tolist()) for row in m.wide] == [(0, [0] * 4), (3568, [-4, -3, -2, -1]), (0, [0] * 4)]
    if mode == "checked":
        with pytest.raises(jit.KernelError, match=r"four.* 2147483648 does not fit into 32 bits"):
            unit("turn", m, 2, 0, 1 << 31)
        with pytest.raises(jit.KernelError, match=r"four\[by\]: index 4 of 4"):
            unit("turn", m, 2, 4, 0)


def test_an_interpreted_table_copies_only_the_rows_that_are_touched(monkeypatch: pytest.MonkeyPatch) -> None:
    set_mode("interpreted", monkeypatch)
    m, _ = machine()
    m.wide = np.zeros(3, row_dtype(kernels.Wide))
    made = m.interpreted()
    made.wide[1].key = 7
    m.wide["key"][2] = 5
    assert len(made.wide) == 3
    m.take(made)
    assert m.wide["key"].tolist() == [0, 7, 5]
    with pytest.raises(IndexError, match="row 3 of 3 of Wide"):
        _ = made.wide[3]
