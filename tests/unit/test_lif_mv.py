"""Networks in ms and mV: what becomes of every number, and whether the chip then fires as floats do."""

from __future__ import annotations

import dataclasses
import json
import math
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chipsim.cli.app import main
from chipsim.errors import WorkloadError
from chipsim.programs.snn.neurons.lif_refractory import MOST, update
from chipsim.programs.snn.state import FIRES, LOOKED_AT, UPDATED
from tests.needs import needs
from workloads.snn import LifNetwork, quantise_lif, save_lif

pytestmark = needs("snn")

DT = 0.5


def network(neurons: int = 1000, seed: int = 1, **other: Any) -> LifNetwork:
    """A balanced random network of excitatory and inhibitory neurons."""
    rng = np.random.default_rng(seed)
    src, dst = (rng.random((neurons, neurons)) < min(1.0, 50 / neurons)).nonzero()
    size = rng.lognormal(-1.5, 0.4, len(src))
    told: dict[str, Any] = {
        "dt_ms": DT, "duration_ms": 1000.0, "tau_ms": 20.0, "threshold_mv": -50.0, "rest_mv": -70.0, "reset_mv": -65.0,
        "refractory_ms": 2.0, "drive_mv": rng.uniform(17.0, 25.0, neurons), "src": src, "dst": dst,
        "weight_mv": np.where(src < 0.8 * neurons, size, -4 * size), "delay_ms": rng.integers(1, 10, len(src)) * DT,
        "v0_mv": rng.uniform(-70.0, -50.0, neurons), "neurons": neurons,
    }  # fmt: skip
    return LifNetwork(**(told | other))


def in_floats(net: LifNetwork, steps: int) -> np.ndarray:
    """Spikes, bool[steps, neurons], by the equations in 64-bit floats, written down once more."""
    n = net.neurons
    tau, rest, reset, threshold, drive = (
        np.broadcast_to(np.asarray(x, float), n)
        for x in (net.tau_ms, net.rest_mv, net.reset_mv, net.threshold_mv, net.drive_mv)
    )
    wait = np.rint(np.broadcast_to(net.refractory_ms, n) / net.dt_ms).astype(int)
    delay = np.rint(np.asarray(net.delay_ms) / net.dt_ms).astype(int)
    src, dst, weight = (np.asarray(x) for x in (net.src, net.dst, net.weight_mv))
    order = np.argsort(src, kind="stable")
    first = np.searchsorted(src[order], np.arange(n + 1))
    arriving = np.zeros((steps + 64, n))
    v, left, fired = np.array(net.v0_mv, float), np.zeros(n, int), np.zeros((steps, n), bool)
    keep = np.exp(-net.dt_ms / tau)
    for step in range(steps):
        free = left == 0
        left[~free] -= 1
        moved = rest + keep * (v - rest) + (1 - keep) * drive + arriving[step]
        v = np.where(free, moved, v)
        fired[step] = free & (v > threshold)
        v[fired[step]], left[fired[step]] = reset[fired[step]], wait[fired[step]]
        for neuron in np.flatnonzero(fired[step]):
            these = order[first[neuron] : first[neuron + 1]]
            np.add.at(arriving, (step + delay[these], dst[these]), weight[these])
    return fired


def on_chip(net: LifNetwork, folder: Path, *more: str) -> tuple[dict[str, Any], np.ndarray]:
    """Summary, and spikes, bool[steps, neurons], of a run from the command line."""
    save_lif(net, folder / "net.npz")
    words = [w for one in (f"workload.path={folder / 'net.npz'}", *more) for w in ("--set", one)]
    out = folder / "run"
    assert main(["run", "lif-small", *words, "--no-report", "--quiet", "--out", str(out), "--force"]) == 0
    summary = json.loads((out / "summary.json").read_text())
    fired = np.zeros((summary["counts"]["steps"], net.neurons or 0), bool)
    spikes = pq.read_table(out / "spikes.parquet")
    fired[spikes["step"].to_numpy() - 1, spikes["neuron"].to_numpy()] = True
    return summary, fired


@pytest.fixture(scope="module")
def both(tmp_path_factory: pytest.TempPathFactory) -> tuple[dict[str, Any], np.ndarray, np.ndarray]:
    net = network()
    summary, chip = on_chip(net, tmp_path_factory.mktemp("lif"), "workload.weight_bits=16")
    return summary, chip, in_floats(net, 2000)


