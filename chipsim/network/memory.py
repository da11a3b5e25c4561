"""How many bits things take in a core's memory.

A core's memory is bits (``core.memory``, assumed 32 KiB from the Altai-3 announcement). Everything that a core keeps is charged here:
stored vectors and their history, axons and holder rows (associative matching) or keyed entries, forwarding lists, the open match
state, and what the roles keep (item buffers, residuals, episode records). Widths follow from the chip: an address needs
log2(cores) + log2(neurons per core) bits (requirements ST1), an interval 12 bits (ST2).
"""

from __future__ import annotations

from dataclasses import dataclass

LAYER_BITS, MORE_LAYER_BITS, MOST_LAYER_BITS = 4, 6, 7
INTERVAL_BITS = 12
COUNT_BITS = 24
TIME_BITS = 32
POSITION_BITS = 3
CHILDREN_BITS = 8
PROBE_BITS = 32
USE_BITS = 16
FLAG_BITS = 8
MASK_BITS = 8
"""A bit for each pair of a vector."""
OCCURRENCE_BITS = 12
"""Which of a layer's neurons that fired in an episode, of 4,096 events at most."""


@dataclass(frozen=True, slots=True)
class Widths:
    """Bit widths on one chip.

    Attributes:
        core: bits of a core number.
        slot: bits of a slot number within a core.
        entry: bits of a pointer to a row or entry within a core.
        layer: bits of the number of a layer: 4, or 6 from number 16 on, or 7 from 64 on, which only recursive networks have.
        interval: bits of an interval class; 12 hold the longest gap of an episode of 4,096 characters, an exact log may need more.
        misses: vectors sum, and a pair may be missed.
        strays: vectors sum, and the class of a pair that matches may be off.
    """

    core: int
    slot: int
    entry: int = 13
    interval: int = INTERVAL_BITS
    misses: bool = False
    strays: bool = False
    layer: int = LAYER_BITS

    @property
    def address(self) -> int:
        """Bits of a neuron's address (core, slot)."""
        return self.core + self.slot

    @property
    def id(self) -> int:
        """Bits of a neuron id (layer, ordinal); ordinals are as many as addresses."""
        return self.layer + self.address


def widths_of(
    cores: int,
    neurons_per_core: int,
    longest_interval: int = 0,
    numbers: int = 1,
    *,
    misses: bool = False,
    strays: bool = False,
) -> Widths:
    """Widths for a chip of so many cores and a network whose interval classes go up to ``longest_interval``, and its numbers of layers to below
    ``numbers``; the rest as in ``Widths``.
    """
    interval = max(INTERVAL_BITS, longest_interval.bit_length())
    layer = next(b for b in (LAYER_BITS, MORE_LAYER_BITS, MOST_LAYER_BITS) if numbers <= 1 << b)
    core, slot = max(1, (cores - 1).bit_length()), max(1, (neurons_per_core - 1).bit_length())
    return Widths(core, slot, interval=interval, misses=misses, strays=strays, layer=layer)


def neuron_bits(w: Widths, k: int) -> int:
    """A stored neuron with k pairs: its id, k, the vector, and its history (count, first and last time)."""
    return w.id + POSITION_BITS + 1 + k * (w.id + w.interval) + COUNT_BITS + 2 * TIME_BITS


def match_state_bits(w: Widths) -> int:
    """Open match state of one slot: the probe that it belongs to and the pairs matched so far: how many, or which where some may be
    missed; and which of them with another class, where that may be.
    """
    return PROBE_BITS + (MASK_BITS if w.misses else POSITION_BITS + 1) + (MASK_BITS if w.strays else 0)


def row_bits(w: Widths) -> int:
    """One holder row: slot, position, interval class, next row."""
    return w.slot + POSITION_BITS + w.interval + w.entry


def axon_bits(w: Widths) -> int:
    """One axon: (layer, lower id), first row, the parent that answers go to, and how many children answer here."""
    return w.layer + w.id + w.entry + w.core + CHILDREN_BITS


def use_bits() -> int:
    """What an axon and a forwarding list take more where cores score new neurons: the accesses so far."""
    return USE_BITS


def home_bits(w: Widths) -> int:
    """What an axon takes more where neurons move: the address of its neuron, and its rows on one side of a cut."""
    return w.address + w.slot + POSITION_BITS


