"""What a program is to everybody else, and the registry of programs.

A program is what the cores of a chip run: its messages and state, its kernels, how its network is lowered, what it counts and how that is
summed up. It lives in one folder and is registered once, as an entry point of the group ``chipsim.programs``. Nobody outside that folder
asks which program runs: the pipeline, the engines, the command line and the reports do with any program what this interface says.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from importlib import import_module
from pathlib import Path
from typing import Any, TypeVar

import numpy as np
import numpy.typing as npt

from chipsim.config.experiment import Experiment
from chipsim.errors import PluginError
from chipsim.lookup import Columns
from chipsim.machine.actions import ACTIONS, TABLE, Action
from chipsim.machine.histogram import Histogram
from chipsim.machine.raw import RawRun
from chipsim.plan.forecast import Forecast
from chipsim.plan.inputs import Mapping as Placed
from chipsim.plan.plan import Plan
from chipsim.programs.told import Told
from chipsim.registry import Registry

Ints = npt.NDArray[np.int64]

Files = Mapping[str, Callable[[Path], None]]
"""Files of a run folder by name, each with what writes it."""


@dataclass(frozen=True, slots=True)
class Run:
    """A run that has ended, as its program sums it up.

    Attributes:
        experiment: what was asked for.
        given: what the program was given to run, as far as it keeps that (``Program.kept``).
        mapping: where it lived; None where nothing is mapped.
        plan: what the engine was given; raw: what it counted.
        flit_pj, credit_pj: float64[link numbers], energy that a flit and a credit take on each link.
    """

    experiment: Experiment
    given: Any
    mapping: Placed | None
    plan: Plan
    raw: RawRun
    flit_pj: npt.NDArray[np.float64]
    credit_pj: npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Held:
    """What the cores hold at the end of a run.

    Attributes:
        neurons, axons, keyed: int64[cores], neurons, input lines and entries of a keyed index.
        roles: what cores play beside that, by core.
    """

    neurons: Ints
    axons: Ints
    keyed: Ints
    roles: Mapping[int, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Limits:
    """What resources other than power allow: a program says it of its own, the time of cores and links comes to it.

    Attributes:
        rates: events per second by name: of a program's own such as ``wta_quorum``, then ``core_time`` (the busiest core, busy all the time)
            and ``link``.
        reached: names of those that the run was at, since it goes as fast as they allow.
        memory_events: events until slots or memory of the chip are used up at the growth seen; None where nothing grows.
        unstored: novelties that found no room.
    """

    rates: Mapping[str, float] = field(default_factory=dict)
    reached: frozenset[str] = frozenset()
    memory_events: float | None = None
    unstored: int = 0


@dataclass(frozen=True, slots=True)
class Pacing:
    """How the events of a plan are offered at another pace, so that limits are measured.

    Attributes:
        at: the plan with so many of its events offered at a rate, as fast as the chip takes them where that is None; None for no events.
        saturates: whether a plan offers all its events so.
        rates: what the program's own resources allow by their time, as in ``Limits``.
        events: how many a run had.
    """

    at: Callable[[Plan, float | None, int], Plan | None]
    saturates: Callable[[Plan], bool]
    rates: Callable[[Plan, RawRun], Mapping[str, float]]
    events: Callable[[RawRun], int]


@dataclass(frozen=True, slots=True)
class Section:
    """A part of a result: whose it is, what it adds to the summary, its tables.

    Attributes:
        kind: name of the program, or ``machine``.
        summary: keys of ``summary.json``; what is a mapping there already is added to.
        tables: flat tables by name.
    """

    kind: str
    summary: Mapping[str, Any]
    tables: Mapping[str, Columns]


@dataclass(frozen=True, slots=True)
class Collected:
    """A run summed up by its program.

    Attributes:
        events: how many happened of what rates and energies are per (``Program.unit``).
        neurons: what the claim is about; cores_used: cores that hold them.
        held: what the cores hold.
        latency: of what ``latency_of`` says, from its offer to its answer, in ps.
        service: the same without the wait for input that is not there yet; None where nothing waits for any.
        warnings: what whoever reads the figures must know first, a sentence each, with what to do.
        limits: what else binds.
        sections: parts of summary and tables; ``counts`` and ``mapping`` of the summary are added to.
        alerts: what the host was told, in order; None where the program tells it nothing.
        files: further files of the run folder.
    """

    events: int
    neurons: int
    cores_used: int
    held: Held
    latency: Histogram
    latency_of: str
    limits: Limits
    sections: tuple[Section, ...]
    alerts: list[dict[str, Any]] | None = None
    files: Files = field(default_factory=dict)
    service: Histogram | None = None
    warnings: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class InSoftware:
    """What the golden model of a program did and stored, without a chip.

    Attributes:
        functional_digest: of its decisions and what it stored.
        sections, alerts, files: as in ``Collected``.
    """

    functional_digest: str
    sections: tuple[Section, ...]
    alerts: list[dict[str, Any]] | None = None
    files: Files = field(default_factory=dict)


def _all(given: Any) -> Any:
    return given


def _none(given: Any) -> tuple[str, ...]:
    return ()


def _unknown(_: Plan) -> int:
    return 0


@dataclass(frozen=True, slots=True)
class Program:
    """What cores run.

    Attributes:
        name: what it is registered as, and the ``kind`` of the summaries of its runs.
        about: what it is, in a line.
        unit: what rates and energies of a run are per, in the singular: ``event``, ``spike``, ``packet``.
        progress: what the progress of a run counts, in the plural.
        mapper: which mapper places what it is given to run (``chipsim.mappers``); None where that names its cores.
        graph: what that mapper is handed of it, in the form that it takes (``chipsim.plan.graph``).
        lower: the plan of what it is given to run, mapped. Raises ConfigError, MappingError, SimulationError.
        collect: a run summed up.
        told: what is said of a run.
        reference: ``module:class`` of what its cores do on the reference engine, a ``chipsim.programs.reference.Cores``.
        software: runs what it is given in software alone (engine ``golden``); None where nothing does.
        restore: what a run stored, from its folder; None where nothing is.
        forecast: memory that a run needs, from sizes that are known before its input is read; None for a program that asks its plan.
        tables, files: names of the tables and further files that its runs may have.
        kept: what ``collect`` looks at of the input; the rest is let go when it is lowered. Of what was kept before it keeps all.
        actions: what it counts beside the machine's actions, numbered from ``ACTIONS`` on (``chipsim.machine.actions``).
        host: ``module:class`` of its side of the compiled engine, a ``chipsim.programs.host.Host``; empty where it has none, and runs on the
            reference engine alone.
        pacing: how its events are offered at another pace; None where they are not offered at a rate.
        sides: how many operations of a core go on at once: 2 where it takes messages in while it sends others.
        warnings: what is to be known of what it is given before it runs, a sentence each, with what to do.
        horizon: ps at which the last thing from outside is due in a plan, as far as that is known before it runs; 0 where it is not.
        draws: whether it draws anything from the run's ``seed``, beside what the network-on-chip does.
    """

    name: str
    about: str
    unit: str
    progress: str
    mapper: str | None
    lower: Callable[[Experiment, Any, Placed | None], Plan]
    collect: Callable[[Run], Collected]
    told: Told
    reference: str
    graph: Callable[[Experiment, Any], Any] | None = None
    software: Callable[[Experiment, Any], InSoftware] | None = None
    restore: Callable[[Path], Any] | None = None
    forecast: Callable[..., Forecast] | None = None
    tables: tuple[str, ...] = ()
    files: tuple[str, ...] = ()
    kept: Callable[[Any], Any] = _all
    actions: tuple[Action, ...] = ()
    host: str = ""
    pacing: Pacing | None = None
    sides: int = 1
    warnings: Callable[[Any], tuple[str, ...]] = _none
    horizon: Callable[[Plan], int] = _unknown
    draws: bool = True

    def __post_init__(self) -> None:
        numbers, names = [one.number for one in self.actions], {one.name for one in self.counted}
        if numbers != list(range(ACTIONS, ACTIONS + len(numbers))) or len(names) < len(self.counted):
            raise ValueError(f"program {self.name}: actions {numbers}; allowed: numbers from {ACTIONS} on, names of their own")
        if (self.mapper is None) != (self.graph is None):
            raise ValueError(f"program {self.name}: mapper {self.mapper}, graph {self.graph}; allowed: both, or neither")

    @property
    def counted(self) -> tuple[Action, ...]:
        """All that its runs count, by number."""
        return TABLE + self.actions


PROGRAMS: Registry[Program] = Registry("chipsim.programs", "program", Program)
"""Every program that is installed."""

Side = TypeVar("Side")


def side_of(program: str, field_name: str, of: type[Side], needs: Iterable[str] = ()) -> type[Side]:
    """What a program does on an engine: the class that a field of it names.

    Args:
        program: its name.
        field_name: ``reference`` or ``host``.
        of: what the class is derived from.
        needs: attributes that it must have, beside its abstract methods.

    Raises:
        PluginError: there is no such class.
    """
    place = getattr(PROGRAMS.get(program), field_name)
    module, _, name = place.partition(":")
    told = f"program {program}: Program.{field_name} is {place!r}"
    try:
        found = getattr(import_module(module), name)
    except (ImportError, AttributeError, ValueError) as error:
        raise PluginError(f"{told}, which cannot be loaded: {error}; allowed: module:class") from error
    if not (isinstance(found, type) and issubclass(found, of)):
        raise PluginError(f"{told}; allowed: a class derived from {of.__name__} of {of.__module__}")
    missing = sorted({*getattr(found, "__abstractmethods__", ()), *(name for name in needs if not hasattr(found, name))})
    if missing:
        raise PluginError(f"{told}, which lacks {', '.join(missing)} of {of.__name__}")
    return found
