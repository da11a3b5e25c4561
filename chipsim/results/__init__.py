"""From raw counters to what users read: summary, tables, run folder."""

from chipsim.results.result import Result

__all__ = ["Result"]
