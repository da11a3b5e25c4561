"""``chipsim noc``: the latency of a network-on-chip against the load that it is offered."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import asdict
from fractions import Fraction
from pathlib import Path
from time import monotonic
from typing import TYPE_CHECKING, Annotated, Any

import typer

from chipsim.cli.options import Json, MemoryLimit, Out, Quiet, bytes_of
from chipsim.cli.output import empty_folder, tell
from chipsim.cli.unused import say_unused_options
from chipsim.errors import ConfigError, UsageError

if TYPE_CHECKING:
    from chipsim.pipeline.noc import NocCurve
    from chipsim.pipeline.noc_measure import NocPoint

INTERRUPTED = 130

_ENGINES = ("auto", "reference", "compiled")
_MOST_LOADS = 1000
_NUMBER = re.compile(r"(\d{1,20}(\.\d{0,20})?|\.\d{1,20})([eE][-+]?\d{1,2})?|\d{1,20}/0*[1-9]\d{0,19}", re.ASCII)


def _whole(low: int, high: int, help_: str) -> Any:
    """A whole number that the chip, or a bare network, has a value for."""
    return typer.Option(metavar="N", min=low, max=high, help=help_, show_default=False)


def noc(  # noqa: PLR0913  one parameter is one option
    topology: Annotated[
        str | None, typer.Option(metavar="NAME", help="mesh, torus, cmesh, ring, mesh3d, tree or graph.", show_default=False)
    ] = None,
    width: Annotated[int | None, _whole(1, 2**16, "Tiles in a row; 8.")] = None,
    height: Annotated[int | None, _whole(1, 2**16, "Rows; 8, or with a width given the same.")] = None,
    depth: Annotated[int | None, _whole(1, 2**16, "Layers (torus, mesh3d).")] = None,
    arity: Annotated[int | None, _whole(1, 32, "Children of a router (tree).")] = None,
    edges: Annotated[
        Path | None, typer.Option(metavar="FILE", help="CSV file of links: a,b per line (graph).", show_default=False)
    ] = None,
    concentration: Annotated[int | None, _whole(1, 64, "Cores per router; 1, on a cmesh 4.")] = None,
    link_latency: Annotated[int | None, _whole(1, 2**20, "Cycles of a link between routers, and of its credits; 1.")] = None,
    router: Annotated[str | None, typer.Option(metavar="KIND", help="wormhole, queued or ideal.", show_default=False)] = None,
    vcs: Annotated[int | None, _whole(1, 31, "Virtual channels of an input; 4.")] = None,
    buffer: Annotated[int | None, _whole(1, 2**16, "Flits that a virtual channel holds; 8.")] = None,
    timing: Annotated[
        str | None, typer.Option(metavar="S|L|D", help="Cycles of a router: S 2, L 3, D 4.", show_default=False)
    ] = None,
    vc_reuse: Annotated[
        str | None,
        typer.Option(metavar="WHEN", help="early, or atomic: a channel is given away when it is empty.", show_default=False),
    ] = None,
    ejection: Annotated[
        int | None, _whole(1, 2**31 - 1, "Messages that may wait at a core before its router is held back.")
    ] = None,
    routing: Annotated[
        str | None,
        typer.Option(
            metavar="NAME",
            help="xy, yx, west-first, odd-even, adaptive, dateline, table, updown; what is natural by default.",
            show_default=False,
        ),
    ] = None,
    traffic: Annotated[
        str,
        typer.Option(
            metavar="PATTERN",
            help="uniform, transpose, bitcomp, bitrev, shuffle, tornado, neighbor, randperm, hotspot or bursty.",
        ),
    ] = "uniform",
    hotspots: Annotated[
        str | None,
        typer.Option(metavar="N,N", help="Nodes that hotspot prefers; the one in the middle.", show_default=False),
    ] = None,
    hotspot_share: Annotated[str, typer.Option(metavar="P", help="Share of the packets that goes to hotspots.")] = "0.2",
    burst_alpha: Annotated[
        str | None,
        typer.Option(metavar="P", help="Probability per cycle that a source goes on; 0.5 with bursty.", show_default=False),
    ] = None,
    burst_beta: Annotated[
        str | None, typer.Option(metavar="P", help="Probability per cycle that it goes off; 0.5.", show_default=False)
    ] = None,
    flits: Annotated[str, typer.Option(metavar="N,N", help="Flits of a packet; several lengths are as likely.")] = "1",
    load: Annotated[
        str | None,
        typer.Option(
            metavar="X,X|A:B:STEP",
            help="Flits per node and cycle; without it the knee is looked for.",
            show_default=False,
        ),
    ] = None,
    senders: Annotated[str, typer.Option(metavar="P", help="Share of the nodes that send; loads are theirs.")] = "1",
    window: Annotated[
        int | None, _whole(1, 2**31 - 1, "Packets that a node may have on the way at once (a closed loop); any number.")
    ] = None,
    dead_link: Annotated[
        list[str] | None,
        typer.Option(
            metavar="A-B", help="Links between two routers that are dead, A>B one way; again for more.", show_default=False
        ),
    ] = None,
    dead_router: Annotated[
        list[int] | None, typer.Option(metavar="N", min=0, max=2**24, help="A dead router; again for more.", show_default=False)
    ] = None,
    dead_core: Annotated[
        list[int] | None, typer.Option(metavar="N", min=0, max=2**24, help="A dead core; again for more.", show_default=False)
    ] = None,
    loss: Annotated[
        str | None, typer.Option(metavar="P", help="Share of the flits that links lose, such as 1e-6.", show_default=False)
    ] = None,
    retransmit: Annotated[bool, typer.Option("--retransmit", help="Lost flits are sent again, after 100 ns.")] = False,
    cycles: Annotated[int, typer.Option(metavar="N", min=1, max=2**40, help="Cycles that are measured.")] = 20_000,
    warmup: Annotated[int, typer.Option(metavar="N", min=0, max=2**40, help="Cycles before them.")] = 5_000,
    seed: Annotated[int, typer.Option(min=0, max=2**63 - 1, help="Of the traffic.")] = 1,
    engine: Annotated[str, typer.Option(metavar="ENGINE", help="auto, reference or compiled.")] = "auto",
    chip: Annotated[
        str | None,
        typer.Option(metavar="NAME|FILE", help="Take the network of a chip instead of bare routers.", show_default=False),
    ] = None,
    force: Annotated[
        bool, typer.Option("--force", help="Run a routing that can deadlock; replace what is in the folder.")
    ] = False,
    memory_limit: MemoryLimit = None,
    out: Out = None,
    json: Json = False,
    quiet: Quiet = False,
) -> None:
    """Measure a network-on-chip: latency against offered load.

    Bare routers, or those of a chip, under synthetic traffic; knee, saturation, load of every link. Saturation is a result, not an error.
    """
    from chipsim.cli.progress import shown_stages
    from chipsim.cli.stop import stop_on_signals
    from chipsim.engines.base import Watch
    from chipsim.pipeline.noc import NocRun, noc_curve, noc_points  # heavy, and --help must be quick
    from chipsim.pipeline.noc_chip import NocOptions, noc_chip

    if engine not in _ENGINES:
        raise UsageError(f"--engine: found {engine!r:.40}; allowed: {', '.join(_ENGINES)}")
    options = NocOptions(
        topology=topology,
        width=width,
        height=height if height is not None or chip is not None else _height(topology, width),
        depth=depth,
        arity=arity,
        edges=str(edges.absolute()) if edges is not None else None,
        concentration=concentration,
        router=router,
        routing=routing,
        vcs=vcs,
        buffer=buffer,
        timing=timing,
        vc_reuse=vc_reuse,
        ejection=ejection,
        allow_deadlock=True if force else None,
        link_latency=link_latency,
    )
    pattern, burst = _traffic(traffic, hotspots, hotspot_share, burst_alpha, burst_beta)
    run = NocRun(
        chip=noc_chip(options, chip),
        pattern=pattern,
        flits=_lengths(flits),
        cycles=cycles,
        warmup=warmup,
        seed=seed,
        burst=burst,
        senders=_share("--senders", senders),
        engine=engine,
        memory_limit=bytes_of(memory_limit),
        window=window or 0,
        faults=_faults(dead_link or [], dead_router or [], dead_core or [], loss, retransmit),
        priced=chip is not None,
    )
    if run.window and run.faults:
        raise UsageError("--window: a closed loop waits for ever for packets that are lost; leave out --window, or the faults")
    loads = None if load is None else _loads(load)
    say_unused_options(run.chip, asdict(options), quiet)
    folder = empty_folder(out, force)

    points: list[NocPoint] = []
    took: list[float] = []
    begin = monotonic()

    def finished(point: NocPoint) -> None:
        points.append(point)
        took.append(monotonic() - begin - sum(took))
        if not quiet:
            typer.echo(_progress_line(point) + _left(points, took, loads or ()), err=True)

    with stop_on_signals(quiet) as request, shown_stages(quiet) as stage:
        say = (lambda _: None) if quiet else (lambda text: typer.echo(text, err=True))
        watch = Watch(stop=lambda: request.asked, say=say, stage=stage)
        curve = noc_curve(run, watch, finished) if loads is None else noc_points(run, loads, watch, finished)
        if folder is not None:
            stage("writing the report")
            _write(folder, curve)
    summary = curve.summary()
    if json:
        from chipsim.results.store import summary_text

        tell(summary_text(summary), nl=False)
    if not quiet:
        from chipsim.cli.noc_lines import noc_lines

        tell("\n".join(noc_lines(summary, folder)), err=json)
    if curve.interrupted:
        raise typer.Exit(INTERRUPTED)


def _height(topology: str | None, width: int | None) -> int | None:
    """Rows where only a width is given: as many on a plane, one where tiles are only counted."""
    from chipsim.config.topology import TOPOLOGIES

    in_a_row = topology in TOPOLOGIES.names() and not TOPOLOGIES.get(str(topology)).grid
    return 1 if in_a_row and width is not None else width


def _traffic(name: str, hotspots: str | None, share: str, alpha: str | None, beta: str | None) -> tuple[Any, Any]:
    """Pattern and bursts."""
    from chipsim.errors import ConfigError
    from workloads.synthetic import Burst, Pattern, pattern_named

    try:
        known = pattern_named(name)
    except ConfigError as error:
        raise UsageError(f"--{error}") from None
    spots = _numbers("--hotspots", hotspots, 0, 2**24, "nodes") if hotspots is not None else ()
    if spots and known != "hotspot":
        raise UsageError(f"--hotspots: with traffic {known}; allowed: with --traffic hotspot")
    burst = None
    if known == "bursty" or alpha is not None or beta is not None:
        burst = Burst(_share("--burst-alpha", alpha or "0.5"), _share("--burst-beta", beta or "0.5"))
    return Pattern(known, spots, _share("--hotspot-share", share)), burst


def _faults(links: list[str], routers: list[int], cores: list[int], loss: str | None, retransmit: bool) -> tuple[Any, ...]:
    """What is dead from the start, and what links lose."""
    from chipsim.config.faults import DeadCore, DeadLink, DeadRouter, FlitLoss, parse_rate

    found: list[Any] = []
    for text in links:
        match = re.fullmatch(r"(\d{1,8})([->])(\d{1,8})", text.strip(), re.ASCII)
        if match is None:
            raise UsageError(f"--dead-link: found {text!r:.40}; allowed: two routers, such as 5-6, or 5>6 for one way only")
        found.append(DeadLink(kind="dead_link", a=int(match[1]), b=int(match[3]), one_way=match[2] == ">"))
    found += [DeadRouter(kind="dead_router", router=number) for number in routers]
    found += [DeadCore(kind="dead_core", core=number) for number in cores]
    if loss is not None:
        try:
            found.append(FlitLoss(kind="flit_loss", rate=parse_rate(loss), retransmit=retransmit))
        except ConfigError:
            raise UsageError(f"--loss: found {loss!r:.40}; allowed: a rate from 0, below 1, such as 1e-6 or 1/1000") from None
    elif retransmit:
        raise UsageError("--retransmit: without --loss nothing is lost; allowed: with --loss")
    return tuple(found)


def _lengths(text: str) -> tuple[int, ...]:
    from chipsim.machine.message import MOST_FLITS

    return _numbers("--flits", text, 1, MOST_FLITS, "flits of a packet, one or several lengths")


def _numbers(option: str, text: str, low: int, high: int, what: str) -> tuple[int, ...]:
    try:
        found = tuple(int(part) for part in text.split(","))
    except ValueError:
        found = ()
    if not found or not all(low <= number <= high for number in found):
        raise UsageError(
            f"{option}: found {text!r:.60}; allowed: {what}, whole numbers from {low} to {high} with commas between"
        )
    return found


def _share(option: str, text: str) -> Fraction:
    value = _fraction(text)
    if value is None or not 0 < value <= 1:
        raise UsageError(f"{option}: found {text!r:.40}; allowed: a probability above 0, at most 1")
    return value


def _fraction(text: str) -> Fraction | None:
    """A number in decimals or as a fraction; None if it is none, or has so many digits that it could only be meant to harm."""
    return Fraction(text.strip()) if _NUMBER.fullmatch(text.strip()) else None


def _loads(text: str) -> tuple[Fraction, ...]:
    """Loads as ``0.05,0.1`` and ``0.05:0.4:0.05``, both ends included, mixed with commas."""
    wrong = UsageError(
        f"--load: found {text!r:.60}; allowed: flits per node and cycle, above 0, at most 1, with commas between, or FROM:TO:STEP, at most"
        f" {_MOST_LOADS} of them"
    )
    loads: list[Fraction] = []
    for part in text.split(","):
        found = [_fraction(word) for word in part.split(":")]
        numbers = [number for number in found if number is not None]
        if len(numbers) < len(found) or len(numbers) not in (1, 3):
            raise wrong
        if len(numbers) == 1:
            loads.append(numbers[0])
            continue
        first, last, step = numbers
        if step <= 0 or last < first or (last - first) / step >= _MOST_LOADS:
            raise wrong
        loads += [first + n * step for n in range((last - first) // step + 1)]
    if len(loads) > _MOST_LOADS or not all(0 < load <= 1 for load in loads):
        raise wrong
    return tuple(loads)


def _write(folder: Path, curve: NocCurve) -> None:
    """``noc.json``, ``points.csv``, ``links.csv`` and the figures."""
    from chipsim.results.store import write_summary
    from reports.noc import write_noc_report

    summary = curve.summary()
    write_summary(folder, summary, "noc.json")
    write_noc_report(folder, summary, [(float(point.load), point.links) for point in curve.points])


def _progress_line(point: NocPoint) -> str:
    from chipsim.cli.noc_lines import cycles

    figures = point.figures
    return (
        f"load {float(point.load):.4g}: latency {cycles(figures['mean_latency'])}, accepted {figures['accepted']:.4g}"
        f"{'' if figures['stable'] else ', saturated'}, {figures['flit_hops']:,} flit-hops in {figures['cpu_s']:.3g} s"
    )


def _left(points: list[NocPoint], took: list[float], loads: Sequence[Fraction]) -> str:
    """Time left. Where all loads are given work goes with flits, and so with load; else as the search goes on.

    Args:
        points: measured so far.
        took: seconds of each.
        loads: that were asked for; empty where the knee is looked for.
    """
    from chipsim.cli.progress import left_of
    from chipsim.cli.series_left import search_left
    from chipsim.terminal import si

    if loads:
        return left_of(sum(float(point.load) for point in points), float(sum(loads)), sum(took))
    found = (float("inf") if (one := point.figures["mean_latency"]) is None else float(one) for point in points)
    left = search_left(
        [(float(point.load), latency, seconds) for point, latency, seconds in zip(points, found, took, strict=True)]
    )
    return "" if left is None else f", about {si(left, 's')} left"
