"""Results side by side: what was set differently, what came out differently, and what is the same."""

from chipsim.results.comparison.compare import compare
from chipsim.results.comparison.comparison import Comparison, Difference
from chipsim.results.comparison.tables import ColumnDifference, FirstRow, TableDifference

__all__ = ["ColumnDifference", "Comparison", "Difference", "FirstRow", "TableDifference", "compare"]
