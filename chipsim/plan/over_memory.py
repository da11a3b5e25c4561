"""Cores that a network asks more of than they hold, in a sentence: the same for a warning and for a refusal."""

from __future__ import annotations

import math

import numpy as np
import numpy.typing as npt

from chipsim.terminal import plural

Ints = npt.NDArray[np.int64]

_ROOM = 0.75
"""Share of the memory that is counted on: fewer neurons a core share fewer axons, so that each of them needs more."""


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
    each = max(1, int(_ROOM * neurons[worst] * allowed / bits[worst]))
    if -(-int(neurons.sum()) // each) <= len(bits):
        fill = math.ceil(1e4 * each / neurons_allowed) / 1e4
        instead = f"fewer neurons a core need less, for example `--set mapping.fill={fill:g}`, or another mapping.partitioner, or a chip"
    else:
        instead = f"of cores that hold {plural(each, 'neuron')} each there are too few; take more (chip.noc.width, chip.noc.height), or cores"
    others = "" if over == 1 else f", and {over - 1:,} of the other {int((bits > 0).sum()) - 1:,} cores in use too"
    return (
        f"core {worst} needs {100 * bits[worst] / allowed:,.0f} % of its memory, {bits[worst]:,} bits, allowed {allowed:,}"
        f" (core.memory){others}; {instead} with more memory (chip.core.memory)"
    )


def memory_warnings(bits: Ints, neurons: Ints, allowed: int, neurons_allowed: int) -> tuple[str, ...]:
    """`over_memory` of cores that are run all the same."""
    said = over_memory(bits, neurons, allowed, neurons_allowed)
    refuses = "it is run as if it fitted, `--set workload.check_memory=true` refuses"
    return (f"{said}; {refuses}",) if said else ()
