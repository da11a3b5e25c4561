"""Where tests find what they read."""

from __future__ import annotations

from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
"""The checkout."""

DATA = Path(__file__).resolve().parent / "data"
"""Measured and made for this project, shipped with it; ``README.md`` there says how."""

NOC, SANAFE, MAPPING, CASES = (DATA / name for name in ("noc", "sanafe", "mapping", "cases"))

SHARED = ROOT.parent / "shared" / "data"
"""Inputs of other people, beside the checkout; tests that read them are skipped elsewhere."""