def test_a_thousand_neurons_fire_as_often_as_in_floats(both):
    """Trains part after a while, for such networks double the smallest difference again and again; rates do not."""
    summary, chip, floats = both
    assert chip.shape == floats.shape and floats.sum() > 5000
    assert chip.sum() == pytest.approx(floats.sum(), rel=0.02)
    apart = np.abs(chip.sum(axis=0) - floats.sum(axis=0))  # spikes in a second, Hz
    assert apart.mean() < 1.0 and np.corrcoef(chip.sum(axis=0), floats.sum(axis=0))[0, 1] > 0.98
    assert summary["snn"]["lif"]["rate_hz"] == pytest.approx(chip.sum() / 1000 / 1.0)
    assert summary["snn"]["lif"]["network_time_s"] == pytest.approx(1.0)


def test_the_first_steps_are_those_of_floats_spike_by_spike(both):
    _, chip, floats = both
    assert floats[:40].sum() > 100 and np.array_equal(chip[:40], floats[:40])


def test_without_synapses_every_spike_of_every_neuron_is_that_of_floats(tmp_path):
    """Nothing doubles errors here; each neuron has a tau, reset, threshold and refractory time of its own."""
    rng, n = np.random.default_rng(4), 128
    net = network(
        n, src=np.zeros(1, int), dst=np.zeros(1, int), weight_mv=[0.0], delay_ms=[DT], tau_ms=rng.uniform(8, 30, n),
        threshold_mv=rng.uniform(-55, -45, n), reset_mv=rng.uniform(-75, -60, n), refractory_ms=rng.integers(0, 8, n) * DT,
        drive_mv=rng.uniform(26, 60, n), rest_mv=rng.uniform(-72, -68, n), duration_ms=200.0,
    )  # fmt: skip
    _, chip = on_chip(net, tmp_path)
    floats = in_floats(net, 400)
    assert floats.sum() > 1000
    times = [[np.flatnonzero(fired[:, i]) for i in range(n)] for fired in (chip, floats)]
    assert all(abs(len(a) - len(b)) <= 1 for a, b in zip(*times, strict=True))
    ends = [abs(int(a[k]) - int(b[k])) for a, b in zip(*times, strict=True) for k in [min(len(a), len(b)) - 1]]
    assert max(ends) <= 2 and np.mean(ends) < 0.2  # steps, after 400 of them: tau is right to 16 bits


@pytest.mark.parametrize("engine", ["reference", "compiled"])
def test_inputs_delays_and_refractory_times_act_when_they_should(tmp_path, engine):
    """By hand: an input fires at 1.0 ms, step 3; its spike acts 2 steps later and fires neuron 1, which is then deaf for 3 steps."""
    net = LifNetwork(
        dt_ms=0.5, duration_ms=6.0, tau_ms=10.0, threshold_mv=-55.0, rest_mv=-65.0, refractory_ms=1.5, neurons=2, neuron_kind=[1, 0],
        src=[0], dst=[1], weight_mv=[12.0], delay_ms=[1.0], in_ms=[1.0, 1.5, 2.0, 2.5, 3.0, 3.5], in_neuron=[0] * 6,
    )  # fmt: skip
    _, fired = on_chip(net, tmp_path, f"engine={engine}")
    assert (np.flatnonzero(fired[:, 0]) + 1).tolist() == [3, 4, 5, 6, 7, 8]
    assert (np.flatnonzero(fired[:, 1]) + 1).tolist() == [5, 9]


def test_both_engines_agree_on_digest_and_counts(tmp_path):
    net = network(60, duration_ms=40.0, tau_ms=np.linspace(5, 30, 60))
    seen = [on_chip(net, tmp_path, f"engine={one}")[0] for one in ("reference", "compiled")]
    assert seen[0]["digest"] == seen[1]["digest"] and seen[0]["counts"] == seen[1]["counts"]
    assert seen[0]["counts"]["spikes"] > 50


weights = st.lists(
    st.floats(-1e3, 1e3, allow_subnormal=False).filter(lambda x: x == 0 or abs(x) > 1e-9), min_size=1, max_size=30
)


@settings(deadline=None, max_examples=200)
@given(weight=weights, bits=st.integers(2, 16), high=st.floats(4.0, 50.0))
def test_no_weight_is_off_by_more_than_half_a_step(weight, bits, high):
    one = LifNetwork(
        dt_ms=1.0, duration_ms=10.0, tau_ms=20.0, rest_mv=-70.0, threshold_mv=-70.0 + high, src=np.zeros(len(weight), int),
        dst=np.arange(len(weight)), weight_mv=weight,
    )  # fmt: skip
    made = quantise_lif(one, bits)
    scale = made.quantised.scale
    held = made.weight * scale.step_mv  # in order of targets, which is the order given
    error = np.abs(held - np.asarray(weight))
    assert error.max() <= scale.weight_step_mv / 2 * (1 + 1e-9)
    assert np.abs(made.weight * (scale.step_mv / scale.weight_step_mv)).max() <= 2 ** (bits - 1) - 1
    found = scale.parameters[0]
    assert found.worst == pytest.approx(error.max(), rel=1e-6, abs=1e-12)
    there = np.asarray(weight) != 0
    if there.any():
        assert found.rms_relative == pytest.approx(
            math.sqrt(np.mean((error[there] / np.abs(np.asarray(weight)[there])) ** 2)), abs=1e-9
        )
    assert found.lost == int((there & (made.weight == 0)).sum())


