"""The ten lines that a run ends with, from its summary alone."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from chipsim.cli.text import labelled
from chipsim.terminal import count, percent, plural, rate, si

if TYPE_CHECKING:
    from chipsim.programs.told import Told

_LIMITS = {
    "energy": "the energy budget",
    "core_time": "the busiest core",
    "link": "the busiest link",
    "wta_quorum": "the wait for all answers (WTA quorum)",
    "memory": "memory: novelties find no room",
}


def ten_lines(summary: dict[str, Any], folder: Path) -> list[str]:
    """What a run says to people; the last line names the run folder.

    Args:
        summary: the object of ``summary.json``; values may be null where an engine does not know them.
        folder: the run folder.
    """
    from chipsim.programs.base import PROGRAMS  # heavy, and --help must be quick

    told = PROGRAMS.get(summary["kind"]).told
    report = folder / "report.html"
    written = f"{report}" if report.exists() else f"not made yet: chipsim report {folder}"
    return [
        labelled("run", _run(summary, told)),
        labelled("network", told.network(summary) + _lost(summary)),
        labelled("busiest", _busiest(summary)),
        labelled("latency", _latency(summary, told)),
        labelled("energy", _energy(summary)),
        labelled("power", _power(summary)),
        labelled("limit", _limit(summary)),
        labelled("report", written),
        labelled("next", _next(summary, folder, told)),
        labelled("folder", str(folder)),
    ]


def _run(summary: dict[str, Any], told: Told) -> str:
    chip, counts = summary["chip"], summary.get("counts") or {}
    what = f"{summary['name']} on {chip['name']} ({plural(chip['cores'], 'core')})"
    seconds = (summary.get("wall_s") or {}).get("run")
    took = f" in {si(seconds, 's')}" if seconds else ""
    if not counts:
        return f"{summary['name']}: the golden model alone, in software{took}; no chip time, no energy"
    status = {
        "done": "done",
        "until": "stopped at the end that was set",
        "interrupted": "INTERRUPTED, what follows is a part of the run",
    }[summary["status"]]
    chip_time = si(summary.get("sim_time_s"), "s")
    return f"{what}, {summary['engine']} engine, {status}: {told.done(summary)}, {chip_time} of chip time{took}"


def _lost(summary: dict[str, Any]) -> str:
    """What a damaged network dropped, by cause."""
    lost = (summary.get("noc") or {}).get("lost") or {}
    told = ", ".join(f"{count(packets)} {cause.replace('_', ' ')}" for cause, packets in lost.items() if packets)
    return f"; LOST packets: {told}" if told else ""


def _busiest(summary: dict[str, Any]) -> str:
    busy = summary.get("busiest")
    if not busy:
        return "unknown: nothing ran on the chip"
    text = f"core {busy['core']} at work {percent(busy['core_utilisation'])} of the time"
    if not busy.get("link_packets"):
        return f"{text}; no link was used"
    x, y = busy["link_from"]
    return f"{text}; link {busy['link_direction']} of tile ({x}, {y}) {percent(busy['link_utilisation'])}"


def _latency(summary: dict[str, Any], told: Told) -> str:
    latency = summary.get("latency_s") or {}
    if latency.get("p50") is None:
        return told.no_latency if summary.get("counts") else "unknown: the golden model has no time"
    return (
        f"p50 {si(latency['p50'], 's')}, p99 {si(latency['p99'], 's')}, longest {si(latency['max'], 's')}"
        f" per {summary['latency_of']}, {told.latency_way}"
    )


def _energy(summary: dict[str, Any]) -> str:
    energy = summary.get("energy_j")
    if not energy or not energy.get("total"):
        return "unknown: nothing ran on the chip"
    total = energy["total"]
    shares = ", ".join(f"{name} {si(joules, 'J')}" for name, joules in energy.items() if name != "total" and joules)
    return f"{si(total, 'J')}: {shares} (static {percent(energy['static'] / total)})"


def _power(summary: dict[str, Any]) -> str:
    power, claim = summary.get("power_per_core_mw"), summary.get("claim")
    if not power or not claim or power.get("mean") is None:
        return "no verdict: nothing ran on the chip"
    budget, mean = power["budget"], power["mean"]
    verb = "holds" if mean <= budget else "fails"
    drawn = f"mean {mean:.3g} mW, highest {power['max']:.3g} mW"
    if claim["verdict"] == "depends_on_assumed":
        names, one = ", ".join(claim["assumed"]), len(claim["assumed"]) == 1
        what = "an assumed constant" if one else "assumed constants"
        return f"{budget:g} mW per core DEPENDS on {what}: {verb} as they stand ({drawn}), but {names}, moved within its range, turns that"
    given = f"; taken as given: {', '.join(claim['given'])}" if claim.get("given") else ""
    return f"{budget:g} mW per core {verb.upper()}: {drawn}, wherever the assumed constants lie within their ranges{given}"


def _limit(summary: dict[str, Any]) -> str:
    claim = summary.get("claim")
    if not claim or claim.get("rate_hz") is None:
        return "unknown"
    limits = claim.get("limits") or {}
    binding = _LIMITS.get(claim["limit"], claim["limit"])
    unit = f"{claim['rate_of']}s/s"
    text = (
        f"ran at {rate(claim['rate_hz'], unit)}; could go to {rate(claim['max_rate_hz'], unit)}, bound by"
        f" {binding}; the budget pays for {rate(limits.get('energy'), unit)}"
    )
    if claim.get("sop_per_core_hz") is not None:
        text += f", or {rate(claim.get('sop_per_core_hz'), 'SOP/s')} per core"
    room = limits.get("memory_events")
    return f"{text}; room for {count(room)} more events at this growth" if room is not None else text


def _next(summary: dict[str, Any], folder: Path, told: Told) -> str:
    """One command that would tell more than this run did."""
    again = f"chipsim run {folder / 'experiment.yaml'}"
    if summary["engine"] == "golden":
        return f"{again} --engine auto"
    if summary["status"] == "interrupted":
        return f"chipsim run --resume {folder}"
    if summary["status"] == "until":
        return f"chipsim run --resume {folder} --set until=null"
    return f"{again} --set {told.next(summary)}"
