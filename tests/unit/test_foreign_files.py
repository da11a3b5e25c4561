"""Files of other formats, and broken ones, given wherever a file is read: each is told with its name, what it is and what to do.

Every case goes through the command line in a process' own words: no traceback, no wait, no run that goes on as if nothing were.
"""

from __future__ import annotations

import bz2
import gzip
import io
import json
import lzma
import os
import pickle
import re
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from chipsim.cli.app import main
from chipsim.foreign import recognise
from tests.needs import needs

pytestmark = needs("snn", "nsn", "packets")

HDF5 = b"\x89HDF\r\n\x1a\n" + bytes(40)
CSV = b"src,dst,weight\n0,1,0.5\n1,0,0.25\n"
SONATA_CONFIG = json.dumps({"manifest": {"$DIR": "."}, "networks": {"nodes": [], "edges": []}}).encode()


def archive(**arrays: Any) -> bytes:
    out = io.BytesIO()
    np.savez(out, **arrays)
    return out.getvalue()


def single() -> bytes:
    out = io.BytesIO()
    np.save(out, np.arange(4))
    return out.getvalue()


def zipped(**members: bytes) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as file:
        for name, content in members.items():
            file.writestr(name, content)
    return out.getvalue()


def parquet(**columns: Any) -> bytes:
    out = io.BytesIO()
    pq.write_table(pa.table(columns), out)
    return out.getvalue()


NET = archive(src=[0, 1], dst=[1, 0], weight=[0.5, 0.25], steps=3)

