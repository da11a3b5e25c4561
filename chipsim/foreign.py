"""Files of other formats that are given where chipsim reads none of them: what they are, and what to do instead.

Only the beginning of a file is looked at, and nothing in it is trusted: what is said is advice in a message of refusal.
"""

from __future__ import annotations

import stat
from dataclasses import dataclass
from pathlib import Path
from shlex import quote

_ENOUGH = 1 << 20
"""Bytes that are looked at; names within HDF5 stand near its beginning."""

OTHER_TOOLS = 'docs/own-network.md, "From other tools"'

_NOT_READ = "which this version does not read"
_TO_ARRAYS = f"write its neurons and synapses as arrays, with chipsim.api.save_lif or numpy.savez ({OTHER_TOOLS})"

KINDS = {
    "nir": f"NIR graphs are not read in this version; read yours with the package nir and {_TO_ARRAYS}, for kind arrays",
    "sonata": f"SONATA networks are not read in this version; read yours with h5py and {_TO_ARRAYS}, for kind arrays",
    "knp": f"KNP folders are not read in this version; read yours with h5py and {_TO_ARRAYS}, for kind arrays",
    "sanafe": f"SANA-FE's descriptions are not read in this version; {_TO_ARRAYS}, for kind arrays",
    "hdf5": f"HDF5 is not read in this version; read yours with h5py and {_TO_ARRAYS}, for kind arrays",
    "csv": "events in CSV are kind log with format: csv, synapses in CSV are to be written as arrays for kind arrays"
    f" ({OTHER_TOOLS})",
    "lif": "neurons in ms and mV are kind arrays with neuron: lif-refractory; chipsim new lif LIF.npz makes a sample",
    "spiking": "spiking networks are kind arrays; chipsim new network SNN.npz makes a sample",
    "npz": "archives of spiking networks are kind arrays, those of packets kind traffic",
}
"""Kinds of workload that one may look for, and what there is instead."""


@dataclass(frozen=True, slots=True)
class Foreign:
    """What a file is.

    Attributes:
        what: with its article.
        to_arrays: what to do with it where arrays are wanted.
        is_text: whether it is plain text, which text readers take.
    """

    what: str
    to_arrays: str
    is_text: bool = False


_COMPRESSED = ((b"\x1f\x8b", "gzip", "gunzip"), (b"BZh", "bzip2", "bunzip2"), (b"\xfd7zXZ", "xz", "unxz"),
               (b"\x28\xb5\x2f\xfd", "zstd", "unzstd"))  # fmt: skip

_HDF5 = b"\x89HDF\r\n\x1a\n"
_PICKLES = (b"\x80\x02", b"\x80\x03", b"\x80\x04", b"\x80\x05")


def recognise(path: Path) -> Foreign | None:
    """What a file is; None where that is not known, where it is no file, or cannot be read."""
    try:
        if not stat.S_ISREG(path.stat().st_mode):
            return None
        with path.open("rb") as file:
            head = file.read(_ENOUGH)
    except (OSError, ValueError):
        return None
    return _binary(path, head) or _text(path, head)


def _binary(path: Path, head: bytes) -> Foreign | None:
    for magic, name, tool in _COMPRESSED:
        if head.startswith(magic):
            return Foreign(f"a file packed with {name}", f"unpack it first ({tool} {quote(path.name)})")
    if head.startswith(_HDF5):
        return _hdf5(path, head)
    if path.suffix == ".nir":
        return Foreign("no HDF5, as a NIR graph is, whatever its name says", "write it again with nir.write; " + KINDS["nir"])
    if path.suffix in (".h5", ".hdf5", ".nwb"):
        return Foreign("no HDF5, whatever its name says", "it is cut off, or of another format: make it again")
    if head.startswith(b"\x93NUMPY"):
        return Foreign(
            "a single NumPy array (.npy)",
            "put all arrays of the network into one file: numpy.savez(FILE.npz, src=..., dst=...)",
        )
    if head.startswith(b"PAR1"):
        return Foreign("a Parquet file", "read it with pyarrow.parquet.read_table and write its columns with numpy.savez")
    if head.startswith(_PICKLES):
        return Foreign(
            "a Python pickle", "pickles are never read, for they run code: load it where you trust it and use numpy.savez"
        )
    if head.startswith(b"MATLAB 5.0"):
        return Foreign("a MATLAB file", "read it with scipy.io.loadmat and write its arrays with numpy.savez")
    if head.startswith((b"\xff\xfe", b"\xfe\xff")):
        return Foreign("text in UTF-16", "write it again as UTF-8 (iconv -f UTF-16 -t UTF-8)")
    return None


