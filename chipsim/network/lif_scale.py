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

    def __str__(self) -> str:
        """A line for the scale and one for each parameter, for people."""
        lines = [
            f"step of {self.dt_ms:g} ms and {self.step_mv:.4g} mV, weights of {self.weight_bits} bits in steps of {self.weight_step_mv:.4g} mV,"
            f" leak {self.leak[0]:.6g} to {self.leak[1]:.6g} a step",
            f"{'parameter':<14}{'given':>22}{'whole number':>26}{'worst error':>13}{'relative':>10}{'rms':>10}{'became 0':>10}",
        ]
        lines += [
            f"{one.name:<14}{_ends(one.given_low, one.given_high, '.5g'):>22}{_ends(one.whole_low, one.whole_high, ',d'):>26}"
            f"{one.worst:>13.3g}{_percent(one.worst_relative):>10}{_percent(one.rms_relative):>10}{one.lost:>10,}"
            for one in self.parameters
        ]
        return "\n".join(lines)


def _percent(share: float) -> str:
    return f"{100 * share:.0f} %" if share >= 0.1 else f"{100 * share:.2g} %"


def _ends(low: float, high: float, form: str) -> str:
    return f"{low:{form}}" if low == high else f"{low:{form}} to {high:{form}}"
