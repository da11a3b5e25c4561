"""``chipsim replay``: the input again, from the core memories that a run left and nothing else."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from chipsim.cli.options import Json
from chipsim.errors import UsageError

if TYPE_CHECKING:
    from chipsim.config.experiment import Experiment
    from chipsim.config.workload import LogWorkload
    from chipsim.network import NsnState

Leaf = tuple[int, int]
"""(raw code, event time) of one layer-0 item."""


def replay(
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
    from chipsim.config.given import ArraysWorkload, SyntheticWorkload, TrafficWorkload
    from chipsim.config.load import load_experiment
    from chipsim.config.workload import GeneratedWorkload
    from chipsim.network.rules import text_rules
    from chipsim.pipeline import rules_of
    from chipsim.programs.nsn.image import load_memory, stored_network
    from chipsim.results.store import EXPERIMENT, MEMORY, read_summary
    from workloads.nsn.replay import replay_episode

    read_summary(folder)  # refuses what is no run folder
    experiment = load_experiment(str(folder / EXPERIMENT))
    workload = experiment.workload
    if isinstance(workload, ArraysWorkload | TrafficWorkload | SyntheticWorkload):
        raise UsageError(f"{folder}: a run of kind {workload.kind} stores no episodes; allowed: the folder of a text or a log")
    state = stored_network(load_memory(folder / MEMORY))
    rules = text_rules(state.layers) if isinstance(workload, GeneratedWorkload) else rules_of(workload)
    episodes = {number: replay_episode(state, rules, number) for number in _wanted(folder, state, episode)}
    if json:
        from json import dumps

        left_out = [number for number, record in enumerate(state.records) if not record.replayable]
        found = {str(number): [list(leaf) for leaf in leaves] for number, leaves in episodes.items()}
        typer.echo(dumps({"episodes": found, "not_replayable": left_out if episode is None else []}))
        return
    _print(experiment, [leaf for leaves in episodes.values() for leaf in leaves])


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


def _print(experiment: Experiment, leaves: list[Leaf]) -> None:
    """A text as it was, character by character; a log as lines of event time and field values."""
    workload = experiment.workload
    if workload.kind != "log":
        text = "".join(chr(code) for code, _ in leaves)
        sys.stdout.flush()
        sys.stdout.buffer.write(text.encode("utf-8", "surrogatepass"))
        sys.stdout.buffer.flush()
        return
    names = _names(workload)
    width = len(workload.fields)
    for start in range(0, len(leaves), width):
        event = leaves[start : start + width]
        values = "\t".join(names[code] if code < len(names) else str(code) for code, _ in event)
        typer.echo(f"{event[0][1]}\t{values}")


def _names(workload: LogWorkload) -> tuple[str, ...]:
    """What the codes of a log stand for; that list is the host's, no core has it. Without the log the codes are printed."""
    from chipsim.errors import WorkloadError
    from workloads.source import build_stimulus

    try:
        return build_stimulus(workload)[0].names
    except WorkloadError as error:
        typer.echo(f"field values are shown as their codes: {error}", err=True)
        return ()
