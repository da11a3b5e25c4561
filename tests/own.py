"""Changes to what is the program's own in a plan or an outcome."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, TypeVar

T = TypeVar("T")


def replace_own(record: T, /, **changes: Any) -> T:
    """A copy of a plan or raw run with other values in its ``own``."""
    return replace(record, own=replace(record.own, **changes))  # type: ignore[type-var,attr-defined]
