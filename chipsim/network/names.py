"""What the codes of a log stand for, kept with a run: the log itself may be rotated, cut or gone when the run is looked at."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

from chipsim.errors import WorkloadError

NAMES = "names.json"
"""In a run folder: a list of texts such as ``user=root``, by code. The host's table: no core holds it."""


def save_names(names: Sequence[str], path: Path) -> None:
    """Write the names, by code."""
    path.write_text(json.dumps(list(names), indent=0) + "\n", encoding="ascii")


def load_names(folder: Path) -> tuple[str, ...]:
    """The names that a run left in its folder.

    Raises:
        WorkloadError: the file is missing or is no list of texts.
    """
    path = folder / NAMES
    try:
        found = json.loads(path.read_text(encoding="ascii"))
    except OSError as error:
        raise WorkloadError(f"{path}: {error.strerror}; run the experiment again, a run of a log writes it") from error
    except ValueError as error:
        raise WorkloadError(f"{path}: not JSON ({error}); run the experiment again") from error
    if not isinstance(found, list) or not all(isinstance(name, str) for name in found):
        raise WorkloadError(f"{path}: not a list of texts; run the experiment again")
    return tuple(found)
