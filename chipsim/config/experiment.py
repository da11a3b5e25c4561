"""An experiment: chip, workload, mapping, engine, seed, end, probes and faults."""

from __future__ import annotations

from typing import Annotated, Literal, Self

from pydantic import ConfigDict, Field, model_validator

from chipsim.config.chip import ChipSpec
from chipsim.config.constant import Delay, FieldError, Spec
from chipsim.config.faults import NETWORK_FAULTS, DeadCore, DeadRouter, Fault, FlipBit, LoseMessage, NetworkFault
from chipsim.config.mapping import MappingSpec, Seed
from chipsim.config.named import NameIn
from chipsim.config.sink import SINKS
from chipsim.config.workload import Workload


class Experiment(Spec):
    """Everything that a run needs; names and paths are resolved, so it can be written out and run again.

    Attributes:
        name: what the run folder is called.
        chip: the chip, by name, path or inline.
        workload: what runs.
        mapping: how the stored network comes onto the cores.
        engine: ``golden`` is software alone, ``reference`` and ``compiled`` emulate the chip, ``auto`` picks.
        seed: of lost flits, and of ties between two ways round a torus; what a workload draws has a seed of its own, and so has the mapping.
        until: end of the run (ps); it covers [0, until). Null runs until all work is done.
        probes: which event records are kept in the run folder.
        limits: how far the chip goes is ``measured`` by further passes after the run, or ``extrapolated`` from it; null: measured by
            ``chipsim run``, extrapolated in sweeps.
        sinks: forms in which tables are written besides Parquet.
        faults: what goes wrong on purpose.
    """

    model_config = ConfigDict(defer_build=True)  # kinds of workload may be of modules that import this one

    name: Annotated[str, Field(min_length=1, max_length=100, pattern=r"^[^/\\]+$")] = "experiment"
    chip: ChipSpec
    workload: Workload
    mapping: MappingSpec = MappingSpec()
    engine: Literal["auto", "golden", "reference", "compiled"] = "auto"
    seed: Seed = 1
    until: Delay | None = None
    probes: tuple[Literal["spikes", "packets", "alerts", "events"], ...] = ()
    limits: Literal["measured", "extrapolated"] | None = None
    sinks: tuple[Annotated[str, NameIn(SINKS)], ...] = ()
    faults: tuple[Fault, ...] = ()

    @property
    def network_faults(self) -> tuple[NetworkFault, ...]:
        """The faults that any workload can run with."""
        return tuple(fault for fault in self.faults if isinstance(fault, NETWORK_FAULTS))

    @model_validator(mode="after")
    def _fits_workload(self) -> Self:
        """What a kind of workload cannot be run with."""
        self.workload.fits(self)
        return self

    @model_validator(mode="after")
    def _faults_on_chip(self) -> Self:
        for number, fault in enumerate(self.faults):
            if isinstance(fault, LoseMessage) and fault.source is not None:
                _below(fault.source, self.chip.noc.cores, "the cores of the chip", "faults", number, "source")
            if isinstance(fault, FlipBit):
                _below(fault.core, self.chip.noc.cores, "the cores of the chip", "faults", number, "core")
                _below(fault.slot, self.chip.core.neurons, "the slots of a core", "faults", number, "slot")
            elif isinstance(fault, DeadRouter):
                _below(fault.router, self.chip.noc.tiles, "the routers of the chip", "faults", number, "router")
            elif isinstance(fault, DeadCore):
                _below(fault.core, self.chip.noc.cores, "the cores of the chip", "faults", number, "core")
        return self


def _below(found: int, limit: int, what: str, *key: str | int) -> None:
    if found >= limit:
        raise FieldError(f"found {found}; allowed: 0 to {limit - 1}, {what}", *key)
