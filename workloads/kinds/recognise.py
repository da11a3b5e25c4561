"""Key ``recognise``: whether a vector has to match in every pair, or sums what matches and competes."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from typing import TYPE_CHECKING, Annotated, Literal

from pydantic import Field

from chipsim.config.constant import Spec

if TYPE_CHECKING:
    from chipsim.network.rules import NsnRules


class Recognise(Spec):
    """How stored vectors are recognised.

    Attributes:
        mode: ``exact`` (a vector matches in every pair) or ``sum`` (it sums the pairs that match, and the best of several wins).
        threshold: share of a vector's pairs that have to match, where vectors sum; taken as the decimal that is written.
        tolerance: by how much the interval class of a pair that matches may be off, where vectors sum.
    """

    mode: Literal["exact", "sum"] = "exact"
    threshold: Annotated[float, Field(gt=0, le=1)] = 0.75
    tolerance: Annotated[int, Field(strict=True, ge=0, le=4096)] = 1


def recognising(rules: NsnRules, recognise: Recognise) -> NsnRules:
    """Rules of reading, with those of recognition.

    Args:
        rules: how the network cuts its input.
        recognise: what a description says.
    """
    from chipsim.network.rules import least_of

    if recognise.mode == "exact":
        return rules
    threshold = Fraction(repr(recognise.threshold))
    return replace(rules, summing=True, least=least_of(threshold), tolerance=recognise.tolerance)
