"""Which method ``auto`` takes: the best one that is likely to end within a budget of CPU time.

The same network gives the same choice on every machine that has the same packages: by expected time and size alone.
"""

from __future__ import annotations

from chipsim.config.mapping import Partitioner
from nsn_mapping.hypergraph import Hypergraph
from nsn_mapping.partition import kahypar
from nsn_mapping.problem import Problem

BUDGET_S = 120.0
"""CPU seconds that are planned with when nobody says how many."""

LARGEST_QUALITY, LARGEST_DEFAULT = 50_000, 2_000_000
"""Neurons of a stored network up to which these are taken: about half a minute of quality, and some minutes of default."""

MOST_PINS = 20_000_000
"""Networks with more are mapped hierarchically, for multilevel search holds several copies of a network."""

SECONDS = {"quality": 3.0e-5, "thorough": 3.5e-6, "default": 2.0e-6, "hierarchical": 2.5e-6}
"""CPU seconds per pin and doubling of the number of cores, as measured; ``thorough`` is what quality means for large networks;
by the graph with topics, others take less."""


def choose(network: Hypergraph | Problem, cores: int, budget_s: float | None) -> tuple[str, str]:
    """Pick a method.

    Args:
        network: as nets, or stored.
        cores: of the chip.
        budget_s: CPU seconds; None for ``BUDGET_S``.

    Returns:
        ``quality``, ``default``, ``hierarchical`` or ``streaming``, and why.
    """
    return _choose_stored(len(network)) if isinstance(network, Problem) else _choose(network, cores, budget_s)


def _choose(h: Hypergraph, cores: int, budget_s: float | None) -> tuple[str, str]:
    budget = BUDGET_S if budget_s is None else budget_s
    why = ""
    for method in ("quality", "default", "hierarchical"):
        seconds = expected_seconds(method, h, cores)
        if method != "hierarchical" and len(h.pins) > MOST_PINS:
            why += f"{method} is for up to {MOST_PINS:,} synapses, "
        elif method == "quality" and kahypar.is_worth_it(h, cores) and not kahypar.is_installed():
            why += "for quality the package mtkahypar is not installed, "
        elif method == "hierarchical" and len(h.pins) <= MOST_PINS:
            continue
        elif seconds > budget:
            why += f"{method} would take about {seconds:.2g} CPU s, "
        else:
            return (method, f"{why}{method} about {seconds:.2g} of the budget of {budget:g} CPU s")
    return ("streaming", f"{why}the budget is {budget:g} CPU s")


def expected_seconds(method: str, h: Hypergraph, cores: int) -> float:
    """CPU seconds that a method may take, in proportion to pins and to the doublings from one core to all."""
    rate = SECONDS["thorough" if method == "quality" and not kahypar.is_worth_it(h, cores) else method]
    return rate * (len(h.pins) + len(h)) * max(1, (max(1, cores) - 1).bit_length())


def _choose_stored(n: int) -> tuple[str, str]:
    """By the number of neurons: expansions of neighbourhoods take time by these."""
    if n <= LARGEST_QUALITY:
        return "quality", f"{n} neurons, quality up to {LARGEST_QUALITY}"
    if n <= LARGEST_DEFAULT:
        return "default", f"{n} neurons, quality up to {LARGEST_QUALITY}, default up to {LARGEST_DEFAULT}"
    return "streaming", f"{n} neurons, default up to {LARGEST_DEFAULT}"


AUTO = Partitioner(
    name="auto",
    about="quality, default, hierarchical (above 20 million synapses) or streaming: the first that is likely to end within the CPU time that is"
    " planned with",
    picks=choose,
)
