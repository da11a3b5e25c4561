"""What a chip is: mesh, cores, memory, times, energies, growth regions and host port."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from chipsim.config.constant import (
    Constant,
    EnergyConstant,
    FieldError,
    Grade,
    PowerConstant,
    Spec,
    TimeConstant,
)
from chipsim.config.core import NOT_GIVEN, CoreSpec, whole
from chipsim.config.noc import MAX_SIDE, LevelSpec, NocSpec

__all__ = [
    "MAX_CORES",
    "MAX_SIDE",
    "ChipSpec",
    "EnergySpec",
    "GrowthSpec",
    "HostSpec",
    "LevelSpec",
    "NocSpec",
    "PowerSpec",
    "Provenance",
]

MAX_CORES = 2**24
"""Most cores, slot servers and hosts of one chip together: their numbers take 24 bits where an engine puts packets in order."""


def _stand_in(value: str, low: str, high: str, derivation: str, proxy: str) -> EnergyConstant:
    """The price of what a chip file may leave out, for files that are older than the count: a figure with its derivation, no silent 0."""
    given = {"value": value, "grade": "assumed", "source": f"{NOT_GIVEN}; {derivation}", "proxy": proxy, "range": (low, high)}
    return EnergyConstant.model_validate(given)


class EnergySpec(Spec):
    """Energy per counted action, marginal (static power is apart, so none of these may be a total divided by a rate).

    Attributes:
        synaptic_op: comparing one holder row or keyed entry.
        neuron_update: one write of match state, or of count and times.
        pair_write: storing one (id, interval) pair of a new neuron.
        axon_lookup: finding the rows of an arriving item.
        memory_read, memory_write: one 32-bit word.
        spike_out: sending one message.
        message_in: taking one message in.
        combine: combining a child's answer with the one held, on the way up the tree.
        soma_access: looking at one spiking neuron in a step (spiking networks only).
        soma_update: updating one that has something to do in it (spiking networks only).
        soma_spike: one that fires, before its messages leave (spiking networks only).
        router_flit: one flit entering or leaving a router through a local port.
        hop_ew, hop_ns: one flit crossing one link.
        credit: one credit that a wormhole router sends back over one link.
        table_write: one multicast entry written into a router.
        table_read: one entry of a router's table that a packet is looked up in.
        slot_op: one request handled by a slot server.
        host_flit: one flit between the chip and its host.
    """

    synaptic_op: EnergyConstant
    neuron_update: EnergyConstant
    pair_write: EnergyConstant
    axon_lookup: EnergyConstant
    memory_read: EnergyConstant
    memory_write: EnergyConstant
    spike_out: EnergyConstant
    message_in: EnergyConstant
    combine: EnergyConstant = _stand_in(
        "15 pJ", "5 pJ", "45 pJ", "5 words of 32 bits read and written in core SRAM, 47 fJ per bit (Akopyan 2015)", "TrueNorth"
    )
    router_flit: EnergyConstant
    hop_ew: EnergyConstant
    hop_ns: EnergyConstant
    table_write: EnergyConstant
    table_read: EnergyConstant = _stand_in(
        "1.5 pJ", "0.5 pJ", "4.5 pJ", "one 32-bit entry read in core SRAM, 47 fJ per bit (Akopyan 2015)", "TrueNorth"
    )
    slot_op: EnergyConstant
    host_flit: EnergyConstant
    credit: EnergyConstant = _stand_in(
        "0.33 pJ",
        "0.03 pJ",
        "2.3 pJ",
        "3 bits (there is one, and which of 4 VCs) of the 32 that cross a link for 3.5 pJ",
        "Loihi 1",
    )
    soma_access: EnergyConstant = EnergyConstant(grade="unknown", source=NOT_GIVEN)
    soma_update: EnergyConstant = EnergyConstant(grade="unknown", source=NOT_GIVEN)
    soma_spike: EnergyConstant = EnergyConstant(grade="unknown", source=NOT_GIVEN)


class PowerSpec(Spec):
    """Power per core at rest, and the budget.

    Attributes:
        static_per_core: what a core draws whether or not it works.
        budget_per_core: what the account is held against; it is never added to anything.
    """

    static_per_core: PowerConstant
    budget_per_core: PowerConstant


class GrowthSpec(Spec):
    """Regions of tiles that share a slot server, counted from tile 0; regions at the rim may be smaller.

    Attributes:
        region_width, region_height: size of a region in tiles.
        on_full: what happens to a novelty without a slot: ``flag`` (counted as unstored) or ``stop`` (the run ends).
        slot_time: how long a slot server needs for one request.
    """

    region_width: Annotated[int, whole(1, MAX_SIDE)]
    region_height: Annotated[int, whole(1, MAX_SIDE)]
    on_full: Literal["flag", "stop"] = "flag"
    slot_time: TimeConstant


class HostSpec(Spec):
    """Where events enter and alerts leave.

    Attributes:
        tile: the tile that the host port hangs on.
        latency: of the link between that tile and the host.
    """

    tile: Annotated[int, whole(0, MAX_CORES - 1)] = 0
    latency: TimeConstant


class Provenance(Spec):
    """Grade and source of a number that is not a time, energy or power (a capacity, a size).

    Attributes:
        grade: how well it is known.
        source: where it comes from.
    """

    grade: Grade
    source: Annotated[str, Field(min_length=1)]


class ChipSpec(Spec):
    """A chip.

    Attributes:
        spec_version: version of this format.
        name: what reports call the chip.
        description: one line for people.
        noc: network-on-chip.
        core: the cores, all alike.
        energy: energy per counted action.
        power: power per core at rest, and the budget.
        growth: regions that share a slot server.
        host: where events enter and alerts leave.
        provenance: grade and source of capacities and sizes, by key path within the chip (``core.neurons``).
    """

    spec_version: Literal[1] = 1
    name: Annotated[str, Field(min_length=1, max_length=100)]
    description: str = ""
    noc: NocSpec
    core: CoreSpec
    energy: EnergySpec
    power: PowerSpec
    growth: GrowthSpec
    host: HostSpec
    provenance: Mapping[str, Provenance] = {}

    def constants(self) -> dict[str, Constant]:
        """Every time, energy and power constant by key path within the chip, e.g. ``noc.flit_time``, in file order."""
        return dict(_constants(self, ""))

    def unknown(self) -> tuple[str, ...]:
        """Key paths of the constants without a value."""
        return tuple(path for path, constant in self.constants().items() if constant.value is None)

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        regions = -(-self.noc.width // self.growth.region_width) * -(
            -self.noc.height * self.noc.depth // self.growth.region_height
        )
        if self.noc.cores + regions + 1 > MAX_CORES:
            raise FieldError(
                f"{self.noc.cores} cores (width x height x depth x concentration), {regions} slot servers (one per growth region) and the "
                f"host; allowed: up to {MAX_CORES} of them together",
                "noc",
            )
        if self.host.tile >= self.noc.tiles:
            raise FieldError(
                f"found {self.host.tile} on a chip of {self.noc.tiles} tiles; allowed: 0 to {self.noc.tiles - 1}",
                "host",
                "tile",
            )
        for path in self.provenance:
            if not _is_number(self, path):
                raise FieldError(
                    f"{path!r} is no number of this chip; allowed: key paths such as core.neurons", "provenance", path
                )
        return self


def _constants(spec: Spec, prefix: str) -> Iterator[tuple[str, Constant]]:
    """All constants below a description, depth first."""
    for name in type(spec).model_fields:
        value = getattr(spec, name)
        if isinstance(value, Constant):
            yield prefix + name, value
        elif isinstance(value, Spec):
            yield from _constants(value, f"{prefix}{name}.")
        elif isinstance(value, tuple):
            for i, item in enumerate(value):
                if isinstance(item, Spec):
                    yield from _constants(item, f"{prefix}{name}.{i}.")


def _is_number(spec: Spec, path: str) -> bool:
    """Whether a key path leads to a plain number (or null in its place), not to a group or a constant with its own grade."""
    value: object = spec
    for part in path.split("."):
        if not isinstance(value, Spec) or isinstance(value, Constant) or part not in type(value).model_fields:
            return False
        value = getattr(value, part)
    return value is None or (isinstance(value, int) and not isinstance(value, bool))
