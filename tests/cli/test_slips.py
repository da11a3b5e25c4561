"""Slips of a newcomer: a name nearly right, a comma for a point, two things at once; each is answered by what to write instead."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.needs import needs

pytestmark = needs("nsn")


@pytest.fixture(autouse=True)
def files(cli) -> None:
    for name in (*"abcdefghi", "chip"):
        Path(f"{name}.yaml").touch()
    Path("my.txt").write_text("hello")
    Path("exp.yaml").write_text("chip: mesh-16\nworkload: {kind: text, path: mi.txt, learned: 1, symbols: 1}\n")
    Path("twice.yaml").write_text("base: mesh-16\nnoc: {router: ideal, router: queued}\n")


@pytest.mark.parametrize(
    ("words", "code", "message"),
    [
        (("run", "chp.yaml"), 3, "chp.yaml: no such file; did you mean 'chip.yaml'? in "),
        (("run", "chp.yaml"), 3, "and 4 more"),
        (("run", "text-small", "--set", "chip=chp.yaml"), 3, "did you mean 'chip.yaml'?"),
        (("run", "exp.yaml"), 3, "exp.yaml:2:30: workload.path: "),
        (("validate", "exp.yaml"), 3, "mi.txt: there is no such file; did you mean 'my.txt'?"),
        (("run", "text-small", "--set", "workload.path=mi.txt"), 3, "--set workload.path=mi.txt: workload.path: "),
        (("map", "exp.yaml", "--mesh", "4x6"), 2, "--set chip.noc.width=4 --set chip.noc.height=6"),
        (("map", "text-small", "--seed", "3"), 2, "--set mapping.seed=3"),
        (
            ("map", "--graph", "topics:100:1", "--mesh", "4x4", "--method", "metis,default"),
            2,
            "a list goes with --compare",
        ),
        (("noc", "--topology", "hypercube"), 2, "graph, cmesh"),
        (("show", "noc"), 2, "did you mean 'chip.noc'?"),
        (("show", "wormhole"), 2, "a value of chip.noc.router: `chipsim show chip.noc.router`"),
        (("runs", "--filter", "mean_mw>1"), 2, "runs: no such folder here"),
        (("runs",), 2, "use `chipsim runs .`"),
        (("runs", ".", "--filter", "mean_mw>>1"), 2, "--filter: found 'mean_mw>>1'"),
        (("report", "."), 2, "`chipsim runs .` lists"),
        (("run", "text-small", "--set", "chip.noc.link_latency=5,5 ns"), 3, "write a decimal point and no separators"),
        (("run", "text-small", "--set", "mapping.fill=0,9"), 3, "write a decimal point and no separators"),
        (("run", "text-small", "--set", "workload.symbols=1,024"), 3, "write a decimal point and no separators"),
        (("run", "text-small", "--set", "workload.symbols=1_024"), 3, "write a decimal point and no separators"),
        (("run", "text-small", "--set", "mapping.fill=90 %"), 3, "allowed: a number, above 0 to 1, such as 0.9"),
        (("run", "text-small", "--set", "probes=spikes"), 3, "allowed: a list, for example [spikes]"),
        (("run", "text-small", "--set", "chip=twice.yaml"), 3, "twice.yaml:2:22: chip.noc.router: key given twice"),
    ],
)
def test_a_slip_is_answered_by_what_to_write(cli, words, code, message):
    outcome = cli(*words)
    assert outcome.code == code and message in outcome.err, outcome.err


def test_what_one_says_twice_or_in_vain_is_named(cli, small):
    outcome = cli(*small, "--set", "workload.symbols=10", "--set", "workload.symbols=20", "--set", "workload.symbols=20")
    assert outcome.code == 0
    assert "notice: workload.symbols is set more than once; the last value counts: 20\n" in outcome.err
    outcome = cli(*small, "--set", "mapping.file=m.npz", "--set", "mapping.partitioner=random")
    assert outcome.code == 0
    assert "notice: mapping.file changes nothing here: mapping.partitioner, set after it, excludes it\n" in outcome.err
    words = ("noc", "--router", "ideal", "--vcs", "4", "--width", "2", "--load", "0.1", "--cycles", "100")
    assert "notice: --vcs changes nothing here: only wormhole routers have it" in cli(*words).err
    assert "notice" not in cli(*words, "--quiet").err
