"""Counters first, prices later: joules are action counts times a table, plus static power times time; then what that says of a budget."""

from chipsim.energy.account import Account, Line, account
from chipsim.energy.claim import Holding, claim
from chipsim.energy.influence import Ends, Ran, influence
from chipsim.energy.limits import Measured
from chipsim.energy.power import Point, point

__all__ = ["Account", "Ends", "Holding", "Line", "Measured", "Point", "Ran", "account", "claim", "influence", "point"]
