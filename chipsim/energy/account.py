"""The bottom-up energy account of a run.

Every line is count x price; static is cores x power x time. Shares are kept apart: static, core, router, link, interchip, host. The budget
per core is not part of the account, it is held against it (``claim``).
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from chipsim.config.chip import ChipSpec
from chipsim.config.constant import Constant
from chipsim.errors import ConfigError
from chipsim.machine.actions import CORE, ROUTER, TABLE, Action
from chipsim.machine.raw import RawRun
from chipsim.noc import EAST, PORTS, WEST, Mesh
from chipsim.noc.links import along_x
from chipsim.noc.plan import NocPlan

BUDGETED = ("core", "router", "link", "interchip")
"""Dynamic shares that the budget per core is held against."""

SHARES = ("static", "core", "router", "link", "interchip", "host")

_ACROSS = np.isin(np.arange(PORTS), (EAST, WEST))
"""Which ports lead east or west."""

J_PER_PJ = 1e-12
W_PER_MW = 1e-3
S_PER_PS = 1e-12


@dataclass(frozen=True, slots=True)
class Line:
    """One line of the account: a share, an action, how often, at what price (pJ each; mW for static), and the joules.

    The price is None where the chip does not know it, which only an action that never happened may have.
    """

    share: str
    action: str
    count: float
    each: float | None
    joules: float


@dataclass(frozen=True, slots=True)
class Account:
    """Energy of a run.

    Attributes:
        lines: all lines.
        seconds: chip time covered.
        core_pj: float64[cores], dynamic energy spent inside each core.
        tile_pj: float64[cores], what the router and slot server of the core's tile and the links that leave it spent, shared by its cores.
        link_pj: float64[link numbers], with the credits that go back over the link.
        table: what was counted, by number of the action.
        flit_pj, credit_pj: float64[link numbers], price of a flit and of a credit on each link; of credits none but with wormhole routers.
    """

    lines: tuple[Line, ...]
    seconds: float
    core_pj: npt.NDArray[np.float64]
    tile_pj: npt.NDArray[np.float64]
    link_pj: npt.NDArray[np.float64]
    table: tuple[Action, ...] = TABLE
    flit_pj: npt.NDArray[np.float64] = field(default_factory=lambda: np.zeros(0))
    credit_pj: npt.NDArray[np.float64] = field(default_factory=lambda: np.zeros(0))

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
    def budgeted(self) -> float:
        """Dynamic joules that the budget is held against: cores, routers and links, also those between chips. The way to the host is not."""
        return budgeted(self.lines)


def budgeted(lines: Iterable[Line]) -> float:
    """Joules of the lines that the budget is held against."""
    return math.fsum(line.joules for line in lines if line.share in BUDGETED)


def price(constant: Constant) -> float:
    """Value of a constant that the plan has found to be known."""
    assert constant.value is not None
    return float(constant.value)


@dataclass(frozen=True, slots=True)
class Counts:
    """What a run did in all: what the lines of its account count.

    Attributes:
        cores: powered cores.
        actions: counted actions of all cores and slot servers, by number of the action.
        tile_flits, host_flits, flits_ew, flits_ns: flits through local ports, to and from the host, and over links of a chip by direction.
        seconds: chip time covered.
        flits_level: flits over the links of each level of a hierarchy above the chip, from the lowest.
        router_lookups: entries of routers' tables that packets were looked up in.
        credits, credits_level: that wormhole routers sent back over links of a chip, and over those of each level above it.
        table: what the numbers of actions mean.
    """

    cores: int
    actions: tuple[int, ...]
    tile_flits: int
    host_flits: int
    flits_ew: int
    flits_ns: int
    seconds: float
    flits_level: tuple[int, ...] = ()
    router_lookups: int = 0
    credits: int = 0
    credits_level: tuple[int, ...] = ()
    table: tuple[Action, ...] = TABLE


def _levels(noc: NocPlan | None) -> npt.NDArray[np.int64] | None:
    """Level of each link, None where all are on the chip."""
    return noc.fabric.level if noc is not None and noc.fabric.level.any() else None


def _across(noc: NocPlan | None, links: int) -> npt.NDArray[np.bool_]:
    """Which links cost what a hop to the east or west costs."""
    return np.tile(_ACROSS, links // PORTS) if noc is None else along_x(noc.fabric)


def count(mesh: Mesh, raw: RawRun, noc: NocPlan | None = None, table: tuple[Action, ...] = TABLE) -> Counts:
    """Add up a run's counters; every powered core draws static power from 0 to ``end_ps``."""
    flits, back, across, level = raw.link_flits, raw.credits, _across(noc, len(raw.link_flits)), _levels(noc)
    above: tuple[int, ...] = ()
    back_above: tuple[int, ...] = ()
    if level is not None:
        numbers = range(1, int(level.max()) + 1)
        above = tuple(int(flits[level == number].sum()) for number in numbers)
        flits = np.where(level == 0, flits, 0)
        if len(back):
            back_above = tuple(int(back[level == number].sum()) for number in numbers)
            back = np.where(level == 0, back, 0)
    return Counts(
        mesh.cores,
        tuple(raw.actions.sum(axis=0).tolist()),
        int(raw.tile_flits.sum()),
        raw.host_flits,
        int(flits[across].sum()),
        int(flits[~across].sum()),
        raw.end_ps * S_PER_PS,
        above,
        int(raw.router_lookups.sum()),
        int(back.sum()),
        back_above,
        table,
    )


