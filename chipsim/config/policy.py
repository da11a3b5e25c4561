"""Where new neurons go while a network grows on the chip, and whether neurons move."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from chipsim.config.constant import Spec

POLICIES = ("follow", "locality", "load", "axons")
"""Names of the policies, in the order of their numbers (``chipsim.programs.nsn.state``)."""


class Migration(Spec):
    """Neurons of a core that is full move to an empty one, in the background.

    Attributes:
        batch: neurons that may move between two segments of their layer. More end sooner, fewer hold the layer up for less.
        least_gain: share of a full core's axon accesses that must stay whole when it is cut in two, else nothing moves.
    """

    batch: Annotated[int, Field(strict=True, ge=1, le=4096)] = 8
    least_gain: Annotated[float, Field(ge=0, le=1)] = 0.05


class GrowthPolicy(Spec):
    """Growth on the chip.

    Attributes:
        policy: ``follow``: where its layer grew last, then in the order of the mapping. ``locality``: near the neurons that it names.
            ``load``: on the emptiest core of its region. ``axons``: on the core that reads the most of what it names.
        migrate: whether neurons move; null for never. For associative matching: in keyed matching no packet depends on where a neuron is.
    """

    policy: Literal["follow", "locality", "load", "axons"] = "follow"
    migrate: Migration | None = None
