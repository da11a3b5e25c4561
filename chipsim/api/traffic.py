"""Given packets: read, lowered, run."""

from __future__ import annotations

from typing import Any

from chipsim.api.common import MappingReport, common_summary, timed
from chipsim.api.engine import run_engine
from chipsim.energy import account
from chipsim.engines.base import Watch
from chipsim.errors import UsageError
from chipsim.plan.build_lif import LifOptions, build_traffic_plan
from chipsim.plan.forecast import of_plan, refuse_beyond
from chipsim.plan.plan import Plan
from chipsim.results import tables
from chipsim.results.result import Result, Table
from chipsim.results.spiking import given_summary
from chipsim.spec.experiment import Experiment
from chipsim.spec.given import TrafficWorkload
from chipsim.trace.snapshot import Snapshot
from workloads.snn import load_traffic


def make_traffic_plan(experiment: Experiment, workload: TrafficWorkload) -> Plan:
    """Read the packets of a workload and lower them for the engines.

    Raises:
        WorkloadError: the file is missing, broken, or holds what no core can send.
    """
    traffic = load_traffic(workload.input_path(), experiment.chip.noc.cores)
    return build_traffic_plan(experiment.chip, traffic, LifOptions(experiment.until or 0, experiment.seed, False))


def simulate_traffic(
    experiment: Experiment, workload: TrafficWorkload, watch: Watch, start: Snapshot | None, memory_limit: int | None
) -> Result:
    """Send given packets; see ``chipsim.api.simulate``."""
    chip = experiment.chip
    wall: dict[str, float] = {}
    with timed(wall, "load"):
        traffic = load_traffic(workload.input_path(), chip.noc.cores)
    wall["map"] = 0.0
    with timed(wall, "plan"):
        plan = build_traffic_plan(chip, traffic, LifOptions(experiment.until or 0, experiment.seed, False))
        refuse_beyond(of_plan(chip, plan), memory_limit)
        plan_hash = plan.fingerprint()
    with timed(wall, "run"):
        raw = run_engine(experiment, plan, watch, start)
    spent = account(chip, plan.mesh, raw)
    summary: dict[str, Any] = common_summary(experiment, wall, raw.engine, raw.status) | given_summary(chip, plan, raw, spent)
    summary |= {"plan_hash": plan_hash, "run_cpu_s": raw.cpu_s}
    summary["mapping"] = {"method": "given", **summary.pop("mapping_run")}
    made: dict[str, Table] = {
        "cores": tables.core_table(chip, plan, raw, spent),
        "links": tables.link_table(plan, raw, spent),
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
