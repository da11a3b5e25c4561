"""Reports: made from real runs of every shape, self-contained, and saying what the tables say."""

from __future__ import annotations

import re
import subprocess
import sys
from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from html.parser import HTMLParser
from importlib.resources import files
from itertools import pairwise
from pathlib import Path
from typing import Any

import matplotlib
import numpy as np
import pytest
from matplotlib.collections import PolyCollection

from chipsim.config.load import load_experiment
from chipsim.engines.base import Watch
from chipsim.errors import UsageError
from chipsim.lookup import number
from chipsim.pipeline import simulate
from chipsim.quantity import count, digits, percent, plural, rate, si
from chipsim.results.store import write_run
from reports.content import facts, sheets
from reports.figures import (
    NothingToDrawError,
    chip_map,
    drawings_of,
    energy,
    growth,
    latency,
    link_map,
    look,
    network,
    png,
    power,
)
from reports.figures.base import log_ticks, svg
from reports.html import build_report, page
from reports.markdown import markdown
from reports.run import Run, load_run
from reports.scope import settings
from reports.story import Story, tell
from reports.verdict import verdict

KEYS = ["power", "energy", "chip-map", "link-map", "network", "latency", "growth"]


def _run(folder: Path, name: str, *sets: str, stop_after: int | None = None) -> Run:
    """A real run, written to its folder and read back."""
    asked = iter(range(10**9))
    stop: Callable[[], bool] = (lambda: False) if stop_after is None else (lambda: next(asked) >= stop_after)
    write_run(folder, simulate(load_experiment(name, list(sets)), Watch(stop=stop)))
    return load_run(folder)


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> Run:
    return _run(tmp_path_factory.mktemp("runs") / "small", "text-small")


@pytest.fixture(scope="module")
def story(small: Run) -> Story:
    return tell(small)


@pytest.fixture(scope="module")
def golden(tmp_path_factory: pytest.TempPathFactory) -> Run:
    return _run(tmp_path_factory.mktemp("runs") / "golden", "text-small", "engine=golden")


def _with(run: Run, summary: dict[str, Any] | None = None, **tables: Any) -> Run:
    """The run with dotted paths of its summary and whole tables replaced; a table of None is taken away."""
    changed = dict(run.summary)
    for path, item in (summary or {}).items():
        head, _, tail = path.partition(".")
        changed[head] = {**changed[head], tail: item} if tail else item
    kept = {name: table for name, table in {**run.tables, **tables}.items() if table is not None}
    return replace(run, summary=changed, tables=kept)


# -- the page ----------------------------------------------------------------------------------------------------------------


class _Page(HTMLParser):
    """Collects what a browser would load or jump to, and checks that every element is closed."""

    VOID = frozenset({"meta", "link", "br"})

    def __init__(self, text: str) -> None:
        super().__init__()
        self.ids: list[str] = []
        self.targets: list[str] = []
        self.tags: Counter[str] = Counter()
        self.labels: list[str] = []
        self._open: list[str] = []
        self.feed(text)
        self.close()
        assert self._open == [], f"never closed: {self._open}"

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        found = dict(attrs)
        self.tags[tag] += 1
        self.ids += [str(found["id"])] if "id" in found else []
        self.targets += [str(found[key]) for key in ("href", "src", "xlink:href") if key in found]
        if found.get("role") == "img":
            self.labels.append(str(found.get("aria-label")))
        if tag not in self.VOID:
            self._open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attrs)
        if tag not in self.VOID:
            self._open.pop()

    def handle_endtag(self, tag: str) -> None:
        assert self._open and self._open.pop() == tag, f"</{tag}> closes nothing"


def test_page_loads_nothing_and_every_anchor_exists(story: Story) -> None:
    text = page(story)
    found = _Page(text)
    assert len(text.encode()) < 3_000_000
    assert not found.tags["script"] and not found.tags["iframe"] and not found.tags["img"]
    assert all(target.startswith(("#", "data:")) for target in found.targets)
    assert all(target.startswith(("#", "data:")) for target in re.findall(r"url\(([^)]*)\)", text))
    assert "@import" not in text
    assert [name for name, times in Counter(found.ids).items() if times > 1] == []
    assert {target[1:] for target in found.targets if target.startswith("#")} <= set(found.ids)


