"""An experiment: chip, workload, mapping, engine, seed, end, probes and faults."""

from __future__ import annotations

from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from chipsim.spec.chip import ChipSpec
from chipsim.spec.constant import Delay, FieldError, Moment, Spec
from chipsim.spec.workload import Workload

Seed = Annotated[int, Field(strict=True, ge=0, le=2**63 - 1)]
Number = Annotated[int, Field(strict=True, ge=0, le=2**40)]

PARTITIONERS = ("metis", "sequential", "random")
PLACERS = ("hilbert", "row", "random")


MessageName = Literal[
    "item", "taken", "present", "spike", "answer", "result", "key_probe", "key_result", "alloc", "slot", "grow", "grown",
    "link", "linked", "set_parent", "set_route", "add_child", "wrote", "key_write", "key_wrote", "key_open", "erase", "erased",
    "fire", "alert",
]  # fmt: skip
"""Kinds of messages that a fault can name; a test holds them equal to those of the model."""


class MappingSpec(Spec):
    """How the stored network comes onto the cores, or the file that says where everything is.

    Attributes:
        partitioner: which neurons share a core.
        placer: which core each part gets.
        seed: seed of both.
        fill: share of a core's neurons and memory that the partitioner may use, so that growth has room.
        file: a mapping saved before; nothing else is then used.
    """

    partitioner: Literal["metis", "sequential", "random"] = "metis"
    placer: Literal["hilbert", "row", "random"] = "hilbert"
    seed: Seed = 1
    fill: Annotated[float, Field(strict=True, gt=0, le=1)] = 0.9
    file: Annotated[str, Field(min_length=1)] | None = None

    @model_validator(mode="after")
    def _file_alone(self) -> Self:
        others = sorted(self.model_fields_set - {"file"})
        if self.file is not None and others:
            raise FieldError("file", f"file and {', '.join(others)} given; allowed: file alone, or how to make the mapping")
        return self


class LoseMessage(Spec):
    """Fault: the ``number``-th message of a kind, counted from 0 in order of sending, is lost on its way."""

    kind: Literal["lose_message"]
    message: MessageName
    number: Number


class FlipBit(Spec):
    """Fault: one bit of a stored pair flips.

    Attributes:
        at: when, in ps.
        core, slot, pair, bit: which bit of which pair of the neuron in which slot.
        field: the pair's ``id`` or ``interval``.
    """

    kind: Literal["flip_bit"]
    at: Moment
    core: Number
    slot: Number
    pair: Annotated[int, Field(strict=True, ge=0, le=7)]
    bit: Annotated[int, Field(strict=True, ge=0, le=62)]
    field: Literal["id", "interval"]


Fault = Annotated[LoseMessage | FlipBit, Field(discriminator="kind")]


class Experiment(Spec):
    """Everything that a run needs; names and paths are resolved, so it can be written out and run again.

    Attributes:
        name: what the run folder is called.
        until: end of the run in ps (the run covers [0, until)), None to run until all events are answered.
        probes: which event records are kept in the run folder.
    """

    name: Annotated[str, Field(min_length=1, max_length=100, pattern=r"^[^/\\]+$")] = "experiment"
    chip: ChipSpec
    workload: Workload
    mapping: MappingSpec = MappingSpec()
    engine: Literal["auto", "golden", "reference", "compiled"] = "auto"
    seed: Seed = 1
    until: Delay | None = None
    probes: tuple[Literal["spikes", "packets", "alerts", "events"], ...] = ()
    faults: tuple[Fault, ...] = ()

    @model_validator(mode="after")
    def _faults_on_chip(self) -> Self:
        for number, fault in enumerate(self.faults):
            if isinstance(fault, FlipBit):
                _below(f"faults.{number}.core", fault.core, self.chip.noc.cores, "the cores of the chip")
                _below(f"faults.{number}.slot", fault.slot, self.chip.core.neurons, "the slots of a core")
        return self


def _below(key: str, found: int, limit: int, what: str) -> None:
    if found >= limit:
        raise FieldError(key, f"found {found}; allowed: 0 to {limit - 1}, {what}")
