"""What is said when a sleep finds no room."""

from __future__ import annotations

from chipsim.errors import MappingError


def no_room(core: int, now: int) -> MappingError:
    """A core refused to keep something for a sleep."""
    return MappingError(
        f"core {core}: no room left for the sleep (workload.compaction) at {now} ps (core.memory); use a chip with more cores or memory, "
        "a lower mapping.fill, or compaction: none"
    )
