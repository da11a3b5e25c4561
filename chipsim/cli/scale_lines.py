"""A series of sizes as text: cores, power, and the rate that the budget pays for."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from chipsim.cli.text import columns, labelled, unbroken


def at(point: dict[str, Any]) -> str:
    """Rate and matching mode of a point, behind its size."""
    from chipsim.terminal import si

    rate = f" at {si(point['rate'], 'Hz')}" if point["rate"] is not None else ""
    return rate + (f", {point['match']}" if point.get("match") and point["rate"] is not None else "")


def verdict_words(claim: dict[str, Any]) -> str:
    """The verdict in the words of a run; how far it holds is a rate of the whole chip."""
    from chipsim.terminal import si

    if claim["verdict"] is None:
        return "no budget"
    if claim["verdict"] == "holds_to":
        return f"holds to {si(claim['max_rate_hz'], 'Hz')}"
    return str({"depends_on_assumed": "assumed"}.get(claim["verdict"], claim["verdict"]))


def scale_lines(found: dict[str, Any], folder: Path | None) -> list[str]:
    """Side by side: what 2 mW per core allows, what the account comes to, what the difference pays for.

    Args:
        found: the object of ``--json``.
        folder: where it is kept, if anywhere.
    """
    from chipsim.terminal import count, si

    points = found["points"]
    if not points:
        return ["no point was run"]
    header = ["neurons", "rate", "cores", "used", "envelope", "bottom-up", "paid rate", "per event", "verdict", ""]
    rows = []
    for point in points:
        claim, scaled = point["claim"], point["scale"]
        paid = claim.get("break_even_rate_hz")
        rows.append(
            [
                count(point["size"]),
                "idle" if point["rate"] is None else si(point["rate"], "Hz"),
                count(claim["cores"]),
                count(scaled["cores_used"]),
                "-" if point["power_w"]["envelope"] is None else si(point["power_w"]["envelope"], "W"),
                si(claim["watts"], "W"),
                "-" if paid is None else si(paid, "Hz"),
                "-" if point["wall_s_per_event"] is None else si(point["wall_s_per_event"], "s"),
                verdict_words(claim),
                "",  # the last column would be wrapped
            ]
        )
    lines = columns(header, rows, right=range(8))
    matches = sorted({point["match"] for point in points if "match" in point})
    lines += [
        "",
        labelled("cores", "neurons / neurons per core; used: those that hold neurons; envelope: cores x budget per core"),
        labelled("watts", "bottom-up: static power of the cores that hold anything or worked, and all that was done"),
        labelled(
            "paid", "input events (nsn) or spikes (lif) per second of the whole chip that the budget of its cores pays for"
        ),
    ]
    if any(point["claim"]["verdict"] == "depends_on_assumed" for point in points):
        lines.append(labelled("assumed", "the verdict hangs on an assumed constant, see claim.assumed"))
    if matches and points[0]["rate"] is not None:
        lines.append(labelled("match", ", ".join(matches)))
    if folder is not None:
        lines.append(labelled("saved", unbroken(folder)))
    return lines
