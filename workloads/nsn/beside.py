"""What grammars take to hold the episodes that a network stores: beside it, not in it."""

from __future__ import annotations

from itertools import pairwise

import numpy as np

from chipsim.network.nsn import NsnState
from chipsim.network.rules import NsnRules
from workloads.nsn.grammar import repair, sequitur
from workloads.nsn.layer_sleep import classes_of, gaps_of
from workloads.nsn.sleep import first_asleep, stored_items


def symbols(state: NsnState, rules: NsnRules) -> list[list[int]]:
    """The episodes as the first layer that sleeps reads them, a symbol for each (interval class, id).

    The first item of an episode, which has no interval before it, is given the commonest class: of a text the symbols are its characters.

    Raises:
        ReplayError: memory is damaged.
    """
    stored = [number for number, record in enumerate(state.records) if record.replayable]
    items = stored_items(state, rules, stored, first_asleep(rules))
    classes = classes_of(gaps_of(items, rules), rules)
    later = classes[~items.begins]
    if len(later):
        values, counts = np.unique(later, return_counts=True)
        classes[items.begins] = values[counts.argmax()]
    numbers: dict[tuple[int, int], int] = {}
    flat = [numbers.setdefault(pair, len(numbers)) for pair in zip(classes.tolist(), items.id.tolist(), strict=True)]
    bounds = [*np.flatnonzero(items.begins).tolist(), len(flat)]
    return [flat[low:high] for low, high in pairwise(bounds)]


def grammars(state: NsnState, rules: NsnRules) -> dict[str, int]:
    """Elements of the grammars of the stored episodes, by name, with the pairs below the first layer that sleeps: the events of a log.

    Raises:
        ReplayError: memory is damaged.
    """
    below = (state.layer > 0) & (state.layer < first_asleep(rules))
    events = int(np.diff(state.pair_start)[below].sum())
    episodes = symbols(state, rules)
    return {"sequitur": events + sequitur(episodes).elements, "repair": events + repair(episodes).elements}
