"""What a run counted beside what it must have counted."""

from __future__ import annotations

import numpy as np

from chipsim.machine.actions import ACTION_NAMES
from chipsim.machine.raw import RawRun
from tests.counter.count import Counted


def differences(counted: Counted, raw: RawRun) -> list[str]:
    """Every count that is not the counter's: actions by endpoint, messages by kind, hops, and router lookups by tile."""
    found = []
    for n, name in enumerate(ACTION_NAMES):
        must, did = counted.actions[:, n], raw.actions[:, n]
        wrong = np.flatnonzero(must != did)
        if len(wrong):
            first = wrong[0]
            found.append(
                f"{name}: {did.sum()}, must be {must.sum()}; at {len(wrong)} endpoints, first at {first}: {did[first]}, "
                f"must be {must[first]}"
            )
    for what, musts, dids in (("sent", counted.sent, raw.sent), ("arrived", counted.arrived, raw.delivered)):
        for kind, must, did in zip(raw.kinds, musts.tolist(), dids.tolist(), strict=True):
            if must != did:
                found.append(f"{kind} {what}: {did}, must be {must}")
    if counted.hops != raw.hops:
        found.append(f"hops: {raw.hops}, must be {counted.hops}")
    if not np.array_equal(counted.lookups, raw.router_lookups):
        found.append(f"router lookups: {raw.router_lookups.tolist()}, must be {counted.lookups.tolist()}")
    return found
