"""Episodes of growing length, read by the chip from the same learned network: one row of counters per run.

Every stretch of the text is read from its first symbol, as one episode of each length, so the stretches are independent of each other and
each gives a slope of its own.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from chipsim.config.load import load_experiment
from chipsim.engines.base import Watch
from chipsim.errors import MappingError, UsageError
from chipsim.network import END_EPISODE, END_SEGMENT, Stimulus
from chipsim.pipeline import Loaded, collect, load, make_mapping, make_plan, ready_engine, watched
from chipsim.plan.inputs import Mapping
from chipsim.results.result import Result
from chipsim.sweep.complexity.spec import EPISODE, ComplexitySpec, Match

Row = dict[str, Any]

BASE = "text"
"""The shipped experiment that everything else is as in."""

RECURSIVE_MATCH: Match = "associative"
"""The way of matching that recursive networks go with."""

COUNTS = (
    "synaptic_ops", "messages_in", "neuron_updates", "axon_lookups", "memory_reads", "memory_writes", "pair_writes", "wta_rounds",
    "neurons_created", "packets", "hops", "flit_hops",
)  # fmt: skip
"""Of ``counts`` of a summary."""

ON_CHIP = ("core", "router", "link", "interchip")
"""Shares of energy that are dynamic and on the chip."""

LAYER = (
    "layer", "inputs", "segments", "recognised", "created", "leftover", "mean_k", "covered", "narrowing", "narrowing_by_cover", "rounds",
    "messages", "synaptic_ops", "core_joules",
)  # fmt: skip
"""Columns of the table ``layers`` of a run."""


@dataclass(frozen=True, slots=True)
class Task:
    """One run to be made.

    Attributes:
        learned: symbols learned before; stretch: number of the part of the text; start: its first symbol in the text.
        length: symbols of the episode; match: as in ``workload.match``; recursive: networks of each layer.
    """

    learned: int
    stretch: int
    start: int
    length: int
    match: Match
    recursive: int = 0

    @property
    def network(self) -> tuple[int, int]:
        """What has to be learned for it: symbols, with so many recursive networks."""
        return self.learned, self.recursive

    def __str__(self) -> str:
        nets = f" with {self.recursive} recursive networks a layer" if self.recursive else ""
        return f"{self.learned:,} symbols learned{nets}, {self.match}"


@dataclass(frozen=True, slots=True)
class Ended:
    """How a series ended.

    Attributes:
        status: ``done``, or ``interrupted`` where it was stopped; the run that was cut is left out.
        left_out: what beside the lengths did not fit the chip, and why.
    """

    status: str
    left_out: tuple[str, ...] = ()


def tasks(spec: ComplexitySpec, events: int) -> list[Task]:
    """All runs in their order: stretch by stretch over all lengths, then with other memories, then with recursive networks.

    Args:
        spec: what is asked for.
        events: symbols of the text.

    Raises:
        UsageError: the text is too short for so many stretches behind what is learned.
    """
    if events < spec.learned + spec.read:
        raise UsageError(
            f"a text of {events:,} characters: {spec.learned:,} learned and {spec.stretches} stretches of {spec.lengths[-1]:,} need"
            f" {spec.learned + spec.read:,}; give fewer with --stretches, --learned or --lengths, or a longer text with --path"
        )
    starts = [events - spec.read + number * spec.lengths[-1] for number in range(spec.stretches)]
    found = [
        Task(spec.learned, number, start, length, match)
        for number, start in enumerate(starts)
        for match in spec.matches
        for length in spec.lengths
    ]
    found += [
        Task(learned, number, start, spec.memory_length, match)
        for learned in spec.memories(events)
        for number, start in enumerate(starts)
        for match in spec.matches
    ]
    if spec.recursive and RECURSIVE_MATCH in spec.matches:
        found += [
            Task(spec.learned, number, start, spec.memory_length, RECURSIVE_MATCH, spec.recursive)
            for number, start in enumerate(starts)
        ]
    return found


def run_all(spec: ComplexitySpec, watch: Watch, done: Callable[[Row, int], None]) -> Ended:
    """Make all runs; ``done`` is called with the row of each and the number of all.

    Raises:
        ConfigError, MappingError, SimulationError, UsageError: as a run.
    """
    watch.stage("reading the text")
    whole = _loaded(spec, 0).given.stimulus
    todo = tasks(spec, whole.events)
    networks: dict[tuple[int, int], Loaded] = {}
    mapped: dict[str, tuple[Loaded, Mapping | None] | None] = {}
    left_out: list[str] = []
    before = ""
    for task in todo:
        if watch.stop():
            return Ended("interrupted", tuple(left_out))
        if task.network not in networks:
            watch.stage(f"learning {task.learned:,} symbols")
            networks[task.network] = _loaded(spec, task.learned, task.recursive)
        if str(task) not in mapped:
            watch.stage("mapping")
            loaded = _matched(networks[task.network], task.match)
            try:
                longest = _reading(loaded, whole, whole.events - spec.lengths[-1], spec.lengths[-1])
                mapped[str(task)] = loaded, make_mapping(longest)
            except MappingError as error:
                if task.network == (spec.learned, 0):
                    raise
                mapped[str(task)] = None
                left_out.append(f"{task}: {error}")
        if before != (stage := f"reading stretch {task.stretch + 1} of {spec.stretches}, {task}"):
            before = stage
            watch.stage(stage)
        ready = mapped[str(task)]
        if ready is None:
            continue
        result = _run(_reading(ready[0], whole, task.start, task.length), ready[1], watch)
        if result.summary["status"] == "interrupted":
            return Ended("interrupted", tuple(left_out))
        done(row(task, result), len(todo))
    return Ended("done", tuple(left_out))


def row(task: Task, result: Result) -> Row:
    """The counters of a run: those of its summary that are in `COUNTS`, its joules, and `LAYER` for each layer."""
    summary, layers = result.summary, result.tables["layers"]
    energy = summary["energy_j"]
    return {
        "learned": task.learned,
        "neurons": summary["mapping"]["neurons"],
        "cores_used": summary["mapping"]["cores_used"],
        "stretch": task.stretch,
        "start": task.start,
        "length": task.length,
        "match": task.match,
        "recursive": task.recursive,
        **{name: summary["counts"][name] for name in COUNTS},
        "dynamic_j": sum(energy[share] for share in ON_CHIP),
        **{f"{share}_j": energy[share] for share in (*ON_CHIP, "host", "static")},
        "sim_time_s": summary["sim_time_s"],
        "lost": sum(layers["unstored"]),
        "digest": summary["digest"],
        "functional_digest": summary["functional_digest"],
        "layers": [dict(zip(LAYER, cells, strict=True)) for cells in zip(*(layers[name] for name in LAYER), strict=True)],
    }


def _loaded(spec: ComplexitySpec, learned: int, recursive: int = 0) -> Loaded:
    """The text, and a network that has learned its beginning."""
    given = [] if spec.path is None else [f"workload.path={spec.path}"]
    settings = [
        *given,
        f"chip={spec.chip}",
        f"workload.learned={learned}",
        "workload.symbols=null",
        f"workload.episode={EPISODE}",
        f"workload.layers={spec.layers}",
        f"workload.match={RECURSIVE_MATCH}",
        f"workload.recursive={recursive}",
        "engine=compiled",
        "limits=extrapolated",
    ]
    return load(load_experiment(BASE, settings))


def _matched(loaded: Loaded, match: Match) -> Loaded:
    """The same network, matched in another way."""
    workload = loaded.experiment.workload.model_copy(update={"match": match})
    experiment = loaded.experiment.model_copy(update={"workload": workload})
    return replace(loaded, experiment=experiment, given=replace(loaded.given, match=match), wall_s={})


def _reading(loaded: Loaded, whole: Stimulus, start: int, length: int) -> Loaded:
    """The same network, about to read symbols of the whole text as one episode."""
    given = loaded.given
    return replace(loaded, given=replace(given, stimulus=episode_of(given.stimulus, given.first_item, whole, start, length)))


def episode_of(learned: Stimulus, first_item: int, whole: Stimulus, start: int, length: int) -> Stimulus:
    """What was learned, and behind it a part of a text as one episode, with times that go on.

    Args:
        learned: begins with what was learned.
        first_item: the first item that was not.
        whole: the text, one item per symbol.
        start: the first symbol of the part.
        length: symbols of it.
    """
    total = first_item + length
    flags = np.concatenate([learned.flags[:first_item], np.full(length, END_SEGMENT, np.int64)])
    flags[[-1, *([first_item - 1] if first_item else [])]] |= END_EPISODE
    number = np.arange(total, dtype=np.int64)
    code = np.concatenate([learned.code[:first_item], whole.code[start : start + length]])
    return replace(whole, code=code, time=number, flags=flags, event=number.copy())


def _run(loaded: Loaded, mapping: Mapping | None, watch: Watch) -> Result:
    plan = make_plan(loaded, mapping)
    run = ready_engine(loaded.experiment.engine, plan, watch)
    raw = run(plan, watched(loaded.experiment, watch), None)
    return collect(loaded, mapping, plan, raw, plan.fingerprint())
