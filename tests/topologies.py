"""Chips of every topology, small, and their networks."""

from __future__ import annotations

import dataclasses
import tempfile
from collections.abc import Sequence
from functools import cache
from pathlib import Path

from chipsim.config.chip import ChipSpec
from chipsim.config.load import load_chip
from chipsim.machine.message import Kinds
from chipsim.noc import Mesh, mesh_of
from chipsim.noc.build import noc_plan
from chipsim.noc.plan import IDEAL, QUEUED, NocPlan

EDGES = "a,b,latency,flit_time\n" + "".join(
    f"{a},{b},{latency},{flit}\n"
    for a, b, latency, flit in (
        *((i, i + 1, "4099 ps", "1 ns") for i in range(11)),
        (0, 5, "900 ps", "3 ns"), (2, 9, "6521 ps", "1 ns"), (3, 11, "6521 ps", "700 ps"), (1, 7, "4099 ps", "1 ns"),
    )
)  # fmt: skip
"""Twelve routers in a row with four short cuts; links of different speed."""

BOARD = (
    'chip.noc.levels=[{name: board, width: 2, height: 1, link_latency: "40 ns", flit_time: "6 ns", hop: "800 pJ"},'
    ' {name: rack, width: 1, height: 3, link_latency: "333 ns", flit_time: "9 ns", hop: "2 nJ"}]'
)

FREE = "chip.noc.routing=null"


@cache
def edges_file() -> Path:
    """The graph as a file."""
    path = Path(tempfile.mkdtemp(prefix="edges")) / "edges.csv"
    path.write_text(EDGES, encoding="utf-8")
    return path


def _size(width: int, height: int, *more: str) -> tuple[str, ...]:
    return f"chip.noc.width={width}", f"chip.noc.height={height}", *more


@cache
def topologies() -> dict[str, tuple[str, ...]]:
    """Settings of a chip of each topology, by name; two cores per tile but on the tree."""
    pair = "chip.noc.concentration=2"
    return {
        "torus": _size(4, 3, pair, "chip.noc.topology=torus", FREE),
        "torus, even, by columns": _size(4, 4, pair, "chip.noc.topology=torus", FREE, "chip.noc.tile_order=column"),
        "dateline": _size(5, 2, pair, "chip.noc.topology=torus", "chip.noc.routing=dateline"),
        "ring": _size(8, 1, pair, "chip.noc.topology=ring", FREE),
        "mesh3d": _size(3, 2, pair, "chip.noc.topology=mesh3d", "chip.noc.depth=2"),
        "yx": _size(4, 3, pair, "chip.noc.routing=yx"),
        "adaptive": _size(4, 3, pair, "chip.noc.routing=adaptive"),
        "tree": _size(13, 1, "chip.noc.topology=tree", "chip.noc.arity=3", FREE),
        "graph": _size(12, 1, pair, "chip.noc.topology=graph", FREE, f"chip.noc.edges={edges_file()}"),
        "shortest ways": _size(4, 3, pair, "chip.noc.topology=torus", "chip.noc.routing=table"),
        "hierarchy": _size(4, 3, pair, BOARD),
    }


def chip_of(settings: Sequence[str]) -> ChipSpec:
    """The chip, with the times that ``mesh-16`` has."""
    return load_chip("mesh-16", [text.removeprefix("chip.") for text in settings])


def noc_on(name: str) -> tuple[Mesh, NocPlan]:
    """A topology; ``mesh`` is a plain mesh that is given as tables, like the others.

    Args:
        name: a key of `topologies`, or ``mesh``.
    """
    spec = chip_of(topologies().get(name, _size(4, 3, "chip.noc.concentration=2", "chip.noc.router=wormhole")))
    noc = noc_plan(spec, Kinds(("",), {}), 5)
    assert noc is not None
    return mesh_of(spec.noc), dataclasses.replace(noc, wormhole=None)


ROUTERS = {"ideal": IDEAL, "queued": QUEUED}
