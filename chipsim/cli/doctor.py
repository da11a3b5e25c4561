"""``chipsim doctor``: is this machine ready, and does a run give the same digest twice?"""

from __future__ import annotations

import os
import platform
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import typer

from chipsim import __version__
from chipsim.cli.options import Json, Quiet
from chipsim.cli.output import tell
from chipsim.cli.text import labelled

_NEEDED = (
    "numpy",
    "llvmlite",
    "simpy",
    "networkx",
    "pydantic",
    "PyYAML",
    "typer",
    "rich",
    "pyarrow",
    "matplotlib",
    "jinja2",
    "pymetis",
)
_SELF_TESTS = (
    ("text-small", ("workload.learned=200", "workload.symbols=50", "workload.layers=3", "workload.episode=64")),
    ("lif-small", ("workload.steps=20",)),
    ("lif-small", ("workload={kind: synthetic, load: 0.1, cycles: 100}", "mapping={}")),
)
"""Small runs; the first whose program is installed is made."""
_LEAST_MEMORY = 2 * 2**30  # bytes; what the main job may take
_FAILED = 1


class Check(NamedTuple):
    """One thing looked at: its name, whether it is as it must be (None: it may be either way), and what was found."""

    name: str
    ok: bool | None
    found: str


def doctor(json: Json = False, quiet: Quiet = False) -> None:
    """Check this machine.

    Versions, memory, files, and a small run made twice.
    """
    checks = []
    for check in _checks():
        checks.append(check)
        mark = {True: "ok", False: "FAILED", None: "-"}[check.ok]
        if check.ok is False:
            typer.echo(f"error: {check.name}: {check.found}", err=True)
        elif not quiet:
            tell(labelled(f"{mark:7}{check.name}", check.found, 24), err=json)
    if json:
        from json import dumps

        tell(dumps([check._asdict() for check in checks], indent=2))
    if any(check.ok is False for check in checks):
        raise typer.Exit(_FAILED)


def _checks() -> Iterator[Check]:
    yield Check("chipsim", True, f"{__version__}, in {Path(__file__).resolve().parent.parent}")
    yield Check(
        "python",
        sys.version_info >= (3, 11),
        f"{platform.python_version()} {platform.python_implementation()}, {platform.platform()}",
    )
    for name in _NEEDED:
        version = _version(name)
        yield Check(name, version is not None, version or "is missing; install chipsim again with pip")
    yield Check("mtkahypar", None, _version("mtkahypar") or "not there; only the partitioner quality wants it")
    yield _processors()
    yield _memory()
    yield _configs()
    yield _folder()
    yield _self_test()


def _version(name: str) -> str | None:
    from importlib import metadata

    try:
        return metadata.version(name)
    except metadata.PackageNotFoundError:
        return None


def _processors() -> Check:
    usable = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    return Check("processors", None, f"{usable} usable; the reference engine works on one")


def _memory() -> Check:
    try:
        whole = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    except (ValueError, OSError, AttributeError):
        return Check("memory", None, "unknown")
    enough = whole >= _LEAST_MEMORY
    return Check(
        "memory", True if enough else None, f"{whole / 2**30:.1f} GiB" + ("" if enough else "; the main job may take 2 GiB")
    )


def _configs() -> Check:
    from chipsim.config import catalogue
    from chipsim.errors import ConfigError

    try:
        return Check("shipped files", True, f"{len(catalogue.experiments())} experiments, {len(catalogue.chips())} chips")
    except ConfigError as error:
        return Check("shipped files", False, str(error))


def _folder() -> Check:
    """Whether ``runs/`` can be made here; without it every run needs --out."""
    here = Path.cwd()
    probe = here / f".{os.getpid()}.part"
    try:
        probe.write_bytes(b"chipsim")
        probe.unlink()
    except OSError as error:
        return Check("this folder", None, f"{here}: cannot be written ({error.strerror}); name run folders with --out")
    return Check("this folder", True, f"{here}: can be written")


def _engine() -> str:
    """The engine to try: that with machine code, which is thus compiled and at hand, where there is a compiler."""
    from chipsim import jit

    try:
        jit.require_compiler()
    except (ImportError, AttributeError):
        return "reference"
    return "compiled"


def _self_test() -> Check:
    from chipsim.config.load import load_experiment
    from chipsim.config.workload import kind_of
    from chipsim.errors import ChipsimError
    from chipsim.pipeline import simulate
    from chipsim.programs.base import PROGRAMS

    try:
        tests = (load_experiment(base, [*settings, f"engine={_engine()}"]) for base, settings in _SELF_TESTS)
        experiment = next((one for one in tests if kind_of(one.workload).program in PROGRAMS.names()), None)
        if experiment is None:
            return Check("self-test", None, "no program that ships is installed, there is nothing to run")
        kind = kind_of(experiment.workload)
        first, second = (simulate(experiment).summary for _ in range(2))
        software = PROGRAMS.get(kind.program).software is not None
        golden = simulate(experiment.model_copy(update={"engine": "golden"})).summary if software else first
    except ChipsimError as error:
        return Check("self-test", False, str(error))
    digest = first["digest"]
    if digest != second["digest"]:
        return Check("self-test", False, f"two equal runs differ: digests {digest} and {second['digest']}")
    if first["functional_digest"] != golden["functional_digest"]:
        return Check("self-test", False, "chip and golden model decide differently: functional digests are not equal")
    told = f"{kind.announce(experiment.workload)} on {experiment.chip.name}, twice the digest {digest}"
    return Check("self-test", True, told + (", and decisions as in the golden model" if software else ""))
