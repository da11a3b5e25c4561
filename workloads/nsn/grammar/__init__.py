"""Grammars that hold a text in few symbols: what the memory of a network that sleeps is held against.

Both read the episodes that a network stores and nothing else; no code is shared with the network.
"""

from __future__ import annotations

from workloads.nsn.grammar.grammar import Grammar, expand
from workloads.nsn.grammar.repair import repair
from workloads.nsn.grammar.sequitur import sequitur

__all__ = ["Grammar", "expand", "repair", "sequitur"]
