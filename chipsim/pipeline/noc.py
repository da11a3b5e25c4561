"""Latency against offered load: a network run once per load, and where it gives in."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from itertools import pairwise
from math import log
from typing import TYPE_CHECKING, Any

import numpy as np

import chipsim
from chipsim.config.chip import ChipSpec
from chipsim.config.experiment import Experiment
from chipsim.config.faults import FlitLoss, NetworkFault
from chipsim.engines.base import Watch
from chipsim.frames import Frames, html_table
from chipsim.machine.raw import INTERRUPTED
from chipsim.pipeline.engine import run_plan
from chipsim.pipeline.noc_energy import spent_at
from chipsim.pipeline.noc_measure import NocPoint, Window, measure
from chipsim.pipeline.noc_zero import mean_distance, zero_load
from chipsim.plan.chip import refuse_unknown
from chipsim.plan.forecast import CORE_BYTES, PACKET_BYTES, TILE_BYTES, Forecast, refuse_beyond
from chipsim.plan.plan import Plan
from chipsim.programs.base import PROGRAMS
from chipsim.results.flat import flat
from chipsim.units import PS_PER_S
from workloads.kinds.synthetic import SyntheticWorkload
from workloads.synthetic import Burst, Pattern, Synthetic, make_traffic, most_packets, nodes_of, senders_of

if TYPE_CHECKING:
    import pyarrow as pa

SENDS = "packets"
"""Name of the program that a network is measured with."""

KNEE = 3.0
"""The knee is the load at which the mean latency is so many times that of the empty network."""

LEAST_DRAIN = 20_000
"""Cycles that a network is given to drain, at least; as many as were measured if that is more."""

_FINE = 0.02  # of a load: how close the knee is looked for


@dataclass(frozen=True, slots=True)
class NocRun:
    """What is measured.

    Attributes:
        chip: its network; cores take packets in at once.
        pattern: where packets go.
        flits: lengths of packets, each as likely.
        cycles: measured cycles; a cycle is ``chip.noc.flit_time``.
        warmup: cycles before them.
        seed: of the traffic.
        burst: sources that are on and off, or None.
        senders: share of the nodes that send; loads are those of each of them.
        engine: ``auto``, ``reference`` or ``compiled``.
        memory_limit: bytes that a run may take; None for 80 % of what is free.
        faults: what is dead, or loses flits.
        window: packets that a node may have on the way at once, 0 for any number; what is due beyond that waits (a closed loop).
        priced: whether the prices of the chip mean anything, so that joules are told; those of bare routers do not.
    """

    chip: ChipSpec
    pattern: Pattern
    flits: tuple[int, ...] = (1,)
    cycles: int = 20_000
    warmup: int = 5_000
    seed: int = 1
    burst: Burst | None = None
    senders: Fraction = Fraction(1)
    engine: str = "auto"
    memory_limit: int | None = None
    faults: tuple[NetworkFault, ...] = ()
    window: int = 0
    priced: bool = False

    def traffic(self, load: Fraction) -> Synthetic:
        """What is sent at a load."""
        return Synthetic(self.pattern, load, self.flits, self.warmup + self.cycles, self.seed, self.burst, self.senders)

    @property
    def drain(self) -> int:
        """Cycles after the last packet is sent."""
        return max(LEAST_DRAIN, self.cycles)


@dataclass(frozen=True, slots=True)
class NocCurve(Frames):
    """Points and what follows from them.

    Attributes:
        run: what was measured.
        points: in the order of the loads.
        t0: mean latency of the empty network in cycles, None if no point was measured.
        t0_of: ``formula``, ``formula with measured distance`` or ``lowest load``.
        interrupted: whether somebody asked for the end before all points were run.
        asked: loads that were asked for, in their order; empty where they were looked for.
    """

    run: NocRun
    points: tuple[NocPoint, ...]
    t0: float | None
    t0_of: str
    interrupted: bool
    asked: tuple[Fraction, ...] = ()

    @property
    def knee(self) -> float | None:
        """Load at which the mean latency is `KNEE` times that of the empty network, between measured points; None outside of them."""
        return _crossing(self.points, None if self.t0 is None else KNEE * self.t0)

    @property
    def carried(self) -> NocPoint | None:
        """The point of the highest load that the network carried; None if it carried none."""
        return max((point for point in self.points if point.figures["stable"]), key=lambda point: point.load, default=None)

    @property
    def peak(self) -> NocPoint | None:
        """The point at which most was accepted, if the network could not carry the highest load; the lowest of several such loads."""
        highest = max(self.points, key=lambda point: point.load, default=None)
        if highest is None or highest.figures["stable"]:
            return None
        return min(self.points, key=lambda point: (-float(point.figures["accepted"]), point.load))

    @property
    def saturation(self) -> float | None:
        """Saturation throughput: flits per node and cycle accepted at the peak."""
        return None if self.peak is None else float(self.peak.figures["accepted"])

    @property
    def beyond(self) -> NocPoint | None:
        """The point of the highest load, if that is above the load of the peak."""
        highest, peak = max(self.points, key=lambda point: point.load, default=None), self.peak
        return highest if highest is not None and peak is not None and highest.load > peak.load else None

    @property
    def capacity(self) -> float | None:
        """Load at which the busiest link, or way into a core, would be busy all the time; at most 1, the flit per cycle that a node sends.

        That is by the ways that packets took at the highest load that was carried, or at the lowest where none was. None without points, and of
        ideal routers, whose links take any number of flits at once.
        """
        point = self.carried or min(self.points, key=lambda one: one.load, default=None)
        if point is None or self.run.chip.noc.router == "ideal":
            return None
        busiest = float(point.links["load_norm"].max(initial=0.0))
        nodes = nodes_of(self.run.chip)
        senders = len(senders_of(self.run.traffic(Fraction(1)), nodes))
        return min(1.0, self.run.chip.noc.cores / (senders * busiest)) if busiest else None

    def _tables(self) -> Mapping[str, Callable[[], pa.Table]]:
        return {"points": self._points, "links": self._links}

    def _points(self) -> pa.Table:
        """A row per load; groups of figures are columns with a dot, such as ``power_w.mean``."""
        from chipsim.results.comparison.files import rows_table

        return rows_table([{"load": float(point.load)} | dict(flat(point.figures)) for point in self.points])

    def _links(self) -> pa.Table:
        """A row per load and link, as ``links.csv``."""
        import pyarrow as pa

        each = [{"load": np.full(len(point.links["flits"]), float(point.load)), **point.links} for point in self.points]
        return pa.concat_tables([pa.table(columns) for columns in each]) if each else pa.table({})

    def _repr_html_(self) -> str:
        """A notebook's view: what it carries, and a row per load."""
        told = {name: getattr(self, name) for name in ("t0", "knee", "saturation", "capacity")}
        known = [
            [name.replace("t0", "zero-load latency"), "-" if found is None else f"{found:.4g}"] for name, found in told.items()
        ]
        heads = ["load", "accepted", "mean latency", "p99 latency", "carried", *(["W", "pJ/flit"] if self.run.priced else [])]
        rows = []
        for point in self.points:
            figures = point.figures
            cells = [float(point.load), figures["accepted"], figures["mean_latency"], figures["p99_latency"]]
            last = [figures["power_w"]["mean"], figures["pj_per_flit"]["total"]] if self.run.priced else []
            told_ = ["-" if cell is None else f"{cell:.4g}" for cell in (*cells, *last)]
            rows.append([*told_[:4], "yes" if figures["stable"] else "no", *told_[4:]])
        return html_table([f"{self.run.chip.name}, {self.run.pattern.name} traffic", ""], known) + html_table(heads, rows)

    def summary(self) -> dict[str, Any]:
        """The object that ``chipsim noc --json`` prints."""
        noc, run = self.run.chip.noc, self.run
        cpu, hops = sum(p.figures["cpu_s"] for p in self.points), sum(p.figures["flit_hops"] for p in self.points)
        return {
            "schema": 1,
            "version": chipsim.__version__,
            "chip": run.chip.name,
            "noc": {
                "topology": noc.topology,
                "width": noc.width,
                "height": noc.height,
                "depth": noc.depth,
                "concentration": noc.concentration,
                "tile_order": noc.tile_order,
                "nodes": noc.cores,
                "router": noc.router,
                "routing": noc.routing_name,
                "vcs": noc.vcs,
                "buffer": noc.buffer,
                "timing": noc.timing,
                "link_latency": float(noc.link_latency_ew.value or 0) / float(noc.flit_time.value or 1),
            },
            "traffic": run.pattern.name,
            "flits": list(run.flits),
            "cycle_s": float(noc.flit_time.value or 1) * 1e-12,
            "cycles": run.cycles,
            "warmup": run.warmup,
            "seed": run.seed,
            "senders": float(run.senders),
            "faults": [fault.model_dump(mode="json", exclude_none=True) for fault in run.faults],
            "window": run.window or None,
            "engine": self.points[0].engine if self.points else run.engine,
            "status": "interrupted" if self.interrupted else "done",
            "loads_asked": [float(load) for load in self.asked] or None,
            "prices": run.chip.name if run.priced else None,
            "points": [{"load": float(point.load)} | point.figures for point in self.points],
            "zero_load": self.t0,
            "zero_load_of": self.t0_of,
            "knee": self.knee,
            "carried": _told(self.carried),
            "peak": _told(self.peak),
            "saturation": self.saturation,
            "beyond": _told(self.beyond),
            "capacity": self.capacity,
            "cpu_s": cpu,
            "flit_hops": hops,
            "flit_hops_per_s": hops / cpu if cpu else None,
        }


