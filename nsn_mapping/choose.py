"""Which method ``auto`` takes: the best one that is likely to end within a budget of CPU time."""

from __future__ import annotations

from dataclasses import dataclass

from nsn_mapping.hypergraph import Hypergraph
from nsn_mapping.partition import kahypar

BUDGET_S = 120.0
"""CPU seconds that are planned with when nobody says how many."""

MOST_PINS = 20_000_000
"""Networks with more are mapped hierarchically, for multilevel search holds several copies of a network."""

SECONDS = {"quality": 3.0e-5, "thorough": 3.5e-6, "default": 2.0e-6, "hierarchical": 2.5e-6}
"""CPU seconds per pin and doubling of the number of cores, as measured; ``thorough`` is what quality means for large networks;
by the graph with topics, others take less."""


@dataclass(frozen=True, slots=True)
class Choice:
    """A method and why."""

    picked: str
    reason: str


def choose(h: Hypergraph, cores: int, budget_s: float | None) -> Choice:
    """Pick a method.

    Args:
        h: the network.
        cores: of the chip.
        budget_s: CPU seconds; None for ``BUDGET_S``.

    Returns:
        ``quality``, ``default``, ``hierarchical`` or ``streaming``, by expected time and size alone: the same network gives the same choice
        on every machine that has the same packages.
    """
    budget = BUDGET_S if budget_s is None else budget_s
    told = ""
    for method in ("quality", "default", "hierarchical"):
        seconds = expected_seconds(method, h, cores)
        if method != "hierarchical" and len(h.pins) > MOST_PINS:
            told += f"{method} is for up to {MOST_PINS:,} synapses, "
        elif method == "quality" and kahypar.is_worth_it(h, cores) and not kahypar.is_installed():
            told += "for quality the package mtkahypar is not installed, "
        elif method == "hierarchical" and len(h.pins) <= MOST_PINS:
            continue
        elif seconds > budget:
            told += f"{method} would take about {seconds:.2g} CPU s, "
        else:
            return Choice(method, f"{told}{method} about {seconds:.2g} of the budget of {budget:g} CPU s")
    return Choice("streaming", f"{told}the budget is {budget:g} CPU s")


def expected_seconds(method: str, h: Hypergraph, cores: int) -> float:
    """CPU seconds that a method may take, in proportion to pins and to the doublings from one core to all."""
    rate = SECONDS["thorough" if method == "quality" and not kahypar.is_worth_it(h, cores) else method]
    return rate * (len(h.pins) + len(h)) * max(1, (max(1, cores) - 1).bit_length())
