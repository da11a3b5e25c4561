"""``chipsim map --graph``: a bare graph onto a mesh, its mapping file, methods side by side, and what is refused."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from chipsim.config.load import load_chip
from chipsim.config.mapping import NAIVE, RANDOM
from chipsim.noc import Mesh
from nsn_mapping.energy import chip_traffic, joules, packet_price, spike_flits
from nsn_mapping.graph import make_graph, read_graph, write_graph
from nsn_mapping.graph_mapping import load_graph_mapping
from nsn_mapping.map_graph import OBJECTIVES
from nsn_mapping.methods import graph_methods
from nsn_mapping.partition import kahypar
from nsn_mapping.place.joint import placed_cost
from nsn_mapping.place.sites import usable_sites
from workloads.synthetic.graphs import generate_graph

REQUIRED = {
    "packets", "edge_cut", "hops", "max_link", "largest_core", "cpu_s", "peak_rss_bytes", "method", "picked", "seed", "cores_used",
    "tree_links", "parts_cpu_s", "place_cpu_s", "compile_s",
}  # fmt: skip


@pytest.fixture
def net(tmp_path: Path) -> Path:
    """A graph of 1,500 neurons with topics."""
    made = generate_graph("topics", 1500, 3)
    path = tmp_path / "net.npz"
    write_graph(path, make_graph(made.indptr, made.targets, made.spikes, "net"))
    return path


def metrics(net: Path, mapping: Path) -> dict[str, int]:
    """Figures of a mapping file by the definitions, with nothing of the project's."""
    graph, placed = np.load(net), np.load(mapping)
    core, x, y = (placed[key].tolist() for key in ("core", "x", "y"))
    packets = cut = hops = 0
    links: dict[tuple[int, int, int, int], int] = {}
    for u, spikes in enumerate(graph["spikes"].tolist()):
        reached = [core[v] for v in graph["targets"][graph["indptr"][u] : graph["indptr"][u + 1]].tolist()]
        cut += spikes * sum(c != core[u] for c in reached)
        for c in set(reached) - {core[u]}:
            packets += spikes
            at = [x[core[u]], y[core[u]]]
            for axis, end in ((0, x[c]), (1, y[c])):
                while at[axis] != end:
                    before = tuple(at)
                    at[axis] += 1 if end > at[axis] else -1
                    link = (*before, *at)
                    links[link] = links.get(link, 0) + spikes
                    hops += spikes
    largest = max(core.count(c) for c in set(core))
    return {
        "packets": packets,
        "edge_cut": cut,
        "hops": hops,
        "max_link": max(links.values(), default=0),
        "largest_core": largest,
    }


@pytest.mark.parametrize("method", ["auto", *graph_methods()])
def test_what_is_printed_is_what_the_file_holds(cli: Any, net: Path, method: str) -> None:
    if method == "quality" and not kahypar.is_installed():
        pytest.skip("mtkahypar is not installed")
    words = ("map", "--graph", net, "--mesh", "5x4", "--neurons", 80, "--method", method, "--seed", 2, "--json", "--out")
    outcome = cli(*words, "first.npz")
    assert outcome.code == 0, outcome.err
    found = json.loads(outcome.out)
    assert found.keys() >= REQUIRED
    assert (found["method"], found["seed"]) == (method, 2)
    assert found["picked"] in graph_methods() and method in ("auto", found["picked"])
    expected = metrics(net, Path("first.npz"))
    assert {key: found[key] for key in expected} == expected
    assert found["largest_core"] <= 80 and found["peak_rss_bytes"] > 2**24
    assert found["cpu_s"] == found["parts_cpu_s"] + found["place_cpu_s"]
    with np.load("first.npz") as mapping:
        places = list(zip(mapping["x"].tolist(), mapping["y"].tolist(), strict=True))
        assert sorted(places) == [(x, y) for x in range(5) for y in range(4)]
        assert mapping["core"].shape == (1500,)
        core = mapping["core"].copy()
    if method not in (NAIVE, RANDOM):
        assert found["packets"] < found["naive"]["packets"] and found["hops"] < found["naive"]["hops"]
    assert cli(*words, "second.npz").code == 0
    with np.load("second.npz") as mapping:
        assert np.array_equal(mapping["core"], core)
    again = json.loads(cli("map", "--graph", net, "--mesh", "5x4", "--neurons", 80, "--use", "first.npz", "--json").out)
    assert {key: again[key] for key in expected} == expected


