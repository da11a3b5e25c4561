"""One case: run it, and account for every packet, every virtual channel and every credit."""

from __future__ import annotations

import re
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from unittest import mock

import numpy as np

from chipsim.engines.base import Watch
from chipsim.engines.compiled import layout as at
from chipsim.engines.compiled.fabric import channels
from chipsim.engines.compiled.run import Run
from chipsim.engines.reference import run_reference
from chipsim.errors import ConfigError, DeadlockError
from chipsim.machine.raw import CAUSES
from chipsim.noc.cycles import find_cycle_large
from chipsim.noc.deadlock import check_deadlock
from chipsim.noc.plan import NocPlan
from chipsim.plan.plan import Plan
from tests.stress.draw import Case, Ints, plan_of
from tests.wormholes import CLOCK

BY_HAND = 20
"""One case of so many is also put before the checker as a user meets it, and one that deadlocked before the reference engine."""

UNNAMED = "the network stands still"

DIRECTIONS = "EWSNDU"

_LINE = re.compile(r"  router (\d+) input (local )?(\w+) VC (\d+) \(packet .* to output (local )?(\w+)\) waits for (.*)")
_PLACE = re.compile(r"router (\d+) input (local )?(\w+) VC (\d+)")


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of a case.

    Attributes:
        number: of the case.
        routers: of its network.
        packets, hops: packets sent, flits times links.
        losses: packets lost, by cause (``chipsim.machine.raw.CAUSES``).
        refused: whether the checker refuses the network.
        deadlocked: whether it did.
        named: whether the watchdog named the cycle.
        busy: whether packets still waited at their sources when the last one was created.
        wrong: what does not add up, empty if everything does.
        cpu_s: processor seconds of the engine.
    """

    number: int
    routers: int
    packets: int
    losses: tuple[int, ...]
    hops: int
    refused: bool
    deadlocked: bool
    named: bool
    busy: bool
    wrong: str
    cpu_s: float


def run_case(case: Case) -> Outcome:
    """Run a case, also one that the checker refuses."""
    plan = plan_of(case)
    assert plan.noc is not None
    refused = is_refused(plan.noc, case)
    run = Run(plan, Watch(frozenset({"packets"})))
    sent = plan.own.traffic
    try:
        raw = run.run()
    except DeadlockError as error:
        wrong = "" if refused else f"stood still though the checker passed it: {error}"
        said = named(str(error), plan, case)
        wrong = wrong or unreal(said, plan.noc)
        hops = int(run.machine.state.links["flits"].sum())
        return Outcome(
            case.number, case.routers, len(sent), (0,) * len(CAUSES), hops, refused, True, said != UNNAMED, True, wrong, 0.0
        )
    losses = tuple(raw.losses.tolist())
    wrong = unaccounted(sent, raw.packets, losses) or held(run)
    busy = bool((raw.packets[:, 8] > (case.cycles - 1) * CLOCK).any())
    hops = int(raw.link_flits.sum())
    return Outcome(case.number, case.routers, len(sent), losses, hops, refused, False, False, busy, wrong, raw.cpu_s)


def named(message: str, plan: Plan, case: Case) -> str:
    """What the watchdog says; of some cases what that of the reference engine says."""
    if case.number % BY_HAND:
        return message
    try:
        run_reference(plan)
    except DeadlockError as error:
        return str(error)
    return "nothing: the reference engine did not stand still"


def is_refused(noc: NocPlan, case: Case) -> bool:
    """Whether the checker refuses the network for this traffic."""
    always_large = mock.patch("chipsim.noc.deadlock.find_cycle", find_cycle_large)  # networkx would take longer than the run
    refused = _refuses(noc, case, always_large)
    if case.number % BY_HAND == 0:
        assert _refuses(noc, case, nullcontext()) == refused, f"the checker is of two minds: {case}"
    return refused


def _refuses(noc: NocPlan, case: Case, context: AbstractContextManager[object]) -> bool:
    with context:
        try:
            check_deadlock(noc, 0, np.zeros((0, 4), np.int64), "case", case.routing)
        except ConfigError:
            return True
    return False


def unaccounted(sent: Ints, packets: Ints, losses: tuple[int, ...]) -> str:
    """What of the packets sent neither arrived once, unchanged, where it was to go, nor is counted as lost."""
    if len(packets) + sum(losses) != len(sent):
        return f"{len(sent)} packets sent, {len(packets)} delivered, {losses} lost"
    span = int(sent[:, 1:3].max(initial=0)) + 1
    want, got = (((r[:, 0] * span + r[:, 1]) * span + r[:, 2]) * 64 + r[:, 3] for r in (sent, packets[:, [0, 3, 4, 6]]))
    kinds, count = np.unique(want, return_counts=True)
    came, times = np.unique(got, return_counts=True)
    place = np.searchsorted(kinds, came)
    if (place == len(kinds)).any() or (kinds[place] != came).any() or (count[place] < times).any():
        return "something was delivered that nobody sent, or twice"
    return ""


def held(run: Run) -> str:
    """What routers still hold of an empty network: flits, virtual channels, credits that are neither back nor on their way."""
    m = run.machine.state
    vcs, buffer = m.vcs, m.buffer
    words = (
        m.outputs if run.plan.noc is None or run.plan.noc.damage is None else m.outputs[:-vcs]
    )  # the last takes what goes nowhere
    if (words & at.HELD).any():
        return f"{int((words & at.HELD != 0).sum())} virtual channels are held by nobody's packet"
    if channels(m)[:, at.V_COUNT].any() or m.routers["flits"].any():
        return "flits are left in routers"
    missing = buffer * len(words) - int((words & at.CREDITS).sum())
    if (words & at.CREDITS > buffer).any() or missing > len(words) * vcs:
        return f"{missing} credits are missing"
    return ""


def unreal(message: str, noc: NocPlan) -> str:
    """Why the cycle that the watchdog names is none: each line must wait for the next, and be joined to it by a link or by its router."""
    lines = [found for found in map(_LINE.fullmatch, message.splitlines()) if found]
    if message == UNNAMED:
        return ""
    if len(lines) < 2:
        return f"the watchdog names no cycle: {message[:200]}"
    places = [_place(line[1], line[2], line[3], line[4], noc) for line in lines]
    if len(set(places)) < len(places):
        return f"the watchdog names a place twice: {message[:400]}"
    fabric = noc.fabric
    for i, line in enumerate(lines):
        awaited = _PLACE.fullmatch(line[7])
        here, behind = places[i], places[(i + 1) % len(places)]
        if awaited is None or _place(awaited[1], awaited[2], awaited[3], awaited[4], noc) != behind:
            return f"line {i} of the cycle does not wait for the next: {message[:400]}"
        out = _port(line[5], line[6], noc)
        if behind[0] == here[0]:
            continue  # for a virtual channel that another packet in this router holds
        link, back = here[0] * fabric.ports + out, behind[0] * fabric.ports
        ahead = out < fabric.ports and fabric.to[link] == behind[0] and fabric.back[link] == behind[1]
        upstream = any(
            fabric.to[back + p] == here[0] and fabric.back[back + p] == here[1] for p in range(fabric.ports)
        )  # for flits that still have to come
        if not ahead and not upstream:
            return f"line {i} of the cycle waits for a place that no link leads to: {message[:400]}"
    return ""


def _port(local: str | None, name: str, noc: NocPlan) -> int:
    if local:
        return noc.fabric.ports + int(name)
    return int(name) if name.isdecimal() else DIRECTIONS.index(name)


def _place(router: str, local: str | None, port: str, vc: str, noc: NocPlan) -> tuple[int, int, int]:
    return int(router), _port(local, port, noc), int(vc)
