"""What the compiled engine packs into fields is within them, or the run is refused by name: at the limit, and one above."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest

from chipsim.config.constant import LONGEST_PS
from chipsim.config.load import load_experiment
from chipsim.engines.base import Watch
from chipsim.engines.compiled import run_compiled
from chipsim.engines.compiled.machine import check_ranges
from chipsim.engines.reference import run_reference
from chipsim.errors import ConfigError, SimulationError
from chipsim.jit.records import Block, row_dtype
from chipsim.machine.message import MOST_KINDS
from chipsim.machine.raw import RawRun
from chipsim.machine.state import LATEST_PS, MOST_FLITS, MOST_LAYER, SOURCE_MASK, Machine, Packet
from chipsim.noc.plan import QUEUED
from chipsim.pipeline import load, make_mapping, make_plan
from chipsim.plan.plan import Plan
from chipsim.programs.nsn.host import NsnHost
from tests.scenarios import small
from tests.wormhole_scenarios import packets_on
from tests.wormholes import noc_of


@pytest.fixture(scope="module")
def plan() -> Plan:
    return packets_on(noc_of(width=2, height=2), 1, 20, 10)


def endpoints(plan: Plan, most: int) -> Plan:
    return replace(plan, endpoint_tile=np.zeros(most, np.int8))


def flits(plan: Plan, most: int) -> Plan:
    return replace(plan, flits=np.array([0, most], np.int64))


def kinds(plan: Plan, most: int) -> Plan:
    return replace(plan, kinds=("",) * most)


def layer(plan: Plan, most: int) -> Plan:
    return replace(plan, route=np.array([[0, most, 0, 1]], np.int64))


@pytest.mark.parametrize(
    ("change", "most", "told"),
    [
        (endpoints, SOURCE_MASK, r"endpoints \(cores, slot servers and the host\)"),
        (flits, MOST_FLITS, "flits in a message"),
        (kinds, MOST_KINDS, "numbers of kinds of messages"),
        (layer, MOST_LAYER, "as the layer of a tree"),
    ],
)
def test_a_plan_is_held_to_what_fits(plan: Plan, change: Callable[[Plan, int], Plan], most: int, told: str) -> None:
    check_ranges(change(plan, most))
    with pytest.raises(SimulationError, match=f"{most + 1} {told}; this engine takes up to {most}; --engine reference"):
        check_ranges(change(plan, most + 1))


def test_fields_hold_what_plans_may_have() -> None:
    packets = np.zeros(1, row_dtype(Packet))
    for name, most in (("layer", MOST_LAYER), ("kind", MOST_KINDS), ("flits", MOST_FLITS)):
        assert most <= np.iinfo(packets.dtype[name]).max


def test_a_packet_as_long_as_can_be(plan: Plan) -> None:
    def of(length: int) -> Plan:
        traffic = np.array([[1000, 0, 3, length]], np.int64)
        return replace(plan, own=replace(plan.own, traffic=traffic))

    assert run_compiled(of(MOST_FLITS), Watch()).digest == run_reference(of(MOST_FLITS), Watch()).digest
    with pytest.raises(SimulationError, match="a packet of 32768 flits; this engine takes up to 32767; --engine reference"):
        run_compiled(of(MOST_FLITS + 1), Watch())
    assert run_reference(of(MOST_FLITS + 1), Watch()).delivered.sum() == 1


def test_layers_of_a_neurosemantic_network() -> None:
    loaded = load(small())
    plan = make_plan(loaded, make_mapping(loaded))

    def opened(layers: int) -> None:
        own = replace(plan.own, constants=plan.own.constants._replace(layers=layers))
        NsnHost(replace(plan, own=own), Block(Machine), 1).open()

    with pytest.raises(SimulationError, match="255 layers; this engine takes up to 254; --engine reference"):
        opened(MOST_LAYER)
    with pytest.raises(Exception) as error:
        opened(MOST_LAYER - 1)
    assert "this engine takes" not in str(error.value)


@pytest.mark.parametrize("run", [run_reference, run_compiled])
def test_no_run_goes_beyond_what_times_can_be(run: Callable[[Plan, Watch], RawRun], plan: Plan) -> None:
    """The latest packet that arrives in time does, a later one is refused: no time wraps, and nothing hangs."""

    def at(ps: int) -> Plan:
        traffic = np.array([[1000, 0, 3, 1], [ps // 1000 * 1000, 0, 3, 1]], np.int64)
        idle = replace(plan, noc=None, router=QUEUED)
        return replace(idle, own=replace(plan.own, traffic=traffic))

    early = LATEST_PS - 10**9
    assert early < run(at(early), Watch()).end_ps < LATEST_PS
    long = replace(at(early), link_latency=plan.link_latency + 10**12)
    with pytest.raises(SimulationError, match=r"beyond 2305843009213693952 ps \(26 days of chip time\); give shorter times"):
        run(long, Watch())


def test_times_of_a_chip_are_at_most_a_second() -> None:
    """So that no operation lasts longer than times can be."""
    held = load_experiment("text-small", ("chip.core.times.synaptic_op=1 s",)).chip.core.times.synaptic_op.value
    assert held == LONGEST_PS and LONGEST_PS << 22 < 1 << 62
    with pytest.raises(ConfigError, match=r"synaptic_op.*'1000000000.001 ns' is out of range; allowed: up to 1 s"):
        load_experiment("text-small", ("chip.core.times.synaptic_op=1000000000001 ps",))
