"""What a run says of its recursive networks and listeners: what they read, learned and expected, and whether neighbours agree (AT2 to AT5).

*Synchrony* of networks r and r + 1 of a layer is the share of the layer's outputs behind which both expect the same neuron. It is held
against the same series shifted against each other in a circle, which keeps what each expects how often and when, and leaves out that they
read the same: p = (1 + shifts that agree at least as often) / (1 + shifts).
"""

from __future__ import annotations

from typing import Any

import numpy as np

from chipsim.ids import LAYER_SHIFT
from chipsim.network import NsnState
from chipsim.network.nsn_input import Ints
from chipsim.network.rules import NsnRules

SHIFTS = 199
"""Circular shifts, spread evenly over a series; a shorter one is shifted by every number of places."""


def networks_summary(state: NsnState, winners: Ints) -> list[dict[str, Any]]:
    """Of each recursive network what it read and decided in the run, and what it has stored.

    Args:
        state: the stored network at the end.
        winners: int64[rows, 4] decisions of the run: layer, id, cover, new.
    """
    neurons, k, rows = state.neurons_per_layer(), np.diff(state.pair_start), []
    for number in range(state.layers + 2, state.numbers):
        mine = winners[winners[:, 0] == number]
        ours, new = (mine[:, 1] >> LAYER_SHIFT) == number, mine[:, 3].astype(bool)
        rows.append(
            {
                **_whose(state.layers, state.networks, number),
                "inputs": int(mine[:, 2].sum()),
                "segments": len(mine),
                "recognised": int((ours & ~new).sum()),
                "created": int((ours & new).sum()),
                "leftover": int((~ours & ~new).sum()),
                "unstored": int(state.unstored[number]),
                "neurons": int(neurons[number]),
                "pairs": int(k[state.layer == number].sum()),
            }
        )
    return rows


def synchrony_summary(rules: NsnRules, expected: Ints) -> list[dict[str, Any]]:
    """Of each two neighbouring networks of a layer how often they expect the same.

    Args:
        rules: of the network.
        expected: int64[rows, 3]: number of the network, of the output that it had read, and the id, -1 for none.
    """
    found = []
    for layer in range(1, rules.layers + 1):
        series = [_series(expected, rules.network(layer, r)) for r in range(rules.networks)]
        for r in range(rules.networks - 1):
            n = min(len(series[r]), len(series[r + 1]))
            found.append({"layer": layer, "network": r, "outputs": n, **synchrony(series[r][:n], series[r + 1][:n])})
    return found


def synchrony(one: Ints, other: Ints) -> dict[str, float | int | None]:
    """Share of places at which two series of ids, -1 for none, have the same id; that of shifted ones, how many shifts, and p."""
    n = len(one)
    shifts = np.unique(1 + np.arange(SHIFTS) * (n - 1) // SHIFTS) if n > SHIFTS else np.arange(1, max(1, n))
    if not n:
        return {"share": None, "shifted": None, "shifts": 0, "p": None}
    share = _agree(one, other)
    shifted = [_agree(one, np.roll(other, int(shift))) for shift in shifts]
    p = (1 + sum(s >= share for s in shifted)) / (1 + len(shifted))
    return {"share": share, "shifted": float(np.mean(shifted)) if shifted else None, "shifts": len(shifted), "p": p}


def listeners_summary(layers: int, networks: int, listeners: tuple[int, ...], heard: Ints) -> list[dict[str, Any]]:
    """Of each listener whom it hears and how often it did.

    Args:
        layers: pattern layers; networks: recursive ones of each.
        networks: likewise.
        listeners: number of the layer that each hears.
        heard: int64[listeners].
    """
    return [{**_whose(layers, networks, number), "heard": n} for number, n in zip(listeners, heard.tolist(), strict=True)]


def heard_of(listeners: tuple[int, ...], winners: Ints) -> Ints:
    """int64[listeners], neurons that fired on the layer of each; ``winners``: int64[rows, 4] layer, id, cover, new."""
    fired = winners[(winners[:, 1] >> LAYER_SHIFT) == winners[:, 0], 0]
    return np.array([(fired == number).sum() for number in listeners], np.int64)


def _whose(layers: int, networks: int, number: int) -> dict[str, int | None]:
    """Layer, and which of its recursive networks, by number."""
    if number <= layers:
        return {"layer": number, "network": None}
    layer, network = divmod(number - layers - 2, networks)
    return {"layer": layer + 1, "network": network}


def _series(expected: Ints, number: int) -> Ints:
    mine = expected[expected[:, 0] == number]
    ids: Ints = mine[np.argsort(mine[:, 1]), 2]
    return ids


def _agree(one: Ints, other: Ints) -> float:
    return float(((one == other) & (one >= 0)).mean())
