"""The one package that imports a compiler: kernels compiled from the very source that everyone else runs as Python.

Two styles. *Handle-style* kernels (``unit``) take handles, which lead to tables, columns and numbers (``records``), and whole numbers.
*Array-style* kernels (``load``) take arrays, structs of arrays and numbers, floats among them (``kernels``). Both are translated to LLVM's
language form by form (``translate``), refused where a form has no translation, compiled and loaded by llvmlite (``backend``), and kept by
content (``store``). A compiler for any Python, numba, took ten times as long: its types, its reference counts and its cache by path and time
were what kernels of whole words have no use for.
"""

from __future__ import annotations

from chipsim.jit.backend import require_compiler
from chipsim.jit.cold import prepare
from chipsim.jit.errors import KernelError, Untranslatable
from chipsim.jit.interpret import copy_of, is_interpreted
from chipsim.jit.kernel_unit import Unit, unit
from chipsim.jit.kernels import load, pack, struct
from chipsim.jit.store import read_note, write_note
from chipsim.jit.words import lowest_bit, prefetch, wrap

__all__ = [
    "KernelError", "Unit", "Untranslatable", "copy_of", "is_interpreted", "load", "lowest_bit", "pack", "prefetch", "prepare",
    "read_note", "require_compiler", "struct", "unit", "wrap", "write_note",
]  # fmt: skip
