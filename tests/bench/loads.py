"""The loads of the benchmarks, as plans."""

from __future__ import annotations

import numpy as np

from chipsim.config.load import load_experiment
from chipsim.machine.actions import A_MESSAGE
from chipsim.network.snn_input import SnnInput
from chipsim.network.spiking import SpikingNetwork
from chipsim.noc import Mesh
from chipsim.plan.plan import EVENT, Plan
from chipsim.programs.snn.entry import lower
from chipsim.programs.snn.graph import spiking_graph
from nsn_mapping.mappers.spiking import map_network
from tests.bench.bare import Ints
from tests.packet_plans import traffic_plan
from tests.plans import Chip
from workloads.kinds.arrays import ArraysWorkload, spiking_network


def traffic_of(packets: Ints, width: int, height: int, ew: int = 1_000, ns: int = 1_000, spread: bool = False) -> Plan:
    """Packets of the bare loop (time in units, source, destination) as a plan; every other time is one unit, the delay of a link east or west.

    Args:
        packets: as of ``tests.bench.bare.uniform_packets``.
        width: of the mesh.
        height: of the mesh.
        ew: delay of links east or west in ps, the unit of time of everything else.
        ns: delay of links north or south in ps.
        spread: send at any ps of the unit and not all at its begin.
    """
    time = packets[:, 0] * ew
    if spread:
        time = np.sort(time + np.random.default_rng(2).integers(0, ew, len(time)))
    rows = np.column_stack([time, packets[:, 1], packets[:, 2], np.ones(len(packets), np.int64)])
    chip = Chip(Mesh(width, height), pace=EVENT, links=(ew, ew, ns, ns), local=ew, flit_time=ew, times={A_MESSAGE: ew})
    return traffic_plan(rows, chip)


def spiking_load(
    neurons: int, fan_out: int, period: int, steps: int, width: int, height: int, per_core: int = 512
) -> tuple[SpikingNetwork, Plan]:
    """Neurons that fire once per period onto random targets, in order on the cores of a mesh with Loihi's constants, one core per tile."""
    settings = (
        f"chip.noc.width={width}",
        f"chip.noc.height={height}",
        "chip.noc.concentration=1",
        f"workload={{kind: arrays, generate: {{neurons: {neurons}, fan_out: {fan_out}, period: {period}, seed: 1}}, steps: {steps}}}",
        f"mapping.fill={per_core / 1024!r}",
    )
    experiment = load_experiment("lif-small", settings)
    assert isinstance(experiment.workload, ArraysWorkload)
    network = spiking_network(experiment.workload)
    given = SnnInput(network, experiment.workload.check_memory)
    return network, lower(experiment, given, map_network(experiment, spiking_graph(experiment, given)))
