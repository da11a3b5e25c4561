"""What was presented in a run, per axon: what any other mapping of the same network would have sent.

Results of a neurosemantic network do not depend on where neurons live, so the axon accesses of a run are those of every mapping: with their
number as weights the evaluator tells the packets and hops that another mapping costs, exactly as long as nothing grows meanwhile.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import numpy.typing as npt

from chipsim.errors import MappingError
from chipsim.ids import LAYER_SHIFT
from nsn_mapping.hypergraph import Hypergraph
from nsn_mapping.problem import Problem, to_hypergraph

Ints = npt.NDArray[np.int64]


def count_presentations(problem: Problem, spikes: Ints, winners: Ints, grown: bool = False) -> Ints:
    """How often each axon was read.

    A neuron spikes when it is presented to a layer and when it fires, as an item for the layer above; the latter are taken off.

    Args:
        problem: the network as it was mapped.
        spikes: int64[rows, 4], ``RawRun.spikes`` of a run from that network on, without keyed matching.
        winners: int64[rows, 8], ``RawRun.winners`` of the same run.
        grown: whether axon accesses of axons that the mapped network does not have are left out, instead of refused.

    Returns:
        int64[axons].

    Raises:
        MappingError: something was read that is no axon of the network: it has grown meanwhile.
    """
    fired = winners[(winners[:, 3] >> LAYER_SHIFT) == winners[:, 1]]
    read = _axon_of(problem, spikes[:, 2], spikes[:, 3])
    passed = _axon_of(problem, fired[:, 1] + 1, fired[:, 3])
    axons = len(problem.net_owner)
    count = np.bincount(read[read >= 0], minlength=axons) - np.bincount(passed[passed >= 0], minlength=axons)
    if not grown and int(count.sum()) != len(spikes) - len(fired):
        raise MappingError(
            f"axon accesses: {len(spikes) - len(fired) - int(count.sum())} of {len(spikes) - len(fired)} are of axons that the mapped network"
            " does not have; count axon accesses of a run in which nothing grows"
        )
    return count.astype(np.int64)


def _axon_of(problem: Problem, layer: Ints, neuron: Ints) -> Ints:
    """int64[n], the axon of each (layer that reads, id of the lower neuron), -1 where there is none."""
    known = np.flatnonzero(problem.net_owner >= 0)
    row = problem.net_owner[known]
    # One number for both: rows are below the number of neurons, ids that have no row get -1.
    asked = np.minimum(np.searchsorted(problem.id, neuron), max(len(problem) - 1, 0))
    asked = np.where(problem.id[asked] == neuron, asked, -1) if len(problem) else np.full(len(neuron), -1, np.int64)
    axon_key = problem.net_layer[known] * len(problem) + row
    order = np.argsort(axon_key)
    if not len(order):
        return np.full(len(layer), -1, np.int64)
    key = np.where(asked >= 0, layer * len(problem) + asked, -1)
    place = np.minimum(np.searchsorted(axon_key[order], key), len(order) - 1)
    return np.where(axon_key[order][place] == key, known[order][place], -1)


def weighted(problem: Problem, count: Ints) -> Hypergraph:
    """The nets of a network with counted axon accesses as weights, int64[axons]."""
    return replace(to_hypergraph(problem)[0], weight=count)