@pytest.mark.parametrize("method", [method for method in graph_methods() if method not in (NAIVE, RANDOM)])
def test_axon_limits_hold(cli: Any, net: Path, method: str) -> None:
    if method == "quality" and not kahypar.is_installed():
        pytest.skip("mtkahypar is not installed")
    words = ("map", "--graph", net, "--mesh", "6x6", "--neurons", 64, "--method", method, "--json", "--out", "m.npz")
    free = json.loads(cli(*words).out)["resources"]["axons"]["fullest_core"]
    limit = free - 10
    outcome = cli(*words, "--force", "--axons", limit)
    assert outcome.code == 0, outcome.err
    graph, core = np.load(net), np.load("m.npz")["core"]
    source = np.repeat(np.arange(1500), np.diff(graph["indptr"]))
    pairs = np.unique(source * 36 + core[graph["targets"]])
    assert np.bincount(pairs % 36).max() <= limit
    assert json.loads(outcome.out)["resources"]["axons"] == {
        "fullest_core": np.bincount(pairs % 36).max(), "core_allowed": limit, "all": len(pairs), "all_allowed": 36 * limit,
    }  # fmt: skip


def test_joules_are_those_of_the_chip_and_energy_is_what_refinement_lowers(cli: Any, net: Path) -> None:
    words = (
        "map",
        "--graph",
        net,
        "--mesh",
        "4x6",
        "--neurons",
        64,
        "--method",
        "default",
        "--json",
        "--prices",
        "altai-board",
    )
    dear = ("--set", "noc.cast=unicast", "--set", 'energy.spike_out.value="9 pJ"')
    plain, energy = (json.loads(cli(*words, *dear, "--objective", name).out) for name in ("packets", "energy"))
    assert (plain["prices"], plain["before_refinement"]) == ("altai-board", None)
    assert energy["joules"] < energy["before_refinement"]["joules"] <= plain["joules"] < plain["naive"]["joules"]
    h, mesh = read_graph(net).hypergraph(), Mesh(4, 6)
    chip = load_chip("altai-board", [*dear[1::2], "noc.width=4", "noc.height=6"])
    cli(*words, *dear, "--objective", "energy", "--out", "m.npz")
    core = load_graph_mapping(Path("m.npz"), len(h), mesh).core
    flits, packet = spike_flits(chip), packet_price(chip, spike_flits(chip))
    cost = placed_cost(h, core, usable_sites(chip, price="energy"), packet, packet)
    assert energy["joules"] == joules(chip_traffic(h, core, mesh, chip), chip, flits) == pytest.approx(cost * flits * 1e-15)


@pytest.mark.parametrize("objective", OBJECTIVES)
@pytest.mark.parametrize("method", ["default", "quality"])
def test_where_nothing_is_sent_nothing_is_refined(cli: Any, tmp_path: Path, objective: str, method: str) -> None:
    """No spikes, no synapses, a single neuron."""
    ring = np.arange(12, dtype=np.int32)
    nets = {
        "silent": (np.arange(13), np.roll(ring, 1), np.zeros(12, np.int64)),
        "apart": (np.zeros(13, np.int64), ring[:0], np.ones(12, np.int64)),
        "alone": (np.zeros(2, np.int64), ring[:0], np.ones(1, np.int64)),
    }
    for name, (indptr, targets, spikes) in nets.items():
        write_graph(tmp_path / f"{name}.npz", make_graph(indptr, targets, spikes, name))
        words = ("map", "--graph", tmp_path / f"{name}.npz", "--mesh", "2x2", "--neurons", 4, "--method", method, "--json")
        outcome = cli(*words, "--objective", objective)
        assert outcome.code == 0 and json.loads(outcome.out)["packets"] == 0, outcome.err


