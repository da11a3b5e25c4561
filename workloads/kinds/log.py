"""Kind ``log``: the events of a log."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal, Self

from pydantic import BeforeValidator, Field, WithJsonSchema, model_validator

from chipsim.config.constant import FieldError
from chipsim.config.rate import LogRate, Rate
from chipsim.config.workload import Episodes, Replay, Say, Symbols, WorkloadKind
from chipsim.errors import UsageError, WorkloadError
from chipsim.network.field_columns import field_columns
from chipsim.registry import did_you_mean
from workloads.kinds.nsn import PROGRAM, NsnWorkload, Some, announce, described, learned_input, stored_episodes

if TYPE_CHECKING:
    from chipsim.config.experiment import Experiment
    from chipsim.network import Stimulus
    from chipsim.network.nsn_input import NsnInput
    from chipsim.network.rules import NsnRules
    from workloads.formats.log import LogEvent
    from workloads.formats.reading import Reading


def _as_values(value: Any) -> Any:
    """One value stands for a list of one."""
    return (value,) if isinstance(value, str) else value


Values = Annotated[
    tuple[str, ...],
    BeforeValidator(_as_values),
    Field(min_length=1),
    WithJsonSchema({"anyOf": [{"type": "string"}, {"type": "array", "items": {"type": "string"}, "minItems": 1}]}),
]


class LogWorkload(NsnWorkload):
    """Events of a log; layer 0 holds field values, layer 1 events.

    Attributes:
        kind: ``log``: the events of a log.
        format: ``sshd`` (raw syslog lines), ``csv`` (header row) or ``jsonl`` (one object per line).
        fields: the fields of an event that the network reads, in order.
        only: keeps the events whose fields have one of these values.
        symbols: events run on the chip after the learned ones; null for all.
        rate: events offered per second, ``saturate``, ``source`` (the log's own times) or ``source x 1000``.
        time: name of the time column (csv, jsonl).
        time_scale: whole units of event time per second of the time column.
        interval: ``log2`` (class of the gap) or ``exact``.
        interval_unit: gap that counts as one in ``log2``, in units of event time.
        alerts: what the host is told: ``none``, ``new`` or ``all``.
    """

    kind: Literal["log"]
    format: Literal["sshd", "csv", "jsonl"]
    fields: Annotated[tuple[Annotated[str, Field(min_length=1)], ...], Field(min_length=1, max_length=64)]
    only: Mapping[str, Values] = {}
    symbols: Some | None = None
    layers: Annotated[int, Field(strict=True, ge=1, le=12)] = 3
    rate: LogRate = Rate("source")
    time: Annotated[str, Field(min_length=1)] = "time"
    time_scale: Annotated[float, Field(strict=True, gt=0, le=1e12)] = 1.0
    interval: Literal["exact", "log2"] = "log2"
    interval_unit: Some = 1
    alerts: Literal["none", "new", "all"] = "new"

    @property
    def is_cut_by_data(self) -> bool:
        """An event is a segment."""
        return True

    def units_per_second(self) -> float:
        """Units of event time in a second."""
        return self.time_scale

    def _suffix(self) -> str:
        return ".log"

    @model_validator(mode="after")
    def _fields_once(self) -> Self:
        twice = sorted({name for name in self.fields if self.fields.count(name) > 1})
        if twice:
            raise FieldError(f"{', '.join(twice)} more than once; allowed: each field once", "fields")
        try:
            field_columns(self.fields)
        except WorkloadError as error:
            raise FieldError(str(error), "fields") from None
        return self


def read_stimulus(workload: LogWorkload) -> Stimulus:
    """The log of a workload as a stimulus.

    Raises:
        WorkloadError: it cannot be read as what the workload says it is, or holds too few events.
    """
    from workloads.formats.log import log_stimulus
    from workloads.formats.reading import Reading

    path = workload.input_path()
    reading = Reading()
    stimulus = log_stimulus(
        read_log(workload.format, path, workload.time, workload.time_scale, reading),
        workload.fields,
        workload.only,
        workload.episode,
        workload.max_gap,
        None if workload.symbols is None else workload.learned + workload.symbols,
        where=str(path),
        unit="second" if workload.time_scale == 1 else f"1/{workload.time_scale:g} second",
        reading=reading,
    )
    if workload.learned > stimulus.events:
        raise WorkloadError(
            f"{path}: the log has {stimulus.events:,} events for this workload, workload.learned asks for "
            f"{workload.learned:,}; set workload.learned to at most {stimulus.events}"
        )
    return replace(stimulus, reading=reading.summary())


def read_log(style: str, path: Path, time: str, time_scale: float, reading: Reading | None = None) -> Iterator[LogEvent]:
    """Events of a log file.

    Args:
        style: ``sshd``, ``csv`` or ``jsonl``.
        path: The file.
        time: Name of the time column or key; not used by ``sshd``.
        time_scale: Units of event time in a second.
        reading: Where what was not taken as it stands is counted.

    Raises:
        WorkloadError: the file is not what ``style`` says.
    """
    from workloads.formats.csvlog import read_csv
    from workloads.formats.jsonl import read_jsonl
    from workloads.formats.sshd import read_sshd

    if style == "sshd":
        return read_sshd(path, time_scale, reading)
    return {"csv": read_csv, "jsonl": read_jsonl}[style](path, time, time_scale, reading)


def rules(workload: LogWorkload) -> NsnRules:
    """How the network reads it."""
    from chipsim.network.rules import EXACT, LOG2, event_rules

    interval = EXACT if workload.interval == "exact" else LOG2
    return described(event_rules(workload.layers, interval, workload.interval_unit, workload.max_gap or 0), workload)


def _read(experiment: Experiment, memory_limit: int | None) -> NsnInput:
    workload = experiment.workload
    assert isinstance(workload, LogWorkload)
    return learned_input(workload, read_stimulus(workload), rules(workload))


def _contents(experiment: Experiment) -> str:
    assert isinstance(experiment.workload, LogWorkload)
    return f"{read_stimulus(experiment.workload).events:,} events"


def _episodes(workload: LogWorkload, folder: Path, episode: int | None) -> Episodes:
    return stored_episodes(folder, lambda _: rules(workload), episode)


def told(workload: LogWorkload, folder: Path, items: list[tuple[int, int]], first: int, say: Say) -> str:
    """Lines of event time and field values, the first one from where its event is entered; values by the names that the run has kept,
    else by their codes.

    The log itself is not read: it may be another one by now.
    """
    name = partial(_named, _names(folder, say))
    width = len(workload.fields)
    lines = []
    for start in range(-(first % width), len(items), width):
        event = items[max(start, 0) : start + width]
        lines.append("\t".join([str(event[0][1]), *(name(code) for code, _ in event)]) + "\n")
    return "".join(lines)


def symbols(workload: LogWorkload, folder: Path, say: Say) -> Symbols:
    """Field values such as ``user=root``, apart by blanks; by their codes where the run's names are gone."""
    names = _names(folder, say)
    name = partial(_named, names)
    return Symbols(partial(_codes, names, folder), name, lambda codes: repr(" ".join(map(name, codes))))


def _named(names: tuple[str, ...], code: int) -> str:
    return names[code] if code < len(names) else str(code)


def _codes(names: tuple[str, ...], folder: Path, text: str) -> list[int]:
    """Codes of field values apart by blanks; a value may have blanks itself, so the longest one that stands there is meant."""
    known = {name: code for code, name in enumerate(names)}
    longest = max(map(len, known), default=0)
    found, rest = list[int](), text.lstrip()
    while rest:
        ends = (end for end in range(min(longest, len(rest)), 0, -1) if rest[end : end + 1].strip() == "")
        end = next((end for end in ends if rest[:end] in known), 0)
        word = rest[:end] or rest.split(maxsplit=1)[0]
        if not end and not (word.isdecimal() and not names):
            such = f"such as {names[0]}" if names else "whole numbers"
            raise UsageError(
                f"{folder}: no event that the run saw has {word!r}{did_you_mean(word, known)}; allowed: field values apart by blanks as "
                f"chipsim replay prints them, {such}"
            )
        found.append(known[word] if end else int(word))
        rest = rest[len(word) :].lstrip()
    return found


def _names(folder: Path, say: Say) -> tuple[str, ...]:
    """What the codes of a log stand for; that list is the host's, no core has it."""
    from chipsim.network.names import load_names

    try:
        return load_names(folder)
    except WorkloadError as error:
        say(f"field values are shown as their codes: {error}")
        return ()


LOG = WorkloadKind(
    model=LogWorkload,
    program=PROGRAM,
    read=_read,
    announce=announce,
    contents=_contents,
    replay=Replay(_episodes, told, symbols),
)
