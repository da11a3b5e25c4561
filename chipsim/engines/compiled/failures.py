"""What went wrong, in words: errors that the event loop left behind, and who waits for whom in a deadlock."""

from __future__ import annotations

from typing import NoReturn

from chipsim.engines.base import too_late
from chipsim.engines.compiled.deadlock import waits
from chipsim.engines.compiled.machine import Machine
from chipsim.engines.deadlock import describe_wormhole
from chipsim.errors import DeadlockError, MappingError, SimulationError
from chipsim.machine.state import NO_ENTRY, NO_ROUTE, TABLE_FULL, TOO_FAR, TOO_LATE
from chipsim.noc.routing import TABLE
from chipsim.plan.plan import Plan


def raise_failure(plan: Plan, machine: Machine) -> NoReturn:
    """Raise what the event loop found."""
    m = machine.state
    a, b, c, d = m.detail_a, m.detail_b, m.detail_c, m.detail_d
    if m.error == NO_ENTRY:
        raise SimulationError(f"router {a} has no entry for neuron id {c} read on layer {b}; the multicast tree is broken")
    if m.error == NO_ROUTE:
        raise SimulationError(f"no way leads from router {a} to router {b}; a packet of endpoint {c} needs one")
    if m.error == TABLE_FULL:
        raise MappingError(
            f"router {a}: {b} multicast entries used, {plan.table_limit} allowed (chip.noc.table_entries); "
            "raise the limit, use chip.noc.cast=unicast, or learn less"
        )
    if m.error == TOO_FAR:
        raise SimulationError(
            f"a packet is due at {a * machine.unit} ps, {(a - m.now) * machine.unit} ps from now; this engine looks {b * machine.unit} ps "
            "ahead; give coarser times, or use engine=reference"
        )
    if m.error == TOO_LATE:
        raise too_late()
    raise machine.host.failure(m.error, (a, b, c, d), m.now * machine.unit)


def raise_deadlock(plan: Plan, machine: Machine) -> NoReturn:
    """Raise that the network is in a deadlock, naming who waits for whom."""
    assert plan.noc is not None
    grid, now = plan.noc.routing.kind != TABLE, machine.state.now * machine.unit
    raise DeadlockError(describe_wormhole(waits(machine.state), plan.noc.fabric.ports, grid, now))
