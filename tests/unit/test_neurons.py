"""Neuron models by registry: what ships, and one that a package adds, on every engine and against a simulation of a few lines."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from chipsim.config.load import load_experiment
from chipsim.errors import ConfigError, SimulationError, WorkloadError
from chipsim.jit.records import I16, I64, Column, Handle
from chipsim.network.neurons import NEURONS, NeuronModel, Quantity
from chipsim.network.npz import open_archive
from chipsim.network.spiking import NeuronColumn
from chipsim.programs.snn.host import SnnHost
from chipsim.programs.snn.neurons.lif import LIF, update
from tests.unit.test_registry import install
from workloads.snn.columns import columns_of, read_columns

SILENT = '''
"""Neurons that fire above their threshold and are then silent for some steps, in which they forget what arrives."""

from __future__ import annotations

from chipsim.jit.records import I32, I64, Column, Handle
from chipsim.network.neurons import NeuronModel, Quantity
from chipsim.programs.snn.state import FIRES, LOOKED_AT, UPDATED, Neurons


class Silent(Handle):
    """What they have."""

    silence: Column[I32]
    back: Column[I64]
    left: Column[I64]


def update(n: Neurons, at: int, step: int, weights: int, arrived: bool) -> int:
    """A step."""
    own: Silent = n.model
    if own.left[at] > 0:
        own.left[at] -= 1
        return LOOKED_AT
    v = n.potential[at] + n.bias[at] + weights
    if v <= n.threshold[at]:
        n.potential[at] = v
        return UPDATED if arrived else LOOKED_AT
    n.potential[at] = own.back[at]
    own.left[at] = own.silence[at]
    return FIRES


SILENT = NeuronModel(
    about="silent for some steps after a spike",
    update=update,
    own=Silent,
    parameters=(
        Quantity("silence", "steps of silence after a spike", default=2, high=1000),
        Quantity("back", "potential after a spike", low=-100, high=100, real=True),
    ),
    state=(Quantity("left", "steps of silence that are left"),),
    bits=112,
)
'''

RUN = """
import dataclasses, json, sys
from chipsim.config.load import load_experiment
from chipsim.engines.base import Watch
from chipsim.engines.compiled.machine import units_of
from chipsim.engines.reference import run_reference
from chipsim.machine.actions import A_ACCESS, A_SOMA, A_SPIKE
from chipsim.pipeline import load, make_mapping, make_plan
from tests.conformance.compare import compare_runs
from tests.engines import runner

