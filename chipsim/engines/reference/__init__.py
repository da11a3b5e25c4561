"""The reference engine: SimPy, written to be read; the oracle for every other engine.

An instant has phases (contract in ``chipsim.machine``); a phase is a SimPy priority (``phases``), so that within one instant all deliveries
come before any router acts, and all routers before any core begins. ``network`` carries packets, ``endpoints`` are the processes of cores,
servers and the host port, ``chip`` is what all this looks like to the program that the cores run (``chipsim.programs.reference``), which
the registry hands to a run; ``records`` hashes and keeps what happened, ``run`` ties them together. Components that never get work are
never made.
"""

from chipsim.engines.reference.run import Run, run_reference

__all__ = ["Run", "run_reference"]
