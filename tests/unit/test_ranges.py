"""What the compiled engine packs into fields is within them, or the run is refused by name: at the limit, and one above."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from jsonschema import Draft202012Validator

from chipsim.config.chip import ChipSpec
from chipsim.config.constant import LONGEST_PS
from chipsim.config.load import load_chip, load_experiment
from chipsim.config.schema import schemas
from chipsim.engines.base import Watch
from chipsim.engines.compiled import run_compiled
from chipsim.engines.compiled.layout import (
    BUCKETS,
    CREDITS,
    ESCAPE_BIT,
    HELD,
    LOSSY,
    MOST_PORTS,
    MOST_TURNS,
    OUT_MASK,
    PLACE_BITS,
    POINTER_MASK,
    POINTER_SHIFT,
    SUMMARY,
)
from chipsim.engines.compiled.machine import MOST_WHEEL
from chipsim.engines.compiled.ranges import MOST_PORTS as MOST_PORTS_OF_ROUTER
from chipsim.engines.compiled.ranges import MOST_VCS, check_ranges, most_flying, of_wormhole
from chipsim.engines.compiled.run import Run
from chipsim.engines.reference import run_reference
from chipsim.engines.reference.run import Run as ReferenceRun
from chipsim.errors import ConfigError, SimulationError
from chipsim.jit.records import row_dtype
from chipsim.machine.actions import A_MESSAGE
from chipsim.machine.message import MOST_FLITS, MOST_KINDS, Kinds
from chipsim.machine.phases import ARBITRATE, EDGE
from chipsim.machine.raw import CAUSES, RawRun
from chipsim.machine.state import (
    LATEST_PS,
    MOST_EVENTS,
    MOST_LAYER,
    MOST_SENT,
    PORT_SHIFT,
    REAR,
    SEQUENCE_MASK,
    SOURCE_MASK,
    SOURCE_SHIFT,
    Packet,
)
from chipsim.network.stimulus import LONGEST_OFFER_PS
from chipsim.noc.build import noc_plan
from chipsim.noc.plan import QUEUED
from chipsim.pipeline import load, make_mapping, make_plan
from chipsim.plan.plan import Plan
from chipsim.plan.ranges import MOST_I32, MOST_SUM_PS, Range, check_sum, refuse_beyond, waiting_ps
from chipsim.programs.nsn.host import NsnHost
from chipsim.programs.nsn.lower import _refuse_long
from chipsim.programs.nsn.messages import GROW, IMPORT
from chipsim.programs.packets.messages import DATA
from chipsim.programs.snn.host import MOST_SYNAPSES, SnnHost
from chipsim.programs.snn.kernels import COUNT_BITS, MANY, NEURON_MASK, STEP_SHIFT
from tests.scenarios import small
from tests.wormhole_scenarios import packets_on
from tests.wormholes import CLOCK, noc_of

KINDS_OF_NSN = Kinds(("", "spike"), {1: frozenset()}, frozenset({1}))
"""Messages that go on trees."""


@pytest.fixture(scope="module")
def plan() -> Plan:
    return packets_on(noc_of(width=2, height=2), 1, 20, 10)


def endpoints(plan: Plan, most: int) -> Plan:
    return replace(plan, endpoint_tile=np.broadcast_to(np.int8(0), (most,)))


def flits(plan: Plan, most: int) -> Plan:
    return replace(plan, flits=np.array([0, most], np.int64))


def kinds(plan: Plan, most: int) -> Plan:
    return replace(plan, kinds=("",) * most)


def layer(plan: Plan, most: int) -> Plan:
    return replace(plan, route=np.array([[0, most, 0, 1]], np.int64))


def longest_packet(plan: Plan, most: int) -> Plan:
    return replace(plan, own=replace(plan.own, traffic=np.array([[0, 0, 3, most]], np.int64)))


def operation(plan: Plan, most: int) -> Plan:
    times = plan.action_time.copy()
    times[A_MESSAGE] = most
    return replace(plan, action_time=times)


def links(plan: Plan, most: int) -> Plan:
    assert plan.noc is not None
    return replace(plan, noc=replace(plan.noc, wormhole=None, fabric=replace(plan.noc.fabric, ports=most)))


def wormhole(plan: Plan, **how: int) -> Plan:
    assert plan.noc is not None and plan.noc.wormhole is not None
    return replace(plan, noc=replace(plan.noc, wormhole=replace(plan.noc.wormhole, **how)))


def slowest(plan: Plan, **cycles: int) -> Plan:
    """One link that is slower than the others."""
    assert plan.noc is not None
    fabric, used = plan.noc.fabric, int(np.flatnonzero(plan.noc.fabric.to >= 0)[0])
    times = {name: getattr(fabric, name).copy() for name in cycles}
    for name, many in cycles.items():
        times[name][used] = many * CLOCK
    return replace(plan, noc=replace(plan.noc, fabric=replace(fabric, **times)))


ADVICE = "--engine reference takes more"


@pytest.mark.parametrize(
    ("change", "most", "told"),
    [
        (
            endpoints,
            SOURCE_MASK + 1,
            r"endpoints \(cores, slot servers and the host\); engines take up to 16777216; use a smaller chip",
        ),
        (flits, MOST_FLITS, f"flits in a message; this engine takes up to 32767; {ADVICE}"),
        (longest_packet, MOST_FLITS, f"flits in a packet; this engine takes up to 32767; {ADVICE}"),
        (kinds, MOST_KINDS, f"numbers of kinds of messages; this engine takes up to 128; {ADVICE}"),
        (layer, MOST_LAYER, f"as the layer of a tree; this engine takes up to 255; {ADVICE}"),
        (operation, LATEST_PS, f"ps that an operation can take; this engine takes up to {LATEST_PS}; {ADVICE}"),
        (links, MOST_PORTS, f"links of a router; this engine takes up to 61; {ADVICE}"),
    ],
)
def test_a_plan_is_held_to_what_fits(plan: Plan, change: Callable[[Plan, int], Plan], most: int, told: str) -> None:
    idle = replace(plan, noc=None, router=QUEUED) if change is endpoints else plan
    check_ranges(change(idle, most))
    with pytest.raises(SimulationError, match=f"^{most + 1} {told}"):
        check_ranges(change(idle, most + 1))


@pytest.mark.parametrize(
    ("change", "most", "told"),
    [
        (lambda plan, most: wormhole(plan, vcs=most), MOST_VCS, "virtual channels"),
        (lambda plan, most: wormhole(plan, buffer=most), CREDITS, "flits in a buffer"),
        (lambda plan, most: slowest(plan, flit_time=most), LOSSY - 1, "cycles that a link is taken by a flit"),
        (lambda plan, most: slowest(plan, latency=most), MOST_I32 - 2, "cycles over a link, sending again included"),
        (
            lambda plan, most: replace(plan, local_latency=most * CLOCK),
            MOST_I32 - 2,
            "cycles over a link, sending again included",
        ),
    ],
)
def test_wormhole_routers_are_held_to_what_fits(plan: Plan, change: Callable[[Plan, int], Plan], most: int, told: str) -> None:
    def of(many: int) -> Range:
        return next(one for one in of_wormhole(change(plan, many)) if one.what == told)

    assert of(most).found == of(most).most == most
    refuse_beyond([of(most)], "this engine takes", ADVICE)
    with pytest.raises(SimulationError, match=f"^{most + 1} {told}; this engine takes up to {most}; {ADVICE}"):
        run_compiled(change(plan, most + 1), Watch())


def test_ports_of_a_wormhole_router_are_held_to_what_fits() -> None:
    plan = packets_on(noc_of(width=2, height=1, concentration=64), 1, 20, 10, each=57)
    assert plan.noc is not None and plan.noc.fabric.ports == 4
    for more in (0, 1):
        tiles = np.concatenate([np.zeros(57 + more, np.int64), np.ones(57 - more, np.int64), [0]])
        found = next(
            one for one in of_wormhole(replace(plan, endpoint_tile=tiles)) if one.what.startswith("ports of a wormhole")
        )
        assert found.most == 62 and found.found == 62 + more


def test_what_is_on_links_at_once_is_held_to_rows_of_32_bits(plan: Plan) -> None:
    """Rows for flits and credits go with the cycles of all links; those for branches and ports with channels and routers."""
    assert plan.noc is not None

    def of(cycles: int) -> int:
        return most_flying(slowest(plan, latency=cycles))

    one_more = of(2) - of(1)
    limit = 1 + (MOST_I32 - of(1)) // one_more
    assert of(limit) <= MOST_I32 < of(limit + 1)
    with pytest.raises(
        SimulationError, match=f"^{of(limit + 1)} flits and credits on links at once; this engine takes up to {MOST_I32}"
    ):
        check_ranges(slowest(plan, latency=limit + 1))


@pytest.mark.parametrize(("told", "each"), [("branches of packets in routers at once", 4 * 4 * 5), ("ports of all routers", 4)])
def test_rows_for_ports_and_branches_are_held_to_32_bits(plan: Plan, told: str, each: int) -> None:
    """``each``: rows that one router of four links more takes."""

    def of(routers: int) -> Range:
        assert plan.noc is not None
        fabric = replace(plan.noc.fabric, routers=routers)
        changed = replace(plan, multicast=1, noc=replace(plan.noc, fabric=fabric))
        return next(one for one in of_wormhole(changed) if one.what == told)

    assert of(2).found - of(1).found == each and of(1).most == MOST_I32
    limit = 1 + (MOST_I32 - of(1).found) // each
    refuse_beyond([of(limit)], "this engine takes", ADVICE)
    with pytest.raises(SimulationError, match=f"^{of(limit + 1).found} {told}; this engine takes up to {MOST_I32}"):
        refuse_beyond([of(limit + 1)], "this engine takes", ADVICE)


def test_fields_hold_more_than_rows_that_any_chip_has(plan: Plan) -> None:
    """As many routers as endpoints have numbers, with as many ports as masks have bits: their rows are numbers of 32 bits."""
    assert (SOURCE_MASK + 1) * MOST_PORTS_OF_ROUTER + SOURCE_MASK + 2 <= MOST_I32
    assert MOST_PORTS_OF_ROUTER * MOST_VCS < POINTER_MASK and HELD > POINTER_MASK << POINTER_SHIFT and HELD <= MOST_I32
    assert MOST_PORTS_OF_ROUTER <= OUT_MASK and MOST_PORTS_OF_ROUTER < ESCAPE_BIT and MOST_VCS < 1 << 8
    assert MOST_PORTS < 1 << 63 - PORT_SHIFT and SEQUENCE_MASK + 1 == 1 << SOURCE_SHIFT and SOURCE_SHIFT + 24 == PORT_SHIFT
    assert MOST_TURNS << PLACE_BITS | (1 << PLACE_BITS) - 1 == MOST_I32 and MOST_WHEEL == 1 << PLACE_BITS
    assert max(MOST_WHEEL, BUCKETS) >> 10 <= SUMMARY
    assert len(CAUSES) < REAR <= np.iinfo(np.uint8).max


def test_words_of_digests_and_orders_do_not_run_into_each_other() -> None:
    """Records fold words of two parts; the reference engine orders arrivals by one of four; sums of hashes stay below 2^63 in a slice."""
    endpoints, links = SOURCE_MASK + 1, (SOURCE_MASK + 1) * MOST_PORTS
    assert max(endpoints, links) <= 1 << 31 and endpoints <= 1 << 32 and MOST_KINDS <= MOST_LAYER + 1 == 1 << 8
    assert MOST_SENT < SEQUENCE_MASK < 1 << 40 and MOST_FLITS < 1 << 63 - 40 and MOST_FLITS < 1 << 16
    most = (MOST_PORTS + endpoints) << 64 | SOURCE_MASK << 40 | SEQUENCE_MASK
    assert ARBITRATE | most == ARBITRATE + most < EDGE
    assert (64 * MOST_EVENTS + endpoints * MOST_PORTS_OF_ROUTER) << 32 < 1 << 63  # and one cycle of all routers


def test_events_are_offered_within_int64() -> None:
    chip = load_chip("mesh-16")
    _refuse_long(chip, np.array([LONGEST_OFFER_PS]))
    with pytest.raises(
        SimulationError, match=r"the last event is offered after more than 26 days of chip time; raise workload\.rate"
    ):
        _refuse_long(chip, np.array([LONGEST_OFFER_PS + 1]))


def test_rows_of_packets_end_by_name(plan: Plan, monkeypatch: pytest.MonkeyPatch) -> None:
    made = Run(plan, Watch()).machine
    have = len(made.state.packets)
    monkeypatch.setattr("chipsim.engines.compiled.machine.MOST_PACKETS", 2 * have)
    made._grow_packets(have)
    with pytest.raises(SimulationError, match=f"^{2 * have + 1} packets at once; this engine takes up to {2 * have}"):
        made._grow_packets(1)


def test_rows_of_messages_end_by_name(monkeypatch: pytest.MonkeyPatch) -> None:
    host = Run(lowered(), Watch()).machine.host
    have = len(host.own.messages)
    monkeypatch.setattr("chipsim.programs.nsn.host.MOST_I32", have + 10)
    host._grow_rows(10)
    with pytest.raises(
        SimulationError, match=f"^{have + 11} messages at once; this engine takes up to {have + 10}; lower the load"
    ):
        host._grow_rows(1)


@pytest.mark.parametrize("over", [0, 1])
def test_packets_of_a_source_are_numbered_within_33_bits(plan: Plan, over: int) -> None:
    """Digests at the limit are equal; a source that sends more is refused by both engines."""
    source = int(plan.own.traffic[0, 1])
    before = MOST_SENT - int((plan.own.traffic[:, 1] == source).sum()) + over
    reference, compiled = ReferenceRun(plan, Watch()), Run(plan, Watch())
    m, network = compiled.machine.state, reference.network
    m.endpoints["sequence"][source] = network.sequence[source] = before
    for counts in (m.sent, m.delivered, network.sent, network.delivered):
        counts[DATA] += MOST_SENT
    if over:
        for run in (reference.run, compiled.run):
            with pytest.raises(
                SimulationError, match=f"^{MOST_SENT + 1} packets from one source; engines take up to {MOST_SENT}"
            ):
                run()
        return
    assert reference.run().digest == compiled.run().digest


def test_waiting_for_a_link_adds_up_within_int64() -> None:
    packets, longest = np.array([0, 1 << 20]), np.array([0, (1 << 32) - 1])
    assert waiting_ps(np.array([0, 5]), packets, longest, 1000).tolist() == [0, 5000]
    with pytest.raises(
        SimulationError, match=r"^waiting for one link adds up to 4.61e\+18 ps; engines count up to 4611686018427387904 ps"
    ):
        waiting_ps(np.array([0, 5]), packets, longest + 1, 1 << 10)
    check_sum(MOST_SUM_PS - 1024)
    with pytest.raises(SimulationError, match="adds up"):
        check_sum(MOST_SUM_PS)


def test_fields_hold_what_plans_may_have() -> None:
    packets = np.zeros(1, row_dtype(Packet))
    for name, most in (("layer", MOST_LAYER), ("kind", MOST_KINDS), ("flits", MOST_FLITS)):
        assert most <= np.iinfo(packets.dtype[name]).max


def test_a_packet_as_long_as_can_be(plan: Plan) -> None:
    most = longest_packet(plan, MOST_FLITS)
    assert run_compiled(most, Watch()).digest == run_reference(most, Watch()).digest
    assert run_reference(longest_packet(plan, MOST_FLITS + 1), Watch()).delivered.sum() == 1


def lowered() -> Plan:
    loaded = load(small())
    return make_plan(loaded, make_mapping(loaded))


def test_a_neurosemantic_network_is_held_to_what_fits() -> None:
    plan = lowered()
    vector = int(plan.flits[[GROW, IMPORT]].max())

    def of(what: str, **own: int) -> Range:
        changed = replace(plan.own, constants=plan.own.constants._replace(**own))
        return next(one for one in NsnHost.ranges(replace(plan, own=changed)) if one.what == what)

    roles = "layers, recursive networks and listeners"
    assert of(roles, numbers=250, listeners=6) == Range(roles, 256, 256) and of(roles, numbers=257).found == 257
    with pytest.raises(SimulationError, match=rf"^257 {roles}; this engine takes up to 256; --engine reference takes more"):
        check_ranges(replace(plan, own=replace(plan.own, constants=plan.own.constants._replace(numbers=257))))
    for more in (0, 1):
        longer = replace(plan.own, grow_flits=np.array([MOST_FLITS - vector + more]))
        found = next(one for one in NsnHost.ranges(replace(plan, own=longer)) if one.what == "flits in a vector")
        assert found.found == found.most + more
    held = of("ps that an operation can take")
    assert 0 < held.found < held.most
    assert NsnHost.ranges(replace(plan, action_time=plan.action_time * (held.most // held.found)))[2].found <= held.most
    with pytest.raises(SimulationError, match="ps that an operation can take"):
        check_ranges(replace(plan, action_time=plan.action_time * (held.most // held.found + 1)))


def test_a_spiking_network_is_held_to_what_fits() -> None:
    loaded = load(load_experiment("lif-small", ("workload.generate.neurons=64", "workload.steps=2")))
    plan = make_plan(loaded, make_mapping(loaded))

    def of(what: str, **own: Any) -> Range:
        return next(one for one in SnnHost.ranges(replace(plan, own=replace(plan.own, **own))) if one.what == what)

    for more in (0, 1):
        many = np.broadcast_to(np.int64(0), (MOST_I32 + more,))
        assert of("neurons", number=many) == Range("neurons", MOST_I32 + more, MOST_I32)
        assert of("steps", steps=MOST_I32 + more) == Range("steps", MOST_I32 + more, MOST_I32)
        assert of("synapses", target=np.broadcast_to(np.int8(0), (MOST_SYNAPSES + more,))).found == MOST_SYNAPSES + more
    assert MOST_SYNAPSES << COUNT_BITS | MANY == (1 << 63) - 1 and MOST_I32 << STEP_SHIFT | NEURON_MASK == (1 << 63) - 1
    for what in ("neurons", "steps", "synapses"):
        assert of(what).most in (MOST_I32, MOST_SYNAPSES)
    with pytest.raises(SimulationError, match=f"^{MOST_I32 + 1} steps; this engine takes up to {MOST_I32}"):
        check_ranges(replace(plan, own=replace(plan.own, steps=MOST_I32 + 1)))
    held = of("ps that an operation can take")
    with pytest.raises(SimulationError, match="ps that an operation can take"):
        check_ranges(replace(plan, action_time=plan.action_time * (held.most // held.found + 1)))


def test_outputs_of_a_router_have_a_bit_each_in_a_tree() -> None:
    """On a plain mesh too, which engines know by heart."""
    many = KINDS_OF_NSN

    def chip(cores: int, cast: str) -> ChipSpec:
        return load_chip("mesh-16", [f"noc.concentration={cores}", f"noc.cast={cast}"])

    assert noc_plan(chip(58, "multicast"), many, 1) is None and noc_plan(chip(64, "unicast"), many, 1) is None
    with pytest.raises(ConfigError, match="4 links and 59 cores at a router; allowed with cast multicast: up to 62 together"):
        noc_plan(chip(59, "multicast"), many, 1)


def test_whole_numbers_of_descriptions_have_a_least_and_a_most() -> None:
    """Whatever a plan is made from is bounded before it is read any further; the validator of the schema and the program refuse one more."""
    found = [node for text in schemas().values() for node in integers(json.loads(text))]
    assert len(found) > 100
    for node in found:
        assert node["minimum"] >= -(2**63) and node["maximum"] < 2**63, node
        check = Draft202012Validator({"type": "integer", "minimum": node["minimum"], "maximum": node["maximum"]})
        assert check.is_valid(node["maximum"]) and not check.is_valid(node["maximum"] + 1)


def integers(node: Any) -> Iterator[dict[str, Any]]:
    """The whole numbers of a schema."""
    if isinstance(node, dict):
        if node.get("type") == "integer" and "const" not in node and "enum" not in node:
            yield node
        node = list(node.values())
    if isinstance(node, list):
        for one in node:
            yield from integers(one)


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
