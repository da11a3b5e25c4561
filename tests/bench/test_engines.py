"""Engine against engine, and against a loop that only moves packets. No speed is asserted, only that the work is equal."""

from __future__ import annotations

from statistics import median

import numpy as np
import pytest

from chipsim.config.load import load_experiment
from chipsim.engines.compiled import run_compiled
from chipsim.engines.reference import run_reference
from chipsim.pipeline import load, make_mapping, make_plan
from chipsim.plan.plan import Plan
from tests.bench.bare import bare_loop, distances, uniform_packets
from tests.bench.loads import spiking_load, traffic_of
from tests.bench.results import Results, spread

REPEATS = 5
SIDE, PACKETS, PER_UNIT = 45, 2_000_000, 60.0

pytestmark = pytest.mark.bench


def text_plan(symbols: int) -> Plan:
    prepared = load(load_experiment("text", [f"workload.symbols={symbols}"]))
    return make_plan(prepared, make_mapping(prepared))


def test_text_on_both_engines(results: Results) -> None:
    """The main job: 2,048 symbols on the reference, more on the compiled engine so that its run lasts; repeats alternate."""
    short, long = text_plan(2_048), text_plan(20_000)
    assert run_compiled(short).digest == run_reference(short).digest  # and the code is loaded
    reference, compiled = [], []
    for _ in range(REPEATS):
        reference.append(run_reference(short))
        compiled.append(run_compiled(long))
    slow, fast = [r.hops / r.cpu_s for r in reference], [r.hops / r.cpu_s for r in compiled]
    ratio = median(fast) / median(slow)
    results.row("text, reference", median(slow), "hops/CPU s", "2,048 symbols")
    results.row(
        "text, compiled", median(fast), "hops/CPU s", f"20,000 symbols, run phase {median([r.cpu_s for r in compiled]):.2f} s"
    )
    results.row("text, compiled / reference", ratio, "x")
    results.note(
        "text",
        reference=spread(slow), compiled=spread(fast), ratio=ratio, compiled_cpu_s=spread([r.cpu_s for r in compiled]),
        reference_cpu_s=spread([r.cpu_s for r in reference]), digest=f"{reference[0].digest:032x}",
    )  # fmt: skip


def test_bare_loop(results: Results) -> None:
    """Two million uniform packets on 45 x 45: routers with queues, digest, counters and cores against nothing but moving."""
    packets = uniform_packets(SIDE, SIDE, PACKETS, PER_UNIT, seed=1)
    hops = int(distances(packets, SIDE).sum())
    plans = {
        "1,000 ps": traffic_of(packets, SIDE, SIDE),
        "4,099 and 6,521 ps": traffic_of(packets, SIDE, SIDE, 4_099, 6_521),
        "4,099 and 6,521 ps, sent at any ps": traffic_of(packets, SIDE, SIDE, 4_099, 6_521, spread=True),
    }
    bare: list[float] = []
    ours: dict[str, list[float]] = {name: [] for name in plans}
    for _ in range(REPEATS):
        moved, _, cpu_s = bare_loop(packets, SIDE, SIDE)
        assert moved == hops
        bare.append(hops / cpu_s)
        for name, plan in plans.items():
            raw = run_compiled(plan)
            assert raw.hops == hops and raw.sent.sum() == PACKETS
            ours[name].append(hops / raw.cpu_s)
    results.row("bare loop", median(bare), "hops/CPU s", f"{hops:,} hops")
    for name, rates in ours.items():
        results.row(f"links of {name}", median(rates), "hops/CPU s", f"{median(rates) / median(bare):.2f} of the bare loop")
        results.note("bare loop", **{name: spread(rates) | {"share": median(rates) / median(bare)}})
    results.note("bare loop", bare=spread(bare), hops=hops)


@pytest.mark.parametrize(("period", "steps"), [(7_800, 60), (780, 30), (156, 20), (50, 10), (39, 10)])
def test_load(period: int, steps: int, results: Results) -> None:
    """1e5 neurons on 196 cores, from a thousand to two hundred thousand packets per step: the rate must not collapse."""
    _, plan = spiking_load(100_000, 100, period, steps, 14, 14)
    runs = [run_compiled(plan) for _ in range(3)]
    rates = [int(r.sent.sum()) / r.cpu_s for r in runs]
    per_step = int(runs[0].sent.sum()) / steps
    assert len({r.digest for r in runs}) == 1
    hops = runs[0].hops / np.array([r.cpu_s for r in runs])
    results.row(
        f"spikes, {per_step:,.0f} packets per step", median(rates), "packets/CPU s", f"{median(hops) / 1e6:.2f} M hops/CPU s"
    )
    results.note("load", **{f"{per_step:.0f}": spread(rates)})
