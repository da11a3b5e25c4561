"""What runs: a text or an event log that a neurosemantic network reads; with `given`, every kind of workload."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Annotated, Any, Literal, Self

from pydantic import BeforeValidator, Field, PlainSerializer, PlainValidator, WithJsonSchema, model_validator

from chipsim import units
from chipsim.config import catalogue
from chipsim.config.constant import FieldError, Spec
from chipsim.config.given import ArraysWorkload, SyntheticWorkload, TrafficWorkload
from chipsim.errors import ConfigError

MAX_EPISODE = 4096
"""Longest episode in events: 4k with k = 1024 (requirements IN8, IN9)."""


@dataclass(frozen=True, slots=True)
class Rate:
    """How fast events are offered to the chip.

    Attributes:
        mode: ``fixed`` (``hz`` events per second), ``saturate`` (the next when the chip has taken the last) or ``source`` (the
            log's own times, ``speedup`` times as fast).
        hz: events per second, None unless fixed.
        speedup: 1.0 unless mode is ``source``.
    """

    mode: Literal["fixed", "saturate", "source"]
    hz: float | None = None
    speedup: float = 1.0

    @property
    def period_ps(self) -> int | None:
        """Time between two offers in ps, rounded to the nearest ps (half to even), at least 1; None unless fixed."""
        if self.hz is None:
            return None
        return max(1, int((units.PS_PER_S / Decimal(repr(self.hz))).to_integral_value()))

    def __str__(self) -> str:
        if self.hz is not None:
            return units.format_frequency(self.hz)
        return self.mode if self.speedup == 1.0 else f"{self.mode} x {self.speedup!r}"


_SOURCE_RATE = re.compile(r"source(?:\s*x\s*([0-9]{1,9}(?:\.[0-9]{1,9})?))?", re.ASCII)
_LOWEST_HZ, _HIGHEST_HZ = 1e-6, 1e12


def _parse_rate(text: object) -> Rate:
    if text == "saturate":
        return Rate("saturate")
    try:
        hz = units.parse_frequency_hz(text)
    except ConfigError as error:
        raise ConfigError(f'{error}, or "saturate"') from None
    if not _LOWEST_HZ <= hz <= _HIGHEST_HZ:
        raise ConfigError(f'{text!r} is out of range; allowed: 0.000001 Hz to 1000 GHz, or "saturate"')
    return Rate("fixed", hz)


def _parse_log_rate(text: object) -> Rate:
    found = _SOURCE_RATE.fullmatch(text) if isinstance(text, str) else None
    if found is None:
        return _parse_rate(text)
    speedup = float(found.group(1) or 1)
    if speedup <= 0:
        raise ConfigError(f'{text!r} would never offer an event; allowed: "source x 1000" and the like, above 0')
    return Rate("source", None, speedup)


def _rate_schema(words: str) -> WithJsonSchema:
    """JSON Schema of a rate: a frequency or one of some words."""
    frequency = rf"{units.QUANTITY_PATTERN}\s*({'|'.join(units.FREQUENCY_UNITS)})"
    return WithJsonSchema({"type": "string", "pattern": rf"^\s*({frequency}|{words})\s*$", "examples": ["5 kHz", "saturate"]})


TextRate = Annotated[Rate, PlainValidator(_parse_rate), PlainSerializer(str, return_type=str), _rate_schema("saturate")]
LogRate = Annotated[
    Rate,
    PlainValidator(_parse_log_rate),
    PlainSerializer(str, return_type=str),
    _rate_schema(r"saturate|source(\s*x\s*[0-9.]+)?"),
]


def _as_values(value: Any) -> Any:
    """One value stands for a list of one."""
    return (value,) if isinstance(value, str) else value


Values = Annotated[
    tuple[str, ...],
    BeforeValidator(_as_values),
    Field(min_length=1),
    WithJsonSchema({"anyOf": [{"type": "string"}, {"type": "array", "items": {"type": "string"}, "minItems": 1}]}),
]

Count = Annotated[int, Field(strict=True, ge=0, le=2**40)]
Some = Annotated[int, Field(strict=True, ge=1, le=2**40)]


class NsnWorkload(Spec):
    """What texts and logs have in common: the input and the shape of the network that reads it.

    Attributes:
        source: name of a shipped text or log.
        path: the user's own file; exactly one of ``source`` and ``path`` is given.
        learned: events learned in software before the chip starts; they are mapped and loaded.
        layers: pattern layers above layer 0.
        episode: events per episode.
        match: ``associative`` (every holder of an id is touched) or ``keyed`` (a distributed walk touches what can extend).
        wta_arity: children per node of the tree that combines answers.
        max_gap: event time, in units of the source, above which a segment is cut; null for never.
    """

    source: Annotated[str, Field(min_length=1)] | None = None
    path: Annotated[str, Field(min_length=1)] | None = None
    learned: Count = 0
    layers: Annotated[int, Field(strict=True, ge=1, le=12)] = 8
    episode: Annotated[int, Field(strict=True, ge=1, le=MAX_EPISODE)] = 512
    match: Literal["associative", "keyed"] = "associative"
    wta_arity: Annotated[int, Field(strict=True, ge=2, le=64)] = 2
    max_gap: Some | None = None

    @model_validator(mode="after")
    def _one_input(self) -> Self:
        if (self.source is None) == (self.path is None):
            found = "neither" if self.source is None else "both"
            raise FieldError(
                f"{found} of source and path given; allowed: exactly one, source with a shipped name"
                f" ({', '.join(catalogue.sources(self._suffix()))}) or path with a file of yours",
                "path",
            )
        if self.source is not None:
            try:
                catalogue.source_path(self.source, self._suffix())
            except ConfigError as error:
                raise FieldError(str(error), "source") from None
        return self

    def _suffix(self) -> str:
        """Suffix of the shipped files that this kind of workload reads."""
        return ".txt"

    def input_path(self) -> Path:
        """The file to read, shipped or the user's own."""
        return catalogue.source_path(self.source, self._suffix()) if self.source is not None else Path(self.path or "")


class TextWorkload(NsnWorkload):
    """Characters of a text; one event each.

    Attributes:
        kind: ``text``.
        symbols: characters run on the chip, after the learned ones.
        rate: events offered per second, or ``saturate``.
        interval: ``exact`` (the gap itself) or ``log2`` (its class).
        alerts: what the host is told: ``none``, ``new`` (a neuron grew) or ``all``.
    """

    kind: Literal["text"]
    symbols: Some
    rate: TextRate = Rate("fixed", 5000.0)
    interval: Literal["exact", "log2"] = "exact"
    alerts: Literal["none", "new", "all"] = "none"


class LogWorkload(NsnWorkload):
    """Events of a log; layer 0 holds field values, layer 1 events.

    Attributes:
        kind: ``log``.
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

    def _suffix(self) -> str:
        return ".log"

    @model_validator(mode="after")
    def _fields_once(self) -> Self:
        twice = sorted({name for name in self.fields if self.fields.count(name) > 1})
        if twice:
            raise FieldError(f"{', '.join(twice)} more than once; allowed: each field once", "fields")
        return self


class GeneratedWorkload(NsnWorkload):
    """A network of any size with the statistics of one that learned a text, and input made of what it stores.

    Attributes:
        kind: ``generated``.
        source, path: the text that is learned and measured.
        neurons: neurons that are stored, on all layers together.
        symbols: characters run on the chip, at least so many; 0 for a network that rests.
        novelty: share of them in episodes that are not stored.
        seed: of network and input.
        layers: pattern layers of the model that learns the text; the network has those of them that store anything.
        learned: nothing else is learned.
        rate: events offered per second, or ``saturate``.
        interval: ``exact``, for vectors are made with the gaps themselves.
        alerts: what the host is told: ``none``, ``new`` (a neuron grew) or ``all``.
    """

    kind: Literal["generated"]
    neurons: Annotated[int, Field(strict=True, ge=500, le=4_000_000)]
    symbols: Count = 6000
    novelty: Annotated[float, Field(strict=True, ge=0, le=0.9)] = 0.1
    seed: Annotated[int, Field(strict=True, ge=0, le=2**63 - 1)] = 1
    learned: Annotated[int, Field(strict=True, ge=0, le=0)] = 0
    rate: TextRate = Rate("fixed", 5000.0)
    interval: Literal["exact"] = "exact"
    alerts: Literal["none", "new", "all"] = "none"


Workload = Annotated[
    TextWorkload | LogWorkload | GeneratedWorkload | ArraysWorkload | TrafficWorkload | SyntheticWorkload,
    Field(discriminator="kind"),
]
"""A workload of any kind, told apart by ``kind``."""
