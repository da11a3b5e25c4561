"""Quantities as text with a unit: the only place that converts.

A configuration writes ``"4.1 ns"``, ``"23.6 pJ"``, ``"2 mW"``, ``"5 kHz"``, ``"32 KiB"``; inside, time is a whole number of
picoseconds, energy picojoules, power milliwatts, frequency hertz and memory bits. Decimal arithmetic, so that ``"4.1 ns"`` is
4100 ps and not 4099.9999. A bare number is refused: whoever reads ``5`` cannot know whether it means ns or cycles.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from decimal import Decimal
from types import MappingProxyType
from typing import Final

from chipsim.errors import ConfigError

PS_PER_S: Final = 10**12
"""Picoseconds in a second."""

INT64_MAX: Final = 2**63 - 1
"""Largest time, in ps, that an engine can hold: 106 days."""

TIME_UNITS: Final[Mapping[str, Decimal]] = MappingProxyType(
    {"ps": Decimal(1), "ns": Decimal(10**3), "us": Decimal(10**6), "ms": Decimal(10**9), "s": Decimal(10**12)}
)
ENERGY_UNITS: Final[Mapping[str, Decimal]] = MappingProxyType(
    {
        "fJ": Decimal("0.001"),
        "pJ": Decimal(1),
        "nJ": Decimal(10**3),
        "uJ": Decimal(10**6),
        "mJ": Decimal(10**9),
        "J": Decimal(10**12),
    }
)
POWER_UNITS: Final[Mapping[str, Decimal]] = MappingProxyType(
    {"nW": Decimal("0.000001"), "uW": Decimal("0.001"), "mW": Decimal(1), "W": Decimal(1000), "kW": Decimal(10**6)}
)
FREQUENCY_UNITS: Final[Mapping[str, Decimal]] = MappingProxyType(
    {"Hz": Decimal(1), "kHz": Decimal(10**3), "MHz": Decimal(10**6), "GHz": Decimal(10**9)}
)
MEMORY_UNITS: Final[Mapping[str, Decimal]] = MappingProxyType(
    {"bit": Decimal(1), "B": Decimal(8), "KiB": Decimal(8 * 1024), "MiB": Decimal(8 * 1024**2), "GiB": Decimal(8 * 1024**3)}
)

QUANTITY_PATTERN: Final = r"[-+]?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][-+]?[0-9]{1,3})?"
"""The number in front of a unit, as a regular expression (also used by the JSON Schemas)."""

_QUANTITY = re.compile(rf"\s*({QUANTITY_PATTERN})\s*([^\s0-9]*)\s*", re.ASCII)
_LONGEST = 64  # characters; no honest quantity is longer, and Decimal arithmetic stays cheap
_SEPARATED = re.compile(r"\s*[-+]?\d+([,_' ]\d+)+(\.\d*)?\s*([^\d\s,_']\S*)?\s*$", re.ASCII)
_SIGNIFICANT = 28  # digits; decimal's default context rounds silently beyond them


def parse_time_ps(text: object) -> int:
    """Picoseconds of a time such as ``"4.1 ns"``; may be zero or negative, the caller's rule decides.

    Raises:
        ConfigError: not text, no or unknown unit, not a whole number of ps, or beyond int64 ps.
    """
    return _whole(text, TIME_UNITS, "time", "4.1 ns", "ps", INT64_MAX, "106 days, the longest run")


def parse_energy_pj(text: object) -> float:
    """Picojoules of an energy such as ``"23.6 pJ"``. Raises ConfigError like `parse_time_ps`."""
    return float(_quantity(text, ENERGY_UNITS, "energy", "23.6 pJ"))


def parse_power_mw(text: object) -> float:
    """Milliwatts of a power such as ``"0.82 mW"``. Raises ConfigError like `parse_time_ps`."""
    return float(_quantity(text, POWER_UNITS, "power", "0.82 mW"))


def parse_frequency_hz(text: object) -> float:
    """Hertz of a rate such as ``"5 kHz"``. Raises ConfigError like `parse_time_ps`."""
    return float(_quantity(text, FREQUENCY_UNITS, "rate", "5 kHz"))


def parse_memory_bits(text: object) -> int:
    """Bits of a memory size such as ``"32 KiB"`` or ``"262144 bit"``. Raises ConfigError like `parse_time_ps`."""
    return _whole(text, MEMORY_UNITS, "memory size", "32 KiB", "bit", INT64_MAX, "2^63 - 1 bit")


def format_time(ps: int) -> str:
    """Text of a time in the largest unit in which it needs no more than three decimals; exact."""
    for unit in ("s", "ms", "us", "ns"):
        size = int(TIME_UNITS[unit])
        if abs(ps) >= size and ps * 1000 % size == 0:
            return f"{_plain(Decimal(ps) / size)} {unit}"
    return f"{ps} ps"


def format_energy(pj: float) -> str:
    """Text of an energy; parsing it gives the same float."""
    return f"{_plain(Decimal(repr(pj)))} pJ"


def format_power(mw: float) -> str:
    """Text of a power; parsing it gives the same float."""
    return f"{_plain(Decimal(repr(mw)))} mW"


def format_frequency(hz: float) -> str:
    """Text of a rate in the largest unit of which it is at least one; parsing it gives the same float."""
    value = Decimal(repr(hz))
    unit = next((unit for unit in ("GHz", "MHz", "kHz") if value >= FREQUENCY_UNITS[unit]), "Hz")
    return f"{_plain(value / FREQUENCY_UNITS[unit])} {unit}"


def format_memory(bits: int) -> str:
    """Text of a memory size in the largest unit that divides it."""
    for unit in ("GiB", "MiB", "KiB", "B"):
        if bits and bits % int(MEMORY_UNITS[unit]) == 0:
            return f"{bits // int(MEMORY_UNITS[unit])} {unit}"
    return f"{bits} bit"


def _quantity(text: object, units: Mapping[str, Decimal], what: str, example: str) -> Decimal:
    """The number in base units. Raises ConfigError with the allowed units."""
    allowed = f'allowed: text with a unit of {", ".join(units)}, for example "{example}"'
    if isinstance(text, (bool, int, float)):
        shown = f"{text!r}" if len(repr(text)) <= _LONGEST else "a number"
        raise ConfigError(f"{shown} has no unit, and a {what} needs one; {allowed}")
    if not isinstance(text, str):
        raise ConfigError(f"found {_kind(text)}, not a {what}; {allowed}")
    found = _QUANTITY.fullmatch(text) if len(text) <= _LONGEST else None
    if found is None:
        raise ConfigError(f"{_short(text)} is not a {what}{number_hint(text)}; {allowed}")
    number, unit = found.groups()
    unit = unit.replace("µ", "u").replace("μ", "u")
    if not unit:
        raise ConfigError(f"{_short(text)} has no unit; {allowed}")
    if unit not in units:
        wanted = {unit.lower(), f"{unit[:-1]}ib".lower()}
        close = [known for known in units if known.lower() in wanted]
        hint = f" (did you mean {close[0]!r}?)" if len(close) == 1 else ""
        raise ConfigError(f"{_short(text)}: {unit!r} is not a unit of {what}{hint}; {allowed}")
    value = Decimal(number)
    if value and (value.adjusted() > 40 or value.adjusted() < -40 or len(value.as_tuple().digits) > _SIGNIFICANT):
        raise ConfigError(f"{_short(text)} is out of range or has more than {_SIGNIFICANT} digits; {allowed}")
    return value * units[unit]


def _whole(text: object, units: Mapping[str, Decimal], what: str, example: str, base: str, top: int, top_text: str) -> int:
    """Like `_quantity`, for what must be a whole number of the base unit within +-``top``."""
    value = _quantity(text, units, what, example)
    if value != value.to_integral_value():
        raise ConfigError(f'{text!r} is not a whole number of {base}; allowed: multiples of 1 {base}, for example "{example}"')
    if abs(value) > top:
        raise ConfigError(f"{text!r} is too large; allowed: up to {top} {base} ({top_text})")
    return int(value)


def number_hint(text: str) -> str:
    """What to say where a text would be a number if it had a decimal point and no separators; empty elsewhere."""
    if not _SEPARATED.match(text):
        return ""
    return " (write a decimal point and no separators: 5.5, 1024)"


def _plain(value: Decimal) -> str:
    """Shortest decimal text of a number, without trailing zeros; exponents only where they are needed."""
    value = value.normalize()
    return format(value, "f") if -6 <= value.adjusted() <= 15 else format(value, "E").replace("E+", "e").replace("E", "e")


def _short(text: str) -> str:
    return repr(text if len(text) <= _LONGEST else text[: _LONGEST - 3] + "...")


def _kind(value: object) -> str:
    names = {type(None): "nothing (null)", dict: "a mapping", list: "a list", tuple: "a list"}
    return names.get(type(value), type(value).__name__)
