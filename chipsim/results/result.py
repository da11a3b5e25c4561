"""A finished (or interrupted) run as users get it: one summary, flat tables, and what is needed to run it again."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from chipsim.config.experiment import Experiment
from chipsim.lookup import Columns
from chipsim.machine.snapshot import Snapshot
from chipsim.plan.inputs import Mapping
from chipsim.programs.base import Files


@dataclass(frozen=True, slots=True)
class Result:
    """Outcome of ``chipsim.pipeline.simulate``.

    Attributes:
        experiment: what was run, names and paths resolved.
        summary: the object of ``summary.json``.
        tables: flat tables by name: ``cores``, ``links``, ``routers``, ``energy``, ``constants``, as probes ask ``packets`` and ``flows``,
            and those of the program that ran.
        alerts: alerts that left through the host port, in order; None where the host is told of nothing.
        files: further files of the run folder, such as core memories at the end.
        mapping: where the loaded network lived; None where nothing was mapped.
        snapshot: state to go on from where the run did not end by itself.
    """

    experiment: Experiment
    summary: dict[str, Any]
    tables: dict[str, Columns]
    alerts: list[dict[str, Any]] | None = None
    files: Files = field(default_factory=dict)
    mapping: Mapping | None = None
    snapshot: Snapshot | None = None
