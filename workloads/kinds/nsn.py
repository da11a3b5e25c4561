"""What texts, logs and generated networks have in common: a neurosemantic network reads them."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal, Self

from pydantic import Field, model_validator

from chipsim.config import catalogue
from chipsim.config.constant import FieldError
from chipsim.config.mapping import GIVEN, PARTITIONERS
from chipsim.config.workload import Episodes, WorkloadSpec
from chipsim.errors import ConfigError, UsageError, WorkloadError
from workloads.kinds.attention import Listener, Listeners, Networks, Recursive, with_networks
from workloads.kinds.recognise import Recognise, recognising

if TYPE_CHECKING:
    from collections.abc import Callable

    from chipsim.config.experiment import Experiment
    from chipsim.config.rate import Rate
    from chipsim.network import NsnState, Stimulus
    from chipsim.network.nsn_input import Compaction, Golden, Ints, NsnInput
    from chipsim.network.rules import NsnRules
    from workloads.kinds.generated import GeneratedWorkload
    from workloads.kinds.log import LogWorkload
    from workloads.kinds.text import TextWorkload
    from workloads.nsn.golden import GoldenModel

PROGRAM = "nsn"
"""Name of the program that runs these kinds."""

MAX_EPISODE = 4096
"""Longest episode in events: 4k with k = 1024 (requirements IN8, IN9)."""

Count = Annotated[int, Field(strict=True, ge=0, le=2**40)]
Some = Annotated[int, Field(strict=True, ge=1, le=2**40)]


class NsnWorkload(WorkloadSpec):
    """What texts and logs have in common: the input and the shape of the network that reads it.

    Attributes:
        source: name of a shipped text or log.
        path: the user's own file; exactly one of ``source`` and ``path`` is given.
        learned: events learned in software before the chip starts; they are mapped and loaded.
        layers: pattern layers above layer 0.
        episode: events per episode.
        match: ``associative`` (every holder of an id is touched) or ``keyed`` (a distributed walk touches what can extend).
        reading: ``cover`` (every pattern layer stores runs of unknown items) or ``pass`` (only the last one does, what others do not know
            passes up item by item).
        compaction: ``none``, ``learned`` (what was learned in software is read again and stored in less, before it is mapped) or ``sleep`` (and
            so is what is known in the end).
        compaction_least: how often two units have to occur together for a sleep to join them (its lowest threshold).
        recognise: whether vectors match in every pair, or sum what matches.
        wta: how the winner is found among cores, ``tree`` (answers are combined on their way up) or ``inhibition`` (bit by bit).
        wta_arity: children per node of the tree that combines answers.
        max_gap: event time, in units of the source, above which a segment is cut; null for never.
        recursive: recursive networks of each layer from 1 up, a number or with their scale, delay and links.
        listeners: subscriptions to winners: a list of layers and networks, or a number, which goes round the layers from 1 up.
    """

    source: Annotated[str, Field(min_length=1)] | None = None
    path: Annotated[str, Field(min_length=1)] | None = None
    learned: Count = 0
    layers: Annotated[int, Field(strict=True, ge=1, le=12)] = 8
    episode: Annotated[int, Field(strict=True, ge=1, le=MAX_EPISODE)] = 512
    match: Literal["associative", "keyed"] = "associative"
    recognise: Recognise = Recognise()
    reading: Literal["cover", "pass"] = "cover"
    compaction: Literal["none", "learned", "sleep"] = "none"
    compaction_least: Annotated[int, Field(strict=True, ge=2, le=2**24)] = 2
    wta: Literal["tree", "inhibition"] = "tree"
    wta_arity: Annotated[int, Field(strict=True, ge=2, le=64)] = 2
    max_gap: Some | None = None
    recursive: Networks | Recursive = 0
    listeners: Listeners = 0

    @property
    def recursion(self) -> Recursive:
        """The recursive networks, whichever way they are described."""
        return Recursive(networks=self.recursive) if isinstance(self.recursive, int) else self.recursive

    def subscriptions(self, layers: int) -> tuple[Listener, ...]:
        """Of each listener, of a network with so many layers."""
        if not isinstance(self.listeners, int):
            return self.listeners
        return tuple(Listener(layer=1 + n % layers) for n in range(self.listeners))

    @model_validator(mode="after")
    def _listened(self) -> Self:
        for n, one in enumerate(() if isinstance(self.listeners, int) else self.listeners):
            if one.layer > self.layers:
                raise FieldError(f"found {one.layer}; allowed: 0 to workload.layers, {self.layers}", "listeners", n, "layer")
            if one.network is not None and (one.network >= self.recursion.networks or not one.layer):
                raise FieldError(
                    f"found {one.network} of layer {one.layer}; allowed: null, or a number below workload.recursive.networks"
                    f" ({self.recursion.networks}) of a layer from 1 up",
                    "listeners",
                    n,
                    "network",
                )
        return self

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

    def why_unused(self, key: str) -> str:
        """Keys that only matter together with another one."""
        if key in ("recognise.threshold", "recognise.tolerance") and self.recognise.mode == "exact":
            return "vectors match in every pair where workload.recognise.mode is exact; set it to sum"
        if key in ("recursive.scale", "recursive.delay", "recursive.linked") and not self.recursion.networks:
            return "there are no recursive networks; workload.recursive.networks says how many"
        if key == "compaction_least" and self.compaction == "none":
            return "nothing sleeps where workload.compaction is none"
        if key == "compaction" and self.compaction == "learned" and self.learned == 0:
            return "nothing is learned in software that could sleep, for workload.learned is 0"
        if key == "reading" and self.layers == 1:
            return "the last pattern layer reads by cover in any case, and workload.layers is 1"
        return ""

    @property
    def is_cut_by_data(self) -> bool:
        """Whether the data says where a layer's segments end."""
        return False

    def units_per_second(self) -> float:
        """Units of event time in a second."""
        return 1.0

    def _suffix(self) -> str:
        """Suffix of the shipped files that this kind of workload reads."""
        return ".txt"

    def input_path(self) -> Path:
        """The file to read, shipped or the user's own."""
        return catalogue.source_path(self.source, self._suffix()) if self.source is not None else Path(self.path or "")

    def fits(self, experiment: Experiment) -> None:
        """Refuse what a neurosemantic network cannot be run with."""
        if experiment.chip.core.pace == "barrier":
            raise FieldError(
                "found barrier; allowed with this kind of workload: event or tick, for a barrier tells the steps of spiking cores",
                "chip",
                "core",
                "pace",
            )
        if experiment.mapping.partitioner == GIVEN:
            allowed = ", ".join(name for name in PARTITIONERS.names() if name != GIVEN)
            raise FieldError(
                f"found given; allowed with this kind of workload: {allowed}",
                "mapping",
                "partitioner",
            )
        if self.match == "keyed" and self.recognise.mode == "sum":
            raise FieldError(
                "found keyed, with recognise.mode: sum; allowed with sum: associative, for a walk from pair to pair ends at the first that "
                "does not match",
                "workload",
                "match",
            )
        if self.match == "keyed" and self.wta == "inhibition":
            raise FieldError(
                "found inhibition, with match: keyed; allowed with keyed: tree, for one core alone answers there",
                "workload",
                "wta",
            )
        if self.compaction == "sleep" and experiment.engine != "golden":
            self.refuse_sleep_on_chip(experiment)
        if self.compaction != "none" and self.recursion.networks:
            raise FieldError(
                f"found recursive networks, with compaction: {self.compaction}; allowed with compaction: 0, for what networks store"
                " would name neurons that a sleep frees",
                "workload",
                "recursive",
            )
        if self.recursion.networks and self.match == "keyed":
            raise FieldError(
                "found keyed, with workload.recursive; allowed with recursive networks: associative, for an entry of the index does not"
                " know which of the vectors that go on from it is best",
                "workload",
                "match",
            )
        if self.recursion.networks and experiment.mapping.growth.migrate is not None:
            raise FieldError(
                "found neurons that move, with workload.recursive; allowed with recursive networks: null",
                "mapping",
                "growth",
                "migrate",
            )
        if experiment.mapping.growth.migrate is not None and self.match == "keyed":
            raise FieldError(
                "found neurons that move, with match: keyed; allowed with keyed: null, for accesses then go to the home core of a hash "
                "wherever neurons are",
                "mapping",
                "growth",
                "migrate",
            )

    def refuse_sleep_on_chip(self, experiment: Experiment) -> None:
        """Refuse what a network on the chip cannot sleep with."""
        problems = (
            (self.is_cut_by_data, "a log", "texts, for a cut layer below those that sleep", ("kind",)),
            (getattr(self, "interval", "exact") != "exact", "log2", "exact, for residuals stay at a root", ("interval",)),
            (self.recognise.mode == "sum", "sum", "exact, for what a winner stands for stays at a root", ("recognise", "mode")),
        )
        for found, what, allowed, where in problems:
            if found:
                raise FieldError(
                    f"found {what}, with compaction: sleep; allowed with a sleep on the chip: {allowed}; or engine: golden, which sleeps in"
                    " software",
                    "workload",
                    *where,
                )
        if experiment.mapping.growth.migrate is not None:
            raise FieldError(
                "found neurons that move, with workload.compaction: sleep; allowed with sleep: null",
                "mapping",
                "growth",
                "migrate",
            )


