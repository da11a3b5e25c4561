"""Workloads given in arrays or made by rule: a spiking network, and packets to be sent."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from chipsim.config.constant import FieldError, Spec

MAX_STEPS = 2**31 - 1
"""Most steps of a run; steps are counted in 32 bits in files."""

Steps = Annotated[int, Field(strict=True, ge=1, le=MAX_STEPS)]


class GenerateSpec(Spec):
    """A spiking network made by rule: neurons of weight 0 that fire once per period, in random phase, onto random targets.

    Attributes:
        neurons: how many.
        fan_out: synapses of each, targets drawn uniformly, with repetition.
        period: steps between two spikes of a neuron; every neuron has bias 1 and threshold period - 0.5.
        seed: of phases and targets.
    """

    neurons: Annotated[int, Field(strict=True, ge=1, le=2**31 - 1)]
    fan_out: Annotated[int, Field(strict=True, ge=0, le=2**20)] = 100
    period: Annotated[int, Field(strict=True, ge=1, le=2**20)] = 50
    seed: Annotated[int, Field(strict=True, ge=0, le=2**63 - 1)] = 1


class ArraysWorkload(Spec):
    """Leaky integrate-and-fire neurons and their synapses, in arrays of a NumPy archive (.npz), or made by rule.

    Attributes:
        kind: ``arrays``.
        path: the archive, with src, dst, weight and whatever else of the network; exactly one of ``path`` and ``generate`` is given.
        generate: a network made by rule.
        steps: how many steps to run; null for the number that the archive gives.
        check_memory: whether a network that needs more than ``core.memory`` somewhere is refused; otherwise it is only reported.
    """

    kind: Literal["arrays"]
    path: Annotated[str, Field(min_length=1)] | None = None
    generate: GenerateSpec | None = None
    steps: Steps | None = None
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
        if self.generate is not None and self.steps is None:
            raise FieldError(
                "missing; allowed: a whole number from 1, since a generated network does not say how long", "steps"
            )
        return self

    def input_path(self) -> Path:
        """The archive."""
        return Path(self.path or "")


class TrafficWorkload(Spec):
    """Packets that cores send at given times.

    Attributes:
        kind: ``traffic``.
        path: a NumPy archive (.npz) with time_ps, source, destination and, if not 1, flits; or the packets.parquet of a run.
    """

    kind: Literal["traffic"]
    path: Annotated[str, Field(min_length=1)]

    def input_path(self) -> Path:
        """The file."""
        return Path(self.path)


_Share = Annotated[float, Field(strict=True, gt=0, le=1)]


class SyntheticWorkload(Spec):
    """Packets made by rule: synthetic traffic, as networks-on-chip are measured with.

    Attributes:
        kind: ``synthetic``.
        pattern: where packets go: ``uniform`` (any core, the sender included), ``transpose``, ``bitcomp``, ``bitrev``, ``shuffle``,
            ``tornado``, ``neighbor``, ``randperm``, ``hotspot`` or ``bursty`` (uniform, sources are on and off).
        load: flits per core and cycle; a cycle is ``chip.noc.flit_time``.
        flits: flits of a packet; of several lengths each is as likely.
        cycles: how long packets are sent.
        hotspots: cores that ``hotspot`` prefers; without any the first of the tile in the middle.
        hotspot_share: share of the packets that goes to them.
        burst_alpha: probability per cycle that a source goes on; null for sources that always are on (0.5 with ``bursty``).
        burst_beta: probability per cycle that it goes off; null likewise.
        seed: of times, destinations and lengths.
    """

    kind: Literal["synthetic"]
    pattern: Literal[
        "uniform", "transpose", "bitcomp", "bitrev", "shuffle", "tornado", "neighbor", "randperm", "hotspot", "bursty"
    ] = "uniform"
    load: _Share
    flits: Annotated[
        tuple[Annotated[int, Field(strict=True, ge=1, le=2**16 - 1)], ...], Field(min_length=1, max_length=100)
    ] = (1,)
    cycles: Annotated[int, Field(strict=True, ge=1, le=2**40)]
    hotspots: Annotated[tuple[Annotated[int, Field(strict=True, ge=0, le=2**24)], ...], Field(max_length=1000)] = ()
    hotspot_share: _Share = 0.2
    burst_alpha: _Share | None = None
    burst_beta: _Share | None = None
    seed: Annotated[int, Field(strict=True, ge=0, le=2**63 - 1)] = 1