def test_page_shows_all_figures_with_numbers_for_those_who_cannot_see_them(story: Story) -> None:
    found = _Page(page(story))
    assert found.tags["svg"] == len(found.labels) == len(KEYS)
    assert all(re.search(r"\d", label) and len(label) > 80 for label in found.labels)


def test_page_carries_digests_settings_and_the_command_to_repeat(small: Run, story: Story) -> None:
    text = page(story)
    assert small.summary["digest"] in text and small.summary["functional_digest"] in text
    assert "chipsim run experiment.yaml --out again" in text
    assert dict(settings(small))["workload.learned"] == "1500"
    assert dict(settings(small))["chip.noc.router"] == "queued"


def test_report_of_a_folder_is_the_same_every_time_and_leaves_no_other_file(small: Run) -> None:
    before = {path.name for path in small.folder.iterdir()}
    path = build_report(small.folder)
    first = path.read_bytes(), (small.folder / "report.md").read_bytes()
    assert build_report(small.folder) == path == small.folder / "report.html"
    assert (path.read_bytes(), (small.folder / "report.md").read_bytes()) == first
    assert {one.name for one in small.folder.iterdir()} == before | {"report.html", "report.md"}


def test_every_constant_stands_on_the_page_with_grade_and_source(small: Run, story: Story) -> None:
    sheet = next(sheet for sheet in sheets(small) if sheet.key == "constants")
    constants = small.tables["constants"]
    assert [line[0] for line in sheet.lines] == list(constants["path"])
    assert [line[2] for line in sheet.lines] == list(constants["grade"])
    text = markdown(story)
    assert all(source.split(",")[0].split("(")[0] in text for source in constants["source"])


def test_text_of_the_user_is_never_markup(story: Story) -> None:
    named = replace(story, title="<script>alert(1)</script> | *x*")
    assert "<script" not in page(named)
    assert "&lt;script&gt;alert(1)" in page(named)
    assert r"\<script\>alert(1)\</script\> \| \*x\*" in markdown(named)


def test_title_names_what_ran_where(story: Story, golden: Run) -> None:
    assert story.title == "text-small on mesh-16, 16 cores of 64 neurons · compiled engine"
    assert tell(golden).title == "text-small in software, without a chip (golden engine)"


def test_markdown_tables_are_rectangular_and_hold_the_tables(story: Story) -> None:
    lines = markdown(story).splitlines()
    widths = [
        len(re.findall(r"(?<!\\)\|", line)) if line.startswith("|") else 0 for line in lines
    ]  # a cell may hold an escaped bar
    for above, below in pairwise(widths):
        assert not (above and below) or above == below
    assert sum(line.startswith("| ") and "assumed" in line for line in lines) >= 20


def test_interrupted_and_limited_runs_say_so(tmp_path: Path) -> None:
    stopped = _run(tmp_path / "stopped", "text-small", "engine=reference", stop_after=2)
    assert stopped.summary["status"] == "interrupted"
    whole = tell(stopped)
    assert "<strong>Interrupted.</strong>" in page(whole) and "Status: interrupted." in markdown(whole)
    limited = _run(tmp_path / "limited", "text-small", 'until="5 ms"')
    text = page(tell(limited))
    assert "Stopped at the set end" in text and "Interrupted" not in text


def test_golden_run_has_sentences_instead_of_figures(golden: Run) -> None:
    story = tell(golden)
    assert [picture.key for picture in story.pictures if picture.svg] == ["growth"]
    assert all(picture.caption.endswith(".") for picture in story.pictures)
    assert story.verdict.tone == "none"
    found = _Page(page(story))
    assert found.tags["svg"] == 1
    assert "unknown" not in [fact.value for fact in story.facts]


