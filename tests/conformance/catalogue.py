"""The scenarios that every engine runs."""

from __future__ import annotations

from dataclasses import dataclass

from chipsim.config.catalogue import source_path
from chipsim.config.experiment import Experiment
from tests.scenarios import JACK, small

RIVAL_WORDS = JACK.parent / "rivals.txt"
"""Words that share first and last letter, then others each of which is two letters from several of them."""

BIG_CORE = ("chip.core.neurons=1024", "chip.core.memory=64 KiB", "chip.core.axons=null")
"""Room for everything on few cores."""


@dataclass(frozen=True, slots=True)
class Scenario:
    """An experiment by name.

    Attributes:
        settings: ``--set`` texts on top of the small text or of the shipped log.
        base: shipped experiment.
        whole: all events are answered and everything is stored, so that the golden model knows the outcome.
    """

    name: str
    settings: tuple[str, ...] = ()
    base: str = "text-small"
    whole: bool = True

    def experiment(self) -> Experiment:
        """The experiment, loaded afresh."""
        return small(*self.settings, base=self.base)


def _mesh(width: int, height: int, *more: str) -> tuple[str, ...]:
    return f"chip.noc.width={width}", f"chip.noc.height={height}", *more


IDEAL, UNICAST, KEYED = "chip.noc.router=ideal", "chip.noc.cast=unicast", "workload.match=keyed"
TICK = "chip.core.pace=tick"
METIS = "mapping.partitioner=metis"
SATURATE = "workload.rate=saturate"
REGIONS = ("chip.growth.region_width=2", "chip.growth.region_height=2")
EMPTY = ("workload.learned=0", "workload.symbols=120")
COLUMNS = "chip.noc.tile_order=column"
ODD = ("chip.noc.link_latency_ew.value=4099 ps", "chip.noc.link_latency_ns.value=6521 ps")
"""Link delays without a common divisor: the unit of time is 1 ps."""
CLOCKED_KEYS = (TICK, "chip.core.tick=250 ns", KEYED, UNICAST)

SLEEPS = ("workload.compaction=sleep", "workload.learned=0", "workload.symbols=240", "chip.core.neurons=48")
MOVES = ("mapping.growth.policy=axons", "mapping.growth.migrate.least_gain=0.0")
LONGER = ("workload.learned=0", "workload.symbols=240", "chip.core.neurons=8", "chip.noc.width=6", "chip.noc.height=6")
BIGGER = ("chip.core.neurons=64", "chip.noc.width=6", "chip.noc.height=6")

SUM, HALF = "workload.recognise.mode=sum", "workload.recognise.threshold=0.5"
SOUGHT = (
    f"workload.path={source_path('docs-topics', '.txt')}",
    "workload.learned=2000",
    "workload.symbols=120",
    "chip.core.neurons=64",
)
"""Text in which vectors that sum compete."""

INHIBITION = "workload.wta=inhibition"
RIVALS = (
    SUM, f"workload.path={RIVAL_WORDS}", "workload.layers=1", "workload.episode=8", "workload.learned=320", "workload.symbols=64",
)  # fmt: skip