def described(rules: NsnRules, workload: NsnWorkload) -> NsnRules:
    """The rules of an input, with what a workload says of reading, recognition and recursive networks.

    Args:
        rules: how the input is cut.
        workload: what its description says.
    """
    from chipsim.network.rules import passing

    read = recognising(passing(rules) if workload.reading == "pass" else rules, workload.recognise)
    return with_networks(read, workload.recursion)


def learned_input(workload: TextWorkload | LogWorkload, stimulus: Stimulus, rules: NsnRules) -> NsnInput:
    """The input of a network that has learned the first part of a stimulus in software."""
    from workloads.nsn.golden import GoldenModel

    first_item = stimulus.item_of_event(workload.learned)
    golden = GoldenModel(rules)
    if workload.compaction != "none":
        golden = _slept(golden, stimulus, first_item, workload.compaction_least)
    golden.advance(stimulus, first_item, recording=False)
    return nsn_input(workload, stimulus, first_item, rules, golden.state(), golden)


def _slept(golden: GoldenModel, stimulus: Stimulus, first_item: int, least: int) -> GoldenModel:
    """A model that has learned the episodes that end before an item, and slept."""
    import numpy as np

    from chipsim.network.stimulus import END_EPISODE
    from workloads.nsn.golden import GoldenModel
    from workloads.nsn.sleep import sleep

    whole = int(np.flatnonzero(stimulus.flags[:first_item] & END_EPISODE).max(initial=-1)) + 1
    golden.advance(stimulus, whole, recording=False)
    return GoldenModel.resumed(sleep(golden.state(), golden.rules, least).state, golden.rules, whole)


