"""What kind of result is in a folder or a file, told by what is in it."""

from __future__ import annotations

import json
import shlex
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from chipsim.errors import UsageError
from chipsim.network.npz import BROKEN
from chipsim.results.store import EXPERIMENT, MAPPING, MAPPING_SUMMARY, SUMMARY

RUN, SWEEP, MAPPED, NOC, SCALE, COMPLEXITY = "run", "sweep", "mapping", "noc", "scale", "complexity"

FOLDER, OBJECT, ARRAYS = "folder", "json", "npz"
"""Forms of a result: a folder, the object of ``--json`` alone, a mapping file alone."""

NOC_FILE, SCALE_FILE, SWEEP_FILE, POINTS_FILE = "noc.json", "points.json", "sweep.yaml", "points.parquet"
COMPLEXITY_FILE = "complexity.json"
MARKS = {
    NOC_FILE: NOC,
    SCALE_FILE: SCALE,
    COMPLEXITY_FILE: COMPLEXITY,
    SWEEP_FILE: SWEEP,
    SUMMARY: RUN,
    MAPPING_SUMMARY: MAPPED,
}
"""The file that makes a folder one of a kind, in the order in which they are looked for."""

_MAPPING_FORMATS = ("chipsim-mapping-", "chipsim-graph-mapping-")


@dataclass(frozen=True, slots=True)
class Source:
    """Where a result is.

    Attributes:
        path: a folder, or a file.
        kind: `RUN`, `SWEEP`, `MAPPED`, `NOC`, `SCALE` or `COMPLEXITY`.
        form: `FOLDER`, `OBJECT` or `ARRAYS`.
    """

    path: Path
    kind: str
    form: str

    @property
    def object_file(self) -> Path:
        """The JSON file that holds its figures."""
        return self.path if self.form == OBJECT else self.path / next(name for name, kind in MARKS.items() if kind == self.kind)

    @property
    def arrays_file(self) -> Path:
        """The file that holds its mapping."""
        return self.path if self.form == ARRAYS else self.path / MAPPING


def source_of(path: Path) -> Source:
    """Recognise a result.

    Raises:
        UsageError: there is none, or it cannot be read.
    """
    if path.is_dir():
        return Source(path, _kind_of_folder(path), FOLDER)
    try:
        with path.open("rb") as file:
            head = file.read(2)
    except OSError as error:
        raise UsageError(f"{path}: cannot be read: {error.strerror or error}; give a folder or file of a result") from error
    if head == b"PK":
        _refuse_other_archive(path)
        return Source(path, MAPPED, ARRAYS)
    return Source(path, _kind_of_object(path, read_object(path)), OBJECT)


def read_object(path: Path) -> dict[str, Any]:
    """The object in a JSON file. Raises UsageError where there is none."""
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise UsageError(f"{path}: cannot be read: {error.strerror or error}; give a folder that chipsim wrote") from error
    except ValueError as error:
        raise UsageError(
            f"{path}: not JSON ({error}); give the folder of a result, what its --json printed, or a mapping"
        ) from error
    if not isinstance(found, dict):
        raise UsageError(f"{path}: not the object of a result; give a folder or file that chipsim wrote")
    return found


def _kind_of_folder(path: Path) -> str:
    for name, kind in MARKS.items():
        if (path / name).is_file():
            return kind
    if (path / EXPERIMENT).is_file():
        raise UsageError(f"{path}: a run that did not come to its end: no {SUMMARY}; run it again, or give another folder")
    below = shlex.join(("chipsim", "runs", str(path)))
    raise UsageError(
        f"{path}: no result of chipsim in this folder: none of {', '.join(MARKS)}; `{below}` lists what is below it"
    )


def _kind_of_object(path: Path, found: dict[str, Any]) -> str:
    if "noc" in found and "traffic" in found and "points" in found:
        return NOC
    if "digest" in found and "kind" in found:
        return RUN
    if "points" in found and "workload" in found:
        return SCALE
    if "complexity" in found and "runs" in found:
        return COMPLEXITY
    if "resources" in found:
        return MAPPED
    raise UsageError(
        f"{path}: not the object of a run, mapping, noc, scale or complexity; give a folder or file that chipsim wrote"
    )


def _refuse_other_archive(path: Path) -> None:
    try:
        with path.open("rb") as file, np.load(file, allow_pickle=False) as archive:
            found = str(archive["format"]) if "format" in archive.files else "none"
    except BROKEN as error:
        raise UsageError(f"{path}: not a whole NumPy archive ({error}); give a mapping that chipsim map wrote") from error
    if not found.startswith(_MAPPING_FORMATS):
        raise UsageError(f"{path}: not a mapping, its format is {found[:40]!r}; give a mapping that chipsim map wrote")
