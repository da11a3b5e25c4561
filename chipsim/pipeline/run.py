"""One experiment of any kind: run it, or only map it."""

from __future__ import annotations

from chipsim.config.experiment import Experiment
from chipsim.config.workload import kind_of
from chipsim.engines.base import Watch
from chipsim.machine.snapshot import Snapshot
from chipsim.pipeline.common import MappingReport, timed
from chipsim.pipeline.engine import check_engine, run_engine
from chipsim.pipeline.nsn import make_mapping, make_plan, map_nsn, prepare
from chipsim.pipeline.nsn_result import chip_result, golden_result
from chipsim.pipeline.spiking import map_arrays, simulate_arrays
from chipsim.pipeline.traffic import map_traffic, simulate_traffic
from chipsim.plan.forecast import of_plan, refuse_beyond
from chipsim.results.result import Result


def simulate(
    experiment: Experiment, watch: Watch | None = None, start: Snapshot | None = None, memory_limit: int | None = None
) -> Result:
    """Run an experiment, from the beginning or from a snapshot of the same experiment.

    Args:
        experiment: what to run.
        watch: progress, stop and further probes.
        start: where to go on from.
        memory_limit: bytes that the run may take; None for 80 % of what is free.

    Raises:
        ConfigError: the experiment needs something unknown or malformed (exit code 3).
        MappingError: the network does not fit the chip (4).
        SimulationError: the run broke a law of the model or cannot go on (5).
        UsageError: the run would need more memory than it may take (2).
    """
    watch = watch or Watch()
    check_engine(experiment.engine)
    program = kind_of(experiment.workload).program
    if program == "snn":
        return simulate_arrays(experiment, watch, start, memory_limit)
    if program == "packets":
        return simulate_traffic(experiment, watch, start, memory_limit)
    prepared = prepare(experiment)
    if experiment.engine == "golden":
        return golden_result(prepared)
    with timed(prepared.wall_s, "map"):
        mapping = make_mapping(prepared)
    with timed(prepared.wall_s, "plan"):
        plan = make_plan(prepared, mapping)
        refuse_beyond(of_plan(experiment.chip, plan), memory_limit)
        plan_hash = plan.fingerprint()
    with timed(prepared.wall_s, "run"):
        raw = run_engine(experiment, plan, watch, start)
    return chip_result(prepared, mapping, plan, raw, plan_hash)


def plan_mapping(experiment: Experiment, memory_limit: int | None = None) -> MappingReport:
    """Map without running: what every core holds of what it may, and what a reading or a spike would cost."""
    program = kind_of(experiment.workload).program
    if program == "snn":
        return map_arrays(experiment, memory_limit)
    if program == "packets":
        return map_traffic(experiment)
    return map_nsn(experiment)
