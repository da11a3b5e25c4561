"""A network of leaky integrate-and-fire neurons as a researcher has it: numpy floats in ms and mV, checked, kept in an archive."""

from __future__ import annotations

from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from chipsim.errors import WorkloadError
from chipsim.network.spiking import INPUT, MAX_STEPS, NEURON
from workloads.snn.fixed import FINITE
from workloads.snn.inputs import in_order

Numbers = npt.ArrayLike
"""One value for all, or one for each."""

MOST_NEURONS = 2**31 - 1


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class LifNetwork:
    """Neurons whose potential falls towards rest, jumps by a weight where a spike arrives, and fires above a threshold.

    With ``lambda = exp(-dt / tau)``: ``v = rest + lambda (v - rest) + (1 - lambda) drive + sum of weights``; above the threshold a neuron
    fires, its potential becomes that of the reset, and for the refractory time it stays there and forgets what arrives.

    What is of a neuron is one number for all or one for each; what is of a synapse has one value per synapse. Nothing is copied or changed.

    Attributes:
        dt_ms: time of a step.
        duration_ms: how long it runs; whole steps.
        tau_ms: time constant of the membrane.
        threshold_mv, rest_mv: potentials; the threshold lies above rest.
        src, dst: int[S], source and target of each synapse, neurons by number from 0.
        weight_mv: float[S], by how much the target's potential jumps.
        delay_ms: float[S] or one number, None for one step; at least a step, at most 63.
        neurons: how many, None for as many as arrays of one value per neuron, or else synapses, say.
        reset_mv: potential after a spike, None for rest.
        v0_mv: potential at the start, None for rest.
        refractory_ms: after a spike.
        drive_mv: how far above rest a constant current alone would lift the potential, which is resistance times current.
        resistance_mohm, current_na: instead of ``drive_mv``, both.
        neuron_kind: int[N], 1 for inputs, which fire when ``in_ms`` says and have no potential; None where there are none.
        neuron_core: int[N], a core for each neuron; None for what ``mapping`` finds.
        in_ms, in_neuron: float[K], int[K], times and numbers of input spikes; one in a step of one input.
    """

    dt_ms: float
    duration_ms: float
    tau_ms: Numbers
    threshold_mv: Numbers
    rest_mv: Numbers
    src: Numbers
    dst: Numbers
    weight_mv: Numbers
    delay_ms: Numbers | None = None
    neurons: int | None = None
    reset_mv: Numbers | None = None
    v0_mv: Numbers | None = None
    refractory_ms: Numbers = 0.0
    drive_mv: Numbers | None = None
    resistance_mohm: Numbers | None = None
    current_na: Numbers | None = None
    neuron_kind: Numbers | None = None
    neuron_core: Numbers | None = None
    in_ms: Numbers | None = None
    in_neuron: Numbers | None = None


SYNAPSES = ("src", "dst", "weight_mv", "delay_ms")
PER_NEURON = (
    "tau_ms", "threshold_mv", "rest_mv", "reset_mv", "v0_mv", "refractory_ms", "drive_mv", "resistance_mohm", "current_na",
    "neuron_kind", "neuron_core",
)  # fmt: skip
_INPUTS = ("in_ms", "in_neuron")
_ONE = ("dt_ms", "duration_ms", "neurons")
_WHOLE = ("src", "dst", "neuron_kind", "neuron_core", "in_neuron", "neurons")
KEYS = tuple(one.name for one in fields(LifNetwork))
"""Keys of an archive, which are the attributes."""

NEEDED = ("dt_ms", "duration_ms", "tau_ms", "threshold_mv", "rest_mv", "src", "dst", "weight_mv")

OWN_KEYS = frozenset(KEYS) - {"src", "dst", "neuron_kind", "neuron_core", "in_neuron"}
"""Keys that no archive of a network in fixed point has."""


