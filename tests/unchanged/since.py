"""What is called otherwise, or means something else, since the scenarios were written down, and why.

The file of what was recorded stays as it is: what was renamed is held to the old value under its new name, and what was replaced is not held.
"""

from __future__ import annotations

import re

Record = dict[str, object]

SERVICE = re.compile(
    r"latency_s\..*|latency_layers_s\[\d+\]\..*|tables\.latency\..*|tables\.layers\.latency_p\d+_s|nsn\.layers\[\d+\]\.latency_p\d+_s"
    r"|tables\.events\.latency_ps"
)
"""Of neurosemantic networks: what was told as latency, without the wait for later input, is the service time; latency has that wait in it."""

LIMITS = {
    "claim.limits.energy": "claim.limits.mean_power.rate_hz",
    "claim.limits.core_time": "claim.limits.core_time.rate_hz",
    "claim.limits.link": "claim.limits.link.rate_hz",
    "claim.limits.wta_quorum": "claim.limits.wta_quorum.rate_hz",
    "claim.limits.memory_events": "claim.limits.memory.events",
}
"""A limit tells how it is known beside its rate."""

REPLACED = (
    "claim.verdict",  # for the mean core and the hottest one, and how far it holds
    "claim.assumed",  # only ranges with a source are moved
    "claim.watts",  # of the cores that hold anything or worked, not of those that hold neurons alone
    "claim.limit",  # the hottest core can bind
    "claim.max_rate_hz",  # likewise
    "claim.sop_alone_per_core_hz",  # synaptic operations per second and core have one definition
)
"""What means something else now."""

WITHOUT_A_BUDGET = ("loihi-sanafe", "loihi")
"""Chips for which nobody has named a budget per core: what follows from one is null."""

OF_A_BUDGET = re.compile(
    r"^(power_w\.envelope|power_per_core_mw\.budget|claim\.(break_even|events_per|sop_per|limits\.energy).*)$"
)


def as_now(expected: Record) -> Record:
    """What was written down, under the names of today, without what means something else."""
    found: Record = {}
    for path, value in expected.items():
        if path in REPLACED or (expected.get("chip.name") in WITHOUT_A_BUDGET and OF_A_BUDGET.match(path)):
            continue
        if path.startswith("claim.limits.") and value is None and path != "claim.limits.memory_events":
            continue  # a resource that sets no limit is left out
        found[_named(path, expected)] = value
    return found


def _named(path: str, expected: Record) -> str:
    if expected.get("latency_of") == "event" and SERVICE.fullmatch(path):
        return path.replace("latency", "service")
    return LIMITS.get(path, path)
