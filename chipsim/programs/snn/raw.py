"""The outcome of a spiking network's run beside the chip's counters.

A snapshot of such a run has these arrays:

due: int64[1], ps at which the next step begins, -1 if that is not known yet.
total: int64[7], neurons fired, neurons updated (with inputs that fired), synaptic operations, late spikes, inputs that fired, neurons
    accessed and spikes taken in so far.
step: int64[steps begun, 18]: number, begin, ps of the last thing done before, and what had been counted when the step began, in the
    columns of ``SnnRun.steps``.
side: int64[cores with neurons, 4]: last step begun, 1 if the edge of the next has passed already, end of the operation of the
    output side and position to go on from; both -1 where it is idle.
potential: int64[neurons], by position; sum: int64[ring, neurons] weights that have arrived; arrived: uint8[ring, neurons], 1 where
    anything has; the row of step s is s % ring. input_next: int64[neurons], next entry of each in ``SnnPlan.input_step``.
model.NAME: int64[neurons], for each quantity of the neuron model that changes.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Ints = npt.NDArray[np.int64]

OF_MODEL = "model."
"""What names of the neuron model's arrays in a snapshot begin with."""


COLUMNS = (
    "step", "begin_ps", "end_ps", "fired", "updated", "packets", "hops_ew", "hops_ns", "synaptic_ops", "late_spikes", "inputs", "accesses",
    "messages_in", "flits_ew", "flits_ns", "flits_local", "router_lookups", "credits",
)  # fmt: skip
"""Of ``SnnRun.steps``."""


@dataclass(frozen=True, slots=True)
class SnnRun:
    """What is a spiking network's own in a raw run.

    Attributes:
        steps: int64[steps, len(COLUMNS)], what happened from the begin of each step to that of the next. ``fired`` and ``updated`` include
            inputs; ``messages_in`` are spikes that a core began to take in, which looks up an axon; the last five are the network's
            (``chipsim.programs.reference.Carried``). With ``barrier`` a step ends with the last thing done in it, with ``tick`` at the next
            edge, the last one at the end of the run.
        potential: int64[neurons] at the end, by position.
    """

    steps: Ints
    potential: Ints