def save_lif(network: LifNetwork, path: str | Path) -> Path:
    """Write a network as an archive that ``chipsim run lif-small --set workload.path=FILE`` takes.

    Args:
        network: what to write; checked first.
        path: where; its name ends with ``.npz``. A file that is there is replaced.

    Returns:
        The path.

    Raises:
        WorkloadError: something of the network is not allowed; names the attribute, index, found and allowed.
    """
    path = Path(path)
    if path.suffix != ".npz":
        raise WorkloadError(f"{path}: the name of an archive ends with .npz; name it {path.with_suffix('.npz')}")
    checked(network, "network")
    given = {name: np.asarray(value) for name in KEYS if (value := getattr(network, name)) is not None}
    try:
        np.savez(path, allow_pickle=False, **given)
    except OSError as error:
        raise WorkloadError(f"{path}: cannot be written: {error.strerror or error}; name another file") from error
    return path


@dataclass(frozen=True, slots=True)
class Checked:
    """A network whose values are right: float64 and int64 arrays, one value per neuron or synapse.

    Attributes:
        count, steps: neurons, steps of the run.
        dt: ms.
        neuron: what is of neurons, by name: tau_ms, threshold_mv, rest_mv, reset_mv, v0_mv, refractory_ms, drive_mv, neuron_kind.
        synapse: src, dst, weight_mv, delay_ms.
        core: int64[N] or empty; in_step, in_neuron: input spikes within the run, by neuron, then step.
    """

    count: int
    steps: int
    dt: float
    neuron: dict[str, npt.NDArray[Any]]
    synapse: dict[str, npt.NDArray[Any]]
    core: npt.NDArray[np.int64]
    in_step: npt.NDArray[np.int64]
    in_neuron: npt.NDArray[np.int64]


def checked(network: LifNetwork, where: str, steps: int | None = None) -> Checked:
    """Check a network.

    Args:
        network: what to look at.
        where: named in messages.
        steps: how many to run instead of the duration.

    Raises:
        WorkloadError: something is not allowed; names attribute, index, found, allowed and what to do.
    """
    values = {name: _array(network, name, where) for name in KEYS if getattr(network, name) is not None}
    dt = float(values["dt_ms"])
    _refuse(where, "dt_ms", values["dt_ms"], dt <= 0, "above 0: ms of a step, for example 0.1")
    steps = steps or _steps(values, dt, where)
    synapse = _synapses(values, dt, where)
    count = _count(values, synapse, where)
    for name in ("src", "dst"):
        found = synapse[name]
        _refuse(where, name, found, (found < 0) | (found >= count), f"0 to {count - 1}, numbers of the {count:,} neurons")
    neuron = _neurons(values, count, where)
    core = values.get("neuron_core", np.zeros(0, np.int64))
    _refuse(where, "neuron_core", core, (core < 0) | (core >= 2**31), "numbers of cores, from 0")
    in_step, in_neuron = _inputs(values, neuron["neuron_kind"], dt, steps, where)
    return Checked(count, steps, dt, neuron, synapse, core, in_step, in_neuron)


def _array(network: LifNetwork, name: str, where: str) -> npt.NDArray[Any]:
    """An attribute as numbers: right kind, right dimensions, finite."""
    found = np.asarray(getattr(network, name))
    whole = name in _WHOLE
    if found.dtype.kind not in ("iub" if whole else "iuf") and found.size:
        shown = "text" if found.dtype.kind in "US" else "Python objects" if found.dtype.hasobject else str(found.dtype)
        raise WorkloadError(
            f"{where}: {name} holds {shown}; allowed: {'whole numbers' if whole else 'numbers'}; convert it with astype"
        )
    if name in _ONE:
        if found.size != 1:
            raise WorkloadError(f"{where}: {name} has {found.size} values; allowed: one for the whole network")
        found = found.reshape(())
    elif found.ndim > 1 or (found.ndim == 0 and name in ("src", "dst", "weight_mv", "neuron_kind", "neuron_core", *_INPUTS)):
        what = "synapse" if name in SYNAPSES else "input spike" if name in _INPUTS else "neuron"
        dense = (
            "; of a matrix W take src, dst = W.nonzero() and weight_mv = W[src, dst]"
            if found.ndim == 2 and what == "synapse"
            else ""
        )
        raise WorkloadError(f"{where}: {name} has shape {found.shape}; allowed: one value per {what}{dense}")
    if not whole:
        found = found.astype(np.float64)
        _refuse(where, name, found, ~np.isfinite(found), FINITE)
        return found
    if found.dtype.kind == "u":
        found = np.minimum(found, np.uint64(2**62))
    return found.astype(np.int64)


