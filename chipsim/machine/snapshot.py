"""A run stopped between two instants: the state of every component in global ids, without the layout of any queue.

One format for all engines: what is on the way is a list of packets with the time at which each is due, what a core does is an operation with
its end; an engine makes its own queue of them. Going on from a snapshot gives the records that the undivided run gives.
"""

from __future__ import annotations

import zipfile
import zlib
from dataclasses import dataclass, fields
from pathlib import Path

import numpy as np
import numpy.typing as npt

from chipsim.errors import WorkloadError

Ints = npt.NDArray[np.int64]

AT_ROUTER, AT_ENDPOINT = 0, 1


@dataclass(frozen=True, slots=True)
class Snapshot:
    """State of a run.

    Attributes:
        time: int64[1], ps of the last instant that is done.
        plan_hash: uint8[32], fingerprint of the plan that the run belongs to.
        core_number: int64[n], cores that hold anything; core: int64[n, w], their memories, fields of ``model.state.Core`` in a row.
        root: int64[layers + 2, w]; server: int64[regions, w]: likewise.
        route: int64[entries, 4]: tile, layer, id, mask.
        free: int64[rows, 3]: 0 injection, 1 link, 2 ejection; number; time from which it is free.
        sequence: int64[rows, 2]: endpoint, messages sent.
        packet: int64[rows, 9 + ROW]: due, ``AT_ROUTER`` or ``AT_ENDPOINT``, tile or endpoint, port, source, sequence, flits, injected,
            message, entered (when the head left its endpoint).
        inbox: int64[rows, 6 + ROW]: endpoint, arrival, source, sequence, flits, injected, message.
        operation: int64[rows, 5]: endpoint, end, edge it belongs to, duration, rows; output: int64[rows, ROW], rows of all operations.
        host: int64[5]: next item, taken, events offered, overruns, ps of the last thing done; offer: int64[events].
        counter: int64[rows, 3]: which counter, index, value; see ``chipsim.engines``.
        digest: uint64[5]: records hashed, then digest and functional part, low word first.
        records: int64[rows, 10]: which list, then its columns.
        waiting_since: int64[layers + 2].
        lost: int64[rows, 2]: kind of message, how many a fault has counted.
        driver: int64[6]: ps at which the next step of spiking cores begins, -1 if that is not known yet; given packets sent; neurons fired,
            neurons updated (with inputs that fired), synaptic operations and late spikes so far.
        step: int64[steps begun, 10]: number, begin, ps of the last thing done before, and what had been counted when the step began, in the
            columns of ``RawRun.steps``.
        spiking: int64[cores with neurons, 4]: last step begun, 1 if the edge of the next has passed already, end of the operation of the
            output side and position to go on from; both -1 where it is idle.
        potential: int64[neurons], by position; sum: int64[ring, neurons] weights that have arrived; arrived: uint8[ring, neurons], 1 where
            anything has; the row of step s is s % ring. input_next: int64[neurons], next entry of each in ``LifPlan.input_step``.
    """

    time: Ints
    plan_hash: npt.NDArray[np.uint8]
    core_number: Ints
    core: Ints
    root: Ints
    server: Ints
    route: Ints
    free: Ints
    sequence: Ints
    packet: Ints
    inbox: Ints
    operation: Ints
    output: Ints
    host: Ints
    offer: Ints
    counter: Ints
    digest: npt.NDArray[np.uint64]
    records: Ints
    waiting_since: Ints
    lost: Ints
    driver: Ints
    step: Ints
    spiking: Ints
    potential: Ints
    sum: Ints
    arrived: npt.NDArray[np.uint8]
    input_next: Ints


def save_snapshot(snapshot: Snapshot, path: Path) -> None:
    """Write a snapshot to an ``.npz`` file."""
    np.savez_compressed(path, **{f.name: getattr(snapshot, f.name) for f in fields(Snapshot)})


def load_snapshot(path: Path) -> Snapshot:
    """Read a snapshot back.

    Raises:
        WorkloadError: the file is missing or is no snapshot.
    """
    try:
        with path.open("rb") as file, np.load(file, allow_pickle=False) as data:
            return Snapshot(**{f.name: data[f.name] for f in fields(Snapshot)})
    except (OSError, ValueError, KeyError, EOFError, zipfile.BadZipFile, zlib.error) as error:
        raise WorkloadError(
            f"{path}: not a snapshot of a chipsim run ({error}); a run that was interrupted or ended by `until` writes "
            "snapshot.npz, unless its routers are wormhole routers or its network is damaged"
        ) from error
