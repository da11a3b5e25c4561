"""The ten entries that a run ends with, from its summary alone."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from chipsim.cli.resume import NO_SNAPSHOT
from chipsim.cli.text import command, labelled, suggested, unbroken
from chipsim.terminal import count, percent, plural, rate, si

if TYPE_CHECKING:
    from chipsim.programs.told import Told

_LIMITS = {
    "mean_power": "the budget of the mean core",
    "hottest_core": "the budget of the hottest core",
    "core_time": "the time of the busiest core",
    "link": "the busiest link",
    "wta_quorum": "the wait for all answers (WTA quorum)",
    "steps": "steps that follow each other",
    "round_trip": "events that wait for each other, nothing being busy",
    "memory": "memory: novelties find no room",
}
_MEASURED = ("measured", "interpolated")
_FILLED = {"fill": "at this fill", "memory": "by the memory that all of these take"}
_CUT_OFF = ("interrupted", "until")
_NO_TIME = ("mean_power", "hottest_core", "memory")


def ten_lines(summary: dict[str, Any], folder: Path) -> list[str]:
    """What a run says to people; the last line names the run folder.

    Args:
        summary: the object of ``summary.json``; values may be null where an engine does not know them.
        folder: the run folder.
    """
    from chipsim.programs.base import PROGRAMS  # heavy, and --help must be quick

    told = PROGRAMS.get(summary["kind"]).told
    report = folder / "report.html"
    written = unbroken(report) if report.exists() else f"not made yet: {command('chipsim', 'report', folder)}"
    return [
        labelled("run", _run(summary, told)),
        *(labelled("warning", text) for text in summary.get("warnings") or ()),
        labelled("power", _power(summary)),
        labelled("limit", _limit(summary)),
        labelled("million", _million(summary)),
        labelled("network", told.network(summary) + _lost(summary)),
        *([labelled("scale", scale)] if (scale := told.scale(summary)) else []),
        labelled("latency", _latency(summary, told)),
        labelled("energy", _energy(summary)),
        labelled("report", written),
        suggested("next", *_next(summary, folder, told)),
        labelled("folder", unbroken(folder)),
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
    busy = summary["busiest"]
    text = f"busiest here: core {busy['core']}, {percent(busy['core_utilisation'])} of the time"
    if not busy.get("link_packets"):
        return f"{text}, no link"
    x, y = busy["link_from"]
    return f"{text}, link {busy['link_direction']} of tile ({x}, {y}), {percent(busy['link_utilisation'])}"


def _latency(summary: dict[str, Any], told: Told) -> str:
    latency = summary.get("latency_s") or {}
    if latency.get("p50") is None:
        return told.no_latency if summary.get("counts") else "unknown: the golden model has no time"
    text = (
        f"p50 {si(latency['p50'], 's')}, p99 {si(latency['p99'], 's')}, longest {si(latency['max'], 's')}"
        f" per {summary['latency_of']}, {told.latency_way}"
    )
    service = summary.get("service_s") or latency
    if service == latency:
        return text
    return f"{text}; without the wait for later input p50 {si(service['p50'], 's')}, p99 {si(service['p99'], 's')}"


def _energy(summary: dict[str, Any]) -> str:
    energy = summary.get("energy_j")
    if not energy or not energy.get("total"):
        return "unknown: nothing ran on the chip"
    total = energy["total"]
    shares = ", ".join(f"{name} {si(joules, 'J')}" for name, joules in energy.items() if name != "total" and joules)
    return f"{si(total, 'J')}: {shares} (static {percent(energy['static'] / total)})"


def _power(summary: dict[str, Any]) -> str:
    """The verdict, and what it is about: the mean core and the hottest one."""
    power, claim = summary.get("power_per_core_mw"), summary.get("claim")
    if not power or not claim or power.get("mean") is None:
        return "no verdict: nothing ran on the chip"
    mean, hottest = claim["mean"], claim["hottest"]
    drawn = f"mean {mean['mw']:.4g} mW, hottest core {hottest['core']} {hottest['mw']:.4g} mW"
    if claim["verdict"] is None:
        return f"{drawn}; no budget per core is set for this chip (chip.power.budget_per_core), so there is no verdict"
    unit = f"{claim['rate_of']}s/s"
    word = _word(claim, unit)
    up_to = min(claim["static"]["mean_mw"], claim["static"]["hottest_mw"])
    room = (
        f"; at this load up to {up_to:.4g} mW static" if up_to > 0 else "; its work alone takes more, whatever the static power"
    )
    given = f"; taken as given: {', '.join(claim['given'])}" if claim.get("given") else ""
    limits = claim["limits"]
    spent = "; ".join(
        f"{name} spends it at {rate(limits[key]['rate_hz'], unit)} ({_how(limits[key])})"
        for name, key in (("mean", "mean_power"), ("hottest", "hottest_core"))
        if limits[key]["rate_hz"]
    )
    return f"{power['budget']:g} mW per core {word}: {drawn}{'; ' if spent else ''}{spent}{room}{given}"


def _word(claim: dict[str, Any], unit: str) -> str:
    """The verdict in words; the rate up to which the budget is kept belongs to it."""
    kept = [claim["limits"][name] for name in ("mean_power", "hottest_core") if claim["limits"][name]["how"] != "out_of_reach"]
    least = min((one["rate_hz"] for one in kept), default=None)
    here = "fails" if "fails" in (claim["mean"]["verdict"], claim["hottest"]["verdict"]) else "holds"
    if claim["verdict"] == "depends_on_assumed":
        names, one = ", ".join(claim["assumed"]), len(claim["assumed"]) == 1
        what = "an assumed constant" if one else "assumed constants"
        return f"DEPENDS on {what} ({names}, moved to an end of its range, turns it); as they stand it {here}"
    if claim["verdict"] == "fails":
        if least == 0:
            return "FAILS at any rate"
        return f"FAILS here, holds to {rate(least, unit)}" if least else "FAILS here"
    if claim["verdict"] == "holds_to":
        return f"HOLDS TO {rate(least or claim['max_rate_hz'], unit)}"
    return "HOLDS at any rate that the chip takes"


def _how(limit: dict[str, Any]) -> str:
    """How a limit is known."""
    if "checked_mw" in limit:
        where = (
            "there" if abs(limit["checked_hz"] / limit["rate_hz"] - 1) < 0.02 else f"at {rate(limit['checked_hz'], 'per s')}"
        )
        return f"run {where}: {limit['checked_mw']:.4g} mW"
    return str(limit["how"]).replace("_", " ")


def _limit(summary: dict[str, Any]) -> str:
    """How fast it went, how fast the chip can go, what binds first."""
    claim = summary.get("claim")
    if not claim or claim.get("rate_hz") is None:
        return "unknown"
    unit = f"{claim['rate_of']}s/s"
    text = f"this run {rate(claim['rate_hz'], unit)}"
    most = next((one for one in claim["points"] if one["what"] == "saturated"), None)
    held = next((name for name, one in claim["limits"].items() if one["how"] == "measured" and name not in _NO_TIME), None)
    if most is not None:
        text += f"; saturated (measured) {rate(most['rate_hz'], unit)}, mean {most['mean_mw']:.4g} mW, hottest core {most['hottest_mw']:.4g} mW"
        text += f", held by {_LIMITS.get(held, held)}" if held else ""
    if claim["limit"] == "memory":
        text += f"; binds first: {_LIMITS['memory']}"
    elif claim["limit"] is not None:
        how = claim["limits"][claim["limit"]]["how"]
        known = "" if how in _MEASURED else f" ({how}, as no pass measured it)"
        text += f"; binds first: {_LIMITS.get(claim['limit'], claim['limit'])} at {rate(claim['max_rate_hz'], unit)}{known}"
    left = claim["limits"]["memory"].get("events")
    if left is not None:
        text += f"; room for {count(left)} more events at this growth"
    return f"{text}; {_busiest(summary)}"


def _million(summary: dict[str, Any]) -> str:
    """What 10^6 neurons take at the fill that this run had."""
    claim, cores = summary.get("claim"), summary.get("cores")
    if not claim or not cores:
        return "unknown: nothing ran on the chip"
    if claim["at_1e6"]["cores"] is None:
        return "no neurons, so nothing to scale"
    each = 10**6 / claim["at_1e6"]["cores"]
    million = claim["at_1e6"]
    text = f"10^6 neurons {_FILLED[million['by']]} ({each:.4g} a core): {plural(million['cores'], 'core')}"
    text += f", {si(million['watts'], 'W')} as those in use here draw"
    budget = summary["power_per_core_mw"]["budget"]
    if budget is not None:
        text += f", {si(claim['at_1e6']['cores'] * budget * 1e-3, 'W')} at {budget:g} mW"
    return (
        f"{text}; here {plural(claim['neurons'], 'neuron')} on {plural(cores['neurons'], 'core')}, {count(cores['in_use'])} in use,"
        f" {count(cores['powered'])} powered; those in use draw {si(claim['watts'], 'W')}"
    )


def _next(summary: dict[str, Any], folder: Path, told: Told) -> tuple[str, str]:
    """One command that would tell more than this run did, and what."""
    again = "chipsim", "run", folder / "experiment.yaml"
    if summary["engine"] == "golden":
        return command(*again, "--engine", "auto"), "runs it on the chip: time, energy, verdict"
    if summary["status"] in _CUT_OFF and not (folder / "snapshot.npz").exists():
        until = ("--set", "until=null") if summary["status"] == "until" else ()
        return command(*again, *until), f"begins again: {NO_SNAPSHOT}"
    if summary["status"] == "interrupted":
        return command("chipsim", "run", "--resume", folder), "goes on where this run was interrupted"
    if summary["status"] == "until":
        return command("chipsim", "run", "--resume", folder, "--set", "until=null"), "goes on to the end of the input"
    one = told.next(summary)
    return command(*again, "--set", one.setting), one.why
