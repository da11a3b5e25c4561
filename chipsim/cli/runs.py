"""``chipsim runs``: what results a folder holds."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from chipsim.cli.options import Json, Quiet
from chipsim.cli.output import tell
from chipsim.cli.text import columns, command, labelled, suggested, width
from chipsim.errors import UsageError
from chipsim.terminal import plural, si

if TYPE_CHECKING:
    from chipsim.results.catalogue import Entry

_DEFAULT = Path("runs")
"""Where results without ``--out`` are."""
_MOST_SKIPPED = 5
_HEADS = ("name", "kind", "when (UTC)", "status", "rate", "mean", "hottest", "verdict", "energy", "digest", "size")
_NUMBERS = (4, 5, 6, 8, 10)
"""Columns that are aligned to the right."""
_LEAVING = ("size", "when (UTC)", "digest", "hottest", "rate", "kind", "energy")
"""Columns that leave a terminal too narrow for all, in that order; pipes and ``--json`` have all."""


def runs(
    folder: Annotated[Path, typer.Argument(metavar="[FOLDER]", help="A folder of results.")] = _DEFAULT,
    conditions: Annotated[
        list[str] | None,
        typer.Option(
            "--filter",
            metavar="KEY=VALUE",
            help="Only those with it, also !=, >, >=, <, <=, e.g. 'mean_mw>1', chip.noc.router=ideal; may be repeated.",
        ),
    ] = None,
    sort: Annotated[
        str | None,
        typer.Option(
            metavar="KEY",
            help="Order by a column, a figure or a setting; -KEY: the greatest first. By time.",
            show_default=False,
        ),
    ] = None,
    json: Json = False,
    quiet: Quiet = False,
) -> None:
    """List the results in a folder: what, when, status, key figures.

    Runs, sweeps, mappings, noc, scale and complexity. What is no result, or broken, is named and skipped.
    """
    from chipsim.results.catalogue import as_rows, entries  # heavy, and --help must be quick
    from chipsim.results.choose import filtered, ordered
    from chipsim.results.store import summary_text

    if folder == _DEFAULT and not folder.exists():
        raise UsageError(
            f"{_DEFAULT}: no such folder here; runs without --out make it, and without a folder named this is the one that is listed:"
            " for results in the current folder use `chipsim runs .`"
        )
    there, skipped = entries(folder)
    found = filtered(there, conditions or [])
    if sort is not None:
        found = ordered(found, sort)
    if json:
        tell(summary_text({"schema": 1, "folder": str(folder), "results": list(as_rows(found)), "skipped": skipped}), nl=False)
    if not quiet:
        tell("\n".join(_lines(folder, found, len(there), skipped)), err=json)


def _lines(folder: Path, found: list[Entry], there: int, skipped: list[str]) -> Iterator[str]:
    if found:
        rows = [_row(one) for one in found]
        shown = _fitting([_HEADS, *rows])
        right = [place for place, n in enumerate(shown) if n in _NUMBERS]
        yield from columns([*(_HEADS[n] for n in shown), ""], [[*(row[n] for n in shown), ""] for row in rows], right)
        yield ""
    of = f" of {there:,}" if there != len(found) else ""
    yield labelled("results", f"{len(found):,}{of} in {folder}" if there else f"none in {folder}")
    if any(one.figures.get("claim.rate_hz") for one in found):
        yield labelled("columns", "rate: input per second of the run; mean, hottest: mW per core; digest: its end")
    for number, one in enumerate(skipped[:_MOST_SKIPPED]):
        yield labelled("" if number else "skipped", one)
    if len(skipped) > _MOST_SKIPPED:
        yield labelled("", f"and {plural(len(skipped) - _MOST_SKIPPED, 'folder')} more; --json has all")
    runs_here = [one for one in found if one.kind == "run"][-2:]
    if len(runs_here) == 2:
        last = command("chipsim", "compare", *(one.path for one in runs_here))
        yield suggested("next", last, "what differs between the last two runs")


def _fitting(rows: Sequence[Sequence[str]]) -> list[int]:
    """Numbers of the columns that say something and have room side by side; what is told elsewhere goes first."""
    shown = [n for n in range(len(_HEADS)) if any(row[n] for row in rows[1:])]
    for leaves in _LEAVING:
        if sum(max(len(row[n]) for row in rows) + 2 for n in shown) - 2 <= width():
            break
        shown = [n for n in shown if _HEADS[n] != leaves]
    return shown


def _row(one: Entry) -> list[str]:
    points = one.figures.get("points")
    status = one.status if points is None else f"{one.status}, {plural(points, 'point')}"
    mean, hottest = (one.value(key) for key in ("mean_mw", "hottest_mw"))
    verdict = str(one.value("verdict") or "").replace("depends_on_assumed", "depends").replace("_", " ")
    digest = str(one.value("digest") or "")[-8:]
    return [
        one.path.name,
        one.kind,
        one.when.strftime("%Y-%m-%d %H:%M"),
        status,
        _si(one.value("rate"), "Hz"),
        _mw(mean),
        _mw(hottest),
        verdict,
        _si(one.value("energy_j"), "J"),
        digest,
        _size(one.bytes),
    ]


def _si(value: Any, unit: str) -> str:
    return "" if value is None else si(value, unit)


def _mw(value: Any) -> str:
    return "" if value is None else f"{value:.4g}"


def _size(size: int) -> str:
    return f"{size / 1e6:,.1f} MB" if size >= 1e6 else f"{size / 1e3:,.0f} kB"
