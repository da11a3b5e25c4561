"""What a page shows of spikes: the numbers of the run's own table, and what to do where it was not kept."""

from __future__ import annotations

import re
import shlex
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow.parquet as pq
import pytest
from markupsafe import escape

from chipsim.quantity import digits, si
from reports.figures import firing, look, raster, steps, svg
from reports.html import build_report
from reports.pictures import pictures
from reports.run import Run
from tests.needs import require
from tests.report_runs import changed_run, run_of
from tests.said import said, told

OWN = """chip: loihi-sanafe
workload: {{kind: arrays, path: {path}, steps: 60}}
engine: reference
probes: [{probes}]
"""


def own_run(folder: Path, probes: str = "spikes") -> Run:
    """Forty neurons that are driven at rates of their own, and two that never fire."""
    folder.mkdir(exist_ok=True)
    neurons = np.arange(42)
    np.savez(
        folder / "net.npz",
        src=neurons, dst=(neurons + 1) % 42, weight=np.full(42, 0.25), neuron_kind=np.zeros(42, int), neuron_core=neurons % 4,
        leak=np.float32(1.0), bias=np.r_[0.2 + neurons[:40] / 16, 0, 0], threshold=np.r_[np.full(40, 2.5), 90, 90], v0=np.zeros(42), steps=60,
    )  # fmt: skip
    (folder / "own.yaml").write_text(OWN.format(path=folder / "net.npz", probes=probes))
    return run_of(folder / "run", str(folder / "own.yaml"))


