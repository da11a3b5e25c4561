"""Packets, as everybody else knows them."""

from __future__ import annotations

from chipsim.config.experiment import Experiment
from chipsim.plan.inputs import Mapping
from chipsim.plan.plan import Plan
from chipsim.programs.base import Ints, Program
from chipsim.programs.packets import NAME
from chipsim.programs.packets.collect import collect
from chipsim.programs.packets.lower import build_packets_plan
from chipsim.programs.packets.plan import PacketsPlan
from chipsim.programs.packets.told import TOLD


def lower(experiment: Experiment, given: Ints, mapping: Mapping | None) -> Plan:
    """Lower packets for the engines; ``given``: int64[packets, 4] as in ``PacketsPlan.traffic``."""
    return build_packets_plan(
        experiment.chip, PacketsPlan(given), experiment.until or 0, experiment.seed, experiment.network_faults
    )


def last_due(plan: Plan) -> int:
    """When the last packet is due, in ps."""
    return int(plan.own.traffic[:, 0].max(initial=0))


def _nothing(given: object) -> None:
    """Packets are the plan's once it is made."""


PACKETS = Program(
    name=NAME,
    about="packets at given times, or by a rule: the network-on-chip alone",
    unit="packet",
    progress="packets",
    mapper=None,
    lower=lower,
    collect=collect,
    told=TOLD,
    reference="chipsim.programs.packets.reference:PacketCores",
    kept=_nothing,
    host="chipsim.programs.packets.host:PacketsHost",
    horizon=last_due,
    draws=False,
)
