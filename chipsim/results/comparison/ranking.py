"""Which figures tell most."""

from __future__ import annotations

_TELLING = (
    "digest", "functional_digest", "status", "done", "failed", "interrupted", "claim.verdict", "claim.max_rate_hz", "claim.limit",
    "energy_j.total", "power_per_core_mw.mean", "power_per_core_mw.max", "latency_s.p50", "latency_s.p99", "service_s.p50",
    "sim_time_s", "knee", "saturation", "zero_load", "joules", "packets", "hops", "max_link", "mapping.packets_per_spike",
    "mapping.mean_hops", "mapping.cores_used", "energy_j", "power_per_core_mw", "power_w", "latency_s", "service_s", "counts",
    "mapping", "resources", "noc", "claim",
)  # fmt: skip
"""Beginnings of the names of figures, the most telling first; the rest follows in the order of the summary."""


def rank(name: str) -> int:
    """Place of a figure: what is sorted by it stays in its own order otherwise."""
    for place, begin in enumerate(_TELLING):
        if name == begin or name.startswith(f"{begin}."):
            return place
    return len(_TELLING)
