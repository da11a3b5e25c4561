"""The page on energy: every count of every program has a row with its price and time, and what a message costs is what the chips say."""

from __future__ import annotations

import re
from operator import attrgetter
from pathlib import Path

import pytest

from chipsim.config import catalogue
from chipsim.config.chip import ChipSpec, EnergySpec
from chipsim.config.load import load_chip
from chipsim.machine.actions import STATISTIC
from chipsim.programs.base import PROGRAMS

PAGE = Path(__file__).resolve().parents[2] / "docs/energy-and-claim.md"


def rows(head: str) -> list[list[str]]:
    """Cells of the table whose first column has this head."""
    text = PAGE.read_text(encoding="utf-8")
    found = re.search(rf"^\| {head} \|.*\n\|[-|]+\n((?:\|.*\n)+)", text, re.MULTILINE)
    assert found is not None, head
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in found[1].splitlines()]


COUNTS = {row[0]: row[1:] for row in rows("count")}


@pytest.mark.parametrize("program", PROGRAMS.all())
def test_every_action_of_every_program_has_a_row(program: str) -> None:
    for action in PROGRAMS.get(program).counted:
        _, price, time, why = COUNTS[f"`{action.name}`"]
        assert price == (f"`{action.price}`" if action.price else "none"), action.name
        assert time == (f"`{action.time}`" if action.time else time) and (action.time or time.startswith("none")), action.name
        assert (action.share != STATISTIC) or why.startswith("statistic: "), action.name


def test_every_price_has_a_row_and_every_row_a_reason() -> None:
    priced = {row[1].strip("`") for row in COUNTS.values()}
    assert set(EnergySpec.model_fields) <= priced
    assert priced - set(EnergySpec.model_fields) == {"none", "hop` of the level"}
    for name, row in COUNTS.items():
        assert len(row) == 4 and all(len(cell) > 3 for cell in (row[0], row[3])), name


CHIPS = ("altai-256", "loihi-sanafe", "loihi", "mesh-16")

TIMES = {
    "soma_spike": "core.times.soma_spike",
    "spike_out": "core.times.spike_out",
    "router_flit": "noc.local_latency",
    "hop_ew": "noc.link_latency_ew",
    "hop_ns": "noc.link_latency_ns",
    "message_in": "core.times.message_in",
    "axon_lookup": "core.times.axon_lookup",
}


def cost(chip: ChipSpec, key: str) -> tuple[float, float]:
    """Price of a term in pJ, and its time in ns, 0 where it has none."""
    return getattr(chip.energy, key).value, attrgetter(TIMES[key])(chip).value / 1000 if key in TIMES else 0.0


def cell(pj: float, ns: float, timed: bool = True) -> str:
    return f"{round(pj, 6):g} pJ" + (f", {round(ns, 6):g} ns" if timed else "")


@pytest.mark.parametrize("column", range(len(CHIPS)))
def test_what_a_message_costs_is_what_the_chip_says(column: int) -> None:
    chip = load_chip(CHIPS[column])
    *terms, whole = rows("term")
    pj = ns = 0.0
    for _, name, times, *cells, source in terms:
        key = name.strip("`")
        price, time = cost(chip, key)
        assert cells[column] == cell(price, time, key in TIMES), (CHIPS[column], key)
        assert len(source) > 5
        pj, ns = pj + int(times) * price, ns + int(times) * time
    assert whole[3 + column] == cell(pj, ns)


def test_every_term_of_a_message_stands_in_the_table() -> None:
    terms = {row[1].strip("`") for row in rows("term")[:-1]}
    rest = {"synaptic_op", "neuron_update", "pair_write", "memory_read", "memory_write", "slot_op", "table_write", "host_flit",
            "soma_access", "soma_update"}  # fmt: skip
    assert terms | rest == set(EnergySpec.model_fields) and not terms & rest


@pytest.mark.parametrize("name", catalogue.chips())
def test_a_price_of_nothing_says_where_it_is_charged_instead(name: str) -> None:
    for path, constant in load_chip(name).constants().items():
        if constant.value == 0 and path.startswith(("energy.", "core.times")):
            assert name.startswith("loihi") and re.search(r"part of|counted with|charged where|has no host", constant.source), (
                path
            )
