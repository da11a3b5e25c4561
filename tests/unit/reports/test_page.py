"""Pages of reports: self-contained, and saying what the tables say."""

from __future__ import annotations

import gc
import re
from collections import Counter
from dataclasses import replace
from html.parser import HTMLParser
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest

from reports.content import sheets
from reports.html import build_report, page
from reports.influence import by_influence
from reports.markdown import markdown
from reports.markdown import prose as in_markdown
from reports.page import prose, units
from reports.pictures import uncollected
from reports.run import Run
from reports.scope import settings
from reports.story import Story, tell
from tests.needs import needs
from tests.report_runs import KEYS, changed_run, run_of


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
    assert found.tags["script"] == 1 and "<script>\n" in text, "the one that sorts and filters tables stands in the page"
    assert not found.tags["iframe"] and not found.tags["img"]
    assert all(target.startswith(("#", "data:")) for target in found.targets)
    assert all(target.startswith(("#", "data:")) for target in re.findall(r"url\(([^)]*)\)", text))
    assert "@import" not in text
    assert [name for name, times in Counter(found.ids).items() if times > 1] == []
    assert {target[1:] for target in found.targets if target.startswith("#")} <= set(found.ids)


def test_page_shows_all_figures_with_numbers_for_those_who_cannot_see_them(story: Story) -> None:
    found = _Page(page(story))
    assert found.tags["svg"] > len(found.labels) == len(KEYS), "a figure of several panels has one drawing for each"
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
    order = by_influence(small.tables)
    assert sorted(order) == list(range(len(constants["path"]))) and order[0] == list(constants["path"]).index(
        "power.static_per_core"
    )
    assert [line[0] for line in sheet.lines] == [constants["path"][row] for row in order]
    assert [line[2] for line in sheet.lines] == [constants["grade"][row] for row in order]
    text = markdown(story)
    assert all(source.split(",")[0].split("(")[0] in text for source in constants["source"])


def test_a_table_of_a_figure_stands_under_it(story: Story) -> None:
    text = page(story)
    at = [text.index(f'id="{name}"') for name in ("influence", "sheet-influence", "energy", "sheet-constants")]
    assert at == sorted(at)
    assert 'href="#sheet-influence"' not in text and 'href="#sheet-constants"' in text


def test_text_of_the_user_is_never_markup(story: Story) -> None:
    named = replace(story, title="<script>alert(1)</script> | *x*")
    assert "<script>alert" not in page(named)
    assert "&lt;script&gt;alert(1)" in page(named)
    assert r"\<script\>alert(1)\</script\> \| \*x\*" in markdown(named)


def test_lines_do_not_end_between_a_number_and_its_unit(story: Story) -> None:
    assert (
        units("drew 1.98 mW (5 %) in 3 steps, 2 million events/s")
        == "drew 1.98\xa0mW (5\xa0%) in 3 steps, 2\xa0million events/s"
    )
    assert f"{story.verdict.headline}".replace(" mW", "\xa0mW") in page(story)
    again = re.search(r"<h2[^>]*>Run it again.*", page(story), re.DOTALL)
    assert again and "\xa0" not in again.group(), "what is copied has plain blanks"


def test_title_names_what_ran_where(small: Run, golden: Run) -> None:
    compiled = replace(small, summary=dict(small.summary, engine="compiled"))
    assert tell(compiled).title == "text-small on mesh-16, 16 cores of 64 neurons · compiled engine"
    assert tell(golden).title == "text-small in software, without a chip (golden engine)"


def test_markdown_tables_are_rectangular_and_hold_the_tables(story: Story) -> None:
    lines = markdown(story).splitlines()
    widths = [
        len(re.findall(r"(?<!\\)\|", line)) if line.startswith("|") else 0 for line in lines
    ]  # a cell may hold an escaped bar
    for above, below in pairwise(widths):
        assert not (above and below) or above == below
    assert sum(line.startswith("| ") and "assumed" in line for line in lines) >= 20


