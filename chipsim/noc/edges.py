"""Links of any graph, from a CSV file: ``a, b`` and, if wanted, latency, flit time and level of each; every link joins both ways."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TextIO

import numpy as np
import numpy.typing as npt

from chipsim import terminal
from chipsim.beside import beside
from chipsim.cells import place_of
from chipsim.errors import ConfigError
from chipsim.foreign import recognise
from chipsim.units import parse_time_ps

Ints = npt.NDArray[np.int64]

COLUMNS = ("a", "b", "latency", "flit_time", "level")

MAX_DEGREE = 32
"""Most links of a router."""

_NEXT = 'allowed: a, b and, if wanted, latency, flit_time, level, such as 0,1 or 0,1,"4 ns","1 ns",1'


_FILE = "chip.noc.edges wants a readable CSV file, UTF-8"

MAX_LINE = 4096
"""Characters of a line; longer is a file of another kind."""


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
    for number, text, cells in _records(Path(path)):
        if not any(cells) or (not rows and cells[:2] == ["a", "b"]):
            continue
        place = Place(path, number, text)
        row = _row(place, cells, routers, levels)
        pair = (min(row[:2]), max(row[:2]))
        if pair in seen:
            raise ConfigError(
                f"{place}: routers {pair[0]} and {pair[1]} are joined in line {seen[pair]} already; allowed: one link, which joins both ways"
            )
        seen[pair] = number
        rows.append(row)
    if not rows and routers > 1:
        raise ConfigError(f"{path}: no link in it; {_NEXT}, one link a line")
    table = np.array(rows, np.int64).reshape(-1, 5)
    edges = Edges(*(table[:, column].copy() for column in range(5)))
    _refuse_crowded(path, edges, routers)
    _refuse_apart(path, edges, routers)
    return edges


@dataclass(frozen=True, slots=True)
class Place:
    """A line of a file, for messages: as text its name and number, and the cell by number where one is named."""

    path: str
    line: int
    text: str

    def __str__(self) -> str:
        return f"{self.path}:{self.line}"

    def cell(self, number: int) -> str:
        """File, line and column of a cell, from 0."""
        further, column = place_of(self.text, number)
        return f"{self.path}:{self.line + further}:{column}"


def _records(path: Path) -> Iterator[tuple[int, str, list[str]]]:
    """Number of its first line, text and cells of every record. Raises ConfigError."""
    taken: list[str] = []

    def lines(file: TextIO) -> Iterator[str]:
        for line in file:
            if len(line) > MAX_LINE:
                raise csv.Error(f"a line of more than {MAX_LINE:,} characters")
            taken.append(line)
            yield line.partition("#")[0]

    number = 0
    try:
        if path.exists() and not path.is_file():
            raise ConfigError(f"{path}: a folder, pipe or device; {_FILE}")
        with path.open(encoding="utf-8-sig", newline="") as file:
            rows = csv.reader(lines(file), skipinitialspace=True, strict=True)
            while True:
                taken.clear()
                number = rows.line_num + 1
                row = next(rows, None)
                if row is None:
                    return
                yield number, "".join(taken), [cell.strip() for cell in row]
    except csv.Error as error:
        raise ConfigError(f"{path}:{number}: not CSV: {error}; {_NEXT}") from None
    except (OSError, ValueError) as error:
        found = recognise(path)
        if found is not None and not found.is_text:
            raise ConfigError(f"{path}: {found.what}; {_FILE}") from None
        why = (
            f"there is no such file{beside(path, ('*.csv',))}"
            if isinstance(error, FileNotFoundError)
            else getattr(error, "strerror", None) or str(error)
        )
        raise ConfigError(f"{path}: {why}; {_FILE}") from None


def _row(place: Place, cells: list[str], routers: int, levels: int) -> tuple[int, int, int, int, int]:
    """One line as numbers."""
    if not 2 <= len(cells) <= len(COLUMNS):
        hint = " (is the separator not a comma?)" if len(cells) == 1 and any(mark in cells[0] for mark in ";\t| ") else ""
        raise ConfigError(f"{place}: {terminal.plural(len(cells), 'cell')}{hint}; {_NEXT}")
    cells = cells + [""] * (len(COLUMNS) - len(cells))
    ends = []
    for number, cell in enumerate(cells[:2]):
        if not (cell.isascii() and cell.isdecimal()) or len(cell) > 9 or int(cell) >= routers:
            raise ConfigError(
                f"{place.cell(number)}: {cell!r:.40} is not a router; allowed: 0 to {routers - 1} (width x height x depth)"
            )
        ends.append(int(cell))
    if ends[0] == ends[1]:
        raise ConfigError(f"{place}: router {ends[0]} is joined to itself; allowed: links between two routers")
    times = []
    for number, (name, cell) in enumerate(zip(COLUMNS[2:4], cells[2:4], strict=True), 2):
        try:
            time = parse_time_ps(cell) if cell else 0
        except ConfigError as error:
            raise ConfigError(f"{place.cell(number)}: {name}: {error}") from None
        if cell and time < 1:
            raise ConfigError(
                f"{place.cell(number)}: {name}: found {cell}; allowed: at least 1 ps, or nothing for that of the chip"
            )
        times.append(time)
    level = cells[4] or "0"
    if not (level.isascii() and level.isdecimal()) or len(level) > 9 or int(level) > levels:
        raise ConfigError(
            f"{place.cell(4)}: level {level!r:.40}; allowed: 0 (within a chip) to {levels} (length of chip.noc.levels)"
        )
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
