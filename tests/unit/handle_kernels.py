"""Kernels that use all that handle-style kernels may, for the tests of the loader."""

from __future__ import annotations

from collections.abc import MutableSequence, Sequence
from typing import Annotated, NamedTuple

import numpy as np

from chipsim.jit import lowest_bit, prefetch, wrap
from chipsim.jit.records import I32, I64, U8, Column, Functions, Handle, Row, Rows

Ints = MutableSequence[int]
ROUTER = 0
FACTOR = 0x9E3779B97F4A7C15 - (1 << 64)
BITS = np.array([3, 1, 4, 1, 5], np.int64)
TWO = (3, 5)


class Token(Row):
    next: I32
    key: I64
    small: U8


class Wide(Row):
    key: I64
    four: Annotated[MutableSequence[int], "i4", 4]


class Hooks(Functions):
    def begin(self, m: Machine, i: int) -> int: ...


class Fixed(NamedTuple):
    slots: int
    home: Sequence[int]


class Memory(NamedTuple):
    a: Ints
    n: int
    b: Ints


class Own(Handle):
    step: I64
    weight: Column[I32]


class Machine(Handle):
    now: I64
    free_token: I64
    free_tokens: I64
    tokens: Rows[Token]
    sent: Column[I64]
    program: Hooks
    own: Own
    fixed: Fixed
    memory: Memory
    wide: Rows[Wide]


class Deep(Machine):
    depth: I64


def deeper(m: Deep, i: int) -> int:
    m.depth += i
    m.now += 1
    own: Own = m.own
    return free(m, i) + m.depth + own.step


def free(m: Machine, i: int) -> int:
    deep: Deep = m
    deep.depth += 1
    m.free_token += i
    m.now += 10
    return m.free_token


def begin(m: Machine, i: int) -> int:
    own: Own = m.own
    own.step += i
    own.weight[0] -= 3
    return own.step % 3 + own.weight[0] // 2


def free_token(m: Machine, i: int) -> None:
    m.tokens[i].next = m.free_token
    m.free_token = i
    m.free_tokens += 1


def touch(a: Ints, c: Column[I32], t: Token, rows: Rows[Token], k: int = 7) -> bool:
    a[0] += k
    c[1] = -k
    t.small = t.small + 1 & 255
    rows[1].key = len(rows) + len(c)
    return t.small > 3


def advance(m: Machine, n: int) -> int:
    x = 0
    for i in range(n):
        free_token(m, i % len(m.tokens))
        m.now += m.program.begin(m, i)
        t = m.tokens[i % len(m.tokens)]
        t.key = wrap((t.key ^ i) * FACTOR)
        if ROUTER == 1:
            x += 1000
        elif i in TWO or not i or i in (9, i + 1):
            x -= BITS[i % len(BITS)]
        a, b = m.memory.a, m.memory.b
        a[i % 2] += b[0] + m.fixed.slots + m.fixed.home[1]
        low, high = (x, m.memory.n) if x < m.memory.n else (m.memory.n, x)
        pair = low, high
        x += pair[1] - pair[0]
        while True:
            x += 1
            if x % 7 == 0:
                break
        if touch(m.sent, m.own.weight, t, m.tokens) and touch(m.memory.a, m.own.weight, t, m.tokens, k=2):
            x ^= 1
        if 0 <= x < 1000 and x != 5:
            x += abs(-x) + max(x, 3, m.now & 7) - min(x, 2)
        x = wrap(x) >> 1
    return x


def divide(a: int, b: int, out: Ints) -> int:
    out[0] = a // b
    out[1] = a % b
    out[2] = a >> (b & 63)
    out[3] = a // 8 + a % 8
    out[4] = a // -7 - a % -7
    return a // b


def either(a: int, b: int) -> int:
    c = a or b
    d = a and b
    return 10 * c + d + (not a) + bool(b) + int(a < b < 5)


def count_down(n: int) -> int:
    found = 0
    for i in range(n, 0, -2):
        if i == 4:
            continue
        found = 10 * found + i
    return found


def read(m: Machine, i: int) -> int:
    return m.tokens[i].next


def column(m: Machine, i: int) -> int:
    return m.sent[i]


def bundle(m: Machine, i: int) -> int:
    return m.memory.a[i]


def item(a: Ints, i: int) -> int:
    return a[i]


def next_of(rows: Rows[Token], i: int) -> int:
    return rows[i].next


def put(m: Machine, value: int) -> None:
    m.tokens[0].next = value


def small(m: Machine, value: int) -> None:
    m.own.weight[0] = value


def total(a: int, b: int) -> int:
    return a * b + 1


def left(a: int, b: int) -> int:
    return a << b


def right(a: int, b: int) -> int:
    return a >> b


def rest(a: int, b: int) -> int:
    return a % b


def lowest(word: int) -> int:
    return lowest_bit(word)


def ahead(m: Machine, a: Ints, i: int) -> int:
    prefetch(m.tokens, i)
    prefetch(m.own.weight, 2 * i)
    prefetch(m.memory.a, i)
    prefetch(a, i - 1)
    m.now += 1
    return a[0] + m.tokens[0].next


def hashed(a: int, b: int) -> int:
    return wrap(a * b + (a << 7)) ^ b


def nested(m: Machine, i: int) -> int:
    return read(m, i) + 1


def through(m: Machine, i: int) -> int:
    return m.program.begin(m, i) + 1


def part(i: int) -> int:
    return i + 1


def whole(m: Machine, i: int) -> int:
    return part(i) * 10 + m.own.step


def turn(m: Machine, i: int, by: int, more: int) -> int:
    row = m.wide[i]
    four = row.four
    for n in range(len(four)):
        row.key = row.key * 10 + four[(n + by) % 4]
        four[n] += more
    return m.wide[i].four[by]
