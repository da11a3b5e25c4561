"""Building a plan from chip and packets to be sent."""

from __future__ import annotations

import numpy as np

from chipsim.config.chip import ChipSpec
from chipsim.config.faults import NetworkFault
from chipsim.machine.actions import A_MESSAGE, constants_of
from chipsim.noc import mesh_of
from chipsim.noc.build import noc_plan, refuse_deadlock
from chipsim.plan.chip import NETWORK_CONSTANTS, chip_part, cores_and_host, refuse_unknown
from chipsim.plan.plan import EVENT, Plan
from chipsim.programs.packets import NAME
from chipsim.programs.packets.messages import DATA, KINDS
from chipsim.programs.packets.plan import PacketsPlan

CONSTANTS = (*constants_of((A_MESSAGE,)), *NETWORK_CONSTANTS)
"""What packets need of a chip."""


def build_packets_plan(chip: ChipSpec, own: PacketsPlan, until: int, seed: int, faults: tuple[NetworkFault, ...] = ()) -> Plan:
    """Lower packets to be sent.

    Args:
        chip: any pace; nothing is clocked.
        own: the packets.
        until: ps or 0.
        seed: of everything random.
        faults: what is dead in the network, or loses flits.

    Raises:
        ConfigError: the run needs a constant that the chip file leaves unknown.
    """
    refuse_unknown(chip, CONSTANTS)
    mesh = mesh_of(chip.noc)
    noc = noc_plan(chip, KINDS, seed, faults)
    none = np.zeros((0, 4), np.int64)
    refuse_deadlock(chip, noc, 0, none)
    flits = np.zeros(len(KINDS.names), np.int64)
    flits[DATA] = 1  # of a packet without a size of its own, which none is
    return Plan(
        program=NAME,
        own=own,
        pace=EVENT,
        tick=0,
        host_latency=chip.host.latency.value or 1,  # nothing goes to the host
        endpoint_tile=cores_and_host(chip, mesh),
        kinds=KINDS.names,
        flits=flits,
        route=none,
        used_bits=np.zeros(mesh.cores, np.int64),
        until=until,
        fault=np.zeros((0, 7), np.int64),
        seed=seed,
        noc=noc,
        **chip_part(chip, mesh),
    )
