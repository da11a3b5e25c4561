"""Sequences of whole numbers, as kernels take them."""

from __future__ import annotations

from collections.abc import MutableSequence, Sequence

Row = Sequence[int]
"""A message row."""

Ints = MutableSequence[int]
"""A mutable sequence of whole numbers: a list in the reference engine, an int64 array in an engine in arrays."""
