"""Closed forms of the complexity table, against the derived values of the requirements (§5), to their last printed digit."""

from __future__ import annotations

import math

import pytest

from chipsim.sweep.complexity.forms import (
    Transformer,
    forms,
    layer_costs,
    narrowed,
    operations,
    remarks,
    transformer_forms,
    wta_share,
)

DERIVED = {
    1: ("4,104.3", "32,834.5", "32,066.4", "32,768.0", 4096),
    2: ("8,200.3", "16,367.1", "15,984.4", "8,160.0", 16),
    3: ("12,296.3", "18,465.4", "18,033.3", "6,144.2", 1),
    4: ("16,392.3", "21,879.9", "21,367.9", "5,468.0", 1),
    5: ("20,488.3", "25,638.7", "25,038.6", "5,133.4", 1),
    6: ("24,584.3", "29,535.1", "28,843.9", "4,935.4", 1),
    7: ("28,680.3", "33,499.1", "32,715.0", "4,804.7", 1),
    8: ("32,776.3", "37,501.1", "36,623.5", "4,712.0", 1),
}
"""k: cost of layer 1 and sum of 8 layers at L = 4096, that sum at 4000, sum of k D_l at 4096, D_8."""


def test_the_derived_table_is_reproduced() -> None:
    found = {
        one["k"]: (*(f"{one[name]:,.1f}" for name in ("layer_1", "sum_4096", "sum_4000", "operations")), round(one["left"]))
        for one in forms()
    }
    assert found == DERIVED
    assert [one["k"] for one in forms() if one["floor"]] == [3, 4, 5, 6, 7, 8]


@pytest.mark.parametrize("length", [4096, 4000, 128])
@pytest.mark.parametrize("k", range(1, 9))
def test_costs_follow_from_the_formula(length: int, k: int) -> None:
    items = [length, *(max(1.0, length / k**layer) for layer in range(1, 9))]
    assert narrowed(length, k) == pytest.approx(items)
    assert layer_costs(length, k) == pytest.approx([k * items[n] + math.log(k * items[n + 1]) for n in range(8)])
    assert operations(length, k) == pytest.approx([k * one for one in items[1:]])


def test_eight_pairs_reach_the_floor_at_layer_four() -> None:
    assert narrowed(4096, 8)[3:6] == [8.0, 1.0, 1.0]


def test_the_transformer_of_the_table() -> None:
    model = Transformer()
    short, long = transformer_forms(model)
    assert (short["numbers"], short["per_block"], short["all_blocks"]) == (25_165_824, 4_194_304, 402_653_184)
    assert f"{long['per_block']:.2e}" == "1.72e+10"
    assert f"{model.parameters:.3e}" == "1.739e+11"
    assert model.crossover == 73_728
    assert 12 * model.crossover * model.width**2 == 2 * model.crossover**2 * model.width
    assert model.slope(model.crossover) == 1.5
    assert round(model.slope(128), 2) == 1.0 and round(model.slope(4096), 2) == 1.05


@pytest.mark.parametrize("length", [128, 4096, 131_072])
def test_the_slope_of_the_transformer_is_its_derivative(length: int) -> None:
    model, step = Transformer(), length // 128
    rise = math.log(model.multiply_adds(length + step) / model.multiply_adds(length - step))
    assert model.slope(length) == pytest.approx(rise / math.log((length + step) / (length - step)), rel=1e-4)


def test_remarks_hold() -> None:
    told = dict(remarks())
    assert list(told) == [f"CX{number}" for number in range(13, 21)]
    assert all(0.0005 < wta_share(4096, k) < 0.0031 for k in range(1, 9)), "0.1 to 0.3 % of the sum"
    assert "4096^(1/8) = 2.83" in told["CX14"]
    assert "cheapest whole k is 2: 16,367.1" in told["CX15"]
    assert "6 times" in told["CX16"] and f"{6 * sum(layer_costs(4096, 2)):,.1f}" in told["CX16"]
    assert "slope 1.05" in told["CX17"] and "73,728" in told["CX17"]
    by_two = sum(2 * items + math.log2(2 * items / 2) for items in narrowed(4096, 2)[:-1])
    assert f"by two the sum is {by_two:,.1f}" in told["CX19"]
    overlap = sum(2 * (4096 - layer) for layer in range(8))
    assert f"no narrowing, {overlap:,}" in told["CX19"]
    assert "8,160.0 against 16,367.1" in told["CX20"]