def test_objectives_lower_what_they_name(cli: Any, net: Path) -> None:
    words = ("map", "--graph", net, "--mesh", "5x5", "--neurons", 64, "--method", "default", "--json", "--objective")
    packets, hops, link = (json.loads(cli(*words, objective).out) for objective in ("packets", "hops", "link"))
    assert packets["before_refinement"] is None and link["before_refinement"] is None
    assert hops["before_refinement"]["hops"] == packets["hops"] > hops["hops"]
    assert link["max_link"] <= packets["max_link"] and link["packets"] == packets["packets"]


def test_for_people_the_mapping_is_held_against_the_naive_one(cli: Any, net: Path) -> None:
    outcome = cli("map", "--graph", net, "--mesh", "4x4", "--neurons", 100, "--method", "streaming")
    assert outcome.code == 0 and outcome.err == ""
    assert "1,500 neurons" in outcome.out and "this mapping" in outcome.out and "naive" in outcome.out
    assert "neurons" in outcome.out and "nothing; --out FILE keeps the mapping" in outcome.out
    assert cli("map", "--graph", net, "--mesh", "4x4", "--neurons", 100, "--method", "sequential", "--quiet").out == ""


def test_a_rule_is_mapped_and_kept_like_a_file(cli: Any) -> None:
    words = ("--mesh", "3x3", "--method", "sequential", "--json")
    made = json.loads(cli("map", "--graph", "small-world:2000:5", *words, "--save-graph", "ring.npz").out)
    read = json.loads(cli("map", "--graph", "ring.npz", *words).out)
    assert (made["graph"]["name"], made["graph"]["neurons"]) == ("small-world:2000:5", 2000)
    assert {key: read[key] for key in REQUIRED - {"cpu_s", "parts_cpu_s", "place_cpu_s", "compile_s", "peak_rss_bytes"}} == {
        key: made[key] for key in REQUIRED - {"cpu_s", "parts_cpu_s", "place_cpu_s", "compile_s", "peak_rss_bytes"}
    }


def test_methods_side_by_side(cli: Any, net: Path) -> None:
    words = ("map", "--graph", net, "--mesh", "4x4", "--neurons", 100, "--compare", "--method", "sequential,random")
    outcome = cli(*words, "--json")
    assert outcome.code == 0, outcome.err
    rows = json.loads(outcome.out)["methods"]
    assert [row["method"] for row in rows] == ["sequential", "random"]
    assert all(row["status"] == "done" and row.keys() >= REQUIRED for row in rows)
    alone = json.loads(cli("map", "--graph", net, "--mesh", "4x4", "--neurons", 100, "--method", "random", "--json").out)
    assert (rows[1]["packets"], rows[1]["hops"]) == (alone["packets"], alone["hops"])
    table = outcome.err.splitlines()[-3:]  # behind a line for each method as it ended
    assert [line.split()[0] for line in table] == ["method", "sequential", "random"]


def test_a_comparison_says_why_a_method_has_no_figures(cli: Any, net: Path) -> None:
    words = ("map", "--graph", net, "--mesh", "4x4", "--neurons", 100, "--compare", "--method", "random,sequential", "--axons")
    outcome = cli(*words, 200, "--json")
    assert outcome.code == 0, outcome.err
    failed, done = json.loads(outcome.out)["methods"]
    assert (failed["method"], failed["status"], failed["exit_code"]) == ("random", "failed", 4)
    assert failed["reason"].startswith("cores: filled in order, 1500 neurons use ")
    assert done["status"] == "done" and "not done random: cores: filled in order" in " ".join(outcome.err.split())
    outcome = cli("map", "--graph", net, "--mesh", "4x4", "--neurons", 100, "--compare", "--method", "random", "--axons", 100)
    assert outcome.code == 4
    assert outcome.err.splitlines()[-1].startswith("error: cores: filled in order, 1500 neurons use ")


