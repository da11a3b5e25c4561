"""What is called otherwise, or means something else, since the scenarios were written down, and why.

The file of what was recorded stays as it is: what was renamed is held to the old value under its new name, and what was replaced is not held.
"""

from __future__ import annotations

import math
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
    "tables.cores.power_mw",  # with what the slot server of the tile spends
    "power_per_core_mw.max",  # likewise
    "claim.given",  # prices that are new have no range in every chip file, and are named then
    "counts.null_answers",  # neurons that nobody reads answer null themselves, and are counted
    "tables.cores.null_answers",  # likewise; ``tests/counter`` derives both
    "claim.sop_alone_per_core_hz",  # synaptic operations per second and core have one definition
    "tables.cores.memory_bits",  # entries of episode records have a class instead of a time
    "mapping.max_memory_fill",  # likewise
    "nsn.stored_bits",  # likewise
    "nsn.stored_bits_per_symbol",  # likewise
    "nsn.stored_elements",  # entries of episode records, and words of substitutions, are elements too
)
"""What means something else now."""

WITHOUT_A_BUDGET = ("loihi-sanafe", "loihi")
"""Chips for which nobody has named a budget per core: what follows from one is null."""

OF_A_BUDGET = re.compile(r"power_w\.envelope|power_per_core_mw\.budget|claim\.(break_even|events_per|sop_per|limits\.energy).*")

OF_TWO_SIDES = re.compile(r"busiest\.core_utilisation|tables\.cores\.utilisation|claim\.limits\.core_time")
"""Spiking cores take in while they send: what they work is told as a share of both sides, no longer up to 200 %."""

OF_A_BOARD = re.compile(
    r"(power_per_core_mw\.m|tables\.cores\.power_mw|claim\.(break_even|events_per|sop_per|limits\.energy|dynamic)).*"
)
"""Links between chips are held against the budget too."""

FROM_POINTS = re.compile(r"claim\.(break_even_.*|events_per_core_hz|sop_per_core_hz|limits\.mean_power\.rate_hz)")
"""Worked out from powers and no longer from joules: the last digits of a float may differ."""


def as_now(expected: Record) -> Record:
    """What was written down, under the names of today, without what means something else."""
    return {_named(path, expected): value for path, value in expected.items() if not _otherwise(path, value, expected)}


def same(path: str, before: object, now: object) -> bool:
    """Whether a value is what it was."""
    if FROM_POINTS.fullmatch(path) and isinstance(before, float) and isinstance(now, float):
        return math.isclose(before, now, rel_tol=1e-10)
    return before == now


def _otherwise(path: str, value: object, expected: Record) -> bool:
    """Whether what stands at a path means something else today."""
    chips = expected.get("chip.chips")
    return (
        path in REPLACED
        or path == "claim.limits.memory_events"  # entries of episode records take less
        or ((path == "busiest.core_utilisation" or path == "tables.cores.utilisation") and _over(expected))
        or (
            path == "claim.limits.wta_quorum" and _near(expected.get("claim.rate_hz"), value)
        )  # the rate that was reached is measured
        or (path in LIMITS and value is None and path != "claim.limits.memory_events")  # what sets no limit is left out
        or (expected.get("chip.name") in WITHOUT_A_BUDGET and OF_A_BUDGET.fullmatch(path) is not None)
        or (bool(expected.get("counts.steps")) and OF_TWO_SIDES.fullmatch(path) is not None)
        or (isinstance(chips, int) and chips > 1 and OF_A_BOARD.fullmatch(path) is not None)
    )


def _over(expected: Record) -> bool:
    """Whether a core was told to work more than all the time: an operation that a set end cuts counted whole."""
    share = expected.get("busiest.core_utilisation")
    return isinstance(share, float) and share > 1


def _near(rate: object, bound: object) -> bool:
    """Whether a run went nearly as fast as what bound it."""
    return isinstance(rate, float) and isinstance(bound, float) and rate > 0.8 * bound


def _named(path: str, expected: Record) -> str:
    if expected.get("latency_of") == "event" and SERVICE.fullmatch(path):
        return path.replace("latency", "service")
    return LIMITS.get(path, path)
