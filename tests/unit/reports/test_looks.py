"""Pages stay small on large chips, read on light and dark ground, and panels of one unit share their scale."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
import pytest

from reports.figures import link_load, look, power, svg
from reports.figures.base import LEAST_TEXT, MUTED, PALETTE, RED, SEQUENTIAL, ink_on, log_ticks
from reports.html import build_report
from reports.run import Run
from tests.needs import needs
from tests.report_runs import run_of

MOST_BYTES = 8_000_000
WIDE = ("chip.noc.width=45", "chip.noc.height=45", "mapping.placer=random", "engine=compiled")


def themes() -> list[dict[str, str]]:
    """Variables of the page on light ground, on dark, and on paper."""
    text = (Path(__file__).parents[3] / "reports/templates/look.css").read_text()
    return [dict(re.findall(r"--(\w+): (#[0-9a-f]{3,6});", block)) for block in re.findall(r":root \{(.*?)\}", text)]


def luminance(colour: str) -> float:
    """Relative luminance as WCAG has it."""
    code = colour[1:] if len(colour) == 7 else "".join(2 * one for one in colour[1:])
    parts = [int(code[at : at + 2], 16) / 255 for at in (0, 2, 4)]
    linear = [one / 12.92 if one <= 0.04045 else ((one + 0.055) / 1.055) ** 2.4 for one in parts]
    return float(np.dot(linear, [0.2126, 0.7152, 0.0722]))


def contrast(one: str, other: str) -> float:
    low, high = sorted([luminance(one), luminance(other)])
    return (high + 0.05) / (low + 0.05)


@needs("nsn")
@pytest.mark.parametrize("router", ["queued", "wormhole"])
def test_the_page_of_45_by_45_tiles_is_small(tmp_path: Path, router: str) -> None:
    run = run_of(tmp_path / "run", "text-small", *WIDE, f"chip.noc.router={router}", "probes=[packets]")
    assert run.summary["chip"]["cores"] == 2025
    text = build_report(run.folder).read_text(encoding="utf-8")
    assert len(text.encode()) < MOST_BYTES
    assert text.count("<image") >= 4 and "A tile has the colour of the busiest of the links" in text


@needs("snn")
def test_the_page_of_a_spiking_run_on_45_by_45_tiles_is_small(tmp_path: Path) -> None:
    network = ("workload.generate.neurons=16000", "workload.steps=20", "mapping.fill=0.0078125")
    run = run_of(tmp_path / "run", "lif-small", *WIDE[:2], *network)
    assert build_report(run.folder).stat().st_size < MOST_BYTES
    assert run.tables["firing"]["spikes"].sum() == run.summary["counts"]["spikes"] > 5000


def test_every_colour_reads_on_its_ground() -> None:
    light, dark, paper = themes()
    assert set(PALETTE) <= set(light) and set(PALETTE) <= set(dark)
    for name, colour in PALETTE.items():
        assert contrast(dark[name], dark["ground"]) >= 4.5, name
        assert paper[name] == light[name] and (light[name] == colour or colour in (MUTED, RED))
        assert contrast(light[name], light["ground"]) >= (2 if name in ("orange", "sky", "purple") else 3), name
    for name in ("muted", "red"):  # texts too
        assert contrast(light[name], light["ground"]) >= 4.5
    for end in (0.0, 1.0):
        shade = "#" + "".join(f"{round(255 * one):02x}" for one in SEQUENTIAL(end)[:3])
        assert contrast(shade, light["ground"]) >= 1.4 and contrast(shade, dark["ground"]) >= 2
        assert contrast(shade, ink_on(SEQUENTIAL(end))) >= 4.5


def test_figures_take_the_colours_of_the_page_and_no_small_text(small: Run) -> None:
    with look():
        image = svg(power.draw(small.summary, small.tables), "power")
    assert "var(--blue, #0072b2)" in image and ": #0072b2" not in image
    sizes = [float(one) for one in re.findall(r"font(?:-size)?: (?:\w+ )?([\d.]+)px", image)]
    assert sizes and min(sizes) >= LEAST_TEXT


def test_a_logarithmic_scale_has_two_ticks_however_short_it_is() -> None:
    for low, high in ((1.03, 1.31), (105, 131), (0.9, 1.05), (1, 1000), (2e-9, 7e-3)):
        ticks = log_ticks(low, high, 6)
        assert 2 <= len(ticks) <= 6 and all(low <= tick <= high for tick in ticks)


def test_panels_of_one_unit_share_their_scale(small: Run) -> None:
    bars, rates = power.draw(small.summary, small.tables).axes
    assert bars.get_ylim() == rates.get_ylim()
    links = {**small.tables["links"], "tree_packets": small.tables["links"]["packets"] / 3}
    single, tree = (
        axes.collections[-1].norm for axes in link_load.draw(small.summary, {**small.tables, "links": links}).axes[:2]
    )
    assert (single.vmin, single.vmax) == (tree.vmin, tree.vmax) == (0, links["packets"].max())
