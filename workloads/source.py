"""From the description of a workload to its stimulus."""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path

from chipsim.config.workload import GeneratedWorkload, LogWorkload, TextWorkload
from chipsim.errors import WorkloadError
from chipsim.network import NsnState, Stimulus
from workloads.formats.csvlog import read_csv
from workloads.formats.jsonl import read_jsonl
from workloads.formats.log import LogEvent, log_stimulus
from workloads.formats.sshd import read_sshd
from workloads.formats.text import read_text, text_stimulus
from workloads.nsn.calibrate import Calibration, learn_and_measure
from workloads.nsn.generate import generate_network
from workloads.nsn.stream import make_stream

_MEASURED = 400_000
"""Characters of a text that are learned to be measured, at most: some ten seconds."""


def build_stimulus(workload: TextWorkload | LogWorkload) -> tuple[Stimulus, int]:
    """Read the input of a workload.

    Args:
        workload: What to read; ``learned`` events and then ``symbols`` events of it are used.

    Returns:
        The stimulus, and how many of its items (not events) belong to the learned events.

    Raises:
        WorkloadError: the input cannot be read as what the workload says it is, or holds too few events.
    """
    if isinstance(workload, TextWorkload):
        path = workload.input_path()
        stimulus = text_stimulus(read_text(path), workload.learned + workload.symbols, workload.episode, str(path))
    else:
        stimulus = _log(workload)
    return stimulus, stimulus.item_of_event(workload.learned)


def build_generated(workload: GeneratedWorkload) -> tuple[NsnState, Stimulus]:
    """Generate the network and the input of a workload.

    Args:
        workload: which text is learned and measured, how large the network is, and how much of it is read.

    Raises:
        WorkloadError: the text cannot be read or is too short to be measured.
    """
    calibration = _calibration(read_text(workload.input_path()), workload.layers, workload.episode)
    state, lattice = generate_network(calibration, workload.neurons, workload.seed)
    return state, make_stream(state, lattice, workload.symbols, workload.novelty, workload.seed)


@lru_cache(maxsize=1)
def _calibration(text: str, layers: int, episode: int) -> Calibration:
    """Statistics of a text, learned once for all sizes that are made of it."""
    return learn_and_measure(text_stimulus(text, min(len(text), _MEASURED), episode, "text"), layers)


def _log(workload: LogWorkload) -> Stimulus:
    path = workload.input_path()
    stimulus = log_stimulus(
        read_log(workload.format, path, workload.time, workload.time_scale),
        workload.fields,
        workload.only,
        workload.episode,
        workload.max_gap,
        None if workload.symbols is None else workload.learned + workload.symbols,
        where=str(path),
        unit="second" if workload.time_scale == 1 else f"1/{workload.time_scale:g} second",
    )
    if workload.learned > stimulus.events:
        raise WorkloadError(
            f"{path}: the log has {stimulus.events:,} events for this workload, workload.learned asks for "
            f"{workload.learned:,}; set workload.learned to at most {stimulus.events}"
        )
    return stimulus


def read_log(kind: str, path: Path, time: str, time_scale: float) -> Iterator[LogEvent]:
    """Events of a log file.

    Args:
        kind: ``sshd``, ``csv`` or ``jsonl``.
        path: The file.
        time: Name of the time column or key; not used by ``sshd``.
        time_scale: Units of event time in a second.

    Raises:
        WorkloadError: the file is not what ``kind`` says.
    """
    if kind == "sshd":
        return read_sshd(path, time_scale)
    return {"csv": read_csv, "jsonl": read_jsonl}[kind](path, time, time_scale)
