"""Spiking networks and packets from files: every engine gives the summary and the tables of the reference, as a user gets them."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from chipsim.config.experiment import Experiment
from chipsim.config.load import load_experiment
from chipsim.noc import Mesh
from chipsim.pipeline import simulate
from chipsim.results.result import Result
from tests.conformance.compare import compare_summaries
from tests.engines import ENGINE_NAMES
from tests.needs import under
from tests.nets import random_net, random_packets

MESH = Mesh(4, 3, 2, column=True)
SHAPE = ("chip.noc.width=4", "chip.noc.height=3", "chip.noc.concentration=2")
TICK = ("chip.core.pace=tick", "chip.core.tick=3 us")

SETTINGS: dict[str, tuple[str, ...]] = {
    "lif": (),
    "lif ideal": ("chip.noc.router=ideal",),
    "lif multicast by rows": ("chip.noc.cast=multicast", "chip.noc.tile_order=row"),
    "lif multicast ideal": ("chip.noc.cast=multicast", "chip.noc.router=ideal"),
    "lif tick": TICK,
    "lif late": ("chip.core.pace=tick", "chip.core.tick=700 ns", "chip.core.late_spikes=drop", "chip.noc.cast=multicast"),
    "lif until": ("until=9 us",),
    "lif odd": ("chip.noc.link_latency_ew.value=4099 ps", "chip.noc.link_latency_ns.value=6521 ps", "chip.noc.flit_bits=8"),
    "lif narrow": ("chip.noc.width=12", "chip.noc.height=1", "chip.noc.flit_time.value=90 ns"),
    "traffic": (),
    "traffic ideal": ("chip.noc.router=ideal",),
    "traffic until": ("until=20 ns", "chip.noc.tile_order=row"),
}


def write_files(folder: Path) -> Path:
    """A spiking network and packets as archives."""
    net = random_net(3, MESH, neurons=120, fan_out=10, steps=25, longest=4)
    np.savez(
        folder / "lif.npz", src=net.src, dst=net.dst, weight=net.weight, delay=net.delay, neuron_core=net.core, neuron_kind=net.kind,
        v0=net.v0, bias=net.bias, threshold=net.threshold, leak=net.leak, in_step=net.in_step, in_neuron=net.in_neuron, steps=net.steps,
    )  # fmt: skip
    time, source, destination, flits = random_packets(4, MESH, 500, 30_000).T
    np.savez(folder / "traffic.npz", time_ps=time, source=source, destination=destination, flits=flits)
    return folder


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_files(tmp_path_factory.mktemp("given"))


def experiment(files: Path, name: str, engine: str) -> Experiment:
    kind = name.split()[0]
    path = files / f"{kind}.npz"
    workload = f"workload={{kind: {'arrays' if kind == 'lif' else 'traffic'}, path: {path}}}"
    mapping = ("mapping.partitioner=given", "mapping.placer=row", "mapping.fill=null") if kind == "lif" else ()
    common = (workload, *mapping, *SHAPE, "probes=[packets, spikes]", f"engine={engine}")
    return load_experiment("lif-small", [*common, *SETTINGS[name]])


def result(files: Path, name: str, engine: str) -> Result:
    return simulate(experiment(files, name, engine))


SPIKES = [name for name in SETTINGS if name.startswith("lif")]
ROWS = [*under("snn", SPIKES), *under("packets", [name for name in SETTINGS if name not in SPIKES])]


@pytest.mark.parametrize("name", ROWS)
def test_summary_and_tables_are_those_of_the_reference(name: str, files: Path) -> None:
    expected = result(files, name, "reference")
    assert expected.summary["counts"]["hops"] > 50 and expected.summary["digest"]
    for engine in ENGINE_NAMES:
        found = result(files, name, engine)
        assert found.summary["engine"] == engine
        assert compare_summaries(expected.summary, found.summary) is None
        assert found.tables.keys() == expected.tables.keys()
        for table, columns in expected.tables.items():
            for column, values in columns.items():
                assert np.array_equal(values, found.tables[table][column]), f"{table}.{column}"
