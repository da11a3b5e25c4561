"""The account and the verdict on 2 mW per core against sums by hand."""

from __future__ import annotations

import math
from dataclasses import replace
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from chipsim.config.load import load_chip
from chipsim.energy import Account, account
from chipsim.engines.base import Watch
from chipsim.engines.reference import run_reference
from chipsim.machine.actions import A_COMBINE, A_TABLE, ACTION_NAMES
from chipsim.pipeline import simulate
from tests.analytic.harness import chip_and_plan
from tests.scenarios import Outcome, run, small

SINCE = ("combine", "table_read", "credit")
"""Prices that chip files may leave out."""

CERTAIN = "{value: %s, grade: published, source: made up for a test}"


def spent_by(outcome: Outcome) -> Account:
    return account(outcome.prepared.experiment.chip, outcome.plan.mesh, outcome.raw)


def test_envelope_of_256_powered_cores() -> None:
    chip = load_chip("altai-256")
    assert chip.noc.cores == 256
    settings = ("chip=altai-256", "workload.symbols=1", "workload.learned=0")
    summary = simulate(small(*settings)).summary
    assert summary["power_w"]["envelope"] == 0.512
    assert summary["power_per_core_mw"]["budget"] == 2.0


def test_every_counter_is_priced_once() -> None:
    """The account again, from the counters and the chip file alone, in exact fractions."""
    outcome = run(small("workload.alerts=all"))
    chip, raw = outcome.prepared.experiment.chip, outcome.raw
    price = {
        name.removeprefix("energy."): Fraction(c.value) for name, c in chip.constants().items() if name.startswith("energy.")
    }
    total = dict(zip(ACTION_NAMES, raw.actions.sum(axis=0).tolist(), strict=True))
    names = {
        "messages_in": "message_in", "axon_lookups": "axon_lookup", "synaptic_ops": "synaptic_op", "neuron_updates": "neuron_update",
        "memory_reads": "memory_read", "memory_writes": "memory_write", "pair_writes": "pair_write", "messages_out": "spike_out",
        "slot_ops": "slot_op", "answers_combined": "combine",
    }  # fmt: skip
    east_west = sum(int(f) for link, f in enumerate(raw.link_flits) if link % 4 < 2)
    north_south = sum(int(f) for link, f in enumerate(raw.link_flits) if link % 4 >= 2)
    by_hand = {
        "core": sum(total[counter] * price[name] for counter, name in names.items()),
        "router": int(raw.tile_flits.sum()) * price["router_flit"]
        + int(raw.actions[:, A_TABLE].sum()) * price["table_write"]
        + int(raw.router_lookups.sum()) * price["table_read"],
        "link": east_west * price["hop_ew"] + north_south * price["hop_ns"],
        "host": raw.host_flits * price["host_flit"],
        "interchip": Fraction(0),
    }
    spent = spent_by(outcome)
    for share, pj in by_hand.items():
        assert spent.share(share) == pytest.approx(float(pj / 10**12), rel=1e-14), share
        assert (pj > 0) == (share != "interchip")
    assert spent.share("static") == pytest.approx(16 * 0.82e-3 * raw.end_ps * 1e-12, rel=1e-15)


@pytest.mark.parametrize("arity", [2, 8])
def test_every_answer_taken_in_is_combined_once(arity: int) -> None:
    """Each core of a tree but its root sends one answer per probe, and the core above combines it with what it holds."""
    outcome = run(small(f"workload.wta_arity={arity}"))
    answers = int(outcome.raw.sent[outcome.raw.kinds.index("answer")])
    assert int(outcome.raw.actions[:, A_COMBINE].sum()) == answers > 100


def test_a_chip_file_older_than_a_price_takes_the_stated_one(root: Path, tmp_path: Path) -> None:
    text = (root / "configs/chips/mesh-16.yaml").read_text(encoding="utf-8")
    old = "".join(line for line in text.splitlines(keepends=True) if line.split(":")[0].strip() not in SINCE)
    (tmp_path / "old.yaml").write_text(old, encoding="utf-8")
    chip = load_chip(str(tmp_path / "old.yaml"))
    for name in SINCE:
        constant = getattr(chip.energy, name)
        assert constant.grade == "assumed" and constant.value > 0 and constant.range is not None, name
        assert constant.source.startswith("the chip file does not give it; "), name


