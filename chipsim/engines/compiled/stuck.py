"""What went wrong, in words: errors that the event loop left in its scalars, and who waits for what when nothing is due."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NoReturn

from chipsim.engines.compiled import layout as at
from chipsim.engines.compiled.machine import Machine
from chipsim.engines.compiled.standstill import waits
from chipsim.engines.stuck import describe_wormhole
from chipsim.errors import DeadlockError, MappingError, SimulationError
from chipsim.machine.raw import CAUSES
from chipsim.noc.routing import TABLE
from chipsim.plan.plan import Plan
from chipsim.programs.nsn.messages import E_FULL
from chipsim.programs.nsn.state import PHASE, PHASE_NAMES, Core, Root
from chipsim.programs.nsn.stuck import describe_stuck
from chipsim.programs.snn.stuck import describe_behind


def raise_failure(plan: Plan, machine: Machine) -> NoReturn:
    """Raise what the event loop found."""
    S = machine.S
    code = int(S[at.ERROR])
    a, b, c, d = (int(v) for v in S[[at.DETAIL_A, at.DETAIL_B, at.DETAIL_C, at.DETAIL_D]])
    now = int(S[at.NOW]) * machine.unit
    if code == at.NO_ENTRY:
        raise SimulationError(f"router {a} has no entry for neuron id {c} read on layer {b}; the multicast tree is broken")
    if code == at.NO_WAY_ON:
        raise SimulationError(f"no way leads from router {a} to router {b}; a packet of endpoint {c} needs one")
    if code == at.TABLE_FULL:
        raise MappingError(
            f"router {a}: {b} multicast entries used, {plan.table_limit} allowed (chip.noc.table_entries); "
            "raise the limit, use chip.noc.cast=unicast, or learn less"
        )
    if code == at.BEHIND:
        first = plan.own.first
        done, neurons = int(machine.C[c, at.C_AT]) - int(first[c]), int(first[c + 1] - first[c])
        raise SimulationError(describe_behind(plan, a, b, now, done, neurons))
    if c == E_FULL:
        raise MappingError(
            f"layer {b}: no room left for item {d} at {now} ps (chip.growth.on_full: stop); "
            "use a chip with more cores or memory, or on_full: flag"
        )
    scalar = machine.roots.field("scalar")
    phase = PHASE_NAMES[int(scalar[b, PHASE])] if b <= plan.own.constants.layers else "nothing"
    raise SimulationError(
        f"core {a}, layer {b}, {now} ps: protocol broken (code {c}, detail {d}); the root of the layer waits for {phase}"
    )


def raise_stuck(plan: Plan, machine: Machine, waiting: Sequence[int]) -> NoReturn:
    """Raise a deadlock that names who waits for what."""
    S = machine.S
    opened = int(S[at.BANKS])
    number = machine.cores.field("self_core")[:opened, 0].tolist()
    cores = {
        core: Core(*(machine.cores.field(name)[bank].tolist() for name in Core._fields)) for bank, core in enumerate(number)
    }
    roots = [
        Root(*(machine.roots.field(name)[layer].tolist() for name in Root._fields))
        for layer in range(plan.own.constants.layers + 2)
    ]
    host = (int(S[at.NEXT_ITEM]), int(S[at.TAKEN_ITEMS]))
    dropped = machine.counted()[2].tolist()
    losses = S[at.LOST : at.LOST + len(CAUSES)].tolist()
    raise DeadlockError(describe_stuck(plan, cores, roots, waiting, host, dropped, int(S[at.NOW]) * machine.unit, losses))


def raise_standstill(plan: Plan, machine: Machine) -> NoReturn:
    """Raise that flits stand still in the network for ever, naming who waits for whom."""
    assert plan.noc is not None
    grid, now = plan.noc.routing.kind != TABLE, int(machine.S[at.NOW]) * machine.unit
    raise DeadlockError(describe_wormhole(waits(machine), plan.noc.fabric.ports, grid, now))
