"""Typed ids: plain integers with a meaning, packed so that engines compare and hash them as one word."""

from __future__ import annotations

LAYER_SHIFT = 40
"""A neuron id is ``layer << 40 | ordinal``: 2^40 neurons a layer, ids of a lower layer compare smaller."""

ORDINAL_MASK = (1 << LAYER_SHIFT) - 1

UNSTORED = -2
"""The id that passes upward in place of a novelty for which no slot was left (NSN rule ``on_full: flag``)."""


def neuron_id(layer: int, ordinal: int) -> int:
    """Pack (layer, ordinal) into one id."""
    return layer << LAYER_SHIFT | ordinal


def layer_of(neuron: int) -> int:
    """Layer of a neuron id."""
    return neuron >> LAYER_SHIFT


def ordinal_of(neuron: int) -> int:
    """Ordinal of a neuron id within its layer."""
    return neuron & ORDINAL_MASK
