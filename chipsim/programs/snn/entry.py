"""Spiking networks, as everybody else knows them."""

from __future__ import annotations

from chipsim.config.experiment import Experiment
from chipsim.network.snn_input import SnnInput
from chipsim.network.spiking import Quantised
from chipsim.plan.inputs import Mapping
from chipsim.plan.plan import Plan
from chipsim.programs.base import Program
from chipsim.programs.snn import NAME
from chipsim.programs.snn.collect import collect
from chipsim.programs.snn.forecast import network_forecast
from chipsim.programs.snn.graph import spiking_graph
from chipsim.programs.snn.lower import build_snn_plan, options_of
from chipsim.programs.snn.told import TOLD


def lower(experiment: Experiment, given: SnnInput, mapping: Mapping | None) -> Plan:
    """Lower a mapped spiking network for the engines."""
    assert mapping is not None
    return build_snn_plan(experiment.chip, given.network, mapping, options_of(experiment, given))


def last_tick(plan: Plan) -> int:
    """When the last step ends, in ps; 0 where a barrier says when steps begin."""
    return int(plan.own.steps * plan.tick)


def _rounding(given: SnnInput | Quantised | None) -> Quantised | None:
    """What rounding did to the network's numbers; the network itself is the plan's once it is made."""
    return given.network.quantised if isinstance(given, SnnInput) else given


def _warnings(given: SnnInput) -> tuple[str, ...]:
    return given.warnings


SNN = Program(
    name=NAME,
    about="a spiking network: neurons of some model that work in steps",
    unit="spike",
    progress="steps",
    mapper="spiking",
    lower=lower,
    collect=collect,
    told=TOLD,
    reference="chipsim.programs.snn.reference:Steps",
    graph=spiking_graph,
    forecast=network_forecast,
    tables=("steps", "spikes", "parameters"),
    kept=_rounding,
    host="chipsim.programs.snn.host:SnnHost",
    sides=2,
    warnings=_warnings,
    horizon=last_tick,
    draws=False,
)
