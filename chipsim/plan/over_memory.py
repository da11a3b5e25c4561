"""Cores that a network asks more of than they hold, in a sentence: the same for a warning and for a refusal."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

Ints = npt.NDArray[np.int64]


def over_memory(bits: Ints, neurons: Ints, allowed: int, neurons_allowed: int) -> str:
    """What to say of cores that need more than their memory, with what to do; empty where none does.

    Args:
        bits: int64[cores] that each core needs.
        neurons: int64[cores] that each core holds.
        allowed: bits of one core, as the chip has it.
        neurons_allowed: neurons of one core, likewise.
    """
    over = int((bits > allowed).sum())
    if not over:
        return ""
    worst = int(bits.argmax())
    fill = 0.9 * neurons[worst] / neurons_allowed * allowed / bits[worst]
    others = "" if over == 1 else f", and {over - 1:,} of the other {int((bits > 0).sum()) - 1:,} cores in use too"
    return (
        f"core {worst} needs {100 * bits[worst] / allowed:.0f} % of its memory, {bits[worst]} bits, allowed {allowed} (core.memory){others};"
        f" fewer neurons a core need less, for example `--set mapping.fill={max(fill, 1 / neurons_allowed):.2g}`, or another"
        " mapping.partitioner, or a chip with more (chip.core.memory)"
    )


def memory_warnings(bits: Ints, neurons: Ints, allowed: int, neurons_allowed: int) -> tuple[str, ...]:
    """`over_memory` of cores that are run all the same."""
    said = over_memory(bits, neurons, allowed, neurons_allowed)
    refuses = "it is run as if it fitted, `--set workload.check_memory=true` refuses"
    return (f"{said}; {refuses}",) if said else ()
