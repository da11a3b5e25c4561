"""Wormhole routers against closed forms and against what BookSim2 measured (``tests/data/noc``)."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest

from chipsim.engines.base import Watch
from chipsim.engines.compiled import run_compiled
from chipsim.engines.reference import run_reference
from chipsim.machine.raw import RawRun
from chipsim.noc.plan import NocPlan
from chipsim.plan.plan import Plan
from tests.analytic.booksim import Curve, Setting, knee_of, ours_at, read_curves, rows_of
from tests.folders import NOC
from tests.packet_plans import wormhole_plan
from tests.wormholes import CLOCK, Ints, noc_of

STAGES = {"S": 2, "L": 3, "D": 4}
"""Cycles of a head in a router without contention."""

WITHIN = ((0.75, 0.03), (0.9, 0.08))
"""Up to which share of the knee the mean latency may be how far off."""

KNEE_WITHIN, OVERLOAD_WITHIN = 0.04, 0.08


@pytest.fixture(scope="module")
def folder() -> Path:
    """The references."""
    return NOC


@pytest.fixture(scope="module")
def curves(folder: Path) -> dict[str, Curve]:
    """By name."""
    return {curve.name: curve for curve in read_curves(folder)}


def allowed(curve: Curve, load: Fraction) -> float | None:
    """How far off the mean latency may be at a load; None beyond 0.9 of the knee."""
    return next((most for share, most in WITHIN if float(load) <= share * curve.knee), None)


def run(engine: str, plan: Plan) -> RawRun:
    return (run_compiled if engine == "compiled" else run_reference)(plan, Watch(frozenset({"packets"})))


@pytest.mark.parametrize("timing", STAGES)
@pytest.mark.parametrize(("topology", "side", "link"), [("mesh", 8, 1), ("torus", 8, 2), ("torus", 5, 2)])
def test_zero_load_latency_of_every_pair(timing: str, topology: str, side: int, link: int) -> None:
    """1 + 2 local + (H + 1) t_r + H link + (p - 1); H from coordinates, both engines, the reference on 4 x 4 only."""
    for engine, k in (("compiled", side), ("reference", 4)):
        noc = noc_of(topology, k, k, timing, link=link)
        n = k * k
        pair = np.arange(2 * n * n)
        flits = 1 + 3 * (pair // (n * n))
        rows: Ints = np.column_stack([pair * 120, pair % (n * n) // n, pair % n, flits])
        packets = run(engine, wormhole_plan(rows, noc)).packets
        away = [np.abs(packets[:, 3] % k - packets[:, 4] % k), np.abs(packets[:, 3] // k - packets[:, 4] // k)]
        hops = sum(np.minimum(a, k - a) if topology == "torus" else a for a in away)
        t0 = 3 + (hops + 1) * STAGES[timing] + hops * link + packets[:, 6] - 1
        assert len(packets) == len(rows)
        assert np.array_equal(packets[:, 1] - packets[:, 0], t0 * CLOCK)


def test_the_almost_empty_network(folder: Path) -> None:
    """The table's own excess over the formula is at most 0.02 cycles; so is ours, and the shortest packet is the formula's."""
    rows = rows_of(folder, "zeroload_mesh.csv")
    assert len(rows) == 18 and {row["timing"] for row in rows} == set(STAGES)
    for row in rows:
        k, flits, timing = int(row["k"]), int(row["packet_flits"]), row["timing"]
        setting = Setting("uniform", int(row["num_vcs"]), 8, timing, k, k, flits)
        figures = setting.measure(Fraction(row["offered"]), 60_000, 0, 1).figures
        t0 = 3 + (figures["mean_links"] + 1) * STAGES[timing] + figures["mean_links"] + flits - 1
        assert -1e-9 < figures["mean_latency"] - t0 <= 0.02, row
        theirs = 3 + (float(row["links_avg"]) + 1) * STAGES[timing] + float(row["links_avg"]) + flits - 1
        assert abs(float(row["plat_avg"]) - theirs) <= 0.02, row


@pytest.mark.parametrize("timing", STAGES)
@pytest.mark.parametrize("vcs", [1, 4])
def test_single_link_throughput(folder: Path, timing: str, vcs: int) -> None:
    """Every depth from 1 to 8, both directions full. With one VC it is min(b / R, recurrence) to the last packet."""
    rows = [r for r in rows_of(folder, "single_link_throughput.csv") if (r["timing"], r["num_vcs"]) == (timing, str(vcs))]
    assert [int(row["vc_buf_flits"]) for row in rows] == list(range(1, 9))
    for row in rows:
        depth = int(row["vc_buf_flits"])
        rate = link_rate(noc_of("mesh", 2, 1, timing, vcs=vcs, buffer=depth), 1)
        assert float(rate) == pytest.approx(float(row["accepted_flits_per_cycle"]), abs=0.0002), row
        if vcs == 1:
            assert rate == min(Fraction(depth, STAGES[timing] + 3), Fraction(1, STAGES[timing] - 1))
    for flits in (2, 3, 4):  # with deep buffers the recurrence alone: a head waits from the tail before it for its turn
        rate = link_rate(noc_of("mesh", 2, 1, timing, vcs=vcs), flits)
        assert rate == (Fraction(flits, flits + STAGES[timing] - 2) if vcs == 1 else 1)


def link_rate(noc: NocPlan, flits: int) -> Fraction:
    """Flits per cycle from one of two routers to the other, when both send in every cycle; the window is a multiple of all periods."""
    begin, cycles = 100, 2_520
    at = np.repeat(np.arange(0, begin + cycles + 50, flits), 2)
    source = np.arange(len(at)) % 2
    packets = run("compiled", wormhole_plan(np.column_stack([at, source, 1 - source, np.full_like(at, flits)]), noc)).packets
    times = packets[packets[:, 4] == 1, 1] // CLOCK
    return Fraction(int(((times >= begin) & (times < begin + cycles)).sum()) * flits, cycles)


@pytest.mark.parametrize(
    ("name", "loads"),
    [
        ("mesh8x8-uniform-p1-v4-b8-S", ("0.2", "0.3")),
        ("mesh8x8-uniform-p1-v1-b8-D", ("0.05", "0.1")),
        ("mesh8x8-uniform-p1-v4-b8-L", ("0.2",)),
        ("mesh8x8-uniform-p1-v1-b4-S", ("0.2",)),
        ("mesh8x8-transpose-p1-v4-b8-D", ("0.1",)),
    ],
)
def test_some_points(curves: dict[str, Curve], name: str, loads: tuple[str, ...]) -> None:
    """A point or two of each timing; all of them are in the slow tests."""
    curve = curves[name]
    points = [p for p in curve.points if p.load in [Fraction(load) for load in loads]]
    assert len(points) == len(loads)
    for point in points:
        most = allowed(curve, point.load)
        latency, accepted = ours_at(curve.setting, point.load, (1,), 2_000)
        assert most is not None and latency == pytest.approx(point.latency, rel=most)
        assert accepted == pytest.approx(float(point.load), rel=0.02)


def test_overload_throughput_of_some(curves: dict[str, Curve]) -> None:
    """What gets through when everybody offers a flit in every cycle."""
    for name in ("mesh8x8-uniform-p1-v4-b8-S", "mesh8x8-uniform-p1-v1-b4-D"):
        curve = curves[name]
        _, accepted = ours_at(curve.setting, Fraction(1), (1,), 400)
        assert accepted == pytest.approx(curve.overload, rel=OVERLOAD_WITHIN), name


NAMES = [
    f"mesh8x8-{traffic}-p1-v{vcs}-b{buffer}-{timing}"
    for traffic, vcs, buffer, timing in [
        *(("uniform", 4, 8, t) for t in "SLD"), *(("uniform", 4, 4, t) for t in "SD"), *(("uniform", 1, 8, t) for t in "SD"),
        *(("uniform", 1, 4, t) for t in "SD"), *(("transpose", v, 8, t) for v in (4, 1) for t in "SD"),
    ]
]  # fmt: skip


@pytest.mark.slow
@pytest.mark.parametrize("name", NAMES)
def test_whole_curve(curves: dict[str, Curve], name: str) -> None:
    """Latency up to 0.9 of the knee, the knee on the reference's own loads and windows, and the overload."""
    curve = curves[name]
    found = []
    for point in curve.points:
        most = allowed(curve, point.load)
        latency, accepted = ours_at(curve.setting, point.load, range(1, 5), point.period, point.periods if most is None else 6)
        found.append((float(point.load), latency))
        if most is not None:
            assert latency == pytest.approx(point.latency, rel=most), f"load {float(point.load)}"
            assert accepted == pytest.approx(float(point.load), rel=0.02)
    assert knee_of(found, curve.t0) == pytest.approx(curve.knee, rel=KNEE_WITHIN)
    _, overload = ours_at(curve.setting, Fraction(1), (1, 2), 600)
    assert overload == pytest.approx(curve.overload, rel=OVERLOAD_WITHIN)


