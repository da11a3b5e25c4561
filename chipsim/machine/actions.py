"""What operations count."""

from __future__ import annotations

# What an operation counts; the first TIMED are priced in time, all in energy or as statistics.
(
    A_MESSAGE,
    A_AXON,
    A_SYNOP,
    A_UPDATE,
    A_READ,
    A_WRITE,
    A_PAIR,
    A_SENT,
    A_SLOT,
    A_ACCESS,
    A_SOMA,
    A_FIRED,
    A_TABLE,
    A_NULL,
    A_ROUND,
    A_SPIKE,
) = range(16)
TIMED = 12
ACTIONS = 16
ACTION_NAMES = (
    "messages_in", "axon_lookups", "synaptic_ops", "neuron_updates", "memory_reads", "memory_writes", "pair_writes", "messages_out",
    "slot_ops", "soma_accesses", "soma_updates", "soma_spikes", "table_writes", "null_answers", "wta_rounds", "spikes",
)  # fmt: skip
