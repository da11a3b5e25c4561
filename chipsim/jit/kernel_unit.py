"""Units: kernels compiled together and kept, and called from Python."""

from __future__ import annotations

import ctypes
import importlib
from collections.abc import Callable, Mapping, Sequence
from functools import cache
from typing import Any

import numpy as np

from chipsim.jit import interpret, store
from chipsim.jit.assembly import FAILED_AT
from chipsim.jit.backend import Code, compile_text, target_name
from chipsim.jit.checks import is_checked
from chipsim.jit.context import Signature
from chipsim.jit.errors import KernelError, Untranslatable
from chipsim.jit.kinds import Kind, struct_fields
from chipsim.jit.marshal import Arguments, rows_code
from chipsim.jit.records import Block, row_dtype
from chipsim.jit.sources import PROJECT, content_hash
from chipsim.jit.translate import Request, translate

Say = Callable[[str], None]


def unit(
    module: str,
    exports: Sequence[str],
    constants: Mapping[str, int] | None = None,
    dtypes: Mapping[str, str] | None = None,
    parts: Mapping[str, str] | None = None,
    loops: bool = True,
) -> Unit:
    """Kernels of a module as a unit; nothing is compiled or loaded before it is needed.

    Args:
        module: where the exported functions are, e.g. ``chipsim.engines.compiled.loop``.
        exports: functions that Python or other units call.
        constants: names of module-level numbers and their values in this unit, in the module and in others of the same package; tests of
            them are decided before compilation.
        dtypes: codes of columns (``i8``, ``i4``, ``i2``, ``u1``) by ``Class.field``, where they are not as annotated.
        parts: kernels that stand in for others, ``module:function`` by the name of those, in the same modules; they may be of another package.
        loops: whether loops are unrolled and made into vectors: good for long ones over arrays (spiking cores run 10 % faster), while for
            those over ports and lists of a handful it only gets in the way (networks of 16 x 16 routers run 10 % slower).

    Returns:
        The same object for the same arguments.
    """
    return _unit(
        Request(
            module,
            tuple(exports),
            tuple(sorted((constants or {}).items())),
            tuple(sorted((dtypes or {}).items())),
            is_checked(),
            parts=tuple(sorted((parts or {}).items())),
            loops=loops,
        ),
        interpret.is_interpreted(),
    )


@cache
def _unit(request: Request, interpreted: bool) -> Unit:
    return Unit(request, interpreted)


