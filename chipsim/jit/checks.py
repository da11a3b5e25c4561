"""Whether compiled kernels look for what can go wrong."""

from __future__ import annotations

import os

CHECKS = "CHIPSIM_BOUNDSCHECK"


def is_checked() -> bool:
    """``CHIPSIM_BOUNDSCHECK=1``: indices, divisors, shifts, sums and what is stored are looked at."""
    return os.environ.get(CHECKS, "0") not in ("", "0")
