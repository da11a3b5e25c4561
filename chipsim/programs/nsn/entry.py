"""The neurosemantic network, as everybody else knows it."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from chipsim.config.experiment import Experiment
from chipsim.config.faults import NETWORK_FAULTS, FlipBit, LoseMessage
from chipsim.errors import UsageError
from chipsim.network import NsnState
from chipsim.network.names import NAMES as VALUE_NAMES
from chipsim.network.nsn_input import NsnInput
from chipsim.network.stimulus import AS_SOON_AS_TAKEN
from chipsim.plan.inputs import Mapping
from chipsim.plan.plan import Plan
from chipsim.programs.base import Pacing, Program
from chipsim.programs.nsn import NAME
from chipsim.programs.nsn.collect import MEMORY, collect, in_software
from chipsim.programs.nsn.constants import RunOptions
from chipsim.programs.nsn.graph import stored_graph
from chipsim.programs.nsn.image import load_memory, stored_network
from chipsim.programs.nsn.lower import build_plan, fault_row
from chipsim.programs.nsn.messages import NAMES
from chipsim.programs.nsn.pacing import at_pace, events_of, last_offer, root_rates, saturates
from chipsim.programs.nsn.state import SATURATE
from chipsim.programs.nsn.told import TOLD


def lower(experiment: Experiment, given: NsnInput, mapping: Mapping | None) -> Plan:
    """Lower a mapped network and what it reads for the engines."""
    assert mapping is not None
    fault = [_fault(one) for one in experiment.faults if not isinstance(one, NETWORK_FAULTS)]
    offer = given.offers(given.stimulus, given.first_item)
    options = RunOptions(
        keyed=given.match == "keyed",
        arity=given.arity,
        alerts=given.alerts,
        offer=np.where(offer == AS_SOON_AS_TAKEN, SATURATE, offer),
        until=experiment.until or 0,
        seed=experiment.seed,
        fault=np.array(fault, np.int64).reshape(-1, 7),
        network_faults=experiment.network_faults,
        growth=experiment.mapping.growth,
        avoid_faults=experiment.mapping.avoid_faults,
        listeners=given.listeners,
        inhibition=given.wta == "inhibition",
        sleeps=0 if given.compaction is None else given.compaction.least,
    )
    return build_plan(experiment.chip, given.rules, given.state, mapping, given.stimulus, given.first_item, options)


def restore(folder: Path) -> NsnState:
    """The network that the core memories in a run folder hold. Raises WorkloadError where they are missing or broken."""
    return stored_network(load_memory(folder / MEMORY))


def _fault(fault: FlipBit | LoseMessage) -> list[int]:
    if isinstance(fault, FlipBit):
        return fault_row("flip_bit", fault.at, fault.core, fault.slot, fault.pair, fault.bit, int(fault.field == "interval"))
    allowed = [name for name in NAMES if name]
    if fault.message not in allowed:
        raise UsageError(f"faults: no message is called {fault.message!r}; allowed: {', '.join(allowed)}")
    return fault_row("lose_message", NAMES.index(fault.message), fault.number, -1 if fault.source is None else fault.source)


NSN = Program(
    name=NAME,
    about="a neurosemantic network: it identifies events, stores them and grows",
    unit="event",
    progress="events",
    mapper="stored",
    lower=lower,
    collect=collect,
    told=TOLD,
    reference="chipsim.programs.nsn.reference:NsnCores",
    graph=stored_graph,
    software=in_software,
    restore=restore,
    tables=("layers", "latency", "service", "growth", "events", "spikes"),
    files=(MEMORY, VALUE_NAMES),
    host="chipsim.programs.nsn.host:NsnHost",
    pacing=Pacing(at_pace, saturates, root_rates, events_of),
    horizon=last_offer,
    draws=False,
)
