"""Spiking networks and given packets through the whole product: experiment in, results, tables and report out."""

from __future__ import annotations

import json
import math
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from chipsim.cli.app import main
from chipsim.config.load import load_experiment
from chipsim.config.write import resolved_yaml
from chipsim.errors import ConfigError
from chipsim.pipeline import plan_mapping, simulate
from chipsim.results.result import Result
from tests.folders import SANAFE
from tests.needs import needs

pytestmark = needs("snn")

REFERENCE = SANAFE / "rand1k_loihi.npz"

TINY = ("workload.generate={neurons: 64, fan_out: 8, period: 5}", "workload.steps=6", "mapping.fill=0.00390625")
"""Four neurons on each of 16 cores."""


def experiment_of(path: Path, text: str) -> Any:
    path.write_text(text)
    return load_experiment(str(path))


@pytest.fixture(scope="module")
def tiny() -> Result:
    return simulate(load_experiment("lif-small", [*TINY, "engine=reference", "probes=[packets,spikes]"]))


def test_the_reference_case_step_by_step(tmp_path: Path) -> None:
    text = f"chip: loihi-sanafe\nworkload: {{kind: arrays, path: {REFERENCE}}}\nengine: reference\nprobes: [spikes]\n"
    result = simulate(experiment_of(tmp_path / "e.yaml", text))
    steps, spikes, summary = result.tables["steps"], result.tables["spikes"], result.summary
    with np.load(REFERENCE) as file:
        expected = {name: file[name] for name in file}
    for ours, theirs in (("fired", "fired"), ("packets", "packets"), ("synaptic_ops", "synops"), ("updated", "updated")):
        assert np.array_equal(steps[ours], expected[f"exp_{theirs}"])
    assert np.array_equal(steps["hops_ew"] + steps["hops_ns"], expected["exp_hops"])
    order = np.lexsort((spikes["neuron"], spikes["step"]))
    assert np.array_equal(spikes["neuron"][order], expected["exp_spike_neuron"])
    assert np.array_equal(spikes["step"][order], expected["exp_spike_step"])
    for part in ("synapse", "soma", "network", "total"):
        assert np.allclose(steps[f"energy_{part}_j"], expected[f"exp_energy_{part}"], rtol=1e-9, atol=0)
    total = float(expected["exp_step_time_cycle"].sum())
    assert abs(summary["sim_time_s"] - total) < 0.05 * total
    assert math.isclose(summary["energy_j"]["total"], float(expected["exp_energy_total"].sum()), rel_tol=1e-9)


def test_a_run_has_its_summary_and_tables(tiny: Result) -> None:
    summary, steps = tiny.summary, tiny.tables["steps"]
    counts, mapping = summary["counts"], summary["mapping"]
    assert (mapping["neurons"], mapping["synapses"], mapping["cores_used"]) == (64, 512, 16)
    assert counts["steps"] == 6 and counts["spikes"] == len(tiny.tables["spikes"]["neuron"]) == int(steps["fired"].sum())
    assert counts["packets"] == len(tiny.tables["packets"]["kind"]) == counts["deliveries"]
    assert counts["neuron_updates"] == counts["neuron_accesses"] == 6 * 64 and counts["events_in"] == 0
    assert summary["claim"]["rate_of"] == "spike" and summary["claim"]["neurons"] == 64 and summary["claim"]["cores"] == 1
    assert math.isclose(summary["claim"]["rate_hz"], counts["spikes"] / summary["sim_time_s"])
    latency = tiny.tables["packets"]["delivered_ps"] - tiny.tables["packets"]["injected_ps"]
    assert summary["latency_of"] == "packet" and math.isclose(summary["latency_s"]["mean"], latency.mean() * 1e-12)
    # the steps' joules are the account without static power; their times fill the run from the first go
    dynamic = sum(joules for share, joules in summary["energy_j"].items() if share not in ("static", "total"))
    assert math.isclose(float(steps["energy_total_j"].sum()), dynamic, rel_tol=1e-12)
    assert math.isclose(float(steps["time_s"].sum()) + steps["begin_ps"][0] * 1e-12, summary["sim_time_s"], rel_tol=1e-12)
    assert tiny.tables["cores"]["neurons"].sum() == 64 and set(tiny.tables["cores"]["role"]) == {""}


