"""Quantities: exact, with units, and never guessed."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chipsim import units
from chipsim.errors import ConfigError


@pytest.mark.parametrize(
    ("text", "ps"),
    [("4.1 ns", 4100), ("1ps", 1), ("0.001 ns", 1), ("2 us", 2_000_000), ("2 µs", 2_000_000), ("2 μs", 2_000_000),
     ("1e-12 s", 1), ("10 ms", 10**10), (" 1.5e3 ns ", 1_500_000), ("9223372.036854775807 s", 2**63 - 1), ("-1 ns", -1000)],
)  # fmt: skip
def test_times_are_whole_picoseconds(text: str, ps: int) -> None:
    assert units.parse_time_ps(text) == ps


def test_other_quantities_come_in_their_base_unit() -> None:
    assert units.parse_energy_pj("23.6 pJ") == 23.6
    assert units.parse_energy_pj("47 fJ") == 0.047
    assert units.parse_energy_pj("2 nJ") == 2000.0
    assert units.parse_power_mw("0.82 mW") == 0.82
    assert units.parse_power_mw("4 W") == 4000.0
    assert units.parse_frequency_hz("5 kHz") == 5000.0
    assert units.parse_memory_bits("32 KiB") == 262_144
    assert units.parse_memory_bits("262144 bit") == 262_144
    assert units.parse_memory_bits("0.5 B") == 4


@pytest.mark.parametrize(
    ("parse", "value", "said"),
    [
        (units.parse_time_ps, 5, "5 has no unit"),
        (units.parse_time_ps, 5.5, "5.5 has no unit"),
        (units.parse_time_ps, True, "True has no unit"),
        (units.parse_time_ps, None, "nothing (null)"),
        (units.parse_time_ps, ["5 ns"], "a list"),
        (units.parse_time_ps, "5", "'5' has no unit"),
        (units.parse_time_ps, "5 nS", "did you mean 'ns'"),
        (units.parse_time_ps, "5 fs", "'fs' is not a unit of time"),
        (units.parse_time_ps, "0.1 ps", "not a whole number of ps"),
        (units.parse_time_ps, "9223372.036854775808 s", "too large"),
        (units.parse_time_ps, "1e999 s", "out of range"),
        (units.parse_time_ps, "1e9999999 s", "is not a time"),
        (units.parse_time_ps, "nan ns", "is not a time"),
        (units.parse_time_ps, "4,1 ns", "is not a time"),
        (units.parse_time_ps, "5 n s", "is not a time"),
        (units.parse_time_ps, "", "is not a time"),
        (units.parse_time_ps, "٤ ns", "is not a time"),
        (units.parse_time_ps, "1" * 5000 + " ns", "is not a time"),
        (units.parse_time_ps, "1." + "1" * 40 + " ns", "more than 28 digits"),
        (units.parse_power_mw, "2 MW", "did you mean 'mW'"),
        (units.parse_energy_pj, "2 mW", "'mW' is not a unit of energy"),
        (units.parse_frequency_hz, "5 khz", "did you mean 'kHz'"),
        (units.parse_memory_bits, "32 KB", "did you mean 'KiB'"),
        (units.parse_memory_bits, "0.3 bit", "not a whole number of bit"),
    ],
)
def test_what_is_not_a_quantity_is_refused_with_what_is(parse: object, value: object, said: str) -> None:
    assert callable(parse)
    with pytest.raises(ConfigError) as caught:
        parse(value)
    assert said in str(caught.value)
    assert "allowed" in str(caught.value)
    assert len(str(caught.value)) < 300


@given(st.integers(-(2**63) + 1, 2**63 - 1))
def test_times_survive_writing(ps: int) -> None:
    assert units.parse_time_ps(units.format_time(ps)) == ps


@given(st.integers(1, 2**40))
def test_memory_survives_writing(bits: int) -> None:
    assert units.parse_memory_bits(units.format_memory(bits)) == bits


@given(st.floats(1e-9, 1e12))
def test_energies_powers_and_rates_survive_writing(value: float) -> None:
    assert units.parse_energy_pj(units.format_energy(value)) == value
    assert units.parse_power_mw(units.format_power(value)) == value
    assert units.parse_frequency_hz(units.format_frequency(value)) == value


def test_texts_are_written_as_people_write_them() -> None:
    assert units.format_time(4100) == "4.1 ns"
    assert units.format_time(999) == "999 ps"
    assert units.format_time(10**10) == "10 ms"
    assert units.format_energy(23.6) == "23.6 pJ"
    assert units.format_power(2.0) == "2 mW"
    assert units.format_frequency(5000.0) == "5 kHz"
    assert units.format_memory(262_144) == "32 KiB"
    assert units.format_memory(7) == "7 bit"
