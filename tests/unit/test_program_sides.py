"""What a program says that runs it on an engine is looked at by name, and a program without a compiled part runs all the same."""

from __future__ import annotations

import sys
from dataclasses import replace
from types import ModuleType, SimpleNamespace
from typing import Any

import pytest

from chipsim.engines.base import Watch
from chipsim.engines.reference import run_reference
from chipsim.errors import PluginError, UsageError
from chipsim.pipeline.engine import ready_engine
from chipsim.plan.plan import Plan
from chipsim.programs import base
from chipsim.programs.base import PROGRAMS, Program
from chipsim.programs.host import Host, host_of
from chipsim.programs.reference import Cores, cores_of
from tests.wormhole_scenarios import packets_on
from tests.wormholes import noc_of


class Bare(Host):
    """A host that says nothing of its kernels."""

    open = progress = message = load = save = restore = result = None  # type: ignore[assignment]


class Half(Cores):
    """Cores that handle nothing."""


@pytest.fixture
def plan() -> Plan:
    return packets_on(noc_of(width=2, height=2), 1, 20, 10)


@pytest.fixture
def packets(monkeypatch: pytest.MonkeyPatch) -> Any:
    """Change the program of packets."""
    module = ModuleType("my_sides")
    module.Bare, module.Half, module.WORD = Bare, Half, "a word"  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "my_sides", module)

    def change(**fields: str) -> Program:
        changed = replace(PROGRAMS.get("packets"), **fields)  # type: ignore[arg-type]
        for where in (base, sys.modules["chipsim.pipeline.engine"]):
            monkeypatch.setattr(where, "PROGRAMS", SimpleNamespace(get=lambda name: changed))
        return changed

    return change


@pytest.mark.parametrize(
    ("place", "message"),
    [
        ("nowhere_at_all:Host", "which cannot be loaded: No module named 'nowhere_at_all'; allowed: module:class"),
        ("my_sides:Nothing", "which cannot be loaded: module 'my_sides' has no attribute 'Nothing'"),
        ("my_sides", "which cannot be loaded: "),
        ("my_sides:WORD", "allowed: a class derived from Host of chipsim.programs.host"),
        ("my_sides:Half", "allowed: a class derived from Host of chipsim.programs.host"),
        ("my_sides:Bare", "which lacks hooks, kernels, own_kind of Host"),
    ],
)
def test_a_host_that_is_none(place: str, message: str, packets: Any) -> None:
    packets(host=place)
    with pytest.raises(PluginError, match=f"program packets: Program.host is '{place}'.*{message}"):
        host_of("packets")


def test_cores_that_are_none(packets: Any) -> None:
    packets(reference="my_sides:Half")
    with pytest.raises(PluginError, match=r"Program\.reference is 'my_sides:Half', which lacks handle of Cores"):
        cores_of("packets")


def test_a_program_without_a_compiled_part(plan: Plan, packets: Any) -> None:
    packets(host="")
    assert ready_engine("auto", plan, Watch()) is run_reference
    with pytest.raises(UsageError, match=r"engine compiled: the program packets has no part of it \(Program\.host\)"):
        ready_engine("compiled", plan, Watch())
