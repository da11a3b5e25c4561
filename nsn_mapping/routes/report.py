"""How large the router tables of a mapping are, of what is allowed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from chipsim.errors import MappingError
from chipsim.noc import Mesh
from nsn_mapping.hypergraph import Hypergraph
from nsn_mapping.routes.tables import Tables, build_tables

Ints = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class TableReport:
    """Entries of the router tables.

    Attributes:
        used: int64[routers], entries before compression: one for every tree and router that it passes.
        compressed: int64[routers], entries of the compressed tables.
        allowed: entries that a router has room for, None for no limit.
        bits: of a key.
    """

    used: Ints
    compressed: Ints
    allowed: int | None
    bits: int

    def resource(self) -> dict[str, Any]:
        """The resource line, in the shape of those of cores: compressed entries of the fullest router and of all, allowed, and used before."""
        return {
            "fullest_core": int(self.compressed.max(initial=0)),
            "core_allowed": self.allowed,
            "all": int(self.compressed.sum()),
            "all_allowed": None if self.allowed is None else self.allowed * len(self.used),
            "fullest_uncompressed": int(self.used.max(initial=0)),
            "all_uncompressed": int(self.used.sum()),
            "key_bits": self.bits,
        }


def table_report(h: Hypergraph, core: npt.NDArray[np.integer[Any]], mesh: Mesh, allowed: int | None = None) -> TableReport:
    """Make the tables of a mapping and count their entries.

    Args:
        h: the network.
        core: int[n], core of each vertex.
        mesh: the chip.
        allowed: entries of a router (``chip.noc.table_entries``), None for no limit. Tables that prefixes alone leave longer are
            shortened further until they fit, as far as possible.

    Raises:
        MappingError: a vertex is on no core of the mesh, or a tile has more cores than a route can name; not that tables are too
            large, which ``refuse_large_tables`` says.
    """
    return report_of(build_tables(h, core, mesh, allowed), allowed)


def report_of(tables: Tables, allowed: int | None) -> TableReport:
    """Count the entries of tables that are made."""
    return TableReport(tables.used, tables.compressed, allowed, tables.keys.bits)


def refuse_large_tables(report: TableReport) -> None:
    """Refuse a mapping whose tables do not fit.

    Raises:
        MappingError: naming the router, entries used and allowed.
    """
    if report.allowed is None or not len(report.compressed):
        return
    over = np.flatnonzero(report.compressed > report.allowed)
    if len(over):
        router = int(report.compressed.argmax())
        raise MappingError(
            f"mapping: router {router} needs {report.compressed[router]} table entries after compression ({report.used[router]} before),"
            f" allowed {report.allowed} (chip.noc.table_entries), and {len(over)} of {len(report.compressed)} routers need more than that;"
            " raise the limit, use chip.noc.cast=unicast, which needs no tables, or map with method default or quality, whose trees are"
            " smaller"
        )
