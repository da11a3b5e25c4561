"""One experiment of any kind: run it, or only map it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import chipsim
from chipsim.config.experiment import Experiment
from chipsim.engines.base import Watch
from chipsim.lookup import Columns
from chipsim.machine.snapshot import Snapshot
from chipsim.machine.timeline import first_interval
from chipsim.pipeline.engine import check_engine, ready_engine, watched
from chipsim.pipeline.passes import make_passes
from chipsim.pipeline.stages import collect, graph_of, load, make_mapping, make_plan, mapper_of, run_in_software
from chipsim.pipeline.timing import timed
from chipsim.plan.forecast import of_plan, refuse_beyond
from chipsim.plan.inputs import Mapping
from chipsim.results.result import Result
from chipsim.results.summary import SCHEMA, chip_summary, peak_rss


@dataclass(frozen=True, slots=True)
class MappingReport:
    """A mapping and what it uses.

    Attributes:
        experiment: what was mapped.
        mapping: where everything is.
        summary, tables: as in a run folder.
        traffic: what a spike or an axon access costs, in words.
        reads_files: whether an experiment of this sort can take the mapping from a file.
    """

    experiment: Experiment
    mapping: Mapping
    summary: dict[str, Any]
    tables: dict[str, Columns]
    traffic: str
    reads_files: bool


def simulate(
    experiment: Experiment,
    watch: Watch | None = None,
    start: Snapshot | None = None,
    memory_limit: int | None = None,
    limits: bool = True,
) -> Result:
    """Run an experiment, from the beginning or from a snapshot of the same experiment.

    Args:
        experiment: what to run.
        watch: progress, stop and further probes.
        start: where to go on from.
        memory_limit: bytes that the run may take; None for 80 % of what is free.
        limits: whether to measure by further passes how far it goes (``chipsim.pipeline.passes``) where the experiment does not say; else
            limits are extrapolated.

    Raises:
        ConfigError: the experiment needs something unknown or malformed (exit code 3).
        MappingError: the network does not fit the chip (4).
        SimulationError: the run broke a law of the model or cannot go on (5).
        UsageError: the run would need more memory than it may take (2).
    """
    check_engine(experiment.engine)
    watch = watch or Watch()
    watch.stage("reading the input, learning what is there before")
    loaded = load(experiment, memory_limit)
    if experiment.engine == "golden":
        watch.stage("running in software")
        return run_in_software(loaded)
    watch.stage("mapping")
    with timed(loaded.wall_s, "map"):
        mapping = make_mapping(loaded)
    watch.stage("lowering for the engine")
    with timed(loaded.wall_s, "plan"):
        plan = make_plan(loaded, mapping)
        if loaded.program.forecast is None:  # else whoever read the input has asked
            refuse_beyond(of_plan(experiment.chip, plan), memory_limit)
        # arrays that are let go are the plan's, or have been copied in another order
        loaded = replace(loaded, given=loaded.program.kept(loaded.given))
        plan_hash = plan.fingerprint()
    watch = replace(watched(experiment, watch), interval_ps=first_interval(loaded.program.horizon(plan), plan.until))
    watch.stage("loading the engine's code")
    with timed(loaded.wall_s, "code"):
        run = ready_engine(experiment.engine, plan, watch)
    watch.stage("running")
    with timed(loaded.wall_s, "run"):
        raw = run(plan, watch, start)
    measured = experiment.limits == "measured" or (experiment.limits is None and limits)
    if measured:
        watch.stage("measuring how far it goes")
    with timed(loaded.wall_s, "limits"):
        passes = make_passes(loaded, plan, raw, run if measured else None, watch)
    watch.stage("summing up")
    return collect(loaded, mapping, plan, raw, plan_hash, passes)


def plan_mapping(
    experiment: Experiment, memory_limit: int | None = None, stage: Callable[[str], None] = lambda _: None
) -> MappingReport:
    """Map without running: what every core holds of what it may, and what an axon access or a spike would cost; ``stage`` as in ``Watch``."""
    mapper = mapper_of(experiment)
    stage("reading the input, learning what is there before")
    loaded = load(experiment, memory_limit)
    stage("mapping")
    with timed(loaded.wall_s, "map"):
        graph = graph_of(loaded)
        mapping = mapper.map(experiment, graph)
    stage("counting what it uses")
    use = mapper.use(experiment, graph, mapping)
    summary: dict[str, Any] = {
        "schema": SCHEMA,
        "kind": loaded.program.name,
        "name": experiment.name,
        "version": chipsim.__version__,
        "chip": chip_summary(experiment),
        "mapping": {"method": mapping.method, **use.mapping},
        "warnings": [*loaded.warnings, *use.warnings],
        **use.summary,
        "wall_s": loaded.wall_s,
        "peak_rss_bytes": peak_rss(),
    }
    return MappingReport(experiment, mapping, summary, dict(use.tables), use.traffic, mapper.reads_files)