@settings(deadline=None, max_examples=200)
@given(
    tau=st.floats(1.0, 200.0), dt=st.floats(0.05, 1.0), high=st.floats(1.0, 100.0), back=st.floats(-5.0, 0.9),
    drive=st.floats(-100.0, 100.0), rest=st.floats(-80.0, 0.0),
)  # fmt: skip
def test_threshold_reset_drive_and_tau_are_within_what_is_said(tau, dt, high, back, drive, rest):
    one = LifNetwork(
        dt_ms=dt, duration_ms=100 * dt, tau_ms=tau, rest_mv=rest, threshold_mv=rest + high, reset_mv=rest + back * high, drive_mv=drive,
        src=[0], dst=[0], weight_mv=[1.0],
    )  # fmt: skip
    made = quantise_lif(one)
    scale = made.quantised.scale
    remains = made.leak / 2**made.leak_shift
    half = max(1, abs(back)) * high / 32767  # of a step of thresholds and resets, 16 bits with a sign
    assert made.threshold[0] * scale.step_mv == pytest.approx(high, abs=half)
    assert made.columns[0].values[0] * scale.step_mv == pytest.approx(back * high, abs=half)
    assert made.bias[0] * scale.step_mv / (1 - remains) == pytest.approx(drive, rel=1e-3, abs=1e-2 * high)
    assert scale.tau_effective_ms[0] == pytest.approx(tau, rel=1e-2)
    assert abs(made.threshold[0]) < 2**22 and made.threshold[0] % 2**7 == 0


def test_what_is_lost_is_counted_and_more_bits_hold_it():
    few = LifNetwork(
        dt_ms=1.0,
        duration_ms=1.0,
        tau_ms=20.0,
        rest_mv=-70.0,
        threshold_mv=-50.0,
        src=[0, 0],
        dst=[0, 1],
        weight_mv=[10.0, 0.01],
    )
    assert quantise_lif(few).quantised.scale.parameters[0].lost == 1
    assert quantise_lif(few, 16).quantised.scale.parameters[0].lost == 0


GOOD: dict[str, Any] = {
    "dt_ms": 0.5, "duration_ms": 10.0, "tau_ms": 20.0, "threshold_mv": -50.0, "rest_mv": -70.0, "src": [0, 1, 2], "dst": [1, 2, 0],
    "weight_mv": [0.1, 0.2, 0.3],
}  # fmt: skip

