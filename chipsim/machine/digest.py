"""Digests: each record is hashed to 64 bits and the hashes are added modulo 2^128.

Addition makes a digest independent of the order in which an engine happens to visit components, so it can be streamed and summed
over processes; a record that is missing, doubled or altered changes it. The mix is multiply-and-fold (the golden-ratio multiplier of
Knuth, TAOCP 3, 6.4), the same in any language with 64-bit words.
"""

from __future__ import annotations

from collections.abc import Iterable

WORD = (1 << 64) - 1
SUM = (1 << 128) - 1
MULTIPLIER = 0x9E3779B97F4A7C15

# What a record is about. The first four come from the network, the rest from cores and programs.
(
    HOP, DELIVERY, OPERATION, SPIKE, WINNER, PAIR, WAIT, GROWTH, WRITE, DROP, NEURON, TOP, RESIDUAL, EPISODE, MIGRATION, SUBSTITUTE,
    PRIMED,
) = range(1, 18)  # fmt: skip


def record_hash(kind: int, fields: Iterable[int]) -> int:
    """64-bit hash of one record."""
    h = kind * MULTIPLIER & WORD
    for x in fields:
        h = (h ^ (x & WORD)) * MULTIPLIER & WORD
        h ^= h >> 32
    h = h * MULTIPLIER & WORD
    return h ^ h >> 29


def record_hash3(kind: int, a: int, b: int, c: int) -> int:
    """``record_hash(kind, (a, b, c))`` for words that are not negative, unrolled: hops and deliveries are most of all records."""
    h = (kind * MULTIPLIER & WORD ^ a) * MULTIPLIER & WORD
    h = (h ^ h >> 32 ^ b) * MULTIPLIER & WORD
    h = (h ^ h >> 32 ^ c) * MULTIPLIER & WORD
    h = (h ^ h >> 32) * MULTIPLIER & WORD
    return h ^ h >> 29


def digest_text(total: int) -> str:
    """A digest as 32 hexadecimal digits."""
    return f"{total & SUM:032x}"
