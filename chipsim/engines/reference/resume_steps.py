"""The part of a snapshot that belongs to spiking cores and to given traffic."""

from __future__ import annotations

from typing import Any

import numpy as np

from chipsim.engines.reference.host import Host
from chipsim.engines.reference.records import table
from chipsim.engines.reference.spiking import TOTALS
from chipsim.engines.reference.steps import Steps
from chipsim.engines.reference.traffic import Traffic
from chipsim.machine.snapshot import Snapshot
from chipsim.programs.nsn.messages import LIF_SPIKE


def take_driver(driver: Host | Steps | Traffic) -> dict[str, Any]:
    """The fields of a snapshot from ``driver`` on; empty for what a program does not have."""
    cores = driver.cores if isinstance(driver, Steps) else None
    due = driver.due if isinstance(driver, Steps) else -1
    sent = driver.sent if isinstance(driver, Traffic) else 0
    ring, neurons = (cores.lif.ring, cores.lif.neurons) if cores else (0, 0)
    sums = np.array(cores.sums if cores else [], np.int64).reshape(ring, neurons)
    return {
        "driver": np.array([due, sent, *(cores.totals if cores else [0] * TOTALS)], np.int64),
        "step": table(driver.rows if isinstance(driver, Steps) else [], 10),
        "spiking": table(
            [(cores.begun[i], cores.pending[i], *cores.scanning.get(i, (-1, -1))) for i in range(len(cores.used))]
            if cores
            else [],
            4,
        ),
        "potential": np.array(cores.potential if cores else [], np.int64),
        "sum": sums >> 1,
        "arrived": (sums & 1).astype(np.uint8),
        "input_next": np.array(cores.input_next if cores else [], np.int64),
    }


def restore_driver(driver: Host | Steps | Traffic, snapshot: Snapshot) -> None:
    """Put what gives the cores their work, and spiking cores, into the state of a snapshot."""
    due, sent, *totals = snapshot.driver.tolist()
    if isinstance(driver, Traffic):
        driver.sent = sent
    if not isinstance(driver, Steps):
        return
    driver.due, driver.rows[:] = due, [tuple(row) for row in snapshot.step.tolist()]
    cores = driver.cores
    cores.totals[:] = totals
    cores.potential[:], cores.input_next[:] = snapshot.potential.tolist(), snapshot.input_next.tolist()
    cores.sums[:] = (2 * snapshot.sum + snapshot.arrived).ravel().tolist()
    for i, (begun, pending, end, at) in enumerate(snapshot.spiking.tolist()):
        cores.begun[i], cores.pending[i] = begun, pending
        if end >= 0:
            cores.scanning[i] = end, at
            cores.open_output(i)
    waiting = len(snapshot.inbox) + len(snapshot.operation)
    cores.taken_in = int(cores.network.delivered[LIF_SPIKE]) - waiting
