"""What a run says about the budget per core, in one sentence, and what that sentence rests on."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from chipsim.lookup import Summary, Tables, number, texts, value
from chipsim.quantity import count, digits, exact, rate, si
from reports.run import counted

MW = 1e-3
MILLION = 10**6

LIMITS = {
    "mean_power": "the budget of the mean core",
    "hottest_core": "the budget of the hottest core",
    "core_time": "the time of the busiest core",
    "link": "the busiest link",
    "wta_quorum": "the wait for all answers at a root (WTA quorum)",
    "steps": "the steps, which follow each other without a pause",
    "round_trip": "the round trip of events that wait for each other, nothing being busy all the time",
    "memory": "memory, where novelties found no room",
}
"""What can bind first, in words."""

HOW = {
    "measured": "measured",
    "interpolated": "between measured points",
    "out_of_reach": "out of reach: something else ends before",
    "extrapolated": "extrapolated: no pass was run to measure it",
}
"""How a limit is known, in words."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """The answer of a run.

    Attributes:
        tone: ``holds``, ``fails``, ``depends`` or ``none``.
        headline: one sentence.
        reasons: what it rests on, what qualifies it, in order of weight.
    """

    tone: str
    headline: str
    reasons: tuple[str, ...]


def verdict(summary: Summary, tables: Tables) -> Verdict:
    """The verdict of a run on the budget of a core, bottom-up energy against the budget; reasons begin with what is to be known first."""
    found = _of_budget(summary, tables)
    warnings = tuple(f"{_sentence(text)}." for text in value(summary, "warnings") or ())
    return replace(found, reasons=(*warnings, *found.reasons))


def _of_budget(summary: Summary, tables: Tables) -> Verdict:
    mean, budget = number(summary, "power_per_core_mw.mean"), number(summary, "power_per_core_mw.budget")
    if mean is None:
        return Verdict("none", "This run used no chip time, so it says nothing about power per core.", ())
    found, drawn = value(summary, "claim.verdict"), _drawn(summary, mean)
    if budget is None or found is None:
        why = "no budget per core is set for this chip (chip.power.budget_per_core), so there is nothing to hold that against."
        return Verdict("none", f"{_sentence(drawn)}; {why}", (*_limits(summary), *_million(summary, budget)))
    allowed = _mw(budget)
    reasons: list[str] = []
    if found == "depends_on_assumed":
        deciding = [str(path) for path in value(summary, "claim.assumed") or []]
        rest = "that constant is assumed" if len(deciding) == 1 else "these constants are assumed"
        kept = all(value(summary, f"claim.{one}.verdict") != "fails" for one in ("mean", "hottest"))
        side = "within" if kept else "above"
        headline = f"It depends on {_listed(deciding)}: {drawn}, {side} the budget of {allowed}, but {rest}."
        reasons += [_assumption(path, tables, kept) for path in deciding]
    elif found == "fails":
        headline = f"{allowed} per core does not hold here: {drawn}."
        to = _least(summary)
        if to == 0:
            reasons.append("It holds at no rate: a core at rest takes as much.")
        elif to is not None:
            reasons.append(f"It would hold to {rate(to, counted(summary))}.")
    elif found == "holds_to":
        headline = f"{allowed} per core holds to {rate(number(summary, 'claim.max_rate_hz'), counted(summary))}: {drawn}."
    else:
        headline = f"{allowed} per core holds at any rate that the chip takes: {drawn}."
    if found != "depends_on_assumed":
        reasons.append(
            "No assumed constant, moved alone within a range for which there is a published source, turns that, the budget itself aside;"
            " ranges that are mere factors are not moved."
        )
    reasons += [*_limits(summary), *_static(summary), *_band(summary), *_million(summary, budget)]
    return Verdict(
        {"holds": "holds", "holds_to": "holds", "fails": "fails"}.get(str(found), "depends"), headline, tuple(reasons)
    )


def _drawn(summary: Summary, mean: float) -> str:
    """What a core draws here, on average and at most."""
    text, highest = f"a core draws {_mw(mean)} on average", number(summary, "power_per_core_mw.max")
    return text if highest is None else f"{text}, the hottest one {_mw(highest)}"


def _least(summary: Summary) -> float | None:
    """The lowest rate in reach at which a core spends its budget."""
    limits = [value(summary, f"claim.limits.{name}") or {} for name in ("mean_power", "hottest_core")]
    known = (one["rate_hz"] for one in limits if one.get("rate_hz") is not None and one["how"] != "out_of_reach")
    return min(known, default=None)


def _assumption(path: str, tables: Tables, within: bool) -> str:
    """One deciding constant with its value, range and proxy, as far as the table of constants knows them."""
    turned = "the budget would no longer hold" if within else "the budget would hold"
    for row, name in enumerate(texts(tables, "constants", "path")):
        if name == path:
            known, spread, proxy = (texts(tables, "constants", column)[row] for column in ("value", "range", "proxy"))
            stand_in = f" ({proxy})" if proxy else ""
            return f"{path} is taken as {known}{stand_in}. Published are {spread}; at an end of that range {turned}."
    return f"{path} is assumed; at an end of the range given for it {turned}."


def _listed(names: list[str]) -> str:
    """Names in a sentence; the fourth and further ones are counted, the reasons below the sentence name them all."""
    if not names:
        return "assumed constants"
    if len(names) > 3:
        return f"{', '.join(names[:2])} and {len(names) - 2} other assumed constants"
    return " and ".join(filter(None, (", ".join(names[:-1]), names[-1])))


def _limits(summary: Summary) -> list[str]:
    """How far the chip goes, where the budget is used up, and what binds first."""
    said, of = [], counted(summary)
    now = number(summary, "claim.rate_hz")
    for one in value(summary, "claim.points") or []:
        if one["what"] == "saturated":
            said.append(
                f"Offered as fast as the chip takes them, {rate(one['rate_hz'], of)} go through (measured); then a core draws"
                f" {_mw(one['mean_mw'])} on average, the hottest one {_mw(one['hottest_mw'])}."
                + (f" This run offered {rate(now, of)}." if now else "")
            )
    for name in ("mean_power", "hottest_core"):
        limit = value(summary, f"claim.limits.{name}") or {}
        if limit.get("rate_hz"):
            said.append(f"{_sentence(LIMITS[name])} is used up at {rate(limit['rate_hz'], of)} ({_how(limit, of)}).")
    binding, most = value(summary, "claim.limit"), number(summary, "claim.max_rate_hz")
    if binding in LIMITS:
        text = f"What binds first: {LIMITS[binding]}"
        if binding == "memory":
            unstored = number(summary, "claim.unstored")
            text += f" ({count(unstored)} of them)" if unstored else ""
            text += f"; by time and power alone the chip could take {rate(most, of)}" if most else ""
        elif most is not None:
            text += f", at {rate(most, of)}"
        said.append(text + ".")
    more = number(summary, "claim.limits.memory.events")
    if more:
        said.append(f"At the growth seen in this run, slots and memory of the whole chip last for {digits(more)} more events.")
    return said


def _how(limit: dict[str, Any], of: str) -> str:
    """How a limit is known; where a pass was run at its rate, what that drew."""
    text = HOW.get(str(limit.get("how")), str(limit.get("how")))
    if "checked_mw" in limit:
        text += f"; a pass at {rate(limit['checked_hz'], of)} drew {digits(limit['checked_mw'], 4)} mW"
    return text


def _static(summary: Summary) -> list[str]:
    """Up to which static power the budget holds at this load, and which published chips lie below."""
    known = value(summary, "claim.static") or {}
    most = [one for one in (known.get("mean_mw"), known.get("hottest_mw")) if one is not None]
    if not most:
        return []
    if min(most) <= 0:
        return ["At this load work alone takes more than the budget, whatever the static power."]
    chips = known.get("published") or []
    below, above = ([f"{one['chip']} {_mw(one['mw'])}" for one in chips if one["within"] is side] for side in (True, False))
    text = f"At this load it holds up to a static power of {_mw(min(most))} per core"
    text += f" (of the mean core alone {_mw(known['mean_mw'])})" if known.get("mean_mw") != min(most) else ""
    text += (
        f". Published static power per core within that: {', '.join(below)}"
        if below
        else ". No chip with a published figure is within that"
    )
    return [text + (f"; above: {', '.join(above)}." if above else ".")]


def _band(summary: Summary) -> list[str]:
    """What the ends of the range of the budget would mean."""
    said = []
    for end in value(summary, "claim.band") or []:
        to = f" to {rate(end['max_rate_hz'], counted(summary))}" if end["max_rate_hz"] else ""
        word = {"holds": "holds at any rate in reach", "holds_to": f"holds{to}", "fails": "fails"}.get(
            end["verdict"], end["verdict"]
        )
        said.append(f"{_mw(end['budget_mw'])} {word}")
    return [f"Were the budget another, as press figures have it: {'; '.join(said)}."] if said else []


def _million(summary: Summary, budget: float | None) -> list[str]:
    """What a million neurons would take at this run's fill: arithmetic on this run, not a simulation."""
    cores, watts = number(summary, "claim.at_1e6.cores"), number(summary, "claim.at_1e6.watts")
    nominal = number(summary, "chip.neurons_per_core")
    if not cores or not nominal:
        return []
    by_memory = value(summary, "claim.at_1e6.by") == "memory"
    filled = "by the memory that this run takes on all cores" if by_memory else "at the fill of this run"
    text = (
        f"A core of this chip has room for {count(nominal)} neurons; {filled} it holds {exact(MILLION / cores)}. So a million "
        f"neurons would take {count(cores)} cores: {si(watts, 'W')} if each draws what a core in use draws here"
    )
    if budget is not None:
        text += (
            f", {si(cores * budget * MW, 'W')} at the budget; with full cores the budget would be"
            f" {si(MILLION / nominal * budget * MW, 'W')}"
        )
    return [f"{text} (arithmetic on this run, not simulated)."]


def _sentence(text: str) -> str:
    return text[:1].upper() + text[1:]


def _mw(value_mw: float) -> str:
    return f"{digits(value_mw)} mW"