def noc_points(
    run: NocRun, loads: Sequence[Fraction], watch: Watch | None = None, finished: Callable[[NocPoint], None] = lambda _: None
) -> NocCurve:
    """Measure a network at given loads.

    Packets are sent for ``warmup`` + ``cycles`` cycles; those of the last ``cycles`` are measured. Then the network drains, at most
    ``NocRun.drain`` cycles long: what a saturated network has not carried by then is counted as undelivered.

    Args:
        run: the network and its traffic.
        loads: flits per sending node and cycle, above 0, at most 1.
        watch: progress and stop.
        finished: called after each point.

    Raises:
        ConfigError: the network cannot be built, can deadlock, or has no such pattern.
        UsageError: a run would need more memory than it may take.
        DeadlockError: a network that was forced deadlocked.
    """
    watch = watch or Watch()
    watch.stage("making the network and its routes")
    plan = base_plan(run)
    points: list[NocPoint] = []
    for number, load in enumerate(loads, 1):
        watch.stage(f"load {float(load):.4g}, point {number} of {len(loads)}")
        point = noc_point(run, plan, load, watch)
        if point is None:
            return _curve(run, points, True, loads)
        points.append(point)
        finished(point)
    return _curve(run, points, False, loads)


def noc_curve(run: NocRun, watch: Watch | None = None, finished: Callable[[NocPoint], None] = lambda _: None) -> NocCurve:
    """Find the curve: the knee by bisection, loads below it, and one far above; see `noc_points`. Points by ascending load."""
    watch = watch or Watch()
    watch.stage("making the network and its routes")
    plan = base_plan(run)
    points: dict[Fraction, NocPoint] = {}

    def at(load: Fraction) -> NocPoint | None:
        if load not in points:
            watch.stage(f"load {float(load):.4g}, looking for the knee, point {len(points) + 1}")
            point = noc_point(run, plan, load, watch)
            if point is None:
                return None
            points[load] = point
            finished(point)
        return points[load]

    def whole(stopped: bool) -> NocCurve:
        return _curve(run, [points[load] for load in sorted(points)], stopped)

    low, high = Fraction(0), Fraction(1)
    if at(Fraction(1, 100)) is None:
        return whole(True)
    limit = KNEE * (whole(False).t0 or 0.0)
    load = min(Fraction(1), Fraction(2, max(run.chip.noc.width, run.chip.noc.height, 2)))
    while high - low > high * Fraction(_FINE).limit_denominator(1000) and low < 1:
        point = at(load)
        if point is None:
            return whole(True)
        if _latency(point) >= limit:
            high = load
            load = _rounded((low + high) / 2)
        else:
            low = load
            load = min(Fraction(1), 2 * load) if high == 1 else _rounded((low + high) / 2)
        if load in points:
            break
    knee = high if high < 1 else low
    for share in (Fraction(1, 4), Fraction(1, 2), Fraction(3, 4), Fraction(9, 10), Fraction(2)):
        if at(min(Fraction(1), _rounded(knee * share))) is None:
            return whole(True)
    return whole(False)