def test_parts_add_up_to_the_last_bit() -> None:
    """The total is the exact sum of all lines, rounded once; likewise each share."""
    outcome = run(small())
    spent = spent_by(outcome)
    exact = sum(Fraction(line.joules) for line in spent.lines)
    assert spent.total == float(exact) > 0
    shares = {line.share for line in spent.lines}
    assert shares == {"static", "core", "router", "link", "interchip", "host"}
    for share in shares:
        assert spent.share(share) == float(sum(Fraction(line.joules) for line in spent.lines if line.share == share))
    assert abs(math.fsum(map(spent.share, sorted(shares))) - spent.total) <= math.ulp(spent.total)
    summary = simulate(small()).summary["energy_j"]
    assert summary.pop("total") == spent.total
    assert summary == {share: spent.share(share) for share in shares}


def test_cores_and_links_add_up_to_their_shares() -> None:
    outcome = run(small())
    spent = spent_by(outcome)
    servers = outcome.raw.actions[outcome.plan.mesh.cores :].sum()
    assert servers > 0, "slot servers worked: their energy is in the share of the cores, but in no core"
    assert math.fsum(spent.core_pj) * 1e-12 < spent.share("core")
    assert math.fsum(spent.link_pj) * 1e-12 == pytest.approx(spent.share("link"), rel=1e-14)


def test_no_input_no_dynamic_energy() -> None:
    """HW11: a powered chip on which nothing happens draws static power and nothing else."""
    chip, plan = chip_and_plan()
    raw = run_reference(replace(plan, until=1_000_000_000), Watch())
    spent = account(chip, plan.mesh, raw)
    assert raw.end_ps == 1_000_000_000
    assert spent.dynamic == 0.0
    assert spent.total == spent.share("static") == 16 * 0.82 * 1e-3 * 1e-3
    assert not raw.actions.any() and not raw.sent.any()


def test_dynamic_energy_is_proportional_to_events(tmp_path: Path) -> None:
    """HW11: when all is known, each further episode of the same text adds the same actions."""
    line = "This is the house that Jack built."
    path = tmp_path / "line.txt"
    path.write_text(line * 20, encoding="utf-8")
    known = (
        f"workload.path={path}",
        f"workload.learned={6 * len(line)}",
        f"workload.episode={len(line)}",
        "chip.core.neurons=20",
    )

    def counters(episodes: int) -> Any:
        raw = run(small(*known, f"workload.symbols={episodes * len(line)}")).raw
        assert not len(raw.own.growth)
        return np.concatenate([raw.actions.sum(axis=0), raw.sent, raw.link_flits, raw.tile_flits, [raw.host_flits]])

    four, eight, twelve = counters(4), counters(8), counters(12)
    assert np.array_equal(twelve - eight, eight - four)
    assert (eight - four).sum() > 0


# --- the verdict


def claim_of(*settings: str) -> dict[str, Any]:
    claim: dict[str, Any] = simulate(small(*settings)).summary["claim"]
    return claim


SLOW = "workload.rate=100 Hz"

SOURCED = "{value: %s, grade: assumed, source: made up, range: [%s], range_source: made up}"


def test_verdict_holds_to_the_rate_that_a_pass_has_shown() -> None:
    """Power is affine in the rate: the hottest core draws per event what the pass at its budget drew; saturated, the budget is broken."""
    claim = claim_of(SLOW)
    assert (claim["verdict"], claim["assumed"], claim["limit"]) == ("holds_to", [], "hottest_core")
    assert claim["hottest"]["verdict"] == "holds_to" and claim["mean"]["verdict"] == "holds"
    at = simulate(small(f"workload.rate={claim['max_rate_hz']!r} Hz"), limits=False).summary
    per_event = (at["power_per_core_mw"]["max"] - 0.82) / at["claim"]["rate_hz"]
    assert per_event * claim["max_rate_hz"] + 0.82 == pytest.approx(2.0, rel=0.01)
    assert claim["limits"]["hottest_core"]["checked_mw"] == pytest.approx(2.0, rel=0.02)
    above = claim_of("workload.rate=saturate")
    assert above["verdict"] == above["hottest"]["verdict"] == "fails" and above["rate_hz"] > above["max_rate_hz"]


