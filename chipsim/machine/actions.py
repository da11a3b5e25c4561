"""What operations count: one table, from which times, prices, summaries and tables follow. A new counted action is a row of it.

A program may count what no other does: it declares rows of its own behind these (``Program.actions``), numbered from ``ACTIONS`` on, and its
plans have times for all.

An operation takes the sum of its counts times the times of its actions, and costs the sum of its counts times their prices. Where the chip
file has no time or price under a new action's own name, the row may name that of another.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

CORE, ROUTER, STATISTIC = "core", "router", ""
"""Shares of the account that actions belong to; a statistic costs nothing."""


@dataclass(frozen=True, slots=True)
class Action:
    """A counted action.

    Attributes:
        number: its place in arrays of counts.
        name: what counts of it are called in summaries and tables.
        share: part of the account that it belongs to, or ``STATISTIC``.
        price: its price by name in ``chip.energy``, which is its line in the account; actions with one price share a line.
        time: key path of its time in a chip file; "" if it takes none.
        in_summary: whether every summary counts it; others say it in their own words, or not at all.
        of_cores: whether it is something that a core does, so that the table of cores has a column of it.
    """

    number: int
    name: str
    share: str = STATISTIC
    price: str = ""
    time: str = ""
    in_summary: bool = True
    of_cores: bool = True


TABLE = (
    Action(A_MESSAGE := 0, "messages_in", CORE, "message_in", "core.times.message_in"),
    Action(A_AXON := 1, "axon_lookups", CORE, "axon_lookup", "core.times.axon_lookup"),
    Action(A_SYNOP := 2, "synaptic_ops", CORE, "synaptic_op", "core.times.synaptic_op"),
    Action(A_UPDATE := 3, "neuron_updates", CORE, "neuron_update", "core.times.neuron_update"),
    Action(A_READ := 4, "memory_reads", CORE, "memory_read", "core.times.memory_read"),
    Action(A_WRITE := 5, "memory_writes", CORE, "memory_write", "core.times.memory_write"),
    Action(A_PAIR := 6, "pair_writes", CORE, "pair_write", "core.times.pair_write"),
    Action(A_SENT := 7, "messages_out", CORE, "spike_out", "core.times.spike_out"),
    Action(A_SLOT := 8, "slot_ops", CORE, "slot_op", "growth.slot_time", of_cores=False),
    Action(A_ACCESS := 9, "soma_accesses", CORE, "soma_access", "core.times.soma_access", in_summary=False),
    Action(A_SOMA := 10, "soma_updates", CORE, "soma_update", "core.times.soma_update", in_summary=False),
    Action(A_FIRED := 11, "soma_spikes", CORE, "soma_spike", "core.times.soma_spike", in_summary=False),
    Action(A_TABLE := 12, "table_writes", ROUTER, "table_write", of_cores=False),
    Action(A_NULL := 13, "null_answers"),
    Action(A_ROUND := 14, "wta_rounds", in_summary=False),
    Action(A_SPIKE := 15, "spikes", in_summary=False),
    Action(A_COMBINE := 16, "answers_combined", CORE, "combine"),  # compared as its words come in: in the time of taking it in
)

ACTIONS = len(TABLE)

TIMED = 1 + max(action.number for action in TABLE if action.time)
"""Numbers of actions that take time are below this: engines multiply no counts beyond."""

ACTION_NAMES = tuple(action.name for action in TABLE)


def constants_of(numbers: Iterable[int], table: tuple[Action, ...] = TABLE) -> tuple[str, ...]:
    """Key paths of the times and prices of some actions within a chip."""
    rows = [table[number] for number in numbers]
    return (*(row.time for row in rows if row.time), *(f"energy.{row.price}" for row in rows if row.price))
