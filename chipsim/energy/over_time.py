"""Energy and power of a run over its time: what was counted in each interval, priced like the whole."""

from __future__ import annotations

import math

import numpy as np
import numpy.typing as npt

from chipsim.energy.account import S_PER_PS, SHARES, Counts, Line, price, price_lines
from chipsim.energy.influence import Ran
from chipsim.energy.power import mean_power_of
from chipsim.lookup import Columns
from chipsim.noc.links import by_class, link_classes

Ints = npt.NDArray[np.int64]

_OTHERS = 3
"""Counts of a row between actions and links: flits of tiles, of the host, look-ups."""


def timeline_table(ran: Ran) -> Columns:
    """A row per interval of a run's timeline, the last up to its end: joules by share, and the power of the mean core as it is held against
    the budget. The rows of a share add up to what the whole run spent on it. Empty where no timeline was kept.
    """
    times, counted = _intervals(ran)
    if not len(ran.raw.timeline):
        return {}
    lines = [price_lines(ran.chip, one) for one in counted]
    static = price(ran.chip.power.static_per_core)
    made: Columns = {"begin_ps": times[:-1], "end_ps": times[1:]}
    for share in SHARES:
        made[f"{share}_j"] = np.array([_joules(each, share) for each in lines])
    made["core_mw"] = np.array(
        [mean_power_of(static, each, one.seconds, one.cores) for each, one in zip(lines, counted, strict=True)]
    )
    return made


def _intervals(ran: Ran) -> tuple[Ints, list[Counts]]:
    """Times at which intervals begin and end, ps; and what was counted in each."""
    rows, whole = ran.raw.timeline, _whole(ran)
    times = np.array([0, *rows[:, 0].tolist(), ran.raw.end_ps] if len(rows) else [0, ran.raw.end_ps], np.int64)
    sums = np.vstack([np.zeros_like(whole), *([rows[:, 1:]] if len(rows) else []), whole])
    if len(times) > 2 and times[-1] == times[-2]:  # nothing is covered behind the last mark
        times, sums = times[:-1], np.delete(sums, -2, axis=0)
    spans = np.diff(times) * S_PER_PS
    return times, [_counts(ran, row, float(span)) for row, span in zip(np.diff(sums, axis=0), spans, strict=True)]


def _whole(ran: Ran) -> Ints:
    """What the whole run counted, as a row of its timeline."""
    raw, classes = ran.raw, link_classes(ran.plan.noc, len(ran.raw.link_flits))
    others = [int(raw.tile_flits.sum()), raw.host_flits, int(raw.router_lookups.sum())]
    links = by_class(classes, raw.link_flits), by_class(classes, raw.credits)
    return np.concatenate([raw.actions.sum(axis=0), others, *links]).astype(np.int64)


def _counts(ran: Ran, row: Ints, seconds: float) -> Counts:
    """A row of the timeline, or the difference of two, as an account takes it."""
    actions, (tiles, host, lookups), links = np.split(row, [len(ran.table), len(ran.table) + _OTHERS])
    flits, back = (tuple(part.tolist()) for part in np.split(links, 2))
    return Counts(
        ran.plan.mesh.cores,
        tuple(actions.tolist()),
        int(tiles),
        int(host),
        flits[0],
        flits[1],
        seconds,
        flits[2:],
        int(lookups),
        back[0] + back[1],
        back[2:],
        ran.table,
    )


def _joules(lines: tuple[Line, ...], share: str) -> float:
    return math.fsum(line.joules for line in lines if line.share == share)
