"""Partitioners: one method a file, registered as an entry point of ``chipsim.partitioners``, and how a method is asked for parts.

There are three forms of a network: nets (bare graphs, and anything else in that form), stored neurosemantic networks, and spiking networks. A
method may have a way of its own for each; one that has none sees nets. So a method from outside needs ``nets`` alone.
"""

from __future__ import annotations

import logging
from typing import Any

import numpy as np
import numpy.typing as npt

from chipsim.config.mapping import PARTITIONERS, Partitioner
from chipsim.errors import MappingError, PluginError
from chipsim.network.spiking import SpikingNetwork
from nsn_mapping.hypergraph import Caps, Hypergraph, plain_caps
from nsn_mapping.partition.possible import check_possible
from nsn_mapping.problem import Problem, to_hypergraph

Words = npt.NDArray[np.int32]

log = logging.getLogger(__name__)


def graph_methods() -> tuple[str, ...]:
    """Methods that give parts of a bare graph by themselves."""
    return tuple(name for name, method in PARTITIONERS.all().items() if method.nets is not None and method.picks is None)


def stored_methods() -> tuple[str, ...]:
    """Methods that give parts of a stored network, ``auto`` included."""
    return tuple(name for name, method in PARTITIONERS.all().items() if method.nets is not None or method.picks is not None)


def graph_parts(name: str, h: Hypergraph, caps: Caps, parts: int, seed: int) -> Words:
    """int32[n], parts of any network as nets, 0..``parts``-1, within all caps.

    Raises:
        UsageError: the method is not known.
        MappingError: it does not go by nets, or found no parts within the caps.
    """
    method = _picked(name, h, parts)
    if method.nets is None:
        raise MappingError(f"mapping.partitioner: {name} makes no parts of a graph; allowed: {', '.join(graph_methods())}")
    found = _checked(method.name, method.nets(h, caps, parts, seed), len(h), parts)
    _refuse_full(method.name, found, caps.neurons)
    return found


def stored_parts(name: str, problem: Problem, seed: int) -> Words:
    """int32[neurons], parts of a stored network, without holes, within all caps.

    Raises:
        UsageError: the method is not known.
        MappingError: the network does not fit, or the method is none for stored networks.
    """
    method = _picked(name, problem, problem.cores)
    if method.stored is not None:
        return _checked(method.name, method.stored(problem, seed), len(problem), max(1, len(problem)))
    check_possible(problem)
    if not len(problem):
        return np.zeros(0, np.int32)
    h, caps = to_hypergraph(problem)
    return np.unique(graph_parts(method.name, h, caps, problem.cores, seed), return_inverse=True)[1].astype(np.int32).ravel()


def spiking_parts(name: str, network: SpikingNetwork, nets: Hypergraph | None, parts: int, cap: int, seed: int) -> Words:
    """int32[neurons], parts 0..``parts``-1 of a spiking network of at most ``cap`` neurons.

    Args:
        name: of a method.
        network: neurons and synapses.
        nets: the same as nets, where ``sees_nets``.
        parts: how many.
        cap: most neurons of one.
        seed: of all that is random.

    Raises:
        UsageError: the method is not known.
        MappingError: there are no such parts, or the method makes none.
    """
    method = PARTITIONERS.get(name)
    if method.spiking is not None:
        found = _checked(method.name, method.spiking(network, parts, cap, seed), len(network), parts)
        _refuse_full(method.name, found, cap)
        return found
    if parts == 1 or nets is None:
        return np.zeros(len(network), np.int32)
    return graph_parts(name, nets, plain_caps(len(network), cap), parts, seed)


def sees_nets(name: str) -> bool:
    """Whether a method sees a spiking network as nets: it then lowers packets."""
    return PARTITIONERS.get(name).spiking is None


def _checked(name: str, found: Any, vertices: int, parts: int) -> Words:
    """Parts as a method gives them, as int32. Raises PluginError where they are none."""
    if not isinstance(found, np.ndarray) or found.dtype.kind not in "iu" or found.shape != (vertices,):
        what = f"{found.dtype}{list(found.shape)}" if isinstance(found, np.ndarray) else type(found).__name__
        raise PluginError(f"partitioner {name}: its parts are {what}; allowed: a whole number for each of {vertices} neurons")
    odd = np.flatnonzero((found < 0) | (found >= parts))
    if len(odd):
        raise PluginError(f"partitioner {name}: neuron {odd[0]} is in part {found[odd[0]]}; allowed: 0 to {parts - 1}")
    return np.ascontiguousarray(found, np.int32)


def _refuse_full(name: str, found: Words, neurons: int) -> None:
    """Refuse parts of more neurons than a core holds; whoever places them looks at the other limits. Raises PluginError."""
    held = np.bincount(found, minlength=1)
    if held.max() > neurons:
        part = int(held.argmax())
        raise PluginError(f"partitioner {name}: part {part} has {held[part]} neurons; allowed: up to {neurons}")


def _picked(name: str, network: Hypergraph | Problem, cores: int) -> Partitioner:
    method = PARTITIONERS.get(name)
    if method.picks is None:
        return method
    picked, reason = method.picks(network, cores, None)
    log.info("mapping.partitioner: %s took %s: %s", name, picked, reason)
    return PARTITIONERS.get(picked)