loaded = load(load_experiment("lif-small", json.loads(sys.argv[2])))
usual = load(load_experiment("lif-small", [*json.loads(sys.argv[2]), "workload.neuron=lif"]))
plan = make_plan(loaded, make_mapping(loaded))
run, watch = runner(sys.argv[1]), Watch(frozenset({"spikes", "packets"}))
whole = run(plan, watch)
half = run_reference(dataclasses.replace(plan, until=whole.end_ps // 2), watch)  # and the other half where the whole was run
other = run(plan, watch, half.snapshot)
counted = whole.actions.sum(axis=0)
(loop, hooks), (loop_of_lif, hooks_of_lif) = units_of(plan), units_of(make_plan(usual, make_mapping(usual)))
print(json.dumps({
    "own_unit_only": loop is loop_of_lif and hooks is not hooks_of_lif,
    "digest": f"{whole.digest:x}", "resumed": f"{other.digest:x}", "spikes": whole.spikes[:, 2:].tolist(), "left": whole.own.potential.tolist(),
    "accesses": int(counted[A_ACCESS]), "updates": int(counted[A_SOMA]), "fired": int(counted[A_SPIKE]), "cores": len(plan.own.used),
    "numbers": plan.own.number.tolist(), "bits": int(plan.used_bits.sum()),
}))
"""

ENGINES = {
    "reference": ("reference", {}),
    "compiled": ("compiled", {"CHIPSIM_INTERPRET": ""}),
    "checked": ("compiled", {"CHIPSIM_INTERPRET": "", "CHIPSIM_BOUNDSCHECK": "1"}),
    "interpreted": ("compiled", {"CHIPSIM_INTERPRET": "1"}),
}


def drawn(seed: int, neurons: int = 48, steps: int = 25) -> dict[str, Any]:
    """A network with inputs, as an archive has it."""
    draw = np.random.default_rng(seed)
    synapses = 9 * neurons
    kind = (np.arange(neurons) % 6 == 0).astype(np.int64)
    in_step, in_neuron = np.nonzero((draw.random((steps, neurons)) < 0.4) & (kind == 1))
    return {
        "src": draw.integers(0, neurons, synapses), "dst": draw.integers(0, neurons, synapses),
        "weight": draw.integers(-40, 90, synapses) / 64, "delay": draw.integers(1, 4, synapses), "neuron_kind": kind,
        "v0": draw.integers(-100, 100, neurons) / 64, "bias": draw.integers(0, 12, neurons) / 64,
        "threshold": draw.integers(60, 200, neurons) / 64,
        "silence": draw.integers(0, 5, neurons), "back": draw.integers(-64, 32, neurons) / 128, "left": draw.integers(0, 3, neurons),
        "in_step": in_step + 1, "in_neuron": in_neuron, "steps": steps,
    }  # fmt: skip


@dataclass(frozen=True, slots=True)
class Expected:
    """What the rule gives: spikes as (step, neuron), potentials, how many updates."""

    spikes: list[tuple[int, int]]
    potential: list[float]
    updates: int


def simulated(net: dict[str, Any]) -> Expected:
    """The rule, neuron by neuron, in floats that hold these numbers exactly."""
    count, steps = len(net["v0"]), net["steps"]
    v, left, spikes, updates = net["v0"].tolist(), net["left"].tolist(), [], 0
    weight, came = np.zeros((steps + 5, count)), np.zeros((steps + 5, count), bool)
    inputs = set(zip(net["in_step"].tolist(), net["in_neuron"].tolist(), strict=True))
    for step in range(1, steps + 1):
        for i in range(count):
            if net["neuron_kind"][i]:
                fires = (step, i) in inputs
            elif left[i]:
                left[i] -= 1
                fires = False
            else:
                v[i] += net["bias"][i] + weight[step, i]
                fires = v[i] > net["threshold"][i]
                updates += int(fires or came[step, i])
                if fires:
                    v[i], left[i] = net["back"][i], net["silence"][i]
            if fires:
                spikes.append((step, i))
                for synapse in np.flatnonzero(net["src"] == i):
                    at = step + net["delay"][synapse], net["dst"][synapse]
                    weight[at] += net["weight"][synapse]
                    came[at] = True
    return Expected(spikes, v, updates)


def run(root: Path, folder: Path, engine: str, settings: list[str]) -> subprocess.CompletedProcess[str]:
    name, environment = ENGINES[engine]
    return subprocess.run(
        [sys.executable, "-c", RUN, name, json.dumps(settings)],
        cwd=root,
        env={**os.environ, "PYTHONPATH": f"{root}{os.pathsep}{folder}", **environment},
        capture_output=True,
        text=True,
        check=False,
    )


def test_a_package_adds_a_neuron_model(root: Path, tmp_path: Path) -> None:
    install(tmp_path, "zz_silent", NEURONS.group, "silent = zz_silent:SILENT", SILENT)
    net = drawn(1)
    np.savez(tmp_path / "net.npz", **net)
    settings = [f"workload={{kind: arrays, path: {tmp_path / 'net.npz'}, neuron: silent}}", "mapping.fill=0.0078125"]
    found = {}
    for engine in ENGINES:
        done = run(root, tmp_path, engine, settings)
        assert done.returncode == 0, f"{engine}: {done.stderr}"
        found[engine] = json.loads(done.stdout)
    first, expected = found["reference"], simulated(net)
    assert all(one == first for one in found.values())
    assert first["own_unit_only"]
    assert first["resumed"] == first["digest"]
    assert sorted((step, neuron) for step, neuron in first["spikes"]) == sorted(expected.spikes)
    assert len(expected.spikes) > 200 and first["cores"] > 3
    potential = np.array(first["left"]) / 2**7  # halves of 1/64 in ``back`` need a digit more
    assert np.array_equal(potential, np.array(expected.potential)[first["numbers"]])
    lif = int((net["neuron_kind"] == 0).sum())
    assert (first["accesses"], first["updates"], first["fired"]) == (lif * net["steps"], expected.updates, len(expected.spikes))


def test_what_an_archive_says_of_a_model_is_checked(root: Path, tmp_path: Path) -> None:
    install(tmp_path, "zz_silent", NEURONS.group, "silent = zz_silent:SILENT", SILENT)
    cases = {
        "silence": (
            np.array([1, 2, 1001]),
            "silence[2] is 1001; allowed: whole numbers, 0 to 1000, steps of silence after a spike",
        ),
        "left": (np.array(1.5), "left[0] is 1.5; allowed: whole numbers, 0 to 2.14748e+09, steps of silence that are left"),
        "back": (np.array([0, -101.0, 0]), "back[1] is -101; allowed: -100 to 100, potential after a spike"),
    }
    empty = {name: np.zeros(0, np.int64) for name in ("src", "dst", "weight")}
    code = "import sys\nfrom chipsim.errors import WorkloadError\nfrom chipsim.config.load import load_experiment\n"
    code += "from chipsim.pipeline import load\nfor path in sys.argv[1:]:\n    try:\n"
    code += (
        "        load(load_experiment('lif-small', [f'workload={{kind: arrays, path: {path}, neuron: silent, steps: 3}}']))\n"
    )
    code += "    except WorkloadError as error:\n        print(error)\n"
    for name, (values, _) in cases.items():
        np.savez(tmp_path / f"{name}.npz", v0=np.zeros(3), **empty, **{name: values})
    paths = [str(tmp_path / f"{name}.npz") for name in cases]
    environment = {**os.environ, "PYTHONPATH": f"{root}{os.pathsep}{tmp_path}"}
    done = subprocess.run(
        [sys.executable, "-c", code, *paths], cwd=root, env=environment, capture_output=True, text=True, check=False
    )
    assert done.stderr == ""
    assert done.stdout.splitlines() == [f"{path}: {text}" for path, (_, text) in zip(paths, cases.values(), strict=True)]


def test_a_model_that_does_not_exist_is_told_with_those_there_are() -> None:
    with pytest.raises(ConfigError, match=r"workload\.neuron: .*'lifs'.* \(did you mean 'lif'\?\)"):
        load_experiment("lif-small", ["workload.neuron=lifs"])


def test_what_ships() -> None:
    assert NEURONS.names()[0] == "lif"
    assert NEURONS.get("lif") is LIF
    assert load_experiment("lif-small").workload.neuron == "lif"  # type: ignore[attr-defined]


class Own(Handle):
    """A column."""

    u: Column[I64]


@pytest.mark.parametrize(
    ("own", "state", "why"),
    [
        (Own, (), "Own has u; allowed: a Column for each quantity"),
        (Handle, (Quantity("u", ""),), "Handle has nothing; allowed: a Column for each quantity"),
        (Own, (Quantity("w", ""),), r"Own has u; allowed: a Column for each quantity \(w\)"),
    ],
)
def test_columns_and_quantities_agree(own: type[Handle], state: tuple[Quantity, ...], why: str) -> None:
    with pytest.raises(TypeError, match=why):
        NeuronModel("", update, own, state=state)


class Narrow(Handle):
    """A column of 16 bits."""

    gain: Column[I16]


@pytest.mark.parametrize(
    ("quantity", "message"),
    [
        (
            Quantity("gain", ""),
            "gain holds -32768 to 32767; allowed: a Column that holds what the quantity may be, 0 to 2.14748e",
        ),
        (Quantity("gain", "", low=-40_000, high=5), "gain holds -32768 to 32767; .* -40000 to 5"),
        (Quantity("gain", "", default=32_768, high=32_767), "gain holds -32768 to 32767"),
    ],
)
def test_a_column_holds_what_its_quantity_may_be(quantity: Quantity, message: str) -> None:
    NeuronModel("", update, Narrow, (Quantity("gain", "", low=-32_768, high=32_767),))
    with pytest.raises(TypeError, match=rf"Narrow\.{message}"):
        NeuronModel("", update, Narrow, (quantity,))


def test_a_real_quantity_that_a_column_cannot_hold_is_refused() -> None:
    host: Any = SnnHost.__new__(SnnHost)
    host.model = NeuronModel("", update, Narrow, (Quantity("gain", "", high=1000, real=True),))
    for largest, fits in ((32_767, True), (32_768, False)):
        host.stored = SimpleNamespace(columns=(NeuronColumn("gain", np.array([1, largest])),), model="mine", fraction=6)
        if fits:
            assert host._columns().gain.tolist() == [1, largest]
            continue
        with pytest.raises(
            SimulationError, match=r"neuron model mine: gain is up to 32768 x 2\^-6, and its column holds int16"
        ):
            host._columns()


def test_a_quantity_finer_or_larger_than_fixed_point_holds_is_told_with_its_number(tmp_path: Path) -> None:
    """Weights, potentials and biases are rounded with the error told; what a model adds is exact or refused."""
    back = (Quantity("back", "", low=-100, high=1e18, real=True),)
    for value, fits in ((2.0**-30, True), (2.0**-31, False)):
        np.savez(tmp_path / "net.npz", back=np.array([0, value]))
        with open_archive(tmp_path / "net.npz") as archive:
            if fits:
                given = read_columns(archive, back)
                assert columns_of(back, given, 2, 30, "here")[0].values.tolist() == [0, 1]
                continue
            with pytest.raises(
                WorkloadError,
                match=r"net\.npz: back\[1\] is 4\.656612873077393e-10, no multiple of 2\^-30; allowed: what fixed point with 30 binary"
                r" digits holds exactly; round it",
            ):
                read_columns(archive, back)
    assert columns_of(back, {"back": np.array([2.0**31])}, 1, 30, "here")[0].values.tolist() == [2**61]
    with pytest.raises(
        WorkloadError, match=r"here: back\[0\] is 4294967296\.0; allowed: below 4\.29497e\+09, with 30 binary digits"
    ):
        columns_of(back, {"back": np.array([2.0**32])}, 1, 30, "here")