NETWORK: dict[str, tuple[str, bytes, str]] = {
    # name: (name of the file, content, what the message says)
    "nir": (
        "a.nir", HDF5 + b"nodes edges LIF v_threshold",
        "a NIR graph (HDF5), which this version does not read; read it with the package nir",
    ),
    "nir by another name": ("a.dat", HDF5 + b"nodes edges v_threshold", "a NIR graph (HDF5)"),
    "nir that is no hdf5": ("a.nir", b"{}", "no HDF5, as a NIR graph is"),
    "nir cut off": ("a.nir", HDF5[:6], "no HDF5, as a NIR graph is"),
    "sonata edges": ("edges.h5", HDF5 + b"source_node_id target_node_id", "the edges of a SONATA network (HDF5)"),
    "sonata nodes": ("nodes.h5", HDF5 + b"node_type_id", "the nodes of a SONATA network (HDF5)"),
    "sonata spikes": ("spikes.h5", HDF5 + b"timestamps", "the spikes of a SONATA network (HDF5)"),
    "sonata config": ("circuit_config.json", SONATA_CONFIG, "the configuration of a SONATA network"),
    "hdf5": ("a.hdf5", HDF5, "an HDF5 file, which this version does not read; read it with h5py"),
    "hdf5 cut off": ("a.h5", HDF5[:4], "no HDF5, whatever its name says; it is cut off"),
    "hdf5 that is text": ("a.h5", b"hello\n", "no HDF5, whatever its name says"),
    "hdf5 packed": ("a.h5.gz", gzip.compress(HDF5), "packed with gzip; unpack it first (gunzip a.h5.gz)"),
    "archive packed": ("a.npz.gz", gzip.compress(NET), "packed with gzip"),
    "bz2": ("a.bz2", bz2.compress(NET), "packed with bzip2; unpack it first (bunzip2"),
    "xz": ("a.xz", lzma.compress(NET), "packed with xz; unpack it first (unxz"),
    "csv": ("a.csv", CSV, "text in columns (src, dst, weight); read them with numpy.loadtxt('a.csv', delimiter=','"),
    "csv with semicolons": ("a.csv", CSV.replace(b",", b";"), "separated by semicolons); read them with numpy.loadtxt('a.csv', delimiter=';'"),
    "tsv": ("a.tsv", CSV.replace(b",", b"\t"), "separated by tabs"),
    "csv with a byte order mark": ("a.csv", b"\xef\xbb\xbf" + CSV, "text in columns (src, dst, weight)"),
    "csv with quotes": ("a.csv", b'"src","dst"\n0,1\n', "text in columns (src, dst)"),
    "utf-16": ("a.csv", CSV.decode().encode("utf-16"), "text in UTF-16; write it again as UTF-8"),
    "json": ("a.json", b'{"src": [0]}', "JSON; write its neurons and synapses as arrays"),
    "yaml": ("a.yaml", b"chip: mesh-16\n", "a description in YAML; run it as an experiment: chipsim run"),
    "text": ("a.txt", b"hello world\n", "plain text"),
    "npy": ("a.npy", single(), "a single NumPy array (.npy); put all arrays of the network into one file: numpy.savez"),
    "parquet": ("a.parquet", parquet(src=[0]), "a Parquet file; read it with pyarrow.parquet.read_table"),
    "pickle": ("a.pkl", pickle.dumps({"src": [0]}), "a Python pickle; pickles are never read"),
    "matlab": ("a.mat", b"MATLAB 5.0 MAT-file" + bytes(200), "a MATLAB file; read it with scipy.io.loadmat"),
    "empty": ("a.npz", b"", "the file is empty; allowed: a NumPy archive"),
    "archive cut off": ("a.npz", NET[: len(NET) // 2], "a NumPy archive that is broken or cut off"),
    "zip of something": ("a.zip", zipped(**{"readme.txt": b"x"}), "no src, dst, weight"),
    "an array cut off": ("a.npz", zipped(**{"src.npy": single()[:-5]}), "src: 27 bytes for 4 values of int64; the file is cut off"),
    "an array that is none": ("a.npz", zipped(**{"src.npy": b"x"}), "src: not an array"),
    "objects": ("a.npz", archive(src=np.array([None]), dst=[0], weight=[1.0], steps=3), "src holds Python objects (a pickle)"),
    "no weight": ("a.npz", archive(src=[0], dst=[0]), "no weight; an archive of a spiking network has the keys src, dst and weight"),
    "groups of other names": ("a.npz", archive(pre=[0], post=[0], w=[1.0]), "no src, dst, weight; name pre src, post dst, w weight"),
    "other case": ("a.npz", archive(Src=[0], Dst=[0], Weight=[1.0]), "name Src src, Dst dst, Weight weight"),
    "weights that are text": ("a.npz", archive(src=[0], dst=[0], weight=["a"], steps=3), "weight holds <U1; allowed: numbers"),
    "complex weights": ("a.npz", archive(src=[0], dst=[0], weight=[1j], steps=3), "weight holds complex128"),
    "a matrix of weights": ("a.npz", archive(src=[0], dst=[0], weight=np.eye(2), steps=3), "weight has shape (2, 2)"),
    "nan": ("a.npz", archive(src=[0], dst=[0], weight=[np.nan], steps=3), "weight[0] is nan; allowed: finite numbers"),
    "negative": ("a.npz", archive(src=[0], dst=[-1], weight=[1.0], steps=3), "dst[0] is -1; allowed: 0 to"),
    "edges to neurons that are not there": (
        "a.npz", archive(src=[0], dst=[7], weight=[1.0], v0=[0.0, 0.0], steps=3),
        "dst[0] is 7; allowed: 0 to 1, numbers of the 2 neurons that v0 gives",
    ),
    "kinds of neuron that are not known": (
        "a.npz", archive(src=[0], dst=[0], weight=[1.0], neuron_kind=[4], steps=3), "neuron_kind[0] is 4; allowed: 0",
    ),
    "floats for numbers of neurons": ("a.npz", archive(src=[0.5], dst=[0], weight=[1.0], steps=3), "src holds float64; allowed: whole numbers"),
    "parameters of lif under names of other tools": (
        "a.npz", archive(src=[0], dst=[0], weight=[1.0], tau_m=20.0, V_th=-50.0, steps=3),
        "tau_m, V_th: not read with src, dst, weight in fixed point",
    ),
}  # fmt: skip

IDS = sorted(NETWORK)


def told(words: list[str], capfd: pytest.CaptureFixture[str]) -> str:
    """What a refusal says; exit code 2, 3 or 4 and no traceback."""
    code = main(words)
    err = capfd.readouterr().err
    assert code in (2, 3, 4) and "Traceback" not in err, err
    return "\n".join(line for line in err.splitlines() if not line.startswith("lif-small:"))


@pytest.mark.parametrize("name", IDS)
def test_no_network(name, tmp_path, capfd):
    file, content, said = NETWORK[name]
    path = tmp_path / file
    path.write_bytes(content)
    message = told(["run", "lif-small", "--set", f"workload.path={path}", "--no-report", "--out", str(tmp_path / "o")], capfd)
    assert said in message and str(path) in message
    assert not (tmp_path / "o").exists()


@pytest.mark.parametrize("name", [one for one in IDS if NETWORK[one][0] != "a.npz"])
def test_no_graph_and_no_packets_either(name, tmp_path, capfd):
    """The same file where other archives are read: what it is is said there too."""
    file, content, said = NETWORK[name]
    (tmp_path / file).write_bytes(content)
    if not file.endswith(".zip"):
        assert said in told(["map", "--graph", str(tmp_path / file), "--mesh", "4x4"], capfd)
    words = ["run", "lif-small", "--set", f"workload={{kind: traffic, path: '{tmp_path / file}'}}", "--no-report"]
    message = told([*words, "--set", "probes=[]", "--set", "mapping.fill=null"], capfd)
    assert (said in message or "packets" in message) and file in message


@pytest.mark.parametrize("name", ["nir", "sonata edges", "hdf5", "npy", "matlab", "hdf5 packed", "parquet", "utf-16", "pickle"])
@pytest.mark.parametrize("experiment", [("text-small",), ("log-sample", "--set", "workload.format=csv")])
def test_no_text_and_no_log(name, experiment, tmp_path, capfd):
    file, content, _ = NETWORK[name]
    (tmp_path / file).write_bytes(content)
    message = told(["run", *experiment, "--set", f"workload.path={tmp_path / file}", "--no-report"], capfd)
    assert "the file is not plain text: it is" in message and file in message


@pytest.mark.parametrize("name", ["nir", "sonata edges", "hdf5", "hdf5 packed", "npy", "sonata config", "parquet", "archive"])
def test_no_experiment(name, tmp_path, capfd, monkeypatch):
    """`chipsim run FILE` with a file of input, by name alone and by path."""
    file, content, said = {**NETWORK, "archive": ("a.npz", NET, "chipsim run lif-small --set workload.path=")}[name]
    (tmp_path / file).write_bytes(content)
    monkeypatch.chdir(tmp_path)
    message = told(["run", f"./{file}"], capfd)
    assert said in message and file in message and len(message.splitlines()) == 1
    if not file.endswith(".json"):
        assert said in told(["run", file], capfd)


@pytest.mark.parametrize(("name", "command"), [
    ("n.npz", "chipsim run lif-small --set workload.path=n.npz"),
    ("my text.txt", "chipsim run text --set workload.path='my text.txt'"),
    ("a.csv", "chipsim run log-sample --set workload.format=csv --set workload.path=a.csv"),
    ("a.jsonl", "--set workload.format=jsonl"),
    ("a.nir", "NIR graphs are not read in this version"),
])  # fmt: skip
def test_the_command_for_a_file_of_input_is_named(name, command, capfd):
    assert command in told(["run", name], capfd)


@pytest.mark.parametrize("kind", ["nir", "sonata", "knp", "sanafe", "hdf5", "csv", "spiking", "lif", "npz"])
def test_kinds_that_are_looked_for_are_told_what_there_is(kind, capfd):
    message = told(["run", "lif-small", "--set", f"workload={{kind: {kind}, path: x}}"], capfd)
    assert f"unknown kind {kind!r}" in message and "kind arrays" in message


@pytest.mark.parametrize("words", [
    ("run", "lif-small", "--set", "workload.path={}"),
    ("run", "lif-small", "--set", "workload={{kind: traffic, path: {}}}"),
    ("run", "text-small", "--set", "workload.path={}"),
    ("run", "log-sample", "--set", "workload.path={}"),
    ("map", "--graph", "{}", "--mesh", "4x4"),
    ("run", "text-small", "--set", "mapping.file={}"),
    ("validate", "lif-small", "--set", "chip.noc.topology=graph", "--set", "chip.noc.edges={}"),
    ("run", "{}"),
])  # fmt: skip
@pytest.mark.parametrize("what", ["pipe", "folder", "missing", "empty", "rubbish"])
def test_nothing_waits_for_ever_and_nothing_is_taken_for_a_file(words, what, tmp_path, capfd):
    name = "in.yaml" if words == ("run", "{}") else "in.npz"
    path = tmp_path / name
    makes: dict[str, Callable[[], object]] = {
        "pipe": lambda: os.mkfifo(path), "folder": path.mkdir, "missing": lambda: None, "empty": path.touch,
        "rubbish": lambda: path.write_bytes(np.random.default_rng(1).bytes(5000)),
    }  # fmt: skip
    makes[what]()
    message = told([word.format(path) for word in words], capfd)
    assert str(path) in message or name in message


def test_packets_of_a_run_that_are_a_pipe(tmp_path, capfd):
    os.mkfifo(tmp_path / "packets.parquet")
    assert "a folder, pipe or device" in told(
        [
            "run",
            "lif-small",
            "--set",
            f"workload={{kind: traffic, path: '{tmp_path}/packets.parquet'}}",
            "--set",
            "mapping.fill=null",
        ],
        capfd,
    )


EDGES = [
    (b"a;b\n0;1\n", r"links.csv:1: 1 cell (is the separator not a comma?)"),
    (b"0 1\n1 2\n", r"links.csv:1: 1 cell (is the separator not a comma?)"),
    (b"a,b\n0\n", r"links.csv:2: 1 cell;"),
    (b"a,b\n0,x\n", r"links.csv:2:3: 'x' is not a router"),
    (b"a,b\n0,1.0\n", r"links.csv:2:3: '1.0' is not a router"),
    (b"a,b\n0, -1\n", r"links.csv:2:3: '-1' is not a router"),
    (b"a,b\n0,1\n1,99\n", r"links.csv:3:3: '99' is not a router; allowed: 0 to 31"),
    (b'a,b,latency\n0,1,"4 parsec"\n', r"links.csv:2:5: latency"),
    (b'a,b\n0,"1\n', r"links.csv:2: not CSV: unexpected end of data"),
    (b"a,b\n0,1,1 ns,1 ns,0,7\n", r"links.csv:2: 6 cells"),
    (b"a,b\n\xff,1\n", r"links.csv: 'utf-8' codec can't decode"),
    (gzip.compress(b"a,b\n0,1\n", mtime=0), r"links.csv: a file packed with gzip"),
    (HDF5, r"links.csv: an HDF5 file"),
    ("a,b\n0,1\n".encode("utf-16"), r"links.csv: text in UTF-16"),
    (b"a,b\n" + b"0," * 10_000, r"links.csv:2: not CSV: a line of more than 4,096 characters"),
    (b"\n# nothing\n", r"links.csv: no link in it"),
]


@pytest.mark.parametrize(("content", "said"), EDGES)
def test_links_of_a_graph_say_line_and_column(content, said, tmp_path, capfd):
    (tmp_path / "links.csv").write_bytes(content)
    path = tmp_path / "links.csv"
    words = [
        "run",
        "lif-small",
        "--set",
        "chip.noc.topology=graph",
        "--set",
        f"chip.noc.edges={path}",
        "--set",
        "chip.noc.routing=null",
    ]
    message = told(words, capfd)
    assert said in message and ("wants a readable CSV file" in message or "allowed" in message)


def test_links_with_a_byte_order_mark_comments_and_quotes_are_read(tmp_path, capfd):
    from chipsim.noc.edges import read_edges

    (tmp_path / "l.csv").write_bytes(b'\xef\xbb\xbfa,b,latency\r\n# by hand\r\n0,"1","4 ns"\r\n\r\n1,2 # back\r\n')
    edges = read_edges(str(tmp_path / "l.csv"), 3, 0)
    assert edges.a.tolist() == [0, 1] and edges.b.tolist() == [1, 2] and edges.latency.tolist() == [4000, 0]


REAL = Path(__file__).resolve().parents[3] / "shared" / "data" / "spiking"


@pytest.mark.skipif(not REAL.is_dir(), reason="real files of other tools are not here")
def test_real_files_of_other_tools_are_recognised():
    found = {str(path.relative_to(REAL)): one.what for path in REAL.rglob("*") if (one := recognise(path))}
    for path, what in found.items():
        if path.endswith(".nir"):
            assert what.startswith("a NIR graph"), path
        if path.endswith("edges.h5"):
            assert what.startswith("the edges of a SONATA"), path
        if re.search(r"nodes\.h5$", path):
            assert what.startswith("the nodes of a SONATA"), path
        if path.endswith("spikes.h5"):
            assert what.startswith("the spikes of a SONATA"), path
    assert found["sonata/300_intfire/circuit_config.json"].startswith("the configuration of a SONATA")
