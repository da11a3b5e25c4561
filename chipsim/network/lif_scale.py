"""What became of neurons that were given in ms and mV when they were put into whole numbers."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Rounding:
    """What became of one parameter.

    Attributes:
        name: of the parameter, with its unit, such as ``weight_mv``.
        given_low, given_high: least and largest value that was given.
        step: between two neighbouring values that can be held, in the same unit; 0 where it is not even.
        whole_low, whole_high: least and largest, as whole steps of potential, steps of time, or parts of 2^24 and 2^16 of a leak.
        worst: largest absolute error.
        worst_relative, rms_relative: of the errors over the values given, without values that are 0; 0 where all are.
        lost: values that are not 0 and became 0.
    """

    name: str
    given_low: float
    given_high: float
    step: float
    whole_low: int
    whole_high: int
    worst: float
    worst_relative: float
    rms_relative: float
    lost: int


@dataclass(frozen=True, slots=True)
class LifScale:
    """The scale of a network.

    Attributes:
        dt_ms: time of a step.
        step_mv: potential of a whole step, which is 1/64 in fixed point.
        weight_bits: of a weight, its sign included.
        weight_step_mv: between two neighbouring weights.
        threshold_steps: least and largest threshold above rest, in whole steps of potential.
        leak: least and largest part of a potential that remains in a step, as the model has it.
        tau_effective_ms: least and largest time in which a potential falls from the threshold to 1/e of it, as the model has it.
        parameters: what became of each.
    """

    dt_ms: float
    step_mv: float
    weight_bits: int
    weight_step_mv: float
    threshold_steps: tuple[int, int]
    leak: tuple[float, float]
    tau_effective_ms: tuple[float, float]
    parameters: tuple[Rounding, ...]
