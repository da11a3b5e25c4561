"""How fast events are offered to a chip: so many per second, as fast as it takes them, or as a log has them."""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import Decimal
from typing import Annotated, Literal

from pydantic import PlainSerializer, PlainValidator, WithJsonSchema

from chipsim import units
from chipsim.errors import ConfigError


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
