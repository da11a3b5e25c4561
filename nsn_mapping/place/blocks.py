"""What parts say to one another, as a sparse graph: the form in which placers see a partition of any size."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from chipsim import jit
from chipsim.errors import MappingError
from nsn_mapping.hypergraph import Hypergraph

Ints = npt.NDArray[np.int64]
Words = npt.NDArray[np.int32]


@dataclass(frozen=True, slots=True)
class Blocks:
    """Packets between parts. Nothing that stays within a part is in it.

    Attributes:
        start, other, packets: CSR of both directions together (int64[parts + 1], int32[], int64[]): what each part and another send one
            another, others ascending; every pair stands twice.
        out_start, to, sent: CSR by sender (the same types): packets from each part to another, others ascending.
        total: packets between different parts.
    """

    start: Ints
    other: Words
    packets: Ints
    out_start: Ints
    to: Words
    sent: Ints
    total: int

    def __len__(self) -> int:
        return len(self.start) - 1


def block_graph(h: Hypergraph, part: npt.NDArray[np.integer], parts: int) -> Blocks:
    """Sum the packets of all nets by the parts between which they go, in time in proportion to the pins.

    Args:
        h: the network. Nets without a source on the chip have no path and are left out.
        part: int[n], part of each vertex, 0..parts-1.
        parts: how many; some may hold nothing.

    Raises:
        MappingError: a label is out of range.
    """
    label = np.ascontiguousarray(part, np.int32)
    if len(label) != len(h) or (len(label) and not 0 <= int(label.min()) <= int(label.max()) < parts):
        found = f"{int(label.min())} to {int(label.max())}" if len(label) else "none"
        raise MappingError(
            f"labels of {len(label)} vertices, {found}; allowed: one for each of {len(h)} vertices, from 0 to {parts - 1}; give the"
            " partition of this network"
        )
    kernels = jit.load(__name__, entries=("count_pairs", "sum_pairs"))
    ends = Ends(h.pin_start, h.pins, h.source, h.weight, label, _by_home(h, label))
    stamp, seen = np.full(parts, -1, np.int64), np.full(parts, -1, np.int64)
    out_start = np.zeros(parts + 1, np.int64)
    kernels.count_pairs(ends, stamp, out_start)
    np.cumsum(out_start, out=out_start)
    to, sent = np.zeros(out_start[-1], np.int32), np.zeros(out_start[-1], np.int64)
    stamp[:] = -1
    slot = np.zeros(parts, np.int64)
    kernels.sum_pairs(ends, stamp, seen, slot, out_start.copy(), to, sent)
    return from_pairs(np.repeat(np.arange(parts, dtype=np.int32), np.diff(out_start)), to, sent, parts)


def from_pairs(sender: Words, reader: Words, packets: Ints, parts: int) -> Blocks:
    """Blocks from a list of packets.

    Args:
        sender: int32[m], parts; a pair may occur more than once, pairs of a part with itself do not count.
        reader: int32[m].
        packets: int64[m].
        parts: how many.
    """
    apart = sender != reader
    out_start, to, sent = _csr(sender[apart], reader[apart], packets[apart], parts)
    senders = np.repeat(np.arange(parts, dtype=np.int32), np.diff(out_start))
    both = np.concatenate((senders, to)), np.concatenate((to, senders)), np.concatenate((sent, sent))
    return Blocks(*_csr(*both, parts), out_start, to, sent, int(sent.sum()))


def dense(blocks: Blocks, size: int) -> Ints:
    """int64[size, size], packets in both directions between parts, rows beyond the last part empty."""
    matrix = np.zeros((size, size), np.int64)
    matrix[np.repeat(np.arange(len(blocks)), np.diff(blocks.start)), blocks.other] = blocks.packets
    return matrix


def _by_home(h: Hypergraph, label: Words) -> Words:
    """Nets with a source, those of the first part's vertices first."""
    sent = np.flatnonzero(h.source >= 0)
    return sent[np.argsort(label[h.source[sent]], kind="stable")].astype(np.int32)


def _csr(row: Words, column: Words, value: Ints, rows: int) -> tuple[Ints, Words, Ints]:
    """Rows with ascending columns; values of equal pairs are added."""
    key = row.astype(np.int64) * rows + column
    order = np.argsort(key, kind="stable")
    key, value = key[order], value[order]
    first = np.flatnonzero(np.append(True, key[1:] != key[:-1])) if len(key) else np.zeros(0, np.int64)
    summed = np.add.reduceat(value, first) if len(key) else value
    start = np.zeros(rows + 1, np.int64)
    np.cumsum(np.bincount(key[first] // rows, minlength=rows), out=start[1:])
    return start, (key[first] % rows).astype(np.int32), summed


@jit.struct
class Ends(NamedTuple):
    """Nets with the parts of their vertices.

    Attributes:
        pin_start, pins, source, weight: as in ``Hypergraph``.
        part: int32[n], of each vertex.
        by_home: int32[], nets with a source in the order of the parts of their sources.
    """

    pin_start: Ints
    pins: Words
    source: Words
    weight: Ints
    part: Words
    by_home: Words


def count_pairs(E: Ends, stamp: Ints, found: Ints) -> None:
    """Count the parts that each part sends to.

    Args:
        E: the nets.
        stamp: int64[parts], -1.
        found: int64[parts + 1], 0; written from 1 on.
    """
    for i in range(len(E.by_home)):
        e = E.by_home[i]
        home = E.part[E.source[e]]
        for j in range(E.pin_start[e], E.pin_start[e + 1]):
            p = E.part[E.pins[j]]
            if p != home and stamp[p] != home:
                stamp[p] = home
                found[home + 1] += 1


def sum_pairs(E: Ends, stamp: Ints, seen: Ints, slot: Ints, fill: Ints, to: Words, sent: Ints) -> None:
    """Add up the packets of each pair.

    Args:
        E: the nets.
        stamp: int64[parts], -1: the sender that a part was last found for.
        seen: int64[parts], -1: the net that a part was last found for.
        slot: int64[parts], scratch.
        fill: int64[parts + 1], where each sender's pairs begin; moved on.
        to: written, parts that are sent to.
        sent: written, packets.
    """
    for i in range(len(E.by_home)):
        e = E.by_home[i]
        home = E.part[E.source[e]]
        for j in range(E.pin_start[e], E.pin_start[e + 1]):
            p = E.part[E.pins[j]]
            if p == home or seen[p] == i:
                continue
            seen[p] = i
            if stamp[p] != home:
                stamp[p] = home
                slot[p] = fill[home]
                fill[home] += 1
                to[slot[p]] = p
            sent[slot[p]] += E.weight[e]
