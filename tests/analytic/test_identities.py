"""The identities of ``docs/claim.md`` hold for every shipped experiment, on both engines, and where runs are cut, lossy, full or on a board."""

from __future__ import annotations

import copy
from collections.abc import Callable
from functools import cache
from typing import Any

import pytest

from chipsim.config.load import load_experiment
from chipsim.pipeline import simulate
from chipsim.results.result import Result
from tests.folders import ROOT
from tests.identities import IDENTITIES, broken

SHIPPED = ("text", "text-sum", "text-small", "log-sample", "lif-small")

LOSS = "faults=[{kind: flit_loss, rate: 0.2}]"

VARIANTS = {
    "keyed": ("text-small", "workload.match=keyed"),
    "saturated": ("text-small", "workload.rate=saturate"),
    "another pace": ("text-small", "workload.rate=300 kHz"),
    "cut": ("text-small", "until=3 ms"),
    "full": ("text-small", "chip.core.neurons=2", "workload.learned=0", "workload.symbols=120"),
    "unicast, ideal": ("text-small", "chip.noc.router=ideal", "chip.noc.cast=unicast"),
    "on a board": ("text-small", "chip=altai-board"),
    "hot": ("text-small", "chip.power.static_per_core.value=1.9 mW"),
    "too hot": ("text-small", "chip.power.static_per_core.value=3 mW"),
    "loss": ("lif-small", LOSS, "workload.steps=20"),
    "loss on trees": ("lif-small", LOSS, "workload.steps=20", "chip.noc.cast=multicast"),
    "steps cut": ("lif-small", "until=3 us"),
    "wormhole": ("text-small", "chip.noc.router=wormhole"),
    "ticks": ("text-small", "chip.core.pace=tick", "chip.core.tick=1 us"),
    "one core": ("text-small", "chip.noc.width=1", "chip.noc.height=1", "workload.learned=0", "workload.symbols=30"),
    "far host": ("text-small", "chip.host.latency.value=100 us"),
    "cut at once": ("text-small", "workload.rate=600 kHz", "until=10 us"),
    "idle after the end": ("text-small", "workload.rate=saturate", "until=10 ms"),
    "idle after the steps": ("lif-small", "until=1 ms"),
    "longer than an episode": ("text", "workload.learned=0", "workload.symbols=2000", "until=100 ms"),
    "saturated, nothing measured": ("text-small", "workload.rate=saturate", "limits=extrapolated"),
    "nothing measured": ("text-small", "limits=extrapolated"),
    "steps under a budget": ("lif-small", "workload.steps=20", "chip.power.budget_per_core.value=2 mW"),
}


@cache
def ran(name: str, *settings: str) -> Result:
    """A run with its limits measured."""
    return simulate(load_experiment(name, list(settings)))


def test_all_shipped_experiments_are_walked() -> None:
    assert {path.stem for path in (ROOT / "configs" / "experiments").glob("*.yaml")} == set(SHIPPED)


@pytest.mark.parametrize("engine", ["compiled", pytest.param("reference", marks=pytest.mark.slow)])
@pytest.mark.parametrize("name", SHIPPED)
def test_identities_hold_for_shipped_experiments(name: str, engine: str) -> None:
    result = ran(name, f"engine={engine}")
    assert broken(result.summary, result.tables) == []


@pytest.mark.parametrize("variant", VARIANTS)
def test_identities_hold_for(variant: str) -> None:
    result = ran(*VARIANTS[variant])
    assert broken(result.summary, result.tables) == []


def change(path: str, make: Callable[[Any], Any]) -> Callable[[dict[str, Any]], None]:
    """Change what stands at a path of a summary."""
    *parts, last = path.split(".")

    def apply(summary: dict[str, Any]) -> None:
        for part in parts:
            summary = summary[part]
        summary[last] = make(summary[last])

    return apply


WRONG = {
    "joules_of_parts_are_those_of_the_whole": change("energy_j.router", lambda one: one * 1.01),
    "places_sum_to_the_whole": change("counts.synaptic_ops", lambda one: one + 1),
    "power_is_energy_over_time": change("power_per_core_mw.mean", lambda one: one * 1.001),
    "cores_are_counted_by_one_definition_each": change("cores.in_use", lambda one: one - 1),
    "watts_follow_from_the_cores_in_use": change("claim.watts", lambda one: one * 1.001),
    "the_verdict_follows_from_powers_and_limits": change("claim.verdict", lambda _: "holds"),
    "checks_meet_the_budget": change("claim.limits.hottest_core.checked_mw", lambda one: one * 1.02),
    "break_even_spends_the_budget": change("claim.static.hottest_mw", lambda one: one + 0.01),
    "nothing_has_room_where_something_found_none": change("claim.unstored", lambda _: 3),
    "service_is_latency_without_the_wait": change("service_s.p50", lambda _: 1.0),
    "layers_sum_to_the_summary": change("counts.neurons_created", lambda one: one + 1),
    "steps_sum_to_the_summary": change("counts.spikes", lambda one: one + 1),
}
"""A fault that each identity catches."""


def test_every_identity_can_fail() -> None:
    assert set(WRONG) == {check.__name__ for check in IDENTITIES}


@pytest.mark.parametrize("check", WRONG)
def test_identity_catches(check: str) -> None:
    result = ran("lif-small", "engine=compiled") if check.startswith("steps") else ran("text-small", "engine=compiled")
    summary = copy.deepcopy(dict(result.summary))
    WRONG[check](summary)
    assert any(said.startswith(check) for said in broken(summary, result.tables))
