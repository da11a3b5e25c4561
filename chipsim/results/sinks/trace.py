"""``trace``: kept packets as a trace for chrome://tracing and ui.perfetto.dev: a row per source, a bar from leaving to arrival.

Traces count in microseconds, and a run in picoseconds: times are written with all their digits.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from chipsim.config.sink import Sink

_PS_PER_US = 10**6


def write(path: Path, table: Mapping[str, Any]) -> None:
    """Write packets as events of a trace."""
    names = ("kind", "injected_ps", "delivered_ps", "source", "destination", "flits", "hops")
    columns = ([*map(_plain, table[name])] for name in names)
    with path.open("w", encoding="utf-8") as file:
        file.write('{"displayTimeUnit": "ns", "traceEvents": [')
        for number, (kind, begin, end, source, target, flits, hops) in enumerate(zip(*columns, strict=True)):
            event = {
                "name": kind,
                "ph": "X",
                "ts": begin / _PS_PER_US,
                "dur": (end - begin) / _PS_PER_US,
                "pid": 0,
                "tid": source,
                "args": {"to": target, "flits": flits, "hops": hops},
            }
            file.write((",\n" if number else "\n") + json.dumps(event))
        file.write("\n]}\n")


def _plain(value: Any) -> Any:
    return value.item() if hasattr(value, "item") else value


TRACE = Sink(".trace.json", write, tables=("packets",))
