"""The one package that imports a compiler: kernels compiled from the very source that everyone else runs as Python.

Two styles. *Handle-style* kernels (``unit``) take handles, which lead to tables, columns and numbers (``records``), and whole numbers; they are
translated to LLVM's language by this package itself, kept by content, and need no numba. *Array-style* kernels (``load``) take numpy arrays
and are compiled by numba (``arrays``).
"""

from __future__ import annotations

from chipsim.jit.arrays import alone, folder_of, is_cold, narrow, set_warm
from chipsim.jit.cold import prepare
from chipsim.jit.errors import KernelError, Untranslatable
from chipsim.jit.interpret import is_interpreted
from chipsim.jit.kernel_unit import Unit, unit
from chipsim.jit.kernels import load, pack, struct
from chipsim.jit.words import lowest_bit, wrap

__all__ = [
    "KernelError", "Unit", "Untranslatable", "alone", "folder_of", "is_cold", "is_interpreted", "load", "lowest_bit", "narrow", "pack",
    "prepare", "set_warm", "struct", "unit", "wrap",
]  # fmt: skip
