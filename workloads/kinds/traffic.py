"""Kind ``traffic``: packets that cores send at given times."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

from pydantic import Field

from chipsim.config.workload import WorkloadKind, WorkloadSpec

if TYPE_CHECKING:
    from chipsim.config.experiment import Experiment
    from chipsim.plan.plan import Ints


class TrafficWorkload(WorkloadSpec):
    """Packets that cores send at given times.

    Attributes:
        kind: ``traffic``: packets at given times, from a file.
        path: a NumPy archive (.npz) with time_ps, source, destination and, if not 1, flits; or the packets.parquet of a run.
    """

    kind: Literal["traffic"]
    path: Annotated[str, Field(min_length=1)]

    def input_path(self) -> Path:
        """The file."""
        return Path(self.path)


def _read(experiment: Experiment, memory_limit: int | None) -> Ints:
    """int64[packets, 4]: time ps, source core, destination core, flits."""
    from workloads.snn import load_traffic

    assert isinstance(experiment.workload, TrafficWorkload)
    return load_traffic(experiment.workload.input_path(), experiment.chip.noc.cores)


def _announce(workload: TrafficWorkload) -> str:
    return f"packets of {workload.path}"


def _contents(experiment: Experiment) -> str:
    return f"{len(_read(experiment, None)):,} packets"


TRAFFIC = WorkloadKind(model=TrafficWorkload, program="packets", read=_read, announce=_announce, contents=_contents)
