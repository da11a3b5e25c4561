"""Messages of packets: one kind, which says nothing. Its number is what it was when all programs numbered their kinds together, for it is
hashed in the records of operations of runs that are written down.
"""

from __future__ import annotations

from chipsim.machine.message import Kinds

DATA = 27

KINDS = Kinds(("",) * DATA + ("data",), {DATA: frozenset()})
