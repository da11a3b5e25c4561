"""A run stopped between two instants: the state of every component in global ids, without the layout of any queue.

One format for all engines: what is on the way is a list of packets with the time at which each is due, what a core does is an operation with
its end; an engine makes its own queue of them. Going on from a snapshot gives the records that the undivided run gives.

What is in the cores is the program's: arrays under names of its own, which lie in the same file behind ``own.``.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from chipsim.errors import WorkloadError
from chipsim.network.npz import BROKEN

Ints = npt.NDArray[np.int64]

AT_ROUTER, AT_ENDPOINT = 0, 1

OWN = "own"


@dataclass(frozen=True, slots=True)
class Snapshot:
    """State of a run.

    Attributes:
        time: int64[2], ps of the last instant that is done, and of the last thing done before that.
        plan_hash: uint8[32], fingerprint of the plan that the run belongs to.
        route: int64[entries, 4]: tile, layer, id, mask.
        free: int64[rows, 3]: 0 injection, 1 link, 2 ejection; number; time from which it is free.
        sequence: int64[rows, 2]: endpoint, messages sent.
        packet: int64[rows, 9 + ROW]: due, ``AT_ROUTER`` or ``AT_ENDPOINT``, tile or endpoint, port, source, sequence, flits, injected,
            message, entered (when the head left its endpoint).
        inbox: int64[rows, 6 + ROW]: endpoint, arrival, source, sequence, flits, injected, message.
        operation: int64[rows, 5]: endpoint, end, edge it belongs to, duration, rows; output: int64[rows, ROW], rows of all operations.
        counter: int64[rows, 3]: which counter, index, value; which one each is stands in ``resume.py`` of an engine.
        lookups: int64[rows, 2]: tile, entries of its router's table that packets were looked up in.
        digest: uint64[3]: records hashed, then the digest, low word first.
        packets: int64[rows, 9]; spikes: int64[rows, 4]: what probes kept so far, as in ``RawRun``.
        lost: int64[rows, 3]: kind of message that a fault names, source, how many of them it has sent.
        own: the program's arrays by name (``chipsim.programs.*.raw``).
    """

    time: Ints
    plan_hash: npt.NDArray[np.uint8]
    route: Ints
    free: Ints
    sequence: Ints
    packet: Ints
    inbox: Ints
    operation: Ints
    output: Ints
    counter: Ints
    digest: npt.NDArray[np.uint64]
    packets: Ints
    spikes: Ints
    lookups: Ints
    lost: Ints
    own: Mapping[str, npt.NDArray[Any]]


_MACHINE = tuple(f.name for f in fields(Snapshot) if f.name != OWN)


def save_snapshot(snapshot: Snapshot, path: Path) -> None:
    """Write a snapshot to an ``.npz`` file."""
    arrays: dict[str, Any] = {name: getattr(snapshot, name) for name in _MACHINE}
    arrays |= {f"{OWN}.{name}": array for name, array in snapshot.own.items()}
    np.savez_compressed(path, **arrays)


def load_snapshot(path: Path) -> Snapshot:
    """Read a snapshot back.

    Raises:
        WorkloadError: the file is missing or is no snapshot.
    """
    try:
        with path.open("rb") as file, np.load(file, allow_pickle=False) as data:
            own = {name.removeprefix(f"{OWN}."): data[name] for name in data.files if name.startswith(f"{OWN}.")}
            return Snapshot(**{name: data[name] for name in _MACHINE}, own=own)
    except BROKEN as error:
        raise WorkloadError(
            f"{path}: not a snapshot of a run of this version of chipsim ({error}); a run that was interrupted or ended by `until` writes "
            "snapshot.npz, unless its routers are wormhole routers or its network is damaged; one of another version begins again"
        ) from error
