"""Quantities and constants: a value, how well it is known, and where it comes from."""

from __future__ import annotations

from typing import Annotated, Any, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, PlainSerializer, PlainValidator, WithJsonSchema, model_validator

from chipsim import units
from chipsim.errors import ConfigError

Grade = Literal["published", "measured", "derived", "assumed", "unknown"]

SET_BY_USER = "set by the user"
"""Source of a constant that was given as bare text."""


class FieldError(ConfigError):
    """A rule between fields is broken; ``key`` is the key path to point at, relative to the model that found it."""

    def __init__(self, message: str, *key: str | int) -> None:
        super().__init__(message)
        self.key = key


class Spec(BaseModel):
    """Base of every description: frozen, and an unknown key is an error."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False, validate_default=False, protected_namespaces=())


def _quantity_schema(allowed: tuple[str, ...], example: str) -> WithJsonSchema:
    """JSON Schema of a quantity: text with one of the units."""
    pattern = rf"^\s*{units.QUANTITY_PATTERN}\s*({'|'.join(allowed)})\s*$"
    return WithJsonSchema({"type": "string", "pattern": pattern, "examples": [example]})


def _parse_delay(text: object) -> int:
    """Time of at least 1 ps: what one component does to another takes time, else an instant would have no order."""
    ps = units.parse_time_ps(text)
    if ps == 0:
        raise ConfigError(f"{text!r} is a delay of 0 between components, which no engine could order; allowed: at least 1 ps")
    if ps < 0:
        raise ConfigError(f"{text!r} is negative; allowed: at least 1 ps")
    return ps


def _parse_moment(text: object) -> int:
    """Time of at least 0."""
    ps = units.parse_time_ps(text)
    if ps < 0:
        raise ConfigError(f"{text!r} is negative; allowed: 0 ps or later")
    return ps


def _parse_energy(text: object) -> float:
    pj = units.parse_energy_pj(text)
    if not 0 <= pj <= 1e12:
        raise ConfigError(f"{text!r} is out of range; allowed: 0 pJ to 1 J")
    return pj


def _parse_power(text: object) -> float:
    mw = units.parse_power_mw(text)
    if not 0 <= mw <= 1e9:
        raise ConfigError(f"{text!r} is out of range; allowed: 0 mW to 1000 kW")
    return mw


def _parse_memory(text: object) -> int:
    bits = units.parse_memory_bits(text)
    if not 1 <= bits <= 2**40:
        raise ConfigError(f"{text!r} is out of range; allowed: 1 bit to 128 GiB")
    return bits


_TIME_SCHEMA = _quantity_schema((*units.TIME_UNITS, "µs", "μs"), "4.1 ns")

Delay = Annotated[int, PlainValidator(_parse_delay), PlainSerializer(units.format_time, return_type=str), _TIME_SCHEMA]
"""Time in ps, at least 1."""
Moment = Annotated[int, PlainValidator(_parse_moment), PlainSerializer(units.format_time, return_type=str), _TIME_SCHEMA]
"""Time in ps, at least 0."""
Energy = Annotated[
    float,
    PlainValidator(_parse_energy),
    PlainSerializer(units.format_energy, return_type=str),
    _quantity_schema((*units.ENERGY_UNITS, "µJ", "μJ"), "23.6 pJ"),
]
"""Energy in pJ, at least 0."""
Power = Annotated[
    float,
    PlainValidator(_parse_power),
    PlainSerializer(units.format_power, return_type=str),
    _quantity_schema((*units.POWER_UNITS, "µW", "μW"), "0.82 mW"),
]
"""Power in mW, at least 0."""
Memory = Annotated[
    int,
    PlainValidator(_parse_memory),
    PlainSerializer(units.format_memory, return_type=str),
    _quantity_schema(tuple(units.MEMORY_UNITS), "32 KiB"),
]
"""Memory size in bits, at least 1."""


class Constant(Spec):
    """How well a constant is known: the fields that time, energy and power constants share.

    Attributes:
        value: the constant, null when it is unknown.
        grade: ``published`` (paper or vendor), ``measured`` (on silicon, by us or others), ``derived`` (arithmetic from these),
            ``assumed`` (a plausible stand-in, see ``proxy``) or ``unknown`` (no value; a run that needs it is refused).
        source: where the value comes from.
        proxy: whose constant stands in for an unpublished one.
        range: lowest and highest plausible value.
        range_source: where both ends of the range are published; null: the range is a factor about the value and no figure.
    """

    value: float | None = None
    grade: Grade
    source: Annotated[str, Field(min_length=1)]
    proxy: Annotated[str, Field(min_length=1)] | None = None
    range: tuple[float, float] | None = None
    range_source: Annotated[str, Field(min_length=1)] | None = None

    @model_validator(mode="before")
    @classmethod
    def _bare_text(cls, data: Any) -> Any:
        """A bare quantity, or a mapping with nothing but a value, is the user's own assumption; null is unknown."""
        if data is None:
            return {"value": None, "grade": "unknown", "source": SET_BY_USER}
        if isinstance(data, (str, int, float)):
            return {"value": data, "grade": "assumed", "source": SET_BY_USER}
        if isinstance(data, dict) and "value" in data and not {"grade", "source"} & data.keys() and data["value"] is not None:
            return {"grade": "assumed", "source": SET_BY_USER} | data
        return data

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        if (self.value is None) != (self.grade == "unknown"):
            raise FieldError("grade unknown goes with value null, and only with it; allowed: both or neither", "value")
        if self.range is not None:
            low, high = self.range
            if low > high or (self.value is not None and not low <= self.value <= high):
                raise FieldError("the value lies outside its range; allowed: [low, high] with low <= value <= high", "range")
        elif self.range_source is not None:
            raise FieldError("the source of a range that is not given; allowed: together with range", "range_source")
        return self


LONGEST_PS = 10**12
"""A second. No operation counts 2^22 actions, so that none lasts beyond 2^62 ps, and times of a run stay within int64 ps."""


class TimeConstant(Constant):
    """A duration (ps), at most `LONGEST_PS`."""

    value: Delay | None = None
    range: tuple[Delay, Delay] | None = None

    @model_validator(mode="after")
    def _not_too_long(self) -> Self:
        if self.value is not None and self.value > LONGEST_PS:
            raise FieldError(f"{units.format_time(int(self.value))!r} is out of range; allowed: up to 1 s", "value")
        return self


class ActionTime(TimeConstant):
    """The duration of one action of a core (ps); it may be 0, since an operation as a whole takes at least 1 ps."""

    value: Moment | None = None
    range: tuple[Moment, Moment] | None = None


class EnergyConstant(Constant):
    """Energy per action (pJ)."""

    value: Energy | None = None
    range: tuple[Energy, Energy] | None = None


class PowerConstant(Constant):
    """Power per component (mW)."""

    value: Power | None = None
    range: tuple[Power, Power] | None = None
