"""METIS on the graph of synapses: few synapses between parts, parts of about equal size, hard caps held by moving what is over."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from chipsim.errors import MappingError
from chipsim.network.spiking import SpikingNetwork

MOST_SYNAPSES = 5_000_000
"""METIS takes about a minute and a gigabyte for so many."""

_METIS_SEED = 2**31 - 1


def cut(network: SpikingNetwork, parts: int, cap: int, seed: int) -> npt.NDArray[np.int32]:
    """Cut a network.

    Args:
        network: at most ``MOST_SYNAPSES`` synapses.
        parts: how many parts.
        cap: most neurons of one.
        seed: goes to METIS; the same seed gives the same parts.

    Returns:
        int32[neurons], parts 0..parts-1, numbered by their first neuron.

    Raises:
        MappingError: too many synapses, or pymetis is not installed.
    """
    if network.synapses > MOST_SYNAPSES:
        raise MappingError(
            f"mapping.partitioner: metis takes networks of up to {MOST_SYNAPSES} synapses, {network.where} has {network.synapses};"
            " allowed: sequential, random, or cores of your own in neuron_core (given)"
        )
    if parts == 1:
        return np.zeros(len(network), np.int32)
    try:
        import pymetis
    except ImportError as error:
        raise MappingError(
            "mapping.partitioner: metis needs the package pymetis, which is not installed; run `pip install pymetis`, or set"
            " mapping.partitioner=sequential"
        ) from error
    neurons = len(network)
    source = np.repeat(np.arange(neurons, dtype=np.int64), np.diff(network.start))
    target = network.target.astype(np.int64)
    between = source != target
    low, high = np.minimum(source, target)[between], np.maximum(source, target)[between]
    pair, weight = np.unique(low * neurons + high, return_counts=True)
    low, high = pair // neurons, pair % neurons
    ends, others = np.concatenate((low, high)), np.concatenate((high, low))
    order = np.lexsort((others, ends))
    start = np.concatenate([[0], np.cumsum(np.bincount(ends, minlength=neurons))])
    _, found = pymetis.part_graph(
        parts,
        pymetis.CSRAdjacency(start, others[order]),
        eweights=np.concatenate((weight, weight))[order],
        options=pymetis.Options(seed=seed % _METIS_SEED),
    )
    part = _within(np.asarray(found, np.int64), parts, cap)
    _, first, label = np.unique(part, return_index=True, return_inverse=True)
    rank = np.empty(len(first), np.int32)
    rank[np.argsort(first)] = np.arange(len(first), dtype=np.int32)
    return rank[label]


def _within(part: npt.NDArray[np.int64], parts: int, cap: int) -> npt.NDArray[np.int64]:
    """Parts with what is over the cap moved, last neurons first, to where there is room, in order of part."""
    held = np.bincount(part, minlength=parts)
    order = np.argsort(part, kind="stable")
    place = np.arange(len(part)) - np.repeat(np.cumsum(held) - held, held)
    over = order[place >= cap]
    room = np.repeat(np.arange(parts), np.maximum(cap - held, 0))
    moved = part.copy()
    moved[over] = room[: len(over)]
    return moved
