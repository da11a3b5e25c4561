"""The state of spiking cores in a snapshot."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from chipsim.machine.snapshot import Snapshot
from chipsim.programs.reference import Arrays, Ints
from chipsim.programs.snn.messages import LIF_SPIKE
from chipsim.programs.snn.raw import OF_MODEL
from chipsim.programs.snn.reference.cores import SpikingCores


def rows_of(rows: Sequence[tuple[int, ...]], width: int) -> Ints:
    """Rows as int64[rows, width]."""
    return np.array(rows, np.int64).reshape(-1, width)


def state_of(cores: SpikingCores) -> list[str]:
    """Quantities of the neuron model that change."""
    return [one.name for one in cores.model.state]


def save_cores(cores: SpikingCores) -> Arrays:
    """The arrays of a spiking network but those of its steps."""
    sums = np.array(cores.neurons.sums, np.int64).reshape(cores.lif.ring, cores.lif.neurons)
    side = [(cores.begun[i], cores.pending[i], *cores.scanning.get(i, (-1, -1))) for i in range(len(cores.used))]
    return {
        "total": np.array(cores.totals, np.int64),
        "side": np.array(side, np.int64).reshape(-1, 4),
        "potential": np.array(cores.neurons.potential, np.int64),
        "sum": sums >> 1,
        "arrived": (sums & 1).astype(np.uint8),
        "input_next": np.array(cores.neurons.input_next, np.int64),
        **{f"{OF_MODEL}{name}": np.array(getattr(cores.neurons.model, name), np.int64) for name in state_of(cores)},
    }


def fill_cores(cores: SpikingCores, snapshot: Snapshot) -> None:
    """Put spiking cores into the state of a snapshot."""
    own = snapshot.own
    cores.totals[:] = own["total"].tolist()
    cores.neurons.potential[:], cores.neurons.input_next[:] = own["potential"].tolist(), own["input_next"].tolist()
    cores.neurons.sums[:] = (2 * own["sum"] + own["arrived"]).ravel().tolist()
    for name in state_of(cores):
        getattr(cores.neurons.model, name)[:] = own[f"{OF_MODEL}{name}"].tolist()
    for i, (begun, pending, end, at) in enumerate(own["side"].tolist()):
        cores.begun[i], cores.pending[i] = begun, pending
        if end >= 0:
            cores.scanning[i] = end, at
            cores.open_output(i)
    waiting = len(snapshot.inbox) + len(snapshot.operation)
    cores.taken_in = int(cores.chip.delivered[LIF_SPIKE]) - waiting
