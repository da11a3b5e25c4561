"""What ``chipsim complexity`` is asked for, from the words of its command line."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import Any, Literal

from chipsim.errors import ConfigError, UsageError
from chipsim.sweep.complexity.forms import RECURSIVE
from chipsim.units import parse_energy_pj

Match = Literal["keyed", "associative"]
MATCHES: dict[str, tuple[Match, ...]] = {
    "keyed": ("keyed",),
    "associative": ("associative",),
    "both": ("keyed", "associative"),
}

LENGTHS = "128,256,512,1024,2048,4096"
LEARNED = 65_536
STRETCHES = 8
SHORTEST, LONGEST = 16, 4096
"""Symbols of an episode: a layer has to read something, and an episode has at most 4k (IN8)."""

EPISODE = 512
"""Symbols of the episodes that are learned before: as in experiment ``text``, the same for every length."""

MEMORIES = (Fraction(1, 8), Fraction(1, 4), Fraction(1, 2), Fraction(2))
"""Of what is learned: so much is learned instead, so that the same text is read with less and with more memory."""

LEAST_MEMORY, MEMORY_LENGTH = 1024, 1024
"""Symbols: the least that is worth learning; the length read with each memory, where it is one of those asked for."""

MULTIPLY_ADD = "1.5 pJ"
MULTIPLY_ADD_SOURCE = (
    'M. Horowitz, "Computing\'s energy problem (and what we can do about it)", ISSCC 2014, 45 nm, 0.9 V: 16-bit floating-point multiplication'
    " 1.1 pJ, addition 0.4 pJ"
)


@dataclass(frozen=True, slots=True)
class ComplexitySpec:
    """What ``chipsim complexity`` is asked for.

    Attributes:
        lengths: symbols of an episode, ascending.
        matches: matching modes.
        learned: symbols learned in software before every run.
        stretches: disjoint parts at the end of the text that are read, one episode of every length from the beginning of each.
        path: the user's text; None for a shipped one.
        chip: name or path.
        layers: pattern layers.
        recursive: networks of each layer with which the text is read besides, associatively; 0 for none.
        multiply_add_pj: of a transformer; source: where that is from; grade: how well it is known.
    """

    lengths: tuple[int, ...]
    matches: tuple[Match, ...] = ("keyed", "associative")
    learned: int = LEARNED
    stretches: int = STRETCHES
    path: str | None = None
    chip: str = "altai-256"
    layers: int = 8
    recursive: int = RECURSIVE
    multiply_add_pj: float = 1.5
    source: str = MULTIPLY_ADD_SOURCE
    grade: str = "published"

    @property
    def memory_length(self) -> int:
        """Symbols of an episode that is read with other memories: the longest of those asked for up to `MEMORY_LENGTH`, else the shortest."""
        return max((one for one in self.lengths if one <= MEMORY_LENGTH), default=self.lengths[0])

    @property
    def read(self) -> int:
        """Symbols at the end of the text that are read; what is learned lies before them."""
        return self.stretches * self.lengths[-1]

    def memories(self, symbols: int) -> tuple[int, ...]:
        """Symbols of a text of so many that are learned instead, ascending."""
        sizes = (int(self.learned * part) // EPISODE * EPISODE for part in MEMORIES)
        return tuple(size for size in sizes if LEAST_MEMORY <= size <= symbols - self.read)


def complexity_spec(
    lengths: str = LENGTHS, match: str = "both", multiply_add: str | None = None, learned: int = LEARNED, **others: Any
) -> ComplexitySpec:
    """Read the words of the command line.

    Args:
        lengths: symbols, e.g. ``128,4096``.
        match: ``keyed``, ``associative`` or ``both``.
        multiply_add: energy with a unit, e.g. ``1.5 pJ``; None for the published one.
        learned: symbols, brought down to whole episodes.
        others: further fields of ``ComplexitySpec``.

    Raises:
        UsageError: a word is not one of those allowed; says which are.
    """
    if match not in MATCHES:
        raise UsageError(f"--match {match!r:.40}: allowed: {', '.join(MATCHES)}")
    found = tuple(sorted({_length(text.strip()) for text in lengths.split(",")}))
    stretches = others.get("stretches", STRETCHES)
    if not 1 <= stretches <= 100:
        raise UsageError(f"--stretches {stretches}: allowed: 1 to 100; from 2 on slopes have an interval")
    recursive = others.get("recursive", RECURSIVE)
    if not 0 <= recursive <= RECURSIVE:
        raise UsageError(f"--recursive {recursive}: allowed: 0 to {RECURSIVE} networks of each layer")
    if learned < 0:
        raise UsageError(f"--learned {learned}: allowed: 0 or more symbols")
    priced: dict[str, Any] = {}
    if multiply_add is not None:
        try:
            priced["multiply_add_pj"] = parse_energy_pj(multiply_add)
        except ConfigError as error:
            raise UsageError(f"--multiply-add: {error}") from None
        if not 0 < priced["multiply_add_pj"] <= 1e12:
            raise UsageError(f'--multiply-add {multiply_add!r:.40}: allowed: above 0 up to 1 J, for example "{MULTIPLY_ADD}"')
        priced |= {"source": "set by the user", "grade": "assumed"}
    return ComplexitySpec(found, MATCHES[match], learned // EPISODE * EPISODE, **priced, **others)


def _length(text: str) -> int:
    if not (text.isascii() and text.isdecimal() and SHORTEST <= int(text) <= LONGEST):
        raise UsageError(
            f"--lengths {text!r:.40}: allowed: whole numbers from {SHORTEST} to {LONGEST:,}, for example {LENGTHS}"
        )
    return int(text)