@pytest.mark.parametrize(
    "sets",
    [
        ["chip.noc.width=1", "chip.noc.height=1"],
        ["chip.noc.width=7", "chip.noc.height=1", "chip.noc.router=ideal"],
        ["chip.noc.width=2", "chip.noc.height=1", "chip.noc.concentration=5"],
        ["chip.noc.width=20", "chip.noc.height=24"],
        ["workload.rate=saturate"],
    ],
)
def test_chips_of_every_shape_have_a_report(tmp_path: Path, sets: list[str]) -> None:
    run = _run(tmp_path / "run", "log-sample", *sets)
    text = page(tell(run))
    _Page(text)
    assert len(text.encode()) < 3_000_000
    assert ("no links between tiles" in text) == (sets[0] == "chip.noc.width=1")


def test_tables_may_be_empty_or_missing(small: Run) -> None:
    empty = {name: {column: values[:0] for column, values in table.items()} for name, table in small.tables.items()}
    for run in (_with(small, **empty), _with(small, **dict.fromkeys(small.tables))):
        story = tell(run)
        _Page(page(story))
        missing = {picture.key for picture in story.pictures if not picture.svg}
        assert {"chip-map", "link-map", "latency", "growth"} <= missing


def test_run_without_traffic_or_growth(small: Run) -> None:
    links = {
        name: np.zeros_like(column) if name in ("packets", "flits", "wait_ps") else column
        for name, column in small.tables["links"].items()
    }
    layers = {**small.tables["layers"], "created": np.zeros_like(small.tables["layers"]["created"])}
    nothing = {column: values[:0] for column, values in small.tables["growth"].items()}
    story = tell(_with(small, links=links, layers=layers, growth=nothing))
    shown = {picture.key: picture for picture in story.pictures}
    assert shown["link-map"].caption == "No packet crossed any link in this run." and not shown["link-map"].svg
    assert "added no neuron" in shown["growth"].caption and shown["growth"].svg


# -- the verdict -------------------------------------------------------------------------------------------------------------


def test_verdict_names_the_constants_that_decide(small: Run) -> None:
    found = verdict(small.summary, small.tables)
    assert small.summary["claim"]["assumed"] == ["power.static_per_core"]
    assert found.tone == "depends" and "power.static_per_core" in found.headline
    assert "0.82 mW" in found.reasons[0] and "0 mW to 2 mW" in found.reasons[0] and "no longer hold" in found.reasons[0]


@pytest.mark.parametrize(
    ("mean", "word", "tone", "said"),
    [
        (0.9, "holds", "holds", "2 mW per core holds here: a core draws 0.9 mW"),
        (2.5, "fails", "fails", "2 mW per core does not hold here: a core draws 2.5 mW"),
        (2.5, "depends_on_assumed", "depends", "2.5 mW on average, above the budget"),
    ],
)
def test_verdict_follows_the_claim(small: Run, mean: float, word: str, tone: str, said: str) -> None:
    found = verdict(_with(small, {"power_per_core_mw.mean": mean, "claim.verdict": word}).summary, small.tables)
    assert found.tone == tone and said in found.headline
    assert any("would hold" in reason for reason in found.reasons) == (tone == "depends")


def test_hottest_core_above_the_budget_is_told(small: Run) -> None:
    hot = _with(small, {"power_per_core_mw.max": 3.0, "claim.verdict": "holds"})
    assert any("hottest core draws 3 mW" in reason for reason in verdict(hot.summary, hot.tables).reasons)
    assert not any("hottest" in reason for reason in verdict(small.summary, small.tables).reasons)


def test_a_million_neurons_is_arithmetic_on_full_cores_only(small: Run) -> None:
    made = {
        "claim.neurons": 2000,
        "mapping.cores_used": 10,
        "mapping.max_core_fill": 0.9,
        "chip.neurons_per_core": 500,
        "power_per_core_mw.mean": 1.0,
    }
    changed = small
    for path, item in made.items():
        changed = _with(changed, {path: item})
    reason = verdict(changed.summary, changed.tables).reasons[-1]
    assert (
        "a used core holds 200" in reason
        and "5,000 cores: 5 W" in reason
        and "10 W at the budget" in reason
        and "4 W (" in reason
    )
    slack = _with(_with(changed, {"mapping.max_core_fill": 0.1}), {"mapping.max_memory_fill": 0.1})
    assert not any("million neurons" in reason for reason in verdict(slack.summary, slack.tables).reasons)