BROKEN = [
    ({"tau_ms": 0.0}, "tau_ms[0] is 0; allowed: above 0"),
    ({"tau_ms": [20.0, float("nan"), 20.0]}, "tau_ms[1] is nan; allowed: finite"),
    ({"tau_ms": [20.0, 21.0]}, "src[2] is 2; allowed: 0 to 1, numbers of the 2 neurons"),
    ({"tau_ms": [20.0, 21.0], "neurons": 3}, "tau_ms has 2 values, neurons is 3"),
    ({"tau_ms": 1e9}, "nothing of a leak is left in 24 bits"),
    ({"tau_ms": [1e6, 10.0, 10.0]}, "or one tau_ms for all"),
    ({"tau_ms": "20 ms"}, "tau_ms holds text; allowed: numbers"),
    ({"threshold_mv": -80.0}, "threshold_mv[0] is -80, rest_mv is -70; allowed: above it"),
    ({"threshold_mv": [-69.9999, -50.0, 900.0]}, "give neurons thresholds that are less far apart"),
    ({"reset_mv": -40.0}, "reset_mv[0] is -40, threshold_mv is -50; allowed: below it"),
    ({"refractory_ms": -1.0}, "refractory_ms[0] is -1; allowed: from 0"),
    ({"refractory_ms": 1e6}, "take a larger dt_ms"),
    ({"weight_mv": [0.1, 0.2]}, "weight_mv has 2 values, src 3"),
    ({"weight_mv": [0.1, float("inf"), 0.3]}, "weight_mv[1] is inf"),
    ({"weight_mv": [0.1, 0.2, 1e7]}, "weight_mv[2] is 1e+07; allowed: up to 256 times"),
    ({"weight_mv": np.eye(3)}, "src, dst = W.nonzero()"),
    ({"weight_mv": ["a", "b", "c"]}, "weight_mv holds text"),
    ({"delay_ms": 0.0}, "delay_ms is 0; allowed: from one step"),
    ({"delay_ms": [0.5, 0.5, 40.0]}, "delay_ms[2] is 40; allowed: up to 63 steps, 31.5 ms; take a larger dt_ms, at least 0.6349"),
    ({"src": [0, -1, 2]}, "src[1] is -1"),
    ({"src": [0.0, 1.0, 2.0]}, "src holds float64; allowed: whole numbers; convert it with astype"),
    ({"dt_ms": 0.0}, "dt_ms is 0; allowed: above 0"),
    ({"dt_ms": [0.1, 0.2]}, "dt_ms has 2 values"),
    ({"duration_ms": -3.0}, "duration_ms is -3"),
    ({"duration_ms": 1e300}, "allowed: 1 to 2147483647 steps"),
    ({"drive_mv": 1.0, "current_na": 1.0, "resistance_mohm": 1.0}, "drive_mv and resistance_mohm and current_na given"),
    ({"current_na": 1.0}, "current_na given; allowed: resistance_mohm and current_na together"),
    ({"drive_mv": 1e9}, "drive_mv[0] is 1e+09; allowed: within 512 times"),
    ({"v0_mv": 1e9}, "v0_mv[0] is 1e+09"),
    ({"in_ms": [1.0]}, "in_ms is there alone"),
    ({"in_ms": [1.0], "in_neuron": [0]}, "say which neurons are inputs by neuron_kind 1"),
    ({"in_ms": [1.0, 1.2], "in_neuron": [0, 0], "neuron_kind": [1, 0, 0]}, "are in one step of 0.5 ms of input 0"),
    ({"in_ms": [-1.0], "in_neuron": [0], "neuron_kind": [1, 0, 0]}, "in_ms[0] is -1"),
    ({"neuron_kind": [1, 2, 0]}, "neuron_kind[1] is 2"),
    ({"neuron_core": [0, -1, 0]}, "neuron_core[1] is -1"),
    ({"neurons": 0}, "0 neurons; allowed: 1 to"),
]  # fmt: skip


@pytest.mark.parametrize(("change", "said"), BROKEN)
def test_what_cannot_be_is_refused_by_name_in_python_and_from_an_archive(change, said, tmp_path, capsys):
    given = GOOD | change
    with pytest.raises(WorkloadError) as refused:
        quantise_lif(LifNetwork(**given))
    assert said in str(refused.value)
    path = tmp_path / "net.npz"
    np.savez(path, **given)
    assert main(["run", "lif-small", "--set", f"workload.path={path}", "--no-report", "--out", str(tmp_path / "out")]) == 3
    err = capsys.readouterr().err
    assert said in err and str(path) in err and "Traceback" not in err


def test_a_network_that_is_right_is_read_as_it_was_saved(tmp_path):
    from chipsim.network.npz import open_archive
    from workloads.snn.lif_archive import read_lif

    net = network(50)
    with open_archive(save_lif(net, tmp_path / "a.npz")) as archive:
        back = read_lif(archive)
    for one in dataclasses.fields(LifNetwork):
        a, b = getattr(net, one.name), getattr(back, one.name)
        assert (a is None and b is None) or np.array_equal(np.asarray(a), np.asarray(b)), one.name


@pytest.mark.parametrize(
    ("keys", "said"),
    [
        ({"tau_m": 20.0}, "tau_m: no key of a network in ms and mV"),
        (
            {"threshold": 1.0},
            "threshold: no key of a network in ms and mV, but of one in fixed point; here threshold_mv says it",
        ),
        ({"V_reset": -60.0}, "V_reset: no key of a network in ms and mV; name it reset_mv"),
        ({"refractory_m": 2.0}, "did you mean 'refractory_ms'?"),
    ],
)
def test_a_key_of_another_name_is_never_left_out_silently(keys, said, tmp_path, capsys):
    np.savez(tmp_path / "n.npz", **GOOD, **keys)
    assert main(["run", "lif-small", "--set", f"workload.path={tmp_path / 'n.npz'}", "--no-report"]) == 3
    assert said in capsys.readouterr().err


