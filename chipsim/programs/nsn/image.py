"""Core memories at rest: the image that a run leaves, in global ids, and the stored network that can be read back from it alone."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, fields
from pathlib import Path

import numpy as np
import numpy.typing as npt

from chipsim.errors import WorkloadError
from chipsim.network import END_EPISODE, EpisodeRecord, NsnState, OpenItems
from chipsim.network.npz import BROKEN
from chipsim.programs.nsn.state import BEFORE, DECIDED, EPISODES, FIRED, ORDINAL, SCALARS, START, UNSTORED_COUNT

Ints = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Memory:
    """What the cores keep, component by component, without any queue.

    Attributes:
        neuron: int64[neurons, 7]: core, slot, layer, ordinal, count, first, last; sorted by (core, slot).
        pair_start: int64[neurons + 1]; pair: int64[pairs, 2] id and interval class.
        shape: int64[2]: pattern layers L, and recursive networks of each.
        role: int64[roles, SCALARS], scalars of the roots and of the record keeper by number of the layer, then of the listeners.
        item: int64[items, 7]: layer, id, address, time, flags, needed, start of the undecided items, oldest first per layer.
        residual, residual_end: int64[gaps], int64[episodes], as in ``NsnState``.
        record: int64[rows, 3]: of what the last layer fired id, class of the interval before it (of the first one of an episode its event
            time), and flags.
        keepers: int64[keepers, 2], cores that keep records, in order, and how many rows each has.
        used_bits: int64[cores], memory in use.
        key_count: int64[cores], keyed entries.
        axon_count: int64[cores], axons.
        substitution: int64[rows, 6], as in ``NsnState``.
    """

    neuron: Ints
    pair_start: Ints
    pair: Ints
    role: Ints
    item: Ints
    residual: Ints
    residual_end: Ints
    record: Ints
    used_bits: Ints
    key_count: Ints
    axon_count: Ints
    shape: Ints
    keepers: Ints = field(default_factory=lambda: np.zeros((0, 2), np.int64))
    substitution: Ints = field(default_factory=lambda: np.zeros((0, 6), np.int64))

    @property
    def layers(self) -> int:
        """Pattern layers L."""
        return int(self.shape[0])

    @property
    def networks(self) -> int:
        """Recursive networks of each of them."""
        return int(self.shape[1])

    @property
    def keeper(self) -> Ints:
        """Scalars of the record keeper."""
        scalars: Ints = self.role[self.layers + 1]
        return scalars

    @property
    def numbers(self) -> list[int]:
        """Numbers of layers and recursive networks, ascending."""
        return [*range(self.layers + 1), *range(self.layers + 2, self.layers + 2 + self.layers * self.networks)]


def save_memory(memory: Memory, path: Path) -> None:
    """Write the image to an ``.npz`` file."""
    np.savez_compressed(path, **{f.name: getattr(memory, f.name) for f in fields(Memory)})


def load_memory(path: Path) -> Memory:
    """Read an image back.

    Raises:
        WorkloadError: the file is missing or is not such an image.
    """
    try:
        with path.open("rb") as file, np.load(file, allow_pickle=False) as data:
            memory = Memory(**{f.name: data[f.name] for f in fields(Memory)})
    except BROKEN as error:
        raise WorkloadError(f"{path}: not a memory image of a chipsim run ({error}); a run writes one as memory.npz") from error
    if memory.role.ndim != 2 or memory.role.shape[1] != SCALARS:
        raise WorkloadError(f"{path}: a memory image of another version; run the experiment again")
    return memory


def image_of(state: NsnState) -> Memory:
    """The image of a network that is on no chip: core and slot are -1."""
    layers = state.layers
    nowhere = np.full(len(state), -1, np.int64)
    role = np.zeros((max(layers + 2, state.numbers), SCALARS), np.int64)
    told, keeper = slice(state.numbers), layers + 1
    role[told, DECIDED], role[told, UNSTORED_COUNT] = state.decided, state.unstored
    role[told, ORDINAL] = state.ordinals_given()
    role[told, START] = [o.number for o in state.open_items]
    role[told, BEFORE] = [o.before for o in state.open_items]
    role[told, EPISODES] = state.ended
    role[told, FIRED] = [o.fired for o in state.open_items]
    role[keeper, EPISODES], role[keeper, BEFORE] = sum(r.complete for r in state.records), state.before
    item = [
        np.stack([np.full(len(o.id), layer), o.id, np.full(len(o.id), -1), o.time, o.flags, o.needed, o.start], axis=1)
        for layer, o in enumerate(state.open_items)
    ]
    columns = (nowhere, nowhere, state.layer, state.ordinal, state.count, state.first, state.last)
    return Memory(
        neuron=np.stack(columns, axis=1),
        pair_start=state.pair_start,
        pair=np.stack([state.pair_id, state.pair_interval], axis=1),
        role=role,
        item=np.concatenate(item),
        residual=state.residuals,
        residual_end=state.residual_ends,
        record=record_rows(state.records),
        used_bits=np.zeros(0, np.int64),
        key_count=np.zeros(0, np.int64),
        axon_count=np.zeros(0, np.int64),
        shape=np.array([layers, state.networks], np.int64),
        substitution=state.substitutions,
    )


def stored_network(memory: Memory) -> NsnState:
    """The network that the memories hold, in the order (layer, ordinal)."""
    layers, numbers = memory.layers, range(memory.numbers[-1] + 1)
    order = np.lexsort((memory.neuron[:, 3], memory.neuron[:, 2]))
    neuron = memory.neuron[order]
    k = np.diff(memory.pair_start)[order]
    start = np.concatenate([[0], np.cumsum(k)]).astype(np.int64)
    pair = memory.pair[np.repeat(memory.pair_start[order] - start[:-1], k) + np.arange(start[-1])]
    given = memory.role[: len(numbers), ORDINAL].copy()
    freed = bool((given > np.bincount(neuron[:, 2], minlength=len(numbers))).any())
    open_items = []
    for layer in numbers:
        item = memory.item[memory.item[:, 0] == layer]
        ids, time, flags, needed, begin = (item[:, column].copy() for column in (1, 3, 4, 5, 6))
        number, before, fired = memory.role[layer, [START, BEFORE, FIRED]].tolist()
        open_items.append(OpenItems(ids, time, flags, needed, begin, number, before, fired))
    return NsnState(
        layers=layers,
        networks=memory.networks,
        layer=neuron[:, 2].copy(),
        ordinal=neuron[:, 3].copy(),
        pair_start=start,
        pair_id=pair[:, 0].copy(),
        pair_interval=pair[:, 1].copy(),
        count=neuron[:, 4].copy(),
        first=neuron[:, 5].copy(),
        last=neuron[:, 6].copy(),
        decided=memory.role[: len(numbers), DECIDED].copy(),
        open_items=tuple(open_items),
        records=tuple(_records(memory.record)),
        residuals=memory.residual,
        residual_ends=memory.residual_end,
        ended=np.where(np.arange(len(numbers)) <= layers, memory.role[: len(numbers), EPISODES], 0),
        unstored=memory.role[: len(numbers), UNSTORED_COUNT].copy(),
        before=int(memory.keeper[BEFORE]),
        substitutions=memory.substitution,
        given=given if freed else given[:0],
    )


def record_rows(records: Sequence[EpisodeRecord]) -> Ints:
    """Episode records as the rows of an image."""
    rows = [
        (top, cls if i else r.time, END_EPISODE * (r.complete and i + 1 == len(r.top)))
        for r in records
        for i, (top, cls) in enumerate(zip(r.top, r.classes, strict=True))
    ]
    return np.array(rows, np.int64).reshape(-1, 3)


def _records(rows: Ints) -> list[EpisodeRecord]:
    records: list[EpisodeRecord] = []
    episode: list[tuple[int, int, int]] = []
    for row in rows.tolist():
        episode.append(row)
        if row[2] & END_EPISODE:
            records.append(_record(episode, complete=True))
            episode = []
    return [*records, _record(episode, complete=False)] if episode else records


def _record(rows: Sequence[tuple[int, int, int]], complete: bool) -> EpisodeRecord:
    return EpisodeRecord(tuple(row[0] for row in rows), (0, *(row[1] for row in rows[1:])), rows[0][1], complete)
