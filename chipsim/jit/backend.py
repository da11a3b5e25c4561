"""LLVM: text to machine code, and machine code into this process. The one module that imports llvmlite, and only when it is needed."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from typing import Any

from chipsim.jit.interpret import is_interpreted

LEVEL = 2
"""How hard LLVM tries."""


TRIED = "0.45 to 0.50"
"""Versions of llvmlite that were tried; pyproject.toml says the same."""

_USED = (
    "ObjectFileRef",
    "create_mcjit_compiler",
    "create_pass_builder",
    "create_pipeline_tuning_options",
    "get_process_triple",
    "parse_assembly",
)


@cache
def _llvm() -> Any:
    """LLVM.

    Raises:
        ImportError: llvmlite is not installed, or is a version that lacks what is used here.
    """
    import llvmlite
    import llvmlite.binding as llvm

    missing = [name for name in _USED if not hasattr(llvm, name)]
    if missing:
        raise ImportError(f"llvmlite {llvmlite.__version__} has no {missing[0]}; versions {TRIED} were tried")
    llvm.initialize_native_target()
    llvm.initialize_native_asmprinter()
    return llvm


def require_compiler() -> None:
    """See to it that kernels can run.

    Raises:
        ImportError: they are to be compiled, and llvmlite is not installed or cannot be used.
    """
    if not is_interpreted():
        _llvm()


@cache
def target_name() -> str:
    """The machine and the compiler that code is made for and by."""
    import llvmlite

    llvm = _llvm()
    version = ".".join(map(str, llvm.llvm_version_info))
    features = llvm.get_host_cpu_features().flatten()
    return f"{llvm.get_process_triple()} {llvm.get_host_cpu_name()} {features} llvmlite {llvmlite.__version__} LLVM {version} {LEVEL}"


def _machine() -> Any:
    llvm = _llvm()
    return llvm.Target.from_triple(llvm.get_process_triple()).create_target_machine(
        cpu=llvm.get_host_cpu_name(),
        features=llvm.get_host_cpu_features().flatten(),
        opt=LEVEL,
        reloc="default",
        codemodel="jitdefault",
        jit=True,
    )


def compile_text(text: str, loops: bool) -> bytes:
    """Machine code, as a relocatable object.

    Args:
        text: what is compiled.
        loops: whether loops are unrolled and made into vectors.
    """
    llvm = _llvm()
    module = llvm.parse_assembly(text)
    module.verify()
    machine = _machine()
    options = llvm.create_pipeline_tuning_options(speed_level=LEVEL)
    if not loops:
        options.loop_unrolling = options.loop_vectorization = options.slp_vectorization = False
    builder = llvm.create_pass_builder(machine, options)
    builder.getModulePassManager().run(module, builder)
    return bytes(machine.emit_object(module))


class Code:
    """Machine code in this process; it goes when the object does."""

    def __init__(self, code: bytes) -> None:
        llvm = _llvm()
        self._engine = llvm.create_mcjit_compiler(llvm.parse_assembly(""), _machine())
        self._engine.add_object_file(llvm.ObjectFileRef.from_data(code))
        self._engine.finalize_object()

    def addresses(self, symbols: Sequence[str]) -> list[int]:
        """Where functions begin."""
        return [int(self._engine.get_function_address(symbol)) for symbol in symbols]

    def word(self, symbol: str) -> int:
        """Where a global word is."""
        return int(self._engine.get_global_value_address(symbol))
