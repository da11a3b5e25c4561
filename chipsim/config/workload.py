"""What every kind of workload has in common, and the registry of kinds.

A kind is one file: a model of what its mapping in an experiment may hold, how its input is read, and which program runs it. Kinds are entry
points of the group ``chipsim.workloads``; those that ship stand in ``workloads/kinds``.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import reduce
from operator import or_
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Self

from pydantic import Field, GetCoreSchemaHandler

from chipsim.config.constant import FieldError, Spec
from chipsim.config.faults import NETWORK_FAULTS
from chipsim.config.mapping import MappingSpec
from chipsim.config.policy import GrowthPolicy
from chipsim.ids import Chain
from chipsim.registry import Registry

if TYPE_CHECKING:
    from pydantic_core import CoreSchema

    from chipsim.config.experiment import Experiment


class WorkloadSpec(Spec):
    """What runs.

    Attributes:
        kind: which kind of workload it is.
    """

    kind: str

    @property
    def seed_key(self) -> str:
        """Key path within an experiment of the seed that this input is drawn from; empty where nothing of it is drawn."""
        return ""

    def why_unused(self, key: str) -> str:
        """Why a key changes nothing as the others are, and what would have it matter; empty where it may.

        Args:
            key: path below ``workload``, such as ``recognise.threshold``.
        """
        return ""

    def fitted(self, named: frozenset[str]) -> Self:
        """The workload of a shipped experiment, made to fit what the user has it read; here as it is.

        Args:
            named: keys that the user set, which stay as they are.
        """
        return self

    def shortened(self, named: frozenset[str]) -> Self:
        """The workload of any experiment, with as much as its input has where that is less than it asks for; here as it is.

        Args:
            named: keys that settings name, which stay as they are.
        """
        return self

    def fitted_mapping(self, mapping: MappingSpec, named: frozenset[str], named_of_mapping: frozenset[str]) -> MappingSpec:
        """The mapping of a shipped experiment, made to fit what the user has the workload read; here as it is.

        Args:
            mapping: of the experiment.
            named: keys of the workload that the user set.
            named_of_mapping: keys of the mapping that the user set, which stay as they are.
        """
        return mapping

    def fits(self, experiment: Experiment) -> None:
        """Refuse what this kind cannot be run with; here all that only networks that grow have.

        Raises:
            FieldError: with the key path within the experiment.
        """
        if experiment.mapping.growth != GrowthPolicy():
            raise FieldError(f"growth is for texts and logs; allowed with kind {self.kind}: no such key", "mapping", "growth")
        for number, fault in enumerate(experiment.faults):
            if not isinstance(fault, NETWORK_FAULTS):
                raise FieldError(
                    f"{fault.kind} is for texts and logs; allowed with kind {self.kind}: dead_link, dead_router, dead_core, flit_loss",
                    "faults",
                    number,
                )
        if experiment.mapping.file is not None:
            raise FieldError(
                f"a mapping file is for texts and logs; allowed with kind {self.kind}: partitioner and placer, and cores in neuron_core"
                " of the archive",
                "mapping",
                "file",
            )
        if experiment.engine == "golden":
            raise FieldError(f"found golden; allowed with kind {self.kind}: auto, reference, compiled", "engine")


@dataclass(frozen=True, slots=True)
class Episodes:
    """Input that a run stored.

    Attributes:
        found: items, (code, time) each, by number of the episode.
        left_out: numbers of the episodes that cannot be told again.
        chains: of an episode by number, the neurons from which each of its items came.
    """

    found: Mapping[int, list[tuple[int, int]]]
    left_out: tuple[int, ...]
    chains: Callable[[int], list[Chain]]


@dataclass(frozen=True, slots=True)
class Symbols:
    """How the codes of stored items are written.

    Attributes:
        codes: of a row of symbols as a user writes it. Raises UsageError where it cannot be read.
        name: of one code.
        shown: a row of codes for people, in quotation marks where its ends could not be seen.
    """

    codes: Callable[[str], list[int]]
    name: Callable[[int], str]
    shown: Callable[[Sequence[int]], str]


Say = Callable[[str], None]
"""Told what could not be looked up."""


@dataclass(frozen=True, slots=True)
class Replay:
    """How what a run stored is told again, for kinds whose programs store their input.

    Attributes:
        read: the stored input from the folder of a run of a workload; one episode by number, or all. Raises UsageError, WorkloadError.
        told: items as a user knows them: bytes as they were, or text; from the workload, the run's folder, the items and the place of the
            first of them in its episode.
        symbols: how they are written, from the workload and the run's folder.
    """

    read: Callable[[Any, Path, int | None], Episodes]
    told: Callable[[Any, Path, list[tuple[int, int]], int, Say], bytes | str]
    symbols: Callable[[Any, Path, Say], Symbols]


@dataclass(frozen=True, slots=True)
class WorkloadKind:
    """A kind of workload.

    Attributes:
        model: what its mapping may hold; its ``kind`` is a literal, the name that it is registered as.
        program: name of the program that runs it.
        read: the program's input for an experiment, from files or by rule; the second argument is the memory in bytes that the run may
            take, None for what is free. Raises WorkloadError, ConfigError, UsageError.
        announce: what is about to run, from the workload alone: a phrase that goes between the experiment's name and the place.
        contents: what the input holds, from reading it: a phrase. Raises WorkloadError.
        replay: how stored input is told again; None where none is stored.
    """

    model: type[WorkloadSpec]
    program: str
    read: Callable[[Experiment, int | None], Any]
    announce: Callable[[Any], str]
    contents: Callable[[Experiment], str]
    replay: Replay | None = None


WORKLOADS: Registry[WorkloadKind] = Registry("chipsim.workloads", "kind of workload", WorkloadKind)
"""Every kind that is installed."""


def kind_of(workload: WorkloadSpec) -> WorkloadKind:
    """The kind of a workload."""
    return WORKLOADS.get(workload.kind)


def models() -> tuple[type[WorkloadSpec], ...]:
    """What a workload of some kind may hold, kind by kind."""
    return tuple(kind.model for kind in WORKLOADS.all().values())


class _OfAnyKind:
    """Has pydantic take a model of any kind, told apart by ``kind``; kinds are loaded when first one is validated."""

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        from pydantic_core import core_schema

        union = reduce(or_, models())
        told_apart = handler.generate_schema(Annotated[union, Field(discriminator="kind")])
        return core_schema.no_info_before_validator_function(_loadable, told_apart)


def _loadable(workload: Any) -> Any:
    """Refuse a kind that is installed and broken, which was left out of the models. Raises PluginError."""
    kind = workload.get("kind") if isinstance(workload, Mapping) else None
    if isinstance(kind, str) and kind in WORKLOADS.names():
        WORKLOADS.get(kind)
    return workload


Workload = Annotated[WorkloadSpec, _OfAnyKind()]
"""A workload of any kind, told apart by ``kind``."""
