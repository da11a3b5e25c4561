"""What is said of a core that falls behind its ticks."""

from __future__ import annotations

from chipsim.plan.plan import Plan


def describe_behind(plan: Plan, core: int, step: int, now: int, done: int, neurons: int) -> str:
    """A spiking core has not begun the step whose tick came one before the present one."""
    return (
        f"core {core} has not begun step {step + 1} at {now} ps, when step {step + 2} begins: it still works on step {step} and has come to "
        f"neuron {done} of {neurons}, but chip.core.tick is {plan.tick} ps; raise it, put fewer neurons on a core (chip.core.neurons, "
        "mapping.fill), or use chip.core.pace: barrier"
    )
