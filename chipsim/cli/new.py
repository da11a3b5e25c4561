"""``chipsim new``: a commented file to start from, or a sample archive."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Any

import typer

from chipsim.cli.options import Quiet
from chipsim.cli.output import tell
from chipsim.errors import UsageError

_SEED = 1
_STEPS = 100
_EXCITATORY, _INHIBITORY, _SYNAPSES = 160, 40, 20
"""Neurons of the sample network, and synapses of each."""

_TOPICS = 2000
"""Neurons of the sample graph."""


def new(
    what: Annotated[
        str,
        typer.Argument(
            metavar="chip|experiment|sweep|network|lif|graph",
            help="network: a spiking network (SNN.npz), lif: one in ms and mV (LIF.npz), graph: a graph to map (GRAPH.npz).",
        ),
    ],
    file: Annotated[Path, typer.Argument(metavar="FILE", help="Where to write: .yaml, or .npz for network, lif and graph.")],
    force: Annotated[bool, typer.Option("--force", help="Replace a file that is there.")] = False,
    quiet: Quiet = False,
) -> None:
    """Write a file to start from.

    A chip, experiment or sweep with a comment on every key, or a sample of a network, one in ms and mV, or a graph.
    """
    from chipsim.registry import did_you_mean  # heavy, and --help must be quick

    if what not in _WRITERS:
        raise UsageError(f"{what!r:.40}: unknown{did_you_mean(what, _WRITERS)}; allowed: {', '.join(_WRITERS)}")
    suffix = ".npz" if what in _ARCHIVES else ".yaml"
    if file.suffix not in (suffix, ".yml" if suffix == ".yaml" else suffix):
        raise UsageError(f"{file}: the name of a {what} ends with {suffix}; name it {file.with_suffix(suffix)}")
    if file.exists() and not force:
        raise UsageError(f"{file}: is there already; name another file, or replace it with --force")
    try:
        _WRITERS[what](what, file)
    except OSError as error:
        raise UsageError(f"{file}: cannot be written: {error.strerror or error}; name another file") from error
    if not quiet:
        tell("\n".join(_lines(what, file)))


def _commented(what: str, file: Path) -> None:
    """The shipped file to start from, which names the user's in the commands of its head."""
    import shlex

    from chipsim.config.catalogue import config_path

    text = config_path(f"new/{what}.yaml").read_text(encoding="utf-8")
    file.write_text(text.replace("FILE", shlex.quote(str(file))), encoding="utf-8")


def _network(what: str, file: Path) -> None:
    """Excitatory and inhibitory leaky integrate-and-fire neurons in plain floats, driven by a bias."""
    import numpy as np

    random = np.random.default_rng(_SEED)
    neurons = _EXCITATORY + _INHIBITORY
    source = np.repeat(np.arange(neurons), _SYNAPSES)
    arrays: dict[str, Any] = {
        "src": source,
        "dst": random.integers(0, neurons, len(source)),
        "weight": np.where(source < _EXCITATORY, 0.06, -0.25) * random.uniform(0.5, 1.5, len(source)),
        "delay": random.integers(1, 6, len(source)),
        "v0": random.uniform(0.0, 1.0, neurons),
        "bias": random.uniform(0.08, 0.16, neurons),
        "threshold": np.full(neurons, 1.0),
        "leak": 0.9,
        "steps": _STEPS,
    }
    with file.open("wb") as out:
        np.savez_compressed(out, **arrays)


def _lif(what: str, file: Path) -> None:
    """The same sort of network as a researcher has it, in ms and mV."""
    import numpy as np

    from workloads.snn import LifNetwork, save_lif

    random = np.random.default_rng(_SEED)
    neurons = _EXCITATORY + _INHIBITORY
    source = np.repeat(np.arange(neurons), _SYNAPSES)
    network = LifNetwork(
        dt_ms=0.5,
        duration_ms=200.0,
        tau_ms=20.0,
        rest_mv=-70.0,
        threshold_mv=-50.0,
        reset_mv=-65.0,
        refractory_ms=2.0,
        drive_mv=random.uniform(17.0, 25.0, neurons),
        v0_mv=random.uniform(-70.0, -50.0, neurons),
        src=source,
        dst=random.integers(0, neurons, len(source)),
        weight_mv=np.where(source < _EXCITATORY, 0.3, -1.2) * random.uniform(0.5, 1.5, len(source)),
        delay_ms=random.integers(2, 11, len(source)) * 0.5,
    )
    save_lif(network, file)


def _graph(what: str, file: Path) -> None:
    """A graph with topics, as the rule ``topics`` makes it."""
    from chipsim.pipeline.map_graph import load_graph
    from nsn_mapping.graph import write_graph

    write_graph(file, load_graph(f"topics:{_TOPICS}:{_SEED}"), force=True)


_WRITERS: dict[str, Callable[[str, Path], None]] = {
    "chip": _commented,
    "experiment": _commented,
    "sweep": _commented,
    "network": _network,
    "lif": _lif,
    "graph": _graph,
}


_ARCHIVES = ("network", "lif", "graph")


def _lines(what: str, file: Path) -> list[str]:
    """What was written, and the first thing to do with it."""
    from chipsim.cli.text import command, labelled, suggested, unbroken

    run = "chipsim", "run", "lif-small", "--set", f"workload.path={file}"
    then = {
        "chip": (command("chipsim", "run", "text-small", "--set", f"chip={file}"), "runs a small text on it"),
        "experiment": (command("chipsim", "run", file), "runs it as it is; its first lines say what else there is"),
        "sweep": (command("chipsim", "sweep", file, "--out", "swept"), "runs its points, with one table and one page"),
        "network": (command(*run), "runs it for 100 steps on the chip of lif-small"),
        "lif": (command(*run), "runs it for 200 ms of its own time, and says what became of its numbers"),
        "graph": (command("chipsim", "map", "--graph", file, "--mesh", "8x8"), "maps it onto 64 cores"),
    }
    lines = [labelled("written", unbroken(file)), suggested("next", *then[what])]
    if what in _ARCHIVES:
        lines.append(
            suggested("", command("chipsim", "show", file), "says what its arrays are; yours: numpy.savez with these names")
        )
    return lines
