"""Every topology on every engine: equal records and counters; and what topologies may not change."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import numpy as np
import pytest

from chipsim.engines.base import Watch
from chipsim.engines.reference import run_reference
from chipsim.machine.raw import UNTIL
from chipsim.machine.snapshot import load_snapshot, save_snapshot
from chipsim.noc.hops import hops
from chipsim.noc.plan import IDEAL, QUEUED
from chipsim.plan.plan import Plan
from tests.conformance.compare import compare_runs
from tests.engines import Runner
from tests.needs import needs, under
from tests.topologies import ROUTERS, topologies

PROBES = Watch(frozenset({"packets", "spikes"}))
SENT = [*under("packets", ["traffic"]), *under("snn", ["unicast", "multicast"])]


def plan_of(name: str, sent: str, router: int) -> Plan:
    """Packets on a topology, or a spiking network whose spikes go one by one or on trees."""
    if sent == "traffic":
        from tests.packet_plans import packets_over

        return packets_over(name, router)
    from tests.lif_networks import lif_on

    return lif_on(name, router, sent == "multicast")


@pytest.mark.parametrize("sent", SENT)
@pytest.mark.parametrize("router", ROUTERS)
@pytest.mark.parametrize("name", topologies())
def test_engine_agrees_with_the_reference(name: str, router: str, sent: str, run_engine: Runner) -> None:
    plan = plan_of(name, sent, ROUTERS[router])
    expected, raw = run_reference(plan, PROBES), run_engine(plan, PROBES)
    assert compare_runs(expected, raw) is None
    assert np.array_equal(raw.sent + raw.copies, raw.delivered) and raw.copies.any() == (sent == "multicast")
    assert raw.link_wait_ps.any() == (router == "queued")
    assert plan.noc is not None
    assert not raw.link_packets[plan.noc.fabric.to < 0].any()
    if sent != "multicast":  # each packet crosses as many links as the forecast says
        tile = plan.endpoint_tile
        assert np.array_equal(
            sum(hops(plan.mesh, plan.noc, tile[raw.packets[:, 3]], tile[raw.packets[:, 4]])), raw.packets[:, 7]
        )
        assert raw.packets[:, 7].sum() == raw.hops == raw.link_packets.sum()


@pytest.mark.parametrize("sent", SENT)
@pytest.mark.parametrize("router", ROUTERS)
def test_a_mesh_from_tables_is_the_plain_mesh(router: str, sent: str, run_engine: Runner) -> None:
    plan = plan_of("mesh", sent, ROUTERS[router])
    plain = dataclasses.replace(plan, noc=None)
    latency = np.tile(plan.link_latency, plan.mesh.tiles)
    assert plan.noc is not None
    fabric = dataclasses.replace(plan.noc.fabric, latency=latency, flit_time=np.full_like(latency, plan.flit_time))
    tables = dataclasses.replace(plan, noc=dataclasses.replace(plan.noc, fabric=fabric))
    assert compare_runs(run_engine(plain, PROBES), run_engine(tables, PROBES)) is None


@pytest.mark.parametrize("name", ["torus", "graph", "hierarchy"])
@pytest.mark.parametrize("sent", under("snn", ["unicast", "multicast"]))
def test_a_run_in_pieces_equals_the_whole(name: str, sent: str, run_engine: Runner, tmp_path: Path) -> None:
    """Also where the pieces are run by different engines."""
    plan = plan_of(name, sent, QUEUED)
    whole = run_engine(plan, PROBES)
    snapshot = None
    for share, run_piece in ((0.1, run_reference), (0.4, run_engine), (0.8, run_engine)):
        begin, end = whole.packets[int(len(whole.packets) * share), :2].tolist()  # cut in the middle of a packet's way
        piece = run_piece(dataclasses.replace(plan, until=(begin + end) // 2), PROBES, snapshot)  # type: ignore[call-arg]
        assert piece.status == UNTIL and piece.snapshot is not None and piece.in_flight.any()
        save_snapshot(piece.snapshot, tmp_path / "snapshot.npz")
        snapshot = load_snapshot(tmp_path / "snapshot.npz")
    assert compare_runs(whole, run_engine(plan, PROBES, snapshot)) is None  # type: ignore[call-arg]


@needs("packets")
def test_ideal_is_never_slower_than_queued() -> None:
    for name in topologies():
        ideal, queued = (run_reference(plan_of(name, "traffic", router), PROBES).packets for router in (IDEAL, QUEUED))
        first, second = (rows[np.lexsort((rows[:, 5], rows[:, 3]))] for rows in (ideal, queued))
        assert (first[:, 1] <= second[:, 1]).all() and (first[:, 1] < second[:, 1]).any()
