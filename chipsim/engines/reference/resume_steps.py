"""The part of a snapshot that belongs to spiking cores and to given traffic."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import numpy.typing as npt

from chipsim.engines.reference.records import Rows, table
from chipsim.engines.reference.steps import Steps
from chipsim.engines.reference.traffic import Traffic
from chipsim.machine.snapshot import Snapshot
from chipsim.programs.snn.messages import LIF_SPIKE

Arrays = Mapping[str, npt.NDArray[Any]]


def take_steps(driver: Steps) -> Arrays:
    """The arrays of a spiking network."""
    cores = driver.cores
    sums = np.array(cores.sums, np.int64).reshape(cores.lif.ring, cores.lif.neurons)
    side: Rows = [(cores.begun[i], cores.pending[i], *cores.scanning.get(i, (-1, -1))) for i in range(len(cores.used))]
    return {
        "due": np.array([driver.due], np.int64),
        "total": np.array(cores.totals, np.int64),
        "step": table(driver.rows, 10),
        "side": table(side, 4),
        "potential": np.array(cores.potential, np.int64),
        "sum": sums >> 1,
        "arrived": (sums & 1).astype(np.uint8),
        "input_next": np.array(cores.input_next, np.int64),
    }


def restore_steps(driver: Steps, snapshot: Snapshot) -> None:
    """Put the barrier, or the clock, and spiking cores into the state of a snapshot."""
    own, cores = snapshot.own, driver.cores
    driver.due, driver.rows[:] = int(own["due"][0]), [tuple(row) for row in own["step"].tolist()]
    cores.totals[:] = own["total"].tolist()
    cores.potential[:], cores.input_next[:] = own["potential"].tolist(), own["input_next"].tolist()
    cores.sums[:] = (2 * own["sum"] + own["arrived"]).ravel().tolist()
    for i, (begun, pending, end, at) in enumerate(own["side"].tolist()):
        cores.begun[i], cores.pending[i] = begun, pending
        if end >= 0:
            cores.scanning[i] = end, at
            cores.open_output(i)
    waiting = len(snapshot.inbox) + len(snapshot.operation)
    cores.taken_in = int(cores.network.delivered[LIF_SPIKE]) - waiting


def take_traffic(driver: Traffic) -> Arrays:
    """The array of given traffic."""
    return {"offered": np.array([driver.sent], np.int64)}


def restore_traffic(driver: Traffic, snapshot: Snapshot) -> None:
    """Go on with the packet that is due next."""
    driver.sent = int(snapshot.own["offered"][0])
