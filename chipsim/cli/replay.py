"""``chipsim replay``: the input again, from the core memories that a run left and nothing else."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from chipsim.cli.options import Json
from chipsim.errors import UsageError

if TYPE_CHECKING:
    from chipsim.network import NsnState


def replay_run(
    folder: Annotated[Path, typer.Argument(metavar="FOLDER", help="A folder that chipsim run wrote.")],
    episode: Annotated[
        int | None,
        typer.Option(
            "--episode", metavar="N", min=0, help="This episode alone, from 0; all whole ones by default.", show_default=False
        ),
    ] = None,
    json: Json = False,
) -> None:
    """Print the input as it was stored.

    Core memories alone are read (memory.npz), not the input; of a log, the names of field values are taken from the log.
    """
    from chipsim.config.load import load_experiment
    from chipsim.config.workload import kind_of
    from chipsim.programs.nsn.image import load_memory, stored_network
    from chipsim.results.store import EXPERIMENT, MEMORY, read_summary
    from workloads.nsn.replay import replay_episode

    read_summary(folder)  # refuses what is no run folder
    experiment = load_experiment(str(folder / EXPERIMENT))
    workload = experiment.workload
    replay = kind_of(workload).replay
    if replay is None:
        raise UsageError(f"{folder}: a run of kind {workload.kind} stores no episodes; allowed: the folder of a text or a log")
    state = stored_network(load_memory(folder / MEMORY))
    rules = replay.rules(workload, state)
    episodes = {number: replay_episode(state, rules, number) for number in _wanted(folder, state, episode)}
    if json:
        from json import dumps

        left_out = [number for number, record in enumerate(state.records) if not record.replayable]
        found = {str(number): [list(leaf) for leaf in leaves] for number, leaves in episodes.items()}
        typer.echo(dumps({"episodes": found, "not_replayable": left_out if episode is None else []}))
        return
    leaves = [leaf for leaves in episodes.values() for leaf in leaves]
    text = replay.told(workload, leaves, lambda note: typer.echo(note, err=True))
    if isinstance(text, str):
        typer.echo(text, nl=False)
        return
    sys.stdout.flush()
    sys.stdout.buffer.write(text)
    sys.stdout.buffer.flush()


def _wanted(folder: Path, state: NsnState, episode: int | None) -> list[int]:
    records = state.records
    if episode is None:
        return [number for number, record in enumerate(records) if record.replayable]
    if episode >= len(records):
        raise UsageError(
            f"{folder}: no episode {episode}; allowed: 0 to {len(records) - 1}" if records else f"{folder}: no episodes"
        )
    if not records[episode].replayable:
        why = "novelties of it found no room" if records[episode].complete else "the run ended within it"
        raise UsageError(
            f"{folder}: episode {episode} cannot be replayed, {why}; allowed: another one, --json lists those left out"
        )
    return [episode]