@needs("nsn")
def test_interrupted_and_limited_runs_say_so(tmp_path: Path) -> None:
    stopped = run_of(tmp_path / "stopped", "text-small", "engine=reference", stop_after=2)
    assert stopped.summary["status"] == "interrupted"
    whole = tell(stopped)
    assert "<strong>Interrupted.</strong>" in page(whole) and "Status: interrupted." in markdown(whole)
    limited = run_of(tmp_path / "limited", "text-small", 'until="5 ms"')
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
@needs("nsn")
def test_chips_of_every_shape_have_a_report(tmp_path: Path, sets: list[str]) -> None:
    run = run_of(tmp_path / "run", "log-sample", *sets)
    text = page(tell(run))
    _Page(text)
    assert len(text.encode()) < 3_000_000
    assert ("no links between tiles" in text) == (sets[0] == "chip.noc.width=1")


def test_tables_may_be_empty_or_missing(small: Run) -> None:
    empty = {name: {column: values[:0] for column, values in table.items()} for name, table in small.tables.items()}
    for run in (changed_run(small, **empty), changed_run(small, **dict.fromkeys(small.tables))):
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
    story = tell(changed_run(small, links=links, layers=layers, growth=nothing))
    shown = {picture.key: picture for picture in story.pictures}
    assert shown["link-map"].caption == "No packet crossed any link in this run." and not shown["link-map"].svg
    assert "added no neuron" in shown["growth"].caption and shown["growth"].svg


@needs("nsn")
def test_what_of_a_log_was_not_taken_as_it_stands_is_in_the_page(tmp_path: Path, small: Run) -> None:
    run = run_of(tmp_path / "run", "log-sample", "engine=golden")
    for text in (page(tell(run)), markdown(tell(run))):
        assert (
            "3 lines skipped, 44 events left out by workload.only" in text
            and "all else as it stands: nothing repeated, late or moved" in text
        )
    given = {"skipped_lines": 0, "repeated_events": 7, "late_events": 2, "late_max_s": 4.0, "repeated_hours": 1}
    given |= {"repeated_hours_at": ["line 2"], "events_moved_by_hours": 5, "leap_seconds": 1, "time_unit": "ms"}
    text = page(tell(changed_run(run, {"nsn.input": given})))
    for said in (
        "every line",
        "7 events told as repetitions",
        "2 late events set",
        "1 hour came twice, at line 2: 5 events moved",
    ):
        assert said in text
    assert "1 time in a leap second; times read as ms since 1970" in text
    assert "Log as read" not in page(tell(small)), "a text is no log"


def test_text_in_figures_is_text_and_panels_stand_apart(story: Story) -> None:
    """Text can be searched and read out; a figure's panels can stand below each other, each with all of its own."""
    power = next(one for one in story.pictures if one.key == "power")
    panels = re.findall(r"<svg.*?</svg>", power.svg, re.DOTALL)
    assert len(panels) == 2
    assert ">In this run</text>" in panels[0] and ">At other rates of the same kind of events</text>" in panels[1]
    assert ">hottest core, measured</text>" in panels[1] and ">hottest core, measured</text>" not in panels[0]
    growth = next(one for one in story.pictures if one.key == "growth")
    assert ">Stored at the end</text>" in growth.svg, "axes within axes do not shift which are a panel's"


def test_commands_in_sentences_are_code_and_the_rest_is_escaped() -> None:
    assert prose("5 mW: `chipsim run 'a=[b]' <x>` & more") == (
        "5\N{NO-BREAK SPACE}mW: <code>chipsim run &#39;a=[b]&#39; &lt;x&gt;</code> &amp; more"
    )
    assert prose("one ` alone < two") == "one ` alone &lt; two"
    assert in_markdown("a_b `c_d [e]` f|") == "a\\_b `c_d [e]` f\\|" and in_markdown("a`") == "a\\`"


def test_drawing_leaves_the_collection_of_garbage_as_it_was() -> None:
    for before in (True, False):
        (gc.enable if before else gc.disable)()
        try:
            with uncollected(), uncollected():
                assert not gc.isenabled()
            assert gc.isenabled() is before
            with pytest.raises(ValueError, match="drawn"), uncollected():
                raise ValueError("not drawn")
            assert gc.isenabled() is before
        finally:
            gc.enable()
