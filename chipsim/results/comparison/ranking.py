"""Which figures tell most."""

from __future__ import annotations

_TELLING = (
    "digest", "functional_digest", "status", "done", "failed", "interrupted", "claim.verdict", "claim.max_rate_hz", "claim.limit",
    "energy_j.total", "power_per_core_mw.mean", "power_per_core_mw.max", "latency_s.p50", "latency_s.p99", "service_s.p50",
    "sim_time_s", "knee", "carried", "saturation", "beyond", "zero_load", "capacity", "pj_per_flit", "joules", "packets", "hops",
    "max_link", "mapping.packets_per_spike", "mapping.mean_hops", "mapping.cores_used", "energy_j", "power_per_core_mw", "power_w",
    "latency_s", "service_s", "counts", "mapping", "resources", "noc", "claim",
)  # fmt: skip
"""Beginnings of the names of figures, the most telling first; the rest follows in the order of the summary."""


WORDS = {
    "claim.max_rate_hz": "Input rate that the budget allows",
    "energy_j.total": "Energy",
    "energy_j": "Energy",
    "power_per_core_mw.mean": "Power of the mean core",
    "power_per_core_mw.max": "Power of the hottest core",
    "latency_s.p50": "Median latency",
    "latency_s.p99": "99th percentile of latency",
    "service_s.p50": "Median latency without the wait for input",
    "sim_time_s": "Chip time",
    "knee": "Load at the knee",
    "carried.load": "Highest load carried",
    "saturation": "Saturation throughput",
    "beyond.accepted": "Throughput beyond saturation",
    "capacity": "Capacity of the network",
    "power_w.mean": "Power",
    "pj_per_flit.total": "Energy of a flit",
    "pj_per_flit.dynamic": "Energy of a flit in routers and links",
    "zero_load": "Latency of the empty network",
    "mean_latency": "Mean latency",
    "packets": "Packets",
    "hops": "Hops",
    "max_link": "Busiest link",
    "mapping.packets_per_spike": "Packets per spike",
    "mapping.mean_hops": "Hops of a packet",
    "mapping.cores_used": "Cores with neurons",
}
"""The most telling figures in words; others are called by their key."""


def rank(name: str) -> int:
    """Place of a figure: what is sorted by it stays in its own order otherwise."""
    for place, begin in enumerate(_TELLING):
        if name == begin or name.startswith(f"{begin}."):
            return place
    return len(_TELLING)
