"""The report of a mapping: made from real mappings, its tables add up, and what it says is what they hold."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from chipsim.cli.map_report import write_report
from chipsim.config.load import load_chip, load_experiment
from chipsim.errors import MappingError, UsageError
from chipsim.noc import Mesh
from chipsim.pipeline import plan_mapping
from chipsim.pipeline.map_graph import GraphTask, map_one
from chipsim.pipeline.report_graph import describe_graph
from chipsim.quantity import count
from nsn_mapping.hypergraph import from_graph
from nsn_mapping.mappers.tables import THIS, mapping_tables
from nsn_mapping.methods.in_order import evenly
from nsn_mapping.reach import cores_reached
from nsn_mapping.tables import MOST_GROUPS, traffic_table
from reports.figures import MAPPING, NothingToDrawError, look, png
from reports.mapping import build_mapping_report, load_mapping_run, tell_mapping
from reports.run import Run
from tests.needs import needs


@pytest.fixture(scope="module")
def folders(tmp_path_factory: pytest.TempPathFactory) -> Mapping[str, Path]:
    """Folders of a learned network, of a spiking one, and of a graph, with their reports."""
    root = tmp_path_factory.mktemp("mapped")
    found = {}
    for name, sets in (
        ("text-small", ["workload.learned=600", "mapping.partitioner=sequential"]),
        ("lif-small", ["workload.generate.neurons=128", "workload.generate.fan_out=8"]),
    ):
        report = plan_mapping(load_experiment(name, sets))
        found[name] = report.summary, report.tables
    task = GraphTask("small-world:1000:3", "4x3", "streaming", seed=2, neurons=90)
    found["graph"] = describe_graph(task, map_one(task))
    for name, (summary, tables) in found.items():
        (root / name).mkdir()
        write_report(root / name, summary, tables)
    return {name: root / name for name in found}


NAMES = ["text-small", "lif-small", "graph"]


@pytest.mark.parametrize("name", NAMES)
@needs("nsn", "snn")
def test_tables_add_up_to_the_metrics(folders: Mapping[str, Path], name: str) -> None:
    run = load_mapping_run(folders[name])
    rows = {row["method"]: row for row in run.summary["comparison"]}
    assert list(rows) == ["this", "naive", "random"]
    here, links, traffic = rows["this"], run.tables["links"], run.tables["traffic"]
    assert links["packets"].sum() == here["hops"] and links["packets"].max() == here["max_link"]
    assert links["tree_packets"].sum() == here["tree_links"] and links["tree_packets"].max() == here["max_link_tree"]
    assert traffic["packets"].sum() == here["packets"] and traffic["naive"].sum() == rows["naive"]["packets"]
    assert here["share"] == here["packets"] / rows["naive"]["packets"]
    held = run.tables["cores"]["neurons"]
    assert (held.max(), np.count_nonzero(held)) == (here["largest_core"], here["cores_used"])
    reach = run.tables["reach"]
    assert reach["senders"].sum() == reach["naive_senders"].sum()
    if name == "lif-small":  # every neuron spikes once
        assert reach["cores"] @ reach["senders"] == here["packets"]
        assert "routers" not in run.tables, "unicasts need no tables"
    else:
        entries = run.tables["routers"]
        assert np.all(entries["entries"] <= entries["entries_before"]) and entries["entries"].max() > 0
    assert ("joules" in here) == (name != "graph")


@pytest.mark.parametrize("name", NAMES)
@needs("nsn", "snn")
def test_the_page_says_what_the_tables_hold(folders: Mapping[str, Path], name: str) -> None:
    folder = folders[name]
    page, text = ((folder / file).read_text(encoding="utf-8") for file in ("report.html", "report.md"))
    run = load_mapping_run(folder)
    for row in run.summary["comparison"]:
        cells = [count(row[key]) for key in ("packets", "hops", "max_link", "edge_cut")]
        line = next(
            line
            for line in text.splitlines()
            if line.startswith(f"| {'this mapping' if row['method'] == 'this' else row['method']} |")
        )
        assert set(cells) <= {cell.strip() for cell in line.split("|")}
        assert all(f">{cell}<" in page for cell in cells)
    fullest = run.tables["cores"]["neurons"]
    assert f"| neurons | core {fullest.argmax()} | {fullest.max()} |" in text
    for part in ("Used and allowed", "Beside naive mappings", "What is modelled", "Who sends to whom", "How far senders reach"):
        assert part in text and part in page
    assert page.count("<svg") >= len(MAPPING) and page.count("<script") == 1
    ids = re.findall(r'\sid="([^"]+)"', page)
    assert len(ids) == len(set(ids))
    assert not [at for at in re.findall(r'(?:href|src)="([^"]+)"', page) if not at.startswith(("#", "data:"))]
    assert build_mapping_report(folder).read_text(encoding="utf-8") == page, "the same files give the same page"


def test_reach_by_hand() -> None:
    # 0 -> 1, 2, 3; 1 -> 0; 2 nobody; 3 -> 0, 1
    h = from_graph(np.array([0, 3, 4, 4, 6]), np.array([1, 2, 3, 0, 0, 1]), np.array([5, 1, 9, 2]))
    assert cores_reached(h, np.array([0, 0, 1, 2]), 3).tolist() == [2, 0, 0, 1]
    assert cores_reached(h, np.zeros(4, int), 3).tolist() == [0, 0, 0, 0]
    table, group = traffic_table(h, np.array([0, 0, 1, 2]), None, Mesh(3, 1))
    rows = zip(*(table[name].tolist() for name in ("source", "destination", "packets", "naive")), strict=True)
    assert group == 1 and set(rows) == {(0, 1, 5, 0), (0, 2, 5, 0), (2, 0, 2, 0)}


def test_many_cores_share_rows_of_the_matrix() -> None:
    n = 2000
    h = from_graph(np.arange(n + 1), (np.arange(n) + 1) % n, np.ones(n, np.int64))
    mesh = Mesh(40, 25)
    core = evenly(n, mesh.cores)
    table, group = traffic_table(h, core, core, mesh)
    assert group == 4 and table["source"].max() < MOST_GROUPS
    assert table["packets"].sum() == 1000 == table["naive"].sum()
    inside = table["packets"][table["source"] == table["destination"]].sum()
    assert inside == 750  # of four cores in a row three send to the next one of the group


def test_a_table_limit_is_held() -> None:
    n = 64
    rng = np.random.default_rng(1)
    targets = np.concatenate([np.sort(rng.choice(np.setdiff1d(np.arange(n), [u]), 6, replace=False)) for u in range(n)])
    h = from_graph(np.arange(n + 1) * 6, targets, np.ones(n, np.int64))
    mesh, core = Mesh(4, 4), (np.arange(n) // 4).astype(np.int32)
    chip = load_chip("mesh-16")
    found, tables = mapping_tables(h, {THIS: core}, mesh, "tests", chip, 1)
    assert found["comparison"][0]["share"] is None and not tables["traffic"]["naive"].any()
    most = int(tables["routers"]["entries"].max())
    noc = chip.noc.model_copy(update={"table_entries": 2})
    with pytest.raises(MappingError, match=r"router \d+ needs \d+ table entries .* allowed 2 "):
        mapping_tables(h, {THIS: core}, mesh, "tests", chip.model_copy(update={"noc": noc}), 1)
    assert most > 2


@needs("nsn")
def test_an_unknown_price_leaves_energy_out_and_nothing_else() -> None:
    unknown = "chip.energy.hop_ew={value: null, grade: unknown, source: none}"
    sets = ["workload.learned=200", "mapping.partitioner=random"]
    known, bare = (
        plan_mapping(load_experiment("text-small", [*sets, *more])).summary["comparison"] for more in ([], [unknown])
    )
    assert all(row["joules"] > 0 for row in known)
    assert bare == [{key: value for key, value in row.items() if key != "joules"} for row in known]


@needs("nsn", "snn")
def test_figures_of_odd_mappings(folders: Mapping[str, Path]) -> None:
    run = load_mapping_run(folders["graph"])
    bare = Run(run.folder, {"mesh": {"cores": 12}, "graph": run.summary["graph"]}, {"cores": run.tables["cores"]})
    story = tell_mapping(bare)
    assert [bool(picture.svg) for picture in story.pictures] == [False, True, False, False]
    assert "packets were not counted" in story.headline
    size = 30  # more tiles than arrows fit
    tiles = np.arange(size * size)
    x, y = tiles % size, tiles // size
    links = {"tile": tiles, "x": x, "y": y, "to_x": x + 1, "to_y": y, "direction": np.array(["east"] * size**2), "packets": tiles,
             "tree_packets": tiles // 2}  # fmt: skip
    reach = {"cores": np.array([0, 3, 400]), "senders": np.array([1, 2, 3]), "naive_senders": np.array([0, 0, 9])}
    held = dict.fromkeys(("core", "neurons", "axons"), tiles)
    cores = held | {"x": x, "y": y} | dict.fromkeys(("neurons_allowed", "axons_allowed"), np.full(size**2, -1))
    wide: dict[str, Any] = {"cores": cores, "links": links, "reach": reach}
    for drawing in MAPPING:
        with look():
            if drawing.key == "traffic-matrix":
                with pytest.raises(NothingToDrawError):
                    drawing.draw({}, wide)
            else:
                assert png(drawing.draw({}, wide)).startswith(b"\x89PNG") and drawing.alt({}, wide)


@needs("nsn", "snn")
def test_folders_of_something_else_are_refused(tmp_path: Path, folders: Mapping[str, Path]) -> None:
    with pytest.raises(UsageError, match=r"mapping\.json: cannot be read: No such file"):
        build_mapping_report(tmp_path)
    (tmp_path / "mapping.json").write_text("[1]")
    with pytest.raises(UsageError, match="neither a network nor a graph"):
        build_mapping_report(tmp_path)
    (tmp_path / "mapping.json").write_bytes((folders["graph"] / "mapping.json").read_bytes())
    with pytest.raises(UsageError, match=r"no cores\.parquet"):
        build_mapping_report(tmp_path)
    (tmp_path / "cores.parquet").write_text("no table")
    with pytest.raises(UsageError, match=r"cores\.parquet: not a file of a mapping"):
        build_mapping_report(tmp_path)
