"""Numbers for people, and what a report reads and writes."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import replace
from importlib.resources import files
from pathlib import Path

import pytest

from chipsim.errors import UsageError
from chipsim.quantity import count, digits, percent, plural, rate, si
from reports.figures.base import log_ticks
from reports.html import build_report
from reports.run import Run
from reports.scope import settings


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
    (tmp_path / "summary.json").write_text('{"digest": "0"}', encoding="utf-8")
    with pytest.raises(UsageError, match=r"of an earlier version: it does not say which program ran \(kind\)"):
        build_report(tmp_path)


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
