"""The index of keyed entries in a core: a bucket for each entry, so that about one is compared however many there are (CX18, AT8)."""

from __future__ import annotations

import random

import pytest

from chipsim.machine.actions import A_READ, A_SYNOP, A_WRITE, ACTIONS
from chipsim.programs.nsn.core import Core
from chipsim.programs.nsn.keyed import find_key, insert_key, key_bucket, span_of
from chipsim.programs.nsn.reference.load import make_room, new_core
from chipsim.programs.nsn.state import Constants
from tests.counter.scenes import lowered

Key = tuple[int, int, int, int]
"""Layer, parent node, id and class."""


def constants(room: int) -> Constants:
    """Of a chip of one core with room for so many keyed entries."""
    _, plan = lowered("verses from nothing, keyed")
    K: Constants = plan.own.constants
    return K._replace(keys=room, key_homes=1, home=(0,), memory_bits=room * K.bits_key)


def keys(count: int) -> list[Key]:
    """Different ones, as a network has them."""
    draw = random.Random(count)
    found = {
        (draw.randrange(9), draw.randrange(-1, 4 * count), draw.randrange(1 << 42), draw.randrange(40))
        for _ in range(2 * count)
    }
    return sorted(found)[: 2 * count]


def filled(K: Constants, some: list[Key]) -> tuple[Core, list[int]]:
    """A core with these entries, and what writing them counted."""
    core, act = new_core(K, 0), [0] * ACTIONS
    for n, key in enumerate(some):
        make_room(K, core)
        assert insert_key(K, core, 0, *key, n, n, 0, act) == n
    return core, act


@pytest.mark.parametrize("count", [1, 2, 3, 16, 100, 1024, 1500])
def test_as_many_entries_are_compared_however_many_there_are(count: int) -> None:
    K, (here, other) = constants(count), (keys(count)[::2][:count], keys(count)[1::2])
    core, written = filled(K, here)
    hit, miss = [0] * ACTIONS, [0] * ACTIONS
    assert [find_key(K, core, 0, *key, hit) for key in here] == list(range(count))
    assert {find_key(K, core, 0, *key, miss) for key in other} == {-1}
    assert hit[A_SYNOP] / count <= 1.75 and miss[A_SYNOP] / len(other) <= 1.5
    assert written[A_READ] <= 2 * count and written[A_WRITE] <= written[A_READ], "a new entry parts one bucket"
    assert core.ledgers[0].used == count * K.bits_key
    assert insert_key(K, core, 0, *other[0], 0, 0, 0, hit) == -1, "the memory is full, buckets included"


def test_every_entry_is_in_the_bucket_that_its_key_has_now() -> None:
    some = keys(200)[:200]
    K = constants(200)
    for count in range(1, 200, 7):
        core, _ = filled(K, some[:count])
        seen = 0
        for bucket in range(count):
            i = core.key_buckets[bucket]
            while i > 0:
                key = core.keys[i - 1]
                assert key_bucket(K, count, key.layer, key.parent, key.id, key.cls) == bucket
                seen, i = seen + 1, key.next
        assert seen == count and not any(core.key_buckets[count:])


def test_spans_are_powers_of_two() -> None:
    assert [span_of(n) for n in (1, 2, 3, 4, 5, 8, 9)] == [1, 2, 4, 4, 8, 8, 16]