def test_inputs_cost_nothing_but_their_messages(tmp_path: Path) -> None:
    """Two inputs and a neuron that one of them drives over its threshold; prices by hand."""
    np.savez(
        tmp_path / "net.npz", src=[0, 1, 2], dst=[2, 2, 0], weight=[2.0, 0.25, 0.0], neuron_kind=[1, 1, 0], neuron_core=[0, 1, 4],
        threshold=1.0, in_step=[1, 2, 4], in_neuron=[0, 1, 1], steps=4,
    )  # fmt: skip
    text = "chip: loihi-sanafe\nworkload: {kind: arrays, path: net.npz}\nengine: reference\nprobes: [spikes]\n"
    result = simulate(experiment_of(tmp_path / "e.yaml", text))
    spikes, steps = result.tables["spikes"], result.tables["steps"]
    assert sorted(zip(spikes["step"].tolist(), spikes["neuron"].tolist(), strict=True)) == [(1, 0), (2, 1), (2, 2), (4, 1)]
    assert steps["fired"].tolist() == [1, 2, 0, 1] and steps["updated"].tolist() == [1, 2, 1, 2]
    assert result.summary["counts"]["events_in"] == 3 and result.summary["counts"]["neuron_updates"] == 3
    # step 2: neuron 2 is looked at, updated and fires; it and an input send a packet each, one hop south and one back
    assert math.isclose(steps["energy_soma_j"][1], (51.2 + 21.6 + 69.3) * 1e-12, rel_tol=1e-12)
    assert math.isclose(steps["energy_network_j"][1], 2 * (111 + 4.2) * 1e-12, rel_tol=1e-12)
    assert steps["hops_ns"].tolist() == [1, 2, 0, 1] and steps["hops_ew"].tolist() == [0, 0, 0, 0]


def test_a_run_cut_in_two_is_the_whole_run(tiny: Result) -> None:
    settings = [*TINY, "engine=reference", "probes=[packets,spikes]"]
    middle = int(tiny.tables["steps"]["begin_ps"][3]) + 7000
    first = simulate(load_experiment("lif-small", [*settings, f'until="{middle} ps"']))
    assert first.summary["status"] == "until" and first.summary["counts"]["steps"] == 4 and first.snapshot is not None
    assert float(first.tables["steps"]["energy_soma_j"].sum()) < float(tiny.tables["steps"]["energy_soma_j"][:4].sum())
    second = simulate(load_experiment("lif-small", settings), start=first.snapshot)
    assert second.summary["digest"] == tiny.summary["digest"] != first.summary["digest"]
    assert second.summary["counts"] == tiny.summary["counts"]


