"""Parts by name: what ships, what an installed package adds, and what is said where one is missing or broken."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from chipsim import registry
from chipsim.errors import PluginError, UsageError
from chipsim.programs.base import PROGRAMS, Program
from chipsim.registry import Registry
from tests.needs import needs


def install(folder: Path, name: str, group: str, points: str, code: str = "") -> None:
    """Lay a package into a folder of the path, as pip would."""
    (folder / f"{name}.py").write_text(code)
    info = folder / f"{name}-1.2.dist-info"
    info.mkdir()
    (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.2\n")
    (info / "entry_points.txt").write_text(f"[{group}]\n{points}\n")


@pytest.fixture
def path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder whose packages are installed for the time of a test."""
    monkeypatch.syspath_prepend(str(tmp_path))
    monkeypatch.setattr(registry, "offers", registry.offers.__wrapped__)
    return tmp_path


PART = """
from dataclasses import replace
from chipsim.programs.packets.entry import PACKETS
PART = replace(PACKETS, name="echo")
WORD = "echo"
"""


@needs("nsn", "snn", "packets")
def test_what_ships_comes_first_and_in_order() -> None:
    assert PROGRAMS.names()[:3] == ("nsn", "snn", "packets")
    assert {name: one.name for name, one in PROGRAMS.all().items()} == {name: name for name in PROGRAMS.names()}


@needs("nsn", "snn", "packets")
def test_an_unknown_name_is_told_with_those_there_are() -> None:
    with pytest.raises(
        UsageError, match=r"^--program: no program is called 'nsm' \(did you mean 'nsn'\?\); allowed: nsn, snn, packets"
    ):
        PROGRAMS.get("nsm", "--program")


def test_a_registry_may_be_empty() -> None:
    with pytest.raises(UsageError, match="no toy is called 'kite'; allowed: none"):
        Registry("chipsim.toys", "toy", Program).get("kite")


@needs("packets")
def test_a_package_adds_a_part(path: Path) -> None:
    install(path, "zz_echo", PROGRAMS.group, "echo = zz_echo:PART", PART)
    assert PROGRAMS.names()[-1] == "echo"
    assert PROGRAMS.get("echo").unit == "packet"


@pytest.mark.parametrize(
    ("point", "code", "why"),
    [
        ("echo = zz_broken:PART", "import nothing_of_that_name", "ModuleNotFoundError: No module named 'nothing_of_that_name'"),
        ("echo = zz_broken:MISSING", PART, "AttributeError"),
        ("echo = zz_broken:WORD", PART, "is a str; allowed: a Program of chipsim.programs.base"),
        ("echo = zz_broken:PART", "1 / 0", "ZeroDivisionError"),
    ],
)
@needs("packets")
def test_a_broken_part_is_named_with_its_package(
    path: Path, caplog: pytest.LogCaptureFixture, point: str, code: str, why: str
) -> None:
    install(path, "zz_broken", PROGRAMS.group, point, code)
    sys.modules.pop("zz_broken", None)
    with pytest.raises(PluginError, match=r"zz_broken 1\.2: entry point 'echo' of chipsim.programs") as error:
        PROGRAMS.get("echo")
    assert why in str(error.value)
    assert "echo" not in PROGRAMS.all()
    assert "left out" in caplog.text


@needs("nsn")
def test_a_name_that_ships_is_not_taken_over(path: Path) -> None:
    install(path, "zz_same", PROGRAMS.group, "nsn = zz_same:PART", PART)
    with pytest.raises(PluginError, match=r"chipsim and zz_same 1\.2 both offer a program called 'nsn'; uninstall one"):
        PROGRAMS.get("nsn")


@needs("nsn")
def test_it_works_from_a_source_tree_that_is_not_installed(root: Path) -> None:
    code = "from importlib import metadata\nmetadata.entry_points = lambda group: ()\n"
    code += "from chipsim.programs.base import PROGRAMS\nprint(PROGRAMS.get('nsn').name)"
    done = subprocess.run([sys.executable, "-c", code], cwd=root, capture_output=True, text=True, check=False)
    assert (done.stdout, done.stderr) == ("nsn\n", "")


