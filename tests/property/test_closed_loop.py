"""Closed loops: with any window, load, bursts and lengths of packets both engines agree, and no source has more on the way than its window."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from chipsim.engines.base import Watch
from chipsim.engines.compiled import run_compiled
from chipsim.engines.reference import run_reference
from chipsim.pipeline.noc import NocRun, base_plan
from chipsim.pipeline.noc_chip import NocOptions, noc_chip
from chipsim.pipeline.noc_measure import Window, measure
from chipsim.plan.plan import Plan
from tests.conformance.compare import compare_runs
from tests.needs import needs
from workloads.synthetic import Burst, Pattern, make_traffic, nodes_of, senders_of

pytestmark = needs("packets")

PROBES = Watch(frozenset({"packets"}))
CREATED, DELIVERED, SOURCE, SEQUENCE = 0, 1, 3, 5

UNIFORM = Pattern("uniform")
ORDER = NocOptions(width=3, height=1, vcs=3, buffer=4)
"""A packet that a delivery had released for a time to come was numbered before one that was due and left earlier."""
CREDITS = NocOptions(width=4, height=1, vcs=2, buffer=1, timing="D")
"""When the run ends, credits of the last packet are still on their way back: the run is done on either engine."""


@st.composite
def loops(draw: st.DrawFn) -> tuple[NocRun, Fraction]:
    """A small network with a window, and a load."""
    topology = draw(st.sampled_from(["mesh", "torus"]))
    options = NocOptions(
        topology=topology, width=draw(st.integers(1, 4)), height=draw(st.integers(1, 3)), concentration=draw(st.integers(1, 2)),
        router=draw(st.sampled_from(["ideal", "queued", "wormhole"])), vcs=draw(st.sampled_from([2, 3, 4])),
        buffer=draw(st.integers(1, 8)), timing=draw(st.sampled_from("SLD")), link_latency=draw(st.integers(1, 5)),
    )  # fmt: skip
    burst = draw(
        st.none() | st.builds(Burst, alpha=st.just(Fraction(1, 20)), beta=st.sampled_from([Fraction(1, 20), Fraction(1, 5)]))
    )
    lengths = draw(st.sampled_from([(1,), (1, 4), (2, 3, 5)]))
    run = NocRun(
        noc_chip(options), UNIFORM, lengths, cycles=draw(st.integers(5, 60)), warmup=draw(st.integers(0, 30)),
        seed=draw(st.integers(0, 10**6)), burst=burst, window=draw(st.integers(1, 5)),
    )  # fmt: skip
    load = Fraction(draw(st.integers(1, 20)), 20)
    return run, min(load, burst.share) if burst is not None else load


def plan_of(run: NocRun, load: Fraction) -> Plan:
    """The plan of a point, with little time to drain, so that packets are left in some."""
    plan, clock = base_plan(run), int(run.chip.noc.flit_time.value or 0)
    traffic = make_traffic(run.traffic(load), nodes_of(run.chip), clock)
    return replace(
        plan, own=replace(plan.own, traffic=traffic, window=run.window), until=(run.warmup + run.cycles + 40) * clock
    )


def check(run: NocRun, load: Fraction) -> bool:
    """Hold both engines to each other and to what a closed loop is; whether packets waited for their release."""
    plan = plan_of(run, load)
    one, other = run_reference(plan, PROBES), run_compiled(plan, PROBES)
    assert compare_runs(one, other) is None
    released, packets, clock = one.own.released, one.packets, plan.flit_time
    assert (released == other.own.released).all()
    due, source = plan.own.traffic[:, 0], plan.own.traffic[:, 1]
    sent = released >= 0
    assert (released[sent] >= due[sent]).all()
    for node in np.unique(source).tolist():
        mine = packets[packets[:, SOURCE] == node]
        order = np.sort(released[sent & (source == node)])
        assert (mine[np.argsort(mine[:, SEQUENCE]), CREATED] == order[np.sort(mine[:, SEQUENCE])]).all()  # numbered as released
        steps = Counter(order.tolist())
        for arrived in mine[:, DELIVERED].tolist():
            steps[arrived] -= 1  # at one time what arrives makes room before anything is released
        on_the_way = np.cumsum([steps[t] for t in sorted(steps)])
        assert on_the_way.max(initial=0) <= run.window
    nodes = len(senders_of(run.traffic(load), nodes_of(run.chip)))
    window = Window(run.warmup * clock, (run.warmup + run.cycles) * clock, clock, nodes)
    figures, others = measure(load, plan, one, window).figures, measure(load, plan, other, window).figures
    assert {**figures, "cpu_s": 0} == {**others, "cpu_s": 0}
    assert figures["undelivered"] >= 0 and figures["unreleased"] >= 0
    return bool((released[sent] > due[sent]).any())


def check_all(most: int) -> None:
    """Many loops, in a good part of which packets waited."""
    waited: Counter[bool] = Counter()

    @settings(suppress_health_check=[HealthCheck.too_slow], max_examples=most, deadline=None)
    @given(loop=loops())
    @example((NocRun(noc_chip(ORDER), UNIFORM, cycles=10, warmup=0, seed=548123, window=4), Fraction(3, 5)))
    @example((NocRun(noc_chip(CREDITS), UNIFORM, cycles=5, warmup=3, seed=13, window=1), Fraction(1, 5)))
    def run(loop: tuple[NocRun, Fraction]) -> None:
        waited[check(*loop)] += 1

    run()
    assert waited[True] >= most // 5, waited


def test_closed_loops_agree() -> None:
    check_all(60)


@pytest.mark.slow
def test_many_closed_loops_agree() -> None:
    check_all(10_000)
