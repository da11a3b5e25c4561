"""Array-style kernels: functions of arrays and structs of arrays, compiled as a unit and called like the module's own functions.

An array is an annotation with the type of its numbers (``npt.NDArray[np.int32]``), a *struct* a NamedTuple of arrays that is marked with
`struct`, a *bundle* any other NamedTuple, packed flat with `pack`. Such kernels may compute with floats.
"""

from __future__ import annotations

import importlib
from collections.abc import Callable, Mapping, Sequence
from functools import cache, partial
from typing import Any, TypeVar

import numpy as np

from chipsim.jit.checks import is_checked
from chipsim.jit.interpret import is_interpreted
from chipsim.jit.kernel_unit import Unit
from chipsim.jit.translate import Request

Kind = TypeVar("Kind")


def struct(kind: type[Kind]) -> type[Kind]:
    """Mark a NamedTuple class of arrays as one that kernels take as it is, and not flat as a bundle."""
    kind.STRUCT = True  # type: ignore[attr-defined]
    return kind


def pack(bundle: Any) -> np.ndarray[tuple[int], np.dtype[np.int64]]:
    """A NamedTuple of numbers and sequences as the flat array that compiled kernels take.

    It begins with a word per field: the value of a number, or where a sequence begins.
    """
    head, body, offset = [], [], len(bundle)
    for field in bundle:
        if isinstance(field, (int, np.integer)):
            head.append(int(field))
        else:
            head.append(offset)
            body.append(np.asarray(field, np.int64))
            offset += len(field)
    return np.concatenate([np.array(head, np.int64), *body])


class Kernels:
    """Functions of a module, compiled when one of them is first called; see `load`."""

    def __init__(self, unit: Unit) -> None:
        self._unit = unit

    def __getattr__(self, name: str) -> Callable[..., Any]:
        if name not in self._unit.request.exports:
            raise AttributeError(
                f"{self._unit.request.module}: {name} is none of the entries {', '.join(self._unit.request.exports)}"
            )
        kernel: Callable[..., Any] = partial(self._unit, name)
        self.__dict__[name] = kernel
        return kernel


def load(name: str, constants: Mapping[str, int] | None = None, entries: Sequence[str] = ()) -> Any:
    """Compiled functions of a module.

    Args:
        name: the module, e.g. ``nsn_mapping.place.swaps``.
        constants: names of module-level numbers and their values, in this module and in others of the same package; tests of them are
            decided before compilation.
        entries: the functions.

    Returns:
        An object that has them as attributes; the same for the same arguments.

    Raises:
        Untranslatable: when one is first called and has a form that cannot be compiled.
    """
    settings = tuple(sorted((constants or {}).items()))
    return _load(Request(name, tuple(entries), settings, (), is_checked(), floats=True), is_interpreted())


@cache
def _load(request: Request, interpreted: bool) -> Kernels:
    importlib.import_module(request.module)  # a wrong name fails here
    return Kernels(Unit(request, interpreted))
