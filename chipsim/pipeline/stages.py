"""The way of an experiment, written once for every program: load, map, lower, run, collect."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from typing import Any

from chipsim.config.experiment import Experiment
from chipsim.config.workload import WorkloadKind, kind_of
from chipsim.energy import account
from chipsim.errors import UsageError
from chipsim.machine.raw import RawRun
from chipsim.pipeline.timing import timed
from chipsim.plan.inputs import Mapping
from chipsim.plan.plan import Plan
from chipsim.programs.base import PROGRAMS, Program, Run
from chipsim.results.compose import Took, run_result, software_result
from chipsim.results.passes import NO_PASSES, Passes
from chipsim.results.result import Result
from nsn_mapping.mappers.base import MAPPERS, Mapper

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Loaded:
    """An experiment whose input is read.

    Attributes:
        experiment: what is asked for.
        kind: of its workload.
        program: what runs it.
        given: the program's input.
        warnings: what is to be known of it before it runs.
        wall_s: seconds spent so far by stage; later stages add theirs.
    """

    experiment: Experiment
    kind: WorkloadKind
    program: Program
    given: Any
    wall_s: dict[str, float]
    warnings: tuple[str, ...] = ()


def load(experiment: Experiment, memory_limit: int | None = None) -> Loaded:
    """Read the input of an experiment, and learn of it in software what the run begins with.

    Raises:
        WorkloadError: the input cannot be read.
        UsageError: it would take more memory than it may.
    """
    wall: dict[str, float] = {}
    kind = kind_of(experiment.workload)
    with timed(wall, "load"):
        given = kind.read(experiment, memory_limit)
    program = PROGRAMS.get(kind.program)
    for text in (warnings := program.warnings(given)):
        log.warning("%s: %s", experiment.name, text)
    return Loaded(experiment, kind, program, given, wall, warnings)


def mapper_of(experiment: Experiment) -> Mapper:
    """The mapper of what an experiment runs. Raises UsageError where that names its cores."""
    kind = kind_of(experiment.workload)
    name = PROGRAMS.get(kind.program).mapper
    if name is None:
        raise UsageError(
            f"{experiment.name}: a workload of kind {experiment.workload.kind} names its cores, there is nothing to map; allowed with"
            f" `chipsim map`: workloads of kind {', '.join(_mapped_kinds())}"
        )
    return MAPPERS.get(name)


def _mapped_kinds() -> list[str]:
    from chipsim.config.workload import WORKLOADS

    mapped = [name for name, program in PROGRAMS.all().items() if program.mapper is not None]
    return [name for name, kind in WORKLOADS.all().items() if kind.program in mapped]


def graph_of(loaded: Loaded) -> Any:
    """What is loaded, as its program hands it to its mapper."""
    assert loaded.program.graph is not None
    return loaded.program.graph(loaded.experiment, loaded.given)


def make_mapping(loaded: Loaded) -> Mapping | None:
    """Map what is loaded as the experiment says; None where it names its cores. Raises MappingError, ConfigError."""
    if loaded.program.mapper is None:
        return None
    return MAPPERS.get(loaded.program.mapper).map(loaded.experiment, graph_of(loaded))


def make_plan(loaded: Loaded, mapping: Mapping | None) -> Plan:
    """Lower what is loaded and mapped for the engines. Raises ConfigError, MappingError, SimulationError."""
    return loaded.program.lower(loaded.experiment, loaded.given, mapping)


def collect(
    loaded: Loaded, mapping: Mapping | None, plan: Plan, raw: RawRun, plan_hash: str, passes: Passes = NO_PASSES
) -> Result:
    """The result of a run, from its counters and from what it left; ``passes``: what was run to know its limits."""
    spent = account(loaded.experiment.chip, plan.mesh, raw, plan.noc, loaded.program.counted, plan.endpoint_tile)
    run = Run(loaded.experiment, loaded.program.kept(loaded.given), mapping, plan, raw, spent.flit_pj, spent.credit_pj)
    return run_result(loaded.program, run, spent, Took(loaded.wall_s, plan_hash, passes, loaded.warnings))


def run_in_software(loaded: Loaded) -> Result:
    """The result of the program's golden model alone: no chip time, no energy."""
    software = loaded.program.software
    if software is None:
        raise UsageError(
            f"{loaded.experiment.name}: engine golden: nothing runs {loaded.program.about} in software; allowed: auto, reference, compiled"
        )
    with timed(loaded.wall_s, "run"):
        done = software(loaded.experiment, loaded.given)
    return software_result(loaded.program, loaded.experiment, done, loaded.wall_s)
