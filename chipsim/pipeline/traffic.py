"""Given packets and synthetic traffic: read or made, lowered, run."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

from chipsim.config.chip import ChipSpec
from chipsim.config.experiment import Experiment
from chipsim.config.given import SyntheticWorkload, TrafficWorkload
from chipsim.energy import account
from chipsim.engines.base import Watch
from chipsim.errors import UsageError
from chipsim.machine.snapshot import Snapshot
from chipsim.pipeline.common import MappingReport, common_summary, timed
from chipsim.pipeline.engine import run_engine
from chipsim.pipeline.noc_chip import nodes_of
from chipsim.plan.chip import refuse_unknown
from chipsim.plan.forecast import PACKET_BYTES, Forecast, of_plan, refuse_beyond
from chipsim.plan.plan import Ints, Plan
from chipsim.programs.packets.lower import build_packets_plan
from chipsim.programs.packets.plan import PacketsPlan
from chipsim.results import tables
from chipsim.results.network import network_summary, network_tables
from chipsim.results.result import Result, Table
from chipsim.results.spiking import given_summary
from workloads.snn import load_traffic
from workloads.synthetic import Burst, Pattern, Synthetic, make_traffic, most_packets


def make_traffic_plan(experiment: Experiment, workload: TrafficWorkload | SyntheticWorkload) -> Plan:
    """Read or make the packets of a workload and lower them for the engines.

    Raises:
        WorkloadError: the file is missing, broken, or holds what no core can send.
        ConfigError: the chip's cores have no such pattern.
    """
    traffic = packets_of(experiment, workload)
    return _plan(experiment, traffic)


def _plan(experiment: Experiment, traffic: Ints) -> Plan:
    return build_packets_plan(
        experiment.chip, PacketsPlan(traffic), experiment.until or 0, experiment.seed, experiment.network_faults
    )


def packets_of(experiment: Experiment, workload: TrafficWorkload | SyntheticWorkload, memory_limit: int | None = None) -> Ints:
    """int64[packets, 4] as in ``PacketsPlan.traffic``; raises as `make_traffic_plan`, UsageError where they would take too much memory."""
    if isinstance(workload, TrafficWorkload):
        return load_traffic(workload.input_path(), experiment.chip.noc.cores)
    return synthetic_packets(experiment.chip, workload, memory_limit)


def synthetic_packets(chip: ChipSpec, workload: SyntheticWorkload, memory_limit: int | None = None) -> Ints:
    """Packets made by rule; see `packets_of`."""
    refuse_unknown(chip, ("noc.flit_time",))
    alpha, beta = (None if share is None else _exact(share) for share in (workload.burst_alpha, workload.burst_beta))
    is_bursty = workload.pattern == "bursty" or alpha is not None or beta is not None
    half = Fraction(1, 2)
    traffic = Synthetic(
        Pattern(workload.pattern, workload.hotspots, _exact(workload.hotspot_share)),
        _exact(workload.load),
        workload.flits,
        workload.cycles,
        workload.seed,
        Burst(half if alpha is None else alpha, half if beta is None else beta) if is_bursty else None,
    )
    nodes = nodes_of(chip)
    needed = Forecast((("packets", most_packets(traffic, nodes) * PACKET_BYTES),), "fewer cycles (workload.cycles)")
    refuse_beyond(needed, memory_limit)
    return make_traffic(traffic, nodes, int(chip.noc.flit_time.value or 1))


def _exact(share: float) -> Fraction:
    """The number that was written, not the nearest that a machine has."""
    return Fraction(repr(share))


def simulate_traffic(
    experiment: Experiment,
    workload: TrafficWorkload | SyntheticWorkload,
    watch: Watch,
    start: Snapshot | None,
    memory_limit: int | None,
) -> Result:
    """Send packets; see ``chipsim.pipeline.simulate``."""
    chip = experiment.chip
    wall: dict[str, float] = {}
    with timed(wall, "load"):
        traffic = packets_of(experiment, workload, memory_limit)
    wall["map"] = 0.0
    with timed(wall, "plan"):
        plan = _plan(experiment, traffic)
        refuse_beyond(of_plan(chip, plan), memory_limit)
        plan_hash = plan.fingerprint()
    with timed(wall, "run"):
        raw = run_engine(experiment, plan, watch, start)
    spent = account(chip, plan.mesh, raw, plan.noc)
    summary: dict[str, Any] = common_summary(experiment, wall, raw.engine, raw.status) | given_summary(chip, plan, raw, spent)
    summary |= {"plan_hash": plan_hash, "run_cpu_s": raw.cpu_s}
    summary["noc"] = network_summary(plan, raw)
    summary["mapping"] = {"method": "given", **summary.pop("mapping_run")}
    made: dict[str, Table] = {
        "cores": tables.core_table(chip, plan, raw, spent),
        "links": tables.link_table(plan, raw, spent),
        **network_tables(plan, raw),
        "energy": tables.energy_table(spent),
        "constants": tables.constant_table(chip),
    }
    if len(raw.packets) or "packets" in experiment.probes:
        made["packets"] = tables.packet_table(raw)
    return Result(experiment, summary, made, snapshot=raw.snapshot)


def map_traffic(experiment: Experiment) -> MappingReport:
    """There is nothing to map: packets name their cores. Raises UsageError."""
    raise UsageError(
        f"{experiment.name}: packets of kind traffic name their cores, there is nothing to map; allowed with `chipsim map`: workloads of"
        " kind text, log, generated, arrays"
    )
