"""A program in one file: cores send pings at given times, and a core answers every ping after a fixed time.

It has what every program has: messages, a plan, the cores on the reference engine, kernels and a host for the compiled
one, a summary, words for it; and the kind of workload that feeds it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated, Any, Literal

import numpy as np
import numpy.typing as npt
from pydantic import Field

from chipsim import quantity, terminal
from chipsim.config.constant import Delay
from chipsim.config.experiment import Experiment
from chipsim.config.workload import WorkloadKind, WorkloadSpec
from chipsim.jit.records import I64, Block, Column, Handle
from chipsim.lookup import Summary, Tables, number
from chipsim.machine.actions import A_MESSAGE, ACTIONS, CORE, Action, constants_of
from chipsim.machine.histogram import histogram
from chipsim.machine.hooks import answered, held, side, step, work
from chipsim.machine.message import F0, KIND, ROW, Kinds
from chipsim.machine.phases import OFFER
from chipsim.machine.snapshot import Snapshot
from chipsim.machine.state import NEED_PACKETS, NEVER, RUNNING, Machine
from chipsim.noc import mesh_of
from chipsim.noc.build import noc_plan, refuse_deadlock
from chipsim.plan.chip import NETWORK_CONSTANTS, chip_part, cores_and_host, refuse_unknown
from chipsim.plan.forecast import PACKET_BYTES, Forecast
from chipsim.plan.plan import EVENT, Plan
from chipsim.programs.base import Collected, Held, Limits, Program, Run, Section
from chipsim.programs.host import Array, Host
from chipsim.programs.reference import Chip, Cores, Message
from chipsim.programs.told import Fact, Told, Try

__all__ = ["ECHO", "PINGS", "answered", "begin", "held", "offer", "release", "side", "step", "work"]
NAME = "echo"
Ints = npt.NDArray[np.int64]

# -- messages, plan, outcome -------------------------------------------------------------------------------------------

PING, PONG = 1, 2
KINDS = Kinds(("", "ping", "pong"), {PING: frozenset({PONG}), PONG: frozenset()})
"""Both carry the number of the ping, in their first field; taking in a ping sends a pong."""

A_ECHO = ACTIONS
ACTION = Action(A_ECHO, "echoes", CORE, price="spike_out")
"""What it counts beside the machine's actions: answers, each at the price of a spike that leaves."""

TIME, SOURCE, TARGET = range(3)
COLUMNS = 3


@dataclass(frozen=True, slots=True)
class EchoPlan:
    """What is the program's own in a plan.

    Attributes:
        pings: int64[pings, 3]: time ps, source core, target core; sorted by time.
    """

    pings: Ints

    def forecast(self, plan: Plan) -> Forecast:
        """What its run needs beside the chip."""
        return Forecast((("pings", 2 * len(self.pings) * PACKET_BYTES),), "fewer pings")


@dataclass(frozen=True, slots=True)
class EchoRun:
    """What is the program's own in a raw run, and in a snapshot, where ``sent`` is the one number of an array.

    Attributes:
        sent: pings that have left.
        back: int64[pings] ps at which the answer was taken in, -1 where it was not.
    """

    sent: int
    back: Ints


# -- the cores on the reference engine ---------------------------------------------------------------------------------


