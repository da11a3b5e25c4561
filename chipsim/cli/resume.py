"""What ``chipsim run --resume FOLDER`` finds in a folder: a state to go on from, a run that is finished, or neither."""

from __future__ import annotations

import shlex
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from chipsim.cli.output import tell
from chipsim.cli.text import command, labelled, suggested, unbroken
from chipsim.errors import ConfigError, UsageError

if TYPE_CHECKING:
    from chipsim.machine.snapshot import Snapshot

NO_SNAPSHOT = "what is in wormhole routers, or in a damaged network, is in no snapshot, so it cannot go on"
"""Why a run that was cut off begins again."""

_MAY_CHANGE = ("until", "engine")
"""Keys in which a run that is gone on with may differ: when it ends, and what runs it."""
_MOST = 4


def summary_to_resume(folder: Path) -> dict[str, Any]:
    """The summary of the run that a folder holds.

    Raises:
        UsageError: there is no such folder, or it holds no run.
    """
    from chipsim.results.store import read_summary

    if not folder.is_dir():
        raise UsageError(f"--resume: {folder}: no such folder; give that of a run that was interrupted, or that `until` ended")
    return read_summary(folder)


def state_to_resume(folder: Path) -> Snapshot:
    """The state that a run which did not end by itself left.

    Raises:
        ConfigError: it left none.
    """
    from chipsim.machine.snapshot import load_snapshot
    from chipsim.results.store import SNAPSHOT

    path = folder / SNAPSHOT
    if not path.exists():
        again = shlex.join(("chipsim", "run", str(folder / "experiment.yaml")))
        raise ConfigError(f"--resume: {folder}: the run left no {SNAPSHOT}: {NO_SNAPSHOT}; run it again: {again}")
    return load_snapshot(path)


def refuse_other(folder: Path, name: str | None, settings: Sequence[str]) -> None:
    """Refuse to call finished what was asked for where it is not the experiment of the finished run.

    Raises:
        ConfigError: the experiment that was asked for differs from the one that ran.
    """
    from chipsim.config.load import load_experiment
    from chipsim.config.sweep import value_text
    from chipsim.results.flat import flat

    if name is None and not settings:
        return
    path = folder / "experiment.yaml"
    ran, asked = (
        dict(flat(load_experiment(one, words).model_dump(mode="json", exclude={*_MAY_CHANGE, "name"})))
        for one, words in ((str(path), ()), (name or str(path), settings))
    )
    keys = [key for key in dict.fromkeys((*ran, *asked)) if ran.get(key) != asked.get(key)]
    if not keys:
        return
    shown = "; ".join(f"{key} was {value_text(ran.get(key))}, now {value_text(asked.get(key)):.60}" for key in keys[:_MOST])
    more = f"; and {len(keys) - _MOST} more" if len(keys) > _MOST else ""
    again = shlex.join(("chipsim", "run", name or str(path), *(word for one in settings for word in ("--set", one))))
    raise ConfigError(
        f"--resume: {folder}: a finished run of another experiment: {shown}{more}; run yours without --resume: {again}"
    )


def say_finished(folder: Path, summary: dict[str, Any], json: bool, quiet: bool) -> None:
    """Say that a run has nothing left to go on with; ``--json`` has its summary."""
    from chipsim.results.store import summary_text

    if json:
        tell(summary_text(summary), nl=False)
    if not quiet:
        lines = [
            labelled("run", f"{summary['name']} is finished: all of its input has run, there is nothing left to go on with"),
            labelled("folder", unbroken(folder)),
            suggested("next", command("chipsim", "show", folder), "says what came out"),
            suggested("", command("chipsim", "run", folder / "experiment.yaml"), "runs it again from the beginning"),
        ]
        tell("\n".join(lines), err=json)