def test_keys_that_are_missing_are_named(tmp_path, capsys):
    np.savez(tmp_path / "n.npz", tau_ms=20.0, src=[0], dst=[0])
    assert main(["run", "lif-small", "--set", f"workload.path={tmp_path / 'n.npz'}", "--no-report"]) == 3
    assert "no dt_ms, duration_ms, threshold_mv, rest_mv, weight_mv" in capsys.readouterr().err


def test_an_archive_in_mv_asks_for_its_neuron_model_where_a_file_says_another(tmp_path, capsys):
    np.savez(tmp_path / "n.npz", **GOOD)
    (tmp_path / "e.yaml").write_text("chip: loihi-sanafe\nworkload: {kind: arrays, path: n.npz}\n")
    assert main(["run", str(tmp_path / "e.yaml"), "--no-report"]) == 3
    assert "--set workload.neuron=lif-refractory" in capsys.readouterr().err
    assert main(["run", str(tmp_path / "e.yaml"), "--no-report", "--quiet", "--set", "workload.neuron=lif-refractory",
                 "--out", str(tmp_path / "o")]) == 0  # fmt: skip


def test_weight_bits_are_for_mv_alone(tmp_path, capsys):
    np.savez(tmp_path / "n.npz", src=[0], dst=[0], weight=[1.0], steps=3)
    words = [
        "run",
        "lif-small",
        "--set",
        f"workload.path={tmp_path / 'n.npz'}",
        "--set",
        "workload.weight_bits=8",
        "--no-report",
    ]
    assert main(words) == 3
    assert "allowed: null, or an archive in ms and mV" in capsys.readouterr().err


def test_names_are_refused_where_no_archive_could_be(tmp_path):
    with pytest.raises(WorkloadError, match=r"name it .*\.npz"):
        save_lif(LifNetwork(**GOOD), tmp_path / "n.dat")


def test_a_network_too_large_for_the_fill_is_told_the_setting_that_takes_it(tmp_path, capsys):
    save_lif(LifNetwork(**(GOOD | {"neurons": 1025})), tmp_path / "n.npz")
    words = [
        "run",
        "lif-small",
        "--set",
        f"workload.path={tmp_path / 'n.npz'}",
        "--no-report",
        "--quiet",
        "--out",
        str(tmp_path / "o"),
    ]
    assert main(words) == 4
    assert "--set mapping.fill=null takes all 1,024 of a core" in capsys.readouterr().err
    assert main([*words, "--set", "mapping.fill=null"]) == 0


def test_the_scale_is_printed_for_people():
    lines = str(quantise_lif(LifNetwork(**GOOD)).quantised.scale).splitlines()
    assert lines[0].startswith("step of 0.5 ms and ") and len({len(line) for line in lines[1:]}) == 1
    assert [line.split()[0] for line in lines[2:]] == [
        "weight_mv", "threshold_mv", "reset_mv", "drive_mv", "tau_ms", "refractory_ms", "delay_ms",
    ]  # fmt: skip


def one_neuron(**columns: int) -> Any:
    """A neuron of the model as a kernel sees it."""
    own = {"reset": -64, "refractory": 2, "own_leak": -1, "left": 0} | {
        n: v for n, v in columns.items() if n not in ("potential", "bias")
    }
    made = {"potential": [columns.get("potential", 0)], "bias": [columns.get("bias", 0)], "threshold": [640]}
    model = SimpleNamespace(**{name: [value] for name, value in own.items()})
    return SimpleNamespace(**made, leak=1, leak_shift=1, coarse=0, model=model)


def test_potentials_of_the_model_saturate():
    for weights, most in ((-(2**60), -MOST), (-(2**36), -(2**36))):
        n = one_neuron()
        assert update(n, 0, 1, weights, True) == UPDATED and n.potential == [most]
    assert MOST * 2**24 < 2**62


def test_a_step_of_the_model_by_hand():
    n = one_neuron(potential=600)
    assert update(n, 0, 2, 0, False) == UPDATED and n.potential == [300]  # half remains
    assert update(n, 0, 3, 491, True) == FIRES and n.potential == [-64] and n.model.left == [2]
    for _ in range(2):
        assert update(n, 0, 4, 10_000, True) == UPDATED and n.potential == [-64]
    assert update(n, 0, 6, 33, True) == UPDATED and n.potential == [1]
    assert update(n, 0, 7, 0, False) == UPDATED and n.potential == [0]
    assert update(n, 0, 8, 0, False) == LOOKED_AT
    own = one_neuron(potential=600, own_leak=2**14)
    assert update(own, 0, 2, 0, False) == UPDATED and own.potential == [150]  # a quarter remains
    assert update(one_neuron(potential=600), 0, 1, 41, True) == FIRES  # no decay before the first step
