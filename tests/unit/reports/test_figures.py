"""Figures of reports hold what the tables say."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import matplotlib
import numpy as np
import pytest
from matplotlib.collections import PolyCollection
from matplotlib.patches import StepPatch

from chipsim.lookup import number
from chipsim.quantity import digits, percent, si
from reports.content import sheets
from reports.figures import (
    NothingToDrawError,
    chip_map,
    drawings_of,
    energy,
    growth,
    influence,
    latency,
    link_map,
    look,
    network,
    over_time,
    png,
    power,
    room,
)
from reports.figures.base import svg
from reports.influence import moved
from reports.run import Run
from tests.needs import needs
from tests.report_runs import KEYS, changed_run, run_of


def _collections(figure: Any, axes: int) -> list[PolyCollection]:
    return [one for one in figure.axes[axes].collections if isinstance(one, PolyCollection)]


def test_every_figure_draws_without_touching_matplotlib_for_others(small: Run) -> None:
    before = dict(matplotlib.rcParams)
    drawings = drawings_of(small.summary)
    assert [drawing.key for drawing in drawings] == KEYS
    for drawing in drawings:
        with look():
            figure = drawing.draw(small.summary, small.tables)
            again = drawing.draw(small.summary, small.tables)
        assert svg(figure, drawing.key) == svg(again, drawing.key)
        assert png(figure).startswith(b"\x89PNG")
    assert dict(matplotlib.rcParams) == before


def test_chip_map_colours_each_core_that_holds_something_at_its_place(small: Run) -> None:
    cores = small.tables["cores"]
    idle, used = _collections(chip_map.draw(small.summary, small.tables), 0)
    holding = cores["memory_bits"] > 0
    centres = np.array([path.vertices[:4].mean(axis=0) for path in used.get_paths()])
    assert centres.round(9).tolist() == np.stack([cores["x"], cores["y"]], axis=1)[holding].tolist()
    assert np.allclose(used.get_array(), (cores["memory_bits"] / cores["memory_bits_allowed"])[holding])
    assert len(idle.get_paths()) == int((~holding).sum())


@needs("nsn")
def test_cores_of_one_tile_do_not_cover_each_other(tmp_path: Path) -> None:
    run = run_of(tmp_path / "run", "log-sample", "chip.noc.width=3", "chip.noc.height=2", "chip.noc.concentration=3")
    cells = _collections(chip_map.draw(run.summary, run.tables), 1)
    centres = [tuple(path.vertices[:4].mean(axis=0).round(9)) for one in cells for path in one.get_paths()]
    assert len(set(centres)) == len(centres) == 18


@pytest.mark.parametrize(("role", "label"), [("", ""), ("root 3", "3"), ("records", "R"), ("root 0, root 1", "0+")])
def test_roles_are_marked_in_two_characters(role: str, label: str) -> None:
    assert chip_map.label(role) == label


def test_network_map_colours_routers_links_and_queues(small: Run) -> None:
    rows = len(small.tables["routers"]["tile"])
    small = changed_run(small, routers={**small.tables["routers"], "waiting": np.arange(rows) * 0.01})
    figure = network.draw(small.summary, small.tables)
    flits, use, waiting = (_collections(figure, axes)[-1].get_array() for axes in range(3))
    assert flits.tolist() == small.tables["routers"]["flits"].tolist()
    links, routers = small.tables["links"], small.tables["routers"]
    assert use.tolist() == links["utilisation"][links["utilisation"] > 0].tolist()
    assert waiting.tolist() == routers["waiting"][routers["waiting"] > 0].tolist()


def test_where_hardly_anything_waited_a_sentence_stands_for_the_panel_and_the_table_has_it(small: Run) -> None:
    links, routers = small.tables["links"], small.tables["routers"]
    one, wait = int(links["packets"].argmax()), np.zeros(48)
    wait[one] = 4200.0
    waiting = np.where(np.arange(16) == 3, 7e-8, 0.0)
    run = changed_run(small, links={**links, "wait_ps": wait, "wait_max_ps": wait}, routers={**routers, "waiting": waiting})
    drawn = [one.draw(run.summary, run.tables) for one in (link_map.DRAWING, network.DRAWING)]
    titles = [[axes.get_title() for axes in figure.axes if axes.get_title()] for figure in drawn]
    assert titles == [["Packets carried", "The busiest links"], ["Flits switched", "Links in use, share of time"]]
    assert "1 link had packets waiting" in link_map.DRAWING.caption(run.summary, run.tables)
    found = {sheet.key: sheet for sheet in sheets(run)}
    (line,) = found["waits"].lines
    assert line[2] == f"{links['packets'][one]:,}" and line[-2:] == ("4.2 ns", "100 %")
    assert [line[0] for line in found["queues"].lines] == [str(routers["tile"][3])]
    still = changed_run(small, links={**links, "wait_ps": 0 * wait}, routers={**routers, "waiting": 0 * waiting})
    assert not {"waits", "queues"} & {sheet.key for sheet in sheets(still)}, "no empty tables"


def test_links_without_a_place_are_listed(small: Run) -> None:
    links = {**small.tables["links"], "direction": np.array([f"port {i % 3}" for i in range(48)])}
    run = changed_run(small, links=links)
    busiest = int(links["utilisation"].argmax())
    name = f"router {links['tile'][busiest]} to {links['to_tile'][busiest]}"
    for drawing in (network.DRAWING, link_map.DRAWING):
        axes = drawing.draw(run.summary, run.tables).axes[0]
        used = int((links["utilisation"] > 0).sum())
        assert axes.get_yticklabels()[0].get_text() == name and len(axes.patches) == used
        assert name in drawing.caption(run.summary, run.tables)
    assert next(sheet for sheet in sheets(run) if sheet.key == "links").lines[0][0] == f"router {links['tile'][busiest]}"


@needs("nsn")
def test_network_sheets_say_what_the_summary_says(small: Run, tmp_path: Path) -> None:
    assert {key: key in {sheet.key for sheet in sheets(small)} for key in ("network", "flows")} == {
        "network": True,
        "flows": False,
    }
    probed = run_of(tmp_path / "probed", "text-small", "probes=[packets]", "engine=reference", "workload.symbols=125")
    lines = {sheet.key: sheet.lines for sheet in sheets(probed)}
    noc = probed.summary["noc"]
    told = {line[0]: line[1] for line in lines["network"]}
    assert told["Packet latency"] == si(noc["packet_latency_s"]["mean"], "s") and told["Out of order"] == percent(
        noc["spike_disorder"]
    )
    assert "Stalls" not in told
    slowest = probed.tables["flows"]["latency_p99_ps"].max()
    assert lines["flows"][0][5] == si(slowest * 1e-12, "s")


def test_link_map_points_each_arrow_where_its_packets_went(small: Run) -> None:
    links = small.tables["links"]
    (arrows,) = _collections(link_map.draw(small.summary, small.tables), 0)
    used = links["packets"] > 0
    assert arrows.get_array().tolist() == links["packets"][used].tolist()
    for path, row in zip(arrows.get_paths(), np.flatnonzero(used), strict=True):
        tail, tip = path.vertices[[0, 6]].mean(axis=0), path.vertices[3]
        way = np.array([links["to_x"][row] - links["x"][row], links["to_y"][row] - links["y"][row]])
        assert (tip - tail) @ way > 0.5
        assert abs((tip - tail) @ way[::-1]) < 1e-9
        start = np.array([links["x"][row], links["y"][row]])
        # Rows count downwards, so right of the way (dx, dy) is (-dy, dx).
        assert (path.vertices[:7].mean(axis=0) - start - way / 2) @ [-way[1], way[0]] > 0.05
        # Both ends stay between the two tiles, so an arrow cannot be taken for another link's.
        assert np.all(np.abs(tip - start) < 1)


def test_the_two_directions_of_a_link_lie_side_by_side(small: Run) -> None:
    ends = {}
    links = small.tables["links"]
    (arrows,) = _collections(
        link_map.draw(small.summary, changed_run(small, links={**links, "packets": np.ones_like(links["packets"])}).tables), 0
    )
    for path, x, y, to_x, to_y in zip(
        arrows.get_paths(), *(links[name].tolist() for name in ("x", "y", "to_x", "to_y")), strict=True
    ):
        ends[x, y, to_x, to_y] = path.vertices.min(axis=0), path.vertices.max(axis=0)
    for (x, y, to_x, to_y), (low, high) in ends.items():
        back_low, back_high = ends[to_x, to_y, x, y]
        across = 1 if y == to_y else 0
        assert high[across] <= back_low[across] + 1e-9 or back_high[across] <= low[across] + 1e-9


def test_energy_bars_add_up_to_the_dynamic_energy(small: Run) -> None:
    figure = energy.draw(small.summary, small.tables)
    widths = [patch.get_width() for patch in figure.axes[1].patches]
    dynamic = small.summary["energy_j"]["total"] - small.summary["energy_j"]["static"]
    assert sum(widths) == pytest.approx(dynamic, rel=1e-9)


def test_latency_rows_hold_every_event_once(small: Run) -> None:
    tables = small.tables
    edges = latency._edges(tables)
    table = tables["service"]
    for layer in range(1, 5):
        assert latency._rebinned(tables, layer, edges).sum() == pytest.approx(1)
        assert table["count"][table["layer"] == layer].sum() == 300
    seen = table["upper_ps"][table["count"] > 0] * 1e-12
    assert edges[0] <= seen.min() and seen.max() <= edges[-1] * 1.05


def test_growth_curves_end_at_what_grew(small: Run) -> None:
    figure = growth.draw(small.summary, small.tables)
    table = small.tables["growth"]
    ends = sorted(int(line.get_ydata()[-1]) for line in figure.axes[0].lines)
    assert ends == sorted(np.unique(table["layer"], return_counts=True)[1].tolist())
    bars = [bar.get_width() for container in figure.axes[1].containers for bar in container]
    assert sum(bars) == sum(layer["neurons"] for layer in small.summary["nsn"]["layers"])


def test_room_for_growth_is_what_the_tables_leave(small: Run) -> None:
    figure = growth.draw(small.summary, small.tables)
    cores, grew, chip = small.tables["cores"], small.tables["growth"]["core"], small.summary["chip"]
    assert len(grew) > 0
    shares = [[bar.get_width() for bar in container] for container in figure.axes[2].containers]
    holding, fullest = cores["neurons"] > 0, int(cores["neurons"].argmax())
    slots = np.array([chip["cores"], holding.sum(), 1]) * chip["neurons_per_core"]
    grown = np.array([len(grew), len(grew), (grew == cores["core"][fullest]).sum()])
    used = np.array([cores["neurons"].sum(), cores["neurons"].sum(), cores["neurons"][fullest]])
    assert shares[0] == pytest.approx((used - grown) / slots) and shares[1] == pytest.approx(grown / slots)
    taken = [bar.get_width() for bar in figure.axes[3].containers[0]]
    bits, allowed = cores["memory_bits"], cores["memory_bits_allowed"]
    assert taken[:2] == pytest.approx([bits.sum() / allowed.sum(), bits.max() / allowed[0]])
    layers = small.tables["layers"]
    assert used[0] - grown[0] == layers["neurons"].sum() - layers["created"].sum(), "as many loaded as the layers have"


def test_room_for_growth_in_words(small: Run) -> None:
    said = growth.caption(small.summary, small.tables)
    more, events = small.summary["claim"]["limits"]["memory"]["events"], small.summary["counts"]["events_in"]
    neurons, slots = int(small.tables["cores"]["neurons"].sum()), int(small.tables["cores"]["neurons_allowed"].sum())
    lasts = si(more * small.summary["sim_time_s"] / events, "s")
    assert f"{slots - neurons:,} of the chip's {slots:,} slots are free" in said
    assert f"room for {digits(more)} more events ({lasts} of chip time at this rate)" in said
    by_slots = (slots - neurons) / len(small.tables["growth"]["core"]) * events
    assert more <= by_slots * (1 + 1e-9) and ("slots would be used up first" in said) == (more == pytest.approx(by_slots))

    def claimed(lasting: float) -> dict[str, Any]:
        return {"claim": small.summary["claim"] | {"limits": {"memory": {"events": lasting}}}}

    assert "; slots would be used up first" in growth.caption(changed_run(small, claimed(by_slots)).summary, small.tables)
    full = changed_run(small, {"nsn.unstored": 3} | claimed(0))
    assert "found no room where it was to go: room for 0 more events" in growth.caption(full.summary, full.tables)
    moved = changed_run(small, {"counts.migrations": 1})
    assert [one.grown is None for one in room.slots_taken(moved.summary, moved.tables)] == [False, False, True]
    still = changed_run(small, growth={name: column[:0] for name, column in small.tables["growth"].items()})
    assert "nothing grew, so they last" in growth.caption(still.summary, still.tables)
    assert len(growth.draw(still.summary, still.tables).axes) == 1
    assert f"whole chip: {neurons - len(small.tables['growth']['core']):,} + " in growth.alt(small.summary, small.tables)
    keyed = {**small.tables, "cores": {**small.tables["cores"], "axons": np.zeros_like(small.tables["cores"]["axons"])}}
    assert {one.of for one in room.others_taken(small.summary, keyed)} == {"bits"}, "no bar of what is not in use"
    assert room.room_left(small.summary, {}) == "" and room.others_taken(small.summary, {}) == []


def test_power_curve_meets_the_budget_at_the_break_even(small: Run) -> None:
    figure = power.draw(small.summary, small.tables)
    curve = next(line for line in figure.axes[1].lines if line.get_label() == "mean core")
    at = number(small.summary, "claim.break_even_rate_hz")
    assert np.interp(at, curve.get_xdata(), curve.get_ydata()) == pytest.approx(2.0, rel=1e-3)
    now = small.summary["claim"]["rate_hz"]
    assert np.interp(now, curve.get_xdata(), curve.get_ydata()) == pytest.approx(
        small.summary["power_per_core_mw"]["mean"], rel=1e-6
    )


def test_power_over_time_is_what_the_intervals_spent(small: Run) -> None:
    whole, closer = over_time.draw(small.summary, small.tables).axes
    table, cores = small.tables["timeline"], small.summary["chip"]["cores"]
    drawn = [patch for patch in closer.patches if isinstance(patch, StepPatch)]
    top = drawn[-1].get_data()
    seconds = np.diff(top.edges)
    spent = small.summary["energy_j"]
    assert (top.values @ seconds) * cores == pytest.approx(spent["core"] + spent["router"] + spent["link"] + spent["interchip"])
    assert top.edges[-1] == pytest.approx(small.summary["sim_time_s"])
    power = whole.patches[1].get_data().values
    assert power[:-1].tolist() == [pytest.approx(one) for one in table["core_mw"][: len(power) - 1]], (
        "a short rest is part of the last"
    )
    assert "kept in every interval" in over_time.DRAWING.caption(small.summary, small.tables)
    tight = changed_run(small, {"power_per_core_mw.budget": float(np.sort(power)[-4]) * (1 + 1e-9)})
    assert "passed in 3 of them" in over_time.DRAWING.caption(tight.summary, tight.tables)


def test_a_run_without_activity_or_without_a_timeline_says_so_over_time(small: Run) -> None:
    still = {
        name: 0 * column if name in ("core_j", "router_j", "link_j", "interchip_j") else column
        for name, column in small.tables["timeline"].items()
    }
    for table, why in ((still, "static 0.82 mW all the time"), (None, "no counts over time")):
        with pytest.raises(NothingToDrawError, match=why):
            over_time.draw(small.summary, changed_run(small, timeline=table).tables)


def test_tornado_has_the_widest_on_top_and_each_bar_from_end_to_end(small: Run) -> None:
    told = [one for one in moved(small.tables) if one.width > 0]
    scale, closer = influence.draw(small.summary, small.tables).axes
    names = [label.get_text() for label in scale.get_yticklabels()][::-1]
    assert names[0] == "static per core" and len(names) == 4
    first = [bar for bar in scale.patches if round(bar.get_y() + bar.get_height() / 2) == 3]
    assert [(bar.get_x(), bar.get_x() + bar.get_width()) for bar in first] == [
        pytest.approx(ends) for ends in (told[0].mean, told[0].hottest)
    ]
    now = small.summary["power_per_core_mw"]["max"]
    lengths = [bar.get_width() for bar in closer.patches]
    near = told[1 : 1 + len(closer.get_yticklabels())]
    assert lengths == [pytest.approx(end - now) for one in reversed(near) for end in one.hottest]
    assert 2.0 in [line.get_xdata()[0] for line in scale.lines], "the budget"


def test_constants_that_move_nothing_are_a_sentence(small: Run) -> None:
    constants = {name: column for name, column in small.tables["constants"].items() if not name.endswith("_mw")}
    with pytest.raises(NothingToDrawError, match="nothing to move"):
        influence.draw(small.summary, changed_run(small, constants=constants).tables)
    power_now = small.summary["power_per_core_mw"]
    still = {
        f"{core}_{end}_mw": np.full(len(constants["path"]), power_now[key])
        for core, key in (("mean", "mean"), ("hottest", "max"))
        for end in ("low", "high")
    }
    with pytest.raises(NothingToDrawError, match="without a plausible range, so none was moved"):
        influence.draw(small.summary, changed_run(small, constants={**constants, **still}).tables)


def test_spread_of_a_power_constant_is_read_from_its_row(small: Run) -> None:
    assert power.spread_mw(small.tables, "power.static_per_core") == (0.0, 2.0)
    assert power.spread_mw(small.tables, "power.nothing") is None
    row = {"path": np.array(["power.static_per_core"], object), "range": np.array(["about 1"], object)}
    assert power.spread_mw({"constants": row}, "power.static_per_core") is None


def test_a_figure_without_data_says_why(golden: Run) -> None:
    for module in (chip_map, link_map, energy, influence, latency, over_time, power):
        with pytest.raises(NothingToDrawError, match=r"\.$"):
            module.draw(golden.summary, golden.tables)