REFUSED: list[tuple[tuple[str, ...], int, str]] = [
    (("--graph", "NET"), 2, "--mesh: missing"),
    (("--graph", "NET", "--mesh", "12"), 2, "--mesh: '12' is no mesh; allowed: WIDTHxHEIGHT"),
    (("--graph", "NET", "--mesh", "0x4"), 2, "--mesh: '0x4' is no mesh"),
    (("--graph", "NET", "--mesh", "9999x1"), 2, "each from 1 to 4096"),
    (("--graph", "NET", "--mesh", "4x4", "--method", "best"), 2, "--method: 'best' is not known; allowed: auto, default"),
    (
        ("--graph", "NET", "--mesh", "4x4", "--objective", "time"),
        2,
        "--objective: 'time' is not known; allowed: packets, hops, link",
    ),
    (("--graph", "NET", "--mesh", "4x4", "--neurons", "0"), 2, "--neurons: found 0; allowed: 1 to 2147483647"),
    (("--graph", "NET", "--mesh", "4x4", "--axons", "-1"), 2, "--axons: found -1; allowed: 1 to 2147483647"),
    (("--graph", "NET", "--mesh", "4x4", "--fill", "nan"), 2, "--fill: found nan; allowed: above 0 up to 1"),
    (("--graph", "NET", "--mesh", "4x4", "--budget", "0"), 2, "--budget: found 0; allowed: above 0"),
    (("--graph", "NET", "--mesh", "4x4", "--seed", "-3"), 2, "--seed: found -3; allowed: 0 to 2^63 - 1"),
    (("--graph", "NET", "--mesh", "4x4", "--compare", "--out", "m.npz"), 2, "--compare writes no mapping"),
    (("--graph", "NET", "--mesh", "4x4", "--compare", "--report", "seen"), 2, "--compare writes no report"),
    (("--graph", "NET", "--mesh", "4x4", "--report", "."), 2, "the folder is not empty; name another with --report"),
    (("text-small", "--report", "seen"), 2, "--report: goes with --graph"),
    (("text-small", "--compare", "--out", "seen"), 2, "--out: --compare writes no mapping"),
    (
        ("--graph", "NET", "--mesh", "4x4", "--use", "m.npz", "--method", "random"),
        2,
        "goes with none of --method",
    ),
    (("--graph", "NET", "--mesh", "4x4", "--use", "m.npz"), 3, "m.npz: there is no such file"),
    (("--graph", "NET", "--mesh", "4x4", "--out", "absent/m.npz"), 2, "there is no folder absent"),
    (("--graph", "NET", "--mesh", "4x4", "--out", "NET"), 2, "the file is there already; name another with --out"),
    (("--graph", "NET", "--mesh", "4x4", "--memory-limit", "1MiB"), 2, "allowed 1 MiB (--memory-limit)"),
    (
        ("--graph", "NET", "--mesh", "4x4", "--neurons", "90"),
        4,
        "cores: 1500 neurons at 90 a core use 17 cores, allowed are 16",
    ),
    (("--graph", "NET", "--mesh", "4x4", "--axons", "3"), 4, "inputs, a core is allowed 3 axons"),
    (("--graph", "absent.npz", "--mesh", "4x4"), 3, "absent.npz: there is no such file"),
    (("--graph", "topics:12", "--mesh", "4x4"), 2, "topics: 12 neurons; allowed: 1000 to"),
    (("text", "--graph", "NET", "--mesh", "4x4"), 2, "--graph: maps a graph alone"),
    (("--set", "seed=1", "--graph", "NET", "--mesh", "4x4"), 2, "--set: with --graph it changes the chip of --prices"),
    (("--graph", "NET", "--mesh", "4x4", "--prices", "altai-257"), 3, "altai-256"),
    (("--graph", "NET", "--mesh", "5x4", "--prices", "altai-board"), 3, "do not divide 5 x 4 tiles"),
    (
        ("--graph", "NET", "--mesh", "4x4", "--prices", "loihi", "--set", "noc.topology=torus"),
        2,
        "is a torus with routing torus",
    ),
    (("--graph", "NET", "--mesh", "4x4", "--objective", "energy", "--set", "energy.hop_ew=null"), 3, "energy.hop_ew unknown"),
    (
        ("--graph", "NET", "--mesh", "4x4", "--prices", "loihi", "--set", "chip.noc.width=9"),
        2,
        "--set noc.width: a graph has the mesh",
    ),
    (("--graph", "NET", "--mesh", "4x4", "--prices", ""), 3, "no chip called ''"),
    (
        ("--graph", "NET", "--mesh", "4x4", "--use", "m.npz", "--objective", "hops"),
        2,
        "goes with none of --method, --objective",
    ),
    (("--graph", "NET", "--mesh", "4x4", "--neurons", "99999999999999999999"), 2, "allowed: 1 to 2147483647"),
    (("--graph", "NET", "--mesh", "4x4", "--axons", "99999999999999999999"), 2, "allowed: 1 to 2147483647"),
    (("--graph", "NET", "--mesh", "4x4", "--seed", "9223372036854775808"), 2, "allowed: 0 to 2^63 - 1"),
    (("text-small", "--prices", "loihi"), 2, "--prices: goes with --graph"),
    (("text-small", "--mesh", "4x4"), 2, "--mesh: goes with --graph"),
    (("text-small", "--seed", "4"), 2, "--seed: goes with --graph"),
    (("text-small", "--method", "random"), 2, "use --set mapping.partitioner=random"),
]


