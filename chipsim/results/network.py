"""What the network did: links, routers, latency in it, and what it made of spike trains. ``docs/network-metrics.md`` defines every number."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from chipsim.lookup import Columns
from chipsim.machine.histogram import S_PER_PS, Histogram, histogram, quantiles_s
from chipsim.machine.raw import CAUSES, RawRun
from chipsim.noc.damage import unreachable_pairs
from chipsim.noc.plan import Wormhole
from chipsim.plan.plan import Plan
from chipsim.results.flows import (
    HOPS,
    KIND,
    flow_table,
    flows_of,
    isi_distortion,
    network_latency,
    out_of_order,
    packet_latency,
)
from chipsim.results.links import STALLS, link_busy_ps, links_there, stall_columns
from chipsim.results.tables import MOST_LISTED

Ints = npt.NDArray[np.int64]


def router_table(plan: Plan, raw: RawRun) -> Columns:
    """One row per router; on a chip of more than MOST_LISTED tiles, per router that some flit passed.

    Returns:
        Columns tile, x, y, flits_in and flits_out (over links), flits_local (through local ports, both ways), flits (half of the three: flits
        switched; a copy of a multicast counts half each), lookups (entries of its table that packets were looked up in), waiting (packets
        that waited for a link, mean over time) and, of wormhole routers, queue_mean (flits in its FIFOs, mean over time), queue_max,
        stall_vc, stall_credit, stall_switch (cycles).
    """
    link, source, target = links_there(plan)
    tiles, end = plan.mesh.tiles, max(raw.end_ps, 1)
    flits = raw.link_flits[link]

    def total(values: Ints, at: Ints) -> Ints:
        return np.bincount(at, values, tiles).astype(np.int64)  # exact below 2^53

    came, left, local = total(flits, target), total(flits, source), raw.tile_flits
    switched = (came + left + local) / 2
    tile = np.arange(tiles) if tiles <= MOST_LISTED else np.flatnonzero(switched)
    x, y = plan.mesh.xy(tile)
    table: Columns = {
        "tile": tile,
        "x": x,
        "y": y,
        "flits": switched[tile],
        "flits_in": came[tile],
        "flits_out": left[tile],
        "flits_local": local[tile],
        "lookups": raw.router_lookups[tile],
        "waiting": np.bincount(source, raw.link_wait_ps[link], tiles)[tile] / end,
    }
    clocked = _wormhole(plan)
    if clocked is not None and len(raw.queue):
        table["queue_mean"] = raw.queue[tile, 0] * float(clocked.clock) / end
        table["queue_max"] = raw.queue[tile, 1]
    for name, values in stall_columns(raw, link).items():
        table[name] = total(values, source)[tile]
    return table


def network_tables(plan: Plan, raw: RawRun) -> dict[str, Columns]:
    """Tables ``routers`` and, where packets were kept, ``flows``."""
    made = {"routers": router_table(plan, raw)}
    if len(raw.packets):
        made["flows"] = flow_table(raw.packets)
    return made


def network_summary(plan: Plan, raw: RawRun) -> dict[str, Any]:
    """The object ``noc`` of a summary.

    Returns:
        mean_hops, link_utilisation (mean p99 max link), link_load_std, packet_latency_s and network_latency_s (mean p50 p95 p99 max),
        isi_distortion_s (mean max), spike_disorder, multicast_saving, queue (mean max), lost (packets that a damaged network dropped:
        unreachable dead_core cut flit_loss), unreachable_pairs (of routers: count, the first 20), stalls (vc credit switch); null where
        packets were not kept, or routers of this kind do not have it.
    """
    delivered = int(raw.delivered.sum())
    return {
        "mean_hops": raw.hops / delivered if delivered else None,
        **_links(plan, raw),
        **_packets(raw),
        "queue": _queue(plan, raw),
        "lost": dict(zip(CAUSES, raw.losses.tolist(), strict=True)),
        "unreachable_pairs": _unreachable(plan),
        "stalls": dict(zip(STALLS, raw.link_stalls.sum(axis=0).tolist(), strict=True)) if len(raw.link_stalls) else None,
    }


def _unreachable(plan: Plan) -> dict[str, Any] | None:
    """Pairs of routers without a way at the end of a run with faults: how many, and the first."""
    if plan.noc is None or plan.noc.damage is None:
        return None
    count, first = unreachable_pairs(plan.noc.damage)
    return {"count": count, "first": [list(pair) for pair in first]}


def _links(plan: Plan, raw: RawRun) -> dict[str, Any]:
    """How much of the time the links were in use."""
    link, end = links_there(plan)[0], max(raw.end_ps, 1)
    busy = link_busy_ps(plan, raw)[link]
    if not len(link):
        return {"link_utilisation": dict.fromkeys(("mean", "p99", "max", "link")), "link_load_std": None}
    h, top = histogram(busy), int(busy.argmax())
    rank = h.quantile(0.99)
    return {
        "link_utilisation": {
            "mean": h.sum / len(link) / end,
            "p99": rank / end if rank is not None else None,
            "max": h.largest / end,
            "link": int(link[top]) if h.largest else None,
        },
        "link_load_std": float((busy / end).std()),
    }


def _packets(raw: RawRun) -> dict[str, Any]:
    """What only kept packets tell."""
    packets = raw.packets
    distortion = histogram(isi_distortion(packets, flows_of(packets))[0])
    return {
        "packet_latency_s": quantiles_s(histogram(packet_latency(packets))),
        "network_latency_s": quantiles_s(histogram(network_latency(packets))),
        "isi_distortion_s": {"mean": _seconds(distortion.mean), "max": _seconds(_largest(distortion))},
        "spike_disorder": float(out_of_order(packets).mean()) if len(packets) else None,
        "multicast_saving": _saving(raw),
    }


def _saving(raw: RawRun) -> float | None:
    """Share of the link crossings that trees spare, beside a packet for each target; unknown where not every packet was kept."""
    if not raw.copies.any():
        return 0.0
    if len(raw.packets) != int(raw.delivered.sum()):
        return None
    on_tree = raw.copies[raw.packets[:, KIND]] > 0
    alone = int(raw.packets[on_tree, HOPS].sum())
    crossed = raw.hops - int(raw.packets[~on_tree, HOPS].sum())
    return 1 - crossed / alone if alone else None


def _queue(plan: Plan, raw: RawRun) -> dict[str, float | int] | None:
    """Flits in the FIFOs of a router: mean over routers and time, and the most that one held."""
    clocked = _wormhole(plan)
    if clocked is None or not len(raw.queue):
        return None
    mean = int(raw.queue[:, 0].sum()) * clocked.clock / max(raw.end_ps, 1) / len(raw.queue)
    return {"mean": mean, "max": int(raw.queue[:, 1].max())}


def _wormhole(plan: Plan) -> Wormhole | None:
    return plan.noc.wormhole if plan.noc is not None else None


def _largest(h: Histogram) -> int | None:
    return h.largest if h.total else None


def _seconds(ps: float | None) -> float | None:
    return None if ps is None else ps * S_PER_PS
