"""A text whose every decision has many candidates on as many cores, and who must win: words of five letters that share first and last."""

from __future__ import annotations

from dataclasses import dataclass, replace
from fractions import Fraction
from itertools import product
from random import Random

import numpy as np

from chipsim.config.load import load_chip
from chipsim.network import Stimulus, memory
from chipsim.network.rules import least_of, text_rules
from chipsim.noc import mesh_of
from chipsim.plan.plan import Plan
from chipsim.programs.nsn.constants import RunOptions
from chipsim.programs.nsn.lower import build_plan
from chipsim.programs.nsn.state import SATURATE
from nsn_mapping import CoreLimits, map_network
from tests.scenarios import golden, text

RULES = replace(text_rules(1), summing=True, least=least_of(Fraction(2, 5)), tolerance=1)
"""Of five pairs the first and the last are enough."""


@dataclass(frozen=True, slots=True)
class Words:
    """What is learned in every pair, word by word, and what is read then.

    Attributes:
        stored: words in order of creation; again: more readings of them; read: words of which none is stored.
    """

    stored: tuple[str, ...]
    again: tuple[str, ...]
    read: tuple[str, ...]

    @property
    def stimulus(self) -> Stimulus:
        """One word an episode."""
        return text("".join((*self.stored, *self.again, *self.read)), 5)

    @property
    def learned(self) -> int:
        """Items of what is stored."""
        return 5 * (len(self.stored) + len(self.again))


def words(seed: int, stored: int, read: int, letters: str = "bcd") -> Words:
    """Drawn."""
    draw = Random(seed)
    every = [f"a{''.join(middle)}z" for middle in product(letters, repeat=3)]
    draw.shuffle(every)
    known, unknown = every[:stored], every[stored:]
    again = [draw.choice(known) for _ in range(stored)]
    return Words(tuple(known), tuple(again), tuple(draw.choice(unknown) for _ in range(read)))


def must_win(of: Words) -> list[int]:
    """Ordinals by the largest key: fewest residual words, largest response, highest count, earliest first event time, lowest ordinal."""
    count = [1 + of.again.count(word) for word in of.stored]
    won = []
    for word in of.read:
        missed = [sum(a != b for a, b in zip(word, known, strict=True)) for known in of.stored]
        best = min(range(len(of.stored)), key=lambda n: (2 * missed[n], missed[n] - 5, -count[n], 5 * n + 4, n))
        count[best] += 1
        won.append(best)
    return won


def contest_plan(
    of: Words, chip_settings: tuple[str, ...], inhibition: bool, arity: int = 2, seed: int = 1, base: str = "mesh-16"
) -> Plan:
    """Learned in every pair, placed at random, and read by neurons that sum."""
    chip, rules = load_chip(base, chip_settings), RULES
    stimulus = of.stimulus
    state = golden(text("".join((*of.stored, *of.again)), 5), text_rules(1)).state()
    mesh, core = mesh_of(chip.noc), chip.core
    widths = memory.widths_of(mesh.cores, core.neurons, misses=rules.misses, strays=rules.strays)
    limits = CoreLimits(core.neurons, core.axons, core.memory_bits)
    mapping = map_network(state, mesh, limits, widths, "associative", "random", "random", seed, 1.0)
    offer = np.full(5 * len(of.read), SATURATE)
    options = RunOptions(False, arity, "none", offer, 0, seed, np.zeros((0, 7), np.int64), inhibition=inhibition)
    return build_plan(chip, rules, state, mapping, stimulus, of.learned, options)
