"""The functional digest: decisions and the final stored network, without any chip time or address (NSN §9)."""

from __future__ import annotations

from chipsim.model.digest import EPISODE, NEURON, RESIDUAL, SUM, TOP, digest_text, record_hash
from chipsim.network import NsnState


def network_digest(state: NsnState) -> int:
    """Sum of the hashes of all stored neurons, episode records and residuals."""
    total = 0
    start, ids, classes = state.pair_start.tolist(), state.pair_id.tolist(), state.pair_interval.tolist()
    columns = (state.layer, state.ordinal, state.count, state.first, state.last)
    for n, neuron in enumerate(zip(*(c.tolist() for c in columns), strict=True)):
        pairs = [word for p in range(start[n], start[n + 1]) for word in (ids[p], classes[p])]
        total += record_hash(NEURON, (*neuron, *pairs))
    for episode, record in enumerate(state.records):
        for position, (top, time) in enumerate(zip(record.top, record.time, strict=True)):
            total += record_hash(TOP, (episode, position, top, time, int(record.complete)))
    for layer, (residuals, ends) in enumerate(zip(state.residuals, state.residual_ends, strict=True)):
        total += sum(record_hash(RESIDUAL, (layer, i, value)) for i, value in enumerate(residuals.tolist()))
        total += sum(record_hash(EPISODE, (layer, i, value)) for i, value in enumerate(ends.tolist()))
    return total & SUM


def functional_digest(decisions: int, state: NsnState) -> str:
    """Digest of what was decided and of what is stored in the end, as text."""
    return digest_text(decisions + network_digest(state))
