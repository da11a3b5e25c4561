"""SANA-FE on the network of a benchmark, through its Python interface; run as a process of its own, so that its memory is its own.

python -m tests.bench.peer SNN.npz OUT.json      SNN.npz as ``save_network`` writes it
"""

from __future__ import annotations

import json
import resource
import sys
import tempfile
from pathlib import Path
from time import process_time
from typing import Any

import numpy as np

from chipsim.network.spiking import SpikingNetwork

EDGES_AT_ONCE = 500_000
"""Edges pass through Python tuples; this many at a time."""

ARCHITECTURE = """
architecture:
  name: mesh
  attributes: {{topology: mesh, width: {width}, height: {height}, link_buffer_size: 16, sync_model: fixed, latency_sync: 0.0}}
  tile:
    - name: tile[0..{last}]
      attributes:
        {{energy_north_hop: 4.2e-12, latency_north_hop: 6.5e-9, energy_south_hop: 4.2e-12, latency_south_hop: 6.5e-9,
          energy_east_hop: 3.0e-12, latency_east_hop: 4.1e-9, energy_west_hop: 3.0e-12, latency_west_hop: 4.1e-9}}
      core:
        - name: core[0..0]
          attributes: {{buffer_position: soma, buffer_inside_unit: false, max_neurons_supported: 1024}}
          axon_in: [{{name: in, attributes: {{energy_message_in: 0.0, latency_message_in: 16.0e-9}}}}]
          synapse: [{{name: syn, attributes: {{model: current_based, energy_process_spike: 35.5e-12, latency_process_spike: 3.8e-9}}}}]
          dendrite: [{{name: den, attributes: {{model: accumulator, energy_update: 0.0, latency_update: 0.0}}}}]
          soma:
            - name: lif
              attributes:
                {{model: leaky_integrate_fire, energy_access_neuron: 51.2e-12, latency_access_neuron: 6.0e-9,
                  energy_update_neuron: 21.6e-12, latency_update_neuron: 3.7e-9, energy_spike_out: 69.3e-12, latency_spike_out: 30.0e-9}}
          axon_out: [{{name: out, attributes: {{energy_message_out: 111.0e-12, latency_message_out: 5.1e-9}}}}]
"""
"""Loihi's constants as in ``loihi-sanafe``, one core per tile."""


def save_network(network: SpikingNetwork, path: Path, width: int, height: int, per_core: int, runs: dict[str, int]) -> None:
    """Write what the peer needs: the network, the shape, and how many steps to run with which timing model."""
    scale = 1 << network.fraction
    np.savez(
        path, start=network.start, target=network.target, potential=network.potential / scale, bias=network.bias / scale,
        threshold=network.threshold / scale, shape=[width, height, per_core], models=list(runs), steps=list(runs.values()),
    )  # fmt: skip


def build(net: Any) -> tuple[Any, Any]:
    """Architecture and network, neurons in order on the cores."""
    import sanafe

    width, height, per_core = net["shape"].tolist()
    with tempfile.NamedTemporaryFile("w", suffix=".yaml") as file:
        file.write(ARCHITECTURE.format(width=width, height=height, last=width * height - 1))
        file.flush()
        arch = sanafe.load_arch(file.name)
    network = sanafe.Network()
    start, target, neurons = net["start"], net["target"], len(net["potential"])
    common = {"bias": float(net["bias"][0]), "threshold": float(net["threshold"][0]), "leak_decay": 1.0, "reset": 0.0}
    common["force_update"] = True
    group = network.create_neuron_group("n", neurons, model_attributes=common)
    for n, neuron in enumerate(group.neurons):
        neuron.map_to_core(arch.tiles[n // per_core].cores[0])
    source = np.repeat(np.arange(neurons), np.diff(start))
    for at in range(0, len(target), EDGES_AT_ONCE):
        some = slice(at, at + EDGES_AT_ONCE)
        pairs = list(zip(source[some].tolist(), target[some].tolist(), strict=True))
        group.connect_neurons_sparse(group, {"weight": [0.0] * len(pairs)}, pairs)
    return arch, network


def set_phases(chip: Any, net: Any) -> None:
    """The first step, in which each neuron gets its start potential: there is no other way to give it one."""
    neurons = chip.mapped_neuron_groups["n"]
    for neuron, potential in zip(neurons, net["potential"].tolist(), strict=True):
        neuron.set_attributes(model_attributes={"bias": potential + 1.0})
    chip.sim(1, timing_model="simple", processing_threads=1, scheduler_threads=0)
    for neuron in neurons:
        neuron.set_attributes(model_attributes={"bias": 1.0})


def measure(path: Path) -> dict[str, Any]:
    """Build, load and run; processor seconds of each run, spikes and hops."""
    import sanafe

    begin = process_time()
    with np.load(path) as net:
        arch, network = build(net)
        chip = sanafe.SpikingChip(arch)
        chip.load(network)
        built = process_time() - begin
        set_phases(chip, net)
        runs = {}
        for model, steps in zip(net["models"].tolist(), net["steps"].tolist(), strict=True):
            begin = process_time()
            found = chip.sim(steps, timing_model=model, processing_threads=1, scheduler_threads=0, perf_trace=True)
            spent = process_time() - begin
            trace = found["perf_trace"]
            runs[model] = {"steps": steps, "cpu_s": spent, "fired": [int(v) for v in trace["fired"]],
                           "hops": [int(v) for v in trace["hops"]], "sim_time_s": found["sim_time"]}  # fmt: skip
    return {"build_cpu_s": built, "peak_rss_bytes": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024, "runs": runs}


if __name__ == "__main__":
    Path(sys.argv[2]).write_text(json.dumps(measure(Path(sys.argv[1]))), encoding="utf-8")
