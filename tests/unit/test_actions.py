"""The table of counted actions is what times, prices, account and pages are made from."""

from __future__ import annotations

import re
from dataclasses import replace
from operator import attrgetter
from pathlib import Path

import pytest

from chipsim.config.load import load_chip
from chipsim.energy.account import Counts, price_lines
from chipsim.machine.actions import A_PAIR, A_READ, ACTIONS, CORE, ROUTER, TABLE, TIMED, Action, constants_of
from chipsim.plan.chip import action_times
from chipsim.programs.base import PROGRAMS

PAGE = Path(__file__).resolve().parents[2] / "docs/energy-and-claim.md"


def test_rows_are_in_the_order_of_their_numbers_and_lead_to_constants_of_a_chip() -> None:
    chip = load_chip("loihi-sanafe", [])
    assert [action.number for action in TABLE] == list(range(ACTIONS))
    assert len({action.name for action in TABLE}) == ACTIONS
    for action in TABLE:
        assert (action.share != "") == (action.price != ""), f"{action.name}: what costs something has a share and a price"
        assert not action.time or (action.number < TIMED and attrgetter(action.time)(chip) is not None)
        assert not action.price or getattr(chip.energy, action.price) is not None
    assert constants_of([A_READ]) == ("core.times.memory_read", "energy.memory_read")


@pytest.mark.parametrize("share", [CORE, ROUTER])
def test_the_page_names_every_price(share: str) -> None:
    row = re.search(rf"^\| {share} \|(.*)\|$", PAGE.read_text(encoding="utf-8"), re.MULTILINE)
    assert row is not None
    named = {word for words in re.findall(r"`([^`]*)`", row[1]) for word in words.split()}
    assert named - {"router_flit", "table_read"} == {action.price for action in TABLE if action.share == share}


def test_a_new_action_is_a_row() -> None:
    """One that costs what a word read costs, and takes as long as a pair written."""
    chip = load_chip("mesh-16", [])
    counts = Counts(16, (1,) * ACTIONS, 0, 0, 0, 0, 1e-6)
    before = {line.action: line for line in price_lines(chip, counts)}
    more = (*TABLE, Action(ACTIONS, "traces", CORE, "memory_read", "core.times.pair_write"))
    after = {line.action: line for line in price_lines(chip, replace(counts, actions=(*counts.actions, 4), table=more))}
    assert after["memory_read"].joules == pytest.approx(5 * before["memory_read"].joules)
    assert {name: line for name, line in after.items() if name != "memory_read"} == {
        name: line for name, line in before.items() if name != "memory_read"
    }
    assert action_times(chip, more)[ACTIONS] == action_times(chip)[A_PAIR] > 0
    assert constants_of([ACTIONS], more) == ("core.times.pair_write", "energy.memory_read")


@pytest.mark.parametrize(
    "own",
    [Action(ACTIONS + 1, "traces"), Action(A_READ, "traces"), Action(ACTIONS, "memory_reads")],
    ids=["gap", "taken", "name"],
)
def test_rows_of_a_program_come_behind_those_of_the_machine(own: Action) -> None:
    some = next(iter(PROGRAMS.all().values()))
    assert replace(some, actions=(Action(ACTIONS, "traces"),)).counted[-1].name == "traces"
    with pytest.raises(ValueError, match=rf"actions \[{own.number}\]; allowed: numbers from {ACTIONS} on, names of their own"):
        replace(some, actions=(own,))
