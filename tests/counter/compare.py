"""What a run counted beside what it must have counted."""

from __future__ import annotations

import numpy as np

from chipsim.machine.actions import ACTION_NAMES
from chipsim.machine.raw import RawRun
from tests.counter.count import Counted


def differences(counted: Counted, raw: RawRun) -> list[str]:
    """Every count that is not the counter's: actions by endpoint, messages by kind, packets and flits by link and router."""
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
    for name in ("sent", "delivered", "link_packets", "link_flits", "tile_flits", "router_lookups"):
        expected, got = getattr(counted, name), getattr(raw, name)
        labels = raw.kinds if name in ("sent", "delivered") else range(len(expected))
        for label, must, did in zip(labels, expected.tolist(), got.tolist(), strict=True):
            if must != did:
                found.append(f"{name} {label}: {did}, must be {must}")
    if counted.host_flits != raw.host_flits:
        found.append(f"host_flits: {raw.host_flits}, must be {counted.host_flits}")
    return found
