"""Every page in a browser: desktop and phone, light and dark, on paper; nothing is fetched, cut, too wide or too small, and tables sort."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from chipsim.cli.app import main
from chipsim.quantity import digits, si

playwright = pytest.importorskip("playwright.sync_api", reason="playwright is not installed; pip install -e '.[pages]'")
CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(CHROMIUM is None, reason="no Chromium on the path (Debian: apt-get install chromium)"),
]

PAGES = {
    "run": ("run", "text-small"),
    "spiking run": ("run", "lif-small"),
    "run of neurons in mV": ("run", "lif-small", "--set", "workload.path={lif}"),
    "log": ("run", "log-sample"),
    "map": ("map", "text-small"),
    "sweep": ("sweep", "static-power"),
    "noc": (
        "noc",
        "--chip",
        "altai-256",
        "--router",
        "wormhole",
        "--width",
        "8",
        "--load",
        "0.1:0.5:0.05,0.9",
        "--cycles",
        "3000",
    ),
    "bare noc": ("noc", "--topology", "tree", "--width", "15", "--arity", "2", "--load", "0.02,0.05,0.3", "--cycles", "2000"),
    "complexity": ("complexity", "--learned", "4096", "--lengths", "128,256,512", "--stretches", "2"),
    "scale": ("scale", "--workload", "lif", "--sizes", "1e3,2e3", "--rate", "10,50"),
}
"""What makes a page."""

COMPARISON = "comparison"
EVERY = (*PAGES, COMPARISON)
"""Names of all pages: the last is of two of the others, with little in common."""

SIZES = {"desktop": (1300, 900), "phone": (420, 900)}

PAPER = 718
"""CSS pixels between the margins of an A4 page."""

LEAST_PT = 9
"""Of text on paper."""

LEAST_SHOWN = {1300: 11, 900: 11, 700: 11, 600: 11, 500: 11, 420: 9.5, 360: 8}
"""CSS pixels of any text, by the width of the window."""

TOO_WIDE = """() => [...document.querySelectorAll('body *')]
  .filter(e => e.getBoundingClientRect().right > document.documentElement.clientWidth + 1 && getComputedStyle(e).position !== 'absolute')
  .map(e => e.tagName + '.' + (e.getAttribute('class') || '') + ': ' + e.textContent.slice(0, 40))"""

TOO_SMALL = """least => [...document.querySelectorAll('body *')]
  .filter(e => [...e.childNodes].some(n => n.nodeType === 3 && n.textContent.trim()))
  .filter(e => e.checkVisibility() && !e.closest('.hidden, script, style'))
  .map(e => {
    const svg = e.closest('svg');
    const scale = svg ? svg.getBoundingClientRect().width / svg.viewBox.baseVal.width : 1;
    return [parseFloat(getComputedStyle(e).fontSize) * scale * 0.75, e.textContent.trim().slice(0, 40)];
  }).filter(([size]) => size < least - 0.05)"""


@pytest.fixture(scope="module")
def pages(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """Pages by name, made by the command line."""
    made = {}
    lif = tmp_path_factory.mktemp("input") / "lif.npz"
    assert main(["new", "lif", str(lif), "--quiet"]) == 0
    for name, words in PAGES.items():
        folder = tmp_path_factory.mktemp("page") / "out"
        assert main([*(word.format(lif=lif) for word in words), "--out", str(folder), "--quiet"]) == 0
        (made[name],) = sorted(folder.glob("*.html"))[:1]
    made[COMPARISON] = tmp_path_factory.mktemp("page") / "compare.html"
    both = (str(made[name].parent) for name in ("run", "spiking run"))
    assert main(["compare", *both, "--page", str(made[COMPARISON]), "--quiet"]) == 0
    return made


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    """A browser without a window."""
    with playwright.sync_playwright() as driver:
        opened = driver.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield opened
        opened.close()


def opened(
    browser: Any, path: Path, size: tuple[int, int], scheme: str = "light", media: str = "screen"
) -> tuple[Any, list[str]]:
    """A page in a browser, and what it complained of or asked the network for."""
    page = browser.new_page(viewport={"width": size[0], "height": size[1]}, color_scheme=scheme)
    page.emulate_media(media=media, color_scheme=scheme)
    complaints: list[str] = []
    page.on("console", lambda message: complaints.append(message.text) if message.type in ("error", "warning") else None)
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.on(
        "request", lambda request: complaints.append(request.url) if not request.url.startswith(("file:", "data:")) else None
    )
    page.goto(path.as_uri())
    return page, complaints


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("name", EVERY)
def test_a_page_fits_any_screen(browser: Any, pages: dict[str, Path], name: str, size: str, scheme: str) -> None:
    page, complaints = opened(browser, pages[name], SIZES[size], scheme)
    assert complaints == []
    assert page.evaluate(TOO_WIDE) == []
    assert page.evaluate("document.documentElement.scrollWidth") <= SIZES[size][0], "no long word sticks out"
    page.close()


@pytest.mark.parametrize("width", LEAST_SHOWN)
@pytest.mark.parametrize("name", EVERY)
def test_texts_of_figures_are_read_at_any_width(browser: Any, pages: dict[str, Path], name: str, width: int) -> None:
    page, _ = opened(browser, pages[name], (width, 900))
    assert page.evaluate("document.documentElement.scrollWidth") <= width, (
        "between phone and desktop wide tables scroll by themselves"
    )
    assert page.evaluate(TOO_SMALL, 0.75 * LEAST_SHOWN[width]) == []
    page.close()


@pytest.mark.parametrize("name", EVERY)
def test_a_page_is_read_on_paper(browser: Any, pages: dict[str, Path], name: str) -> None:
    page, _ = opened(browser, pages[name], (PAPER, 1000), media="print")
    assert page.evaluate(TOO_WIDE) == []
    assert page.evaluate(TOO_SMALL, LEAST_PT) == []
    page.close()


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("name", EVERY)
def test_everybody_can_read_a_page(browser: Any, pages: dict[str, Path], name: str, scheme: str) -> None:
    axe = pytest.importorskip("axe_playwright_python.sync_playwright", reason="axe-playwright-python is not installed")
    page, _ = opened(browser, pages[name], SIZES["desktop"], scheme)
    found = axe.Axe().run(page).response["violations"]
    serious = [(one["id"], one["nodes"][0]["html"][:120]) for one in found if one["impact"] in ("serious", "critical")]
    assert serious == []
    page.close()


def read_energy(page: Path) -> dict[str, str]:
    """What the bars of the dynamic energy of a run have to say, from its table."""
    import pyarrow.parquet as pq

    table = pq.read_table(page.parent / "energy.parquet").to_pydict()
    lines = zip(table["action"], table["share"], table["joules"], strict=True)
    return {action: f"{action.replace('_', ' ')}: {si(j, 'J', 6)}" for action, share, j in lines if share != "static" and j > 0}


def test_values_of_a_figure_are_shown_under_a_pointer(browser: Any, pages: dict[str, Path]) -> None:
    page, complaints = opened(browser, pages["run"], SIZES["desktop"])
    expected = set(read_energy(pages["run"]).values())
    figure = page.locator("section[aria-labelledby=energy] figure")
    figure.scroll_into_view_if_needed()
    tip, panel = figure.locator(".tip"), figure.locator("svg").nth(1)
    assert not tip.is_visible()
    bars = [one.bounding_box() for one in panel.locator("g[id*=patch] > path").all()]
    shown = set()
    for box in (box for box in bars if 4 < box["width"] < 300 and 4 < box["height"] < 40):
        page.mouse.move(box["x"] + 0.7 * box["width"], box["y"] + box["height"] / 2)
        if tip.is_visible():
            shown.add(tip.inner_text())
            at = tip.bounding_box()
            assert at["x"] >= 0 and at["x"] + at["width"] <= SIZES["desktop"][0]
    listed = {text for text in shown if " others: " not in text}
    assert len(listed) >= 3 and listed <= expected
    page.mouse.move(5, 5)
    assert not tip.is_visible() and complaints == []
    page.close()


def test_cells_of_a_map_say_their_core_and_value(browser: Any, pages: dict[str, Path]) -> None:
    import pyarrow.parquet as pq

    cores = pq.read_table(pages["run"].parent / "cores.parquet").to_pydict()
    page, complaints = opened(browser, pages["run"], SIZES["phone"])
    figure = page.locator("section[aria-labelledby=chip-map] figure")
    panel, tip = figure.locator("svg").nth(1), figure.locator(".tip")
    panel.scroll_into_view_if_needed()
    box = panel.bounding_box()
    where = panel.evaluate(
        """svg => { const [group] = JSON.parse(svg.dataset.says), [x, y, w, h] = group.at, view = svg.viewBox.baseVal;
        return {x: (x - view.x) / view.width, y: (y - view.y) / view.height, w: w / view.width, h: h / view.height}; }"""
    )
    side = max(cores["x"]) + 1
    for core, x, y, share in zip(cores["core"], cores["x"], cores["y"], cores["utilisation"], strict=True):
        at = {axis: where[axis] + (place + 0.5) / side * where[size] for axis, size, place in (("x", "w", x), ("y", "h", y))}
        page.mouse.move(box["x"] + at["x"] * box["width"], box["y"] + at["y"] * box["height"])
        assert tip.inner_text() == f"Time busy, core {core} at ({x}, {y}): {digits(100 * share)} %"
    assert page.evaluate("document.documentElement.scrollWidth") <= SIZES["phone"][0] and complaints == []
    page.close()


@pytest.mark.parametrize("name", PAGES)
def test_keys_go_from_value_to_value(browser: Any, pages: dict[str, Path], name: str) -> None:
    page, complaints = opened(browser, pages[name], SIZES["desktop"])
    figures = page.locator("figure:has(.tip)")
    assert figures.count() >= 1
    for figure in figures.all()[:4]:
        image, tip = figure.locator(".image"), figure.locator(".tip")
        image.focus()
        seen = []
        for key in ("End", "Home", "ArrowRight", "ArrowLeft"):
            page.keyboard.press(key)
            seen.append(tip.inner_text())
        assert all(seen) and seen[1] == seen[3]
        page.keyboard.press("Escape")
        assert not tip.is_visible()
        page.keyboard.press("ArrowRight")
        assert tip.inner_text() == seen[1]
        page.locator("h1").click()
        image.evaluate("e => e.blur()")
        assert not tip.is_visible()
    assert complaints == []
    page.close()


def test_cells_take_names_from_their_columns_and_rows(browser: Any) -> None:
    """Rows from the bottom to the top, as in a raster; a cell without a value says nothing."""
    script = (Path(__file__).parents[2] / "reports/templates/hover.js").read_text()
    group = {"at": [10, 90, 80, -80], "texts": ["", "5", "7", "9"], "words": "{0} at {x} of {y}"}
    group |= {"rows": 2, "columns": 2, "x": ["a", "b"], "y": ["low", "high"]}
    ground = "<rect width='100' height='100' fill='none' pointer-events='all'/>"
    image = f"<svg viewBox='0 0 100 100' width='100' height='100' data-says='{json.dumps([group])}'>{ground}</svg>"
    figure = f"<figure style='margin:0'><div class='image' tabindex='0'>{image}</div></figure>"
    page = browser.new_page()
    page.set_content(f"<body style='margin:0'>{figure}<script>{script}</script>")
    shown = {}
    for name, x, y in (("low a", 25, 75), ("low b", 70, 70), ("high a", 30, 30), ("high b", 70, 30)):
        page.mouse.move(99, 1)
        page.mouse.move(x, y)
        shown[name] = page.locator(".tip").inner_text() if page.locator(".tip").is_visible() else ""
    assert shown == {"low a": "", "low b": "5 at b of low", "high a": "7 at a of high", "high b": "9 at b of high"}
    page.close()


def test_a_finger_shows_a_value(browser: Any, pages: dict[str, Path]) -> None:
    context = browser.new_context(viewport={"width": 420, "height": 900}, has_touch=True)
    page = context.new_page()
    page.goto(pages["spiking run"].as_uri())
    panel = page.locator("section[aria-labelledby=raster] svg").nth(1)
    panel.scroll_into_view_if_needed()
    box = panel.bounding_box()
    page.touchscreen.tap(box["x"] + box["width"] / 2, box["y"] + 0.7 * box["height"])
    assert page.locator("section[aria-labelledby=raster] .tip").inner_text().startswith("step ")
    context.close()


@pytest.mark.parametrize("name", ["run", "sweep", "noc"])
def test_tables_sort_and_filter(browser: Any, pages: dict[str, Path], name: str) -> None:
    page, complaints = opened(browser, pages[name], SIZES["desktop"])
    table = page.locator(".scroll > table").filter(has=page.locator("th.n button")).first
    heads = table.locator("th")
    column = next(n for n in range(heads.count()) if "n" in (heads.nth(n).get_attribute("class") or ""))
    button = heads.nth(column).locator("button")
    orders = []
    for _ in range(2):
        button.click()
        orders.append(table.locator(f"tbody tr td:nth-child({column + 1})").all_inner_texts())
        assert heads.nth(column).get_attribute("aria-sort") in ("ascending", "descending")
    assert orders[0] == orders[1][::-1] or len(set(orders[0])) < len(orders[0])
    field = page.locator("input.filter").first
    rows = page.locator("input.filter + .scroll tbody tr").first.locator("xpath=..").locator("tr")
    every = rows.count()
    field.fill("no such thing anywhere")
    assert rows.filter(visible=True).count() == 0
    field.fill("")
    assert rows.filter(visible=True).count() == every > 8
    assert complaints == []
    page.close()