def test_the_report_holds_what_is_printed(cli: Any, net: Path) -> None:
    words = ("map", "--graph", net, "--mesh", "4x4", "--neurons", 100, "--method", "sequential", "--json", "--out", "m.npz")
    printed = json.loads(cli(*words, "--report", "seen").out)
    folder = Path("seen")
    kept = json.loads((folder / "mapping.json").read_text(encoding="utf-8"))
    assert {key: kept[key] for key in printed} == printed
    here, naive, _ = kept["comparison"]
    assert {key: here[key] for key in ("packets", "hops", "edge_cut", "max_link")} == {key: naive[key] for key in here.keys() & {
        "packets", "hops", "edge_cut", "max_link"}}, "sequential is the naive one"  # fmt: skip
    assert here["packets"] == printed["packets"] == metrics(net, Path("m.npz"))["packets"]
    page = (folder / "report.html").read_bytes()
    assert page.count(b"<svg") >= 4  # a figure of several panels has a drawing for each
    (folder / "report.html").unlink()
    again = cli("report", "seen")
    assert (again.code, again.out) == (0, "seen/report.html\n") and (folder / "report.html").read_bytes() == page
    used = cli("map", "--graph", net, "--mesh", "4x4", "--neurons", 100, "--use", "m.npz", "--report", "seen")
    assert used.code == 2 and "replace what is there with --force" in used.err
    (folder / "mine.txt").write_text("stays")
    assert cli("map", "--graph", net, "--mesh", "4x4", "--use", "m.npz", "--report", "seen", "--force").code == 0
    assert "taken from m.npz" in (folder / "mapping.json").read_text(encoding="utf-8") and (folder / "mine.txt").exists()


@pytest.mark.parametrize(("words", "code", "message"), REFUSED, ids=[" ".join(words) for words, *_ in REFUSED])
def test_what_makes_no_sense_is_refused(cli: Any, net: Path, words: tuple[str, ...], code: int, message: str) -> None:
    before = net.read_bytes()
    outcome = cli("map", *(str(net) if word == "NET" else word for word in words))
    assert (outcome.code, outcome.out) == (code, "")
    assert outcome.err.startswith("error: ") and message in outcome.err
    assert [path.name for path in net.parent.iterdir()] == ["net.npz"] and net.read_bytes() == before


def test_quality_without_its_package_says_what_to_install(cli: Any, net: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(kahypar, "is_installed", lambda: False)
    outcome = cli("map", "--graph", net, "--mesh", "4x4", "--method", "quality")
    assert outcome.code == 4 and "pip install 'chipsim[mtkahypar]'" in outcome.err
    picked = json.loads(cli("map", "--graph", net, "--mesh", "4x4", "--json").out)
    assert picked["picked"] != "quality" and "mtkahypar is not installed" in picked["reason"]


def test_auto_takes_less_time_when_it_has_less(cli: Any, net: Path) -> None:
    picked = [
        json.loads(cli("map", "--graph", net, "--mesh", "4x4", "--json", "--budget", budget).out)["picked"]
        for budget in ("1e6", "1e-6")
    ]
    assert picked == ["quality" if kahypar.is_installed() else "default", "streaming"]
