"""The functional digest: decisions and the final stored network, without any chip time or address (NSN §9)."""

from __future__ import annotations

import numpy as np

from chipsim.machine.digest import EPISODE, NEURON, RESIDUAL, SUBSTITUTE, SUM, TOP, digest_text
from chipsim.machine.digest_rows import begun, mixed, sum_of_rows, total_of
from chipsim.network import NsnState


def network_digest(state: NsnState) -> int:
    """Sum of the hashes of all stored neurons, episode records, residuals and substitutions."""
    k = np.diff(state.pair_start)
    h = begun(NEURON, len(state))
    for column in (state.layer, state.ordinal, state.count, state.first, state.last):
        h = mixed(h, column)
    for place in range(int(k.max(initial=0))):
        longer = np.flatnonzero(k > place)
        at = state.pair_start[longer] + place
        h[longer] = mixed(mixed(h[longer], state.pair_id[at]), state.pair_interval[at])
    total = total_of(h)
    tops = [
        (episode, position, top, time, int(record.complete))
        for episode, record in enumerate(state.records)
        for position, (top, time) in enumerate(zip(record.top, record.times, strict=True))
    ]
    total += sum_of_rows(TOP, np.array(tops, np.int64).reshape(-1, 5).T)
    for layer, ended in enumerate(state.ended.tolist()):
        total += sum_of_rows(EPISODE, (np.full(ended, layer), np.arange(ended), np.zeros(ended, np.int64)))
    for kind, values in ((RESIDUAL, state.residuals), (EPISODE, state.residual_ends)):
        total += sum_of_rows(kind, (np.full(len(values), -1), np.arange(len(values)), values))
    total += sum_of_rows(SUBSTITUTE, state.substitutions.T)
    return total & SUM


def functional_digest(decisions: int, state: NsnState) -> str:
    """Digest of what was decided and of what is stored in the end, as text."""
    return digest_text(decisions + network_digest(state))