SCENARIOS = (
    Scenario("queued multicast", (METIS,)),  # with the default the packets meet nowhere
    Scenario("ideal multicast", (IDEAL, METIS)),
    Scenario("queued unicast", (UNICAST,)),
    Scenario("ideal unicast", (IDEAL, UNICAST)),
    Scenario("queued multicast keyed", (KEYED,)),
    Scenario("ideal unicast keyed", (IDEAL, UNICAST, KEYED)),
    Scenario("from nothing", EMPTY),
    Scenario("from nothing, keyed", (*EMPTY, KEYED)),
    Scenario("from nothing, saturated", (*EMPTY, SATURATE)),
    Scenario("last symbol alone", ("workload.learned=119", "workload.symbols=1")),
    Scenario("slow ticks", (TICK, "chip.core.tick=1 us")),
    Scenario("ticks that are always late", (TICK, "chip.core.tick=40 ns", SATURATE)),
    Scenario("ticks, unicast, saturated", (TICK, "chip.core.tick=333 ns", UNICAST, SATURATE)),
    Scenario("ticks, keyed", (TICK, "chip.core.tick=250 ns", KEYED)),
    Scenario("arity 3", ("workload.wta_arity=3",)),
    Scenario("arity 8, unicast", ("workload.wta_arity=8", UNICAST, *EMPTY)),
    Scenario("overrun at 50 MHz", ("workload.rate=50 MHz",)),
    Scenario("1 kHz", ("workload.rate=1 kHz",)),
    Scenario("one core", _mesh(1, 1, *BIG_CORE)),
    Scenario("one core, keyed, from nothing", _mesh(1, 1, *BIG_CORE, KEYED, *EMPTY)),
    Scenario("a row of eight", _mesh(8, 1)),
    Scenario("a column of eight, unicast", _mesh(1, 8, UNICAST)),
    Scenario("two cores on a tile", _mesh(4, 2, "chip.noc.concentration=2")),
    Scenario("two cores on a tile, unicast, saturated", _mesh(4, 2, "chip.noc.concentration=2", UNICAST, SATURATE)),
    Scenario("three cores on a tile, from nothing", _mesh(2, 2, "chip.noc.concentration=3", *EMPTY)),
    Scenario("four regions", (*REGIONS, *EMPTY)),
    Scenario("four regions that fill up", (*REGIONS, "chip.core.neurons=4", *EMPTY)),
    Scenario("no room", ("chip.core.neurons=2", *EMPTY), whole=False),
    Scenario("no room, keyed", ("chip.core.neurons=2", *EMPTY, KEYED), whole=False),
    Scenario("axons run out", ("chip.core.axons=4", *EMPTY), whole=False),
    Scenario("alerts for new", ("workload.alerts=new",)),
    Scenario("alerts for all, unicast", ("workload.alerts=all", UNICAST)),
    Scenario("logarithmic intervals", ("workload.interval=log2", *EMPTY)),
    Scenario("gaps that cut", ("workload.max_gap=3",)),
    Scenario("read by pass", ("workload.reading=pass", "workload.layers=6", *EMPTY)),
    Scenario("read by pass, keyed, unicast", ("workload.reading=pass", KEYED, UNICAST, *EMPTY)),
    Scenario("read by pass, logarithmic intervals", ("workload.reading=pass", "workload.interval=log2", *EMPTY)),
    Scenario("summing", (SUM, *SOUGHT)),
    Scenario("summing with half, unicast, arity 3, saturated", (SUM, HALF, *SOUGHT, UNICAST, SATURATE, "workload.wta_arity=3")),
    Scenario("summing, by pass, in ticks", (SUM, "workload.reading=pass", *SOUGHT, TICK, "chip.core.tick=1 us")),
    Scenario(
        "summing, logarithmic intervals, growth by axons",
        (SUM, "workload.interval=log2", *SOUGHT, *BIG_CORE, "mapping.growth.policy=axons"),
    ),
    Scenario("summing, neurons move", (SUM, HALF, *LONGER, *MOVES)),
    Scenario("summing, no memory", (SUM, HALF, *EMPTY, "chip.core.memory=500 B", "chip.core.neurons=16"), whole=False),
    Scenario("inhibition", (INHIBITION, *EMPTY)),
    Scenario("inhibition, summing, odd link delays", (INHIBITION, *RIVALS, *ODD)),
    Scenario(
        "inhibition, summing, unicast, arity 3, in ticks",
        (INHIBITION, *RIVALS, UNICAST, "workload.wta_arity=3", TICK, "chip.core.tick=1 us"),
    ),
    Scenario("inhibition, summing, neurons move", (INHIBITION, SUM, HALF, *LONGER, *MOVES)),
    Scenario("log, inhibition", (INHIBITION, "workload.learned=8"), base="log-sample"),
    Scenario("log, summing", (SUM, "workload.recognise.tolerance=2"), base="log-sample"),
    Scenario("sleeps", SLEEPS, whole=False),  # ``tests/golden/test_sleep_chip.py`` holds sleep to the golden model
    Scenario("sleeps, keyed", (*SLEEPS, KEYED), whole=False),
    Scenario("one layer", ("workload.layers=1", *EMPTY)),
    Scenario("six layers, saturated", ("workload.layers=6", SATURATE, "workload.symbols=240")),
    Scenario("random mapping", ("mapping.partitioner=random", "mapping.placer=random", "mapping.seed=7")),
    Scenario("host elsewhere", ("chip.host.tile=10", "workload.alerts=all")),
    Scenario("wide flits", ("chip.noc.flit_bits=512",)),
    Scenario("byte flits", ("chip.noc.flit_bits=8", UNICAST)),
    Scenario("until", ("until=3 ms",), whole=False),
    Scenario("by columns", _mesh(5, 3, COLUMNS)),
    Scenario("by columns, ideal, unicast, from nothing", _mesh(3, 5, COLUMNS, IDEAL, UNICAST, *EMPTY)),
    Scenario("by columns, two cores on a tile, keyed", _mesh(2, 4, COLUMNS, KEYED, "chip.noc.concentration=2")),
    Scenario(
        "by columns, three cores on a tile, ticks",
        _mesh(2, 3, COLUMNS, TICK, "chip.core.tick=1 us", "chip.noc.concentration=3"),
    ),
    Scenario("four regions by columns, from nothing, unicast", _mesh(4, 4, COLUMNS, UNICAST, *REGIONS, *EMPTY)),
    Scenario("odd link delays", ODD),
    Scenario("odd link delays, unicast, saturated", (*ODD, UNICAST, SATURATE)),
    Scenario("odd link delays, ideal, from nothing", (*ODD, IDEAL, *EMPTY)),
    Scenario("keyed, unicast, ticks", (*CLOCKED_KEYS, SATURATE)),
    Scenario("keyed, unicast, ticks, from nothing, saturated", (*CLOCKED_KEYS, SATURATE, *EMPTY)),
    Scenario("until, in ticks, while it grows", (TICK, "chip.core.tick=1 us", "until=1 ms", *EMPTY), whole=False),
    Scenario("until, keyed, overrun", (KEYED, UNICAST, "workload.rate=50 MHz", "until=20 us"), whole=False),
    Scenario("slow host, alerts for all", ("chip.host.latency.value=3 us", "workload.alerts=all")),
    Scenario(
        "a bit flips",
        ("mapping.partitioner=metis", "faults=[{kind: flip_bit, at: 4 ms, core: 4, slot: 0, pair: 1, bit: 3, field: id}]"),
        whole=False,
    ),
    Scenario("growth by load", (*EMPTY, "mapping.growth.policy=load", UNICAST)),
    Scenario("growth by locality, four regions", (*EMPTY, *REGIONS, "mapping.growth.policy=locality")),
    Scenario("growth by axons", (*EMPTY, "mapping.growth.policy=axons")),
    Scenario("growth by axons, keyed", (*EMPTY, "mapping.growth.policy=axons", KEYED)),
    Scenario("neurons move", (*LONGER, *MOVES)),
    Scenario(
        "neurons move, unicast, saturated, one by one", (*LONGER, *MOVES, UNICAST, SATURATE, "mapping.growth.migrate.batch=1")
    ),
    Scenario(
        "neurons move, four regions, arity 3, in ticks",
        (*LONGER, *MOVES, *REGIONS, "workload.wta_arity=3", TICK, "chip.core.tick=1 us"),
    ),
    Scenario(
        "neurons move, loaded, axons run out",
        ("workload.learned=120", "workload.symbols=120", *MOVES, "chip.core.axons=9", *BIGGER),
    ),
    Scenario("neurons move without room", (*LONGER, *MOVES, "chip.core.memory=500 B", "chip.core.neurons=16"), whole=False),
    Scenario("log, neurons move", ("workload.learned=0", *MOVES, "chip.core.neurons=2"), base="log-sample"),
    Scenario("two recursive networks, listeners", (*EMPTY, "workload.recursive=2", "workload.listeners=3")),
    Scenario("log", (), base="log-sample"),
    Scenario("log, keyed, exact, unicast", (KEYED, UNICAST, "workload.interval=exact"), base="log-sample"),
    Scenario("log, learned half, in ticks", ("workload.learned=8", TICK, "chip.core.tick=1 us"), base="log-sample"),
)
