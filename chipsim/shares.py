"""Shares of whole numbers, as people write them: 0.29 of 100 is 29, although 100 * 0.29 is a little less in binary."""

from __future__ import annotations

import math
from fractions import Fraction


def share_of(total: int, share: float) -> int:
    """The whole part of ``total`` times ``share``, the share taken as the shortest decimal that names it."""
    return math.floor(total * Fraction(repr(float(share))))
