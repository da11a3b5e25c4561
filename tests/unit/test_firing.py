"""Spikes condensed for a page: the same as counting them one by one, however they come in parts."""

from __future__ import annotations

import itertools
from collections import Counter
from typing import Any

import numpy as np
import pytest

from chipsim.lookup import Table
from chipsim.programs.snn.firing import MOST_COLUMNS, MOST_MARKS, MOST_ROWS, condense


def trains(neurons: int, steps: int, spikes: int, seed: int) -> tuple[np.ndarray[Any, Any], np.ndarray[Any, Any]]:
    """Step and neuron of so many different spikes, by step; some neurons at the end are silent."""
    rng = np.random.default_rng(seed)
    busy = max(1, neurons - 3)
    cells = np.sort(rng.choice(steps * busy, spikes, replace=False))
    return cells // busy + 1, cells % busy


def told(neurons: int, steps: int, parts: list[Table]) -> Any:
    tables = {"steps": {"step": np.arange(1, steps + 1)}}
    return condense({"mapping": {"neurons": neurons}}, tables, iter(parts))


@pytest.mark.parametrize("part", [1, 7, 10**6])
@pytest.mark.parametrize(("neurons", "steps", "spikes"), [(20, 30, 150), (5, 400, 300), (6000, 700, 9000)])
def test_condensed_spikes_are_those_counted_one_by_one(neurons: int, steps: int, spikes: int, part: int) -> None:
    step, neuron = trains(neurons, steps, spikes, 1)
    part = max(part, spikes // 200)
    parts = [{"step": step[at : at + part], "neuron": neuron[at : at + part]} for at in range(0, spikes, part)]
    found = told(neurons, steps, parts)
    times: dict[int, list[int]] = {}
    for s, n in zip(step.tolist(), neuron.tolist(), strict=True):
        times.setdefault(n, []).append(s)
    intervals = {n: [b - a for a, b in itertools.pairwise(seen)] for n, seen in times.items()}
    assert found["firing"]["spikes"].tolist() == [len(times.get(n, [])) for n in range(neurons)]
    lengths = Counter(length for each in intervals.values() for length in each)
    assert dict(zip(found["intervals"]["steps"].tolist(), found["intervals"]["count"].tolist(), strict=True)) == lengths
    for n, cv in enumerate(found["firing"]["cv"].tolist()):
        own = intervals.get(n, [])
        if len(own) < 2:
            assert np.isnan(cv)
        else:
            assert cv == pytest.approx(np.std(own) / np.mean(own), abs=1e-9)
    raster = found["raster"]
    assert raster["spikes"].sum() == spikes
    wide, high = int(raster["steps"][0]), int(raster["neurons"][0])
    assert (wide, high) == (
        (1, 1) if spikes <= MOST_MARKS >= neurons else (-(-steps // MOST_COLUMNS), -(-neurons // MOST_ROWS))
    )
    cells = Counter((int(n) // high * high, (int(s) - 1) // wide * wide + 1) for s, n in zip(step, neuron, strict=True))
    rows = zip(raster["neuron"].tolist(), raster["step"].tolist(), raster["spikes"].tolist(), strict=True)
    assert {(n, s): held for n, s, held in rows} == cells


def test_a_million_neurons_make_a_small_raster() -> None:
    """Ten neurons per step fire of a million; nothing that grows with their number but one number each is kept."""
    neurons, steps = 10**6, 50_000
    rng = np.random.default_rng(2)
    parts = ({"step": np.arange(at, at + 5000) + 1, "neuron": rng.integers(0, neurons, 5000)} for at in range(0, steps, 5000))
    found = told(neurons, steps, parts)  # type: ignore[arg-type]
    assert found["firing"]["spikes"].sum() == found["raster"]["spikes"].sum() == steps
    assert len(found["raster"]["step"]) <= (MOST_COLUMNS + 1) * (MOST_ROWS + 1)


def test_no_spike_makes_empty_tables() -> None:
    found = told(4, 3, [])
    assert found["firing"]["spikes"].tolist() == [0] * 4
    assert all(len(found[name]["steps"]) == 0 for name in ("intervals", "raster"))
