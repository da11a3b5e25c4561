"""Random networks of wormhole routers at saturation; many more of them with ``python -m tests.stress.noc_cases``."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.stress.check import run_case, unreal
from tests.stress.draw import CYCLES, draw_case
from tests.stress.noc_cases import SUMS, main
from tests.wormholes import noc_of


@pytest.mark.parametrize("block", range(5))
def test_every_packet_is_accounted_for_and_nothing_stands_still(block: int) -> None:
    """What the checker passes drains, all credits come back; what it refuses is run all the same."""
    for number in range(30 * block, 30 * block + 30):
        case = draw_case(11, number)
        assert case.cycles >= CYCLES >= 2_000
        found = run_case(case)
        assert not found.wrong, (found.wrong, case)
        assert found.refused or not found.deadlocked, case


def test_known_ways_to_stand_still_are_among_the_cases() -> None:
    """Shortest ways round a ring on one VC, shortest ways on a torus, on random graphs; and they do deadlock when forced."""
    forced: dict[str, int] = {}
    for number in (n for n in range(150) if draw_case(11, n).routing == "table"):
        case = draw_case(11, number)
        found = run_case(case)
        if found.deadlocked:
            forced[case.topology] = forced.get(case.topology, 0) + 1
    assert {"ring", "torus", "graph"} <= set(forced)


def test_a_case_is_the_same_again() -> None:
    one, other = run_case(draw_case(3, 5)), run_case(draw_case(3, 5))
    assert (one.packets, one.hops, one.busy) == (other.packets, other.hops, other.busy)


def test_a_run_goes_on_where_its_file_ends(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "cases.jsonl"
    first = {"seed": 1, "block": 0, "cases": 100, "routers": [16] * 100, "by_routing": {"mesh xy": [100, 0, 0]}, "wrong": []}
    block = dict.fromkeys(SUMS, 7) | first | {"cpu_s": 1.0, "wall_s": 1.0}
    path.write_text(json.dumps(block) + "\n" + '{"seed": 1, "bl', encoding="utf-8")
    assert main(["--cases", "100", "--out", str(path)]) == 1, "this block tells of seven deadlocks of what was passed"
    whole = json.loads(capsys.readouterr().out)
    assert whole["cases"] == 100 and whole["packets"] == 7


def test_a_cycle_that_is_none_is_found_out() -> None:
    """What checks the watchdog does not believe everything."""
    noc = noc_of("ring", 4, 1, routing="table")

    def line(at: int, of: int) -> str:
        return f"  router {at} input 0 VC 0 (packet 1 of endpoint 0, to output 0) waits for router {of} input 0 VC 0"

    real = [line(at, (at + 1) % 4).replace("input 0", "input 1") for at in range(4)]
    assert unreal("\n".join(real), noc) == ""
    assert "does not wait for the next" in unreal("\n".join(real[:3]), noc)
    assert "no link leads" in unreal("\n".join([line(0, 2), line(2, 0)]), noc)
    assert "names no cycle" in unreal("somebody waits", noc)
