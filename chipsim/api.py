"""What Python users call: ``simulate``, ``sweep``, ``noc`` and ``compare``.

>>> from chipsim.api import simulate
>>> result = simulate("text-small")
>>> result.summary["nsn"]["replay_exact"]
True
>>> result.table("cores").num_rows
16

Each takes what the command of that name takes and gives back an object that a notebook shows, with its tables as Arrow, NumPy and pandas.
Nothing is printed and, but for a sweep, nothing is written. ``LifNetwork``, ``save_lif`` and ``quantise_lif`` take a spiking network of numpy
floats, in ms and mV, to what ``simulate("lif-small", ["workload.path=LIF.npz"])`` runs.
"""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from pathlib import Path
from typing import Any

from chipsim.config.experiment import Experiment
from chipsim.config.load import load_experiment
from chipsim.config.sweep import Sweep, load_sweep
from chipsim.errors import UsageError
from chipsim.pipeline import compare, run
from chipsim.pipeline.noc import NocCurve, NocRun, noc_curve, noc_points
from chipsim.pipeline.noc_chip import NocOptions, noc_chip
from chipsim.results.result import Result
from chipsim.sweep.run import SweepResult, run_sweep
from workloads.snn import LifNetwork, quantise_lif, save_lif
from workloads.synthetic import Pattern, pattern_named

__all__ = ["LifNetwork", "compare", "noc", "quantise_lif", "save_lif", "simulate", "sweep"]


def simulate(
    experiment: str | Path | Experiment = "text",
    settings: Sequence[str] = (),
    *,
    memory_limit: int | None = None,
    limits: bool = True,
) -> Result:
    """Run an experiment.

    Args:
        experiment: name of a shipped one, path of a file, or one that was loaded before.
        settings: changes as with ``--set``, such as ``"chip.noc.router=ideal"``; not of one that was loaded before.
        memory_limit: bytes that the run may take; None for 80 % of what is free.
        limits: whether to measure by further passes how far it goes; else limits are extrapolated.

    Returns:
        Summary (the object of ``summary.json``: seconds, joules, watts, counts) and tables such as ``cores`` and ``links``, one row per core or
        link.

    Raises:
        UsageError: no such experiment, settings of one that was loaded before, or it needs more memory than it may take.
        ConfigError: its description is wrong, or it needs what the chip leaves unknown.
        MappingError: the network does not fit the chip.
        SimulationError: the run broke a law of the model or cannot go on.
    """
    if isinstance(experiment, Experiment):
        if settings:
            raise UsageError("simulate: settings go with a name or file; load_experiment(NAME, settings) takes them")
        return run.simulate(experiment, memory_limit=memory_limit, limits=limits)
    return run.simulate(load_experiment(str(experiment), list(settings), there=True), memory_limit=memory_limit, limits=limits)


def sweep(
    sweep: str | Path | Sweep,
    folder: str | Path,
    settings: Sequence[str] = (),
    *,
    jobs: int | None = None,
    resume: bool = False,
    memory_limit: int | None = None,
) -> SweepResult:
    """Run all points of a sweep in processes of their own. A script that calls it keeps its own work behind ``if __name__ == "__main__"``.

    Args:
        sweep: name of a shipped one, path of a file, or one that was loaded before.
        folder: where points and table are written; made where it is missing.
        settings: changes as with ``--set``; not of one that was loaded before.
        jobs: processes at a time; None for as many as there are usable processors.
        resume: go on in a folder that holds a part of this sweep.
        memory_limit: bytes that all points at a time may take together; None for 80 % of what is free.

    Returns:
        ``answer`` (best points, Pareto front, effect of each key, failures), ``rows``, and the table ``points``, one row per point.

    Raises:
        UsageError: no such sweep, or the folder is in use, not empty, of another sweep, or cannot be written.
        ConfigError: something is wrong with every point.
    """
    if isinstance(sweep, Sweep):
        if settings:
            raise UsageError("sweep: settings go with a name or file; load_sweep(NAME, settings) takes them")
        loaded = sweep
    else:
        loaded = load_sweep(str(sweep), list(settings))
    return run_sweep(loaded, Path(folder), jobs, resume, memory_limit=memory_limit)


def noc(
    loads: Sequence[float | str] | None = None,
    *,
    chip: str | None = None,
    traffic: str = "uniform",
    flits: Sequence[int] = (1,),
    cycles: int = 20_000,
    warmup: int = 5_000,
    seed: int = 1,
    engine: str = "auto",
    **network: Any,
) -> NocCurve:
    """Measure a network-on-chip: latency, throughput and, with a chip, energy against offered load.

    Args:
        loads: flits per node and cycle, above 0, at most 1; None to look for the curve and its knee.
        chip: name or file of a chip whose network and prices are taken; None for bare routers, which have no prices.
        traffic: a pattern, such as ``uniform``, ``transpose`` or ``tornado``.
        flits: lengths of packets, each as likely.
        cycles: that are measured.
        warmup: cycles before them.
        seed: of the traffic.
        engine: ``auto``, ``reference`` or ``compiled``.
        network: fields of ``NocOptions``, such as ``topology="torus"``, ``width=8``, ``router="wormhole"``, ``vcs=4``.

    Returns:
        Knee, saturation, capacity, and the tables ``points`` (a row per load; latencies in cycles, energies in J, powers in W) and ``links`` (a
        row per load and link; flits and flits per cycle).

    Raises:
        UsageError: an argument is not allowed, or a run would need more memory than it may take.
        ConfigError: the network cannot be built or can deadlock, or has no such pattern.
    """
    try:
        options = NocOptions(**network)
    except TypeError as error:
        names = ", ".join(NocOptions.__dataclass_fields__)
        raise UsageError(
            f"noc: {str(error).removeprefix('NocOptions.__init__() ')}; allowed of the network: {names}"
        ) from error
    run_ = NocRun(
        chip=noc_chip(options, chip),
        pattern=Pattern(pattern_named(traffic), (), Fraction(1, 5)),
        flits=tuple(flits),
        cycles=cycles,
        warmup=warmup,
        seed=seed,
        engine=engine,
        priced=chip is not None,
    )
    return noc_curve(run_) if loads is None else noc_points(run_, [_load(load) for load in loads])


def _load(load: float | str) -> Fraction:
    """As it is written: 0.1 is a tenth. Raises UsageError where it is no load."""
    try:
        found = Fraction(str(load))
    except ValueError as error:
        raise UsageError(f"noc: load {load!r:.40}; allowed: flits per node and cycle, above 0, at most 1") from error
    if not 0 < found <= 1:
        raise UsageError(f"noc: load {load!r:.40}; allowed: flits per node and cycle, above 0, at most 1")
    return found