def _compaction(least: int) -> Compaction:
    from chipsim.network.nsn_input import Compaction
    from workloads.nsn.beside import grammars
    from workloads.nsn.sleep import sleep

    return Compaction(partial(sleep, least=least), grammars, least)


def nsn_input(
    workload: TextWorkload | LogWorkload | GeneratedWorkload,
    stimulus: Stimulus,
    first_item: int,
    rules: NsnRules,
    state: NsnState,
    golden: Golden | None,
) -> NsnInput:
    """What a neurosemantic network is given to run.

    Args:
        workload: how it matches, combines answers and is fed.
        stimulus: the whole input.
        first_item: the first that runs on the chip.
        rules: how the network reads.
        state: what it knows before that item.
        golden: the model that has learned it, if one has.
    """
    from chipsim.network.nsn_input import NsnInput

    return NsnInput(
        stimulus=stimulus,
        first_item=first_item,
        rules=rules,
        state=state,
        golden=golden,
        match=workload.match,
        wta=workload.wta,
        arity=workload.wta_arity,
        alerts=workload.alerts,
        offers=partial(offers, workload.rate, workload.units_per_second()),
        replay=replayed,
        compaction=_compaction(workload.compaction_least) if workload.compaction == "sleep" else None,
        listeners=tuple(
            one.layer if one.network is None else rules.network(one.layer, one.network)
            for one in workload.subscriptions(rules.layers)
        ),
    )


