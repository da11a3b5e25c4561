"""Messages: the row that one is, and what a program says of the kinds that it sends.

A message is a row of ``ROW`` whole numbers: kind, destination, layer, then fields as its program has them. A destination is an endpoint (a
core, a server or the host), ``TREE`` for a multicast keyed by (layer, first field), or ``TRACE`` for a row that is not sent but recorded.
"""

from __future__ import annotations

from collections.abc import Mapping, Set
from dataclasses import dataclass

from chipsim.machine.ints import Ints

ROW = 24
"""Whole numbers per message row."""

KIND, DEST, LAYER, F0, F1, F2, F3, F4, F5, F6, F7, F8 = range(12)
"""Columns of a row; fields start at ``F0``."""

TREE = -1
TRACE = -2

MOST_KINDS = 128
"""A program's kinds have numbers from 1 up to below this."""

MOST_FLITS = (1 << 15) - 1
"""Flits of a message at most; they are counted in 16 bits."""

STEP_BITS = 6
"""A spike between neurons carries its step modulo 64: delays are shorter."""


@dataclass(frozen=True, slots=True)
class Kinds:
    """The kinds of messages of a program.

    Attributes:
        names: of each kind by its number, as counters, faults and reports spell them; "" where a number is no kind of message, as 0 never is.
        sends: per kind in the run, those that its receiver may send on taking one in; their classes follow (``chipsim.noc.classes``).
        on_trees: kinds that go on trees where the chip casts to many.
    """

    names: tuple[str, ...]
    sends: Mapping[int, Set[int]]
    on_trees: frozenset[int] = frozenset()


NO_KINDS = Kinds(("",), {})
"""Of a network that carries nothing."""


def emit(  # noqa: PLR0913  one parameter is one field of a message
    out: Ints,
    kind: int,
    dest: int,
    layer: int,
    f0: int = 0,
    f1: int = 0,
    f2: int = 0,
    f3: int = 0,
    f4: int = 0,
    f5: int = 0,
    f6: int = 0,
    f7: int = 0,
    f8: int = 0,
) -> int:
    """Append a row to an outbox (``out[0]`` counts rows); returns where the row begins."""
    base = 1 + out[0] * ROW
    out[0] += 1
    out[base] = kind
    out[base + 1] = dest
    out[base + 2] = layer
    out[base + 3] = f0
    out[base + 4] = f1
    out[base + 5] = f2
    out[base + 6] = f3
    out[base + 7] = f4
    out[base + 8] = f5
    out[base + 9] = f6
    out[base + 10] = f7
    out[base + 11] = f8
    return base


def number_bits(count: int) -> int:
    """Bits of a number below ``count``."""
    return max(1, (count - 1).bit_length())


def spike_bits(cores: int, neurons: int) -> int:
    """Bits of a spike between neurons of a chip: destination core, axon there (as many as neurons in a core), low bits of its step."""
    return number_bits(cores) + number_bits(neurons) + STEP_BITS