def forward_bits(w: Widths) -> int:
    """One member of a forwarding list at the lower neuron's core: layer, slot, next member, member core."""
    return w.layer + w.slot + w.entry + w.core


def keyed_bits(w: Widths, grows: bool = True) -> int:
    """One keyed entry: layer, partial match it extends, id, class, complete neuron with its address, open flag; and a bucket, the first
    entry of which it leads to, where the index ``grows`` by one with each entry.
    """
    return grows * w.entry + w.layer + (w.core + w.entry) + w.id + w.interval + w.id + w.address + 1


def expected_bits(w: Widths) -> int:
    """What a recursive network expects of one output of its layer, at the layer's root: an id or none."""
    return w.id


def heard_bits() -> int:
    """What a listener keeps: how many outputs it has heard."""
    return COUNT_BITS


def item_bits(w: Widths, gaps: bool = False) -> int:
    """One buffered item at a root: id, address, event time, flags; its start too where intervals are ``gaps``, from end to start."""
    return w.id + w.address + TIME_BITS + FLAG_BITS + gaps * TIME_BITS


def record_bits(w: Widths) -> int:
    """An entry of an episode record: id, interval class, and whether it is the last one."""
    return w.id + w.interval + 1


def first_record_bits(w: Widths) -> int:
    """The first entry of an episode: it has the event time in place of a class."""
    return w.id + TIME_BITS + 1


def digram_bits(w: Widths) -> int:
    """A counter of a sleep: two ids, the interval class between them, how often, and the first place."""
    return 2 * w.id + w.interval + COUNT_BITS + TIME_BITS


def sleep_node_bits(w: Widths) -> int:
    """A beginning of vectors, as a sleep on the chip names it: home core and place, or a layer."""
    return w.core + w.entry + 1


def sleep_unit_bits(w: Widths) -> int:
    """A unit that is counted: an id, or a beginning of vectors and its pairs."""
    return 1 + max(w.id, sleep_node_bits(w) + POSITION_BITS + 1)


def note_bits(w: Widths) -> int:
    """A beginning of vectors at its home core: what it goes on from, id and class, layer, the next of its bucket; of the vector that is
    complete there its number, the neuron's ordinal, uses, first and last time.
    """
    return sleep_node_bits(w) + w.id + w.interval + w.layer + w.entry + 2 * w.address + COUNT_BITS + 2 * TIME_BITS


def name_bits(w: Widths) -> int:
    """Where an id is, at its home core: its beginning, its address; the next of the bucket."""
    return w.id + sleep_node_bits(w) + w.address + w.entry


def counter_bits(w: Widths) -> int:
    """A counter of digrams at its home core: two units, the class between them, how often, the first place; the next of the bucket."""
    return 2 * sleep_unit_bits(w) + w.interval + COUNT_BITS + TIME_BITS + w.entry


def tape_bits(w: Widths, gaps: bool = False) -> int:
    """An item on the tape: id, event time of its end, whether an episode begins; its start too where intervals are ``gaps``."""
    return w.id + TIME_BITS + gaps * TIME_BITS + 1


def sleeper_bits(w: Widths, homes: int, stack: int, gaps: bool = False) -> int:
    """A sleeper: a number and a choice per home core, rows of a stack and a vector (id, event time), a window of nine items, 40 words."""
    choices = homes * (w.core + COUNT_BITS + TIME_BITS + 2 * sleep_unit_bits(w) + w.interval)
    return choices + (stack + 8) * (w.id + TIME_BITS) + 9 * tape_bits(w, gaps) + 40 * TIME_BITS


def residual_bits(w: Widths) -> int:
    """One residual of an inexact interval, or the length of one episode's list of them."""
    return TIME_BITS


def substitution_bits(w: Widths) -> int:
    """One class that an episode has in place of a vector's: occurrence, position, whether an id stands beside it, and the class."""
    return OCCURRENCE_BITS + POSITION_BITS + 1 + w.interval


def substitutions_bits(w: Widths, classes: int, ids: int) -> int:
    """Substitutions of the class alone, and of id and class."""
    return (classes + ids) * substitution_bits(w) + ids * w.id