def fed(given: NsnInput, workload: TextWorkload | LogWorkload | GeneratedWorkload) -> NsnInput:
    """The same network and stimulus, matched and fed as another workload of such a kind says."""
    return nsn_input(workload, given.stimulus, given.first_item, given.rules, given.state, given.golden)


def replayed(state: NsnState, rules: NsnRules) -> list[tuple[int, int]] | None:
    """Items of the stored episodes; None where memory is damaged."""
    from workloads.nsn.replay import ReplayError, replay

    try:
        return replay(state, rules)
    except ReplayError:
        return None


def stored_episodes(folder: Path, rules: Callable[[NsnState], NsnRules], episode: int | None) -> Episodes:
    """Episodes from the core memories in a run folder and nothing else.

    Args:
        folder: of the run.
        rules: by which they were written, from the stored network.
        episode: this one alone; all whole ones for None.

    Raises:
        UsageError: there is no such episode, or it cannot be told again.
        WorkloadError: the memories are missing or broken.
    """
    from chipsim.programs.base import PROGRAMS
    from workloads.nsn.replay import ReplayError, chains_of, replay_episode

    restore = PROGRAMS.get(PROGRAM).restore
    assert restore is not None
    state: NsnState = restore(folder)
    how = rules(state)
    try:
        found = {number: replay_episode(state, how, number) for number in _wanted(folder, state, episode)}
    except ReplayError as error:
        raise WorkloadError(f"{folder}: {error}; run the experiment again") from error
    left_out = tuple(number for number, record in enumerate(state.records) if not record.replayable)
    return Episodes(found, left_out, partial(chains_of, state, how))


def _wanted(folder: Path, state: NsnState, episode: int | None) -> list[int]:
    records = state.records
    if episode is None:
        return [number for number, record in enumerate(records) if record.replayable]
    if episode >= len(records):
        raise UsageError(
            f"{folder}: no episode {episode}; allowed: 0 to {len(records) - 1}" if records else f"{folder}: no episodes"
        )
    if not records[episode].replayable:
        why = "novelties of it found no room" if records[episode].complete else "the run ended within it"
        raise UsageError(
            f"{folder}: episode {episode} cannot be replayed, {why}; allowed: another one, --json lists those left out"
        )
    return [episode]


def offers(rate: Rate, units_per_second: float, stimulus: Stimulus, first_item: int) -> Ints:
    """When each event of the run is offered.

    Args:
        rate: how fast.
        units_per_second: of event time, for a rate that the source gives.
        stimulus: the whole input.
        first_item: the first that runs.

    Returns:
        int64[events] ps from the start of the run, or ``AS_SOON_AS_TAKEN``.

    Raises:
        WorkloadError: the last one is more than 26 days after the start.
    """
    import numpy as np

    from chipsim.network.stimulus import AS_SOON_AS_TAKEN, LONGEST_OFFER_PS

    first_event = int(stimulus.event[first_item]) if first_item < len(stimulus) else stimulus.events
    events = stimulus.events - first_event
    if rate.mode == "saturate":
        return np.full(events, AS_SOON_AS_TAKEN, np.int64)
    if rate.period_ps is not None:
        if events * rate.period_ps > LONGEST_OFFER_PS:
            raise WorkloadError(
                f"workload.rate {rate}: {events} events would take more than 26 days of chip time; raise the rate"
            )
        return np.arange(events, dtype=np.int64) * rate.period_ps
    first_of_event = np.searchsorted(stimulus.event, np.arange(first_event, stimulus.events))
    time = stimulus.time[first_of_event]
    seconds = (time - time[0]) / (units_per_second * rate.speedup) if events else time.astype(float)
    if events and float(seconds[-1]) * 1e12 > LONGEST_OFFER_PS:
        raise WorkloadError(f'workload.rate {rate}: the log lasts more than 26 days; use "source x 1000" or a rate in Hz')
    return np.round(seconds * 1e12).astype(np.int64)


def announce(workload: TextWorkload | LogWorkload | GeneratedWorkload) -> str:
    """What is about to be read."""
    learned = f"{workload.learned:,} events learned in software first, " if workload.learned else ""
    asked = f"{workload.symbols:,}" if workload.symbols is not None else "all"
    return f"{learned}then {asked} events"