def test_verdict_holds_where_no_rate_in_reach_spends_the_budget() -> None:
    cheap = [
        f"chip.energy.{name}.value=0 pJ" for name in ("synaptic_op", "neuron_update", "memory_read", "spike_out", "message_in")
    ]
    claim = claim_of(SLOW, *cheap)
    assert (claim["verdict"], claim["limit"]) == ("holds", "wta_quorum")
    assert {claim["limits"][name]["how"] for name in ("mean_power", "hottest_core")} == {"out_of_reach"}
    assert claim["limits"]["wta_quorum"] == {"rate_hz": claim["points"][1]["rate_hz"], "how": "measured"}


def test_verdict_fails_whatever_is_assumed() -> None:
    claim = claim_of(f"chip.power.static_per_core={CERTAIN % '2.001 mW'}")
    assert (claim["verdict"], claim["assumed"]) == ("fails", [])
    assert claim["break_even_rate_hz"] == 0.0 == claim["max_rate_hz"]


def test_verdict_names_the_assumption_that_decides() -> None:
    """Only where both ends of the range have a source; a factor is no evidence."""
    claim = claim_of(SLOW, f"chip.power.static_per_core={SOURCED % ('0.82 mW', '0 mW, 2 mW')}")
    assert (claim["verdict"], claim["assumed"]) == ("depends_on_assumed", ["power.static_per_core"])
    factor = "{value: 0.82 mW, grade: assumed, source: made up, range: [0 mW, 2 mW]}"
    assert claim_of(SLOW, f"chip.power.static_per_core={factor}")["verdict"] == "holds_to"
    claim = claim_of(
        f"chip.power.static_per_core={CERTAIN % '1 mW'}",
        f"chip.energy.synaptic_op={SOURCED % ('1 pJ', '1 pJ, 1 mJ')}",
    )
    assert (claim["verdict"], claim["assumed"]) == ("depends_on_assumed", ["energy.synaptic_op"])
    graded = (
        "chip.energy.synaptic_op={value: 1 pJ, grade: published, source: made up, range: [1 pJ, 1 mJ], range_source: made up}"
    )
    assert claim_of(f"chip.power.static_per_core={CERTAIN % '1 mW'}", graded)["verdict"] == "holds_to"


def test_a_board_is_held_against_its_links_too() -> None:
    """Energy between chips can turn the verdict of a board, and says so where its price is assumed within a range that has a source."""
    board = ("chip=altai-board", "workload.rate=5 kHz", "mapping.placer=random")
    hop = "chip.noc.levels.0.hop"
    claim = claim_of(*board, f"{hop}={SOURCED % ('1 pJ', '1 pJ, 1 J')}")
    assert (claim["verdict"], claim["assumed"]) == ("depends_on_assumed", ["noc.levels.0.hop"])
    dear = claim_of(*board, f"{hop}={CERTAIN % '1 mJ'}")
    assert dear["verdict"] == "fails" and dear["mean"]["mw"] > 2


def test_without_a_budget_there_is_no_verdict() -> None:
    claim = claim_of("chip.power.budget_per_core=null")
    assert claim["verdict"] is claim["mean"]["verdict"] is claim["break_even_static_mw"] is None
    assert not {"mean_power", "hottest_core"} & claim["limits"].keys() and claim["limit"] == "wta_quorum"


def test_published_static_powers_are_held_against_the_load() -> None:
    claim = claim_of(SLOW)
    within = {one["chip"]: one["within"] for one in claim["static"]["published"]}
    assert within["TrueNorth"] and within["Loihi 1"] and not within["SpiNNaker 1"]
    low, high = claim["band"]
    assert (low["budget_mw"], low["verdict"]) == (0.25, "fails")
    assert high["budget_mw"] == 4.4 and high["verdict"] in ("holds", "holds_to")


@pytest.mark.parametrize("rate", ["100 Hz", "5 kHz", "saturate"])
def test_break_even_static_power_spends_the_budget_exactly(rate: str) -> None:
    """The inverse, run forwards."""
    before = simulate(small(f"workload.rate={rate}")).summary
    static = before["claim"]["break_even_static_mw"]
    after = simulate(small(f"workload.rate={rate}", f"chip.power.static_per_core.value={static!r} mW")).summary
    assert after["power_per_core_mw"]["mean"] == pytest.approx(2.0, rel=1e-12)
    assert after["digest"] == before["digest"], "prices change nothing that happens"
    assert before["power_per_core_mw"]["mean"] == pytest.approx(0.82 + 2.0 - static, rel=1e-12)


