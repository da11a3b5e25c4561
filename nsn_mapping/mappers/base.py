"""What a mapper is to the pipeline, and the registry of mappers."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from chipsim.config.experiment import Experiment
from chipsim.config.faults import NetworkFault
from chipsim.lookup import Columns
from chipsim.plan.inputs import Mapping as Placed
from chipsim.registry import Registry
from nsn_mapping.hypergraph import Hypergraph
from nsn_mapping.place.sites import Sites, sites_for

if TYPE_CHECKING:
    from nsn_mapping.problem import Problem  # it knows what a stored network takes on a core, and other networks do without it


@dataclass(frozen=True, slots=True)
class Use:
    """What a mapping uses of what is allowed, and what it costs.

    Attributes:
        mapping: keys of ``mapping`` in the summary; without ``method``.
        summary: further keys of the summary.
        tables: ``cores`` and, where the network is not too large for it, more.
        traffic: what a spike or an axon access costs, in words.
        warnings: what of it is not as the chip has it, and what to do; a sentence each.
    """

    mapping: Mapping[str, Any]
    summary: Mapping[str, Any]
    tables: Mapping[str, Columns]
    traffic: str
    warnings: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Nets:
    """A network as methods are held against each other on it.

    Attributes:
        hypergraph: what is sent to whom.
        problem: limits of cores, where there are more than neurons.
    """

    hypergraph: Hypergraph
    problem: Problem | None = None


@dataclass(frozen=True, slots=True)
class Mapper:
    """How networks of one sort are mapped.

    Attributes:
        map: the graph that a program hands it (``Program.graph``) onto the cores, as the experiment says. Raises MappingError, ConfigError.
        use: of a mapping, without running it.
        nets: the network alone.
        reads_files: whether it takes a mapping that was saved before (``mapping.file``).
    """

    map: Callable[[Experiment, Any], Placed]
    use: Callable[[Experiment, Any, Placed], Use]
    nets: Callable[[Experiment, Any], Nets]
    reads_files: bool = False


MAPPERS: Registry[Mapper] = Registry("chipsim.mappers", "mapper", Mapper)
"""Every mapper that is installed."""


def usable(experiment: Experiment) -> Sites:
    """Cores that the experiment's mapping can use, and what its placer counts of paths between them. Raises MappingError: no such cores."""
    spec = experiment.mapping
    return sites_for(experiment.chip, spec.placer, spec.objective, avoided_faults(experiment), experiment.seed)


def avoided_faults(experiment: Experiment) -> tuple[NetworkFault, ...]:
    """Faults that the experiment's mapping goes round."""
    return experiment.network_faults if experiment.mapping.avoid_faults else ()
