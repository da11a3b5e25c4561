"""``chipsim new``: what it writes is right and runs, and nothing of a user's is lost."""

from __future__ import annotations

import json
import shlex
from pathlib import Path

import numpy as np
import pytest

from tests.needs import needs


@needs("nsn")
@pytest.mark.parametrize("what", ["chip", "experiment", "sweep"])
def test_a_commented_file_is_valid_and_each_key_has_its_comment(cli, what):
    done = cli("new", what, "my own.yaml")
    assert done.code == 0 and "written  my own.yaml" in done.out
    outcome = cli("validate", "my own.yaml")
    assert outcome.code == 0, outcome.err
    text = Path("my own.yaml").read_text()
    assert "FILE" not in text and "'my own.yaml'" in text.splitlines()[1]
    keys = [line for line in text.splitlines() if line.startswith("  ") and ":" in line and "{" not in line]
    assert sum("#" in line for line in keys) >= len(keys) - 3  # those that explain themselves: seed, symbols of a sweep


@needs("nsn", "snn")
@pytest.mark.parametrize("what", ["chip", "experiment", "network", "lif", "graph"])
def test_what_it_says_comes_next_runs(cli, what):
    """The very line that is printed; a sweep has more points than this test has time."""
    done = cli("new", what, f"my own{'.npz' if what in ('network', 'lif', 'graph') else '.yaml'}")
    (line,) = [line for line in done.out.splitlines() if line.startswith("next ")]
    words = shlex.split(line.removeprefix("next"))
    assert words[0] == "chipsim"
    outcome = cli(*words[1:], *(["--no-report"] if words[1] == "run" else []))
    assert outcome.code == 0, outcome.err


@needs("nsn")
def test_a_file_that_is_there_stays(cli):
    Path("mine.yaml").write_text("mine")
    outcome = cli("new", "chip", "mine.yaml")
    assert outcome.code == 2 and "--force" in outcome.err
    assert Path("mine.yaml").read_text() == "mine"
    assert cli("new", "chip", "mine.yaml", "--force").code == 0
    assert Path("mine.yaml").read_text() != "mine"


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("chips", "a.yaml"), "'chips': unknown (did you mean 'chip'?)"),
        (("network", "a.yaml"), "ends with .npz; name it a.npz"),
        (("chip", "no/such/a.yaml"), "cannot be written"),
    ],
)
def test_what_cannot_be_written_is_refused(cli, words, said):
    outcome = cli("new", *words)
    assert outcome.code == 2 and said in outcome.err


@needs("snn")
def test_each_archive_is_known_to_the_reader_of_the_other(cli):
    assert cli("new", "network", "SNN.npz").code == cli("new", "graph", "GRAPH.npz").code == 0
    outcome = cli("run", "lif-small", "--set", "workload.generate=null", "--set", "workload.path=GRAPH.npz")
    assert outcome.code == 3 and "chipsim map --graph" in outcome.err and "a bare graph" in outcome.err
    outcome = cli("map", "--graph", "SNN.npz", "--mesh", "8x8")
    assert outcome.code == 3 and "a spiking network" in outcome.err
    assert "chipsim run lif-small --set workload.generate=null --set workload.path=SNN.npz" in outcome.err


@needs("nsn", "snn")
@pytest.mark.parametrize(
    ("what", "is_one"),
    [
        ("network", "spiking network in fixed point"),
        ("lif", "spiking network in ms and mV"),
        ("graph", "bare graph, to be mapped"),
    ],
)
def test_an_archive_is_shown_with_what_its_arrays_mean_and_a_command_that_takes_it(cli, what, is_one):
    assert cli("new", what, "a.npz").code == 0
    shown = cli("show", "a.npz")
    assert shown.code == 0 and f"a.npz: a {is_one}" in shown.out and "not read" not in shown.out
    told = json.loads(cli("show", "a.npz", "--json").out)
    with np.load("a.npz") as archive:
        assert {one["name"] for one in told["keys"]} == set(archive.files) and all(one["about"] for one in told["keys"])
    assert cli(*told["command"][1:], *(["--no-report"] if told["command"][1] == "run" else [])).code == 0


def test_an_archive_of_nothing_known_is_shown_too(cli):
    np.savez("a.npz", pre=[1, 2])
    shown = cli("show", "a.npz")
    assert shown.code == 0 and "nothing that chipsim runs or maps" in shown.out and "not read" in shown.out
    assert cli("show", "b.npz").code == 3


def test_keys_that_are_explained_are_those_that_are_read():
    from chipsim.network.neurons import TAKEN
    from workloads.snn.archive_keys import FIXED, LIF
    from workloads.snn.lif_network import KEYS

    assert set(LIF) == set(KEYS) and set(FIXED) == set(TAKEN)
