"""Metrics of the network against numbers worked out by hand, and against slow code that follows the definitions word by word."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import numpy.typing as npt
import pytest

from chipsim.engines.base import Watch
from chipsim.engines.reference.run import run_reference
from chipsim.machine.histogram import histogram
from chipsim.machine.raw import RawRun
from chipsim.noc import Mesh
from chipsim.noc.fabric import Fabric
from chipsim.noc.plan import IDEAL, NocPlan, Wormhole
from chipsim.noc.routing import TABLE, Routing
from chipsim.plan.plan import Plan
from chipsim.results.flows import COLUMNS, flow_table, flows_of, isi_distortion, out_of_order
from chipsim.results.links import direction_names, link_busy_ps, links_there, stall_columns
from chipsim.results.network import network_summary, network_tables, router_table
from chipsim.results.tables import packet_table
from tests.lif_networks import lif_plan
from tests.nets import random_net
from tests.packet_plans import traffic_plan
from tests.plans import Chip

Ints = npt.NDArray[np.int64]

PROBES = Watch(frozenset({"packets"}))

ROW = Chip(Mesh(3, 1), links=(2_000, 2_000, 2_000, 2_000), local=100, times={})
"""Three tiles in a row, 1 ns per flit, 2 ns per link, 0.1 ns to and from cores."""

SENT = np.array([(0, 0, 2, 4), (0, 0, 2, 1), (0, 1, 2, 3), (10_000, 2, 0, 1)])
"""Two packets of core 0 that queue in front of their router, one of core 1 that is on the next link before them, one the other way."""

END = 20_000


@pytest.fixture(scope="module")
def row() -> tuple[Plan, RawRun]:
    plan = traffic_plan(SENT, ROW, until=END)
    return plan, run_reference(plan, PROBES)


# -- a run worked out by hand ------------------------------------------------------------------------------------------------


def test_packets_say_when_their_head_left_the_source(row: tuple[Plan, RawRun]) -> None:
    """The second packet of core 0 waits for four flits of the first; with ideal routers nobody waits."""
    table = packet_table(row[1])
    assert list(zip(table["source"], table["sequence"], table["entered_ps"], table["delivered_ps"], strict=True)) == [
        (1, 0, 0, 4_200), (0, 0, 0, 8_200), (0, 1, 4_000, 9_200), (2, 0, 10_000, 14_200),
    ]  # fmt: skip
    ideal = run_reference(traffic_plan(SENT, replace(ROW, router=IDEAL)), PROBES).packets
    assert (ideal[:, 8] == ideal[:, 0]).all()


def test_summary_of_a_row(row: tuple[Plan, RawRun]) -> None:
    found = network_summary(*row)
    use = [0.25, 0.4, 0.05, 0.05]  # links 0 and 4 east, 5 and 9 west: 5, 8, 1 and 1 flits of 1 ns in 20 ns
    assert found["mean_hops"] == 7 / 4
    assert found["link_utilisation"] == {"mean": pytest.approx(np.mean(use)), "p99": 0.4, "max": 0.4, "link": 4}
    assert found["link_load_std"] == pytest.approx(np.std(use))
    assert found["packet_latency_s"]["mean"] == pytest.approx((8.2 + 9.2 + 4.2 + 4.2) / 4 * 1e-9)
    assert found["network_latency_s"]["mean"] == pytest.approx((8.2 + 5.2 + 4.2 + 4.2) / 4 * 1e-9)
    assert (found["packet_latency_s"]["max"], found["network_latency_s"]["max"]) == pytest.approx((9.2e-9, 8.2e-9))
    assert found["isi_distortion_s"] == {"mean": pytest.approx(1e-9), "max": pytest.approx(1e-9)}
    assert found["spike_disorder"] == 0.0 and found["multicast_saving"] == 0.0
    assert found["queue"] is None and found["stalls"] is None


def test_tables_of_a_row(row: tuple[Plan, RawRun]) -> None:
    tables = network_tables(*row)
    assert {name: list(values) for name, values in tables["routers"].items()} == {
        "tile": [0, 1, 2], "x": [0, 1, 2], "y": [0, 0, 0],
        "flits": [6, 9, 9], "flits_in": [1, 6, 8], "flits_out": [5, 9, 1], "flits_local": [6, 3, 9], "lookups": [0, 0, 0],
        "waiting": [0, 0.1, 0],
    }  # fmt: skip
    assert {name: list(values) for name, values in tables["flows"].items()} == {
        "source": [0, 1, 2], "destination": [2, 2, 0], "packets": [2, 1, 1], "flits": [5, 3, 1], "hops": [2, 1, 2],
        "latency_mean_ps": [8_700, 4_200, 4_200], "latency_p99_ps": [9_200, 4_200, 4_200], "latency_max_ps": [9_200, 4_200, 4_200],
        "network_mean_ps": [6_700, 4_200, 4_200], "isi_mean_ps": [1_000, 0, 0], "isi_max_ps": [1_000, 0, 0], "disordered": [0, 0, 0],
    }  # fmt: skip
    assert tuple(tables["flows"]) == COLUMNS


def test_without_kept_packets_nothing_is_made_up(row: tuple[Plan, RawRun]) -> None:
    plan, raw = row
    silent = run_reference(plan)
    found = network_summary(plan, silent)
    for key in ("packet_latency_s", "network_latency_s", "isi_distortion_s"):
        assert set(found[key].values()) == {None}, key
    assert found["spike_disorder"] is None
    assert found["link_utilisation"] == network_summary(plan, raw)["link_utilisation"]
    assert set(network_tables(plan, silent)) == {"routers"}
    assert tuple(flow_table(silent.packets)) == COLUMNS


# -- trees -------------------------------------------------------------------------------------------------------------------


def test_multicast_saving_is_what_unicast_would_have_crossed() -> None:
    chip = Chip(Mesh(4, 4))
    net = random_net(3, chip.mesh)
    trees, alone = (lif_plan(net, replace(chip, multicast=multicast)) for multicast in (True, False))
    raw = run_reference(trees, PROBES)
    saving = network_summary(trees, raw)["multicast_saving"]
    assert saving == pytest.approx(1 - raw.hops / run_reference(alone).hops) and 0.1 < saving < 0.9
    assert network_summary(trees, run_reference(trees))["multicast_saving"] is None, "which packets shared a link is not known"


# -- wormhole routers and any topology ---------------------------------------------------------------------------------------


def test_links_of_a_fabric_have_their_own_time_and_stalls(row: tuple[Plan, RawRun]) -> None:
    """Three routers, each joined to the next by a link each way through ports that have no direction; one link is slow."""
    to = np.array([1, -1, 0, 2, 1, -1])
    back = np.array([0, -1, 0, 0, 1, -1])
    slow = np.array([1_000, 0, 1_000, 2_500, 1_000, 0])
    fabric = Fabric(3, 2, to, back, slow, slow, np.array([0, 0, 0, 1, 0, 0]))
    routing = Routing(TABLE, 3, 1, 1, 0, 2, 3, 1, np.zeros(9, np.int64))
    clocked = Wormhole(1_000, 4, 8, 0, 1, 0, 0, 1, np.zeros(64, np.int64))
    plan = replace(row[0], noc=NocPlan(fabric, routing, clocked))
    raw = replace(
        row[1],
        link_packets=np.array([2, 0, 1, 3, 1, 0]),
        link_flits=np.array([5, 0, 1, 8, 1, 0]),
        link_wait_ps=np.array([0, 0, 0, 6_000, 1_000, 0]),
        link_stalls=np.array([(0, 0, 0), (0, 0, 0), (0, 0, 0), (1, 2, 3), (0, 0, 1), (0, 0, 0)]),
        queue=np.array([(4, 2), (10, 5), (6, 3)]),
    )
    link, source, target = links_there(plan)
    assert [one.tolist() for one in (link, source, target)] == [[0, 2, 3, 4], [0, 1, 1, 2], [1, 0, 2, 1]]
    assert link_busy_ps(plan, raw).tolist() == [5_000, 0, 1_000, 24_000, 1_000, 0], "2.5 cycles are 3"
    assert direction_names(plan, link) == ["port 0", "port 0", "port 1", "port 0"]
    assert {name: list(values) for name, values in stall_columns(raw, link).items()} == {
        "stall_vc": [0, 0, 1, 0], "stall_credit": [0, 0, 2, 0], "stall_switch": [0, 0, 3, 1],
    }  # fmt: skip
    routers = router_table(plan, raw)
    assert routers["queue_mean"].tolist() == [0.2, 0.5, 0.3] and routers["queue_max"].tolist() == [2, 5, 3]
    assert routers["waiting"].tolist() == [0, 0.3, 0.05] and routers["stall_switch"].tolist() == [0, 3, 1]
    found = network_summary(plan, raw)
    assert found["stalls"] == {"vc": 1, "credit": 2, "switch": 4}
    assert found["queue"] == {"mean": pytest.approx(1 / 3), "max": 5}
    assert found["link_utilisation"]["link"] == 3 and found["link_utilisation"]["max"] == 1.2


# -- definitions, word by word -----------------------------------------------------------------------------------------------


def _random(seed: int, rows: int = 400) -> Ints:
    """Packets of few endpoints that overtake each other, as ``RawRun.packets``."""
    draw = np.random.default_rng(seed)
    packets = np.zeros((rows, 9), np.int64)
    packets[:, 3], packets[:, 4] = draw.integers(0, 4, rows), draw.integers(0, 3, rows)
    packets[:, 0] = np.sort(draw.integers(0, 2_000, rows))
    packets[:, 1] = packets[:, 0] + draw.integers(1, 300, rows)
    packets[:, 8] = packets[:, 0] + draw.integers(0, 2, rows)
    packets[:, 6], packets[:, 7] = draw.integers(1, 5, rows), draw.integers(0, 6, rows)
    for source in range(4):
        mine = packets[:, 3] == source
        packets[mine, 5] = np.arange(mine.sum())
    return draw.permutation(packets)


def test_what_arrives_together_is_in_order() -> None:
    rows = np.zeros((6, 9), np.int64)
    rows[:, 0] = [0, 5, 6, 2, 9, 1]  # sent
    rows[:, 1] = [10, 8, 12, 12, 3, 20]  # arrived
    rows[:, 4] = [7, 7, 7, 7, 1, 1]  # target
    assert out_of_order(rows).tolist() == [True, False, False, True, False, True]


@pytest.mark.parametrize("seed", range(3))
def test_flows_follow_their_definitions(seed: int) -> None:
    packets = _random(seed)
    late = [any(q[4] == p[4] and q[1] < p[1] and q[0] > p[0] for q in packets) for p in packets]
    assert out_of_order(packets).tolist() == late
    table = flow_table(packets)
    assert int(table["packets"].sum()) == len(packets)
    intervals: list[int] = []
    for i, ends in enumerate(zip(table["source"], table["destination"], strict=True)):
        mine = packets[(packets[:, 3] == ends[0]) & (packets[:, 4] == ends[1])]
        mine = mine[np.argsort(mine[:, 5])]
        latency, bent = mine[:, 1] - mine[:, 0], np.abs(np.diff(mine[:, 1]) - np.diff(mine[:, 0]))
        intervals += bent.tolist()
        known = {name: values[i] for name, values in table.items()}
        assert known == {
            "source": ends[0],
            "destination": ends[1],
            "packets": len(mine),
            "flits": mine[:, 6].sum(),
            "hops": pytest.approx(mine[:, 7].mean()),
            "latency_mean_ps": pytest.approx(latency.mean()),
            "latency_p99_ps": histogram(latency).quantile(0.99),
            "latency_max_ps": latency.max(),
            "network_mean_ps": pytest.approx((mine[:, 1] - mine[:, 8]).mean()),
            "isi_mean_ps": pytest.approx(bent.mean()),
            "isi_max_ps": bent.max(),
            "disordered": sum(bool((mine[j + 1 :, 1] < mine[j, 1]).any()) for j in range(len(mine))),
        }
    assert sorted(isi_distortion(packets, flows_of(packets))[0].tolist()) == sorted(intervals)


def test_most_flows_may_have_one_packet() -> None:
    packets = _random(1, 200_000)
    packets[:, 4] = np.random.default_rng(2).integers(0, 2**20, len(packets))  # most flows have one packet
    table = flow_table(packets)
    assert int(table["packets"].sum()) == len(packets) and len(table["source"]) > 150_000