class EchoCores(Cores):
    """All cores: they send pings, answer those that come, and note answers."""

    def __init__(self, chip: Chip) -> None:
        super().__init__(chip)
        own: EchoPlan = self.plan.own
        self.pings = own.pings.tolist()
        self.sent, self.back = 0, [-1] * len(self.pings)

    def progress(self) -> tuple[int, int]:
        """Pings sent, and all."""
        return self.sent, len(self.pings)

    def begin(self) -> None:
        """Wait for the next ping's time."""
        if self.sent < len(self.pings):
            self.chip.later(self.pings[self.sent][TIME] - self.chip.now, OFFER, self.offer)

    def offer(self) -> None:
        """All pings of this time."""
        while self.sent < len(self.pings) and self.pings[self.sent][TIME] == self.chip.now:
            _, source, target = self.pings[self.sent]
            self.sent += 1
            self.chip.inject(source, row(PING, target, self.sent - 1))
        self.begin()

    def handle(self, endpoint: int, message: Message, act: list[int]) -> list[Message]:
        """A ping is answered when the operation ends; of an answer the time is noted."""
        act[A_MESSAGE] += 1
        if message[KIND] == PING:
            act[A_ECHO] += 1
            return [row(PONG, self.pings[message[F0]][SOURCE], message[F0])]
        self.back[message[F0]] = self.chip.now
        return []

    def outcome(self, end_ps: int) -> tuple[EchoRun, Ints]:
        """When answers came."""
        return EchoRun(self.sent, np.array(self.back, np.int64)), self.plan.used_bits

    def save(self) -> Mapping[str, Array]:
        """See ``EchoRun``."""
        return {"sent": np.array([self.sent], np.int64), "back": np.array(self.back, np.int64)}

    def restore(self, snapshot: Snapshot) -> None:
        """Go on with the ping that is due next."""
        self.sent, self.back = int(snapshot.own["sent"][0]), snapshot.own["back"].tolist()


def row(kind: int, dest: int, ping: int) -> Message:
    """A message."""
    return (kind, dest, 0, ping) + (0,) * (ROW - 4)


# -- kernels of the compiled engine ------------------------------------------------------------------------------------

HOOKS = ("answered", "begin", "held", "offer", "release", "side", "step", "work")
"""Those that are not here are imported from ``chipsim.machine.hooks``: they do nothing."""


class Echo(Handle):
    """What the program keeps.

    Attributes:
        sent, count: pings that have left, and all.
        flits: of an answer.
        pings: time in units, source, target of each; back: units at which its answer was taken in, or -1.
    """

    sent: I64
    count: I64
    flits: I64
    pings: Column[I64]
    back: Column[I64]


def offer(m: Machine) -> int:
    """Pings whose time has come leave."""
    own: Echo = m.own
    n = own.sent
    while n < own.count and own.pings[n * COLUMNS + TIME] == m.now:
        if m.free_packets < 1:
            own.sent = n
            return NEED_PACKETS
        source, target = own.pings[n * COLUMNS + SOURCE], own.pings[n * COLUMNS + TARGET]
        m.services.inject(m, source, target, PING, own.flits, m.now, n, 0, 0)
        n += 1
    own.sent = n
    m.offer_at = own.pings[n * COLUMNS + TIME] if n < own.count else NEVER
    return RUNNING


def begin(m: Machine, endpoint: int, packet: int) -> int:
    """A ping or an answer is taken in."""
    own: Echo = m.own
    t = m.packets[packet]
    if t.kind == PING:
        m.endpoints[endpoint].out = t.payload + 1
        m.act[A_ECHO] = 1
    else:
        own.back[t.payload] = m.now
    m.act[A_MESSAGE] = 1
    return max(1, m.action_units[A_MESSAGE])


def release(m: Machine, endpoint: int) -> int:
    """The answer leaves, if one is due."""
    own: Echo = m.own
    e = m.endpoints[endpoint]
    if e.out == 0:
        return RUNNING
    if m.free_packets < 1:
        return NEED_PACKETS
    n = e.out - 1
    e.out = 0
    m.services.inject(m, endpoint, own.pings[n * COLUMNS + SOURCE], PONG, own.flits, m.now, n, 0, 0)
    return RUNNING


