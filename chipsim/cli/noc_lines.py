"""A measured network as text: its points, what it carries, what it spends."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from chipsim.cli.text import columns, labelled, unbroken

Summary = dict[str, Any]


def noc_lines(summary: Summary, folder: Path | None) -> Iterator[str]:
    """The lines at the end of ``chipsim noc``, and those of ``chipsim show`` of its folder.

    Args:
        summary: the object of ``--json``.
        folder: where it is kept, if anywhere.
    """
    from chipsim.terminal import rate

    yield labelled("network", network_words(summary))
    yield from ("", *_points(summary), "")
    yield labelled("units", "load, accepted: flits per node and cycle; latencies: cycles; busiest: flits per cycle")
    yield from _energy(summary)
    yield from _answer(summary)
    yield labelled("speed", f"{rate(summary['flit_hops_per_s'], 'flit-hops/s')}, {summary['cpu_s']:.3g} s of processor time")
    lost = _lost(summary)
    if lost:
        yield labelled("lost", lost)
    if folder is not None:
        yield labelled("saved", unbroken(folder))


def network_words(summary: Summary) -> str:
    """Which network was measured, with what."""
    from chipsim.terminal import plural

    noc, flits, faults = summary["noc"], summary["flits"], summary["faults"]
    size = f"{noc['width']} x {noc['height']}" + (f" x {noc['depth']}" if noc["depth"] > 1 else "")
    cores = f", {noc['concentration']} cores per router" if noc["concentration"] > 1 else ""
    wormhole = noc["router"] == "wormhole"
    inside = f", {noc['vcs']} VCs of {noc['buffer']} flits, timing {noc['timing']}" if wormhole else ""
    lengths = "1 flit" if flits == [1] else f"{' or '.join(map(str, flits))} flits"
    damage = f"; {plural(len(faults), 'fault')}" if faults else ""
    return (
        f"{summary['chip']}: {size} {noc['topology']}{cores}, {noc['router']}{inside}, {noc['routing']};"
        f" {summary['traffic']}, {lengths}{damage}"
    )


def cycles(value: float | None) -> str:
    """A latency in cycles."""
    return "-" if value is None else f"{value:.2f}" if value < 1000 else f"{value:.0f}"


def _points(summary: Summary) -> list[str]:
    header = ["load", "accepted", "latency", "p99", "in network", "links", "busiest", "undelivered", ""]
    rows = [
        [
            f"{point['load']:.4g}",
            f"{point['accepted']:.4f}",
            cycles(point["mean_latency"]),
            cycles(point["p99_latency"]),
            cycles(point["network_latency"]),
            "-" if point["mean_links"] is None else f"{point['mean_links']:.3f}",
            f"{point['link_load_max']:.3f}",
            f"{point['undelivered']:,}",
            "" if point["stable"] else "saturated",
        ]
        for point in summary["points"]
    ]
    return columns(header, rows, right=range(8))


def _energy(summary: Summary) -> Iterator[str]:
    """Watts and pJ per flit at each load; without a chip, how to come by them."""
    from chipsim.terminal import si

    if not summary["prices"]:
        text = "bare routers have no prices; --chip NAME gives joules, watts and pJ per flit (`chipsim show` lists chips)"
        yield labelled("energy", text)
        return
    header = ["load", "energy", "power", "static", "dynamic", "pJ/flit", "with static", ""]
    rows = []
    for point in summary["points"]:
        watts, each = point["power_w"], point["pj_per_flit"]
        rows.append(
            [
                f"{point['load']:.4g}",
                si(point["energy_j"]["total"], "J"),
                *(si(watts[name], "W") for name in ("mean", "static", "dynamic")),
                *("-" if each[name] is None else f"{each[name]:.4g}" for name in ("dynamic", "total")),
                "",
            ]
        )
    yield from ("", *columns(header, rows, right=range(7)), "")
    yield labelled(
        "energy",
        f"at the prices of {summary['prices']}: joules until the last packet arrived, power at the load; dynamic: routers and links,"
        " static: all cores; pJ per flit that arrived",
    )


def _answer(summary: Summary) -> Iterator[str]:
    """Zero-load latency, knee, what is carried, peak and what is left beyond it."""
    from chipsim.terminal import percent

    if summary["zero_load"] is not None:
        yield labelled("empty", f"{summary['zero_load']:.2f} cycles ({summary['zero_load_of']})")
    knee = "not among these loads" if summary["knee"] is None else f"{summary['knee']:.4g}"
    yield labelled("knee", f"{knee} (latency three times that of the empty network)")
    carried, peak, beyond, capacity = (summary[name] for name in ("carried", "peak", "beyond", "capacity"))
    share = "" if capacity is None else f" of {capacity:.4g} at which its busiest link would never rest"
    if carried is not None:
        yield labelled("carries", f"{carried['load']:.4g} flits per node and cycle{share}")
    elif summary["points"]:
        yield labelled("carries", f"none of these loads{share}")
    if peak is not None:
        yield labelled("peak", f"{peak['accepted']:.4g} accepted at load {peak['load']:.4g}: saturation throughput")
    if peak is not None and beyond is not None:
        left = percent(beyond["accepted"] / peak["accepted"]) if peak["accepted"] else "nothing"
        yield labelled("beyond", f"{beyond['accepted']:.4g} accepted at load {beyond['load']:.4g}, {left} of the peak")


def _lost(summary: Summary) -> str:
    """Packets that the damaged network dropped at all loads, by cause; empty if none were."""
    causes: dict[str, int] = {}
    for point in summary["points"]:
        for cause, packets in point["lost"].items():
            causes[cause] = causes.get(cause, 0) + packets
    told = ", ".join(f"{packets:,} {cause.replace('_', ' ')}" for cause, packets in causes.items() if packets)
    return f"{told} (packets at all loads, warm-up included)" if told else ""
