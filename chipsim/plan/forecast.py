"""What memory a run will need, told before it is taken: a run that would not fit is refused with its numbers.

The forecast counts the arrays that grow with the chip; those that grow with what runs on it the program counts (``Plan.own.forecast``). It is
an upper bound but for packets in flight, which no plan knows.
"""

from __future__ import annotations

import contextlib
import resource
from dataclasses import dataclass
from pathlib import Path

from chipsim.config.chip import ChipSpec
from chipsim.errors import UsageError
from chipsim.plan.plan import Plan

CORE_BYTES = 560
"""A core without work: 24 words of state, 16 counted actions, five counters and their copies in the results, its place in the plan."""

TILE_BYTES = 640
"""A router with its four links: 8 words and five counters each, and their copies in the results."""

WAY_BYTES = 224
"""A link of any other topology: 5 words in the plan, 4 behind it and 8 of its own in the engine, and its counters."""

ENTRY_BYTES = 24
"""A router's entry for a destination in a routing table: in the plan, in the engine, and while the table is made."""

PACKET_BYTES = 160
"""A packet that is given: its row, in file, plan and results, and itself in flight."""

GRID_PORTS = 6
"""Links of a router of a grid, with layers."""

SHARE = 0.8
"""Of what is free, without a limit of the user's."""

_UNITS = ((2**40, "TiB"), (2**30, "GiB"), (2**20, "MiB"), (2**10, "KiB"))


@dataclass(frozen=True, slots=True)
class Forecast:
    """Bytes by what needs them.

    Attributes:
        parts: (what, bytes).
        advice: what to change where they are too many.
    """

    parts: tuple[tuple[str, int], ...]
    advice: str

    @property
    def total(self) -> int:
        """Bytes in all."""
        return sum(size for _, size in self.parts)


def of_plan(chip: ChipSpec, plan: Plan) -> Forecast:
    """Forecast of the run of a plan that is built: the program says what it needs, and the chip comes on top."""
    own: Forecast = plan.own.forecast(plan)
    return with_chip(chip, own, None if plan.noc is None else plan.noc.fabric.ports)


def with_chip(chip: ChipSpec, own: Forecast, ports: int | None = None) -> Forecast:
    """What a program needs, and the chip that it runs on.

    Args:
        chip: its cores, routers and links.
        own: what the program needs.
        ports: links of a router at most, where they have been laid; else as many as the topology says.
    """
    return Forecast((*own.parts, *_chip_parts(chip, ports)), own.advice)


def _chip_parts(chip: ChipSpec, ports: int | None) -> tuple[tuple[str, int], ...]:
    noc = chip.noc
    parts = [("cores of the chip", noc.cores * CORE_BYTES), ("routers and links", noc.tiles * TILE_BYTES)]
    if not noc.is_plain_mesh or noc.levels:
        if ports is None:
            ports = GRID_PORTS if noc.joined.ports is None else noc.joined.ports(noc)
        parts.append(("ways of the topology", noc.tiles * ports * WAY_BYTES))
    if noc.rule.table is not None:
        parts.append(("routing tables", ENTRY_BYTES * noc.tiles**2))
    return tuple(parts)


def refuse_beyond(forecast: Forecast, limit: int | None) -> None:
    """Refuse a run that would take more memory than it may.

    Args:
        forecast: what it needs beside what the process has already.
        limit: bytes of the whole process; None for 80 % of what is free, beside what it has.

    Raises:
        UsageError: naming all parts, the limit, and what to change.
    """
    own = _resident()
    if limit is None:
        free = free_bytes()
        if free is None:
            return
        allowed, source = (
            own + int(SHARE * free),
            f"{SHARE:.0%} of the {size_text(free)} that are free; --memory-limit sets another",
        )
    else:
        allowed, source = limit, "--memory-limit"
    needed = own + forecast.total
    if needed <= allowed:
        return
    parts = ", ".join(f"{what} {size_text(size)}" for what, size in sorted(forecast.parts, key=lambda part: -part[1]) if size)
    raise UsageError(
        f"the run needs about {size_text(needed)} of memory ({parts}, this process so far {size_text(own)}); allowed"
        f" {size_text(allowed)} ({source}); use {forecast.advice}, a smaller chip, or a higher limit"
    )


def size_text(size: int) -> str:
    """A size with its unit: ``2.4 GiB``."""
    for unit, name in _UNITS:
        if size >= unit:
            return f"{size / unit:.3g} {name}" if size < 1000 * unit else f"{size / unit:.0f} {name}"
    return f"{size} B"


def free_bytes() -> int | None:
    """Memory that this process could still take: what the system has available, or what its control group leaves; None if unknown."""
    found = []
    with contextlib.suppress(OSError, ValueError, IndexError):
        for line in Path("/proc/meminfo").read_text(encoding="ascii").splitlines():
            if line.startswith("MemAvailable:"):
                found.append(1024 * int(line.split()[1]))
    for most, used in (("memory.max", "memory.current"), ("memory/memory.limit_in_bytes", "memory/memory.usage_in_bytes")):
        with contextlib.suppress(OSError, ValueError):
            group = Path("/sys/fs/cgroup")
            limit = int((group / most).read_text(encoding="ascii"))  # "max" is no number: no limit
            cached = _cached(group / most.replace("memory.max", "memory.stat").replace("memory.limit_in_bytes", "memory.stat"))
            found.append(max(0, limit - int((group / used).read_text(encoding="ascii")) + cached))
    return min(found) if found else None


def _cached(stat: Path) -> int:
    """Pages of files that a control group would give back first."""
    with contextlib.suppress(OSError, ValueError):
        for line in stat.read_text(encoding="ascii").splitlines():
            if line.startswith("inactive_file "):
                return int(line.split()[1])
    return 0


def _resident() -> int:
    """Bytes that this process holds now."""
    with contextlib.suppress(OSError, ValueError, IndexError):
        return int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1]) * resource.getpagesize()
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
