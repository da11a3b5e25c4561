"""What marks say: where they are drawn, with the values of the tables, and in an attribute that browsers and XML read back."""

from __future__ import annotations

import numpy as np
import pytest
from matplotlib.figure import Figure

from chipsim.quantity import digits, si
from reports.figures import drawings_of, hover, look, svg
from reports.figures.cell_map import MOST_SIDE
from reports.run import Run
from tests.report_runs import changed_run
from tests.said import said, told


def image_of(run: Run, key: str) -> str:
    (drawing,) = (one for one in drawings_of(run.summary) if one.key == key)
    with look():
        return svg(drawing.draw(run.summary, run.tables), key)


def test_marks_are_where_they_are_drawn() -> None:
    figure = Figure(figsize=(5, 3))
    with look():
        axes = figure.subplots()
        drawn = axes.bar([0, 1, 2], [3.0, 1.0, 0.0], color="#123456")
        hover.bars(axes, drawn, ["<three> & 'more'", "one", "none"])
        hover.points(axes, [1], [2], ["a|b"], "{1} after {0}")
        image = svg(figure, "k")
    (panel,) = said(image)
    bars, point = panel
    assert told(bars) == ["<three> & 'more'", "one", "none"] and told(point) == ["b after a"]
    x, y, width, height = bars["at"][:4]
    path = next(line for line in image.split("<path") if "#123456" in line)
    corners = np.array(
        [pair.split() for pair in path.split('d="M ')[1].split('"')[0].replace("L", "").replace("z", "").strip().split("\n")],
        float,
    )
    assert [x, y] == pytest.approx(corners.min(axis=0), abs=0.06) and [width, height] == pytest.approx(
        np.ptp(corners, axis=0), abs=0.11
    )
    assert bars["at"][7] == pytest.approx(height / 3, abs=0.2) and point["at"][2:] == [0, 0]
    with pytest.raises(ValueError, match="2 texts for 1 marks"):
        hover.points(axes, [1], [2], ["a", "b"])


def test_every_figure_of_a_run_says_its_values(small: Run) -> None:
    for drawing in drawings_of(small.summary):
        with look():
            image = svg(drawing.draw(small.summary, small.tables), drawing.key)
        assert any(group["texts"] for panel in said(image) for group in panel), drawing.key


def test_cells_bars_and_arrows_say_what_the_tables_say(small: Run) -> None:
    cores, links, energy = (small.tables[name] for name in ("cores", "links", "energy"))
    fill, busy = (told(group) for panel in said(image_of(small, "chip-map")) for group in panel)
    for core, x, y, bits, allowed, share in zip(
        *(cores[name].tolist() for name in ("core", "x", "y", "memory_bits", "memory_bits_allowed", "utilisation")), strict=True
    ):
        place = y * 4 + x
        assert fill[place] == f"Memory in use, core {core} at ({x}, {y}): {digits(100 * bits / allowed)} %"
        assert busy[place] == f"Time busy, core {core} at ({x}, {y}): {digits(100 * share)} %"
    arrows = told(said(image_of(small, "link-map"))[0][0])
    ends = zip(*(links[name].tolist() for name in ("x", "y", "to_x", "to_y", "packets")), strict=True)
    assert arrows == [f"Packets carried, ({a}, {b}) to ({c}, {d}): {digits(n)}" for a, b, c, d, n in ends]
    bars = told(said(image_of(small, "energy"))[1][0])
    (synops,) = (at for at, name in enumerate(energy["action"]) if name == "message_in")
    assert f"message in: {si(energy['joules'][synops], 'J', 6)}" in bars


def test_large_grids_are_images_that_say_every_link(small: Run) -> None:
    side = MOST_SIDE + 1
    tile = np.arange(side * side)
    x, y = tile % side, tile // side
    right, up = x < side - 1, y > 0
    links = {
        "x": np.r_[x[right], x[up]], "y": np.r_[y[right], y[up]], "to_x": np.r_[x[right] + 1, x[up]], "to_y": np.r_[y[right], y[up] - 1],
        "direction": np.array(["east"] * right.sum() + ["north"] * up.sum()),
    }  # fmt: skip
    count = len(links["x"])
    links |= {name: np.arange(count) % 7 for name in ("packets", "wait_ps", "wait_max_ps")} | {
        "utilisation": np.arange(count) % 7 / 10
    }
    cores = {
        "core": tile,
        "x": x,
        "y": y,
        "role": np.full(side * side, ""),
        "memory_bits": tile,
        "memory_bits_allowed": tile + 1,
        "utilisation": tile / 1e3,
    }
    run = changed_run(small, links=links, cores=cores)
    image = image_of(run, "link-map")
    carried = said(image)[0][0]
    assert (carried["rows"], carried["columns"]) == (side, side) and image.count("<image") == 4 and len(image) < 150_000
    for (at_x, at_y), text in zip(zip(x.tolist(), y.tolist(), strict=True), told(carried), strict=True):
        here = (links["x"] == at_x) & (links["y"] == at_y)
        ways = [f"{way} {digits(n)}" for way, n in zip(links["direction"][here], links["packets"][here], strict=True)]
        assert text == (f"Packets carried, from ({at_x}, {at_y}): {', '.join(ways)}" if ways else "")
    assert image_of(run, "chip-map").count("<image") == 4