def test_key_numbers_come_from_the_summary(small: Run) -> None:
    found = {fact.label: fact.value for fact in facts(small.summary, small.tables)}
    assert found["Events"] == "300"
    assert found["Neurons stored"] == f"{sum(layer['neurons'] for layer in small.summary['nsn']['layers']):,}"
    assert found["Energy"] == si(small.summary["energy_j"]["total"], "J")
    assert found["Replay"].startswith("exact")


# -- the figures -------------------------------------------------------------------------------------------------------------


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


def test_cores_of_one_tile_do_not_cover_each_other(tmp_path: Path) -> None:
    run = _run(tmp_path / "run", "log-sample", "chip.noc.width=3", "chip.noc.height=2", "chip.noc.concentration=3")
    cells = _collections(chip_map.draw(run.summary, run.tables), 1)
    centres = [tuple(path.vertices[:4].mean(axis=0).round(9)) for one in cells for path in one.get_paths()]
    assert len(set(centres)) == len(centres) == 18


@pytest.mark.parametrize(("role", "label"), [("", ""), ("root 3", "3"), ("records", "R"), ("root 0, root 1", "0+")])
def test_roles_are_marked_in_two_characters(role: str, label: str) -> None:
    assert chip_map.label(role) == label


def test_network_map_colours_routers_links_and_queues(small: Run) -> None:
    figure = network.draw(small.summary, small.tables)
    flits, use, waiting = (_collections(figure, axes)[-1].get_array() for axes in range(3))
    assert flits.tolist() == small.tables["routers"]["flits"].tolist()
    links, routers = small.tables["links"], small.tables["routers"]
    assert use.tolist() == links["utilisation"][links["utilisation"] > 0].tolist()
    assert waiting.tolist() == routers["waiting"][routers["waiting"] > 0].tolist()


def test_links_without_a_place_are_listed(small: Run) -> None:
    links = {**small.tables["links"], "direction": np.array([f"port {i % 3}" for i in range(48)])}
    run = _with(small, links=links)
    busiest = int(links["utilisation"].argmax())
    name = f"router {links['tile'][busiest]} to {links['to_tile'][busiest]}"
    for drawing in (network.DRAWING, link_map.DRAWING):
        axes = drawing.draw(run.summary, run.tables).axes[0]
        used = int((links["utilisation"] > 0).sum())
        assert axes.get_yticklabels()[0].get_text() == name and len(axes.patches) == used
        assert name in drawing.caption(run.summary, run.tables)
    assert next(sheet for sheet in sheets(run) if sheet.key == "links").lines[0][0] == f"router {links['tile'][busiest]}"


def test_network_sheets_say_what_the_summary_says(small: Run, tmp_path: Path) -> None:
    assert {key: key in {sheet.key for sheet in sheets(small)} for key in ("network", "flows")} == {
        "network": True,
        "flows": False,
    }
    probed = _run(tmp_path / "probed", "text-small", "probes=[packets]", "engine=reference", "workload.symbols=125")
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
        link_map.draw(small.summary, _with(small, links={**links, "packets": np.ones_like(links["packets"])}).tables), 0
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
    table = tables["latency"]
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


def test_power_curve_meets_the_budget_at_the_break_even(small: Run) -> None:
    figure = power.draw(small.summary, small.tables)
    curve = next(line for line in figure.axes[1].lines if line.get_label() == "mean core")
    at = number(small.summary, "claim.break_even_rate_hz")
    assert np.interp(at, curve.get_xdata(), curve.get_ydata()) == pytest.approx(2.0, rel=1e-3)
    now = small.summary["claim"]["rate_hz"]
    assert np.interp(now, curve.get_xdata(), curve.get_ydata()) == pytest.approx(
        small.summary["power_per_core_mw"]["mean"], rel=1e-6
    )