@pytest.mark.parametrize(("traffic", "load"), [("uniform", "0.1"), ("transpose", "0.08")])
def test_link_loads(folder: Path, traffic: str, load: str) -> None:
    """Flits on every link and ejection port: ours against theirs, and both against the load of x-then-y ways, in standard deviations."""
    rows = [row for row in rows_of(folder, "linkload_mesh8x8_p1.csv") if row["traffic"] == traffic]
    point = Setting(traffic, 4, 8, "S").measure(Fraction(load), 30_000, 0, 1)
    ports = {"E(+x)": "E", "W(-x)": "W", "N(+y)": "S", "S(-y)": "N", "EJECT": "EJECT"}  # here y grows to the south
    ours = {
        (int(a), str(port)): int(flits)
        for a, port, flits in zip(point.links["from"], point.links["port"], point.links["flits"], strict=True)
    }
    sent = sum(flits for (_, port), flits in ours.items() if port == "EJECT") / 64
    theirs_sent = sum(int(row["flits"]) for row in rows if row["port"] == "EJECT") / 64
    assert len(rows) == 4 * 56 + 64 == len(ours)
    z = []
    for row in rows:
        node, port = int(row["node"]), row["port"]
        mine, theirs = ours[node, ports[port]], int(row["flits"])
        # counts of rare independent arrivals: the variance is the mean
        z.append((mine / sent - theirs / theirs_sent) / np.sqrt(max(mine, 1) / sent**2 + max(theirs, 1) / theirs_sent**2))
        exact = analytic_load(traffic, node % 8, node // 8, port)
        assert abs(mine / sent - exact) < 5 * np.sqrt(max(exact, 1e-9) / sent), (node, port)
    assert np.abs(z).max() < 4.5
    assert np.square(z).mean() < 1.3


def analytic_load(traffic: str, x: int, y: int, port: str, k: int = 8) -> float:
    """Flits over a link per flit that a node sends, x-then-y ways."""
    if port == "EJECT":
        return 1.0
    if traffic == "uniform":  # (nodes before) x (nodes behind) of a line / k
        at = {"E(+x)": x + 1, "W(-x)": x, "N(+y)": y + 1, "S(-y)": y}[port]
        return at * (k - at) / k
    # of transpose, row y sends from column a to row a along x into column y, then along it: its flows cross (x, y) east if a <= x < y
    step, line, at = {"E(+x)": (1, y, x), "W(-x)": (-1, y, x), "N(+y)": (1, x, y), "S(-y)": (-1, x, y)}[port]
    if port in ("E(+x)", "W(-x)"):
        return float(sum((a <= at < line) if step > 0 else (line < at <= a) for a in range(k)))
    return float(sum((line <= at < a) if step > 0 else (a < at <= line) for a in range(k)))