def _steps(values: dict[str, npt.NDArray[Any]], dt: float, where: str) -> int:
    duration = float(values["duration_ms"])
    steps = round(duration / dt) if abs(duration / dt) < 2**62 else MAX_STEPS + 1
    if not 1 <= steps <= MAX_STEPS:
        raise WorkloadError(
            f"{where}: duration_ms is {duration:g}, which is {steps} steps of {dt:g} ms; allowed: 1 to {MAX_STEPS} steps; change it or dt_ms"
        )
    return steps


def _synapses(values: dict[str, npt.NDArray[Any]], dt: float, where: str) -> dict[str, npt.NDArray[Any]]:
    size = len(values["src"])
    found = {name: values[name] for name in SYNAPSES if name in values}
    for name, one in found.items():
        if one.ndim and len(one) != size and not (name == "delay_ms" and len(one) == 1):
            raise WorkloadError(
                f"{where}: {name} has {len(one):,} values, src {size:,}; allowed: one value per synapse in each"
            )
    delay = found.get("delay_ms", np.array(dt))
    most = 63 * dt
    _refuse(where, "delay_ms", delay, delay < dt / 2, f"from one step, dt_ms = {dt:g}, for a spike acts in the next step at the soonest; raise"
            " it, or take a smaller dt_ms")  # fmt: skip
    _refuse(where, "delay_ms", delay, np.rint(delay / dt) > 63, f"up to 63 steps, {most:g} ms; take a larger dt_ms, at least"
            f" {float(delay.max(initial=0)) / 63:.4g}, or shorter delays")  # fmt: skip
    return found | {"delay_ms": np.broadcast_to(delay.reshape(-1) if delay.size == 1 else delay, (size,))}


def _count(values: dict[str, npt.NDArray[Any]], synapse: dict[str, npt.NDArray[Any]], where: str) -> int:
    """Number of neurons; whatever has one value for each must agree."""
    count, by = (int(values["neurons"]), "neurons") if "neurons" in values else (None, "")
    for name in PER_NEURON:
        one = values.get(name)
        if one is None or one.ndim == 0 or (len(one) == 1 and not name.startswith("neuron_")):
            continue
        if count is not None and len(one) != count:
            raise WorkloadError(
                f"{where}: {name} has {len(one):,} values, {by} {'is' if by == 'neurons' else 'has'} {count:,}; allowed: one value per neuron,"
                " or one for all"
            )
        count, by = len(one), name
    if count is None:
        count = int(max(synapse["src"].max(initial=-1), synapse["dst"].max(initial=-1))) + 1
    if not 1 <= count <= MOST_NEURONS:
        raise WorkloadError(f"{where}: {count} neurons; allowed: 1 to {MOST_NEURONS}; give neurons, how many there are")
    return count