def noc_point(run: NocRun, plan: Plan, load: Fraction, watch: Watch) -> NocPoint | None:
    """One load on the `base_plan` of a run; None if it was interrupted. Raises as `noc_points`."""
    if watch.stop():  # a short run would end before its engine asks
        return None
    chip, nodes = run.chip, nodes_of(run.chip)
    clock, sent, traffic = _clock(chip), run.warmup + run.cycles, run.traffic(load)
    refuse_beyond(
        Forecast(
            (
                ("packets", most_packets(traffic, nodes) * PACKET_BYTES),
                ("cores", chip.noc.cores * CORE_BYTES),
                ("routers and links", chip.noc.tiles * TILE_BYTES),
            ),
            "a lower load (--load), fewer cycles (--cycles, --warmup)",
        ),
        run.memory_limit,
    )
    own = replace(plan.own, traffic=make_traffic(traffic, nodes, clock))
    plan = replace(plan, own=own, until=(sent + run.drain) * clock)
    raw = run_plan(run.engine, plan, Watch(watch.probes | {"packets"}, watch.progress, watch.stop, watch.say))
    if raw.status == INTERRUPTED:
        return None
    senders = len(senders_of(traffic, nodes))
    point = measure(load, plan, raw, Window(run.warmup * clock, sent * clock, clock, senders))
    if not run.priced:
        return point
    flits_hz = point.figures["accepted"] * senders * PS_PER_S / clock
    return replace(point, figures=point.figures | spent_at(chip, plan, raw, point.figures["cycles"] * clock, flits_hz))


