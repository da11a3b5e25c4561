"""What a learned network looks like, in the numbers that a generated one of another size is made with."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from chipsim.errors import WorkloadError
from chipsim.ids import LAYER_SHIFT, ORDINAL_MASK
from chipsim.network import NsnState, Stimulus
from chipsim.network.rules import MAX_PAIRS, text_rules
from workloads.nsn.golden import GoldenModel

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]

_CHECKPOINTS = (1 / 16, 1 / 8, 1 / 4, 1 / 2, 1.0)
"""Shares of the text at which the sizes of layers 0 and 1 are read, for their growth exponents."""

_FEWEST = 40
"""A layer of fewer neurons is left out: nothing can be measured on it."""


@dataclass(frozen=True, slots=True)
class LayerStatistics:
    """Statistics of the vectors of one pattern layer.

    Attributes:
        neurons: neurons of the layer in the learned network.
        k: float64[9], share of vectors with so many pairs.
        leftover: share of pairs that name a neuron of a layer further below: a left-over item that had passed upward.
        skew: what is named again lies at ``seen * u^skew`` of the lower neurons seen so far, u uniform in (0, 1) (most likely value).
        again: float64[9], how often a lower neuron with so many pairs is named again, over the most often named; short ones are more.
        rank, weight: float64[bins], how often the lower neuron of a rank is named again, in bins of ranks; ranks from 1.
    """

    neurons: int
    k: Floats
    leftover: float
    skew: float
    again: Floats
    rank: Floats
    weight: Floats


@dataclass(frozen=True, slots=True)
class Calibration:
    """A learned network in numbers.

    Attributes:
        neurons: neurons learned; symbols: distinct characters among them.
        growth: exponents with which layers 0 and 1 grow with the size of the network; they saturate, the layers above do not.
        codes: code points in the order of their first appearance.
        layers: statistics of layers 1, 2, ...
        characters: characters that were read.
    """

    neurons: int
    symbols: int
    growth: tuple[float, float]
    codes: Ints
    layers: tuple[LayerStatistics, ...]
    characters: int


def learn_and_measure(stimulus: Stimulus, layers: int = 8) -> Calibration:
    """Let the golden model learn a text and measure what it has stored.

    Args:
        stimulus: the text; some 100,000 characters give stable numbers.
        layers: pattern layers of the model; those that store next to nothing are left out of the result.

    Raises:
        WorkloadError: the text is too short for layers 1 and 2 to be measured.
    """
    golden = GoldenModel(text_rules(layers))
    golden.advance(stimulus, len(stimulus), recording=False)
    return measure(golden.state(), len(stimulus))


def measure(state: NsnState, characters: int) -> Calibration:
    """Measure a learned network; see ``Calibration``.

    Args:
        state: what was learned from a text.
        characters: length of the text.

    Raises:
        WorkloadError: fewer than two pattern layers hold enough neurons.
    """
    sizes = state.neurons_per_layer()
    deep = 0
    while deep < state.layers and sizes[deep + 1] >= _FEWEST:
        deep += 1
    if deep < 2:
        raise WorkloadError(
            f"the text of {characters:,} characters teaches layers of {', '.join(map(str, sizes.tolist()))} neurons; at least two "
            f"pattern layers must have {_FEWEST}; give a longer text"
        )
    k = np.diff(state.pair_start)
    first = state.pair_start[:-1]
    return Calibration(
        neurons=int(sizes[: deep + 1].sum()),
        symbols=int(sizes[0]),
        growth=(_exponent(state, 0, characters), _exponent(state, 1, characters)),
        codes=state.pair_id[first[state.layer == 0]].copy(),
        layers=tuple(_layer(state, k, layer) for layer in range(1, deep + 1)),
        characters=characters,
    )


def _exponent(state: NsnState, layer: int, characters: int) -> float:
    """Slope of log(neurons of a layer) over log(neurons of all), as the text was read."""
    ends = [share * characters for share in _CHECKPOINTS]
    whole = np.log([max(1, int((state.first < end).sum())) for end in ends])
    part = np.log([max(1, int((state.first[state.layer == layer] < end).sum())) for end in ends])
    return float(np.clip(np.polyfit(whole, part, 1)[0], 0.0, 1.0))


def _layer(state: NsnState, k: Ints, layer: int) -> LayerStatistics:
    ours = state.layer == layer
    ids = state.pair_id[np.repeat(ours, k)]
    below = ids[ids >> LAYER_SHIFT == layer - 1] & ORDINAL_MASK
    _, at = np.unique(below, return_index=True)
    new = np.zeros(len(below), bool)
    new[at] = True
    seen = np.maximum.accumulate(below) + 1
    place = (below[~new] + 0.5) / seen[~new]
    lower_k = k[state.layer == layer - 1]
    stored = np.bincount(lower_k, minlength=MAX_PAIRS + 1)
    named = np.bincount(lower_k[below[~new]], minlength=MAX_PAIRS + 1)
    often = np.where(stored > 0, named / np.maximum(1, stored), 0.0)
    rank, weight = _rank_curve(np.bincount(below[~new], minlength=len(lower_k)))
    return LayerStatistics(
        neurons=int(ours.sum()),
        k=np.bincount(k[ours], minlength=MAX_PAIRS + 1) / int(ours.sum()),
        leftover=1.0 - len(below) / len(ids),
        skew=float(-np.log(place).mean()) if len(place) else 1.0,
        again=often / often.max() if often.any() else np.ones(MAX_PAIRS + 1),
        rank=rank,
        weight=weight,
    )


def _rank_curve(named: Ints) -> tuple[Floats, Floats]:
    """Mean of the counts, most frequent first, in bins of ranks that grow by a quarter."""
    count = np.sort(named)[::-1]
    edges = np.unique(np.ceil(1.25 ** np.arange(1 + np.log(len(count)) / np.log(1.25))).astype(np.int64))
    edges = np.concatenate([edges[edges <= len(count)], [len(count) + 1]]) - 1
    edges = np.unique(np.concatenate([[0], edges]))
    size = np.diff(edges)
    mean = np.add.reduceat(count, edges[:-1]) / size
    middle = np.sqrt((edges[:-1] + 1.0) * edges[1:])
    some = mean > 0
    if not some.any():
        return np.ones(1), np.ones(1)
    return middle[some], mean[some]
