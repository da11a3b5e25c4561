"""What runs of every kind have in common: stages that are timed, and the head of a summary."""

from __future__ import annotations

import math
import resource
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import chipsim
from chipsim.config.experiment import Experiment
from chipsim.config.faults import NetworkFault
from chipsim.plan.inputs import Mapping
from chipsim.results.result import Table
from chipsim.results.summary import SCHEMA
from nsn_mapping.place.seats import Seats, seats_for


@dataclass(frozen=True, slots=True)
class MappingReport:
    """A mapping and what it uses; ``summary`` and ``tables`` as in a run folder."""

    experiment: Experiment
    mapping: Mapping
    summary: dict[str, Any]
    tables: dict[str, Table]


def usable(experiment: Experiment) -> Seats:
    """Cores that the experiment's mapping can use, and what its placer counts of ways between them. Raises MappingError: no such cores."""
    spec = experiment.mapping
    return seats_for(experiment.chip, spec.placer, spec.objective, avoided(experiment), experiment.seed)


def avoided(experiment: Experiment) -> tuple[NetworkFault, ...]:
    """Faults that the experiment's mapping goes round."""
    return experiment.network_faults if experiment.mapping.avoid_faults else ()


def common_summary(experiment: Experiment, wall_s: dict[str, float], engine: str, status: str) -> dict[str, Any]:
    """The head of a summary: what ran, where, how long it took."""
    return {
        "schema": SCHEMA,
        "name": experiment.name,
        "version": chipsim.__version__,
        "engine": engine,
        "status": status,
        "seed": experiment.seed,
        "digest": None,
        "functional_digest": None,
        "plan_hash": None,
        "chip": chip_summary(experiment),
        "wall_s": wall_s,
        "peak_rss_bytes": peak_rss(),
    }


def chip_summary(experiment: Experiment) -> dict[str, Any]:
    """The ``chip`` of a summary."""
    chip = experiment.chip
    chips = math.prod(level.width * level.height for level in chip.noc.levels)
    return {"name": chip.name, "chips": chips, "cores": chip.noc.cores, "neurons_per_core": chip.core.neurons}


def peak_rss() -> int:
    """Peak memory of this process in bytes."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024


def peak_memory() -> int:
    """Peak memory in bytes of the program that runs now, or of a process that it has started and seen end, whichever is larger.

    The kernel's account of a process goes on from the program that started it; its status file begins anew with each program.
    """
    children = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss * 1024
    with suppress(OSError, ValueError, IndexError):
        for line in Path("/proc/self/status").read_text(encoding="ascii", errors="replace").splitlines():
            if line.startswith("VmHWM:"):
                return max(1024 * int(line.split()[1]), children)
    return max(peak_rss(), children)


@contextmanager
def timed(wall: dict[str, float], stage: str) -> Iterator[None]:
    """Note how many seconds the body took."""
    begin = time.perf_counter()
    yield
    wall[stage] = time.perf_counter() - begin
