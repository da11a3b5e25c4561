"""What benchmarks found: rows of numbers for the terminal, everything for a JSON file."""

from __future__ import annotations

import json
import os
import platform
import resource
import sys
from dataclasses import dataclass, field
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from statistics import median
from typing import Any

FILE = "CHIPSIM_BENCH"
"""Environment variable that names the JSON file."""


@dataclass(slots=True)
class Results:
    """Rows in the order of measuring.

    Attributes:
        rows: what was measured, how much of it, the unit, and a remark.
        values: by benchmark, all numbers.
    """

    rows: list[tuple[str, float, str, str]] = field(default_factory=list)
    values: dict[str, Any] = field(default_factory=dict)

    def row(self, what: str, value: float, unit: str, remark: str = "") -> None:
        """A line of the table."""
        self.rows.append((what, value, unit, remark))

    def note(self, benchmark: str, **numbers: Any) -> None:
        """Numbers for the JSON file."""
        self.values.setdefault(benchmark, {}).update(numbers)

    def table(self) -> str:
        """All rows as text."""
        width = max((len(what) for what, *_ in self.rows), default=0)
        return "\n".join(
            f"{what:<{width}}  {_number(value):>14} {unit:<16} {remark}".rstrip() for what, value, unit, remark in self.rows
        )

    def write(self, path: Path) -> None:
        """All numbers as JSON, with the machine that they are of."""
        machine = {
            "python": platform.python_version(),
            "machine": platform.machine(),
            "cpus": os.cpu_count(),
            "load": os.getloadavg()[0],
            "packages": {name: _version(name) for name in ("numpy", "llvmlite", "simpy", "sanafe")},
        }
        rows = [dict(zip(("what", "value", "unit", "remark"), row, strict=True)) for row in self.rows]
        path.write_text(json.dumps({"machine": machine, "table": rows, **self.values}, indent=1) + "\n", encoding="utf-8")


def spread(values: list[float]) -> dict[str, Any]:
    """Median, best and worst of repeats, and all of them."""
    return {"median": median(values), "least": min(values), "most": max(values), "all": values}


def peak_rss() -> int:
    """Peak memory of this process in bytes."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * (1 if sys.platform == "darwin" else 1024)


def _version(name: str) -> str | None:
    try:
        return version(name)
    except PackageNotFoundError:
        return None


def _number(value: float) -> str:
    return f"{value:,.0f}" if abs(value) >= 1_000 else f"{value:,.3g}"
