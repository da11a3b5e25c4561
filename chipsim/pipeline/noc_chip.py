"""The chip that a network is measured on: bare routers from options, or a chip of the user's with some of it changed."""

from __future__ import annotations

from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

from chipsim.config import tree
from chipsim.config.chip import ChipSpec
from chipsim.config.load import load_chip, validated
from chipsim.config.topology import TOPOLOGIES
from chipsim.config.yaml12 import Document, Mark
from chipsim.errors import ConfigError, UsageError
from chipsim.registry import did_you_mean

_BASE = "mesh-16"
"""Its prices are of no interest here, and all its times are replaced."""

_CYCLE = "1 ns"

_CMESH = "cmesh"
"""A mesh with four cores per tile; no topology of its own."""


@dataclass(frozen=True, slots=True)
class NocOptions:
    """What is asked of a network; None leaves it as it is: in the chip, or as bare routers have it.

    Attributes:
        topology, width, height, depth, arity, edges, concentration, router, routing, vcs, buffer, timing, vc_reuse, ejection,
            allow_deadlock: as in ``chip.noc``; a topology ``cmesh`` is a mesh with four cores per tile.
        link_latency: cycles of a link between two routers.
    """

    topology: str | None = None
    width: int | None = None
    height: int | None = None
    depth: int | None = None
    arity: int | None = None
    edges: str | None = None
    concentration: int | None = None
    router: str | None = None
    routing: str | None = None
    vcs: int | None = None
    buffer: int | None = None
    timing: str | None = None
    vc_reuse: str | None = None
    ejection: int | None = None
    allow_deadlock: bool | None = None
    link_latency: int | None = None


def noc_chip(options: NocOptions, chip: str | None = None) -> ChipSpec:
    """The chip.

    Bare routers have a clock of 1 ns, links of one cycle to their cores and, unless told otherwise, to each other; they are an 8 x 8 mesh of
    wormhole routers with 4 virtual channels of 8 flits in timing S.

    Args:
        options: what is asked for.
        chip: shipped name or file; None for bare routers.

    Raises:
        UsageError: an option is not allowed, by itself or with the others; one side is asked for of a chip that is no square.
        ConfigError: the chip's file is wrong.
    """
    base = load_chip(chip if chip is not None else _BASE)
    cycle = base.noc.flit_time.value
    asked = {field.name: getattr(options, field.name) for field in fields(options)}
    if asked["topology"] not in (None, _CMESH, *TOPOLOGIES.names()):
        allowed = (*TOPOLOGIES.names(), _CMESH)
        meant = did_you_mean(str(asked["topology"]), allowed)
        raise UsageError(f"--topology: found {asked['topology']!r:.40}{meant}; allowed: {', '.join(allowed)}")
    if asked["topology"] == _CMESH:
        asked["topology"] = "mesh"
        asked["concentration"] = asked["concentration"] or 4
    if asked["topology"] in TOPOLOGIES.names() and TOPOLOGIES.get(asked["topology"]).edges:
        if asked["edges"] is None and chip is None:
            raise UsageError(
                f"--topology: a {asked['topology']} without links; allowed: with --edges FILE, a CSV file of a,b per line"
            )
        if asked["width"] is None and asked["edges"] is not None:
            asked["width"], asked["height"] = _routers_in(asked["edges"]), 1
    if chip is not None:
        _keep_shape(base, asked)
    latency = asked.pop("link_latency")
    changes: dict[str, Any] = {name: value for name, value in asked.items() if value is not None}
    if chip is None:
        bare = {"width": 8, "height": 8, "router": "wormhole", "cast": "unicast", "routing": None, "local_latency": _CYCLE}
        changes = bare | {"flit_time": _CYCLE} | changes
        latency = 1 if latency is None else latency
        cycle = 1000
    if latency is not None:
        if cycle is None:
            raise UsageError(
                f"--link-latency: chip {base.name} does not know its noc.flit_time, so a cycle has no length there"
            )
        changes |= dict.fromkeys(("link_latency_ew", "link_latency_ns"), f"{latency * int(cycle)} ps")
    document = Document(base.model_dump(mode="json"), {}, {(): Mark(f"chip {base.name}")})
    for name, value in changes.items():
        option = "link_latency" if name.startswith("link_latency") else name
        mark = Mark(f"--{option.replace('_', '-')}")
        document = tree.put(document, ("noc", name), Document(value, {}, {(): mark}), mark)
    if chip is None:
        mark = Mark("chipsim noc")
        document = tree.put(document, ("name",), Document("bare routers", {}, {(): mark}), mark)
    try:
        return validated(ChipSpec, document, "chip.")
    except ConfigError as error:
        raise UsageError(str(error)) from None


def _keep_shape(base: ChipSpec, asked: dict[str, Any]) -> None:
    """Where one side of a chip's plane is asked for alone, a square one stays square; of another one both sides must be said."""
    noc = base.noc
    alone = [name for name in ("width", "height") if asked[name] is not None]
    topology = asked["topology"] or noc.topology
    if len(alone) != 1 or topology not in TOPOLOGIES.names() or not TOPOLOGIES.get(topology).grid:
        return
    given, other = alone[0], "height" if alone[0] == "width" else "width"
    if noc.width != noc.height:
        raise UsageError(
            f"--{given}: alone, and chip {base.name} is {noc.width} x {noc.height}, no square; allowed: with --{other} too"
        )
    asked[other] = asked[given]


def _routers_in(path: str) -> int | None:
    """How many routers a file of edges speaks of; None where it is not right, which is told when its links are laid."""
    try:
        lines = Path(path).read_text(encoding="utf-8-sig").splitlines()
    except (OSError, ValueError):
        return None
    pairs = [line.partition("#")[0].split(",")[:2] for line in lines]
    found = [int(cell) for pair in pairs for cell in pair if cell.strip().isdecimal() and len(cell.strip()) < 9]
    return max(found) + 1 if found else None
