"""Wormhole routers: flit-hops per CPU second, memory per router, beside what BookSim2 needed on the same work."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from statistics import median
from time import perf_counter

import pytest

from tests.bench.noc_speed import POINTS, anchors
from tests.bench.results import Results, spread
from tests.folders import NOC

BOOKSIM = "BOOKSIM"
"""Environment variable that names a BookSim2 executable (``make -C src`` of github.com/booksim/booksim2), to be run beside ours."""

SMALL = 30_000
"""Routers from which on memory per router says something: below, what one run takes anyway weighs more."""

CONFIG = """
topology = mesh; k = {side}; n = 2; routing_function = dor; num_vcs = 4; vc_buf_size = 8; router = iq;
vc_allocator = islip; sw_allocator = islip; alloc_iters = 1; routing_delay = 0; speculative = 1;
packet_size = 1; traffic = {traffic}; injection_rate = {load}; injection_rate_uses_flits = 1;
sim_type = latency; warmup_periods = 1; sample_period = {period}; max_samples = 2; latency_thres = 10000.0; seed = 1;
"""

WITHIN = 0.1
"""How far the mean packet latencies of the two may be apart: below the knee, with other random packets."""

pytestmark = pytest.mark.bench


@pytest.fixture(scope="module")
def booksim() -> str:
    """The executable; skips with the reason where there is none."""
    given = os.environ.get(BOOKSIM, "")
    found = shutil.which(given) if given else None
    if found is None:
        pytest.skip(f"BookSim2 is not measured: {BOOKSIM} {f'is no executable: {given}' if given else 'names no executable'}")
    return str(Path(found).resolve())


@pytest.mark.parametrize("name", POINTS)
def test_flit_hops(name: str, results: Results, root: Path) -> None:
    """Median of five runs; beside it the published count of router visits of BookSim2 where there is one."""
    done = subprocess.run(
        [sys.executable, "-m", "tests.bench.noc_speed", name], cwd=root, check=True, capture_output=True, text=True
    )
    found = json.loads(done.stdout)
    assert found["undelivered"] == 0
    theirs = anchors(NOC).get(name)
    remark = f"{found['flit_hops']:,} flit-hops"
    if theirs is not None:
        remark += (
            f"; router visits {median(found['router_visits_per_s']) / theirs:.1f} x BookSim2's published {theirs / 1e6:.3f} M/s"
        )
    results.row(f"wormhole, {name}", median(found["flit_hops_per_s"]), "flit-hops/CPU s", remark)
    if found["routers"] >= SMALL:
        results.row("  its memory", found["bytes_per_router"], "bytes/router", "packets and their records included")
    results.note(
        "noc", **{name: found | {"flit_hops_per_s": spread(found["flit_hops_per_s"]), "booksim2_visits_per_s": theirs}}
    )


@pytest.mark.parametrize("name", ["8x8 uniform 0.3", "16x16 uniform 0.15", "45x45 uniform 0.05"])
def test_beside_booksim(name: str, booksim: str, results: Results, tmp_path: Path, root: Path) -> None:
    """The same network and load on this machine, now; router visits per CPU second of both, start-up included in theirs."""
    import resource

    point = POINTS[name]
    period = max(500, point.cycles // 3)
    path = tmp_path / "booksim.cfg"
    path.write_text(CONFIG.format(side=point.side, traffic=point.traffic, load=point.load, period=period), encoding="utf-8")
    before, begin = resource.getrusage(resource.RUSAGE_CHILDREN), perf_counter()
    done = subprocess.run([booksim, str(path)], capture_output=True, text=True, check=False)  # its exit status says nothing
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    cycles = [int(line.split()[3]) for line in done.stdout.splitlines() if line.startswith("Time taken is")]
    assert cycles, done.stdout[-2_000:]
    latency = float(done.stdout.rpartition("Packet latency average = ")[2].split()[0])
    links = 2 * (point.side**2 - 1) / (3 * point.side)
    theirs = point.side**2 * float(point.load) * cycles[-1] * (links + 1) / cpu
    done = subprocess.run(
        [sys.executable, "-m", "tests.bench.noc_speed", name], cwd=root, check=True, capture_output=True, text=True
    )
    found = json.loads(done.stdout)
    ours = median(found["router_visits_per_s"])
    assert found["mean_latency"] == pytest.approx(latency, rel=WITHIN), "not the same network or load"
    results.row(
        f"BookSim2, {name}", theirs, "visits/CPU s", f"compiled / it: {ours / theirs:.1f} x; {perf_counter() - begin:.0f} s"
    )
    results.note(
        "booksim", **{name: {"theirs": theirs, "ours": ours, "latency": latency, "our_latency": found["mean_latency"]}}
    )
