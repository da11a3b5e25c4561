"""How a chip scales: real runs of stored networks of several sizes at several rates, each held against 2 mW per core.

A point is one size at one rate. Its network lies on the smallest near-square mesh of the chip's cores that holds it; the claim is held
to the nominal number of cores, size / neurons per core.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any, Literal, cast

from chipsim.config.chip import ChipSpec
from chipsim.config.experiment import Experiment
from chipsim.config.load import load_chip
from chipsim.config.mapping import MappingSpec
from chipsim.energy.account import price
from chipsim.energy.claim import budget_of
from chipsim.engines.base import Watch
from chipsim.errors import ConfigError, MappingError, UsageError
from chipsim.pipeline import Loaded, collect, graph_of, load, make_mapping, make_plan, ready_engine, simulate, watched
from chipsim.pipeline.timing import timed
from chipsim.plan.inputs import Mapping
from chipsim.results.summary import peak_rss
from chipsim.units import PS_PER_S, format_frequency, parse_frequency_hz
from nsn_mapping.mappers.stored import fewest_cores
from workloads.kinds.arrays import ArraysWorkload, GenerateSpec
from workloads.kinds.generated import GeneratedWorkload
from workloads.kinds.nsn import fed

MATCHES = ("keyed", "associative", "both")
Point = dict[str, Any]

SIZES = "1e3,1e4,1e5,1e6"


@dataclass(frozen=True, slots=True)
class Load:
    """What a chip is scaled with.

    Attributes:
        rates: where none is given; empty for a network that rests.
        low, high: Hz that are allowed.
        of: what a rate is of, in words.
        example: of rates, and what they are of.
        spikes: whether it is a spiking network; else a stored one.
        modes: whether it may be matched in more than one way.
    """

    rates: str
    low: float
    high: float
    of: str
    example: str
    spikes: bool = False
    modes: bool = False


_EVENTS = '"5 kHz,50 kHz" (events of the whole network)'

LOADS = {
    "nsn": Load("5 kHz", 1e-3, 1e9, "input events per second", _EVENTS, modes=True),
    "lif": Load("10 Hz", 1.0, 100.0, "spikes per second and neuron", "10,100 (spikes of a neuron in Hz)", spikes=True),
    "idle": Load("", 1e-3, 1e9, "", _EVENTS),
}
"""By name: input events of a whole NSN, spikes of LIF neurons, an NSN at rest."""

SMALLEST, LARGEST = 500, 4_000_000
LONGEST_PERIOD = 1000
FAN_OUT = 100
TICK_PS = 10**9
IDLE_PS = PS_PER_S
FEWEST_EVENTS = 5000
FILL = 0.9

_SYNAPTIC_EVENTS = 2e7
"""Synaptic events that a LIF point aims at, so that its run is long enough to be timed: 20 steps of 10^6 neurons at 10 Hz."""

_FEWEST_STEPS, _MOST_STEPS = 2, 10_000

_GROWN_BY = 1.03
_TRIES = 24


@dataclass(frozen=True, slots=True)
class ScaleSpec:
    """What ``chipsim scale`` is asked for.

    Attributes:
        kind: ``nsn``, ``lif`` or ``idle``.
        sizes: neurons of the networks.
        rates: Hz: input events of a network (nsn), spikes of a neuron (lif); one None for idle.
        matches: matching modes of an NSN.
        events: input events of an NSN point, at least.
        chip: name or path of a chip; its mesh is made as large as needed.
        engine: as in an experiment.
        seed: of networks and inputs.
    """

    kind: str
    sizes: tuple[int, ...]
    rates: tuple[float | None, ...]
    matches: tuple[Literal["keyed", "associative"], ...] = ("keyed",)
    events: int = 20_000
    chip: str = "altai-256"
    engine: Literal["auto", "reference", "compiled"] = "auto"
    seed: int = 1

    @property
    def load(self) -> Load:
        """What the chip is scaled with."""
        return LOADS[self.kind]


def scale_spec(
    kind: str, sizes: str = SIZES, rates: str | None = None, match: str = "keyed", engine: str = "auto", **others: Any
) -> ScaleSpec:
    """Read the words of the command line.

    Args:
        kind: ``nsn``, ``lif`` or ``idle``.
        sizes: neurons, e.g. ``1e3,1e6``.
        rates: e.g. ``5 kHz,50000``, a number without a unit being Hz; None for the default of the kind.
        match: ``keyed``, ``associative`` or ``both``.
        engine: ``auto``, ``reference`` or ``compiled``.
        others: further fields of ``ScaleSpec``.

    Raises:
        UsageError: a word is not one of those allowed; says which are.
    """
    if kind not in LOADS:
        raise UsageError(f"--workload {kind!r:.40}: allowed: {', '.join(LOADS)}")
    load = LOADS[kind]
    if match not in MATCHES:
        raise UsageError(f"--match {match!r:.40}: allowed: {', '.join(MATCHES)}")
    if engine not in ("auto", "reference", "compiled"):
        raise UsageError(f"--engine {engine!r:.40}: allowed: auto, reference, compiled")
    if others.get("events", FEWEST_EVENTS) < FEWEST_EVENTS:
        raise UsageError(f"--events {others['events']}: allowed: {FEWEST_EVENTS:,} or more, so that every layer has winners")
    if not load.rates and rates is not None:
        raise UsageError("--rate: an idle network has no input; leave --rate out, or use --workload nsn or lif")
    found = tuple(_size(text) for text in sizes.split(","))
    matches = ("keyed", "associative") if match == "both" else (match,)
    asked = rates if rates is not None else load.rates
    hertz = tuple(_rate(text, kind) for text in asked.split(",")) if load.rates else (None,)
    return ScaleSpec(kind, found, hertz, matches if load.modes else matches[:1], engine=engine, **others)  # type: ignore[arg-type]


def run_scale(spec: ScaleSpec, watch: Watch | None = None, done: Callable[[Point], None] = lambda _: None) -> list[Point]:
    """Run every point, sizes outer, rates inner.

    Args:
        spec: what to run.
        watch: of the single runs; its stop ends the series too.
        done: called with each point when it is finished.

    Returns:
        Points: the keys of ``summary.json`` with ``workload``, ``size``, ``rate``, ``engine_events``, ``wall_s_per_event`` and ``scale``.

    Raises:
        ConfigError, MappingError, SimulationError, UsageError: as a run.
    """
    watch = watch or Watch()
    chip = load_chip(spec.chip)
    _warm(spec, chip, watch)
    points: list[Point] = []
    for number, size in enumerate(spec.sizes, 1):
        watch.stage(f"{size:,} neurons, size {number} of {len(spec.sizes)}")
        for point in (_lif_points if spec.load.spikes else _nsn_points)(spec, chip, size, watch):
            points.append(point)
            done(point)
            if point["status"] == "interrupted":
                return points
    return points


def scale_object(spec: ScaleSpec, points: Sequence[Point]) -> dict[str, Any]:
    """What ``chipsim scale --json`` prints: what was asked, and the points so far."""
    asked = {
        "sizes": list(spec.sizes),
        "rates": list(spec.rates),
        "matches": list(spec.matches) if not spec.load.spikes else [""],
    }
    return {"schema": 1, "workload": spec.kind, "asked": asked, "points": list(points)}


# -- words -------------------------------------------------------------------------------------------------------------------


def _size(text: str) -> int:
    try:
        value = Decimal(text.strip())
        whole = value == value.to_integral_value() and SMALLEST <= value <= LARGEST
    except ArithmeticError:
        whole = False
    if not whole:
        raise UsageError(
            f"--sizes {text.strip()!r:.40}: allowed: whole numbers from {SMALLEST} to {LARGEST:,}, for example {SIZES}"
        )
    return int(value)


def _rate(text: str, kind: str) -> float:
    load = LOADS[kind]
    text = text.strip()
    try:
        hertz = float(Decimal(text))
    except ArithmeticError:
        try:
            hertz = parse_frequency_hz(text)
        except ConfigError as error:
            raise UsageError(f"--rate: {error}, or a number of Hz, for example {load.example}") from None
    if not load.low <= hertz <= load.high:
        raise UsageError(
            f"--rate {text!r:.40}: allowed with --workload {kind}: {load.low:g} to {load.high:g} Hz, for example {load.example}"
        )
    return hertz


# -- points ------------------------------------------------------------------------------------------------------------------


def _warm(spec: ScaleSpec, chip: ChipSpec, watch: Watch) -> None:
    """Load (and where it is new, compile) the engine before anything is timed."""
    if spec.load.spikes:
        simulate(_lif(spec, chip, 512, 100.0, steps=2), watch, limits=False)
        return
    experiment = _nsn(spec, chip, SMALLEST, 1e4, spec.matches[0], symbols=16 if spec.load.rates else 0)
    _on_smallest_mesh(load(experiment))
    simulate(_sized(experiment, 16), watch, limits=False)


def _nsn_points(spec: ScaleSpec, chip: ChipSpec, size: int, watch: Watch) -> Iterator[Point]:
    symbols = spec.events if spec.load.rates else 0
    first = _nsn(spec, chip, size, spec.rates[0], spec.matches[0], symbols)
    loaded = load(first)
    mapped: dict[str, tuple[Experiment, Mapping, float]] = {}
    for match in spec.matches:
        wall: dict[str, float] = {}
        with timed(wall, "map"):
            experiment, mapping = _on_smallest_mesh(_asked(loaded, _nsn(spec, chip, size, spec.rates[0], match, symbols)))
        mapped[match] = experiment, mapping, wall["map"]
    for rate in spec.rates:
        for match in spec.matches:
            sized, mapping, map_s = mapped[match]
            asked = _asked(loaded, _nsn(spec, sized.chip, size, rate, match, symbols))
            hertz = None if rate is None else parse_frequency_hz(format_frequency(rate))  # as the description has it
            yield _run_nsn(spec, replace(asked, wall_s=loaded.wall_s | {"map": map_s}), mapping, size, hertz, watch)


def _asked(loaded: Loaded, experiment: Experiment) -> Loaded:
    """The same network and input, for an experiment that differs in chip, rate or matching."""
    return replace(loaded, experiment=experiment, given=fed(loaded.given, cast(GeneratedWorkload, experiment.workload)))


def _run_nsn(spec: ScaleSpec, loaded: Loaded, mapping: Mapping, size: int, rate: float | None, watch: Watch) -> Point:
    experiment = loaded.experiment
    with timed(loaded.wall_s, "plan"):
        plan = make_plan(loaded, mapping)
        plan_hash = plan.fingerprint()
    with timed(loaded.wall_s, "code"):
        run = ready_engine(experiment.engine, plan, watch)
    with timed(loaded.wall_s, "run"):
        raw = run(plan, watched(experiment, watch), None)
    with timed(loaded.wall_s, "report"):
        summary = collect(loaded, mapping, plan, raw, plan_hash).summary
    return _point(spec, experiment.chip, summary, size, rate) | {"match": loaded.given.match}


def _lif_points(spec: ScaleSpec, chip: ChipSpec, size: int, watch: Watch) -> Iterator[Point]:
    for rate in spec.rates:
        assert rate is not None
        experiment = _lif(spec, chip, size, rate)
        yield _point(spec, experiment.chip, simulate(experiment, watch, limits=False).summary, size, rate)


def _point(spec: ScaleSpec, chip: ChipSpec, summary: Point, size: int, rate: float | None) -> Point:
    """A summary with the size that was asked, the nominal envelope, and what the claim comes to on it."""
    cores, used = -(-size // chip.core.neurons), summary["mapping"]["cores_used"]
    budget, static = budget_of(chip), price(chip.power.static_per_core)
    claim = summary["claim"] | {"neurons": size, "cores": cores}
    in_use_w = claim["cores_in_use"] * static * 1e-3
    envelope = None if budget is None else cores * budget * 1e-3
    each = claim.get("dynamic_j_per_event")
    left = None if envelope is None else envelope - in_use_w
    counts, wall = summary["counts"], summary["wall_s"]["run"]
    events = counts["records"] + counts["neuron_updates"]
    return {
        "workload": spec.kind,
        "size": size,
        "rate": rate,
        **summary,
        "claim": claim,
        "power_w": summary["power_w"] | {"envelope": envelope},
        "peak_rss_bytes": peak_rss(),
        "engine_events": events,
        "wall_s_per_event": wall / events if events else None,
        "scale": {
            "rate_of": LOADS[spec.kind].of,
            "cores_nominal": cores,
            "cores_used": used,
            "envelope_w": envelope,
            "static_w": in_use_w,
            "bottom_up_w": claim["watts"],
            "within_envelope": None if envelope is None else claim["watts"] <= envelope,
            "paid_rate_hz": max(0.0, left / each) if each and left is not None else None,
        },
    }


# -- experiments -------------------------------------------------------------------------------------------------------------


def _nsn(spec: ScaleSpec, chip: ChipSpec, size: int, rate: float | None, match: Any, symbols: int) -> Experiment:
    return Experiment(
        name=f"scale-{spec.kind}-{size}",
        chip=chip,
        workload=GeneratedWorkload(
            kind="generated",
            source="docs-topics",
            neurons=size,
            symbols=symbols,
            seed=spec.seed,
            match=match,
            rate=format_frequency(float(rate or 1.0)),
        ),
        mapping=MappingSpec(partitioner="sequential", placer="hilbert", seed=1, fill=FILL),
        engine=spec.engine,
        seed=spec.seed,
        until=f"{IDLE_PS} ps" if not symbols else None,
    )


def _lif(spec: ScaleSpec, chip: ChipSpec, size: int, rate: float, steps: int | None = None) -> Experiment:
    period = max(1, round(PS_PER_S / TICK_PS / rate))
    if steps is None:
        steps = max(_FEWEST_STEPS, min(_MOST_STEPS, math.ceil(_SYNAPTIC_EVENTS * period / (size * FAN_OUT))))
    core = chip.core.model_copy(update={"pace": "tick", "tick": TICK_PS})
    noc = chip.noc.model_copy(update={"cast": "unicast"})  # random targets share no way, and trees to all of them fill no table
    return Experiment(
        name=f"scale-lif-{size}",
        chip=with_cores(chip.model_copy(update={"core": core, "noc": noc}), -(-size // chip.core.neurons)),
        workload=ArraysWorkload(
            kind="arrays",
            generate=GenerateSpec(neurons=size, fan_out=FAN_OUT, period=period, seed=spec.seed),
            steps=steps,
        ),
        mapping=MappingSpec(partitioner="sequential", placer="hilbert", seed=1, fill=1.0),
        engine=spec.engine,
        seed=spec.seed,
    )


def with_cores(chip: ChipSpec, cores: int) -> ChipSpec:
    """The chip on the smallest near-square mesh with so many cores at the least; with levels, as many chips as it has, each larger.

    Raises:
        UsageError: the chip is no mesh or torus.
    """
    if chip.noc.topology not in ("mesh", "torus"):
        raise UsageError(
            f"chip {chip.name}: scale makes the mesh of a chip as large as needed, and its chip.noc.topology is {chip.noc.topology};"
            " allowed: mesh, torus"
        )
    across, down = math.prod(level.width for level in chip.noc.levels), math.prod(level.height for level in chip.noc.levels)
    tiles = -(-cores // chip.noc.concentration)
    width = -(-(math.isqrt(max(1, tiles) - 1) + 1) // across) * across
    height = -(-tiles // (width * down)) * down
    noc = chip.noc.model_copy(update={"width": width, "height": height, "depth": 1})
    return chip.model_copy(update={"noc": noc, "host": chip.host.model_copy(update={"tile": 0})})


def _sized(experiment: Experiment, cores: int) -> Experiment:
    return experiment.model_copy(update={"chip": with_cores(experiment.chip, cores)})


def _on_smallest_mesh(loaded: Loaded) -> tuple[Experiment, Mapping]:
    """Map a network on the smallest mesh that is found to hold it, from the cores that its memory needs at the least upwards.

    Raises:
        MappingError: no mesh of up to twice as many cores holds it.
    """
    experiment = loaded.experiment
    cores = fewest_cores(experiment.chip, graph_of(loaded), FILL, with_cores)
    for attempt in range(_TRIES):
        sized = _sized(experiment, cores)
        try:
            mapping = make_mapping(replace(loaded, experiment=sized))
            assert mapping is not None
            return sized, mapping
        except MappingError:
            if attempt + 1 == _TRIES:
                raise
        cores = max(cores + 1, math.ceil(cores * _GROWN_BY))
    raise AssertionError("a loop that returns or raises")
