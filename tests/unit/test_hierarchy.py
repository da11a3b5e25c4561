"""Chips on a board, boards in a rack: what links between them cost in time and energy, and where it is accounted for."""

from __future__ import annotations

import numpy as np
import pytest

from chipsim.config.chip import ChipSpec
from chipsim.config.load import load_chip
from chipsim.energy import account
from chipsim.engines.base import Watch
from chipsim.engines.reference import run_reference
from chipsim.errors import ConfigError
from chipsim.pipeline import simulate
from chipsim.plan.plan import Plan
from chipsim.programs.packets.lower import build_packets_plan
from chipsim.programs.packets.plan import PacketsPlan
from chipsim.sweep.scale import with_cores
from tests.scenarios import small
from tests.topologies import BOARD, chip_of

PACKETS = Watch(frozenset({"packets"}))
SIZE = ("chip.noc.width=4", "chip.noc.height=3")
"""Two chips of 2 x 1 tiles on a board, three boards below each other."""


def packets(*rows: tuple[int, int, int, int]) -> tuple[ChipSpec, Plan]:
    chip = chip_of((*SIZE, BOARD))
    return chip, build_packets_plan(chip, PacketsPlan(np.array(rows, np.int64)), 0, 1)


def test_zero_load_latency_over_a_border() -> None:
    """Slow links add their latency, and per flit but the first what a flit takes longer on them."""
    for flits in (1, 2, 7):
        chip, plan = packets((0, 0, 1, flits), (10**9, 1, 2, flits), (2 * 10**9, 3, 0, flits), (3 * 10**9, 1, 10, flits))
        raw = run_reference(plan, PACKETS)
        local, east, flit = plan.local_latency, int(plan.link_latency[0]), plan.flit_time
        more = flits - 1
        board, rack = 40_000 + more * (6_000 - flit), 333_000 + more * (9_000 - flit)
        ways = [east, board, 2 * east + board, board + 2 * rack]  # 1 to 10: over the border of the chip, two boards down
        assert (raw.packets[:, 1] - raw.packets[:, 0]).tolist() == [2 * local + way + more * flit for way in ways]
        assert raw.packets[:, 7].tolist() == [1, 1, 3, 3]
        assert chip.noc.tiles == 12


def test_a_slow_link_is_held_longer() -> None:
    _, plan = packets((0, 1, 2, 4), (0, 1, 3, 4))
    raw = run_reference(plan, PACKETS)
    link = 1 * 4
    assert raw.link_packets[link] == 2
    assert raw.link_wait_ps[link] == 4 * 6_000 - 4 * plan.flit_time  # behind the first, which left its core that much earlier


def test_energy_of_links_between_chips_is_apart() -> None:
    outcome = simulate(small(*SIZE, BOARD, "chip.noc.cast=multicast", "engine=reference"))
    links, energy = outcome.tables["links"], outcome.tables["energy"]
    x, y, to_x, to_y = (np.array(links[name]) for name in ("x", "y", "to_x", "to_y"))
    level = np.where(y != to_y, 2, np.where(x // 2 != to_x // 2, 1, 0))
    assert np.array_equal(level, links["level"])
    flits = np.array(links["flits"])
    joules = dict(zip(energy["action"], energy["joules"], strict=True))
    assert joules["hop_board"] == pytest.approx(flits[level == 1].sum() * 800e-12) and joules["hop_board"] > 0
    assert joules["hop_rack"] == pytest.approx(flits[level == 2].sum() * 2e-9) and joules["hop_rack"] > 0
    share = outcome.summary["energy_j"]
    assert share["interchip"] == pytest.approx(joules["hop_board"] + joules["hop_rack"])
    assert share["interchip"] + share["link"] == pytest.approx(np.sum(links["energy_pj"]) * 1e-12)
    assert outcome.summary["chip"]["chips"] == 6


def test_what_a_core_draws_has_the_links_of_the_board_that_leave_it() -> None:
    chip, plan = packets((0, 1, 2, 4), (0, 1, 0, 4))
    raw = run_reference(plan, PACKETS)
    spent = account(chip, plan.mesh, raw, plan.noc)
    west, board = 4 * float(chip.energy.hop_ew.value or 0), 4 * 800
    assert spent.tile_pj[1] == pytest.approx(west + board + raw.tile_flits[1] * float(chip.energy.router_flit.value or 0))
    assert spent.link_pj[4] == board
    unknown = chip_of((*SIZE, BOARD, "chip.noc.levels.0.hop=null"))
    with pytest.raises(ConfigError, match=r"noc\.levels\.0\.hop"):
        build_packets_plan(unknown, plan.own, 0, 1)


def test_board_of_four() -> None:
    board, one = load_chip("altai-board"), load_chip("altai-256")
    assert board.noc.cores == 4 * one.noc.cores
    assert board.core == one.core and board.energy == one.energy
    wide = with_cores(board, 1500).noc
    assert wide.cores >= 1500 and wide.width % 2 == wide.height % 2 == 0
