"""Tables of a run in other forms than Parquet: all of them say the same, and none outlives its run."""

from __future__ import annotations

import csv
import json
from pathlib import Path

from chipsim.config.load import load_experiment
from chipsim.pipeline import simulate
from chipsim.results.store import read_run, write_run
from tests.needs import needs

pytestmark = needs("snn")

SMALL = (
    "workload.generate.neurons=32",
    "workload.generate.fan_out=4",
    "workload.steps=60",
    "engine=reference",
    "probes=[packets, spikes]",
)


def test_every_form_says_the_same(tmp_path: Path) -> None:
    result = simulate(load_experiment("lif-small", (*SMALL, "sinks=[csv, trace]")))
    write_run(tmp_path, result)
    _, tables = read_run(tmp_path)
    assert set(tables) == set(result.tables)
    for name, table in tables.items():
        with (tmp_path / f"{name}.csv").open(newline="") as file:
            head, *rows = csv.reader(file)
        assert head == list(table)
        lines = zip(*(column.tolist() for column in table.values()), strict=True)
        assert rows == [["" if one != one else str(one) for one in line] for line in lines]  # no number is an empty cell
    packets = tables["packets"]
    events = json.loads((tmp_path / "packets.trace.json").read_text())["traceEvents"]
    assert len(events) == len(packets["source"]) > 50
    assert [round(event["ts"] * 1e6) for event in events] == packets["injected_ps"].tolist()
    assert [round((event["ts"] + event["dur"]) * 1e6) for event in events] == packets["delivered_ps"].tolist()
    assert [(event["name"], event["tid"], event["args"]["to"]) for event in events] == list(
        zip(packets["kind"], packets["source"], packets["destination"], strict=True)
    )


def test_a_later_run_leaves_no_form_of_an_earlier_one(tmp_path: Path) -> None:
    write_run(tmp_path, simulate(load_experiment("lif-small", (*SMALL, "sinks=[csv, trace]"))))
    (tmp_path / "notes.csv").write_text("mine\n")
    write_run(tmp_path, simulate(load_experiment("lif-small", SMALL)))
    assert {path.name for path in tmp_path.glob("*.csv")} == {"notes.csv"}
    assert not (tmp_path / "packets.trace.json").exists()