@pytest.fixture(scope="module", params=["lif-small", "own"])
def spiking(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Run:
    require("snn")
    folder = tmp_path_factory.mktemp("spiking")
    return own_run(folder) if request.param == "own" else run_of(folder / "run", "lif-small", "engine=reference")


def table_of(run: Run) -> tuple[np.ndarray[Any, Any], np.ndarray[Any, Any]]:
    spikes = pq.read_table(run.folder / "spikes.parquet")
    return spikes["step"].to_numpy(), spikes["neuron"].to_numpy()


def heights(axes: Any) -> list[tuple[float, float, float]]:
    """Bars of an axes: from, to, height."""
    return [(one.get_x(), one.get_x() + one.get_width(), one.get_height()) for one in axes.patches]


def test_bars_of_rates_and_intervals_are_those_of_the_table(spiking: Run) -> None:
    step, neuron = table_of(spiking)
    neurons = spiking.summary["mapping"]["neurons"]
    counts = [int((neuron == n).sum()) for n in range(neurons)]
    intervals = np.concatenate([np.diff(np.sort(step[neuron == n])) for n in range(neurons)])
    rates, between = firing.draw(spiking.summary, spiking.tables).axes
    for axes, values in ((rates, counts), (between, intervals)):
        bars = heights(axes)
        assert [height for _, _, height in bars] == [sum(a < value < b for value in values) for a, b, _ in bars]
        assert sum(height for *_, height in bars) == len(values)
    said = firing.caption(spiking.summary, spiking.tables)
    silent = counts.count(0)
    assert f"fired {digits(float(np.mean(counts)))} times on average" in said and f"at most {max(counts)} times" in said
    assert (f"{silent} of {neurons} neurons" in said) if silent else ("all fired" in said)
    assert f"of {digits(intervals.mean())} steps on average" in said
    assert f"(standard deviation over mean) of {digits(intervals.std() / intervals.mean())}" in said


def test_a_raster_marks_every_spike(spiking: Run) -> None:
    step, neuron = table_of(spiking)
    marks, per_step = raster.draw(spiking.summary, spiking.tables).axes
    ends = marks.patches[0].get_path().vertices.reshape(-1, 2, 2)
    drawn = sorted(zip(ends[:, 0, 0].tolist(), ends.mean(axis=1)[:, 1].round(6).tolist(), strict=True))
    assert drawn == sorted(zip(step.tolist(), neuron.tolist(), strict=True))
    assert [height for *_, height in heights(per_step)] == spiking.tables["steps"]["fired"].tolist()


def test_many_spikes_are_counted_in_cells(spiking: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("chipsim.programs.snn.firing.MOST_MARKS", 10)
    monkeypatch.setattr("chipsim.programs.snn.firing.MOST_ROWS", 8)
    from reports.run import load_run

    run, (step, neuron) = load_run(spiking.folder), table_of(spiking)
    figure = raster.draw(run.summary, run.tables)
    (image,) = figure.axes[0].images
    high = -(-run.summary["mapping"]["neurons"] // 8)
    grid = np.ma.filled(image.get_array(), 0)
    neurons = run.summary["mapping"]["neurons"]
    with look():
        texts = told(said(svg(figure, "raster"))[0][0])
    for (row, column), shown in np.ndenumerate(grid):
        held = int(((neuron // high == row) & (step - 1 == column)).sum())
        last = min((row + 1) * high, neurons) - 1
        assert shown * (last - row * high + 1) == pytest.approx(held)
        text = texts[row * grid.shape[1] + column]
        assert text == (f"neurons {row * high} to {last}, steps {column + 1}: {held} spikes" if held else "")
    assert f"a cell is 1 step of {high} neurons" in raster.caption(run.summary, run.tables)
    with look():
        assert svg(figure, "raster").count("<image") == 2  # and that of the scale


def test_a_run_without_its_spikes_says_how_to_keep_them(tmp_path: Path) -> None:
    require("snn")
    run = own_run(tmp_path, "packets")
    shown = {picture.key: picture for picture in pictures(run)}
    assert not shown["raster"].svg and "was not recorded" in shown["raster"].caption
    (command,) = re.findall(r"`chipsim run experiment\.yaml (--set .*) --out again`", shown["raster"].caption)
    assert shlex.split(command) == ["--set", "probes=[packets,spikes]"]
    cores = run.tables["cores"]
    holding = cores["neurons"] > 0
    assert firing.per_core(run.tables).tolist() == (cores["spikes"][holding] / cores["neurons"][holding]).tolist()
    assert shown["firing"].svg and command in shown["firing"].caption
    build_report(run.folder)
    quoted = escape(f"chipsim run experiment.yaml {command} --out again")
    assert f"<code>{quoted}</code>" in (run.folder / "report.html").read_text(encoding="utf-8")
    assert f"`chipsim run experiment.yaml {command} --out again`" in (run.folder / "report.md").read_text(encoding="utf-8")
    again = run_of(tmp_path / "again", str(run.folder / "experiment.yaml"), "probes=[packets,spikes]")
    assert len(again.tables["firing"]["spikes"]) == 42
    assert again.summary["counts"]["spikes"] == again.tables["firing"]["spikes"].sum()


def test_silence_is_said(spiking: Run) -> None:
    run = changed_run(spiking, {"counts.spikes": 0})
    for drawing in (raster, firing):
        with pytest.raises(Exception, match="No neuron fired"):
            drawing.draw(run.summary, run.tables)


def test_rates_of_a_network_in_ms_are_of_its_own_time(spiking: Run) -> None:
    lif = {"network_time_s": 0.5, "dt_ms": 2.0}
    run = changed_run(spiking, {"snn": {**(spiking.summary.get("snn") or {}), "lif": lif}})
    said, counts, between = firing.caption(run.summary, run.tables), run.tables["firing"]["spikes"], run.tables["intervals"]
    assert f"{si(float(counts.mean()) / 0.5, 'Hz')} in the network's own time" in said
    mean = float(np.average(between["steps"], weights=between["count"]))
    assert f"{digits(mean)} steps ({digits(2 * mean)} ms) on average" in said


def test_one_step_in_which_nobody_fires_twice(tmp_path: Path) -> None:
    require("snn")
    run = run_of(tmp_path / "run", "lif-small", "engine=reference", "workload.steps=1")
    assert len(firing.draw(run.summary, run.tables).axes) == 1
    said = firing.caption(run.summary, run.tables)
    assert "at most once" in said and "No neuron fired twice" in said
    for axes in (*raster.draw(run.summary, run.tables).axes, *steps.draw(run.summary, run.tables).axes):
        assert axes.get_xticks().tolist() == [1]
    assert steps.draw(run.summary, run.tables).axes[0].lines[0].get_marker() == "o"
