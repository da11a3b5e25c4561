"""Event logs as a stimulus: chosen fields of each event, in a fixed order, at the event's time."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from chipsim.errors import WorkloadError
from chipsim.network import END_EPISODE, END_SEGMENT, Stimulus
from workloads.formats.reading import Reading

MAX_PAIRS = 8
"""Fields in one segment: a neuron holds at most 8 pairs, an event with more fields makes several neurons."""

MAX_VALUE = 4096
"""Longest value of a chosen field, characters: longer is not a symbol but a document."""

TIME_COLUMN = "time"
"""Column of ``Stimulus.extra`` with the time as the log writes it."""


@dataclass(frozen=True, slots=True)
class LogEvent:
    """One event of a log.

    Attributes:
        time: Event time, whole units of the source, never below that of the event before.
        fields: Value of each field that the event has.
        text_time: The time as the log writes it.
        line: Line of the file, from 1, where the event starts.
    """

    time: int
    fields: dict[str, str]
    text_time: str
    line: int


def log_stimulus(
    events: Iterable[LogEvent],
    fields: Sequence[str],
    only: Mapping[str, str | Sequence[str]],
    episode: int,
    max_gap: int | None,
    total: int | None,
    where: str = "log",
    unit: str = "second",
    reading: Reading | None = None,
) -> Stimulus:
    """Turn the events of a log into a stimulus.

    Args:
        events: What a reader yields; read no further than ``total`` asks for.
        fields: Fields of an event that become items, in this order, each once.
        only: Field -> the value or values that an event must have to count; empty for all events.
        episode: Events in an episode, at least 1.
        max_gap: An episode also ends before a gap above this, in units of event time; None for any gap.
        total: Events used; None for all.
        where: File, for messages.
        unit: Unit of event time, for people.
        reading: Where events that ``only`` leaves out are counted.

    Returns:
        One item per event and field: code = index into ``names`` (``field=value``, in order of first appearance; a field that
        an event does not have has the value ``""``). ``END_SEGMENT`` is on the last field of an event and on every eighth.
        ``extra`` holds per event the time as the log writes it and the value of each field.

    Raises:
        WorkloadError: unknown or repeated field, a value that is too long, no event left by ``only``, fewer events than
            ``total`` asks for.
    """
    fields = tuple(fields)
    wanted = {name: (value,) if isinstance(value, str) else tuple(value) for name, value in only.items()}
    _refuse_bad_fields(fields, where)
    index: dict[tuple[str, str], int] = {}  # by pair: the joined text of two pairs could be the same
    code: list[int] = []
    time: list[int] = []
    ends: list[bool] = []  # per event: it is the last of its episode
    extra: dict[str, list[str]] = {column: [] for column in (TIME_COLUMN, *map(_column, fields))}
    run = 0  # events in the open episode
    for event in _chosen(events, (*fields, *wanted), wanted, total, where, reading or Reading()):
        if run and (run == episode or (max_gap is not None and event.time - time[-1] > max_gap)):
            ends[-1] = True
            run = 0
        run += 1
        for name in fields:
            value = event.fields.get(name, "")
            if len(value) > MAX_VALUE:
                raise WorkloadError(
                    f"{where}:{event.line}: field {name!r} has {len(value):,} characters, at most {MAX_VALUE:,} are allowed; "
                    "choose another field in workload.fields"
                )
            code.append(index.setdefault((name, value), len(index)))
            extra[_column(name)].append(value)
        time.append(event.time)
        ends.append(False)
        extra[TIME_COLUMN].append(event.text_time)
    ends[-1:] = [True] * bool(ends)
    return _stimulus(code, time, ends, tuple(map("=".join, index)), fields, unit, extra)


def _stimulus(
    code: list[int],
    time: list[int],
    ends: list[bool],
    names: tuple[str, ...],
    fields: tuple[str, ...],
    unit: str,
    extra: dict[str, list[str]],
) -> Stimulus:
    """Arrays from what was collected: ``code`` per item, ``time`` and ``ends`` per event."""
    width = len(fields)
    segment = np.zeros(width, dtype=np.int64)
    segment[MAX_PAIRS - 1 :: MAX_PAIRS] = END_SEGMENT
    segment[-1] = END_SEGMENT
    flags = np.tile(segment, len(time))
    flags[width - 1 :: width] |= np.where(np.array(ends, dtype=np.bool_), END_EPISODE, 0)
    return Stimulus(
        code=np.array(code, dtype=np.int64),
        time=np.repeat(np.array(time, dtype=np.int64), width),
        flags=flags,
        event=np.repeat(np.arange(len(time), dtype=np.int64), width),
        names=names,
        fields=fields,
        unit=unit,
        extra=extra,
    )


def _chosen(
    events: Iterable[LogEvent],
    names: Sequence[str],
    wanted: Mapping[str, tuple[str, ...]],
    total: int | None,
    where: str,
    reading: Reading,
) -> Iterator[LogEvent]:
    """The first ``total`` events that have the wanted values; says what is there where that is not enough."""
    found: set[str] = set()
    values: dict[str, Counter[str]] = {name: Counter() for name in wanted}
    read = chosen = 0
    if total == 0:
        return
    for event in events:
        read += 1
        found.update(event.fields)
        for name in wanted:
            values[name][event.fields.get(name, "")] += 1
        if all(event.fields.get(name, "") in allowed for name, allowed in wanted.items()):
            chosen += 1
            yield event
            if chosen == total:
                break
        else:
            reading.left_out += 1
    unknown = [name for name in names if name not in found]
    if read and unknown:
        raise WorkloadError(
            f"{where}: no event has the field {_quoted(unknown)}; fields found: {_quoted(sorted(found)) or 'none'}; "
            "change workload.fields or workload.only"
        )
    if not read:
        raise WorkloadError(f"{where}: the log holds no event, at least one is needed; check workload.path and workload.format")
    if not chosen:
        seen = "; ".join(f"{name} is {_quoted(name for name, _ in counts.most_common(12))}" for name, counts in values.items())
        raise WorkloadError(f"{where}: none of the {read:,} events has what workload.only asks for; in this log {seen}")
    if total is not None and chosen < total:
        kept = " that workload.only lets through" if wanted else ""
        raise WorkloadError(
            f"{where}: the log has {chosen:,} events{kept}, workload.learned + workload.symbols ask for {total:,}; "
            f"set them so that their sum is at most {chosen}, or symbols: null for all"
        )


def _refuse_bad_fields(fields: Sequence[str], where: str) -> None:
    """Refuse no field, an unnamed field and a field named twice."""
    if not fields or "" in fields:
        raise WorkloadError(
            f"{where}: workload.fields must name at least one field, found {list(fields)}; example: [user, source]"
        )
    twice = [name for name, count in Counter(fields).items() if count > 1]
    if twice:
        raise WorkloadError(f"{where}: workload.fields names {_quoted(twice)} more than once; name each field once")


def _column(name: str) -> str:
    """Column of a field in ``extra``: its name, unless that is the column of the time."""
    return name if name != TIME_COLUMN else f"field.{name}"


def _quoted(names: Iterable[str]) -> str:
    """Names for a message, each cut to 60 characters, at most 24 of them."""
    shown = [repr(name if len(name) <= 60 else name[:57] + "...") for name in names]
    return ", ".join(shown[:24]) + (f" and {len(shown) - 24} more" if len(shown) > 24 else "")
