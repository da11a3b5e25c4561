"""What a run says about the budget per core, in one sentence, and what that sentence rests on."""

from __future__ import annotations

from dataclasses import dataclass

from chipsim.lookup import Summary, Tables, number, texts, value
from chipsim.quantity import count, digits, exact, rate, si
from reports.run import counted

MW = 1e-3
MILLION = 10**6
FULL = 0.8  # share of a core in use from which its capacity, and not a small network, sets neurons per core

LIMITS = {
    "energy": "the energy budget",
    "core_time": "the time of the busiest core",
    "link": "the busiest link",
    "wta_quorum": "the wait for all answers at a root (WTA quorum)",
    "memory": "memory, where novelties found no room",
}


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
    """The verdict of a run on the budget of a core, bottom-up energy against the budget."""
    mean, budget = number(summary, "power_per_core_mw.mean"), number(summary, "power_per_core_mw.budget")
    if mean is None or budget is None:
        return Verdict("none", "This run used no chip time, so it says nothing about power per core.", ())
    found = value(summary, "claim.verdict")
    drawn = f"a core draws {_mw(mean)} on average"
    within = mean <= budget
    reasons: list[str] = []
    if found == "depends_on_assumed":
        deciding = [str(path) for path in value(summary, "claim.assumed") or []]
        side = "within" if within else "above"
        rest = "that constant is assumed" if len(deciding) == 1 else "these constants are assumed"
        headline = f"It depends on {_listed(deciding)}: {drawn}, {side} the budget of {_mw(budget)}, but {rest}."
        reasons += [_assumption(path, tables, within) for path in deciding]
    elif within:
        headline = f"{_mw(budget)} per core holds here: {drawn}."
        reasons.append("No assumed constant, moved alone within the range given for it, turns that.")
    else:
        headline = f"{_mw(budget)} per core does not hold here: {drawn}."
        reasons.append("No assumed constant, moved alone within the range given for it, turns that.")
    highest = number(summary, "power_per_core_mw.max")
    if highest is not None and within and highest > budget:
        reasons.append(f"That is the mean: the hottest core draws {_mw(highest)}, more than the budget.")
    reasons += _limits(summary)
    reasons += _million(summary, mean)
    return Verdict({"holds": "holds", "fails": "fails"}.get(str(found), "depends"), headline, tuple(reasons))


def _assumption(path: str, tables: Tables, within: bool) -> str:
    """One deciding constant with its value, range and proxy, as far as the table of constants knows them."""
    turned = "the budget would no longer hold" if within else "the budget would hold"
    for row, name in enumerate(texts(tables, "constants", "path")):
        if name == path:
            known, spread, proxy = (texts(tables, "constants", column)[row] for column in ("value", "range", "proxy"))
            stand_in = f" ({proxy})" if proxy else ""
            return f"{path} is taken as {known}{stand_in}. Plausible is {spread}; at an end of that range {turned}."
    return f"{path} is assumed; at an end of the range given for it {turned}."


def _listed(names: list[str]) -> str:
    """Names in a sentence; the fourth and further ones are counted, the reasons below the sentence name them all."""
    if not names:
        return "assumed constants"
    if len(names) > 3:
        return f"{', '.join(names[:2])} and {len(names) - 2} other assumed constants"
    return " and ".join(filter(None, (", ".join(names[:-1]), names[-1])))


def _limits(summary: Summary) -> list[str]:
    """What the budget pays for, and what binds first."""
    said, of = [], counted(summary)
    even, now = number(summary, "claim.break_even_rate_hz"), number(summary, "claim.rate_hz")
    if even is not None:
        text = f"Break-even: the budget pays for {rate(even, of)} on the whole chip"
        per_core, sops = number(summary, "claim.events_per_core_hz"), number(summary, "claim.sop_alone_per_core_hz")
        if per_core is not None:
            text += f", {rate(per_core, of)} per core"
        if sops is not None:
            text += f"; spent on synaptic operations alone, for {rate(sops, 'SOP')} per core"
        said.append(text + (f". This run offered {rate(now, of)}." if now else "."))
    binding, most = value(summary, "claim.limit"), number(summary, "claim.max_rate_hz")
    if binding in LIMITS:
        text = f"What binds first: {LIMITS[binding]}"
        if binding == "memory":
            unstored = number(summary, "claim.unstored")
            text += f" ({count(unstored)} of them)" if unstored else ""
            text += f"; by time alone the chip could take {rate(most, of)}" if most else ""
        elif most is not None:
            text += f", at {rate(most, of)}"
        said.append(text + ".")
    more = number(summary, "claim.limits.memory_events")
    if more is not None and binding != "memory":
        said.append(f"At the growth seen in this run, slots and memory of the whole chip last for {digits(more)} more events.")
    return said


def _million(summary: Summary, mean_mw: float) -> list[str]:
    """What a million neurons would take at the fill that capacities allowed: arithmetic on this run, not a simulation."""
    neurons, used = number(summary, "claim.neurons"), number(summary, "mapping.cores_used")
    nominal, budget = number(summary, "chip.neurons_per_core"), number(summary, "power_per_core_mw.budget")
    if not neurons or not used or not nominal or budget is None:
        return []
    fill = max(number(summary, "mapping.max_core_fill") or 0.0, number(summary, "mapping.max_memory_fill") or 0.0)
    if fill < FULL:
        return []
    held = neurons / used
    cores = MILLION / held
    return [
        f"A core of this chip has room for {count(nominal)} neurons; here a used core holds {exact(held)}. At that fill a million "
        f"neurons would take {count(cores)} cores: {si(cores * mean_mw * MW, 'W')} at this run's mean power per core, "
        f"{si(cores * budget * MW, 'W')} at the budget; with full cores the budget would be {si(MILLION / nominal * budget * MW, 'W')} "
        "(arithmetic on this run, not simulated)."
    ]


def _mw(value_mw: float) -> str:
    return f"{digits(value_mw)} mW"