def test_spread_of_a_power_constant_is_read_from_its_row(small: Run) -> None:
    assert power.spread_mw(small.tables, "power.static_per_core") == (0.0, 2.0)
    assert power.spread_mw(small.tables, "power.nothing") is None
    row = {"path": np.array(["power.static_per_core"], object), "range": np.array(["about 1"], object)}
    assert power.spread_mw({"constants": row}, "power.static_per_core") is None


def test_a_figure_without_data_says_why(golden: Run) -> None:
    for module in (chip_map, link_map, energy, latency, power):
        with pytest.raises(NothingToDrawError, match=r"\.$"):
            module.draw(golden.summary, golden.tables)


# -- numbers and files -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("shown", "text"),
    [
        (si(8.2e-4, "W"), "820 µW"),
        (si(0.9996, "J"), "1 J"),
        (si(999.6e-6, "s"), "1 ms"),
        (si(0.0, "s"), "0 s"),
        (si(None, "s"), "unknown"),
        (si(float("nan"), "s"), "unknown"),
        (digits(1240.4), "1,240"),
        (digits(999.9), "1,000"),
        (digits(0.03124), "0.0312"),
        (digits(-2.5), "-2.5"),
        (digits(1.5e-12), "1.50e-12"),
        (count(2048.0), "2,048"),
        (rate(12.3e6), "12.3 million events/s"),
        (rate(750.0, "SOP"), "750 SOP/s"),
        (percent(0.0), "0 %"),
        (percent(1e-9), "< 0.0005 %"),
        (percent(0.99999), "> 99.9 %"),
        (percent(1.0), "100 %"),
        (plural(1, "neuron"), "1 neuron"),
        (plural(0, "event"), "0 events"),
    ],
)
def test_numbers_for_people(shown: str, text: str) -> None:
    assert shown == text


@pytest.mark.parametrize(("low", "high"), [(1.0, 2.0), (0.3, 40.0), (1e-9, 1e3), (7.0, 7.5)])
def test_logarithmic_ticks_are_few_and_inside(low: float, high: float) -> None:
    ticks = log_ticks(low, high, 6)
    assert len(ticks) <= 6 and all(low <= tick <= high for tick in ticks)


def test_what_is_no_run_folder_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="not a run folder"):
        build_report(tmp_path)
    with pytest.raises(UsageError, match="not a run folder"):
        build_report(tmp_path / "absent")


def test_settings_are_left_out_where_the_description_cannot_be_read(
    small: Run, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    (tmp_path / "experiment.yaml").write_text("chip: [\n", encoding="utf-8")
    assert settings(replace(small, folder=tmp_path)) == []
    assert "settings are left out" in caplog.text
    assert settings(replace(small, folder=tmp_path / "absent")) == []


def test_a_report_that_cannot_be_written_leaves_nothing_behind(golden: Run, tmp_path: Path) -> None:
    for path in golden.folder.iterdir():
        if path.is_file():
            (tmp_path / path.name).write_bytes(path.read_bytes())
    (tmp_path / "report.html").unlink(missing_ok=True)
    (tmp_path / "report.html").mkdir()
    before = sorted(path.name for path in tmp_path.iterdir())
    with pytest.raises(OSError):
        build_report(tmp_path)
    assert sorted(path.name for path in tmp_path.iterdir()) == before


def test_template_is_part_of_the_package() -> None:
    assert (files("reports") / "templates" / "report.html.j2").is_file()


def test_matplotlib_is_loaded_by_drawing_alone() -> None:
    code = "import sys, reports.html, reports.story; sys.exit(any(name in sys.modules for name in ('matplotlib', 'jinja2', 'pyarrow')))"
    assert subprocess.run([sys.executable, "-c", code], cwd=Path(__file__).parents[2], check=False).returncode == 0
