"""The plan: one fingerprint for one run, on every machine; another for every other run."""

from __future__ import annotations

import os
import subprocess
import sys
from dataclasses import fields, replace
from pathlib import Path

import numpy as np
import pytest

from chipsim.errors import ConfigError, MappingError, SimulationError, WorkloadError
from chipsim.plan.plan import Plan
from tests.engines import lower
from tests.own import replace_own
from tests.scenarios import small


def plan_of(*settings: str) -> Plan:
    return lower(small(*settings))[2]


def test_same_fingerprint_in_every_process(root: Path) -> None:
    script = "from tests.scenarios import *; print(lower(small('workload.match=keyed'))[2].fingerprint())"
    found = {plan_of("workload.match=keyed").fingerprint()}
    for seed in ("0", "4711"):
        done = subprocess.run(
            [sys.executable, "-c", script],
            cwd=root,
            env={**os.environ, "PYTHONHASHSEED": seed, "PYTHONPATH": str(root)},
            capture_output=True,
            text=True,
            timeout=60,
            check=True,
        )
        found.add(done.stdout.strip())
    assert len(found) == 1


@pytest.mark.parametrize(
    "setting",
    [
        "chip.noc.router=ideal", "chip.noc.cast=unicast", "chip.noc.flit_time.value=1 ps", "chip.host.tile=5", "seed=2",
        "chip.core.pace=event", "chip.core.times.pair_write.value=9 ns", "workload.wta_arity=3", "workload.rate=1 kHz",
        "workload.alerts=all", "workload.match=keyed", "mapping.placer=row", "workload.max_gap=4", "chip.growth.on_full=stop",
        "faults=[{kind: lose_message, message: spike, number: 3}]", "chip.noc.table_entries=100", "chip.growth.region_width=2",
    ],
)  # fmt: skip
def test_every_choice_is_in_the_fingerprint(setting: str) -> None:
    same = setting == "chip.core.pace=event"  # what it is anyway
    assert (plan_of(setting).fingerprint() == plan_of().fingerprint()) == same


def test_every_array_is_in_the_fingerprint() -> None:
    """But ``until``: how far a run goes is not what it is."""
    plan = plan_of("workload.interval=log2")
    own = {field.name for field in fields(plan.own)}
    for name in (*(field.name for field in fields(Plan)), *own):
        value = getattr(plan.own if name in own else plan, name)
        if isinstance(value, np.ndarray):
            changed = np.append(value.ravel(), 1) if not value.size else value + 1
        elif isinstance(value, int):
            changed = value + 1
        else:
            continue
        other = replace_own(plan, **{name: changed}) if name in own else replace(plan, **{name: changed})
        assert (other.fingerprint() == plan.fingerprint()) == (name == "until"), name


def test_prices_are_not_in_the_plan() -> None:
    """Engines see no joule."""
    assert (
        plan_of("chip.energy.synaptic_op.value=1 mJ", "chip.power.static_per_core.value=9 mW").fingerprint()
        == plan_of().fingerprint()
    )


def test_inputs_are_left_alone() -> None:
    experiment = small()
    prepared, mapping, plan = lower(experiment)
    before = [
        a.copy() for a in (prepared.given.state.count, prepared.given.state.pair_id, mapping.core, prepared.given.stimulus.code)
    ]
    from chipsim.engines.reference import run_reference

    fingerprint = plan.fingerprint()
    run_reference(plan)
    after = (prepared.given.state.count, prepared.given.state.pair_id, mapping.core, prepared.given.stimulus.code)
    assert all(np.array_equal(a, b) for a, b in zip(before, after, strict=True))
    assert plan.fingerprint() == fingerprint


@pytest.mark.parametrize(
    ("settings", "error", "words"),
    [
        (("chip.noc.flit_time.value=null",), ConfigError, "noc.flit_time"),
        (("chip.core.memory=50 B",), MappingError, "memory"),
        (("chip.core.neurons=1", "mapping.fill=1.0"), MappingError, "neuron"),
        (("workload.rate=0.000001 Hz",), WorkloadError, "raise the rate"),
    ],
)
def test_what_cannot_run_is_refused_before_it_starts(settings: tuple[str, ...], error: type[Exception], words: str) -> None:
    with pytest.raises(error, match=words) as caught:
        lower(small(*settings))
    assert not isinstance(caught.value, SimulationError), "an engine was started"
