"""Closed forms of the complexity table: what a layer costs by its own formula, and what a transformer's does.

Rows CX4 to CX20 of the requirements. D_0 = L, D_l = max(1, D_(l-1) / k), natural logarithm; what the talk leaves open is in ``remarks``.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

PAIRS = range(1, 9)
"""k, pairs of a vector (CX5)."""

BASE_LAYERS, RECURSIVE = 8, 5
"""8 layers with up to 5 recursive networks each: 48 blocks (CX8)."""

LENGTHS = (4096, 4000)
"""What "4k" may be."""

GPT3_WIDTH, GPT3_BLOCKS = 12_288, 96
"""d and blocks of GPT-3 175B (Brown et al., "Language models are few-shot learners", 2020, table 2.1)."""

TALK_LENGTHS = (2048, 131_072)
"""L of a transformer in the table (CX2)."""


def narrowed(length: float, k: int, layers: int = BASE_LAYERS) -> list[float]:
    """D_0 .. D_layers (CX7): items after each layer, each the last over k, not below 1."""
    found = [float(length)]
    for _ in range(layers):
        found.append(max(1.0, found[-1] / k))
    return found


def layer_costs(length: float, k: int, layers: int = BASE_LAYERS) -> list[float]:
    """Cost k D_(l-1) + ln(k D_l) for l = 1 .. layers (CX10): convolutions on the input and winner-takes-all on the output."""
    return [k * before + math.log(k * after) for before, after in pairwise(narrowed(length, k, layers))]


def operations(length: float, k: int, layers: int = BASE_LAYERS) -> list[float]:
    """Operations k D_l for l = 1 .. layers: the row of operations (CX11)."""
    return [k * after for after in narrowed(length, k, layers)[1:]]


@dataclass(frozen=True, slots=True)
class Transformer:
    """A decoder of equal blocks, read as dense matrix products over all L tokens at once.

    Attributes:
        width: d, numbers of a token between blocks.
        blocks: how many.
    """

    width: int = GPT3_WIDTH
    blocks: int = GPT3_BLOCKS

    @property
    def parameters(self) -> int:
        """12 d^2 a block: 4 d^2 of Q, K, V and projection, 8 d^2 of the MLP (Kaplan et al., "Scaling laws", 2020, table 1)."""
        return 12 * self.width**2 * self.blocks

    @property
    def crossover(self) -> int:
        """L at which what grows with L^2 is as much as what grows with L: 12 L d^2 = 2 L^2 d."""
        return 6 * self.width

    def measure(self, length: int) -> int:
        """The table's own measure, L^2 a block (CX10): entries of K Q, without the d multiply-adds that each takes."""
        return length**2 * self.blocks

    def attention(self, length: int) -> int:
        """Multiply-adds of K Q: L^2 d a block; a causal mask that is made use of halves them."""
        return length**2 * self.width * self.blocks

    def multiply_adds(self, length: int) -> int:
        """Of everything: 12 L d^2 of weights, L^2 d of K Q and L^2 d of weighing the values, a block."""
        return (12 * length * self.width**2 + 2 * length**2 * self.width) * self.blocks

    def slope(self, length: float) -> float:
        """Slope d ln(multiply-adds) / d ln L at a length: (6 d + 2 L) / (6 d + L), from 1 to 2."""
        return (self.crossover + 2 * length) / (self.crossover + length)


def forms() -> list[dict[str, Any]]:
    """The derived table of the requirements: per k the cost of layer 1, sums of 8 layers, and what is left after them."""
    whole = LENGTHS[0]
    return [
        {
            "k": k,
            "layer_1": layer_costs(whole, k)[0],
            **{f"sum_{length}": math.fsum(layer_costs(length, k)) for length in LENGTHS},
            "operations": math.fsum(operations(whole, k)),
            "left": narrowed(whole, k)[-1],
            "floor": whole / k**BASE_LAYERS < 1,
        }
        for k in PAIRS
    ]


def transformer_forms(model: Transformer) -> list[dict[str, Any]]:
    """What the table says of a transformer, at its two lengths."""
    return [
        {
            "length": length,
            "numbers": length * model.width,
            "per_block": length**2,
            "all_blocks": model.measure(length),
            "multiply_adds": model.multiply_adds(length),
            "slope": model.slope(length),
        }
        for length in TALK_LENGTHS
    ]


def wta_share(length: float, k: int) -> float:
    """Share of the logarithms in the sum of 8 layers (CX13)."""
    logs = math.fsum(math.log(k * after) for after in narrowed(length, k)[1:])
    return logs / math.fsum(layer_costs(length, k))


def remarks() -> Iterator[tuple[str, str]]:
    """CX13 to CX20: row, and what the arithmetic says, each number worked out here."""
    whole = LENGTHS[0]
    sums = {k: math.fsum(layer_costs(whole, k)) for k in PAIRS}
    shares = sorted(100 * wta_share(whole, k) for k in PAIRS)
    best = min(sums, key=lambda k: sums[k])
    least = whole ** (1 / BASE_LAYERS)
    overlapping = math.fsum(best * max(1, whole - layer * (best - 1)) for layer in range(BASE_LAYERS))
    by_two = sums[best] + (1 / math.log(2) - 1) * wta_share(whole, best) * sums[best]
    model = Transformer()
    yield (
        "CX13",
        f"k D_l is about D_(l-1), so a layer costs about k D_(l-1) + ln D_(l-1). The logarithms are {shares[0]:.2g} to {shares[-1]:.2g} %"
        " of the sum of 8 layers: they read as latency (depth of the tree of answers), not as work.",
    )
    yield "CX14", f"8 layers narrow without reaching the floor up to k = {whole}^(1/8) = {least:.2f}."
    yield (
        "CX15",
        f"The cheapest whole k is {best}: {sums[best]:,.1f} against {sums[best + 1]:,.1f} at {best + 1} and {sums[1]:,.1f} at 1.",
    )
    yield (
        "CX16",
        f"What {BASE_LAYERS * RECURSIVE} recursive networks cost is not given. If each costs as its base layer, all is {1 + RECURSIVE} times as"
        f" much: {(1 + RECURSIVE) * sums[best]:,.1f} at k = {best}.",
    )
    yield (
        "CX17",
        f"L² leaves out d = {model.width:,} and the MLP. With both a block takes 12 L d² + 2 L² d multiply-adds: at L = {whole:,} slope"
        f" {model.slope(whole):.2f} in L, and half of them grow with L² only at L = 6 d = {model.crossover:,}.",
    )
    yield (
        "CX18",
        "k D_(l-1) leaves out how the stored vectors are found that an item may belong to. What that costs here is counted below, against the"
        " number of stored neurons.",
    )
    yield (
        "CX19",
        f"Open: the base of ln (by two the sum is {by_two:,.1f} and not {sums[best]:,.1f} at k = {best}), k per layer, and whether D counts"
        f" with overlap (stride 1: D_l = D_(l-1) - k + 1, no narrowing, {overlapping:,.0f} at k = {best}). Here: without overlap.",
    )
    yield (
        "CX20",
        f"The rows of operations (k D_l) and of complexity (k D_(l-1)) differ by the factor k: {math.fsum(operations(whole, best)):,.1f}"
        f" against {sums[best]:,.1f} at k = {best}.",
    )
