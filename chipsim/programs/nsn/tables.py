"""Flat tables of a neurosemantic network's run: layers, latency, growth, spikes, events; and its alerts."""

from __future__ import annotations

from typing import Any

import numpy as np

from chipsim.ids import layer_of, ordinal_of
from chipsim.lookup import Columns
from chipsim.machine.histogram import Histogram, edges
from chipsim.network import NsnState, Stimulus
from chipsim.network.nsn_input import Ints, NsnInput
from chipsim.programs.nsn.events import event_table


def layer_table(layers: list[dict[str, Any]]) -> Columns:
    """The layers of ``summary.nsn.layers`` as columns; ``k``, a list, is a column per number of pairs: ``k1`` to ``k8``."""
    rows = [
        {key: value for key, value in layer.items() if key != "k"} | {f"k{n}": one for n, one in enumerate(layer["k"], 1)}
        for layer in layers
    ]
    return {key: [row[key] for row in rows] for key in rows[0]} if rows else {}


def latency_table(histograms: list[Histogram]) -> Columns:
    """Histograms of layers 1..L, one row per bin."""
    columns: Columns = {"layer": [], "lower_ps": [], "upper_ps": [], "count": []}
    for layer, h in enumerate(histograms, 1):
        lower, upper = edges(h.bins)
        columns["layer"] += [layer] * len(h.bins)
        columns["lower_ps"] += lower.tolist()
        columns["upper_ps"] += upper.tolist()
        columns["count"] += h.counts.tolist()
    return {name: np.array(values, np.int64) for name, values in columns.items()}


def growth_table(growth: Ints, slots: int) -> Columns:
    """Neurons in the order in which they were grown on the chip; ``growth`` as in ``NsnRun``, ``slots`` of a core."""
    time, layer, ordinal, address = growth.T
    return {"time_ps": time, "layer": layer, "ordinal": ordinal, "core": address // slots, "slot": address % slots}


def spike_table(spikes: Ints) -> Columns:
    """Spikes of neurons, if probed: when, from which core, for which layer, which neuron."""
    time, core, layer, neuron = spikes.T
    return {"time_ps": time, "core": core, "layer": layer, "id": neuron}


def decided_events(given: NsnInput, decisions: Ints, state: NsnState) -> Columns:
    """The events of a log as the network saw them; ``decisions``: int64[rows, 5] layer, item, id, cover, new."""
    values, segments = decisions[decisions[:, 0] == 0], decisions[decisions[:, 0] == 1]
    return event_table(given.stimulus, given.first_item, values[:, [1, 2, 4]], segments[:, 1:], state)


def by_event(event: Ints, values: Ints, size: int) -> Ints:
    """int64[size], the value of each event, -1 where it has none."""
    column = np.full(size, -1, np.int64)
    inside = event < size
    column[event[inside]] = values[inside]
    return column


def alert_rows(stimulus: Stimulus, alerts: Ints) -> list[dict[str, Any]]:
    """Alerts with the symbols of the neuron that raised them, so that each can be read (NG11).

    ``alerts`` as in ``NsnRun``; a time at the host below 0 is none, as in software alone.
    """
    rows = []
    for at, neuron, event_time, first, last, new in alerts.tolist():
        events = stimulus.event[[first, last]].tolist()
        rows.append(
            {
                "time_s": at * 1e-12 if at >= 0 else None,
                "event": events[0],
                "last_event": events[1],
                "event_time": event_time,
                "neuron": ordinal_of(neuron) if neuron >= 0 else None,
                "layer": layer_of(neuron) if neuron >= 0 else None,
                "new": bool(new),
                "symbols": [stimulus.label(c) for c in stimulus.code[first : last + 1].tolist()],
            }
        )
    return rows
