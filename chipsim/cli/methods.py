"""Methods side by side as a table for people: the same columns for graphs and for experiments, as far as rows have them."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from chipsim.cli.text import columns, labelled
from chipsim.terminal import count, percent, si

COLUMNS: tuple[tuple[str, str, Callable[[Any], str]], ...] = (
    ("method", "method", str),
    ("packets", "packets", count),
    ("share", "of naive", percent),
    ("hops", "hops", count),
    ("mean_hops", "mean", lambda value: "" if value is None else f"{value:.2f}"),
    ("max_link", "busiest link", count),
    ("tree_links", "tree links", count),
    ("joules", "energy", lambda value: si(value, "J")),
    ("cores_used", "cores", count),
    ("cpu_s", "CPU", lambda value: si(value, "s")),
    ("peak_rss_bytes", "peak", lambda value: f"{value / 2**20:,.0f} MiB"),
)
"""Key of a row, heading and how its value is written; columns that no row has are left out."""


def comparison_lines(rows: Sequence[Mapping[str, Any]]) -> Iterator[str]:
    """A table of methods, and below it why some have no figures.

    Args:
        rows: per method its metrics, ``status`` ``done`` or ``failed``, and ``reason`` for those that failed.
    """
    done = [row for row in rows if row.get("status", "done") == "done"]
    if done:
        shown = [column for column in COLUMNS if any(column[0] in row for row in done)]
        cells = [[write(row[key]) if key in row else "" for key, _, write in shown] + [""] for row in done]
        yield from columns([heading for _, heading, _ in shown] + [""], cells, right=range(1, len(shown)))
    for row in rows:
        if row not in done:
            yield labelled("not done", f"{row['method']}: {row['reason']}")
