"""The tutorials as a newcomer would do them: files written as the page shows them, commands run as they stand, in an empty folder."""

from __future__ import annotations

import os
import re
import shlex
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.folders import ROOT
from tests.needs import needs
from tests.plugin.conftest import Done, run

TUTORIALS = ROOT / "docs" / "tutorials"
PAGES = sorted(page for page in TUTORIALS.glob("*.md") if page.name != "README.md")
EXAMPLE = Path(__file__).resolve().parent / "package" / "chipsim_example"

SAME = {
    "my_echo.py": "program.py",
    "my_cube.py": "topology.py",
    "my_ecube.py": "routing.py",
    "my_readers.py": "partitioner.py",
    "my_silent.py": "neuron.py",
}
"""Files of pages, and those of the example package that they are."""


def blocks(page: Path) -> Iterator[tuple[str, str]]:
    """Files that a page shows, by name, and commands, under the name ``sh``; of a file in parts, each by itself."""
    text = page.read_text(encoding="utf-8")
    for name, language, body in re.findall(r"(?:^`([\w./-]+)`:\n\n)?^```(\w*)\n(.*?)^```", text, re.MULTILINE | re.DOTALL):
        if name or language == "sh":
            yield name or language, body


def tools(folder: Path, root: Path) -> dict[str, str]:
    """An environment in which ``chipsim`` is this checkout, and ``pip`` installs into a folder of its own, offline."""
    site, tools = folder / "site", folder / "bin"
    tools.mkdir()
    python = shlex.quote(sys.executable)
    flags = "-q --no-deps --no-build-isolation --no-index --disable-pip-version-check --target"
    for name, line in {
        "chipsim": f'exec {python} -m chipsim.cli "$@"',
        "pip": f'[ "$*" = "install -e ." ] && exec {python} -m pip install {flags} {shlex.quote(str(site))} .',
    }.items():
        (tools / name).write_text(f"#!/bin/sh\n{line}\n")
        (tools / name).chmod(0o755)
    paths = {"PATH": f"{tools}{os.pathsep}{os.environ['PATH']}", "PYTHONPATH": f"{root}{os.pathsep}{site}"}
    return os.environ | paths | {"COLUMNS": "120"}


RUNS = {"chip": ["snn"], "neuron": ["snn"], "partitioner": ["snn"], "topology": ["packets"]}
"""Programs that pages run, beside their own."""


@pytest.mark.parametrize(
    "page", [pytest.param(one, marks=needs(*RUNS.get(one.stem, ()))) for one in PAGES], ids=lambda one: one.stem
)
def test_a_tutorial_does_what_it_says(page: Path, root: Path, tmp_path: Path) -> None:
    here, env = tmp_path / "here", tools(tmp_path, root)
    here.mkdir()
    for name, body in blocks(page):
        if name != "sh":
            with (here / name).open("a", encoding="utf-8") as file:
                file.write(("\n\n" if (here / name).stat().st_size else "") + body)
            continue
        for line in body.splitlines():
            done: Done = run(["sh", "-c", line], here, env)
            assert done.code == 0, f"{line}\n{done.out}{done.err}"
            if line.startswith("grep"):
                digests = re.findall(r'"digest": "(\w+)"', done.out)
                assert len(digests) == 2 and len(set(digests)) == 1, done.out


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_its_files_are_those_of_the_example_package(page: Path) -> None:
    for name in {name for name, _ in blocks(page)} & set(SAME):
        shown = "\n\n".join(body for other, body in blocks(page) if other == name)
        assert shown.split() == (EXAMPLE / SAME[name]).read_text(encoding="utf-8").split(), name
    assert all(len(line) <= 120 for line in page.read_text(encoding="utf-8").splitlines())
