"""Experiments in memory: from ``--set`` texts, or from a text and rules, to plan, raw run and golden model."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np

from chipsim import pipeline
from chipsim.config.experiment import Experiment
from chipsim.config.load import load_experiment
from chipsim.engines.base import Watch
from chipsim.machine.raw import RawRun
from chipsim.network import NsnState, Stimulus
from chipsim.network.rules import NsnRules
from chipsim.plan.inputs import Mapping
from chipsim.plan.plan import Plan
from chipsim.programs.nsn.functional import functional_digest, network_digest
from chipsim.programs.nsn.image import stored_network
from tests.engines import lower, runner
from workloads.formats.text import text_stimulus
from workloads.nsn.golden import GoldenModel

JACK = Path(__file__).resolve().parent / "data" / "jack.txt"
"""A nursery rhyme (1755, in the public domain) in which each verse repeats the one before: something to recognise on every layer."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """A run with all that led to it.

    Attributes:
        prepared: workload and golden model, which is not advanced further.
        raw: what the engine left; ``state``: the network that its core memories hold.
    """

    prepared: pipeline.Loaded
    mapping: Mapping
    plan: Plan
    raw: RawRun
    state: NsnState

    @property
    def functional(self) -> str:
        """Functional digest of the chip."""
        return functional_digest(self.raw.own.decisions, self.state)


def small(*settings: str, base: str = "text-small") -> Experiment:
    """A shipped experiment cut to a fraction of a second, on cores so small that every reading is answered by several of them."""
    cut = [f"workload.path={JACK}", "workload.learned=60", "workload.symbols=60", "workload.layers=3", "workload.episode=30"]
    if base != "text-small":
        cut = []
    return load_experiment(base, ("chip.core.neurons=5", "mapping.fill=1.0", *cut, *settings))


def run(experiment: Experiment, engine: str = "reference", watch: Watch | None = None) -> Outcome:
    """Run an experiment on an engine."""
    prepared, mapping, plan = lower(experiment)
    raw = runner(engine)(plan, watch or Watch())
    return Outcome(prepared, mapping, plan, raw, stored_network(raw.own.memory))


def golden(stimulus: Stimulus, rules: NsnRules, first_item: int = 0) -> GoldenModel:
    """The golden model at the end of a stimulus; decisions are recorded from ``first_item`` on."""
    model = GoldenModel(rules)
    model.advance(stimulus, first_item, recording=False)
    model.advance(stimulus, len(stimulus))
    return model


def golden_digests(prepared: pipeline.Loaded) -> tuple[str, int]:
    """Functional digest and digest of the final network, from the golden model alone."""
    return _golden_digests(_Key(prepared.given.stimulus), prepared.given.rules, prepared.given.first_item)


class _Key:
    """A stimulus as a key of a cache."""

    def __init__(self, stimulus: Stimulus) -> None:
        self.stimulus = stimulus
        self._bytes = b"".join(a.tobytes() for a in (stimulus.code, stimulus.time, stimulus.flags, stimulus.event))

    def __hash__(self) -> int:
        return hash(self._bytes)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Key) and self._bytes == other._bytes


@cache
def _golden_digests(key: _Key, rules: NsnRules, first_item: int) -> tuple[str, int]:
    model = golden(key.stimulus, rules, first_item)
    state = model.state()
    return functional_digest(model.decision_digest(), state), network_digest(state)


def text(characters: str, episode: int = 40) -> Stimulus:
    """A text as a stimulus."""
    return text_stimulus(characters, len(characters), episode, "test")


def events(rows: Sequence[tuple[int, Sequence[int]]], ends: Sequence[int] = ()) -> Stimulus:
    """Events of fields: rows of (time, codes of the fields), every eighth field ends a segment; ``ends``: last events of episodes."""
    code, time, flags, event = [], [], [], []
    for number, (at, codes) in enumerate(rows):
        for place, one in enumerate(codes):
            last = place + 1 == len(codes)
            closed = last and (number in ends or number + 1 == len(rows))
            code.append(one)
            time.append(at)
            flags.append(int(last or place % 8 == 7) | 2 * int(closed))
            event.append(number)
    arrays = [np.array(a, np.int64) for a in (code, time, flags, event)]
    width = len(rows[0][1]) if rows else 0
    names = tuple(f"v{i}" for i in range(max(code, default=-1) + 1))
    return Stimulus(*arrays, names=names, fields=tuple(f"f{i}" for i in range(width)), unit="second")


def leaves(stimulus: Stimulus) -> list[tuple[int, int]]:
    """(code, time) of all items."""
    return list(zip(stimulus.code.tolist(), stimulus.time.tolist(), strict=True))
