"""A finished (or interrupted) run as users get it: one summary, flat tables, and what is needed to run it again."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from collections.abc import Mapping as Pairs
from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING, Any

from chipsim.config.experiment import Experiment
from chipsim.frames import Frames, html_table
from chipsim.lookup import Columns, number, value
from chipsim.machine.snapshot import Snapshot
from chipsim.plan.inputs import Mapping
from chipsim.programs.base import Files
from chipsim.quantity import digits, si

if TYPE_CHECKING:
    import pyarrow as pa


@dataclass(frozen=True, slots=True)
class Result(Frames):
    """Outcome of ``chipsim.pipeline.simulate``.

    Attributes:
        experiment: what was run, names and paths resolved.
        summary: the object of ``summary.json``.
        tables: flat tables by name: ``cores``, ``links``, ``routers``, ``energy``, ``constants``, as probes ask ``packets`` and ``flows``,
            and those of the program that ran; ``table(NAME)`` has one as Arrow, ``arrays(NAME)`` as NumPy, ``pandas(NAME)`` as a data frame.
        alerts: alerts that left through the host port, in order; None where the host is told of nothing.
        files: further files of the run folder, such as core memories at the end.
        mapping: where the loaded network lived; None where nothing was mapped.
        snapshot: state to go on from where the run did not end by itself.
    """

    experiment: Experiment
    summary: dict[str, Any]
    tables: dict[str, Columns]
    alerts: list[dict[str, Any]] | None = None
    files: Files = field(default_factory=dict)
    mapping: Mapping | None = None
    snapshot: Snapshot | None = None

    def _tables(self) -> Pairs[str, Callable[[], pa.Table]]:
        return {name: partial(_arrow, columns) for name, columns in self.tables.items()}

    def _repr_html_(self) -> str:
        """A notebook's view: key figures, and which tables there are."""
        summary = self.summary
        title = f"{summary.get('name')} on {value(summary, 'chip.name') or 'no chip'}, engine {summary.get('engine')}, {summary.get('status')}"
        names = ", ".join(self.table_names)
        return html_table([title, ""], [*_figures(summary), ("tables", names)])


def _figures(summary: dict[str, Any]) -> Iterator[tuple[str, str]]:
    """Key figures that are there, in words."""
    for name, path, unit in (
        ("chip time", "sim_time_s", "s"),
        ("energy", "energy_j.total", "J"),
        ("power", "power_w.mean", "W"),
        ("median latency", "latency_s.p50", "s"),
        ("99th percentile of latency", "latency_s.p99", "s"),
    ):
        if (found := number(summary, path)) is not None:
            yield name, si(found, unit)
    each, budget = number(summary, "power_per_core_mw.mean"), number(summary, "power_per_core_mw.budget")
    if each is not None:
        yield "power of the mean core", f"{digits(each)} mW" + ("" if budget is None else f" of {digits(budget)} mW")
    for name, path in (("verdict", "claim.verdict"), ("digest", "digest"), ("functional digest", "functional_digest")):
        if value(summary, path) is not None:
            yield name, str(value(summary, path)).replace("_", " ")


def _arrow(columns: Columns) -> pa.Table:
    import pyarrow as pa

    return pa.table(columns)
