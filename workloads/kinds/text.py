"""Kind ``text``: the characters of a text, one event each."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Literal, Self

from pydantic import PrivateAttr

from chipsim.config.rate import Rate, TextRate
from chipsim.config.workload import Episodes, Replay, Say, Symbols, WorkloadKind
from chipsim.errors import WorkloadError
from workloads.kinds.nsn import PROGRAM, NsnWorkload, Some, announce, described, learned_input, stored_episodes

if TYPE_CHECKING:
    from collections.abc import Iterable

    from chipsim.config.experiment import Experiment
    from chipsim.network import Stimulus
    from chipsim.network.nsn_input import NsnInput
    from chipsim.network.rules import NsnRules


_MOST_BYTES = 4  # of a character in UTF-8


class TextWorkload(NsnWorkload):
    """Characters of a text; one event each.

    Attributes:
        kind: ``text``: the characters of a text, one event each.
        symbols: characters run on the chip, after the learned ones; null for the rest of the text.
        rate: events offered per second, or ``saturate``.
        interval: ``exact`` (the gap itself) or ``log2`` (its class).
        alerts: what the host is told: ``none``, ``new`` (a neuron grew) or ``all``.
    """

    kind: Literal["text"]
    symbols: Some | None = None
    rate: TextRate = Rate("fixed", 5000.0)
    interval: Literal["exact", "log2"] = "exact"
    alerts: Literal["none", "new", "all"] = "none"
    _asked: int = PrivateAttr(default=0)
    """Characters that were asked for, at least, where a text has fewer and it was shortened to that."""
    _have: int = PrivateAttr(default=0)
    """Characters of such a text."""

    def shortened(self, named: frozenset[str]) -> Self:
        """With as much learned as a text of the user's allows, at least half of it unless the user says otherwise.

        What is set stays: where it cannot be met, reading the text says so.
        """
        asked = self.learned + (self.symbols or 1)
        have = asked if self.path is None else _characters(self.input_path(), asked)
        if have >= asked or {"learned", "symbols"} <= named:
            return self
        symbols: int | None
        if self.symbols is None:
            learned, symbols = self.learned if "learned" in named else have - max(1, have // 2), None
        elif "learned" in named:
            learned, symbols = self.learned, have - self.learned
        else:
            symbols = self.symbols if "symbols" in named else min(self.symbols, max(1, have // 2))
            learned = have - symbols
        if learned < 0 or have - learned < 1 or (symbols or 1) < 1:
            return self
        found = self.model_copy(update={"learned": learned, "symbols": symbols})
        found._asked, found._have = asked, have
        return found


def read_stimulus(workload: TextWorkload) -> Stimulus:
    """The text of a workload as a stimulus.

    Raises:
        WorkloadError: it cannot be read, or holds too few characters.
    """
    from workloads.formats.text import read_text, text_stimulus

    path = workload.input_path()
    text = read_text(path)
    symbols = max(1, len(text) - workload.learned) if workload.symbols is None else workload.symbols
    stimulus = text_stimulus(text, workload.learned + symbols, workload.episode, str(path))
    if not workload._asked:
        return stimulus
    told = {"characters": stimulus.events, "characters_asked": workload._asked, "characters_learned": workload.learned}
    return replace(stimulus, reading=told)


def _characters(path: Path, enough: int) -> int:
    """Characters of a text, or ``enough`` where it surely has as many, or cannot be read, which reading it will say."""
    from workloads.formats.text import read_text

    try:
        return enough if path.stat().st_size >= _MOST_BYTES * enough else len(read_text(path))
    except (OSError, WorkloadError):
        return enough


def announce_text(workload: TextWorkload) -> str:
    """What is about to be read, and that it is less than was asked for."""
    short = f"a text of {workload._have:,} characters, fewer than the {workload._asked:,} asked for: "
    return (short if workload._asked else "") + announce(workload)


def rules(workload: TextWorkload) -> NsnRules:
    """How the network reads it."""
    from chipsim.network.rules import EXACT, LOG2, text_rules

    interval = EXACT if workload.interval == "exact" else LOG2
    return described(text_rules(workload.layers, interval, 1, workload.max_gap or 0), workload)


def _read(experiment: Experiment, memory_limit: int | None) -> NsnInput:
    workload = experiment.workload
    assert isinstance(workload, TextWorkload)
    return learned_input(workload, read_stimulus(workload), rules(workload))


def _contents(experiment: Experiment) -> str:
    assert isinstance(experiment.workload, TextWorkload)
    return f"{read_stimulus(experiment.workload).events:,} events"


def _episodes(workload: TextWorkload, folder: Path, episode: int | None) -> Episodes:
    return stored_episodes(folder, lambda _: rules(workload), episode)


def told(workload: object, folder: Path, items: list[tuple[int, int]], first: int, say: Say) -> bytes:
    """The text as it was."""
    return _joined([code for code, _ in items]).encode("utf-8", "surrogatepass")


def symbols(workload: object, folder: Path, say: Say) -> Symbols:
    """Characters, which are their own names."""
    return Symbols(lambda text: list(map(ord, text)), chr, lambda codes: repr(_joined(codes)))


def _joined(codes: Iterable[int]) -> str:
    return "".join(map(chr, codes))


TEXT = WorkloadKind(
    model=TextWorkload,
    program=PROGRAM,
    read=_read,
    announce=announce_text,
    contents=_contents,
    replay=Replay(_episodes, told, symbols),
)
