"""What a topology or a routing gives is looked at by name before an engine goes by it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from chipsim.errors import PluginError
from chipsim.noc import check
from chipsim.noc.check import checked_links, checked_table
from chipsim.noc.circle import first_circle
from chipsim.noc.fabric import Fabric, Links, fabric_of
from chipsim.noc.routing import HERE, NO_PATH
from chipsim.noc.tables import shortest_table, updown_table
from tests.fabrics import ROUTINGS, noc_spec


def ring(n: int = 4) -> Links:
    """Port 0 leads on, port 1 back."""
    number = np.arange(n)
    to = np.stack([(number + 1) % n, (number - 1) % n], axis=1).ravel()
    return Links(2, to, np.tile([1, 0], n), np.zeros(2 * n, np.int64))


def set_at(name: str, at: int, value: int) -> Callable[[Links], Links]:
    def change(links: Links) -> Links:
        array = getattr(links, name).copy()
        array[at] = value
        return replace(links, **{name: array})

    return change


def test_narrow_numbers_are_widened() -> None:
    found = checked_links("ring", 4, 0, replace(ring(), to=ring().to.astype(np.int32), latency=np.full(8, 3, np.uint8)))
    assert (found.to.dtype, found.to.tolist()) == (np.int64, ring().to.tolist())
    assert found.latency is not None and found.latency.dtype == np.int64


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (set_at("to", 3, 4), "the link of router 1 by port 1 leads to router 4, port 0"),
        (set_at("to", 3, -2), "the link of router 1 by port 1 leads to router -2"),
        (set_at("to", 3, 2), "the link of router 0 by port 0 leads to router 1, port 1"),
        (set_at("to", 0, -1), "the link of router 1 by port 1 leads to router 0"),
        (set_at("back", 3, 2), "the link of router 1 by port 1 leads to router 0, port 2"),
        (set_at("back", 3, 1), "the link of router 0 by port 0 leads to router 1, port 1"),
        (set_at("level", 3, 1), "the link of router 1 by port 1 .*level 1; allowed: .* levels 0 to 0"),
        (lambda links: replace(links, to=links.to[:-1]), r"Links\.to is int64\[7\]; allowed: 8 whole numbers"),
        (lambda links: replace(links, to=links.to.astype(float)), r"Links\.to is float64\[8\]"),
        (lambda links: replace(links, back=links.back.tolist()), r"Links\.back is list"),
        (lambda links: replace(links, latency=np.full(8, -1)), "no negative times"),
    ],
)
def test_links_that_are_wrong(change: Callable[[Links], Links], message: str) -> None:
    with pytest.raises(PluginError, match=f"topology ring: .*{message}"):
        checked_links("ring", 4, 0, change(ring()))


def fabric(n: int = 4) -> Fabric:
    links, one = ring(n), np.ones(2 * n, np.int64)
    return Fabric(n, 2, links.to, links.back, one, one, links.level)


def table(n: int = 4) -> Any:
    """All the way round by port 0."""
    found = np.zeros((n, n), np.int64)
    np.fill_diagonal(found, HERE)
    return found


def test_tables_that_are_right() -> None:
    assert checked_table("round", fabric(), table().astype(np.int16).ravel()).dtype == np.int64
    cut = table()
    cut[:, 2] = np.where(np.arange(4) == 2, HERE, NO_PATH)
    assert checked_table("round", fabric(), cut.ravel()).tolist() == cut.ravel().tolist()


@pytest.mark.parametrize(
    ("at", "value", "message"),
    [
        ((1, 3), 2, "from router 1 towards router 3 its table has 2; allowed: a port"),
        ((1, 3), HERE, "from router 1 towards router 3 its table has 62"),
        ((1, 3), -2, "from router 1 towards router 3 its table has -2"),
        ((1, 1), 0, "from router 1 towards router 1 its table has 0"),
        ((2, 0), 1, "its table leads from router 1 towards router 0 round in a circle"),
    ],
)
def test_tables_that_are_wrong(at: tuple[int, int], value: int, message: str) -> None:
    wrong = table()
    wrong[at] = value
    with pytest.raises(PluginError, match=f"routing round: {message}"):
        checked_table("round", fabric(), wrong.ravel())


def test_without_a_compiler_it_is_looked_at_as_python(monkeypatch: pytest.MonkeyPatch) -> None:
    def none(*_: object, **__: object) -> None:
        raise ImportError("no llvmlite here")

    monkeypatch.setattr(check.jit, "load", none)
    assert len(checked_table("round", fabric(), table().ravel())) == 16
    wrong = table()
    wrong[2, 0] = 1
    with pytest.raises(PluginError, match="round in a circle"):
        checked_table("round", fabric(), wrong.ravel())


def test_a_port_without_a_link() -> None:
    open_ring = replace(fabric(), to=np.where(np.arange(8) == 0, -1, fabric().to))
    with pytest.raises(PluginError, match="from router 0 towards router 1 its table has 0"):
        checked_table("round", open_ring, table().ravel())


@pytest.mark.parametrize("topology", [name for name in ROUTINGS if name != "graph"])
def test_circles_are_found_wherever_they_are(topology: str) -> None:
    """Against a walk of each pair by itself."""
    made = fabric_of(noc_spec(topology))
    rng, n = np.random.default_rng(1), made.routers
    for make in (shortest_table, updown_table):
        whole = make(made)
        assert first_circle(whole, made.to, made.ports, n, np.zeros(n, np.int64)) == -1
        for _ in range(20):
            wrong, at = whole.copy(), int(rng.integers(n * n))
            if wrong[at] == HERE:
                continue
            links = made.to[at // n * made.ports : (at // n + 1) * made.ports]
            wrong[at] = int(rng.choice(np.flatnonzero(links >= 0)))
            found = first_circle(wrong, made.to, made.ports, n, np.zeros(n, np.int64))
            assert (found >= 0) == any(circles(wrong, made, pair) for pair in range(n * n))
            assert found < 0 or circles(wrong, made, found)


def circles(table: Any, made: Fabric, pair: int) -> bool:
    router, dest = divmod(pair, made.routers)
    for _ in range(made.routers + 1):
        port = int(table[router * made.routers + dest])
        if port in (HERE, NO_PATH):
            return False
        router = int(made.to[router * made.ports + port])
    return True