class Unit:
    """Compiled kernels, or the same as Python functions; see `unit`."""

    def __init__(self, request: Request, interpreted: bool) -> None:
        self.request, self.interpreted = request, interpreted
        self._code: Code | None = None
        self._about: dict[str, Any] = {}
        self._addresses: dict[str, int] = {}
        self._calls: dict[str, Any] = {}

    def __repr__(self) -> str:
        return f"<unit {self.request.module} {dict(self.request.constants) | dict(self.request.parts)}>"

    # -- compiling and loading -------------------------------------------------------------------------------------------

    def is_cold(self) -> bool:
        """Whether it must be compiled before it can run."""
        if self.interpreted or self._code is not None:
            return False
        about = self._read_about()
        return about is None or store.read(f"{about['code']}.code") is None

    def compile(self) -> bytes:
        """The machine code, from the cache or made now; another process that makes the same is waited for.

        Raises:
            Untranslatable: a kernel has a form that cannot be compiled.
        """
        about = self._read_about()
        code = store.read(f"{about['code']}.code") if about is not None else None
        if about is None or code is None:
            made = translate(self.request)
            about = {
                "code": store.key_of(made.text, str(self.request.loops), target_name()),
                "symbols": dict(made.symbols),
                "signatures": {
                    name: _describe(one, self.request.checked or self.request.floats) for name, one in made.signatures.items()
                },
                "sites": [[site.where, site.text] for site in made.sites],
                "columns": dict(made.columns),
                "packages": {name: content_hash(name) for name in made.packages - self._packages()},
            }
            name = f"{about['code']}.code"
            code = store.read(name)
            if code is None:
                with store.alone(about["code"]):
                    code = store.read(name)
                    if code is None:
                        code = compile_text(made.text, self.request.loops)
                        store.write(name, code)
            store.write_json(self._known(), about)
        self._about = about
        return code

    def load(self) -> None:
        """Have the code in this process."""
        if self.interpreted or self._code is not None:
            return
        code = Code(self.compile())
        symbols = [self._about["symbols"][name] for name in self.request.exports]
        self._addresses = dict(zip(self.request.exports, code.addresses(symbols), strict=True))
        if self.request.checked:
            word = code.word(FAILED_AT)
            ctypes.c_int64.from_address(word).value = int(_failure().ctypes.data)
            _checked()[word] = self
        self._code = code

    def _known(self) -> str:
        """The name under which is kept what is known of it for these very sources."""
        hashes = [content_hash(package) for package in sorted(self._packages())]
        return store.key_of(repr(self.request), target_name(), *hashes) + ".unit"

    def _packages(self) -> set[str]:
        """Packages whose sources it goes by; others that they use are looked at in `_read_about`."""
        modules = [self.request.module, *(part.partition(":")[0] for _, part in self.request.parts)]
        return {*PROJECT, *(module.partition(".")[0] for module in modules)}

    def _read_about(self) -> dict[str, Any] | None:
        """What is known of it, if the further packages that it was made from are what they were."""
        about = store.read_json(self._known())
        if about is None or any(content_hash(name) != found for name, found in about["packages"].items()):
            return None
        return about

    # -- use ---------------------------------------------------------------------------------------------------------------

    def address(self, name: str) -> int:
        """Where an exported function begins; 0 if it is not compiled."""
        self.load()
        return self._addresses.get(name, 0)

    def functions(self) -> Any:
        """The module whose functions run when interpreted."""
        if self.interpreted:
            return interpret.copy_of(self.request.module, self.request.constants, self.request.parts)
        return importlib.import_module(self.request.module)

    def link(self, block: Block, name: str) -> None:
        """Set the functions of a block's field to those of this unit.

        Raises:
            Untranslatable: the unit does not export one, or it takes or gives something else.
        """
        field = block.field(name)
        if self.interpreted:
            block.set_functions(name, self.functions())
            return
        from chipsim.jit.signatures import functions_of_field

        self.load()
        for function, signature in functions_of_field(field).items():
            own = self._about["signatures"].get(function)
            if own is None or not _fits(own, signature):
                raise Untranslatable(
                    f"{self.request.module}.{function} {own['text'] if own else 'is not exported'}; {name} calls it with {signature}"
                )
        block.set_functions(name, self, self._addresses)

    def __call__(self, name: str, *arguments: Any) -> Any:
        """Call an exported function with numbers, blocks, structs, and arrays for Ints, columns, tables and bundles.

        Returns:
            What it gives; 0 where that is nothing.

        Raises:
            KernelError: with checks, something went wrong in it.
            TypeError: an argument is none that the function takes: arrays have the numbers that it was compiled for, and no gaps.
        """
        if self.interpreted:
            return interpret.call(getattr(self.functions(), name), arguments)
        self.load()
        function = self._calls.get(name) or self._function(name)
        about = self._about["signatures"][name]
        if len(arguments) != len(about["kinds"]):
            raise TypeError(f"{name} takes {len(about['kinds'])} arguments, not {len(arguments)}")
        given = Arguments()
        for argument, parameter, (kind, long, codes) in zip(arguments, about["names"], about["kinds"], strict=True):
            fault = given.add(argument, kind, long, codes, self._about["columns"])
            if fault:
                raise TypeError(f"{self.request.module}.{name}: {parameter} is {fault}")
        result = self._checked_call(function, given) if self.request.checked else function(*given.words)
        return 0 if result is None else result

    def _checked_call(self, function: Any, given: Arguments) -> Any:
        failure = _failure()
        failure[:] = 0
        result = function(*given.words)
        if failure[0]:
            site, first, second, word = failure.tolist()
            where, text = _checked()[word]._about["sites"][site - 1]
            raise KernelError(f"{where}: {text.format(first, second)}")
        return result

    def _function(self, name: str) -> Any:
        about = self._about["signatures"][name]
        words: list[Any] = []
        for kind, long, _ in about["kinds"]:
            words += [ctypes.c_double if kind == "float" else ctypes.c_int64] + [ctypes.c_int64] * long
        gives: Any = {"int": ctypes.c_int64, "float": ctypes.c_double, "bool": ctypes.c_bool}.get(about["gives"])
        self._calls[name] = ctypes.CFUNCTYPE(gives, *words)(self._addresses[name])
        return self._calls[name]


def _fits(own: Mapping[str, Any], wanted: Signature) -> bool:
    """Whether a function can be called as others expect: a handle's class may be derived from the expected one, or the reverse."""
    if own["gives"].replace("bool", "int") != str(wanted.gives) or len(own["kinds"]) != len(wanted.kinds):
        return False
    for (text, *_), bases, kind in zip(own["kinds"], own["bases"], wanted.kinds, strict=True):
        related = kind.what == "handle" and (
            kind.of.__name__ in bases or text in [f"handle {base.__name__}" for base in kind.of.__mro__]
        )
        if text != str(kind) and not related:
            return False
    return True


def _codes(kind: Kind) -> list[str]:
    if kind.what == "rows":
        return [rows_code(row_dtype(kind.of))]
    return [code for _, code in struct_fields(kind.of).values()] if kind.what == "struct" else []


def _describe(signature: Signature, lengths: bool) -> dict[str, Any]:
    from chipsim.jit.calls import has_length

    return {
        "names": signature.names,
        "kinds": [[str(kind), has_length(kind, lengths), _codes(kind)] for kind in signature.kinds],
        "bases": [[base.__name__ for base in kind.of.__mro__] if kind.what == "handle" else [] for kind in signature.kinds],
        "gives": "bool" if signature.truth else str(signature.gives),
        "text": str(signature),
    }


@cache
def _failure() -> np.ndarray[tuple[int], np.dtype[np.int64]]:
    """Where checked code leaves what went wrong, for all units."""
    return np.zeros(4, np.int64)


@cache
def _checked() -> dict[int, Unit]:
    """Checked units by the address of their word ``FAILED_AT``."""
    return {}
