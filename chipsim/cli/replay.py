"""``chipsim replay``: the input again, from the core memories that a run left and nothing else."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from chipsim.cli.options import Json
from chipsim.cli.output import own_stdout, tell
from chipsim.errors import UsageError


def replay_run(
    folder: Annotated[Path, typer.Argument(metavar="FOLDER", help="A folder that chipsim run wrote.")],
    episode: Annotated[
        int | None,
        typer.Option(
            "--episode", metavar="N", min=0, help="This episode alone, from 0; all whole ones by default.", show_default=False
        ),
    ] = None,
    prefix: Annotated[
        str | None,
        typer.Option(
            "--from",
            metavar="PREFIX",
            help="How stored episodes go on from here: characters of a text, field values of a log as in 'user=root'.",
            show_default=False,
        ),
    ] = None,
    length: Annotated[
        int | None,
        typer.Option(
            "--length",
            metavar="N",
            min=1,
            help="With --from: at most N symbols; to the end of the episode by default.",
            show_default=False,
        ),
    ] = None,
    every: Annotated[
        bool, typer.Option("--all", help="With --from: every symbol that follows, how often, and how it goes on.")
    ] = False,
    trace: Annotated[
        bool,
        typer.Option("--trace", help="With --from: of each symbol event time and neurons, layer:ordinal, up to the record."),
    ] = False,
    json: Json = False,
) -> None:
    """Print the input as it was stored, or how it goes on from a prefix.

    Core memories alone are read (memory.npz), not the input; of a log, the names of field values are those that the run saw (names.json).
    """
    _refuse_contradictions(prefix, length, every, trace)
    from chipsim.config.load import load_experiment
    from chipsim.config.workload import kind_of
    from chipsim.results.store import EXPERIMENT, read_summary

    read_summary(folder)  # refuses what is no run folder
    experiment = load_experiment(str(folder / EXPERIMENT))
    workload = experiment.workload
    replay = kind_of(workload).replay
    if replay is None:
        raise UsageError(f"{folder}: a run of kind {workload.kind} stores no episodes; allowed: the folder of a text or a log")
    if prefix is not None:
        from chipsim.cli.complete import Asked, complete

        complete(folder, workload, replay, episode, Asked(prefix, length, every, trace, json))
        return
    episodes = replay.read(workload, folder, episode)
    if json:
        from json import dumps

        found = {str(number): [list(item) for item in items] for number, items in episodes.found.items()}
        tell(dumps({"episodes": found, "not_replayable": list(episodes.left_out) if episode is None else []}))
        return
    leaves = [item for items in episodes.found.values() for item in items]
    text = replay.told(workload, folder, leaves, 0, lambda note: typer.echo(note, err=True))
    if isinstance(text, str):
        tell(text, nl=False)
        return
    own_stdout().flush()
    own_stdout().buffer.write(text)
    own_stdout().buffer.flush()


def _refuse_contradictions(prefix: str | None, length: int | None, every: bool, trace: bool) -> None:
    given = [name for name, there in (("--length", length is not None), ("--all", every), ("--trace", trace)) if there]
    if prefix is None and given:
        raise UsageError(f"{given[0]} without --from; allowed: with it, as in --from 'to be' {given[0]}")
    if every and trace:
        raise UsageError("--all and --trace; allowed: one of them, for a trace is of the one way on that is chosen")
