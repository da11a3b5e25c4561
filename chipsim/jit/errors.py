"""What the loader and checked kernels complain about."""

from __future__ import annotations


class Untranslatable(TypeError):
    """A kernel's source has a form that cannot be compiled; the message says where, what was found and what is allowed."""


class KernelError(ArithmeticError):
    """A checked kernel read or wrote where nothing is, divided by 0, or left 64 bits; the message says what, with which value and where."""
