"""The bottom-up energy account of a run.

Every line is count x price; static is cores x power x time. Shares are kept apart: static, core, router, link, interchip, host. The budget
per core is not part of the account, it is held against it (``claim``).
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from chipsim.model.state import A_AXON, A_MESSAGE, A_PAIR, A_READ, A_SENT, A_SLOT, A_SYNOP, A_TABLE, A_UPDATE, A_WRITE
from chipsim.spec.chip import ChipSpec
from chipsim.spec.constant import Constant
from chipsim.topology import EAST, PORTS, WEST, Mesh
from chipsim.trace.raw import RawRun

ON_CHIP = ("core", "router", "link")
"""Dynamic shares that the budget per core is held against."""

SHARES = ("static", "core", "router", "link", "interchip", "host")

J_PER_PJ = 1e-12
W_PER_MW = 1e-3
S_PER_PS = 1e-12

_CORE_ACTIONS = (
    ("message_in", A_MESSAGE),
    ("axon_lookup", A_AXON),
    ("synaptic_op", A_SYNOP),
    ("neuron_update", A_UPDATE),
    ("memory_read", A_READ),
    ("memory_write", A_WRITE),
    ("pair_write", A_PAIR),
    ("spike_out", A_SENT),
    ("slot_op", A_SLOT),
)


@dataclass(frozen=True, slots=True)
class Line:
    """One line of the account: a share, an action, how often, at what price (pJ each; mW for static), and the joules."""

    share: str
    action: str
    count: float
    each: float
    joules: float


@dataclass(frozen=True, slots=True)
class Account:
    """Energy of a run.

    Attributes:
        lines: all lines.
        seconds: chip time covered.
        core_pj: float64[cores], dynamic energy spent inside each core.
        tile_pj: float64[cores], what the router of the core's tile and the links that leave it spent, shared by the tile's cores.
        link_pj: float64[link numbers].
    """

    lines: tuple[Line, ...]
    seconds: float
    core_pj: npt.NDArray[np.float64]
    tile_pj: npt.NDArray[np.float64]
    link_pj: npt.NDArray[np.float64]

    def share(self, name: str) -> float:
        """Joules of one share."""
        return math.fsum(line.joules for line in self.lines if line.share == name)

    @property
    def total(self) -> float:
        """Joules of the run: the correctly rounded sum of all lines."""
        return math.fsum(line.joules for line in self.lines)

    @property
    def dynamic(self) -> float:
        """Joules of all lines but static."""
        return math.fsum(line.joules for line in self.lines if line.share != "static")

    @property
    def on_chip(self) -> float:
        """Dynamic joules spent on the chip: cores, routers and links. What crosses to the host or to other chips is the board's."""
        return math.fsum(line.joules for line in self.lines if line.share in ON_CHIP)


def price(constant: Constant) -> float:
    """Value of a constant that the plan has found to be known."""
    assert constant.value is not None
    return float(constant.value)


def account(chip: ChipSpec, mesh: Mesh, raw: RawRun) -> Account:
    """Price a run's counters with the chip's table.

    Args:
        chip: prices in pJ per action, static power in mW per core.
        mesh: tells which links run east-west.
        raw: counters; every powered core draws static power from 0 to ``end_ps``.
    """
    table = chip.energy
    totals = raw.actions.sum(axis=0).tolist()
    lines = [_line("core", name, totals[index], price(getattr(table, name))) for name, index in _CORE_ACTIONS]
    port = np.arange(mesh.link_ids) % PORTS
    across = (port == EAST) | (port == WEST)
    lines += [
        _line("router", "router_flit", int(raw.tile_flits.sum()), price(table.router_flit)),
        _line("router", "table_write", totals[A_TABLE], price(table.table_write)),
        _line("link", "hop_ew", int(raw.link_flits[across].sum()), price(table.hop_ew)),
        _line("link", "hop_ns", int(raw.link_flits[~across].sum()), price(table.hop_ns)),
        _line("interchip", "interchip_flit", 0, 0.0),
        _line("host", "host_flit", raw.host_flits, price(table.host_flit)),
    ]
    seconds = raw.end_ps * S_PER_PS
    static_mw = price(chip.power.static_per_core)
    static = Line("static", "static_per_core", mesh.cores, static_mw, mesh.cores * static_mw * W_PER_MW * seconds)
    weights = np.zeros(raw.actions.shape[1])
    for name, index in _CORE_ACTIONS:
        weights[index] = price(getattr(table, name))
    core_pj = raw.actions[: mesh.cores] @ weights
    link_pj = raw.link_flits.astype(np.float64) * np.where(across, price(table.hop_ew), price(table.hop_ns))
    per_tile = raw.tile_flits * price(table.router_flit) + link_pj.reshape(mesh.tiles, PORTS).sum(axis=1)
    tile_pj = np.repeat(per_tile / mesh.concentration, mesh.concentration)
    tile_pj += raw.actions[: mesh.cores, A_TABLE] * price(table.table_write)
    return Account((static, *lines), seconds, core_pj, tile_pj, link_pj)


def _line(share: str, action: str, count: int, each: float) -> Line:
    return Line(share, action, count, each, count * each * J_PER_PJ)
