"""Kind ``text``: the characters of a text, one event each."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Literal

from chipsim.config.rate import Rate, TextRate
from chipsim.config.workload import Episodes, Replay, WorkloadKind
from workloads.kinds.nsn import PROGRAM, NsnWorkload, Some, announce, learned_input, stored_episodes

if TYPE_CHECKING:
    from collections.abc import Callable

    from chipsim.config.experiment import Experiment
    from chipsim.network import Stimulus
    from chipsim.network.nsn_input import NsnInput
    from chipsim.network.rules import NsnRules


class TextWorkload(NsnWorkload):
    """Characters of a text; one event each.

    Attributes:
        kind: ``text``.
        symbols: characters run on the chip, after the learned ones.
        rate: events offered per second, or ``saturate``.
        interval: ``exact`` (the gap itself) or ``log2`` (its class).
        alerts: what the host is told: ``none``, ``new`` (a neuron grew) or ``all``.
    """

    kind: Literal["text"]
    symbols: Some
    rate: TextRate = Rate("fixed", 5000.0)
    interval: Literal["exact", "log2"] = "exact"
    alerts: Literal["none", "new", "all"] = "none"


def read_stimulus(workload: TextWorkload) -> Stimulus:
    """The text of a workload as a stimulus.

    Raises:
        WorkloadError: it cannot be read, or holds too few characters.
    """
    from workloads.formats.text import read_text, text_stimulus

    path = workload.input_path()
    return text_stimulus(read_text(path), workload.learned + workload.symbols, workload.episode, str(path))


def rules(workload: TextWorkload) -> NsnRules:
    """How the network reads it."""
    from chipsim.network.rules import EXACT, LOG2, text_rules

    return text_rules(workload.layers, EXACT if workload.interval == "exact" else LOG2, 1, workload.max_gap or 0)


def _read(experiment: Experiment, memory_limit: int | None) -> NsnInput:
    workload = experiment.workload
    assert isinstance(workload, TextWorkload)
    return learned_input(workload, read_stimulus(workload), rules(workload))


def _contents(experiment: Experiment) -> str:
    assert isinstance(experiment.workload, TextWorkload)
    return f"{read_stimulus(experiment.workload).events:,} events"


def _episodes(workload: TextWorkload, folder: Path, episode: int | None) -> Episodes:
    return stored_episodes(folder, lambda _: rules(workload), episode)


def told(workload: object, folder: Path, items: list[tuple[int, int]], say: Callable[[str], None]) -> bytes:
    """The text as it was."""
    return "".join(chr(code) for code, _ in items).encode("utf-8", "surrogatepass")


TEXT = WorkloadKind(
    model=TextWorkload, program=PROGRAM, read=_read, announce=announce, contents=_contents, replay=Replay(_episodes, told)
)
