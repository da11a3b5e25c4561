"""Kind ``synthetic``: packets made by rule, as networks-on-chip are measured with."""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING, Annotated, Literal

from pydantic import Field

from chipsim.config.workload import WorkloadKind, WorkloadSpec
from chipsim.machine.message import MOST_FLITS

if TYPE_CHECKING:
    from chipsim.config.chip import ChipSpec
    from chipsim.config.experiment import Experiment
    from chipsim.plan.plan import Ints

_Share = Annotated[float, Field(strict=True, gt=0, le=1)]


class SyntheticWorkload(WorkloadSpec):
    """Packets made by rule: synthetic traffic, as networks-on-chip are measured with.

    Attributes:
        kind: ``synthetic``: packets made by rule.
        pattern: where packets go: ``uniform`` (any core, the sender included), ``transpose``, ``bitcomp``, ``bitrev``, ``shuffle``,
            ``tornado``, ``neighbor``, ``randperm``, ``hotspot`` or ``bursty`` (uniform, sources are on and off).
        load: flits per core and cycle; a cycle is ``chip.noc.flit_time``.
        flits: flits of a packet; of several lengths each is as likely.
        cycles: how long packets are sent.
        hotspots: cores that ``hotspot`` prefers; without any the first of the tile in the middle.
        hotspot_share: share of the packets that goes to them.
        burst_alpha: probability per cycle that a source goes on; null for sources that always are on (0.5 with ``bursty``).
        burst_beta: probability per cycle that it goes off; null likewise.
        seed: that times, destinations and lengths are drawn from.
    """

    kind: Literal["synthetic"]
    pattern: Literal[
        "uniform", "transpose", "bitcomp", "bitrev", "shuffle", "tornado", "neighbor", "randperm", "hotspot", "bursty"
    ] = "uniform"
    load: _Share
    flits: Annotated[
        tuple[Annotated[int, Field(strict=True, ge=1, le=MOST_FLITS)], ...], Field(min_length=1, max_length=100)
    ] = (1,)
    cycles: Annotated[int, Field(strict=True, ge=1, le=2**40)]
    hotspots: Annotated[tuple[Annotated[int, Field(strict=True, ge=0, le=2**24)], ...], Field(max_length=1000)] = ()
    hotspot_share: _Share = 0.2
    burst_alpha: _Share | None = None
    burst_beta: _Share | None = None
    seed: Annotated[int, Field(strict=True, ge=0, le=2**63 - 1)] = 1

    @property
    def seed_key(self) -> str:
        """Its own."""
        return "workload.seed"


def synthetic_packets(chip: ChipSpec, workload: SyntheticWorkload, memory_limit: int | None = None) -> Ints:
    """Packets made by rule.

    Returns:
        int64[packets, 4]: time ps, source core, destination core, flits.

    Raises:
        ConfigError: the chip's cores have no such pattern, or no flit time.
        UsageError: they would take too much memory.
    """
    from chipsim.plan.chip import refuse_unknown
    from chipsim.plan.forecast import PACKET_BYTES, Forecast, refuse_beyond
    from workloads.synthetic import Burst, Pattern, Synthetic, make_traffic, most_packets, nodes_of

    refuse_unknown(chip, ("noc.flit_time",))
    alpha, beta = (None if share is None else _exact(share) for share in (workload.burst_alpha, workload.burst_beta))
    is_bursty = workload.pattern == "bursty" or alpha is not None or beta is not None
    half = Fraction(1, 2)
    traffic = Synthetic(
        Pattern(workload.pattern, workload.hotspots, _exact(workload.hotspot_share)),
        _exact(workload.load),
        workload.flits,
        workload.cycles,
        workload.seed,
        Burst(half if alpha is None else alpha, half if beta is None else beta) if is_bursty else None,
    )
    nodes = nodes_of(chip)
    needed = Forecast((("packets", most_packets(traffic, nodes) * PACKET_BYTES),), "fewer cycles (workload.cycles)")
    refuse_beyond(needed, memory_limit)
    return make_traffic(traffic, nodes, int(chip.noc.flit_time.value or 1))


def _exact(share: float) -> Fraction:
    """The number that was written, not the nearest that a machine has."""
    return Fraction(repr(share))


def _read(experiment: Experiment, memory_limit: int | None) -> Ints:
    assert isinstance(experiment.workload, SyntheticWorkload)
    return synthetic_packets(experiment.chip, experiment.workload, memory_limit)


def _announce(workload: SyntheticWorkload) -> str:
    return f"{workload.pattern} traffic of {workload.load:g} flits per core and cycle"


def _contents(experiment: Experiment) -> str:
    return f"{len(_read(experiment, None)):,} packets"


SYNTHETIC = WorkloadKind(model=SyntheticWorkload, program="packets", read=_read, announce=_announce, contents=_contents)
