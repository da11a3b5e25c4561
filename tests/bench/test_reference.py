"""Speed of the reference engine on the main job: hop events per CPU second, best, median and worst of five runs."""

from __future__ import annotations

import logging
from collections.abc import Callable
from statistics import median

import pytest

from chipsim.api import make_mapping, make_plan, prepare
from chipsim.engines.reference import run_reference
from chipsim.spec.load import load_experiment

log = logging.getLogger(__name__)


@pytest.mark.bench
def test_hop_events_per_cpu_second(record_property: Callable[[str, object], None]) -> None:
    prepared = prepare(load_experiment("text", ["workload.symbols=512"]))
    plan = make_plan(prepared, make_mapping(prepared.experiment, prepared.state))
    runs = [run_reference(plan) for _ in range(5)]
    assert len({run.digest for run in runs}) == 1
    rates = sorted(run.hops / run.cpu_s for run in runs)
    record_property("hops_per_cpu_s_median", median(rates))
    record_property("hops_per_cpu_s_worst", rates[0])
    log.info("reference engine: %.0f hops per CPU second median, %.0f best, %.0f worst", median(rates), rates[-1], rates[0])