def test_break_even_rate_spends_the_budget_exactly() -> None:
    claim = claim_of()
    power = 0.82 + claim["break_even_rate_hz"] * claim["dynamic_j_per_event"] / 16 * 1e3
    assert power == pytest.approx(2.0, rel=1e-10)
    assert claim["events_per_core_hz"] * 16 == pytest.approx(claim["break_even_rate_hz"], rel=1e-15)
    assert claim["limits"]["mean_power"]["rate_hz"] == claim["break_even_rate_hz"]


def test_limits_name_what_binds_first() -> None:
    extrapolated = simulate(small(SLOW), limits=False).summary["claim"]
    rates = {name: one["rate_hz"] for name, one in extrapolated["limits"].items() if name != "memory"}
    assert extrapolated["limit"] == min(rates, key=lambda name: rates[name]) and extrapolated["max_rate_hz"] == min(
        rates.values()
    )
    assert extrapolated["limits"]["wta_quorum"]["how"] == "extrapolated"
    full = claim_of("chip.core.neurons=2", "workload.learned=0", "workload.symbols=120")
    assert full["limit"] == "memory" and full["limits"]["memory"] == {"rate_hz": None, "how": "measured", "events": 0}


def test_passes_change_nothing_of_the_run() -> None:
    with_passes, without = simulate(small()).summary, simulate(small(), limits=False).summary
    assert len(with_passes["claim"]["points"]) >= 3 and len(without["claim"]["points"]) == 1
    for name in ("digest", "functional_digest", "counts", "energy_j", "latency_s", "plan_hash", "sim_time_s"):
        assert with_passes[name] == without[name], name
    assert simulate(small("limits=extrapolated")).summary["claim"]["passes"] == {"events": 0, "why_none": "not asked for"}
    assert len(simulate(small("limits=measured"), limits=False).summary["claim"]["points"]) >= 3


def test_a_pass_has_the_whole_input_of_the_run(tmp_path: Path) -> None:
    """What comes late can cost other than what comes first; an input that is cut ends its episode, so that nothing waits for more."""
    path = tmp_path / "late.txt"
    path.write_text("a" * 150 + "".join(chr(0x4E00 + n % 97) for n in range(150)), encoding="utf-8")
    text = (f"workload.path={path}", "workload.learned=0", "workload.symbols=300", "workload.episode=40", "workload.rate=5 kHz")
    claim = claim_of(*text)
    run, saturated = claim["points"][:2]
    assert (saturated["hottest_mw"] - 0.82) / saturated["rate_hz"] == pytest.approx(
        (run["hottest_mw"] - 0.82) / run["rate_hz"], rel=0.01
    )
    cut = claim_of(*text, "until=10 ms")
    assert cut["passes"]["events"] == 50 and len(cut["points"]) > 1


def test_an_end_behind_the_last_event_makes_no_run_slower() -> None:
    whole, late = claim_of("workload.rate=saturate"), claim_of("workload.rate=saturate", "until=10 ms")
    assert late["points"][1]["rate_hz"] == whole["rate_hz"] > late["rate_hz"]
    assert late["max_rate_hz"] == whole["max_rate_hz"]


def test_what_held_the_saturated_pass_was_busy() -> None:
    """Where nothing was, events waited for each other: the host is far."""
    claim = claim_of("chip.host.latency.value=100 us")
    assert claim["limit"] == "round_trip" and claim["limits"]["round_trip"]["how"] == "measured"
    assert claim["limits"]["wta_quorum"]["how"] == "out_of_reach"


def test_near_static_power_a_check_is_held_to_what_is_left() -> None:
    claim = claim_of("chip.power.static_per_core.value=1.95 mW")
    for name in ("mean_power", "hottest_core"):
        limit = claim["limits"][name]
        if limit["how"] == "interpolated":
            assert abs(limit["checked_mw"] - 2) <= 0.02 * 0.05 and limit["checked_hz"] == pytest.approx(
                limit["rate_hz"], rel=0.03
            )


def test_a_run_that_was_saturated_knows_its_limits_without_a_pass() -> None:
    claim = claim_of("workload.rate=saturate", "limits=extrapolated")
    assert len(claim["points"]) == 2 and claim["limits"]["wta_quorum"] == {"rate_hz": claim["rate_hz"], "how": "measured"}
    one = claim_of("limits=extrapolated")["limits"]
    assert {name for name, limit in one.items() if limit["how"] == "extrapolated"} <= {
        "wta_quorum",
        "mean_power",
        "hottest_core",
    }
    assert one["core_time"]["how"] == one["link"]["how"] == "out_of_reach", "the quorum ends first"