@needs("packets")
def test_packets_of_a_run_can_be_sent_again(tmp_path: Path, tiny: Result, capsys: pytest.CaptureFixture[str]) -> None:
    folder, again = tmp_path / "run", tmp_path / "again"
    settings = [word for one in (*TINY, "engine=reference", "probes=[packets,spikes]") for word in ("--set", one)]
    assert main(["run", "lif-small", *settings, "--out", str(folder)]) == 0
    shown = capsys.readouterr().out
    assert "64 neurons and 512 synapses on 16 cores" in shown and "per packet" in shown
    page = (folder / "report.html").read_text()
    assert "Step by step" in page and "What the chip learned" not in page and "spikes/s" in page
    assert json.loads((folder / "summary.json").read_text())["digest"] == tiny.summary["digest"]
    traffic = f"chip: loihi-sanafe\nworkload: {{kind: traffic, path: {folder / 'packets.parquet'}}}\nengine: reference\n"
    (tmp_path / "t.yaml").write_text(traffic)
    assert main(["run", str(tmp_path / "t.yaml"), "--out", str(again), "--json", "--quiet"]) == 0
    summary = json.loads(capsys.readouterr().out)
    for count in ("packets", "deliveries", "hops", "flit_hops"):
        assert summary["counts"][count] == tiny.summary["counts"][count]
    assert summary["claim"]["rate_of"] == "packet" and summary["counts"]["synaptic_ops"] == 0
    assert "packets/s" in (again / "report.html").read_text()
    assert main(["show", str(again)]) == 0 and main(["map", str(tmp_path / "t.yaml")]) == 2
    assert main(["replay", str(folder)]) == 2
    assert "stores no episodes" in capsys.readouterr().err


def test_mapping_alone_tells_what_a_spike_costs(tiny: Result, capsys: pytest.CaptureFixture[str]) -> None:
    report = plan_mapping(load_experiment("lif-small", TINY))
    mapping = report.summary["mapping"]
    assert report.tables["cores"]["neurons"].sum() == 64 and mapping["cores_used"] == 16
    # every neuron fires about as often as the others, so the run's mean is near the mapping's
    assert abs(mapping["packets_per_spike"] - tiny.summary["mapping"]["packets_per_spike"]) < 0.5
    settings = [word for one in TINY for word in ("--set", one)]
    assert main(["map", "lif-small", *settings]) == 0
    assert "512 synapses" in capsys.readouterr().out


@needs("nsn")
def test_a_run_beyond_the_limit_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    for command in ("run", "map"):
        assert main([command, "lif-small", "--set", "workload.generate.neurons=100000000", "--memory-limit", "2GiB"]) == 2
        assert "synapses 17.9 GiB" in capsys.readouterr().err
    assert main(["run", "text-small", "--memory-limit", "10 MiB", "--engine", "reference"]) == 2
    assert "memories of" in capsys.readouterr().err
    assert main(["run", "lif-small", "--memory-limit", "much"]) == 2
    assert "--memory-limit: 'much'" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        (("chip.core.pace=event",), "chip.core.pace: found event; allowed with kind arrays: tick or barrier"),
        (("engine=golden",), "engine: found golden"),
        (("faults=[{kind: lose_message, message: spike, number: 0}]",), "faults.0: lose_message is for texts and logs"),
        (("mapping.file=x.npz",), "mapping.file: a mapping file is for texts and logs"),
        (("workload.path=net.npz",), "there is no such file"),
        (("workload.steps=0",), "workload.steps: found number 0; allowed: at least 1"),
        (("workload.steps=null",), "workload.steps: missing"),
        (("workload.generate=null",), "neither of path and generate given"),
        (("workload.generate.fan_out=-1",), "workload.generate.fan_out: found number -1"),
    ],
)  # fmt: skip
def test_what_cannot_be_run(settings: tuple[str, ...], words: str) -> None:
    with pytest.raises(ConfigError) as caught:
        simulate(load_experiment("lif-small", settings))
    assert words in str(caught.value)


def test_texts_need_no_barrier_and_no_given_cores() -> None:
    for setting in ("chip.core.pace=barrier", "mapping.partitioner=given"):
        with pytest.raises(ConfigError, match=r"found (barrier|given)"):
            load_experiment("text-small", [setting, 'chip.core.sync="1 us"'])


def test_what_was_resolved_is_the_same_experiment(tmp_path: Path) -> None:
    for name, settings in (("lif-small", TINY), ("lif-small", ("workload.path=/x.npz", "mapping.partitioner=given"))):
        experiment = load_experiment(name, settings)
        (tmp_path / "e.yaml").write_text(resolved_yaml(experiment))
        assert load_experiment(str(tmp_path / "e.yaml")) == experiment
