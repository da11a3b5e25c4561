"""What all figures share: colours that colour-blind readers can tell apart, one look, and rendering to SVG and PNG."""

from __future__ import annotations

import io
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import matplotlib
import numpy as np
import numpy.typing as npt
from matplotlib.axes import Axes
from matplotlib.axis import Axis
from matplotlib.backends.backend_svg import FigureCanvasSVG
from matplotlib.cm import ScalarMappable
from matplotlib.colors import ListedColormap, LogNorm, Normalize
from matplotlib.figure import Figure
from matplotlib.text import Text
from matplotlib.ticker import FuncFormatter, MaxNLocator
from matplotlib.transforms import Bbox

from chipsim.lookup import Summary, Tables
from reports.figures.arrange import arrange, panels_of
from reports.figures.hover import says

# Okabe and Ito, "Color universal design" (2008).
BLUE, ORANGE, GREEN, RED, SKY, PURPLE = "#0072b2", "#e69f00", "#009e73", "#d55e00", "#56b4e9", "#cc79a7"
INK = "#1f2329"
"""Text and lines; the page replaces it by its own text colour, so a figure reads on light and dark ground."""
MUTED = "#7a828c"
FAINT = 0.14
"""Opacity of INK where nothing happened."""
# Viridis without its ends: the darkest would vanish on dark ground, the lightest on white.
SEQUENTIAL = ListedColormap(matplotlib.colormaps["viridis"](np.linspace(0.24, 0.94, 256)), name="viridis-inner")
PALETTE = {"blue": BLUE, "orange": ORANGE, "green": GREEN, "red": RED, "sky": SKY, "purple": PURPLE, "muted": MUTED}
"""Colours that the page gives lighter values on dark ground (``look.css``), by the names of its variables."""

SHARE_COLOURS = {"static": MUTED, "core": BLUE, "router": GREEN, "link": SKY, "interchip": PURPLE, "host": ORANGE}

FONTS = "'DejaVu Sans', Verdana, sans-serif"
"""Of figures: the first is what was measured with, the second is as wide."""

PRINT_PX, PAPER_PX = 12.1, 704
"""On paper: CSS pixels of text, a little over 9 pt, and of a figure between the margins of an A4 page."""

WIDEST = 1.6
"""CSS pixels per point of a panel, at most."""

LEAST_TEXT, READABLE_PX = 9.25, 11.0
"""Points of the smallest text of a figure; CSS pixels of it below which panels no longer stand beside each other."""

WIDTH = 9.6
"""Inches of a figure, as wide as the page's text (960 CSS pixels)."""

ONE_PANEL = 4.8
"""Inches of a panel that stands alone: what is wider has texts on a phone that are too small to read."""

_LINEAR_SPAN = 20  # ratio of largest to smallest up to which a linear scale shows both