class EchoHost(Host):
    """The program's side of a run on the compiled engine."""

    kernels = __name__
    hooks = HOOKS
    own_kind = Echo

    def __init__(self, plan: Plan, machine: Block, unit: int) -> None:
        super().__init__(plan, machine, unit)
        self.stored: EchoPlan = plan.own

    @staticmethod
    def times(plan: Plan) -> Sequence[int]:
        """When pings are due, and 1 if an answer takes no time: then it takes 1 ps."""
        due = int(np.gcd.reduce(plan.own.pings[:, TIME], initial=0))
        return [due] if plan.action_time[A_MESSAGE] else [due, 1]

    def open(self) -> None:
        """Pings by time in units."""
        own, pings = self.own, self.stored.pings.copy()
        pings[:, TIME] //= self.unit
        own.pings, own.count, own.flits = pings.ravel(), len(pings), int(self.plan.flits[PONG])
        own.back = np.full(len(pings), -1, np.int64)
        self._set_due()

    def _set_due(self) -> None:
        own = self.own
        self.machine.offer_at = int(own.pings[own.sent * COLUMNS + TIME]) if own.sent < own.count else NEVER

    def progress(self) -> tuple[int, int]:
        """Pings sent, and all."""
        return self.own.sent, self.own.count

    def message(self, packet: int) -> Message:
        """The row that a packet stands for."""
        t = self.machine.packets[packet]
        return row(int(t["kind"]), int(t["dest"]), int(t["payload"]))

    def load(self, packet: int, message: Sequence[int]) -> None:
        """Likewise, the other way."""
        self.machine.packets["payload"][packet] = message[F0]

    def outputs(self, endpoint: int) -> list[Message]:
        """The answer that leaves when the operation ends."""
        n = int(self.machine.endpoints["out"][endpoint]) - 1
        return [row(PONG, int(self.stored.pings[n, SOURCE]), n)] if n >= 0 else []

    def load_outputs(self, endpoint: int, messages: Sequence[Message]) -> None:
        """Likewise, the other way."""
        for message in messages:
            self.machine.endpoints["out"][endpoint] = message[F0] + 1

    def save(self, decisions: int) -> dict[str, Array]:
        """See ``EchoRun``."""
        return {"sent": np.array([self.own.sent], np.int64), "back": self._back()}

    def restore(self, own: Mapping[str, Array]) -> int:
        """See ``EchoRun``."""
        self.own.sent = int(own["sent"][0])
        self.own.back[:] = np.where(own["back"] < 0, -1, own["back"] // self.unit)
        self._set_due()
        return 0

    def _back(self) -> Ints:
        back: Ints = np.where(self.own.back < 0, -1, self.own.back * self.unit)
        return back

    def result(self, status: str, end_ps: int, decisions: int, lists: Mapping[str, Array]) -> EchoRun:
        """When answers came."""
        return EchoRun(self.own.sent, self._back())


# -- from an experiment to a plan, from a run to its summary -----------------------------------------------------------


class EchoWorkload(WorkloadSpec):
    """Pings between cores that are drawn, one after the other.

    Attributes:
        kind: ``echo``.
        pings: how many.
        every: from one to the next.
        answer: how long a core takes to answer.
        flits: of a ping, and of an answer.
    """

    kind: Literal["echo"]
    pings: Annotated[int, Field(strict=True, ge=1, le=2**24)] = 100
    every: Delay = 1000
    answer: Delay = 20_000
    flits: Annotated[int, Field(strict=True, ge=1, le=1000)] = 1


def read(experiment: Experiment, memory_limit: int | None) -> Ints:
    """int64[pings, 3] as in ``EchoPlan``."""
    assert isinstance(experiment.workload, EchoWorkload)
    rng = np.random.default_rng(experiment.seed)
    ends = rng.integers(0, experiment.chip.noc.cores, (experiment.workload.pings, 2))
    return np.column_stack([np.arange(len(ends)) * experiment.workload.every, ends]).astype(np.int64)


def lower(experiment: Experiment, given: Ints, mapping: Any) -> Plan:
    """The plan: everything that an engine sees."""
    chip, workload = experiment.chip, experiment.workload
    assert isinstance(workload, EchoWorkload)
    mine = constants_of([A_MESSAGE, A_ECHO], ECHO.counted)
    refuse_unknown(chip, (*mine[1:], *NETWORK_CONSTANTS))  # the time of an answer is the workload's
    mesh, noc = mesh_of(chip.noc), noc_plan(chip, KINDS, experiment.seed, experiment.network_faults)
    none = np.zeros((0, 4), np.int64)
    refuse_deadlock(chip, noc, 0, none)
    of_chip = chip_part(chip, mesh, ECHO.counted)
    of_chip["action_time"][A_MESSAGE] = workload.answer
    return Plan(
        program=NAME,
        own=EchoPlan(given),
        pace=EVENT,
        tick=0,
        host_latency=chip.host.latency.value or 1,
        endpoint_tile=cores_and_host(chip, mesh),
        kinds=KINDS.names,
        flits=np.array([0, workload.flits, workload.flits], np.int64),
        route=none,
        used_bits=np.zeros(mesh.cores, np.int64),
        until=experiment.until or 0,
        fault=np.zeros((0, 7), np.int64),
        seed=experiment.seed,
        noc=noc,
        **of_chip,
    )


def collect(run: Run) -> Collected:
    """A run, summed up; one table, ``echoes``, has a row per ping."""
    plan, raw = run.plan, run.raw
    own: EchoRun = raw.own
    pings, none = plan.own.pings, np.zeros(plan.mesh.cores, np.int64)
    back = own.back >= 0
    used = int((raw.operations[: plan.mesh.cores] > 0).sum())
    summary = {
        "counts": {"events_in": own.sent},
        "echo": {"pings": own.sent, "answered": int(back.sum())},
        "mapping": {"cores_used": used, "neurons": 0, "max_core_fill": 0.0, "max_memory_fill": 0.0, "mean_hops": None},
    }
    table = {"sent_ps": pings[:, TIME], "source": pings[:, SOURCE], "target": pings[:, TARGET], "back_ps": own.back}
    return Collected(
        events=int(back.sum()),
        neurons=0,
        cores_used=used,
        held=Held(none, none, none),
        latency=histogram(own.back[back] - pings[back, TIME]),
        latency_of="answer",
        limits=Limits(),
        sections=(Section(NAME, summary, {"echoes": table}),),
    )


# -- in words ----------------------------------------------------------------------------------------------------------


def _done(summary: Summary) -> str:
    pings, answered = summary["echo"]["pings"], summary["echo"]["answered"]
    return f"{terminal.plural(answered, 'answer')} to {terminal.plural(pings, 'ping')}"


def _network(summary: Summary) -> str:
    counts = summary["counts"]
    return f"{terminal.plural(counts['packets'], 'packet')} over {terminal.plural(counts['hops'], 'hop')}"


def _facts(summary: Summary, tables: Tables) -> list[Fact]:
    answered, median = summary["echo"]["answered"], quantity.si(number(summary, "latency_s.p50"), "s")
    return [Fact("Answers", quantity.count(answered), _done(summary)), Fact("There and back, median", median)]


ECHO = Program(
    name=NAME,
    about="echoes: cores that answer every packet after a fixed time",
    unit="answer",
    progress="pings",
    mapper=None,
    lower=lower,
    collect=collect,
    told=Told(
        done=_done,
        network=_network,
        latency_way="from sending a ping to taking in its answer",
        no_latency="no ping was answered",
        next=lambda summary: Try("workload.pings=1000", "sends more"),
        facts=_facts,
        figures=("power", "energy", "chip-map", "link-map", "network"),
    ),
    reference=f"{__name__}:EchoCores",
    tables=("echoes",),
    actions=(ACTION,),
    host=f"{__name__}:EchoHost",
)

PINGS = WorkloadKind(
    model=EchoWorkload,
    program=NAME,
    read=read,
    announce=lambda workload: f"{workload.pings:,} pings",
    contents=lambda experiment: f"{len(read(experiment, None)):,} pings",
)
