"""Vectors that sum: where every pair has to match and no class may be off nothing differs from exact recognition."""

from __future__ import annotations

import dataclasses

import pytest

from chipsim.machine.raw import RawRun
from chipsim.programs.nsn.state import UNTIL, WIN_COUNT, WIN_FIRST, WIN_WORD
from tests.conformance.compare import compare_runs
from tests.conformance.text_runs import PROBES
from tests.needs import needs
from tests.scenarios import run, small

pytestmark = needs("nsn")

STRICT = ("workload.recognise.mode=sum", "workload.recognise.threshold=1", "workload.recognise.tolerance=0")

SETTINGS = {
    "learned half": (),
    "from nothing, arity 3, unicast": ("workload.learned=0", "workload.symbols=120", "workload.wta_arity=3", "chip.noc.cast=unicast"),
    "by pass, saturated": ("workload.reading=pass", "workload.layers=6", "workload.rate=saturate"),
    "logarithmic intervals, gaps that cut": ("workload.interval=log2", "workload.max_gap=3"),
    "neurons move": (
        "workload.learned=0", "workload.symbols=240", "chip.core.neurons=8", "chip.noc.width=6", "chip.noc.height=6",
        "mapping.growth.policy=axons", "mapping.growth.migrate.least_gain=0.0",
    ),
    "no room": ("workload.learned=0", "workload.symbols=120", "chip.core.memory=500 B", "chip.core.neurons=16"),
}  # fmt: skip


def without_probe(raw: RawRun) -> RawRun:
    """A run without what roots keep of their last probe in words that exact recognition has no use for."""
    role = raw.own.memory.role.copy()
    role[:, [WIN_WORD, WIN_COUNT, WIN_FIRST, UNTIL]] = 0
    memory = dataclasses.replace(raw.own.memory, role=role)
    return dataclasses.replace(raw, own=dataclasses.replace(raw.own, memory=memory))


@pytest.mark.parametrize("name", SETTINGS)
def test_every_pair_and_no_tolerance_is_exact_recognition(name: str, engine: str) -> None:
    """Digest, counters, bits, and every packet and spike."""
    exact, strict = (run(small(*SETTINGS[name], *more), engine, PROBES) for more in ((), STRICT))
    assert strict.plan.own.constants.sums[1] == 1
    assert compare_runs(without_probe(exact.raw), without_probe(strict.raw)) is None
    assert exact.functional == strict.functional


@pytest.mark.parametrize("base", ["log-sample"])
def test_so_for_logs(base: str, engine: str) -> None:
    exact, strict = (run(small(*more, base=base), engine, PROBES) for more in ((), STRICT))
    assert compare_runs(without_probe(exact.raw), without_probe(strict.raw)) is None