_LOOK: Any = {
    "font.family": "DejaVu Sans",
    "font.size": 9.5,
    "axes.titlesize": 10.5,
    "axes.titlelocation": "left",
    "axes.titlepad": 9,
    "axes.titley": 1.0,  # not looked for: that measures all texts again
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
    "svg.fonttype": "none",
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


def new_figure(
    height: float, columns: int = 1, widths: list[float] | None = None, width: float = WIDTH
) -> tuple[Figure, list[Axes]]:
    """A figure of the page's width, or fewer inches for a small one, ``height`` inches high, with axes side by side."""
    figure = Figure(figsize=(width, height))
    axes = figure.subplots(1, columns, squeeze=False, width_ratios=widths)
    return figure, list(axes[0])


def spans_decades(values: npt.NDArray[np.float64]) -> bool:
    """Whether the positive values span so much that a linear scale would show one bright spot and nothing else."""
    positive = values[values > 0]
    return len(positive) > 1 and bool(positive.max() > _LINEAR_SPAN * positive.min())


def colour_scale(values: npt.NDArray[np.float64]) -> Normalize:
    """From zero to the largest value, or logarithmic from the smallest to the largest where they span decades."""
    positive = values[values > 0]
    if not len(positive):
        return Normalize(0, 1)
    return LogNorm(positive.min(), positive.max()) if spans_decades(values) else Normalize(0, positive.max())


def log_ticks(low: float, high: float, most: int) -> list[float]:
    """Ticks of a logarithmic scale within [low, high]: at 1, 2 and 5, or 1 and 3, or powers of ten, whatever gives at most ``most``.

    Where fewer than two of these lie in it, at other round numbers.
    """
    powers = range(int(np.floor(np.log10(low))), int(np.ceil(np.log10(high))) + 1)
    for steps in ((1.0, 2.0, 5.0), (1.0, 3.0), (1.0,)):
        ticks = [at for power in powers for step in steps if low <= (at := step * 10.0**power) <= high]
        if len(ticks) < 2:
            return [float(at) for at in MaxNLocator(most).tick_values(low, high) if low <= at <= high][:most]
        if len(ticks) <= most:
            return ticks
    return ticks[:: -(-len(ticks) // most)]


def whole_ticks(axis: Axis, low: float, high: float, most: int = 6) -> None:
    """Ticks of an axis that counts things: at whole numbers within [low, high]."""
    found = MaxNLocator(most, integer=True).tick_values(low, high)
    axis.set_ticks([one for one in map(float, found) if low <= one <= high and one.is_integer()])


def ink_on(colour: tuple[float, float, float, float]) -> str:
    """Black or white, whichever reads better on a colour."""
    linear = [one / 12.92 if one <= 0.04045 else ((one + 0.055) / 1.055) ** 2.4 for one in colour[:3]]
    return "#000000" if 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2] > 0.18 else "#ffffff"


def map_height(width: int, height: int) -> float:
    """Inches of a figure with two maps of ``width`` by ``height`` cells beside each other; small chips get a small one."""
    return min(7.0, max(2.0, 0.85 + min(3.75 * height / width, 1.0 * height)))


def colour_bar(axes: Axes, drawn: ScalarMappable, text: Callable[[float], str]) -> None:
    """A slim scale beside a map."""
    bar = axes.figure.colorbar(drawn, ax=axes, shrink=0.9, pad=0.02, aspect=28)
    norm = drawn.norm
    if isinstance(norm, LogNorm):
        bar.set_ticks(log_ticks(float(norm.vmin or 1.0), float(norm.vmax or 1.0), 6))
    bar.outline.set_visible(False)
    bar.ax.minorticks_off()
    bar.ax.yaxis.set_major_formatter(FuncFormatter(lambda number, _: text(number)))


def svg(figure: Figure, key: str) -> str:
    """One ``<svg>`` element per panel, to be put into a page: ids unique by ``key``, text that is text, colours from the page.

    The page puts panels beside each other where there is room, else below each other. What marks say (``hover``) goes with each panel. The
    same figure gives the same bytes.
    """
    out = io.StringIO()
    for one in figure.findobj(Text):
        assert isinstance(one, Text)
        one.set_fontsize(max(one.get_fontsize(), LEAST_TEXT))
    with look(), matplotlib.rc_context({"svg.hashsalt": key}):
        arrange(figure)
        panels = panels_of(figure, _on_paper)
        # Not savefig: it draws twice, once only to have drawn.
        FigureCanvasSVG(figure).print_svg(out, metadata={"Date": None, "Creator": None})
    text = out.getvalue()
    text = text[text.index("<svg") :]
    text = re.sub(r"<metadata>.*?</metadata>", "", text, flags=re.DOTALL)
    seen: set[str] = set()

    def unique(found: re.Match[str]) -> str:
        """Ids hash what they name, so equal pictures (two colour scales) share one: the first keeps it."""
        name = found.group(1)
        if name in seen:
            return ""
        seen.add(name)
        return f' id="{key}-{name}"'

    text = re.sub(r'\sid="([^"]+)"', unique, text)
    text = re.sub(r'href="#([^"]+)"', rf'href="#{key}-\1"', text)
    text = re.sub(r"url\(#([^)]+)\)", rf"url(#{key}-\1)", text)
    text = text.replace(INK, "currentColor").replace("'DejaVu Sans'", FONTS)
    for name, colour in PALETTE.items():
        text = text.replace(f": {colour}", f": var(--{name}, {colour})")
    said = (says(figure, [figure.axes[number - 1] for number in axes], box) for axes, box in panels)
    return "".join(_panel(text, key, axes, box, values) for (axes, box), values in zip(panels, said, strict=True))


def _on_paper(width: float) -> float:
    """Size of text in a panel of a width, in its own units, that is large enough on paper."""
    return PRINT_PX * width / min(WIDEST * width, PAPER_PX)


def _panel(text: str, key: str, axes: list[int], box: Bbox, values: str) -> str:
    """The part of a figure's SVG that shows some of its axes, with an attribute of its values; the first panel has what all refer to.

    Matplotlib writes the groups of a figure at one depth, axes in their order, and definitions behind them.
    """
    head, body = text.split(f'<g id="{key}-figure_1">\n', 1)
    inside, tail = body.rsplit("\n </g>\n", 1)
    parts = re.split(r"(?m)^(?=  <g id=)", inside)
    # axes within axes, such as a second scale, have numbers too: those of the figure are counted
    drawn = [part for part in parts if part.startswith(f'  <g id="{key}-axes_')]
    kept = parts if len(drawn) == len(axes) else [drawn[number - 1] for number in axes]
    first = 1 in axes
    width, height = box.width, box.height
    basis = width * READABLE_PX / LEAST_TEXT
    style = f"flex: {width:.0f} 1 {basis:.0f}px; max-width: {WIDEST * width:.0f}px; --print: {_on_paper(width):.1f}px"
    tag = f'<svg xmlns:xlink="http://www.w3.org/1999/xlink" viewBox="{box.x0:.2f} {box.y0:.2f} {width:.2f} {height:.2f}" style="{style}"'
    definitions = head[head.index("<defs>") :] if first and "<defs>" in head else ""
    # named for screen readers by the text around it
    return f'{tag} aria-hidden="true" focusable="false"{values}>{definitions}<g>\n{"".join(kept)}\n</g>{tail if first else "</svg>"}'


def png(figure: Figure, dpi: int = 110) -> bytes:
    """A PNG on white ground, for viewers that show no SVG."""
    out = io.BytesIO()
    with look():
        arrange(figure)
        figure.savefig(out, format="png", dpi=dpi, facecolor="white")
    return out.getvalue()