def base_plan(run: NocRun) -> Plan:
    """The plan of a run without its packets; cores take in what comes at once, so what their work would cost is of no interest.

    Raises:
        ConfigError: the network cannot be built, or can deadlock.
    """
    program = PROGRAMS.get(SENDS)
    workload = SyntheticWorkload(kind="synthetic", load=1.0, cycles=run.cycles)  # what is sent at which load comes later
    experiment = Experiment.model_construct(chip=run.chip, workload=workload, seed=run.seed, until=None, faults=run.faults)
    plan = program.lower(experiment, np.zeros((0, 4), np.int64), None)
    return replace(
        plan, own=replace(plan.own, window=run.window), sinks=1, action_time=np.full_like(plan.action_time, _clock(run.chip))
    )


def _clock(chip: ChipSpec) -> int:
    """Length of a cycle in ps."""
    refuse_unknown(chip, ("noc.flit_time",))
    return int(chip.noc.flit_time.value or 1)


def _told(point: NocPoint | None) -> dict[str, float] | None:
    return None if point is None else {"load": float(point.load), "accepted": float(point.figures["accepted"])}


def _curve(run: NocRun, points: Sequence[NocPoint], interrupted: bool, asked: Sequence[Fraction] = ()) -> NocCurve:
    noc, nodes = run.chip.noc, nodes_of(run.chip)
    told = "formula"
    senders = senders_of(run.traffic(Fraction(1)), nodes)
    # ways round what is dead are longer, and what is dead neither sends nor receives
    sound = all(isinstance(fault, FlitLoss) for fault in run.faults)
    t0 = zero_load(noc, run.flits, mean_distance(noc, nodes, run.pattern, senders, run.seed) if sound else None)
    lowest = min(points, key=lambda point: point.load, default=None)
    if t0 is None and lowest is not None and lowest.figures["mean_links"] is not None:
        told = "formula with measured distance"
        same = noc.link_latency_ew.value == noc.link_latency_ns.value or not noc.joined.grid
        t0 = zero_load(noc, run.flits, (float(lowest.figures["mean_links"]), 0.0, 0.0)) if same else None
        if t0 is None:
            told, t0 = "lowest load", lowest.figures["mean_latency"]
    return NocCurve(run, tuple(points), t0, told, interrupted, tuple(asked))


def _latency(point: NocPoint) -> float:
    latency = point.figures["mean_latency"]
    return float("inf") if latency is None else float(latency)


def _crossing(points: Sequence[NocPoint], limit: float | None) -> float | None:
    if limit is None:
        return None
    ordered = sorted(points, key=lambda point: point.load)
    for below, above in pairwise(ordered):
        low, high = _latency(below), _latency(above)
        if low < limit <= high:
            if high == float("inf"):
                return None
            # latency grows by a factor and not by a step there: a straight line would find the knee too early
            return float(below.load) + log(limit / low) / log(high / low) * float(above.load - below.load)
    return None


def _rounded(load: Fraction) -> Fraction:
    """Three significant digits, so that a load can be said."""
    return Fraction(f"{float(load):.3g}")
