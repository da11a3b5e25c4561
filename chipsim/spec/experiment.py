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
            raise FieldError(f"file and {', '.join(others)} given; allowed: file alone, or how to make the mapping", "file")
        return self


class LoseMessage(Spec):
    """Fault: one message is lost on its way.

    Attributes:
        kind: ``lose_message``.
        message: kind of the message.
        number: which one of that kind, counted from 0 in order of sending.
    """

    kind: Literal["lose_message"]
    message: MessageName
    number: Number


class FlipBit(Spec):
    """Fault: one bit of a stored pair flips.

    Attributes:
        kind: ``flip_bit``.
        at: when (ps).
        core, slot: which neuron.
        pair: which of its pairs, from 0.
        bit: which bit, 0 the lowest.
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
        chip: the chip, by name, path or inline.
        workload: what runs.
        mapping: how the stored network comes onto the cores.
        engine: ``golden`` is software alone, ``reference`` and ``compiled`` emulate the chip, ``auto`` picks.
        seed: seed of the run.
        until: end of the run (ps); it covers [0, until). Null runs until all events are answered.
        probes: which event records are kept in the run folder.
        faults: what goes wrong on purpose.
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
                _below(fault.core, self.chip.noc.cores, "the cores of the chip", "faults", number, "core")
                _below(fault.slot, self.chip.core.neurons, "the slots of a core", "faults", number, "slot")
        return self


def _below(found: int, limit: int, what: str, *key: str | int) -> None:
    if found >= limit:
        raise FieldError(f"found {found}; allowed: 0 to {limit - 1}, {what}", *key)
