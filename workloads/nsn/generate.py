"""Generated neurosemantic networks of any size, with the statistics of a learned one.

Neurons are made layer by layer in the order of creation. A vector names lower neurons: *new* ones, each once and in their order, and
older ones *again*, with the frequencies by rank that were measured (``calibrate``). Layers 0 and 1 grow with the
exponents that were measured, the rest of the neurons goes to the layers above in the proportions that were learned.

What is stored can be read: the text of any stored neuron, read by the cover rule, is cut as it is stored. For that, a neuron that is
a beginning of another one is never followed by what the other one goes on with; the same holds on all layers below. Intervals then
follow: an item's interval is the number of characters that it covers.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from chipsim.errors import WorkloadError
from chipsim.ids import LAYER_SHIFT
from chipsim.network import NsnState, OpenItems
from chipsim.network.rules import MAX_PAIRS
from workloads.nsn.calibrate import Calibration, LayerStatistics

Ints = npt.NDArray[np.int64]
Bools = npt.NDArray[np.bool_]
Floats = npt.NDArray[np.float64]

SMALLEST, LARGEST = 500, 4_000_000
"""Sizes that can be generated: smaller ones leave upper layers empty, larger ones do not fit a process."""

LONGEST = 3000
"""Characters that a neuron covers at most, so that it fits an episode of 4,096 and its intervals 12 bits."""

_AHEAD = 64
"""Lower neurons that may be named again before they are new: the first vectors have nothing else to name."""

_MOST_NEW = 0.95
_TRIES = 16
_ROUNDS = 200
_FREE_AFTER = 20
"""Rounds after which what is drawn again may be any lower neuron, often named or not."""

_NO_ROW = -1
_OTHER_CODES = 0x4E00
"""Code points of symbols beyond those of the learned text."""


@dataclass(slots=True)
class Lattice:
    """The network in the making, and what a reader of it must know; neurons are rows in the order (layer, ordinal).

    Attributes:
        first: int64[layers + 2], first row of each layer.
        vector: int32[rows, 8], rows of the lower neurons, -1 beyond k.
        k, span: int64[rows], pairs and characters covered.
        head, tail: int64[rows], rows of the first and last lower neuron (of a symbol: itself).
        extends: per layer sorted keys (row, row that follows it in a longer stored vector).
        begins: per layer sorted keys of the first two rows of every vector.
    """

    first: Ints
    vector: npt.NDArray[np.int32]
    k: Ints
    span: Ints
    head: Ints
    tail: Ints
    extends: list[Ints]
    begins: list[Ints]

    @property
    def rows(self) -> int:
        """Neurons of all layers."""
        return int(self.first[-1])


def layer_sizes(calibration: Calibration, neurons: int) -> Ints:
    """int64[layers + 1], neurons per layer of a network of a size; their sum is the size exactly.

    Raises:
        WorkloadError: the size is out of range.
    """
    if not SMALLEST <= neurons <= LARGEST:
        raise WorkloadError(f"a generated network of {neurons:,} neurons: allowed are {SMALLEST:,} to {LARGEST:,}")
    scale = neurons / calibration.neurons
    low = [calibration.symbols * scale ** calibration.growth[0], calibration.layers[0].neurons * scale ** calibration.growth[1]]
    size = [max(16, round(low[0])), max(32, min(round(low[1]), neurons // 2))]
    upper = np.array([layer.neurons for layer in calibration.layers[1:]], float)
    rest = neurons - sum(size)
    share = np.maximum(4, np.floor(upper / upper.sum() * rest)).astype(np.int64)
    share[0] += rest - int(share.sum())
    return np.array([*size, *share], np.int64)


def generate_network(calibration: Calibration, neurons: int, seed: int) -> tuple[NsnState, Lattice]:
    """Make a stored network.

    Args:
        calibration: of a learned network.
        neurons: neurons of all layers together, exactly.
        seed: of all that is drawn.

    Returns:
        The network at rest before item 0, without episode records, and its lattice, from which ``stream`` makes input.

    Raises:
        WorkloadError: the size is out of range, or no distinct vectors can be found.
    """
    size = layer_sizes(calibration, neurons)
    first = np.concatenate([[0], np.cumsum(size)]).astype(np.int64)
    rows = int(first[-1])
    every = np.arange(rows, dtype=np.int64)
    lattice = Lattice(
        first=first,
        vector=np.full((rows, MAX_PAIRS), _NO_ROW, np.int32),
        k=np.ones(rows, np.int64),
        span=np.ones(rows, np.int64),
        head=every.copy(),
        tail=every.copy(),
        extends=[np.zeros(0, np.int64)],
        begins=[np.zeros(0, np.int64)],
    )
    for layer, statistics in enumerate(calibration.layers, 1):
        generator = np.random.Generator(np.random.PCG64(np.random.SeedSequence([seed, layer])))
        _add_layer(lattice, layer, statistics, _pace(calibration, layer), generator)
    return _state(lattice, calibration), lattice


def may_follow(lattice: Lattice, layer: int, left: Ints, right: Ints) -> Bools:
    """Whether neurons of a layer, one after the other, are read as they are stored.

    Args:
        lattice: with all layers up to ``layer``.
        layer: of both.
        left: int64[n], rows.
        right: int64[n], the row behind each of them.
    """
    good = np.ones(len(left), bool)
    for below in range(layer, 0, -1):
        good &= ~_among(lattice.extends[below], left * lattice.rows + lattice.head[right])
        left, right = lattice.tail[left], lattice.head[right]
    return good


def _among(keys: Ints, wanted: Ints) -> Bools:
    if not len(keys):
        return np.zeros(len(wanted), bool)
    found: Bools = keys[np.minimum(np.searchsorted(keys, wanted), len(keys) - 1)] == wanted
    return found


def _pace(calibration: Calibration, layer: int) -> float:
    """Exponent with which new lower neurons come as the layer grows: below 1 where they saturate, so that most come early."""
    symbols, words = (max(0.05, exponent) for exponent in calibration.growth)
    return min(1.0, symbols / words) if layer == 1 else words if layer == 2 else 1.0


def _add_layer(lattice: Lattice, layer: int, statistics: LayerStatistics, pace: float, generator: np.random.Generator) -> None:
    start, end = int(lattice.first[layer]), int(lattice.first[layer + 1])
    count, base, lower = end - start, int(lattice.first[layer - 1]), int(lattice.first[layer] - lattice.first[layer - 1])
    k = generator.choice(MAX_PAIRS + 1, size=count, p=statistics.k).astype(np.int64)
    column = np.arange(MAX_PAIRS)
    used = column < k[:, None]
    passed = _leftovers(statistics.leftover, layer, k, used, generator)
    draw = _Draw(lattice, layer, statistics, generator, base, lower)
    vector = np.where(used, 0, _NO_ROW).astype(np.int64)
    main = np.flatnonzero((used & ~passed).ravel())
    early = generator.exponential(size=len(main)) * ((np.arange(len(main)) + 0.5) / max(1, len(main))) ** (1 - pace)
    new = np.sort(np.argsort(early, kind="stable")[: min(lower, int(_MOST_NEW * len(main)))])
    fresh = np.zeros(len(main), bool)
    fresh[new] = True
    seen = np.minimum(lower, np.cumsum(fresh) + _AHEAD)
    flat = vector.ravel()
    flat[main[fresh]] = base + np.arange(len(new))
    flat[main[~fresh]] = draw.again(seen[~fresh])
    limit = np.full(count * MAX_PAIRS, lower, np.int64)
    limit[main] = seen
    if passed.any():
        flat[np.flatnonzero(passed.ravel())] = draw.further_down(int(passed.sum()))
    _settle(lattice, layer, vector, k, passed, limit, draw)
    lattice.vector[start:end] = vector
    lattice.k[start:end] = k
    lattice.span[start:end] = np.where(used, lattice.span[vector], 0).sum(axis=1)
    lattice.head[start:end] = vector[:, 0]
    lattice.tail[start:end] = vector[np.arange(count), k - 1]
    lattice.extends.append(_extends(lattice, vector, k, start))
    lattice.begins.append(np.unique(vector[:, 0] * lattice.rows + vector[:, 1]))


def _leftovers(share: float, layer: int, k: Ints, used: Bools, generator: np.random.Generator) -> Bools:
    """Which pairs are left-over items from further below: inside a vector only, never two in a row (they would be a neuron)."""
    column = np.arange(MAX_PAIRS)
    inner = used & (column > 0) & (column < k[:, None] - 1)
    if layer < 2 or not inner.any():
        return np.zeros_like(inner)
    wanted = min(1.0, share * used.sum() / inner.sum())
    # thinning removes the second of two in a row; draw more, so that the share comes out
    odds = wanted / max(0.2, 1 - wanted)
    passed = inner & (generator.random(inner.shape) < min(0.9, odds))
    for c in range(2, MAX_PAIRS):
        passed[:, c] &= ~passed[:, c - 1]
    return passed


class _Draw:
    """Draws lower neurons for one layer: each has a rank, and with it the frequency that was measured for that rank."""

    def __init__(
        self,
        lattice: Lattice,
        layer: int,
        statistics: LayerStatistics,
        generator: np.random.Generator,
        base: int,
        lower: int,
    ) -> None:
        self._generator, self._base, self.lower = generator, base, lower
        self._deep_base = int(lattice.first[max(0, layer - 2)])
        self._deep = int(lattice.first[max(0, layer - 2) + 1]) - self._deep_base
        # ranks by weighted lot: the early (or late) ones and those of few pairs come first as often as was measured
        place = (np.arange(lower) + 0.5) / lower
        odds = np.maximum(statistics.again[lattice.k[base : base + lower]], 1e-3) * place ** (1 / statistics.skew - 1)
        order = np.argsort(generator.exponential(size=lower) / odds, kind="stable")
        weight = np.empty(lower)
        weight[order] = _weights(statistics, lower)
        self._cumulated = np.cumsum(weight)

    def again(self, seen: Ints, free: bool = False) -> Ints:
        """A lower neuron among the first ``seen``: as often as its rank says, or any."""
        if free:
            return self._base + self._any(seen)
        chosen = self._ranked(len(seen))
        for _ in range(_TRIES):
            late = np.flatnonzero(chosen >= seen)
            if not len(late):
                break
            chosen[late] = self._ranked(len(late))
        late = np.flatnonzero(chosen >= seen)
        chosen[late] = self._any(seen[late])
        return self._base + chosen

    def further_down(self, count: int) -> Ints:
        """A left-over item, two layers below."""
        return self._deep_base + self._any(np.full(count, self._deep, np.int64))

    def column(self, k: Ints) -> Ints:
        """A position within each vector."""
        return self._any(k)

    def _ranked(self, count: int) -> Ints:
        lot = self._generator.random(count) * self._cumulated[-1]
        return np.minimum(np.searchsorted(self._cumulated, lot, side="right"), self.lower - 1).astype(np.int64)

    def _any(self, limit: Ints) -> Ints:
        return np.minimum((self._generator.random(len(limit)) * limit).astype(np.int64), limit - 1)


def _weights(statistics: LayerStatistics, lower: int) -> Floats:
    """float64[lower], frequency by rank: as measured, and beyond the ranks that were learned by the slope of the last half of them."""
    x, y = np.log(statistics.rank), np.log(statistics.weight)
    rank = np.log(np.arange(1.0, lower + 1))
    middle = len(x) // 2
    slope = min(-0.5, float((y[-1] - y[middle]) / (x[-1] - x[middle]))) if len(x) > 2 else -1.0
    weight: Floats = np.exp(np.interp(rank, x, y) + slope * np.maximum(0.0, rank - x[-1]))
    return weight


def _settle(lattice: Lattice, layer: int, vector: Ints, k: Ints, passed: Bools, limit: Ints, draw: _Draw) -> None:
    """Draw again what is not read as it is stored, what is too long, and what is stored twice, until nothing is."""
    rows = np.arange(len(vector))
    for turn in range(_ROUNDS):
        bad = _misread(lattice, layer, vector, k, passed, rows)
        cells = rows[bad[:, 0]] * MAX_PAIRS + bad[:, 1]
        if not len(cells):
            odd = _too_long_or_twice(lattice, vector, k)
            cells = odd * MAX_PAIRS + draw.column(k[odd])
        if not len(cells):
            return
        cells = np.unique(cells)
        flat, deep = vector.ravel(), passed.ravel()[cells]
        flat[cells[deep]] = draw.further_down(int(deep.sum()))
        flat[cells[~deep]] = draw.again(limit[cells[~deep]], free=turn >= _FREE_AFTER)
        rows = np.unique(cells // MAX_PAIRS)  # the others have not changed
    raise WorkloadError(
        f"layer {layer}: no {len(vector):,} distinct readable vectors of {draw.lower:,} lower neurons were found; use another seed"
    )


def _misread(lattice: Lattice, layer: int, vector: Ints, k: Ints, passed: Bools, rows: Ints) -> Ints:
    """int64[n, 2], (index into ``rows``, column) of pairs to be drawn again."""
    part, deep, count = vector[rows], passed[rows], k[rows]
    found: list[Ints] = []
    for c in range(1, MAX_PAIRS):
        plain = np.flatnonzero((c < count) & ~deep[:, c] & ~deep[:, c - 1])
        wrong = plain[~may_follow(lattice, layer - 1, part[plain, c - 1], part[plain, c])]
        found.append(np.stack([wrong, np.full(len(wrong), c)], axis=1))
        over = np.flatnonzero(deep[:, c])
        if len(over):
            wrong = over[~_may_pass(lattice, layer - 1, part[over, c - 1], part[over, c], part[over, c + 1])]
            found.append(np.stack([wrong, np.full(len(wrong), c)], axis=1))
            # where the left-over item cannot stand at all between its neighbours, the one behind it has to change too
            found.append(np.stack([wrong, np.full(len(wrong), c + 1)], axis=1))
    return np.concatenate(found)


def _may_pass(lattice: Lattice, layer: int, left: Ints, item: Ints, right: Ints) -> Bools:
    """Whether an item of the layer below is left over on a layer between two neurons of that layer."""
    good = ~_among(lattice.extends[layer], left * lattice.rows + item)
    good &= ~_among(lattice.begins[layer], item * lattice.rows + lattice.head[right])
    good &= may_follow(lattice, layer - 1, lattice.tail[left], item)
    return good & may_follow(lattice, layer - 1, item, lattice.head[right])


def _too_long_or_twice(lattice: Lattice, vector: Ints, k: Ints) -> Ints:
    """Vectors that cover too many characters, and those that equal one before them."""
    span = np.where(vector >= 0, lattice.span[vector], 0).sum(axis=1)
    whole = _prefix_hashes(vector)[np.arange(len(k)), k - 1]
    order = np.argsort(whole, kind="stable")
    twice = order[1:][whole[order][1:] == whole[order][:-1]]
    return np.union1d(np.flatnonzero(span > LONGEST), twice)


def _prefix_hashes(vector: Ints) -> npt.NDArray[np.uint64]:
    """uint64[n, 8], a hash of the first 1, 2, ... pairs; equal ones stand for equal beginnings (an error would cost one pair)."""
    h = np.zeros(len(vector), np.uint64)
    out = np.empty(vector.shape, np.uint64)
    for c in range(MAX_PAIRS):
        h = (h ^ (vector[:, c] + 2).astype(np.uint64)) * np.uint64(0x9E3779B97F4A7C15)
        h ^= h >> np.uint64(32)
        out[:, c] = h
    return out


def _extends(lattice: Lattice, vector: Ints, k: Ints, start: int) -> Ints:
    hashes = _prefix_hashes(vector)
    whole = hashes[np.arange(len(k)), k - 1]
    order = np.argsort(whole, kind="stable")
    ordered = whole[order]
    keys = []
    for pairs in range(2, MAX_PAIRS):
        longer = np.flatnonzero(k > pairs)
        place = np.minimum(np.searchsorted(ordered, hashes[longer, pairs - 1]), len(k) - 1)
        hit = ordered[place] == hashes[longer, pairs - 1]
        keys.append((start + order[place[hit]]) * lattice.rows + vector[longer[hit], pairs])
    return np.unique(np.concatenate(keys))


def _state(lattice: Lattice, calibration: Calibration) -> NsnState:
    layers = len(lattice.first) - 2
    rows = np.arange(lattice.rows)
    layer = np.searchsorted(lattice.first, rows, side="right") - 1
    ordinal = rows - lattice.first[layer]
    used = lattice.vector >= 0
    used[: lattice.first[1], 0] = True
    named = lattice.vector[used].astype(np.int64)
    identity = (layer << LAYER_SHIFT) | ordinal
    symbols = int(lattice.first[1])
    pair_id = np.where(named >= 0, identity[named], 0)
    pair_id[:symbols] = _codes(calibration, symbols)
    interval = np.where(named >= 0, lattice.span[named], 0)
    start = np.concatenate([[0], np.cumsum(lattice.k)]).astype(np.int64)
    interval[start[:-1]] = 0
    count, first, last = _history(lattice, layer, ordinal, named)
    none = np.zeros(0, np.int64)
    nothing = np.zeros(layers + 1, np.int64)
    return NsnState(
        layers=layers,
        layer=layer.astype(np.int64),
        ordinal=ordinal.astype(np.int64),
        pair_start=start,
        pair_id=pair_id,
        pair_interval=interval,
        count=count,
        first=first,
        last=last,
        decided=nothing,
        open_items=tuple(OpenItems(none, none, none, none, none, 0) for _ in range(layers + 1)),
        records=(),
        residuals=none,
        residual_ends=none,
        ended=nothing.copy(),
        unstored=nothing.copy(),
    )


def _codes(calibration: Calibration, symbols: int) -> Ints:
    """Code points: those of the learned text, then others."""
    known = calibration.codes[:symbols]
    other = np.setdiff1d(np.arange(_OTHER_CODES, _OTHER_CODES + symbols), known)[: symbols - len(known)]
    return np.concatenate([known, other]).astype(np.int64)


def _history(lattice: Lattice, layer: Ints, ordinal: Ints, named: Ints) -> tuple[Ints, Ints, Ints]:
    """Activations: one for each time that a neuron above, or nobody, needed it; times: spread over the text in order of creation."""
    size = np.diff(lattice.first)
    top = int(lattice.first[-2])
    length = int(lattice.span[top:].sum())
    first = (ordinal + 1) * length // size[layer]
    count, last = np.zeros(lattice.rows, np.int64), first.copy()
    owner = np.repeat(np.arange(lattice.rows), lattice.k)
    for one in range(len(size) - 1, -1, -1):
        begin, end = int(lattice.first[one]), int(lattice.first[one + 1])
        np.maximum(count[begin:end], 1, out=count[begin:end])
        if one:
            pairs = slice(int(np.searchsorted(owner, begin)), int(np.searchsorted(owner, end)))
            np.add.at(count, named[pairs], count[owner[pairs]])
            np.maximum.at(last, named[pairs], last[owner[pairs]])
    return count, first, last
