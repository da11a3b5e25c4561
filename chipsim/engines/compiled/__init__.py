"""The compiled engine: the same plan, the same kernels and the same digest as the reference engine, as machine code."""

from __future__ import annotations

from chipsim.engines.compiled.run import make_ready, run_compiled

__all__ = ["make_ready", "run_compiled"]
