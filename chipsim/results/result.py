"""A finished (or interrupted) run as users get it: one summary, flat tables, and what is needed to run it again."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from chipsim.config.experiment import Experiment
from chipsim.machine.snapshot import Snapshot
from chipsim.plan.inputs import Mapping
from chipsim.programs.nsn.image import Memory

Table = dict[str, Any]
"""Columns by name: numpy arrays or lists of equal length."""


@dataclass(frozen=True, slots=True)
class Result:
    """Outcome of ``chipsim.pipeline.simulate``.

    Attributes:
        experiment: what was run, names and paths resolved.
        summary: the object of ``summary.json``.
        tables: flat tables by name: ``cores``, ``links``, ``layers``, ``latency``, ``growth``, ``constants``, and as probes and kind of
            workload ask ``events``, ``spikes``, ``packets``.
        alerts: alerts that left through the host port, in order.
        memory: core memories at the end; of the golden model alone the network without places.
        mapping: where the loaded network lived; None for the golden model alone.
        snapshot: state to go on from where the run did not end by itself.
    """

    experiment: Experiment
    summary: dict[str, Any]
    tables: dict[str, Table]
    alerts: list[dict[str, Any]] = field(default_factory=list)
    memory: Memory | None = None
    mapping: Mapping | None = None
    snapshot: Snapshot | None = None
