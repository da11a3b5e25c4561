"""Every page in a browser: desktop and phone, light and dark, on paper; nothing is fetched, cut, too wide or too small, and tables sort."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from chipsim.cli.app import main

playwright = pytest.importorskip("playwright.sync_api", reason="playwright is not installed; pip install -e '.[pages]'")
CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(CHROMIUM is None, reason="no Chromium on the path (Debian: apt-get install chromium)"),
]

PAGES = {
    "run": ("run", "text-small"),
    "spiking run": ("run", "lif-small"),
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

LEAST_SHOWN = {1300: 10, 900: 8, 700: 8, 500: 8, 420: 8, 360: 6.5}
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
    for name, words in PAGES.items():
        folder = tmp_path_factory.mktemp("page") / "out"
        assert main([*words, "--out", str(folder), "--quiet"]) == 0
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
