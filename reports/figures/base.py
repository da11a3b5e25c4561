"""What all figures share: colours that colour-blind readers can tell apart, one look, and rendering to SVG and PNG."""

from __future__ import annotations

import io
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import matplotlib
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

from reports.run import Summary, Tables

# Okabe and Ito, "Color universal design" (2008).
BLUE, ORANGE, GREEN, RED, SKY, PURPLE = "#0072b2", "#e69f00", "#009e73", "#d55e00", "#56b4e9", "#cc79a7"
INK = "#1f2329"
"""Text and lines; the page replaces it by its own text colour, so a figure reads on light and dark ground."""
MUTED = "#7a828c"
FAINT = 0.14
"""Opacity of INK where nothing happened."""
SEQUENTIAL = "cividis"

SHARE_COLOURS = {"static": MUTED, "core": BLUE, "router": GREEN, "link": SKY, "interchip": PURPLE, "host": ORANGE}

WIDTH = 10.0
"""Inches; 960 CSS pixels, the width of the page's text."""

_LOOK = {
    "font.family": "DejaVu Sans",
    "font.size": 9.5,
    "axes.titlesize": 10.5,
    "axes.titlelocation": "left",
    "axes.titlepad": 9,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.edgecolor": INK,
    "axes.labelcolor": INK,
    "axes.facecolor": "none",
    "axes.grid": False,
    "axes.axisbelow": True,
    "grid.color": INK,
    "grid.alpha": 0.13,
    "grid.linewidth": 0.7,
    "text.color": INK,
    "xtick.color": INK,
    "ytick.color": INK,
    "legend.frameon": False,
    "figure.facecolor": "none",
    "savefig.facecolor": "none",
    "svg.fonttype": "path",
}


class NothingToDrawError(Exception):
    """The run has nothing for this figure; the message is the sentence that stands in its place."""


@dataclass(frozen=True, slots=True)
class Drawing:
    """One figure of the report.

    Attributes:
        key: short name, unique; used in anchors and ids.
        title: heading.
        draw: makes the figure; raises NothingToDrawError with a sentence when the run has nothing for it.
        caption: what to read from it, with this run's numbers.
        alt: what it shows, for those who cannot see it.
    """

    key: str
    title: str
    draw: Callable[[Summary, Tables], Figure]
    caption: Callable[[Summary, Tables], str]
    alt: Callable[[Summary, Tables], str]


@contextmanager
def look() -> Iterator[None]:
    """The common look, for the time of drawing and rendering only; matplotlib's global settings stay as they were."""
    with matplotlib.rc_context(_LOOK):
        yield


def new_figure(height: float, columns: int = 1, widths: list[float] | None = None) -> tuple[Figure, list[Axes]]:
    """A figure of the page's width, ``height`` inches, with axes side by side."""
    figure = Figure(figsize=(WIDTH, height), layout="constrained")
    axes = figure.subplots(1, columns, squeeze=False, width_ratios=widths)
    return figure, list(axes[0])


def svg(figure: Figure, key: str) -> str:
    """An ``<svg>`` element to be put into a page: ids unique by ``key``, text colour from the page, same bytes every time."""
    out = io.StringIO()
    with look(), matplotlib.rc_context({"svg.hashsalt": key}):
        figure.savefig(out, format="svg", metadata={"Date": None, "Creator": None})
    text = out.getvalue()
    text = text[text.index("<svg") :]
    text = re.sub(r"<metadata>.*?</metadata>", "", text, flags=re.DOTALL)
    text = re.sub(r'\bid="([^"]+)"', rf'id="{key}-\1"', text)
    text = re.sub(r'href="#([^"]+)"', rf'href="#{key}-\1"', text)
    text = re.sub(r"url\(#([^)]+)\)", rf"url(#{key}-\1)", text)
    text = text.replace(INK, "currentColor")
    # Sized by the page; named for screen readers by the text around it.
    tag, rest = text.split(">", 1)
    return re.sub(r' (?:width|height)="[^"]+"', "", tag) + ' aria-hidden="true" focusable="false">' + rest


def png(figure: Figure, dpi: int = 110) -> bytes:
    """A PNG on white ground, for viewers that show no SVG."""
    out = io.BytesIO()
    with look():
        FigureCanvasAgg(figure)
        figure.savefig(out, format="png", dpi=dpi, facecolor="white")
    return out.getvalue()
