"""An importer in one file: a kind of workload that reads packets from a text, for a program that ships."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

import numpy as np
import numpy.typing as npt
from pydantic import Field

from chipsim.config.constant import Delay
from chipsim.config.experiment import Experiment
from chipsim.config.workload import WorkloadKind, WorkloadSpec
from chipsim.errors import WorkloadError

Ints = npt.NDArray[np.int64]


class TraceWorkload(WorkloadSpec):
    """Packets of a trace: a text with one per line, `cycle source destination flits`; what follows a # is a remark.

    Attributes:
        kind: ``trace``.
        path: the text.
        cycle: how long a cycle is.
    """

    kind: Literal["trace"]
    path: Annotated[str, Field(min_length=1)]
    cycle: Delay

    def input_path(self) -> Path:
        """The file; an experiment's paths are resolved by this."""
        return Path(self.path)


def read(experiment: Experiment, memory_limit: int | None) -> Ints:
    """int64[packets, 4]: time ps, source core, destination core, flits, by time.

    Raises:
        WorkloadError: it cannot be read; names the line.
    """
    workload = experiment.workload
    assert isinstance(workload, TraceWorkload)
    try:
        lines = workload.input_path().read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise WorkloadError(f"{workload.path}: cannot be read: {error}; name a text") from error
    rows = []
    for number, line in enumerate(lines, 1):
        words = line.partition("#")[0].split()
        if words:
            rows.append(_packet(words, f"{workload.path}:{number}", experiment.chip.noc.cores))
    packets = np.array(rows, np.int64).reshape(-1, 4)
    packets[:, 0] *= workload.cycle
    found: Ints = packets[np.argsort(packets[:, 0], kind="stable")]
    return found


def _packet(words: list[str], where: str, cores: int) -> tuple[int, ...]:
    if len(words) != 4 or not all(word.isdecimal() for word in words):
        raise WorkloadError(
            f"{where}: found {' '.join(words)!r}; allowed: four whole numbers, cycle source destination flits"
        )
    cycle, source, target, flits = map(int, words)
    if max(source, target) >= cores or not 1 <= flits < 2**15 or cycle >= 2**40:
        raise WorkloadError(
            f"{where}: found {' '.join(words)!r}; allowed: cores below {cores}, flits from 1, cycles below 2^40"
        )
    return cycle, source, target, flits


TRACE = WorkloadKind(
    model=TraceWorkload,
    program="packets",
    read=read,
    announce=lambda workload: f"packets of {workload.path}",
    contents=lambda experiment: f"{len(read(experiment, None)):,} packets",
)
