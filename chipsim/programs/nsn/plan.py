"""A neurosemantic network, lowered: what its programs know, the stored network, where everything lives, and the input."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from chipsim.plan.forecast import PACKET_BYTES, Forecast
from chipsim.plan.plan import Plan
from chipsim.programs.nsn.sizes import core_bytes
from chipsim.programs.nsn.state import Constants

Ints = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class NsnPlan:
    """What is a neurosemantic network's own in a plan.

    Attributes:
        constants: what the programs know.
        grow_flits: int64[9], flits of a vector by its pairs, which come on top of those of the message that carries it.
        server_core: int64[regions, C] cores of a region in the order of growth, -1 beyond.
        server_next: int64[regions, C] first free slot of each.
        server_current: int64[regions, numbers] index of the core that a layer grows on, -1: none.
        neuron: int64[neurons, 7]: core, slot, layer, ordinal, count, first, last; sorted by (core, slot).
        pair_start: int64[neurons + 1]; pair: int64[pairs, 2] id and interval class.
        fan_out: int64[rows, 6]: layer, id, home core, home slot, size, accesses so far; ``member_start``, ``member``: cores with the axon,
            in the order of the reduction tree.
        key: int64[entries, 8]: core, layer, parent node, id, class, ordinal, address, open; in the order of insertion per core.
        role: int64[roles, SCALARS] scalars of the roots, the record keeper and the listeners before the first event.
        item: int64[open items, 7]: layer, id, address, time, flags, needed, start; oldest first per layer.
        residual, residual_end: what the root of layer ``gaps`` has kept, as in ``NsnState``.
        substitution: int64[rows, 6], as in ``NsnState``.
        record: int64[rows, 4]: core, then the episode records so far as in ``image.Memory``.
        keepers: int64[keepers]: cores that keep records, each behind the one before it; the first is the record keeper's.
        server_kept: int64[regions], cores that each slot server has named as keepers, from the last in the order of growth.
        expected: int64[rows, 3]: number of a recursive network, of the output that it had read, and the id that it expected, not heeded yet.
        layer_flits: int64[4], flits by which PRESENT and SPIKE for a layer with recursive networks, and ANSWER and RESULT of a recursive
            network, are longer than for other layers.
        sleep_flits: int64[2 x operations + 9], flits of ASK and of TOLD by operation, then of a CALL that is answered with so many pairs.
        code, time, flags, event: int64[items], the stimulus; ``first_item``: number of the first of them in the whole stream.
        offer: int64[events] ps at which each event is offered, or ``state.SATURATE``; ``first_event``: number of the first.
    """

    constants: Constants
    grow_flits: Ints
    server_core: Ints
    server_next: Ints
    server_current: Ints
    neuron: Ints
    pair_start: Ints
    pair: Ints
    fan_out: Ints
    member_start: Ints
    member: Ints
    key: Ints
    role: Ints
    item: Ints
    residual: Ints
    residual_end: Ints
    substitution: Ints
    record: Ints
    keepers: Ints
    server_kept: Ints
    expected: Ints
    layer_flits: Ints
    sleep_flits: Ints
    code: Ints
    time: Ints
    flags: Ints
    event: Ints
    first_item: int
    offer: Ints
    first_event: int

    def holders(self, used_bits: Ints) -> Ints:
        """The cores that hold anything before the first event, ascending; ``used_bits`` is that of the plan."""
        homes = (self.neuron[:, 0], self.member, self.fan_out[:, 2], self.key[:, 0], np.flatnonzero(used_bits))
        return np.unique(np.concatenate(homes))

    def forecast(self, plan: Plan) -> Forecast:
        """What its run needs beside the chip."""
        cores, bank = len(self.holders(plan.used_bits)), core_bytes(self.constants)
        return Forecast(
            ((f"memories of {cores} cores", cores * bank), ("input", len(self.code) * PACKET_BYTES)),
            "fewer learned events (workload.learned), smaller cores (chip.core.memory)",
        )
