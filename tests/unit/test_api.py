"""Python use as in a notebook: results that show themselves, tables as Arrow, NumPy and pandas, messages where something is not there."""

from __future__ import annotations

import ast
import inspect
import json
import re
import sys
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from chipsim import api
from chipsim.config.load import load_experiment
from chipsim.errors import UsageError
from chipsim.frames import Frames
from chipsim.results.store import write_run
from reports.answer import as_json
from tests.needs import needs

SMALL = ("workload.symbols=40", "engine=reference")


class Cells(HTMLParser):
    """The cells of tables; what is left open is an error."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.cells: list[str] = []
        self.feed(html)
        assert self.open == []

    def handle_starttag(self, tag: str, attrs: Any) -> None:
        self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        if self.open and self.open[-1] in ("td", "th"):
            self.cells.append(data)


@needs("nsn")
def test_a_run_in_a_notebook() -> None:
    result = api.simulate("text-small", SMALL)
    cores = result.table("cores")
    assert cores.num_rows == 16 and cores.column_names == list(result.tables["cores"])
    assert cores["neurons"].to_pylist() == list(result.tables["cores"]["neurons"])
    busy = result.arrays("cores")["utilisation"]
    assert busy.shape == (16,) and busy.dtype == np.float64
    cells = Cells(result._repr_html_()).cells
    assert "energy" in cells and result.summary["digest"] in cells
    with pytest.raises(UsageError, match=r"no table 'core'; there are .*cores"):
        result.table("core")
    assert api.simulate(load_experiment("text-small", list(SMALL))).summary["digest"] == result.summary["digest"]
    with pytest.raises(UsageError, match="settings go with a name"):
        api.simulate(load_experiment("text-small", list(SMALL)), SMALL)


@needs("nsn")
def test_pandas_where_it_is_installed_and_a_clear_word_where_not(monkeypatch: pytest.MonkeyPatch) -> None:
    result = api.simulate("text-small", SMALL)
    try:
        import pandas as pd  # type: ignore[import-untyped,unused-ignore]
    except ModuleNotFoundError:
        pass
    else:
        frame = result.pandas("links")
        assert isinstance(frame, pd.DataFrame) and len(frame) == result.table("links").num_rows
    monkeypatch.setitem(sys.modules, "pandas", None)
    with pytest.raises(UsageError, match=r"pip install pandas, or take table\('links'\)"):
        result.pandas("links")


@needs("nsn")
def test_two_runs_held_against_each_other(tmp_path: Path) -> None:
    paths = []
    for cast in ("unicast", "multicast"):
        paths.append(tmp_path / cast)
        write_run(paths[-1], api.simulate("text-small", (*SMALL, f"chip.noc.cast={cast}")))
    found = api.compare(paths)
    assert found.table("settings").to_pylist() == [{"key": "chip.noc.cast", "A": "unicast", "B": "multicast", "B/A": None}]
    figures = found.arrays("figures")
    assert set(figures) == {"key", "A", "B", "B/A"} and len(figures["key"]) == len(found.figures) > 5
    assert "links" in found.table("tables")["table"].to_pylist()
    assert "chip.noc.cast" in Cells(found._repr_html_()).cells


@needs("packets")
def test_a_network_measured() -> None:
    curve = api.noc([0.1, "1/5"], chip="altai-256", width=3, cycles=200, warmup=50, engine="reference")
    points = curve.arrays("points")
    assert points["load"].tolist() == [0.1, 0.2] and points["stable"].all()
    assert points["power_w.mean"].tolist() == [point.figures["power_w"]["mean"] for point in curve.points]
    assert curve.table("links").num_rows == 2 * (24 + 9)
    assert "altai-256, uniform traffic" in Cells(curve._repr_html_()).cells
    with pytest.raises(UsageError, match="load 'much'; allowed: flits per node and cycle, above 0, at most 1"):
        api.noc(["much"])
    with pytest.raises(UsageError, match=r"'widht'; allowed of the network: topology, width"):
        api.noc([0.1], widht=3)


@needs("nsn")
def test_a_sweep_answers(tmp_path: Path) -> None:
    file = tmp_path / "swept.yaml"
    file.write_text(
        "name: swept\nbase: text-small\nset: {workload.symbols: 40, engine: reference}\ngrid: {chip.noc.router: [ideal, queued]}\n",
        encoding="utf-8",
    )
    result = api.sweep(file, tmp_path / "out", jobs=1)
    assert result.keys == ("chip.noc.router",) and result.table("points").num_rows == 2
    answer = result.answer
    least = min(range(2), key=lambda n: result.rows[n]["energy_j.total"])
    energy = next(one for one in answer.best if one.objective.name.startswith("energy"))
    assert energy.row["number"] == result.rows[least]["number"] or energy.equal
    assert answer.as_dict() == as_json(result.rows, result.keys) and json.dumps(answer.as_dict())
    cells = Cells(result._repr_html_()).cells
    assert "chip.noc.router" in cells and any("Pareto front" in cell for cell in cells)


def test_docstrings_name_every_argument_and_what_is_raised() -> None:
    """Of what users call; private parts and properties apart."""
    for name in api.__all__:
        call = getattr(api, name)
        text = inspect.getdoc(call) or ""
        if inspect.isclass(call):  # of what it holds
            for attribute in inspect.signature(call).parameters:
                assert re.search(rf"^ +(\w+, )*{attribute}(, \w+)*: ", text, re.MULTILINE), f"{name}: {attribute}"
            continue
        for argument in inspect.signature(call).parameters:
            assert f"{argument}:" in text, f"{name}: {argument}"
        assert "Raises:" in text and "Returns:" in text
    for method in ("table", "arrays", "pandas"):
        assert "Raises:" in (inspect.getdoc(getattr(Frames, method)) or "")


@needs("nsn", "packets")
def test_the_examples_of_the_page_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    text = Path("docs/python.md").read_text(encoding="utf-8")
    blocks = [part.partition("```")[0] for part in text.split("```python\n")[1:]]
    assert len(blocks) >= 3 and all(ast.parse(block) for block in blocks)
    monkeypatch.chdir(tmp_path)
    shared: dict[str, Any] = {}
    for block in blocks:
        exec(block, shared)  # one notebook: a cell uses what those before it made
