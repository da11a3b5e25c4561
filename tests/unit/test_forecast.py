"""Forecast equals measurement: packets and hops that the evaluator tells for a mapping are those that the engine counts in it."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from chipsim.config.experiment import Experiment
from chipsim.config.load import load_experiment
from chipsim.engines.base import Watch
from chipsim.engines.reference import run_reference
from chipsim.errors import MappingError
from chipsim.network.snn_input import SnnInput
from chipsim.noc import mesh_of
from chipsim.programs.nsn.graph import stored_graph
from chipsim.programs.nsn.messages import SPIKE
from chipsim.programs.snn.entry import lower
from chipsim.programs.snn.graph import spiking_graph
from nsn_mapping.evaluate import evaluate
from nsn_mapping.mappers.spiking import map_network as map_spiking
from nsn_mapping.mappers.stored import limits_and_widths
from nsn_mapping.presentations import count_presentations, weighted
from nsn_mapping.problem import Problem, build_problem
from nsn_mapping.spiking.nets import to_hypergraph as spiking_nets
from tests.scenarios import JACK, Outcome, run, small
from workloads.kinds.arrays import ArraysWorkload, spiking_network

KIND, HOPS = 2, 7
"""Columns of ``RawRun.packets``."""

PASSES = 6
MAPPINGS = {
    "in order": ("sequential", "row"),
    "at random": ("random", "random"),
    "default": ("default", "hilbert"),
    "annealed": ("metis", "anneal"),
}


@pytest.fixture(scope="module")
def text(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The same sixty characters again and again: in the last pass nothing is new."""
    path = tmp_path_factory.mktemp("forecast") / "again.txt"
    path.write_text(JACK.read_text(encoding="utf-8")[:60] * PASSES, encoding="utf-8")
    return path


def experiment(text: Path, name: str, cast: str, learned: int = 60 * (PASSES - 1)) -> Experiment:
    partitioner, placer = MAPPINGS[name]
    return small(
        f"workload.path={text}",
        f"workload.learned={learned}",
        "workload.symbols=60",
        f"mapping.partitioner={partitioner}",
        f"mapping.placer={placer}",
        f"chip.noc.cast={cast}",
    )


def problem_of(outcome: Outcome) -> Problem:
    one = outcome.prepared.experiment
    limits, widths = limits_and_widths(one, stored_graph(one, outcome.prepared.given))
    return build_problem(outcome.prepared.given.state, one.chip.noc.cores, limits, widths, "associative", 1.0)


@pytest.fixture(scope="module")
def outcomes(text: Path) -> dict[tuple[str, str], Outcome]:
    """Runs by mapping and cast, every packet and spike kept."""
    watch = Watch(frozenset({"spikes", "packets"}))
    return {
        (name, cast): run(experiment(text, name, cast), "reference", watch)
        for name in MAPPINGS
        for cast in ("unicast", "multicast")
    }


def test_readings_of_one_run_tell_packets_and_hops_of_every_mapping(outcomes: dict[tuple[str, str], Outcome]) -> None:
    measured = outcomes["in order", "unicast"]
    assert not len(measured.raw.own.growth)
    problem = problem_of(measured)
    count = count_presentations(problem, measured.raw.spikes, measured.raw.own.winners)
    assert count.sum() > 50
    told = set()
    for (name, cast), outcome in outcomes.items():
        cost = evaluate(weighted(problem, count), outcome.mapping.core, mesh_of(outcome.prepared.experiment.chip.noc))
        reading = outcome.raw.packets[:, KIND] == SPIKE
        arrived, hops = int(reading.sum()), int(outcome.raw.packets[reading, HOPS].sum())
        assert (cost.packets_with_own, cost.hops) == (arrived, hops), (name, cast)
        others = int(outcome.raw.packets[~reading, HOPS].sum())
        crossed = cost.hops if cast == "unicast" else cost.tree_links
        assert outcome.raw.hops == others + crossed, (name, cast)
        told.add(cost.hops)
    assert len(told) > 2, "mappings differ"


def test_readings_of_what_grew_are_refused_or_left_out(text: Path) -> None:
    outcome = run(experiment(text, "in order", "unicast", learned=30), "reference", Watch(frozenset({"spikes"})))
    assert len(outcome.raw.own.growth)
    problem = problem_of(outcome)
    with pytest.raises(MappingError, match="are of axons that the mapped network does not have"):
        count_presentations(problem, outcome.raw.spikes, outcome.raw.own.winners)
    known = count_presentations(problem, outcome.raw.spikes, outcome.raw.own.winners, grown=True)
    assert (known >= 0).all() and 0 < known.sum() < len(outcome.raw.spikes)


def test_weights_change_nothing_else(outcomes: dict[tuple[str, str], Outcome]) -> None:
    problem = problem_of(outcomes["default", "unicast"])
    twice = weighted(problem, 2 * problem.net_weight)
    core, mesh = (
        outcomes["default", "unicast"].mapping.core,
        mesh_of(outcomes["default", "unicast"].prepared.experiment.chip.noc),
    )
    once = evaluate(weighted(problem, problem.net_weight), core, mesh)
    assert evaluate(twice, core, mesh) == replace(
        once,
        packets=2 * once.packets,
        packets_with_own=2 * once.packets_with_own,
        edge_cut=2 * once.edge_cut,
        hops=2 * once.hops,
        tree_links=2 * once.tree_links,
        max_link=2 * once.max_link,
        max_link_tree=2 * once.max_link_tree,
    )
    assert np.array_equal(twice.pins, weighted(problem, problem.net_weight).pins)


@pytest.mark.parametrize("cast", ["unicast", "multicast"])
@pytest.mark.parametrize(
    "mapping", ["{partitioner: sequential, placer: row}", "{partitioner: random}", "{partitioner: default}"]
)
def test_spikes_of_a_spiking_network_tell_packets_and_hops_of_every_mapping(mapping: str, cast: str) -> None:
    one = load_experiment(
        "lif-small",
        (
            "workload.generate.neurons=300",
            "workload.generate.fan_out=6",
            "workload.steps=40",
            "chip.core.neurons=40",
            f"chip.noc.cast={cast}",
            f"mapping={mapping}",
        ),
    )
    workload = one.workload
    assert isinstance(workload, ArraysWorkload)
    network = spiking_network(workload)
    given = SnnInput(network, workload.check_memory)
    mapped = map_spiking(one, spiking_graph(one, given))
    plan = lower(one, given, mapped)
    raw = run_reference(plan, Watch(frozenset({"spikes"})))
    fired = np.bincount(raw.spikes[:, 3], minlength=len(network))
    assert fired.sum() > 100
    cost = evaluate(spiking_nets(network, fired.astype(np.int64)), mapped.core, mesh_of(one.chip.noc))
    if cast == "unicast":
        assert (cost.packets_with_own, cost.hops) == (raw.sent.sum(), raw.hops)
    else:
        assert cost.tree_links == raw.hops
