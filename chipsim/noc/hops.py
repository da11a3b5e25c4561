"""Hops on any topology, without a run."""

from __future__ import annotations

import numpy as np

from chipsim.errors import MappingError
from chipsim.noc.fabric import Ints
from chipsim.noc.links import along_x
from chipsim.noc.mesh import Mesh
from chipsim.noc.plan import NocPlan
from chipsim.noc.routing import DATELINE, HERE, TABLE, TORUS, Routing


def hops(mesh: Mesh, noc: NocPlan | None, a: Ints, b: Ints) -> tuple[Ints, Ints]:
    """Links between tiles, pair by pair: along x (on trees and graphs: all of them), and others.

    Args:
        mesh: the tiles of a plain mesh.
        noc: any other topology or routing.
        a: int64[n], tiles where ways begin.
        b: int64[n], tiles where they end.

    Raises:
        MappingError: no way leads from one to the other.
    """
    if noc is None:
        (ax, ay), (bx, by) = mesh.xy(a), mesh.xy(b)
        return np.abs(ax - bx), np.abs(ay - by)
    if noc.routing.kind == TABLE:
        return _followed(noc, a, b)
    R = noc.routing
    apart = [np.abs(one - other) for one, other in zip(_place(R, a), _place(R, b), strict=True)]
    if R.kind in (TORUS, DATELINE):
        apart = [np.minimum(one, size - one) for one, size in zip(apart, (R.width, R.height, R.depth), strict=True)]
    return apart[0], apart[1] + apart[2]


def _place(R: Routing, tile: Ints) -> tuple[Ints, Ints, Ints]:
    """x, y and z of tiles of a grid."""
    lines = R.height * R.depth
    x, line = (tile // lines, tile % lines) if R.column else (tile % R.width, tile // R.width)
    return x, line % R.height, line // R.height


def _followed(noc: NocPlan, a: Ints, b: Ints) -> tuple[Ints, Ints]:
    """Follow the table from all tiles at once."""
    fabric, R, along = noc.fabric, noc.routing, along_x(noc.fabric)
    x, other = np.zeros(len(a), np.int64), np.zeros(len(a), np.int64)
    row, tile = np.arange(len(a)), a.astype(np.int64)
    for _ in range(fabric.routers + 1):
        port = R.table[tile * R.routers + b[row]]
        on = port != HERE
        row, tile, port = row[on], tile[on], port[on]
        if not len(row):
            return x, other
        if (port < 0).any():
            lost = int(np.argmax(port < 0))
            refuse_no_path(int(a[row[lost]]), int(b[row[lost]]))
        link = tile * fabric.ports + port
        x[row] += along[link]
        other[row] += ~along[link]
        tile = fabric.to[link]
    raise AssertionError("a routing table leads in a circle")


def refuse_no_path(a: int, b: int) -> None:
    """Say that two tiles are not connected.

    Raises:
        MappingError: always.
    """
    raise MappingError(
        f"no way leads from router {a} to router {b}, and the network needs one; add a link (chip.noc.edges), or use another routing or"
        " topology"
    )