KIND = """
from typing import Literal
from chipsim.config.experiment import Experiment  # what users of a kind import, and what is being imported when kinds are loaded
from chipsim.config.workload import WorkloadKind, WorkloadSpec

class EchoWorkload(WorkloadSpec):
    '''Packets that come back.

    Attributes:
        packets: how many.
    '''
    kind: Literal["echo"]
    packets: int = 3

ECHO = WorkloadKind(EchoWorkload, "packets", lambda experiment, limit: None, lambda workload: "an echo", lambda experiment: "3 packets")
"""


def test_a_package_adds_a_kind_of_workload(root: Path, tmp_path: Path) -> None:
    install(tmp_path, "zz_kind", "chipsim.workloads", "echo = zz_kind:ECHO", KIND)
    code = (
        "from chipsim.config.load import load_experiment\nfrom chipsim.config.describe import experiment_keys\n"
        "print(load_experiment('lif-small', ['workload={kind: echo, packets: 5}', 'chip.core.pace=event']).workload)\n"
        "print([key.path for key in experiment_keys() if 'echo' in key.path])\n"
        "load_experiment('lif-small', ['workload={kind: ech}'])"
    )
    done = subprocess.run(
        [sys.executable, "-c", code],
        cwd=root,
        env={"PYTHONPATH": f"{root}:{tmp_path}"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.stdout == "kind='echo' packets=5\n['workload[echo].kind', 'workload[echo].packets']\n"
    assert (
        "unknown kind 'ech' (did you mean 'echo'?); allowed: text, log, generated, arrays, traffic, synthetic, echo"
        in done.stderr
    )


NETWORK = """
import numpy as np
from chipsim.config.topology import RoutingRule, Topology
from chipsim.noc.fabric import Links
from chipsim.noc.tables import shortest_table

def star(noc):
    spokes = noc.tiles - 1
    to, back = np.full((2, noc.tiles, max(spokes, 1)), -1, np.int64)
    to[0], back[0] = np.arange(1, noc.tiles), 0
    to[1:, 0], back[1:, 0] = 0, np.arange(spokes)
    return Links(max(spokes, 1), to.ravel(), back.ravel(), np.zeros(to.size, np.int64))

STAR = Topology(star, ("updown", "table"))
NEAR = RoutingRule(table=shortest_table, anywhere=True)
"""


@pytest.mark.parametrize("router", ["ideal", "queued", "wormhole"])
@needs("packets")
def test_a_package_adds_a_topology_and_a_routing(root: Path, tmp_path: Path, router: str) -> None:
    install(tmp_path, "zz_star", "chipsim.topologies", "star = zz_star:STAR\n[chipsim.routings]\nnear = zz_star:NEAR", NETWORK)
    settings = ["workload={kind: synthetic, load: 0.1, cycles: 300}", "chip.noc.topology=star", "chip.noc.routing=near"]
    settings += [f"chip.noc.router={router}", "chip.noc.cast=unicast", "engine=reference", "probes=[packets]"]
    code = (
        "from chipsim.config.load import load_experiment\nfrom chipsim.pipeline import simulate\n"
        f"result = simulate(load_experiment('lif-small', {settings!r}))\n"
        "packets = result.tables['packets']\nhub = result.experiment.chip.noc.concentration\n"
        "far = (packets['source'] >= hub) & (packets['destination'] >= hub)\n"
        "same = packets['source'] // hub == packets['destination'] // hub\n"
        "print(len(far) > 50, set(packets['hops'][far & ~same].tolist()), set(packets['hops'][same].tolist()))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code],
        cwd=root,
        env={"PYTHONPATH": f"{root}:{tmp_path}"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.stdout, done.stderr) == ("True {2} {0}\n", "")
