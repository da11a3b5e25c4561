"""What a sink is to a description, and the registry of sinks.

A sink is a form in which tables of a run are written. It is one file and one entry point of the group ``chipsim.sinks``; those that ship stand
in ``chipsim/results/sinks``.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from chipsim.registry import Registry


@dataclass(frozen=True, slots=True)
class Sink:
    """A form of table.

    Attributes:
        suffix: of its files: table ``cores`` goes to ``cores`` and this.
        write: one table, columns by name (arrays or lists of equal length), into a file that is new. Raises OSError.
        tables: names of those that it takes; None for all.
    """

    suffix: str
    write: Callable[[Path, Mapping[str, Any]], None]
    tables: tuple[str, ...] | None = None


SINKS: Registry[Sink] = Registry("chipsim.sinks", "sink", Sink)
"""Every sink that is installed."""
