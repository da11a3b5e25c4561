"""What a program is to everybody else, and the registry of programs.

A program is what the cores of a chip run: its messages and state, its kernels, how its network is lowered, what it counts and how that is
summed up. It lives in one folder and is registered once, as an entry point of the group ``chipsim.programs``. Nobody outside that folder
asks which program runs: the pipeline, the engines, the command line and the reports do with any program what this interface says.
"""

from __future__ import annotations

from dataclasses import dataclass

from chipsim.registry import Registry


@dataclass(frozen=True, slots=True)
class Program:
    """What cores run.

    Attributes:
        name: what it is registered as, and the ``kind`` of the summaries of its runs.
        about: what it is, in a line.
        unit: what rates and energies of a run are per, in the singular: ``event``, ``spike``, ``packet``.
        progress: what the progress of a run counts, in the plural.
    """

    name: str
    about: str
    unit: str
    progress: str


PROGRAMS: Registry[Program] = Registry("chipsim.programs", "program", Program)
"""Every program that is installed."""
