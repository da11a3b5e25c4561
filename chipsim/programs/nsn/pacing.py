"""The same network and input at another pace, and what the roots allow by their time."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import numpy as np

from chipsim.machine.histogram import S_PER_PS
from chipsim.machine.raw import RawRun
from chipsim.network.stimulus import END_EPISODE, END_SEGMENT
from chipsim.plan.plan import Plan
from chipsim.programs.nsn.latency import layer_latencies
from chipsim.programs.nsn.plan import NsnPlan
from chipsim.programs.nsn.state import END_INPUT, SATURATE
from chipsim.units import PS_PER_S

WTA_QUORUM = "wta_quorum"

PERIOD_STEP_PS = 100
"""Periods are whole tenths of a nanosecond: finer ones would make the time unit of a run finer for nothing."""


def at_pace(plan: Plan, rate_hz: float | None, events: int) -> Plan | None:
    """A plan whose events are offered at a rate, to its end; faults strike at the same chip times as in the run.

    It does not sleep: what a sleep takes is once for all that was read, and not by event.

    Args:
        plan: of the run.
        rate_hz: events per second; None for as fast as the chip takes them.
        events: how many of the run's events, the first ones; the episode of the last ends with it.

    Returns:
        The plan; None where nothing is offered.
    """
    own: NsnPlan = plan.own
    events = min(len(own.offer), events)
    if not events:
        return None
    items = int(np.searchsorted(own.event, own.first_event + events))
    if rate_hz is None:
        offer = np.full(events, SATURATE, np.int64)
    else:
        period = max(1, round(PS_PER_S / rate_hz / PERIOD_STEP_PS)) * PERIOD_STEP_PS
        offer = np.arange(events, dtype=np.int64) * period
    fed = {name: getattr(own, name)[:items] for name in ("code", "time", "flags", "event")}
    fed["flags"] = fed["flags"] & ~END_INPUT
    if items < len(own.code):
        fed["flags"][-1] |= END_SEGMENT | END_EPISODE  # else layers would wait for items that do not come
    return replace(plan, until=0, own=replace(own, offer=offer, **fed))


def saturates(plan: Plan) -> bool:
    """Whether a plan's events are offered as fast as the chip takes them, and nothing but their end ends the run."""
    own: NsnPlan = plan.own
    return not plan.until and bool((own.offer == SATURATE).all())


def last_offer(plan: Plan) -> int:
    """When the last event is offered, in ps; 0 where events are offered as they are taken."""
    own: NsnPlan = plan.own
    return int(own.offer.max(initial=0))


def events_of(raw: RawRun) -> int:
    """Events offered in a run."""
    return int(raw.own.events_in)


def root_rates(plan: Plan, raw: RawRun) -> Mapping[str, float]:
    """Events per second of the slowest root, whose segments follow each other without waiting for input; empty where none worked."""
    slowest = max((one.busy_ps for one in layer_latencies(plan.own, raw.own)), default=0)
    events = events_of(raw)
    return {WTA_QUORUM: events / (slowest * S_PER_PS)} if slowest and events else {}
