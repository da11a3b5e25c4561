"""Kind ``generated``: a network of any size with the statistics of one that learned a text."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

from pydantic import Field

from chipsim.config.constant import FieldError
from chipsim.config.rate import Rate, TextRate
from chipsim.config.workload import Episodes, Replay, WorkloadKind
from workloads.kinds.nsn import PROGRAM, Count, NsnWorkload, announce, described, nsn_input, stored_episodes
from workloads.kinds.text import symbols, told

if TYPE_CHECKING:
    from chipsim.config.experiment import Experiment
    from chipsim.network import NsnState, Stimulus
    from chipsim.network.nsn_input import NsnInput
    from workloads.nsn.calibrate import Calibration

_MEASURED = 400_000
"""Characters of a text that are learned to be measured, at most: some ten seconds."""


class GeneratedWorkload(NsnWorkload):
    """A network of any size with the statistics of one that learned a text, and input made of what it stores.

    Attributes:
        kind: ``generated``: a stored network made by rule, with input of its own.
        source, path: the text that is learned and measured.
        neurons: neurons that are stored, on all layers together.
        symbols: characters run on the chip, at least so many; 0 for a network that rests.
        novelty: share of them in episodes that are not stored.
        seed: that network and input are drawn from.
        layers: pattern layers of the model that learns the text; the network has those of them that store anything.
        learned: 0, for the network is made and not learned.
        rate: events offered per second, or ``saturate``.
        interval: ``exact``, for vectors are made with the gaps themselves.
        alerts: what the host is told: ``none``, ``new`` (a neuron grew) or ``all``.
    """

    kind: Literal["generated"]
    neurons: Annotated[int, Field(strict=True, ge=500, le=4_000_000)]
    symbols: Count = 6000
    novelty: Annotated[float, Field(strict=True, ge=0, le=0.9)] = 0.1
    seed: Annotated[int, Field(strict=True, ge=0, le=2**63 - 1)] = 1
    learned: Annotated[int, Field(strict=True, ge=0, le=0)] = 0
    rate: TextRate = Rate("fixed", 5000.0)
    interval: Literal["exact"] = "exact"
    alerts: Literal["none", "new", "all"] = "none"

    @property
    def seed_key(self) -> str:
        """Its own."""
        return "workload.seed"

    def fits(self, experiment: Experiment) -> None:
        """Refuse what a generated network cannot be run with: no software has learned it."""
        if experiment.engine == "golden":
            raise FieldError("found golden; allowed with kind generated: auto, reference, compiled", "engine")
        if self.compaction != "none":
            raise FieldError(
                f"found {self.compaction}; allowed with kind generated: none, for what is stored was made and never read",
                "workload",
                "compaction",
            )
        if self.recursion.networks:
            raise FieldError(
                "found recursive networks; allowed with kind generated: 0",
                "workload",
                "recursive",
            )
        NsnWorkload.fits(self, experiment)


def generate(workload: GeneratedWorkload) -> tuple[NsnState, Stimulus]:
    """Generate the network and the input of a workload.

    Args:
        workload: which text is learned and measured, how large the network is, and how much of it is read.

    Raises:
        WorkloadError: the text cannot be read or is too short to be measured.
    """
    from workloads.formats.text import read_text
    from workloads.nsn.generate import generate_network
    from workloads.nsn.stream import make_stream

    calibration = _calibration(read_text(workload.input_path()), workload.layers, workload.episode)
    state, lattice = generate_network(calibration, workload.neurons, workload.seed)
    return state, make_stream(state, lattice, workload.symbols, workload.novelty, workload.seed)


@lru_cache(maxsize=1)
def _calibration(text: str, layers: int, episode: int) -> Calibration:
    """Statistics of a text, learned once for all sizes that are made of it."""
    from workloads.formats.text import text_stimulus
    from workloads.nsn.calibrate import learn_and_measure

    return learn_and_measure(text_stimulus(text, min(len(text), _MEASURED), episode, "text"), layers)


def _read(experiment: Experiment, memory_limit: int | None) -> NsnInput:
    from chipsim.network.rules import EXACT, text_rules

    workload = experiment.workload
    assert isinstance(workload, GeneratedWorkload)
    state, stimulus = generate(workload)
    rules = described(text_rules(state.layers, EXACT, 1, workload.max_gap or 0), workload)
    return nsn_input(workload, stimulus, 0, rules, state, None)


def _contents(experiment: Experiment) -> str:
    assert isinstance(experiment.workload, GeneratedWorkload)
    return f"a generated network of {experiment.workload.neurons:,} neurons"


def _episodes(workload: GeneratedWorkload, folder: Path, episode: int | None) -> Episodes:
    from chipsim.network.rules import text_rules

    return stored_episodes(folder, lambda state: text_rules(state.layers), episode)


GENERATED = WorkloadKind(
    model=GeneratedWorkload,
    program=PROGRAM,
    read=_read,
    announce=announce,
    contents=_contents,
    replay=Replay(_episodes, told, symbols),
)
