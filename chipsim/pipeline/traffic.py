"""Given packets and synthetic traffic: read or made, lowered, run."""

from __future__ import annotations

from typing import Any

from chipsim.config.experiment import Experiment
from chipsim.config.workload import kind_of
from chipsim.energy import account
from chipsim.engines.base import Watch
from chipsim.errors import UsageError
from chipsim.machine.snapshot import Snapshot
from chipsim.pipeline.common import MappingReport, common_summary, timed
from chipsim.pipeline.engine import run_engine
from chipsim.plan.forecast import of_plan, refuse_beyond
from chipsim.plan.plan import Ints, Plan
from chipsim.programs.packets.lower import build_packets_plan
from chipsim.programs.packets.plan import PacketsPlan
from chipsim.results import tables
from chipsim.results.network import network_summary, network_tables
from chipsim.results.result import Result, Table
from chipsim.results.spiking import given_summary


def make_traffic_plan(experiment: Experiment) -> Plan:
    """Read or make the packets of an experiment and lower them for the engines.

    Raises:
        WorkloadError: the file is missing, broken, or holds what no core can send.
        ConfigError: the chip's cores have no such pattern.
    """
    traffic = kind_of(experiment.workload).read(experiment, None)
    return _plan(experiment, traffic)


def _plan(experiment: Experiment, traffic: Ints) -> Plan:
    return build_packets_plan(
        experiment.chip, PacketsPlan(traffic), experiment.until or 0, experiment.seed, experiment.network_faults
    )


def simulate_traffic(
    experiment: Experiment,
    watch: Watch,
    start: Snapshot | None,
    memory_limit: int | None,
) -> Result:
    """Send packets; see ``chipsim.pipeline.simulate``."""
    chip = experiment.chip
    wall: dict[str, float] = {}
    with timed(wall, "load"):
        traffic = kind_of(experiment.workload).read(experiment, memory_limit)
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
