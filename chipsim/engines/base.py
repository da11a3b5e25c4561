"""What all engines offer: run a plan, report progress between slices, stop when asked to."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from chipsim.errors import ConfigError, SimulationError
from chipsim.machine.raw import RawRun
from chipsim.machine.snapshot import Snapshot
from chipsim.machine.state import LATEST_PS
from chipsim.noc.plan import WORMHOLE
from chipsim.plan.plan import Plan


@dataclass(frozen=True, slots=True)
class Progress:
    """Where a run is: simulated time, events answered and in all, records so far."""

    now_ps: int
    events_done: int
    events: int
    hops: int


@dataclass(frozen=True, slots=True)
class Watch:
    """What the caller wants to see of a run and how it can stop it.

    Attributes:
        probes: names of extra records to keep: ``packets``, ``spikes``.
        progress: called between slices.
        stop: asked between slices; True ends the run with status ``interrupted``.
        say: told what takes a moment before a run can begin.
        interval_ps: width of the first intervals whose counts are kept (``chipsim.machine.timeline``); 0 keeps none.
        stage: told what begins: ``reading the input``, ``mapping``, ..., in words.
    """

    probes: frozenset[str] = frozenset()
    progress: Callable[[Progress], None] = lambda _: None
    stop: Callable[[], bool] = lambda: False
    say: Callable[[str], None] = lambda _: None
    stage: Callable[[str], None] = lambda _: None
    interval_ps: int = 0


class Engine(Protocol):
    """An engine by name."""

    def __call__(self, plan: Plan, watch: Watch) -> RawRun:
        """Run a plan to its end."""
        ...


def check_snapshot(plan: Plan, snapshot: Snapshot) -> None:
    """Refuse to go on from a snapshot that does not belong to a plan.

    Raises:
        ConfigError: it was taken from another plan, or the routers are wormhole routers.
    """
    if plan.router == WORMHOLE:
        raise ConfigError(
            "a run with wormhole routers cannot go on from a snapshot: it does not hold what is in the routers; run it from the beginning"
        )
    if bytes(snapshot.plan_hash).hex() != plan.fingerprint():
        raise ConfigError(
            "the snapshot belongs to another plan; resume with the experiment that it was taken from, changed only in `until`"
        )


def too_late() -> SimulationError:
    """A run that has gone beyond what its times can be."""
    return SimulationError(
        f"the run goes beyond {LATEST_PS} ps (26 days of chip time); give shorter times, fewer events, or an earlier end (until)"
    )
