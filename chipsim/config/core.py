"""What a core is: capacities, pace and times; all cores of a chip are alike."""

from __future__ import annotations

from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from chipsim.config.constant import ActionTime, Delay, FieldError, Memory, Spec
from chipsim.config.sync import SyncTable

NOT_GIVEN = "the chip file does not give it"
"""Source of a constant that may be left out, and is."""


def whole(low: int, high: int) -> object:
    """A whole number of a range."""
    return Field(strict=True, ge=low, le=high)


class CoreTimes(Spec):
    """How long a core's actions take.

    Attributes:
        axon_lookup: finding the rows of an arriving item.
        synaptic_op: comparing one holder row or keyed entry.
        neuron_update: one write of match state, or of count and times.
        memory_read, memory_write: one 32-bit word.
        pair_write: storing one (id, interval) pair of a new neuron.
        spike_out: sending one message.
        message_in: taking one message in.
        soma_access: looking at one spiking neuron in a step (spiking networks only).
        soma_update: updating one that has something to do in it (spiking networks only).
        soma_spike: one that fires, before its messages leave (spiking networks only).
    """

    axon_lookup: ActionTime
    synaptic_op: ActionTime
    neuron_update: ActionTime
    memory_read: ActionTime
    memory_write: ActionTime
    pair_write: ActionTime
    spike_out: ActionTime
    message_in: ActionTime
    soma_access: ActionTime = ActionTime(grade="unknown", source=NOT_GIVEN)
    soma_update: ActionTime = ActionTime(grade="unknown", source=NOT_GIVEN)
    soma_spike: ActionTime = ActionTime(grade="unknown", source=NOT_GIVEN)


class CoreSpec(Spec):
    """One core: capacities, pace and times; all cores of a chip are alike.

    Attributes:
        neurons: slots for stored neurons.
        axons: distinct input lines, null for no limit but memory.
        memory: memory of one core (bits).
        pace: ``event`` (acts when messages come), ``tick`` (acts on the edges of a period) or ``barrier`` (spiking networks: the next step
            begins when everything is done).
        tick: the period (ps), needed when ``pace`` is ``tick``.
        sync: time from the last thing done in a step to the next step, by tiles in use, needed when ``pace`` is ``barrier``.
        late_spikes: what becomes of a spike that comes after its step has begun: ``next`` (it acts in the next step to begin) or ``drop``.
        times: how long a core's actions take.
    """

    neurons: Annotated[int, whole(1, 2**20)]
    axons: Annotated[int, whole(1, 2**20)] | None = None
    memory: Memory
    pace: Literal["event", "tick", "barrier"] = "event"
    tick: Delay | None = None
    sync: SyncTable | None = None
    late_spikes: Literal["next", "drop"] = "next"
    times: CoreTimes

    @property
    def memory_bits(self) -> int:
        """Memory of one core in bits."""
        return self.memory

    @model_validator(mode="after")
    def _pace_given(self) -> Self:
        if self.pace == "tick" and self.tick is None:
            raise FieldError('no period for pace "tick"; allowed: a time such as "1 us", or set pace to event', "tick")
        if self.pace == "barrier" and self.sync is None:
            raise FieldError('no time for pace "barrier"; allowed: a time such as "1 us", or steps of {tiles, time}', "sync")
        return self
