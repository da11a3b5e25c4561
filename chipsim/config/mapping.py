"""How a network comes onto the cores: what an experiment says about it, and the registries of methods.

A method is one file and one entry point, of the group ``chipsim.partitioners`` or ``chipsim.placers``. The names in a description, on the
command line, in the docs and in ``chipsim show`` all come from there.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Annotated, Any, Literal, Self

from pydantic import Field, model_validator

from chipsim.config.constant import FieldError, Spec
from chipsim.config.named import NameIn
from chipsim.config.policy import GrowthPolicy
from chipsim.registry import Registry

Seed = Annotated[int, Field(strict=True, ge=0, le=2**63 - 1)]

Objective = Literal["hops", "link", "energy"]
"""What placers minimise: the sum of hops, the load of the busiest link, the energy of the links."""

DEFAULT, AUTO, GIVEN = "default", "auto", "given"
"""Partitioners that something else asks for by name: what is taken where nothing is said, what picks another, what makes no parts itself."""

NAIVE, RANDOM = "sequential", "random"
"""Partitioners that mappings are held against."""


@dataclass(frozen=True, slots=True)
class Partitioner:
    """A way to find which neurons share a core. Types are those of ``nsn_mapping``; every way gives int32[n], parts from 0.

    Attributes:
        name: what it is registered as.
        about: what it does, in a line.
        nets: for any network as nets, (Hypergraph, Caps, most parts, seed): parts within all caps. Raises MappingError where it finds none.
            None where there is no such way.
        stored: for neurosemantic networks instead, (Problem, seed); None goes by ``nets``.
        spiking: for spiking networks instead, (SpikingNetwork, parts, neurons of a part, seed); None goes by ``nets``.
        picks: for a method that takes another one: (network, cores, CPU seconds or None) gives its name and why; the network is a Hypergraph or
            a Problem.
        placer: that places its parts of a bare graph.
        refines: whether neurons of a bare graph then move between placed cores for packets and hops together.
        compared: whether it is among those that ``chipsim map --compare`` holds against each other where nobody says which.
        draws: whether anything of it depends on the seed.
    """

    name: str
    about: str
    nets: Callable[..., Any] | None = None
    stored: Callable[..., Any] | None = None
    spiking: Callable[..., Any] | None = None
    picks: Callable[..., tuple[str, str]] | None = None
    placer: str = "anneal"
    refines: bool = False
    compared: bool = False
    draws: bool = True


@dataclass(frozen=True, slots=True)
class Placer:
    """A way to give every part a core. It has either an order of the cores or a search.

    Attributes:
        name: what it is registered as.
        about: what it does, in a line.
        order: (Traffic or None where it is not known, number of parts, Mesh, Sites, seed) gives a Placement, whatever is to be minimised.
        search: (Blocks, Sites, seed, effort) gives int32[parts], sites at little cost of all paths; time is in proportion to effort.
        draws: whether anything of it depends on the seed.
    """

    name: str
    about: str
    order: Callable[..., Any] | None = None
    search: Callable[..., Any] | None = None
    draws: bool = True


PARTITIONERS: Registry[Partitioner] = Registry("chipsim.partitioners", "partitioner", Partitioner)
"""Every partitioner that is installed."""

PLACERS: Registry[Placer] = Registry("chipsim.placers", "placer", Placer)
"""Every placer that is installed."""


class MappingSpec(Spec):
    """How the network comes onto the cores, or the file that says where everything is.

    Attributes:
        partitioner: which neurons share a core; ``auto`` picks another by size, ``given`` takes the cores that an archive of arrays names. Null
            for default, and for arrays for given where the archive names cores, else sequential.
        placer: which core each part gets.
        objective: what placers that search minimise: hops, the load of the busiest ``link``, or ``energy`` of links.
        avoid_faults: whether cores and routers that are dead from the start, or cut off, hold nothing; placers that search count paths round
            dead links.
        seed: that partitioner and placer draw from.
        fill: share of a core's neurons (and memory) that the partitioner may use. Null for 0.9 where networks grow, else 1.
        file: a mapping saved before; nothing else is then used but ``growth`` and ``avoid_faults``.
        growth: where neurons go that grow on the chip, and whether neurons move.
    """

    partitioner: Annotated[str, NameIn(PARTITIONERS)] | None = None
    placer: Annotated[str, NameIn(PLACERS)] = "hilbert"
    objective: Objective = "hops"
    avoid_faults: Annotated[bool, Field(strict=True)] = True
    seed: Seed = 1
    fill: Annotated[float, Field(strict=True, gt=0, le=1)] | None = None
    file: Annotated[str, Field(min_length=1)] | None = None
    growth: GrowthPolicy = GrowthPolicy()

    @model_validator(mode="after")
    def _fits_together(self) -> Self:
        others = sorted(self.model_fields_set - {"file", "growth", "avoid_faults"})
        if self.file is not None and others:
            raise FieldError(f"file and {', '.join(others)} given; allowed: file alone, or how to make the mapping", "file")
        if self.objective != "hops" and not searches(self.placer):
            raise FieldError(
                f"found {self.objective} with placer {self.placer}; allowed: hops, or placer {' or '.join(searching())}",
                "objective",
            )
        return self


def searches(placer: str) -> bool:
    """Whether a placer looks at what paths cost; others only go through the cores in an order."""
    return PLACERS.get(placer).search is not None


def searching() -> tuple[str, ...]:
    """Names of the placers that look at what paths cost."""
    return tuple(name for name, placer in PLACERS.all().items() if placer.search is not None)
