"""The complexity counted, as text: what is a matter of units first, then slopes, joules and memory."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from chipsim.cli.text import columns, labelled, unbroken

NAMES = {"synaptic_ops": "synaptic ops", "messages_in": "messages", "dynamic_j": "joules"}


def complexity_lines(found: dict[str, Any], folder: Path | None) -> list[str]:
    """What it comes to.

    Args:
        found: the object of ``--json``.
        folder: where it is kept, if anywhere.
    """
    from chipsim.terminal import plural

    if not found["runs"]:
        return ["no run was made"]
    lines = list(_units(found))
    lines += ["", *_slope_lines(found), ""]
    lines += list(_symbol_lines(found))
    lines += list(_memory_lines(found))
    if (nets := found["recursion"]) is not None:
        ratios = ", ".join(f"{nets[column]['ratio']:.2f} x the {name}" for column, name in NAMES.items())
        lines.append(
            labelled(
                "nets",
                f"{nets['networks']} recursive networks a layer, {nets['match']}: {ratios} ({nets['networks'] + 1} x if each cost as a layer)",
            )
        )
    counted = plural(len(found["runs"]), "run")
    asked, stretches = found["asked"], len({row["stretch"] for row in found["runs"]})
    lines.append(
        labelled(
            "runs",
            f"{counted} on {plural(stretches, 'stretch', 'stretches')} of the text, {asked['learned']:,} symbols learned before each;"
            " intervals: 95 %, over stretches",
        )
    )
    if found["status"] != "done":
        lines.append(labelled("status", f"{found['status']}; slopes are of what was run"))
    lines += [labelled("left out", one) for one in found["left_out"]]
    if folder is not None:
        lines.append(labelled("saved", unbroken(folder)))
    return lines


def interval(one: dict[str, Any]) -> str:
    """A slope with its interval; a hyphen where there is none."""
    if one["slope"] is None:
        return "-"
    return f"{one['slope']:.3f}" + (f" ({one['low']:.3f} to {one['high']:.3f})" if one["low"] is not None else "")


def _units(found: dict[str, Any]) -> Iterator[str]:
    model = found["transformer"]
    ends = list(model["slope_at"].values())
    yield labelled(
        "units",
        f"the talk sets L^2 (entries of K Q, without the d = {model['width']:,} multiply-adds of each) beside a count of sparse operations."
        f" With all that a transformer does, its slope in L is {ends[0]:.2f} to {ends[1]:.2f} in this range; L^2 is half of it at"
        f" L = 6 d = {model['crossover']:,}",
    )
    narrow = [one for one in found["layers"] if one["narrowing_by_cover"] is not None and one["layer"] and one["by_k"]]
    if narrow:
        match = narrow[0]["match"]
        told = ", ".join(
            f"layer {one['layer']} {one['narrowing']:.2f} (1/k {one['by_k']:.2f}, by winners alone {one['narrowing_by_cover']:.2f})"
            for one in narrow
            if one["match"] == match
        )
        yield labelled("narrows", f"not by 1/k of the stored neurons: {told}")


def _slope_lines(found: dict[str, Any]) -> list[str]:
    slopes = [one for one in found["slopes"] if one["layer"] is None]
    rows = []
    for match in dict.fromkeys(one["match"] for one in slopes):
        mine = {one["column"]: interval(one) for one in slopes if one["match"] == match}
        rows.append([f"NSN {match}", *(mine[name] for name in NAMES), ""])
    model = found["transformer"]["slopes"]
    for name, told in (("measure", "transformer, K Q alone"), ("multiply_adds", "transformer, all")):
        cell = "-" if model[name] is None else f"{model[name]:.3f}"
        rows.append([told, cell, "", "", ""])
    return columns(["slope in L", *NAMES.values(), ""], rows)


def _symbol_lines(found: dict[str, Any]) -> Iterator[str]:
    from chipsim.terminal import si

    longest = found["asked"]["lengths"][-1]
    price = found["transformer"]["multiply_add"]
    for one in found["symbols"]:
        if one["length"] == longest:
            counted = f"{one['synaptic_ops']:.1f} synaptic ops, {one['messages_in']:.1f} messages"
            joules = f"{si(one['dynamic_j'], 'J')} dynamic on the chip at L = {longest:,}"
            yield labelled("symbol", f"{one['match']}: {counted}, {joules}")
            last = one
    if any(one["length"] == longest for one in found["symbols"]):
        yield labelled(
            "token",
            f"of the transformer: {last['token_multiply_adds']:.3g} multiply-adds x {price['value_pj']:g} pJ ({price['grade']}) ="
            f" {si(last['token_j'], 'J')}; weights are not moved from memory in that, and a token is not a symbol",
        )


def _memory_lines(found: dict[str, Any]) -> Iterator[str]:
    for one in found["memory"]:
        if one["column"] == "synaptic_ops" and one["slope"] is not None:
            least, most = one["x"][0], one["x"][-1]
            yield labelled(
                "memory", f"{one['match']}: synaptic ops per symbol grow as neurons^{interval(one)} from {least:,} to {most:,} neurons"
            )  # fmt: skip
