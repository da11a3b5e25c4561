"""From neurons in ms and mV to the whole numbers of a chip, with what that does to every parameter.

As chips have it, everything is a whole number times a power of two. A potential is counted in whole steps, so fine that the largest threshold
takes 22 bits; thresholds and resets are multiples of 2^7 of them, which makes 16 bits with a sign, biases have 16 bits and weights
``weight_bits``, each times a power of two of their own. A potential is measured from the neuron's rest. What decays is cut toward rest to a
whole step. A leak that all neurons share has 24 bits, one that each has to itself 16.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from chipsim.errors import WorkloadError
from chipsim.network.lif_scale import LifScale, Rounding
from chipsim.network.spiking import INPUT, LIF_MODEL, OWN_LEAK_BITS, QUANTUM, NeuronColumn, Quantised, SpikingNetwork
from workloads.snn.fixed import leak_fraction
from workloads.snn.lif_network import Checked, LifNetwork, checked

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]

USUAL_WEIGHT_BITS = 8
"""Bits of a weight that core memory counts."""

_MANTISSA = 2**15 - 1
"""Of thresholds, resets and biases: 16 bits with a sign."""

_COARSE = 7
"""Threshold and reset are multiples of 2^7 steps of potential."""

_MOST_WEIGHT = 256
"""Largest weight, in times of the largest threshold."""

_MOST_STEPS = 2e5
"""Time constants of more steps than this are told by formula and not by letting a potential decay."""


@dataclass(frozen=True, slots=True)
class _Held:
    """Whole numbers of all neurons, in steps of potential or time; leaks as (numerator, shift) of the network and of each neuron."""

    threshold: Ints
    reset: Ints
    bias: Ints
    bias_step: int
    potential: Ints
    refractory: Ints
    leak: tuple[int, int]
    own: Ints
    remains: Floats


def quantise_lif(
    network: LifNetwork, weight_bits: int | None = None, where: str = "network", steps: int | None = None
) -> SpikingNetwork:
    """A network in whole numbers.

    Args:
        network: as it is given.
        weight_bits: of a weight, its sign included, 2 to 16; None for 8, which core memory counts.
        where: named in messages.
        steps: how many to run instead of the duration.

    Returns:
        The network; what rounding did is in its ``quantised`` and ``scale``.

    Raises:
        WorkloadError: something is not allowed, or cannot be represented; names attribute, index, found, allowed and what to do.
    """
    bits = USUAL_WEIGHT_BITS if weight_bits is None else weight_bits
    if not 2 <= bits <= 16:
        raise WorkloadError(f"{where}: weight_bits is {bits}; allowed: 2 to 16, the sign included")
    one = checked(network, where, steps)
    step_mv, weight_step = _steps_of(one, bits, where)
    held = _neurons(one, step_mv, where)
    mantissa = np.rint(one.synapse["weight_mv"] / (step_mv * weight_step)).astype(np.int64)
    delay = np.rint(one.synapse["delay_ms"] / one.dt).astype(np.int64)
    scale = _scale(one, held, step_mv, weight_step, bits, mantissa, delay)
    return _built(one, held, scale, mantissa * weight_step, delay, where)


def _steps_of(one: Checked, bits: int, where: str) -> tuple[float, int]:
    """A step of potential in mV, and that of weights in steps of potential, a power of two."""
    real = one.neuron["neuron_kind"] != INPUT
    above, back = (one.neuron[name] - one.neuron["rest_mv"] for name in ("threshold_mv", "reset_mv"))
    largest = float(np.maximum(above, np.abs(back))[real].max(initial=0.0)) or 1.0
    finest = largest / (_MANTISSA << _COARSE)
    weight = np.abs(one.synapse["weight_mv"])
    heaviest = float(weight.max(initial=0.0))
    if heaviest > _MOST_WEIGHT * largest:
        at = int(weight.argmax())
        raise WorkloadError(
            f"{where}: weight_mv[{at}] is {float(np.asarray(one.synapse['weight_mv'])[at]):g}; allowed: up to {_MOST_WEIGHT} times the largest"
            f" distance of threshold and reset from rest, {largest:g} mV; one such weight fires its target many times over"
        )
    ideal = heaviest / (2 ** (bits - 1) - 1)
    if ideal <= finest:
        return finest, 1
    power = int(np.floor(np.log2(ideal / finest)))
    return ideal / 2**power, 2**power


def _neurons(one: Checked, step_mv: float, where: str) -> _Held:
    given, real = one.neuron, one.neuron["neuron_kind"] != INPUT
    rest = given["rest_mv"]
    exact = np.exp(-one.dt / np.where(real, given["tau_ms"], 1.0))
    alike = bool(real.any()) and bool((exact[real] == exact[real][0]).all())
    leak, own = (1, 0), np.full(one.count, -1, np.int64)
    remains = np.ones(one.count)
    if alike:
        leak = leak_fraction(float(exact[real][0]), 0)
        remains = np.full(one.count, leak[0] / 2.0 ** leak[1])
    elif real.any():
        own = np.where(real, np.rint(exact * 2**OWN_LEAK_BITS), 2**OWN_LEAK_BITS).astype(np.int64)
        remains = own / 2.0**OWN_LEAK_BITS
    if len(at := np.flatnonzero(real & (remains >= 1))):
        tau = float(given["tau_ms"][at[0]])
        digits = 24 if alike else OWN_LEAK_BITS
        raise WorkloadError(
            f"{where}: tau_ms[{at[0]}] is {tau:g}, {tau / one.dt:g} steps, and nothing of a leak is left in {digits} bits; allowed: up to"
            f" {one.dt * 2 ** (digits - 1):.4g} ms with dt_ms {one.dt:g}; take a larger dt_ms"
            + ("" if alike else ", or one tau_ms for all, whose leak has 24 bits")
        )
    coarse = 1 << _COARSE
    threshold, reset = (
        np.rint(np.where(real, given[name] - rest, 0.0) / (step_mv * coarse)).astype(np.int64) * coarse
        for name in ("threshold_mv", "reset_mv")
    )
    if len(at := np.flatnonzero(real & ((threshold < coarse) | (reset >= threshold)))):
        i = int(at[0])
        raise WorkloadError(
            f"{where}: threshold_mv[{i}] is {given['threshold_mv'][i]:g}, {given['threshold_mv'][i] - rest[i]:g} mV above rest and"
            f" {given['threshold_mv'][i] - given['reset_mv'][i]:g} above reset; allowed here: more than {step_mv * coarse:.3g} mV, a step of"
            " thresholds, which is set by the largest one; give neurons thresholds that are less far apart"
        )
    drive = np.where(real, given["drive_mv"] * (1 - exact), 0.0) / step_mv
    _refuse_far(where, "drive_mv", given["drive_mv"], drive)
    most = float(np.abs(drive).max(initial=0.0))
    bias_step = 1 << max(0, int(np.ceil(np.log2(most / _MANTISSA))) if most > _MANTISSA else 0)
    # the model's first step has no decay, and this one's has
    start = np.where(real, (given["v0_mv"] - rest) * exact, 0.0) / step_mv
    _refuse_far(where, "v0_mv", given["v0_mv"], start)
    wait = np.where(real, np.rint(given["refractory_ms"] / one.dt), 0)
    if len(at := np.flatnonzero(wait >= 2**16)):
        raise WorkloadError(
            f"{where}: refractory_ms[{at[0]}] is {given['refractory_ms'][at[0]]:g}; allowed: up to {2**16 - 1} steps of {one.dt:g} ms; take a"
            " larger dt_ms"
        )
    return _Held(
        threshold, reset, np.rint(drive / bias_step).astype(np.int64) * bias_step, bias_step, np.rint(start).astype(np.int64),
        wait.astype(np.int64), leak, own, remains,
    )  # fmt: skip


def _refuse_far(where: str, name: str, given: Floats, steps: Floats) -> None:
    """Refuse what is farther from rest than 32 bits of potential go."""
    at = np.flatnonzero(~(np.abs(steps) < 2.0**31))
    if len(at):
        raise WorkloadError(
            f"{where}: {name}[{at[0]}] is {given[at[0]]:g}; allowed: within 512 times the largest threshold, for a potential has 32 bits"
        )


def _scale(one: Checked, held: _Held, step_mv: float, weight_step: int, bits: int, mantissa: Ints, delay: Ints) -> LifScale:
    given, real = one.neuron, one.neuron["neuron_kind"] != INPUT
    rest, tau = given["rest_mv"][real], given["tau_ms"][real]
    threshold, dt = held.threshold[real], one.dt
    effective = _tau_effective(held, real, dt, tau)
    coarse_mv = step_mv * (1 << _COARSE)
    remains = held.remains[real]
    lift = step_mv / (1 - remains) if len(remains) else np.ones(0)
    parts = [
        _rounding(
            "weight_mv",
            one.synapse["weight_mv"],
            mantissa * weight_step * step_mv,
            mantissa * weight_step,
            step_mv * weight_step,
        ),
        _rounding("threshold_mv", given["threshold_mv"][real] - rest, threshold * step_mv, threshold, coarse_mv),
        _rounding("reset_mv", given["reset_mv"][real] - rest, held.reset[real] * step_mv, held.reset[real], coarse_mv),
        _rounding(
            "drive_mv",
            given["drive_mv"][real],
            held.bias[real] * lift,
            held.bias[real],
            float(held.bias_step * lift.max(initial=0.0)),
        ),
        _rounding(
            "tau_ms",
            tau,
            effective,
            (held.own[real] if held.own.max(initial=-1) >= 0 else np.full(len(tau), held.leak[0])),
            0.0,
        ),
        _rounding("refractory_ms", given["refractory_ms"][real], held.refractory[real] * dt, held.refractory[real], dt),
        _rounding("delay_ms", one.synapse["delay_ms"], delay * dt, delay, dt),
    ]
    low_high = (int(threshold.min(initial=2**62)), int(threshold.max(initial=0))) if len(threshold) else (0, 0)
    return LifScale(
        dt_ms=dt,
        step_mv=step_mv,
        weight_bits=bits,
        weight_step_mv=step_mv * weight_step,
        threshold_steps=low_high,
        leak=_ends(remains),
        tau_effective_ms=_ends(effective),
        parameters=tuple(parts),
    )


def _ends(values: Floats) -> tuple[float, float]:
    return (float(values.min()), float(values.max())) if len(values) else (0.0, 0.0)


def _rounding(name: str, given: Floats, held: npt.NDArray[Any], whole: Ints, step: float) -> Rounding:
    """Errors of a parameter."""
    if not len(given):
        return Rounding(name, 0.0, 0.0, step, 0, 0, 0.0, 0.0, 0.0, 0)
    error, there = np.abs(held - given), given != 0
    relative = error[there] / np.abs(given[there])
    return Rounding(
        name=name,
        given_low=float(given.min()),
        given_high=float(given.max()),
        step=step,
        whole_low=int(whole.min()),
        whole_high=int(whole.max()),
        worst=float(error.max()),
        worst_relative=float(relative.max(initial=0.0)),
        rms_relative=float(np.sqrt(np.mean(relative**2))) if len(relative) else 0.0,
        lost=int((there & (held == 0)).sum()),
    )


def _tau_effective(held: _Held, real: npt.NDArray[np.bool_], dt: float, tau: Floats) -> Floats:
    """Time in which a potential falls from the threshold to 1/e of it, as the model lets it decay, cut and all; ms, of each neuron."""
    remains = held.remains[real]
    found = -dt / np.log(np.where(remains > 0, remains, 0.5)) if len(remains) else np.zeros(0)
    found = np.where(remains > 0, found, 0.0)
    pairs, back = np.unique(np.stack([held.own[real], held.threshold[real]]), axis=1, return_inverse=True)
    if not len(remains) or pairs.shape[1] > 10_000 or tau.max() / dt > _MOST_STEPS:
        return found
    own, start = pairs
    numerator, shift = np.where(own < 0, held.leak[0], own), np.where(own < 0, held.leak[1], OWN_LEAK_BITS)
    v, goal, at = start.copy(), start / np.e, np.zeros(len(start))
    number = 0
    while (left := v > goal).any():
        then = np.where(left, v * numerator >> shift, v)
        crossed = left & (then <= goal)
        # between two steps as an exponential goes; what falls to 0 at once counts as falling to half a step
        at[crossed] = number + np.log(v[crossed] / goal[crossed]) / np.log(v[crossed] / np.maximum(then[crossed], 0.5))
        if number > 4 * _MOST_STEPS:
            return found
        v, number = then, number + 1
    return at[back.reshape(-1)] * dt


def _built(one: Checked, held: _Held, scale: LifScale, weight: Ints, delay: Ints, where: str) -> SpikingNetwork:
    source, target = one.synapse["src"], one.synapse["dst"]
    order = np.lexsort((target, source))
    longest = int(delay.max(initial=1))
    kind = one.neuron["neuron_kind"].astype(np.uint8)
    counts = np.cumsum(np.bincount(one.in_neuron, minlength=one.count))
    inputs = np.concatenate([[0], counts]).astype(np.int64) if (kind == INPUT).any() else np.zeros(0, np.int64)
    columns: dict[str, npt.NDArray[Any]] = {
        "reset": held.reset,
        "refractory": held.refractory,
        "own_leak": held.own,
        "left": np.zeros(one.count, np.int64),
    }
    weights = next(part for part in scale.parameters if part.name == "weight_mv")
    error = np.abs(weight * scale.step_mv - one.synapse["weight_mv"])
    return SpikingNetwork(
        kind=kind,
        potential=held.potential,
        bias=held.bias,
        threshold=held.threshold,
        fraction=QUANTUM,
        leak=held.leak[0],
        leak_shift=held.leak[1],
        start=np.concatenate([[0], np.cumsum(np.bincount(source, minlength=one.count))]).astype(np.int64),
        target=target[order].astype(np.int32),
        weight=weight[order].astype(np.int16) if np.abs(weight).max(initial=0) < 2**15 else weight[order].astype(np.int32),
        delay=delay[order].astype(np.uint8) if longest > 1 else np.zeros(0, np.uint8),
        longest=longest,
        input_start=inputs,
        input_step=one.in_step,
        core=one.core.astype(np.int32),
        steps=one.steps,
        where=where,
        model=LIF_MODEL,
        columns=tuple(NeuronColumn(name, values) for name, values in columns.items()),
        quantised=Quantised(
            scale.weight_step_mv,
            len(weight),
            int(np.count_nonzero(error > 1e-12 * scale.weight_step_mv)),
            weights.worst,
            float(error.mean()) if len(error) else 0.0,
            0,
            scale,
        ),
    )
