"""The events of a log as the network saw them: which neuron, and what was new (NG2, X1b)."""

from __future__ import annotations

from itertools import combinations
from typing import Any

import numpy as np
import numpy.typing as npt

from chipsim.ids import neuron_id, ordinal_of
from chipsim.lookup import Columns
from chipsim.network import NsnState, Stimulus
from chipsim.network.field_columns import IN_A_VECTOR, field_columns

Ints = npt.NDArray[np.int64]


def event_table(stimulus: Stimulus, first_item: int, items_new: Ints, segments: Ints, state: NsnState) -> Columns:
    """One row per event from ``first_item`` on.

    Args:
        stimulus: the whole stream; needs ``fields``.
        first_item: number of the first item that was run.
        items_new: int64[rows, 3] decisions of layer 0: item number, id, new.
        segments: int64[rows, 4] decisions of layer 1: item number, id, cover, new.
        state: the stored network at the end; novelty of a pair of values is read from its neurons.

    Returns:
        Columns number, time, time_text, the fields, neuron (ordinal of the event's first neuron, -1 unstored), new, ``new_<field>`` and
        ``new_<a>_<b>``; a field whose name is taken has ``field.`` before it, see `field_columns`. A pair of values is new with an event
        if the event's neuron is new and no neuron before it holds both; pairs that no neuron can hold together (more than 8 fields)
        have no column.
    """
    first_event = int(stimulus.event[first_item]) if first_item < len(stimulus) else stimulus.events
    fields, columns = stimulus.fields, field_columns(stimulus.fields)
    width = len(fields)
    events = len(items_new) // width if width else 0
    numbers = np.arange(first_event, first_event + events)
    first_of_event = first_item + np.arange(events) * width
    value_id = items_new[: events * width, 1].reshape(events, width)
    value_new = items_new[: events * width, 2].reshape(events, width)
    at = np.searchsorted(segments[:, 0], first_of_event)
    chunks = -(-width // IN_A_VECTOR)
    decided = at + chunks - 1 < len(segments)
    events = int(decided.sum())
    at, numbers, value_id, value_new = at[:events], numbers[:events], value_id[:events], value_new[:events]
    event_new = np.zeros(events, bool)
    for chunk in range(chunks):
        event_new |= segments[at + chunk, 3].astype(bool)
    neuron = segments[at, 1]
    table: Columns = {
        "number": numbers,
        "time": stimulus.time[first_of_event[:events]],
        "time_text": _extra(stimulus, "time", numbers),
    }
    for f, name in enumerate(fields):
        labels = [stimulus.label(int(stimulus.code[i + f])) for i in first_of_event[:events]]
        table[columns.value[f]] = [label[len(name) + 1 :] for label in labels]
    table["neuron"] = np.array([ordinal_of(int(n)) if n >= 0 else -1 for n in neuron], np.int64)
    table["new"] = event_new
    for f, name in enumerate(columns.new):
        table[name] = value_new[:, f].astype(bool)
    holder = _first_holder(state)
    for (a, b), name in columns.pair.items():
        row = at + a // IN_A_VECTOR
        table[name] = np.array(
            [
                bool(segments[r, 3]) and holder.get((int(ids[a]), int(ids[b])), int(segments[r, 1])) == int(segments[r, 1])
                for r, ids in zip(row, value_id, strict=True)
            ],
            bool,
        )
    return table


def _extra(stimulus: Stimulus, name: str, numbers: Ints) -> list[str]:
    column = stimulus.extra.get(name)
    return [column[n] for n in numbers.tolist()] if column is not None else [""] * len(numbers)


def _first_holder(state: NsnState) -> dict[tuple[int, int], int]:
    """For every pair of values the id of the first layer-1 neuron that holds both, in the order of creation."""
    holder: dict[tuple[int, int], int] = {}
    start, ids = state.pair_start.tolist(), state.pair_id.tolist()
    for n in np.flatnonzero(state.layer == 1).tolist():
        neuron = neuron_id(1, int(state.ordinal[n]))
        for pair in combinations(ids[start[n] : start[n + 1]], 2):
            holder.setdefault(pair, neuron)
    return holder


__all__: list[Any] = ["event_table"]