def price_lines(chip: ChipSpec, counts: Counts) -> tuple[Line, ...]:
    """The lines of the account.

    Args:
        chip: prices in pJ per action, static power in mW per core.
        counts: of the run.

    Raises:
        ConfigError: something was counted that the chip has no price for.
    """

    def priced(share: str, name: str, times: int, value: float | int | None, path: str) -> Line:
        if value is None and times:
            raise ConfigError(
                f"chip {chip.name}: the run counted {times} times {name}, whose energy the chip file leaves unknown; "
                f'set it, for example --set chip.{path}.value="..."'
            )
        each = None if value is None else float(value)
        return Line(share, name, times, each, times * (each or 0.0) * J_PER_PJ)

    def line(share: str, name: str, times: int) -> Line:
        return priced(share, name, times, getattr(chip.energy, name).value, f"energy.{name}")

    def of_levels(name: str, times: tuple[int, ...], share: float) -> list[Line]:
        every = (*times, *[0] * (len(chip.noc.levels) - len(times)))
        return [
            priced("interchip", f"{name}_{level.name}", every[i], _part(level.hop.value, share), f"noc.levels.{i}.hop")
            for i, level in enumerate(chip.noc.levels)
        ]

    between = of_levels("hop", counts.flits_level, 1.0)
    if chip.noc.router == "wormhole":
        between += of_levels("credit", counts.credits_level, credit_share(chip))
    static_mw = price(chip.power.static_per_core) if counts.cores else 0.0  # traffic alone is priced without it
    return (
        Line("static", "static_per_core", counts.cores, static_mw, counts.cores * static_mw * W_PER_MW * counts.seconds),
        *(line(CORE, name, times) for name, times in _by_price(CORE, counts).items()),
        line(ROUTER, "router_flit", counts.tile_flits),
        line(ROUTER, "table_read", counts.router_lookups),
        *(line(ROUTER, name, times) for name, times in _by_price(ROUTER, counts).items()),
        line("link", "hop_ew", counts.flits_ew),
        line("link", "hop_ns", counts.flits_ns),
        line("link", "credit", counts.credits),
        *(between or [Line("interchip", "interchip_flit", 0, 0.0, 0.0)]),
        line("host", "host_flit", counts.host_flits),
    )


def credit_share(chip: ChipSpec) -> float:
    """How much of what a flit costs a credit does, on the links of the chip; it is the same on those between chips."""
    hops = float(chip.energy.hop_ew.value or 0.0) + float(chip.energy.hop_ns.value or 0.0)
    return 2 * float(chip.energy.credit.value or 0.0) / hops if hops else 0.0


def _part(value: float | int | None, share: float) -> float | None:
    """A price, or a part of it; None if it is not known."""
    return None if value is None else float(value) * share


def _by_price(share: str, counts: Counts) -> dict[str, int]:
    """Counts of a share's actions by their price, in the order of the table."""
    found: dict[str, int] = {}
    for action in counts.table:
        if action.share == share:
            found[action.price] = found.get(action.price, 0) + counts.actions[action.number]
    return found


def account(
    chip: ChipSpec,
    mesh: Mesh,
    raw: RawRun,
    noc: NocPlan | None = None,
    table: tuple[Action, ...] = TABLE,
    endpoint_tile: npt.NDArray[np.int64] | None = None,
) -> Account:
    """Price a run's counters with the chip's table, in all and by place.

    Args:
        chip: prices in pJ per action, static power in mW per core.
        mesh: its shape.
        raw: counters.
        noc: topology, where it is not a plain mesh.
        table: what was counted.
        endpoint_tile: int64[endpoints], tile of each core, then of each server, as in a plan: what slot servers spend is shared by the cores
            of their tile; without it no core has it.

    Raises:
        ConfigError: something was counted that the chip has no price for.
    """
    counts = count(mesh, raw, noc, table)
    lines = price_lines(chip, counts)

    def known(name: str) -> float:
        return float(getattr(chip.energy, name).value or 0.0)

    weights = {CORE: np.zeros(len(table)), ROUTER: np.zeros(len(table))}
    for action in table:
        if action.share in weights:
            weights[action.share][action.number] = known(action.price)
    actions = raw.actions[: mesh.cores]
    busy = np.flatnonzero(raw.operations[: mesh.cores])  # only operations count actions
    core_pj = np.zeros(mesh.cores)
    core_pj[busy] = actions[busy] @ weights[CORE]
    each: npt.NDArray[np.float64] = np.where(_across(noc, len(raw.link_flits)), known("hop_ew"), known("hop_ns"))
    credit: npt.NDArray[np.float64] = np.full(len(raw.credits), known("credit"))
    level = _levels(noc)
    if level is not None:
        for number, above in enumerate(chip.noc.levels, 1):
            each[level == number] = float(above.hop.value or 0.0)
            if len(credit):
                credit[level == number] = float(above.hop.value or 0.0) * credit_share(chip)
    link_pj = raw.link_flits.astype(np.float64) * each
    if len(credit):
        link_pj += raw.credits * credit
    leaving = sum(link_pj.reshape(mesh.tiles, -1).T, np.zeros(mesh.tiles))
    per_tile = raw.tile_flits * known("router_flit") + leaving
    if len(raw.router_lookups):
        per_tile = per_tile + raw.router_lookups * known("table_read")
    if endpoint_tile is not None:
        servers = slice(mesh.cores, min(len(raw.actions), len(endpoint_tile)))
        per_tile = per_tile + np.bincount(endpoint_tile[servers], raw.actions[servers] @ weights[CORE], mesh.tiles)
    tile_pj = np.repeat(per_tile / mesh.concentration, mesh.concentration)
    tile_pj[busy] += actions[busy] @ weights[ROUTER]
    return Account(lines, counts.seconds, core_pj, tile_pj, link_pj, table, each, credit)
