"""Typed ids: plain integers with a meaning, packed so that engines compare and hash them as one word."""

from __future__ import annotations

from dataclasses import dataclass

LAYER_SHIFT = 40
"""A neuron id is ``layer << 40 | ordinal``: 2^40 neurons a layer, ids of a lower layer compare smaller."""

ORDINAL_MASK = (1 << LAYER_SHIFT) - 1

UNSTORED = -2
"""The id that passes upward in place of a novelty for which no slot was left (NSN rule ``on_full: flag``)."""


@dataclass(frozen=True, slots=True)
class Link:
    """A neuron on the way from a stored symbol up to the record of its episode.

    Attributes:
        neuron: its id.
        position: of the pair that names it in the vector of the next neuron of the way, from 0; of the last one, the entry of the record.
        instead: id of the neuron that the pair itself names, where another stood in its place; else None.
    """

    neuron: int
    position: int
    instead: int | None = None


Chain = tuple[Link, ...]
"""From the neuron of a symbol up to the one that the record of its episode names."""


def neuron_id(layer: int, ordinal: int) -> int:
    """Pack (layer, ordinal) into one id."""
    return layer << LAYER_SHIFT | ordinal


def layer_of(neuron: int) -> int:
    """Layer of a neuron id."""
    return neuron >> LAYER_SHIFT


def ordinal_of(neuron: int) -> int:
    """Ordinal of a neuron id within its layer."""
    return neuron & ORDINAL_MASK
