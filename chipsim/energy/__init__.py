"""Counters first, prices later: joules are action counts times a table, plus static power times time."""

from chipsim.energy.account import Account, Line, account
from chipsim.energy.claim import claim

__all__ = ["Account", "Line", "account", "claim"]
