"""Links of any graph, from a CSV file: ``a, b`` and, if wanted, latency, flit time and level of each; every link joins both ways."""

from __future__ import annotations

import csv
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from chipsim.errors import ConfigError
from chipsim.units import parse_time_ps

Ints = npt.NDArray[np.int64]

COLUMNS = ("a", "b", "latency", "flit_time", "level")

MAX_DEGREE = 32
"""Most links of a router."""

_NEXT = 'allowed: a, b and, if wanted, latency, flit_time, level, such as 0,1 or 0,1,"4 ns","1 ns",1'


@dataclass(frozen=True, slots=True)
class Edges:
    """Links between routers.

    Attributes:
        a, b: int64[edges], the routers that each joins.
        latency, flit_time: int64[edges] ps, 0 where the file leaves it to the chip.
        level: int64[edges].
    """

    a: Ints
    b: Ints
    latency: Ints
    flit_time: Ints
    level: Ints


def read_edges(path: str, routers: int, levels: int) -> Edges:
    """Links of a file.

    Args:
        path: CSV; a first line with names of columns, empty lines and what follows a # do not count.
        routers: numbers of routers are below this.
        levels: highest level that a link may have.

    Raises:
        ConfigError: the file cannot be read, a line is wrong, a link stands twice, or the links do not join all routers.
    """
    rows: list[tuple[int, int, int, int, int]] = []
    seen: dict[tuple[int, int], int] = {}
    try:
        with Path(path).open(encoding="utf-8-sig", newline="") as file:
            for number, cells in enumerate(csv.reader((line.partition("#")[0] for line in file), skipinitialspace=True), 1):
                cells = [cell.strip() for cell in cells]
                if not any(cells) or (not rows and cells[:2] == ["a", "b"]):
                    continue
                place = f"{path}:{number}"
                row = _row(place, cells, routers, levels)
                pair = (min(row[:2]), max(row[:2]))
                if pair in seen:
                    raise ConfigError(
                        f"{place}: routers {pair[0]} and {pair[1]} are joined in line {seen[pair]} already; allowed: one link, which joins"
                        " both ways"
                    )
                seen[pair] = number
                rows.append(row)
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise ConfigError(f"{path}: {error}; chip.noc.edges wants a readable CSV file, UTF-8") from None
    table = np.array(rows, np.int64).reshape(-1, 5)
    edges = Edges(*(table[:, column].copy() for column in range(5)))
    _refuse_crowded(path, edges, routers)
    _refuse_apart(path, edges, routers)
    return edges


def _row(place: str, cells: list[str], routers: int, levels: int) -> tuple[int, int, int, int, int]:
    """One line as numbers."""
    if not 2 <= len(cells) <= len(COLUMNS):
        raise ConfigError(f"{place}: {len(cells)} cells; {_NEXT}")
    cells = cells + [""] * (len(COLUMNS) - len(cells))
    ends = []
    for cell in cells[:2]:
        if not (cell.isascii() and cell.isdecimal()) or len(cell) > 9 or int(cell) >= routers:
            raise ConfigError(f"{place}: {cell!r:.40} is not a router; allowed: 0 to {routers - 1} (width x height x depth)")
        ends.append(int(cell))
    if ends[0] == ends[1]:
        raise ConfigError(f"{place}: router {ends[0]} is joined to itself; allowed: links between two routers")
    times = []
    for name, cell in zip(COLUMNS[2:4], cells[2:4], strict=True):
        try:
            time = parse_time_ps(cell) if cell else 0
        except ConfigError as error:
            raise ConfigError(f"{place}: {name}: {error}") from None
        if cell and time < 1:
            raise ConfigError(f"{place}: {name}: found {cell}; allowed: at least 1 ps, or nothing for that of the chip")
        times.append(time)
    level = cells[4] or "0"
    if not (level.isascii() and level.isdecimal()) or len(level) > 9 or int(level) > levels:
        raise ConfigError(f"{place}: level {level!r:.40}; allowed: 0 (within a chip) to {levels} (length of chip.noc.levels)")
    return ends[0], ends[1], times[0], times[1], int(level)


def _refuse_crowded(path: str, edges: Edges, routers: int) -> None:
    degree = np.bincount(np.concatenate([edges.a, edges.b]), minlength=routers)
    most = int(degree.argmax())
    if degree[most] > MAX_DEGREE:
        raise ConfigError(f"{path}: router {most} has {degree[most]} links; allowed: up to {MAX_DEGREE}")


def _refuse_apart(path: str, edges: Edges, routers: int) -> None:
    """Refuse links that leave a router out of reach of router 0."""
    label = np.arange(routers, dtype=np.int64)
    while True:  # labels are hung below the lesser one of a link and chains shortened by half: few rounds even on a long line
        before, a, b = label.copy(), label[edges.a], label[edges.b]
        low = np.minimum(a, b)
        np.minimum.at(label, a, low)
        np.minimum.at(label, b, low)
        label = label[label]
        if np.array_equal(label, before):
            break
    apart = np.flatnonzero(label)
    if len(apart):
        raise ConfigError(
            f"{path}: {len(apart)} of {routers} routers cannot be reached from router 0, the first is router {apart[0]}; allowed: links that"
            " join all routers (width x height x depth of chip.noc)"
        )