def _neurons(values: dict[str, npt.NDArray[Any]], count: int, where: str) -> dict[str, npt.NDArray[Any]]:
    """What is of neurons, one value for each, and what must hold between them."""
    both = ("resistance_mohm" in values) + ("current_na" in values)
    if both == 1 or (both and "drive_mv" in values):
        have = [name for name in ("drive_mv", "resistance_mohm", "current_na") if name in values]
        raise WorkloadError(
            f"{where}: {' and '.join(have)} given; allowed: resistance_mohm and current_na together (their product is in mV), or drive_mv alone"
        )
    drive = values["resistance_mohm"] * values["current_na"] if both else values.get("drive_mv", np.zeros(()))
    given = values | {"drive_mv": drive, "neuron_kind": values.get("neuron_kind", np.full(1, NEURON))}
    given |= {name: values.get(name, values["rest_mv"]) for name in ("reset_mv", "v0_mv")}
    given.setdefault("refractory_ms", np.zeros(()))
    kept = [name for name in PER_NEURON if name not in ("resistance_mohm", "current_na", "neuron_core")]
    found = {
        name: np.broadcast_to(given[name].reshape(-1) if given[name].size == 1 else given[name], (count,)) for name in kept
    }
    kind = found["neuron_kind"]
    _refuse(where, "neuron_kind", kind, (kind != NEURON) & (kind != INPUT), f"{NEURON} for a neuron, {INPUT} for an input")
    real = kind == NEURON
    _refuse(where, "tau_ms", found["tau_ms"], real & (found["tau_ms"] <= 0), "above 0: ms")
    _refuse(where, "refractory_ms", found["refractory_ms"], real & (found["refractory_ms"] < 0), "from 0: ms")
    for name, other, bad in (
        ("threshold_mv", "rest_mv", found["threshold_mv"] <= found["rest_mv"]),
        ("reset_mv", "threshold_mv", found["reset_mv"] >= found["threshold_mv"]),
    ):
        if len(at := np.flatnonzero(real & bad)):
            i, way = int(at[0]), "above" if other == "rest_mv" else "below"
            raise WorkloadError(
                f"{where}: {name}[{i}] is {found[name][i]:g}, {other} is {found[other][i]:g}; allowed: {way} it; a neuron that fires by"
                " itself has a drive_mv above its threshold"
            )
    return found


def _inputs(
    values: dict[str, npt.NDArray[Any]], kind: npt.NDArray[Any], dt: float, steps: int, where: str
) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]:
    """Input spikes within the run; one at time t falls into the step that covers it."""
    have = [name for name in _INPUTS if name in values]
    if len(have) == 1:
        raise WorkloadError(
            f"{where}: {have[0]} is there alone; allowed: in_ms and in_neuron together, one value per input spike"
        )
    if not have:
        return np.zeros(0, np.int64), np.zeros(0, np.int64)
    time, neuron = values["in_ms"], values["in_neuron"]
    if len(time) != len(neuron):
        raise WorkloadError(f"{where}: in_ms has {len(time):,} values, in_neuron {len(neuron):,}; allowed: one per input spike")
    _refuse(where, "in_ms", time, time < 0, "from 0: ms from the start")
    known = (neuron >= 0) & (neuron < len(kind))
    bad = ~known | (kind[np.where(known, neuron, 0)] != INPUT)
    _refuse(where, "in_neuron", neuron, bad, f"numbers of inputs; say which neurons are inputs by neuron_kind {INPUT}")
    step = np.floor(np.minimum(time / dt, 2.0**40) + 1e-9).astype(np.int64) + 1
    step, neuron, twice = in_order(step, neuron)
    if twice is not None:
        first, second, input_, _ = twice
        raise WorkloadError(
            f"{where}: in_ms[{first}] and in_ms[{second}], {time[first]:g} and {time[second]:g}, are in one step of {dt:g} ms of input"
            f" {input_}; allowed: one spike in a step; take a smaller dt_ms, or make it two inputs"
        )
    within = step <= steps
    return step[within], neuron[within]


def _refuse(where: str, name: str, values: npt.NDArray[Any], bad: Any, allowed: str) -> None:
    at = np.flatnonzero(np.broadcast_to(bad, values.shape))
    if len(at):
        one = values.reshape(-1)[at[0]]
        place = f"[{at[0]}]" if values.ndim else ""
        raise WorkloadError(f"{where}: {name}{place} is {one if values.dtype.kind in 'iu' else f'{one:g}'}; allowed: {allowed}")
