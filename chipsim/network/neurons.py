"""What a neuron model is to spiking cores, to the reader of archives and to snapshots, and the registry of models.

A model is one file and one entry point of the group ``chipsim.neurons``. Its update is a kernel (``chipsim.jit``): the reference engine
calls it as Python, the compiled one has it as part of the loop over a core's neurons. All models have potential, bias and threshold of each
neuron and the leak of the network (``chipsim.programs.snn.state.Neurons``) and make of them what they like; what a model needs beside these
it declares as quantities, which are keys of an archive and columns of its own handle.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from chipsim.jit.records import Handle, fields_of
from chipsim.registry import Registry

TAKEN = frozenset(
    [
        "src",
        "dst",
        "weight",
        "delay",
        "neuron_core",
        "neuron_kind",
        "v0",
        "bias",
        "threshold",
        "leak",
        "in_step",
        "in_neuron",
        "steps",
    ]
)
"""Keys of an archive that mean the same with every model."""


@dataclass(frozen=True, slots=True)
class Quantity:
    """Something that every neuron of a model has beside what all models have: one value per neuron, or one for all, in an archive.

    Attributes:
        name: the key in an archive, and the column of the model's handle.
        about: what it is, in a phrase.
        default: where an archive does not say.
        low, high: what an archive may say.
        real: whether it is measured like potentials: then the column has multiples of 2^-``fraction``; else it is a whole number.
    """

    name: str
    about: str
    default: float = 0
    low: float = 0
    high: float = 2**31 - 1
    real: bool = False


@dataclass(frozen=True, slots=True)
class NeuronModel:
    """How neurons of a kind behave.

    Attributes:
        about: what it is, in a line.
        update: a kernel at the level of its module, called for a neuron in every step: neurons (``Neurons``), position, number of the step
            (from 1), sum of the weights that arrived for it, and whether any did (their sum may be 0). It leaves potential and state as they
            are at the end of the step and returns ``LOOKED_AT``, ``UPDATED`` or ``FIRES``, which is also what is counted.
        own: the class of the columns behind ``Neurons.model``, one for each quantity.
        parameters: quantities that no run changes.
        state: quantities that ``update`` changes: an archive gives them as they are before the first step, snapshots hold them.
        bits: of a core's memory that a neuron takes: potential (32), bias and threshold (16 each), and its columns.

    Raises:
        TypeError: columns and quantities do not agree, a column cannot hold what a quantity may be, or a key means something else.
    """

    about: str
    update: Callable[[Any, int, int, int, bool], int]
    own: type[Handle] = Handle
    parameters: tuple[Quantity, ...] = ()
    state: tuple[Quantity, ...] = ()
    bits: int = 64

    def __post_init__(self) -> None:
        names = [one.name for one in self.quantities]
        columns = fields_of(self.own)
        if sorted(names) != sorted(columns) or {field.what for field in columns.values()} - {"column"}:
            raise TypeError(
                f"{self.own.__name__} has {', '.join(columns) or 'nothing'}; allowed: a Column for each quantity ({', '.join(names) or 'none'})"
            )
        for one in self.quantities:
            holds = np.iinfo(columns[one.name].dtype or np.int64)
            if not one.real and not holds.min <= min(one.low, one.default) <= max(one.high, one.default) <= holds.max:
                raise TypeError(
                    f"{self.own.__name__}.{one.name} holds {holds.min} to {holds.max}; allowed: a Column that holds what the quantity may be,"
                    f" {one.low:g} to {one.high:g}"
                )
        if taken := sorted(TAKEN & set(names)):
            raise TypeError(f"quantities {', '.join(taken)}; allowed: names that no archive has for all models")

    @property
    def quantities(self) -> tuple[Quantity, ...]:
        """All of them."""
        return self.parameters + self.state

    @property
    def kernel(self) -> str:
        """Where the update is: ``module:function``."""
        return f"{self.update.__module__}:{self.update.__name__}"


NEURONS: Registry[NeuronModel] = Registry("chipsim.neurons", "neuron model", NeuronModel)
"""Every model that is installed."""
