"""Kind ``arrays``: a spiking network in arrays, or made by rule."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal, Self

from pydantic import Field, model_validator

from chipsim.config.constant import FieldError, Spec
from chipsim.config.mapping import GIVEN, MappingSpec
from chipsim.config.named import NameIn
from chipsim.config.workload import WorkloadKind, WorkloadSpec
from chipsim.errors import WorkloadError
from chipsim.network.neurons import NEURONS
from chipsim.network.spiking import LIF_MODEL, USUAL_MODEL

if TYPE_CHECKING:
    from chipsim.config.experiment import Experiment
    from chipsim.network.snn_input import SnnInput
    from chipsim.network.spiking import SpikingNetwork

_HOW_MAPPED = frozenset({"", "partitioner", "placer", "fill", "file"})
"""Keys of a mapping by which a user says where neurons go."""

Steps = Annotated[int, Field(strict=True, ge=1, le=2**31 - 1)]


class GenerateSpec(Spec):
    """A spiking network made by rule: neurons of weight 0 that fire once per period, in random phase, onto random targets.

    Attributes:
        neurons: how many there are.
        fan_out: synapses of each, targets drawn uniformly, with repetition.
        period: steps between two spikes of a neuron; every neuron has bias 1 and threshold period - 0.5.
        seed: that phases and targets are drawn from.
    """

    neurons: Annotated[int, Field(strict=True, ge=1, le=2**31 - 1)]
    fan_out: Annotated[int, Field(strict=True, ge=0, le=2**20)] = 100
    period: Annotated[int, Field(strict=True, ge=1, le=2**20)] = 50
    seed: Annotated[int, Field(strict=True, ge=0, le=2**63 - 1)] = 1


class ArraysWorkload(WorkloadSpec):
    """Spiking neurons and their synapses, in arrays of a NumPy archive (.npz), or made by rule.

    Attributes:
        kind: ``arrays``: spiking neurons from an archive, or made by rule.
        path: the archive, with src, dst, weight and whatever else of the network; exactly one of ``path`` and ``generate`` is given.
        generate: a network made by rule.
        neuron: name of the neuron model.
        steps: how many steps to run; null for the number that the archive gives.
        weight_bits: bits of a weight, its sign included, of an archive in ms and mV; null for 8, which core memory counts.
        check_memory: whether a network that needs more than ``core.memory`` somewhere is refused; otherwise it is only reported.
    """

    kind: Literal["arrays"]
    path: Annotated[str, Field(min_length=1)] | None = None
    generate: GenerateSpec | None = None
    neuron: Annotated[str, NameIn(NEURONS)] = USUAL_MODEL
    steps: Steps | None = None
    weight_bits: Annotated[int, Field(strict=True, ge=2, le=16)] | None = None
    check_memory: Annotated[bool, Field(strict=True)] = False

    @model_validator(mode="after")
    def _one_network(self) -> Self:
        if (self.path is None) == (self.generate is None):
            found = "neither" if self.path is None else "both"
            raise FieldError(
                f"{found} of path and generate given; allowed: exactly one, path with an archive of yours (.npz), or generate with"
                " neurons, fan_out, period and seed",
                "path",
            )
        if self.generate is not None and self.weight_bits is not None:
            raise FieldError(
                "goes with an archive in ms and mV; allowed with generate: null, for its weights are 0", "weight_bits"
            )
        if self.generate is not None and self.steps is None:
            raise FieldError(
                "missing; allowed: a whole number from 1, since a generated network does not say how long", "steps"
            )
        return self

    @property
    def seed_key(self) -> str:
        """A network made by rule has a seed."""
        return "workload.generate.seed" if self.generate is not None else ""

    def fitted(self, named: frozenset[str]) -> Self:
        """With as many steps as an archive of the user's says, and the neuron model that it is for, unless the user says."""
        if "path" not in named:
            return self
        from workloads.snn import says_steps

        found: dict[str, str | None] = {}
        if "steps" not in named and says_steps(self.input_path()):
            found["steps"] = None
        if "neuron" not in named and in_mv(self.input_path()):
            found["neuron"] = LIF_MODEL
        return self.model_copy(update=found)

    def fitted_mapping(self, mapping: MappingSpec, named: frozenset[str], named_of_mapping: frozenset[str]) -> MappingSpec:
        """On the cores that an archive of the user's names, unless the user says how it is mapped."""
        if "path" not in named or named_of_mapping & _HOW_MAPPED or not names_cores(self.input_path()):
            return mapping
        return mapping.model_copy(update={"partitioner": GIVEN})

    def input_path(self) -> Path:
        """The archive."""
        return Path(self.path or "")

    def fits(self, experiment: Experiment) -> None:
        """Refuse what a spiking network cannot be run with."""
        WorkloadSpec.fits(self, experiment)
        if experiment.chip.core.pace == "event":
            raise FieldError(
                "found event; allowed with kind arrays: tick or barrier, for spiking cores work in steps",
                "chip",
                "core",
                "pace",
            )


