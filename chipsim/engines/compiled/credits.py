"""Whether a network of wormhole routers that is empty has all its credits."""

from __future__ import annotations

import numpy as np

from chipsim.engines.compiled import layout as at
from chipsim.engines.compiled.machine import Machine
from chipsim.errors import SimulationError
from chipsim.plan.plan import Plan
from chipsim.programs.host import Array


def credits_of(plan: Plan, machine: Machine) -> Array:
    """int64[link numbers], credits that have gone back over each link."""
    assert plan.noc is not None
    m, fabric = machine.state, plan.noc.fabric
    found, there = np.zeros(len(m.links), np.int64), np.flatnonzero(fabric.to >= 0)
    found[there] = m.ports["credits"][m.routers["first"][fabric.to[there]] + fabric.back[there]]
    return found


def check_credits(plan: Plan, machine: Machine) -> None:
    """An empty network has all its credits, and nobody holds a channel.

    Raises:
        SimulationError: it has not.
    """
    m = machine.state
    vcs, buffer = m.vcs, m.buffer
    if m.active_routers or m.senders or m.ring[0::2].any() or m.routers["work"].any():
        return
    back = m.outputs & at.CREDITS
    for slot in range(1, len(m.ring), 2):
        i = int(m.ring[slot])
        while i:
            f = m.flits[i]
            back[f["where"] * vcs + f["vc"]] += 1
            i = int(f["next"])
    for endpoint in np.flatnonzero(m.endpoints["held"]).tolist():
        i = int(m.endpoints["held"][endpoint])
        while i:
            back[int(m.endpoints["port"][endpoint]) * vcs + int(m.flits["vc"][i])] += 1
            i = int(m.flits["next"][i])
    # the rim of a mesh has no outputs
    there = (m.ports["take"] | m.ports["credit"] | m.ports["cycles"]) != 0
    if plan.noc is not None and plan.noc.damage is not None:
        there[-1] = False
    wrong = np.flatnonzero(np.repeat(there, vcs) & ((back != buffer) | (m.outputs & at.HELD != 0)))
    if len(wrong):
        port, vc = divmod(int(wrong[0]), vcs)
        raise SimulationError(
            f"conservation broken: router {m.ports['router'][port]}, port row {port}, VC {vc}: {back[wrong[0]]} credits in an empty"
            f" network, should be {buffer}, and no packet should hold it"
        )
