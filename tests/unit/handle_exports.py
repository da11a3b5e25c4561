"""A module that exports what it imports, for the tests of the loader."""

from __future__ import annotations

from tests.unit.handle_kernels import Deep, Own, free


def begin(m: Deep, i: int) -> int:
    """As `Hooks` has it, but for a class derived from what is said there."""
    own: Own = m.own
    return free(m, i) + own.step


def other_part(i: int) -> int:
    """Stands in for ``handle_kernels.part``, and calls a kernel of its own module."""
    return twice(i) - 1


def twice(i: int) -> int:
    """Of another module than what it stands in for."""
    return 2 * i


__all__ = ["begin", "free"]