def names_cores(path: Path) -> bool:
    """Whether an archive says the core of each neuron; False where it cannot be read."""
    from chipsim.network.npz import open_archive

    try:
        with open_archive(path) as archive:
            return "neuron_core" in archive and archive.members["neuron_core"].size > 0
    except WorkloadError:
        return False


def in_mv(path: Path) -> bool:
    """Whether an archive has neurons in ms and mV; False where it cannot be read."""
    from workloads.snn.lif_archive import is_lif_file

    return is_lif_file(path)


def spiking_network(workload: ArraysWorkload) -> SpikingNetwork:
    """The network of a workload, from its archive or by its rule.

    Raises:
        WorkloadError: the archive is missing, broken, or no network.
    """
    from workloads.snn import generate_network, load_network

    quantities = NEURONS.get(workload.neuron).quantities
    if workload.generate is not None:
        return generate_network(workload.generate, workload.steps or 1, workload.neuron, quantities)
    return load_network(workload, quantities)


def _read(experiment: Experiment, memory_limit: int | None) -> SnnInput:
    from chipsim.network.snn_input import SnnInput
    from chipsim.plan.forecast import refuse_beyond, with_chip
    from chipsim.programs.base import PROGRAMS
    from workloads.snn import network_sizes

    workload, spec = experiment.workload, experiment.mapping
    assert isinstance(workload, ArraysWorkload)
    size = network_sizes(workload, NEURONS.get(workload.neuron).quantities)
    in_order = spec.placer == "row" and spec.partitioner in (None, "sequential")
    forecast = PROGRAMS.get(ARRAYS.program).forecast
    assert forecast is not None
    needed = forecast(size.neurons, size.synapses, size.synapse_bytes, size.steps, size.delay, not in_order, size.columns)
    refuse_beyond(with_chip(experiment.chip, needed), memory_limit)
    network = spiking_network(workload)
    return SnnInput(network, workload.check_memory, (*_other_steps(workload), *_other_cores(network, spec)))


def _other_cores(network: SpikingNetwork, mapping: MappingSpec) -> tuple[str, ...]:
    if not len(network.core) or mapping.partitioner in (None, GIVEN):
        return ()
    return (
        f"{network.where} says the core of each neuron (neuron_core), and mapping.partitioner {mapping.partitioner} puts them elsewhere;"
        f" `--set mapping.partitioner={GIVEN}` takes those of the archive",
    )


def _other_steps(workload: ArraysWorkload) -> tuple[str, ...]:
    """What of an archive another setting has the last word over."""
    from workloads.snn import archive_steps

    if workload.path is None or workload.steps is None:
        return ()
    there = archive_steps(workload.input_path())
    if there is None or there == workload.steps:
        return ()
    return (
        f"{workload.path} says {there:,} steps, and {workload.steps:,} are run: workload.steps has the last word;"
        " `--set workload.steps=null` runs those of the archive",
    )


def _announce(workload: ArraysWorkload) -> str:
    made = workload.generate
    network = workload.path if made is None else f"{made.neurons:,} generated neurons with {made.fan_out:,} synapses each"
    steps = "" if workload.steps is None else f", {workload.steps:,} steps"
    return f"spiking network, {network}{steps},"


def _contents(experiment: Experiment) -> str:
    assert isinstance(experiment.workload, ArraysWorkload)
    network = spiking_network(experiment.workload)
    return f"{len(network):,} neurons with {network.synapses:,} synapses, {network.steps:,} steps"


ARRAYS = WorkloadKind(model=ArraysWorkload, program="snn", read=_read, announce=_announce, contents=_contents)
