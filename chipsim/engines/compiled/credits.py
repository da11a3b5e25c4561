"""Whether a network of wormhole routers that is empty has all its credits."""

from __future__ import annotations

import numpy as np

from chipsim.engines.compiled import layout as at
from chipsim.engines.compiled.machine import Machine
from chipsim.errors import SimulationError
from chipsim.plan.plan import Plan


def check_credits(plan: Plan, machine: Machine) -> None:
    """An empty network has all its credits, and nobody holds a channel.

    Raises:
        SimulationError: it has not.
    """
    assert plan.noc is not None
    assert plan.noc.wormhole is not None
    S, net, vcs, buffer = machine.S, machine.net, plan.noc.wormhole.vcs, plan.noc.wormhole.buffer
    if S[at.ACTIVE] or S[at.SENDERS] or net.ring[0::2].any() or net.routers[:, at.R_WORK].any():
        return
    back = net.outputs & at.CREDITS
    for slot in range(1, len(net.ring), 2):
        i = int(net.ring[slot])
        while i:
            back[net.flits[i, at.F_WHERE] * vcs + net.flits[i, at.F_VC]] += 1
            i = int(net.flits[i, at.F_NEXT])
    for endpoint in np.flatnonzero(machine.E[:, at.E_HELD]).tolist():
        i = int(machine.E[endpoint, at.E_HELD])
        while i:
            back[machine.E[endpoint, at.E_PORT] * vcs + net.flits[i, at.F_VC]] += 1
            i = int(net.flits[i, at.F_NEXT])
    # the rim of a mesh has no outputs
    there = (net.ports[:, at.N_TAKE] | net.ports[:, at.N_CREDIT] | net.ports[:, at.N_CYCLES]) != 0
    if plan.noc.damage is not None:
        there[-1] = False
    wrong = np.flatnonzero(np.repeat(there, vcs) & ((back != buffer) | (net.outputs & at.HELD != 0)))
    if len(wrong):
        port, vc = divmod(int(wrong[0]), vcs)
        raise SimulationError(
            f"conservation broken: router {net.ports[port, at.N_ROUTER]}, port row {port}, VC {vc}: {back[wrong[0]]} credits in an empty"
            f" network, should be {buffer}, and no packet should hold it"
        )