def _hdf5(path: Path, head: bytes) -> Foreign:
    if path.suffix == ".nir" or (b"v_threshold" in head and b"edges" in head):
        return Foreign(f"a NIR graph (HDF5), {_NOT_READ}", f"read it with the package nir and {_TO_ARRAYS}")
    for mark, part in (
        (b"source_node_id", "edges"),
        (b"node_type_id", "nodes"),
        (b"node_group_id", "nodes"),
        (b"timestamps", "spikes"),
    ):
        if mark in head:
            return Foreign(f"the {part} of a SONATA network (HDF5), {_NOT_READ}", f"read it with h5py and {_TO_ARRAYS}")
    return Foreign(f"an HDF5 file, {_NOT_READ}", f"read it with h5py and {_TO_ARRAYS}")


def _text(path: Path, head: bytes) -> Foreign | None:
    try:
        text = head.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        if error.start < len(head) - 4 or len(head) < _ENOUGH:
            return None
        text = head[: error.start].decode("utf-8-sig")
    if "\0" in text or not text.strip():
        return None
    start = text.lstrip()
    if start.startswith("{"):
        if '"networks"' in text or '"manifest"' in text or '"node_sets_file"' in text:
            return Foreign(
                f"the configuration of a SONATA network, {_NOT_READ}", f"read its HDF5 files with h5py and {_TO_ARRAYS}", True
            )
        return Foreign("JSON", _TO_ARRAYS, True)
    if path.suffix in (".yaml", ".yml"):
        return Foreign("a description in YAML", f"run it as an experiment: chipsim run {quote(str(path))}", True)
    first = start.splitlines()[0][:300]
    separator = next((mark for mark in (",", ";", "\t") if mark in first), None)
    if separator is not None or path.suffix in (".csv", ".tsv"):
        cells = [cell.strip().strip('"') for cell in first.split(separator or ",")][:8]
        how = "" if separator in (None, ",") else f", separated by {'semicolons' if separator == ';' else 'tabs'}"
        load = f"numpy.loadtxt({path.name!r}, delimiter={(separator or ',')!r}, skiprows=1, unpack=True)"
        return Foreign(
            f"text in columns ({', '.join(cells)}{how})",
            f"read them with {load} and write them with numpy.savez under the names that are wanted ({OTHER_TOOLS})",
            True,
        )
    return Foreign("plain text", _TO_ARRAYS, True)


def how_to_run(name: str) -> str:
    """A command for whoever names an input file instead of an experiment; empty where the name ends like none."""
    path = Path(name)
    commands = {
        ".npz": ("lif-small", ""),
        ".txt": ("text", ""),
        ".log": ("log-sample", ""),
        ".csv": ("log-sample", " --set workload.format=csv"),
        ".jsonl": ("log-sample", " --set workload.format=jsonl"),
    }
    if path.suffix not in commands:
        found = recognise(path)
        if found is not None and not found.is_text:
            return f"it is {found.what}; {found.to_arrays}"
        return {".nir": KINDS["nir"], ".h5": KINDS["hdf5"], ".hdf5": KINDS["hdf5"]}.get(path.suffix, "")
    experiment, more = commands[path.suffix]
    return f"it is input of an experiment: chipsim run {experiment}{more} --set workload.path={quote(name)}"
