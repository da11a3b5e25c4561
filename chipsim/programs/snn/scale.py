"""What the whole numbers of a network made of neurons in ms and mV: in the summary, in a table, in words, on the page."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

import numpy as np

from chipsim.lookup import Columns, Summary, Tables, numbers
from chipsim.network.lif_scale import LifScale, Rounding
from chipsim.programs.told import Sheet, sheet

TABLE = "parameters"
"""Table of what became of each parameter."""

COLUMNS = tuple(Rounding.__dataclass_fields__)

NOTABLE = 0.01
"""Relative error from which a parameter is named at a terminal."""

_NAMES = {
    "weight_mv": ("weights", "mV"),
    "threshold_mv": ("threshold above rest", "mV"),
    "reset_mv": ("reset above rest", "mV"),
    "drive_mv": ("drive", "mV"),
    "tau_ms": ("tau", "ms"),
    "refractory_ms": ("refractory time", "ms"),
    "delay_ms": ("delays", "ms"),
}


def scale_summary(scale: LifScale, fired: int, neurons: int, steps: int, kept: bool) -> dict[str, Any]:
    """The object ``snn.lif`` of a summary.

    Args:
        scale: of the network.
        fired: spikes of neurons that are no inputs.
        neurons: that are no inputs.
        steps: that have begun.
        kept: whether the run folder has the spikes.
    """
    seconds = steps * scale.dt_ms * 1e-3
    return {
        **{name: value for name, value in asdict(scale).items() if name != "parameters"},
        "rate_hz": fired / (neurons * seconds) if neurons and seconds else None,
        "network_time_s": seconds,
        "spikes_kept": kept,
        "parameters": {
            one.name: {name: value for name, value in asdict(one).items() if name != "name"} for one in scale.parameters
        },
    }


def scale_table(scale: LifScale) -> Columns:
    """What became of each parameter, a row each."""
    return {name: np.array([getattr(one, name) for one in scale.parameters]) for name in COLUMNS}


def scale_words(summary: Summary) -> str:
    """The scale in a line; empty for a network in fixed point."""
    lif = (summary.get("snn") or {}).get("lif")
    if not lif:
        return ""
    told = lif["parameters"]
    weights = told["weight_mv"]
    low, high = lif["threshold_steps"]
    threshold = f"{high:,}" if low == high else f"{low:,} to {high:,}"
    parts = [
        f"mV in steps of {lif['step_mv']:.3g}: threshold {threshold} (error at most {_share(told['threshold_mv']['worst_relative'])})",
        f"weights {lif['weight_bits']} bits in steps of {lif['weight_step_mv']:.3g} mV, error rms {_share(weights['rms_relative'])}, at most"
        f" {_share(weights['worst_relative'])}" + (f", {weights['lost']:,} became 0" if weights["lost"] else ""),
        f"leak {_range(lif['leak'], 6)} a step, tau {_range(lif['tau_effective_ms'], 5)} ms for"
        f" {_range((told['tau_ms']['given_low'], told['tau_ms']['given_high']), 5)}"
        f" (error at most {_share(told['tau_ms']['worst_relative'])})",
    ]
    parts.append("spike trains in spikes.parquet" if lif.get("spikes_kept") else "spike trains: --set probes=[spikes]")
    for name in ("drive_mv", "reset_mv", "delay_ms", "refractory_ms"):
        if told[name]["worst_relative"] >= NOTABLE:
            label, unit = _NAMES[name]
            parts.append(f"{label} off by up to {told[name]['worst']:.3g} {unit} ({_share(told[name]['worst_relative'])})")
    if weights["rms_relative"] >= NOTABLE * 5 or weights["lost"]:
        parts.append("finer weights: --set workload.weight_bits=16")
    return "; ".join(parts)


def scale_sheets(tables: Tables) -> list[Sheet]:
    """The table of parameters for the page; none for a network in fixed point."""
    if TABLE not in tables:
        return []
    names = [str(name) for name in tables[TABLE]["name"]]
    column = {name: numbers(tables, TABLE, name) for name in COLUMNS if name != "name"}
    labels = [_NAMES.get(name, (name, "")) for name in names]
    given = [_range((low, high), 4) for low, high in zip(column["given_low"], column["given_high"], strict=True)]
    whole = [
        f"{low:,.0f}" if low == high else f"{low:,.0f} to {high:,.0f}"
        for low, high in zip(column["whole_low"], column["whole_high"], strict=True)
    ]
    cells = [
        [f"{label}, {unit}" for label, unit in labels],
        given,
        ["–" if step == 0 else f"{step:.3g}" for step in column["step"]],
        whole,
        [f"{worst:.3g}" for worst in column["worst"]],
        [_share(one) for one in column["worst_relative"]],
        [_share(one) for one in column["rms_relative"]],
        [f"{lost:,.0f}" for lost in column["lost"]],
    ]
    heads = ("parameter", "given", "step", "whole number", "largest error", "relative", "rms, relative", "became 0")
    note = (
        "Whole numbers: of potentials in steps of potential, of times in steps of time, of tau the numerator of the leak. Errors of tau are"
        " those of the time in which a potential really falls from the threshold to 1/e of it; relative errors leave out what was given as 0."
    )
    return [sheet(TABLE, "Parameters in whole numbers", heads, cells, (False, *(len(heads) - 1) * (True,)), note)]


def _share(value: float) -> str:
    """A relative error as percent."""
    return "0 %" if value < 5e-7 else f"{100 * value:.0f} %" if value >= 0.1 else f"{100 * value:.2g} %"


def _range(ends: tuple[float, float] | list[float], digits: int) -> str:
    low, high = (f"{one:.{digits}g}" for one in ends)
    return low if low == high else f"{low} to {high}"
