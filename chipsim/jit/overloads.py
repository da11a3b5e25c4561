"""What numba compiles, kept by content: numba's own cache goes by the path and the time of a file, so that a second clone, or a file that was
touched, would be compiled again.

The one place that imports numba. What it uses of numba beyond what is documented is looked for before the first kernel is compiled.
"""

from __future__ import annotations

import contextlib
import pickle
import sys
from collections.abc import Callable
from functools import cache
from types import FunctionType, ModuleType
from typing import Any

from chipsim.jit import store

TRIED = "0.62 to 0.68"
"""Versions of numba that were tried; pyproject.toml says the same."""

OPTIONS = {"error_model": "numpy", "no_cfunc_wrapper": True, "_nrt": False}
"""Without reference counts of arrays, which took half of the time: kernels make no arrays and give none back."""


@cache
def numba() -> Any:
    """The compiler.

    Raises:
        ImportError: it is not installed, or is a version that lacks what is used here.
    """
    import numba as found
    from numba.core import caching, compiler, dispatcher, serialize

    used = {
        "caching._Cache": [getattr(caching, "_Cache", None), "load_overload", "save_overload", "cache_path"],
        "compiler.CompileResult": [compiler.CompileResult, "_reduce", "_rebuild"],
        "compiler.Flags": [compiler.Flags, "nrt", "no_cfunc_wrapper", "no_cpython_wrapper", "forceinline", "boundscheck"],
        "dispatcher.Dispatcher": [dispatcher.Dispatcher, "enable_caching"],
        "serialize": [serialize, "dumps"],
    }
    for name, (owner, *parts) in used.items():
        for part in parts:
            if not hasattr(owner, part):
                raise ImportError(f"numba {found.__version__} has no {name}.{part}; versions {TRIED} were tried")
    return found


def compiled(
    function: FunctionType, keep: tuple[str, Callable[[], None]] | None, inline: bool, checked: bool
) -> Callable[..., Any]:
    """A function that is compiled when it is first called.

    Args:
        function: its source.
        keep: of one that Python calls: the name under which its code is kept, and what is to be done before it is compiled. Without it, only
            compiled code can call it.
        inline: whether it becomes part of its callers.
        checked: whether indices are compared with the lengths of arrays.
    """
    options: dict[str, Any] = {**OPTIONS, "boundscheck": checked or None}
    if keep is None:
        return numba().njit(no_cpython_wrapper=True, forceinline=inline, **options)(function)
    made = numba().njit(**options)(function)
    made._cache = _overloads(f"{keep[0]} {function.__name__}", keep[1])
    return made


def _overloads(name: str, before: Callable[[], None]) -> Any:
    from numba.core.caching import _Cache
    from numba.core.compiler import CompileResult
    from numba.core.serialize import dumps

    class Overloads(_Cache):
        """Code of one function for several types of arguments."""

        def __init__(self) -> None:
            self._waiting: dict[str, contextlib.ExitStack] = {}

        @property
        def cache_path(self) -> str:
            return str(store.writable() or "")

        def load_overload(self, sig: Any, target_context: Any) -> Any:
            target_context.refresh()
            key = _key(name, sig, target_context.codegen())
            data = store.read(key)
            if data is None:
                lock = contextlib.ExitStack()
                lock.enter_context(store.alone(key))
                data = store.read(key)
                if data is None:
                    before()
                    self._waiting[key] = lock
                    return None
                lock.close()
            kept = pickle.loads(data)
            for module in kept["modules"]:  # code names the modules that it came from; they need not be filled
                sys.modules.setdefault(module, ModuleType(module))
            return CompileResult._rebuild(target_context, *pickle.loads(kept["code"]))

        def save_overload(self, sig: Any, data: Any) -> None:
            key = _key(name, sig, data.codegen)
            if not (any(not one.can_cache for one in data.lifted) or data.library.has_dynamic_globals):
                code = dumps(data._reduce())
                own = [
                    one.__name__ for one in list(sys.modules.values()) if getattr(one, "__name__", "").startswith("compiled_")
                ]
                store.write(key, pickle.dumps({"modules": own, "code": code}))
            if key in self._waiting:
                self._waiting.pop(key).close()

        def enable(self) -> None:
            pass

        def disable(self) -> None:
            pass

        def flush(self) -> None:
            pass

    return Overloads()


def _key(name: str, signature: Any, codegen: Any) -> str:
    return store.key_of("overload", name, str(signature), repr(codegen.magic_tuple())) + ".numba"
