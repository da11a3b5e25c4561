"""Packets that are due far ahead: the compiled engine keeps their times in fewer bits, and says where these end."""

from __future__ import annotations

import numpy as np
import pytest

from chipsim.engines.compiled import run_compiled
from chipsim.engines.compiled.layout import BUCKET_BITS, MOST_TURNS, PLACE_BITS
from chipsim.engines.reference import run_reference
from chipsim.errors import SimulationError
from chipsim.machine.actions import A_MESSAGE
from chipsim.noc import Mesh
from chipsim.plan.plan import EVENT, Plan
from tests.packet_plans import traffic_plan
from tests.plans import Chip

FARTHEST = ((MOST_TURNS + 1) << (PLACE_BITS + BUCKET_BITS)) - 1
"""Ps at which a packet may be due that is sent in the first turn of the far wheel, where a unit is 1 ps."""


def plan_of(latency: int, until: int = 0) -> Plan:
    """Three packets over a link with a latency (ps) that stands against a flit time of 1 ps."""
    chip = Chip(Mesh(2, 1), pace=EVENT, links=(latency, latency, 1, 1), local=1, flit_time=1, times={A_MESSAGE: 1})
    return traffic_plan(np.array([[0, 0, 1, 1], [1, 0, 1, 2], [5, 1, 0, 1]]), chip, until)


@pytest.mark.parametrize("latency", [40_000, 1 << 28, (1 << 28) + 3, 5 << 30, FARTHEST - 10])
def test_packets_land_turns_of_the_far_wheel_later(latency: int) -> None:
    """Within a bucket, a whole turn away, and as far as there are bits."""
    mine, oracle = run_compiled(plan_of(latency)), run_reference(plan_of(latency))
    assert (mine.digest, mine.end_ps) == (oracle.digest, oracle.end_ps)
    assert mine.end_ps > latency


@pytest.mark.parametrize("latency", [40_000, 1 << 28, FARTHEST - 10])
def test_a_snapshot_keeps_when_they_land(latency: int) -> None:
    """A run that stops while they are on their way goes on to the same end, on either engine."""
    whole = run_reference(plan_of(latency))
    for first, then in ((run_compiled, run_reference), (run_reference, run_compiled), (run_compiled, run_compiled)):
        half = first(plan_of(latency, until=latency // 2))
        assert half.snapshot is not None
        assert then(plan_of(latency), start=half.snapshot).digest == whole.digest


def test_beyond_that_a_packet_is_refused() -> None:
    """One ps further the turn has no bit left: it is said, and nothing lands early."""
    with pytest.raises(SimulationError, match=r"due at \d+ ps.*looks \d+ ps ahead.*engine=reference"):
        run_compiled(plan_of(FARTHEST + 1))
