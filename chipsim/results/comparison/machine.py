"""Which figures are the machine's own: two runs of the same experiment differ in them, and say nothing by it."""

from __future__ import annotations

_PARTS = frozenset(
    {
        "wall_s", "run_cpu_s", "cpu_s", "parts_cpu_s", "place_cpu_s", "compile_s", "wall_s_per_event", "peak_rss_bytes",
        "flit_hops_per_s", "version", "engine",
    }
)  # fmt: skip


def is_machine(name: str) -> bool:
    """Whether a figure is wall time, processor time, memory of the process, a speed made from them, or what did the work.

    That is the version of chipsim, and the engine that ``auto`` took: both give the same results, and which one a machine takes hangs
    on what it has compiled before. An engine that was asked for is a setting.
    """
    return not _PARTS.isdisjoint(name.split("."))
