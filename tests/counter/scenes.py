"""Runs whose every count is derived: texts and a log, both ways of matching, learned before or from nothing, with room and without."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

from chipsim.config.experiment import Experiment
from chipsim.config.load import load_experiment
from chipsim.engines.base import Watch
from chipsim.machine.raw import RawRun
from chipsim.pipeline import Loaded
from chipsim.plan.plan import Plan
from tests.counter.count import Counted, count
from tests.counter.order import watched
from tests.engines import lower, runner
from tests.scenarios import JACK


@dataclass(frozen=True, slots=True)
class Scene:
    """An experiment: ``settings`` on top of a shipped one."""

    settings: tuple[str, ...]
    base: str = "text-small"

    def experiment(self) -> Experiment:
        """The experiment, loaded afresh."""
        return load_experiment(self.base, self.settings)


SCRIPTS = JACK.parent / "scripts.txt"
"""A line that repeats itself, then symbols that were never seen before."""

UNICAST, KEYED = "chip.noc.cast=unicast", "workload.match=keyed"
SUM = "workload.recognise.mode=sum"
INHIBITION = "workload.wta=inhibition"
NOTHING = "workload.learned=0"
SMALL = ("chip.core.neurons=5", "mapping.fill=1.0")
VERSES = (f"workload.path={JACK}", "workload.layers=3", "workload.episode=30", "workload.symbols=120", *SMALL)
RIVALS = (
    f"workload.path={JACK.parent / 'rivals.txt'}", "workload.layers=1", "workload.episode=8", "workload.learned=320",
    "workload.symbols=192", SUM, *SMALL,
)  # fmt: skip
"""Words that share first and last letter, then others each of which is two letters from several of them."""
UNSEEN = (f"workload.path={SCRIPTS}", "workload.layers=2", "workload.episode=50", "workload.symbols=100", *SMALL)
TIGHT = (NOTHING, "workload.symbols=180", "workload.episode=15")
LINKED = (
    "workload.recursive={networks: 5, scale: 2, delay: 2, linked: true}",
    "workload.layers=2",
    "workload.episode=20",
    "chip.core.neurons=16",
)
REGIONS = ("chip.growth.region_width=2", "chip.growth.region_height=2")
LOAD, LOCALITY = "mapping.growth.policy=load", "mapping.growth.policy=locality"

CHAIN = ("workload.layers=1", "workload.episode=1", "chip.core.memory=400 B")
"""A record of many entries, on small cores."""

SCENES = {
    "verses from nothing": Scene((*VERSES, NOTHING)),
    "verses from nothing, keyed": Scene((*VERSES, NOTHING, KEYED)),
    "verses from nothing, unicast, arity 8": Scene((*VERSES, NOTHING, UNICAST, "workload.wta_arity=8")),
    "verses, learned half": Scene((*VERSES, "workload.learned=60", "workload.symbols=60")),
    "verses, a symbol alone": Scene((*VERSES, "workload.learned=119", "workload.symbols=1", KEYED)),
    "verses from nothing, by pass": Scene((*VERSES, NOTHING, "workload.reading=pass")),
    "verses by pass, keyed, unicast": Scene(
        (*VERSES, "workload.reading=pass", "workload.learned=60", "workload.symbols=60", KEYED, UNICAST)
    ),
    "log by pass": Scene(("workload.reading=pass",), "log-sample"),
    "documentation, summing": Scene((SUM, "workload.symbols=700")),
    "documentation from nothing, summing with half, unicast": Scene(
        (SUM, "workload.recognise.threshold=0.5", "workload.layers=4", NOTHING, UNICAST, "workload.symbols=900")
    ),
    "log, summing": Scene((SUM, "workload.recognise.tolerance=2"), "log-sample"),
    "no memory, summing": Scene((*VERSES, *TIGHT, SUM, "chip.core.memory=330 B", "chip.core.neurons=64")),
    "documentation, summing, inhibition": Scene(
        (SUM, INHIBITION, "workload.learned=3000", "workload.symbols=300", "workload.layers=3")
    ),
    "rivals, inhibition": Scene((*RIVALS, INHIBITION)),
    "rivals, inhibition, unicast, arity 3": Scene((*RIVALS, INHIBITION, UNICAST, "workload.wta_arity=3")),
    "rivals": Scene(RIVALS),
    "verses, inhibition, unicast, arity 8": Scene((*VERSES, NOTHING, UNICAST, INHIBITION, "workload.wta_arity=8")),
    "log, learned half, inhibition": Scene((INHIBITION, "workload.learned=8"), "log-sample"),
    "documentation, unicast": Scene((UNICAST,)),
    "documentation, multicast": Scene(()),
    "documentation, keyed": Scene((KEYED,)),
    "documentation from nothing": Scene((NOTHING,)),
    "symbols never seen": Scene((*UNSEEN, "workload.learned=100")),
    "symbols never seen, keyed, unicast": Scene((*UNSEEN, "workload.learned=100", KEYED, UNICAST)),
    "symbols never seen, from nothing, gaps": Scene((*UNSEEN, NOTHING, "workload.max_gap=3", "workload.symbols=200")),
    "log": Scene((), "log-sample"),
    "log, learned half, alerts for all": Scene(("workload.learned=8", "workload.alerts=all"), "log-sample"),
    "log, keyed, unicast": Scene((KEYED, UNICAST), "log-sample"),
    "log, exact, small cores": Scene(("workload.interval=exact", *SMALL), "log-sample"),
    "three cores on a tile, by columns": Scene(
        (*VERSES, NOTHING, "chip.noc.width=2", "chip.noc.height=3", "chip.noc.concentration=3", "chip.noc.tile_order=column")
    ),
    "four regions that fill up": Scene((*VERSES, NOTHING, *REGIONS, "chip.core.neurons=4")),
    "regions of unequal size that fill up": Scene(
        (*VERSES, NOTHING, *REGIONS, "chip.core.neurons=2", "chip.noc.width=5", "chip.noc.height=3")
    ),
    "no slots": Scene((*VERSES, *TIGHT, "chip.core.neurons=2")),
    "no slots, keyed": Scene((*VERSES, *TIGHT, "chip.core.neurons=2", KEYED)),
    "no slots for a log": Scene((NOTHING, "chip.core.neurons=1"), "log-sample"),
    "no axons": Scene((*VERSES, NOTHING, "chip.core.axons=4")),
    "no memory": Scene((*VERSES, *TIGHT, "chip.core.memory=330 B", "chip.core.neurons=64")),
    "no room for the record": Scene((*VERSES, NOTHING, "chip.core.memory=280 B")),
    "four regions of keepers": Scene((*VERSES, NOTHING, *REGIONS, *CHAIN, "chip.noc.width=5", "chip.noc.height=3")),
    "keepers, learned before, keyed": Scene((*VERSES, "workload.learned=90", "workload.symbols=30", *CHAIN, KEYED)),
    "all keepers full": Scene((*VERSES, NOTHING, *CHAIN, "chip.core.memory=330 B", "chip.noc.width=2", "chip.noc.height=2")),
    "growth by load, unicast": Scene((*VERSES, NOTHING, LOAD, UNICAST)),
    "growth by load without axons, four regions": Scene((*VERSES, NOTHING, LOAD, *REGIONS, "chip.core.axons=9")),
    "two recursive networks from nothing, listeners": Scene(
        (
            *VERSES,
            NOTHING,
            "workload.recursive=2",
            "workload.listeners=[{layer: 0}, {layer: 1}, {layer: 2, network: 1}, {layer: 3}]",
        )
    ),
    "recursive networks, unicast, small cores": Scene(
        (*VERSES, NOTHING, UNICAST, "workload.recursive=1", "workload.listeners=4")
    ),
    "five recursive networks, linked, later, learned half": Scene(
        (*VERSES, *LINKED, "workload.learned=60", "workload.symbols=60")
    ),
    "recursive networks of a log": Scene(("workload.recursive=2", "workload.listeners=3"), "log-sample"),
    "recursive networks without room": Scene((*VERSES, *TIGHT, "chip.core.neurons=3", "workload.recursive=1")),
    "growth by locality, four regions": Scene((*VERSES, NOTHING, LOCALITY, *REGIONS)),
}

LARGE = {
    "main job": Scene((), "text"),
    "main job, keyed": Scene((KEYED,), "text"),
    "documentation, 10,000 characters from nothing, unicast": Scene((NOTHING, "workload.symbols=10000", UNICAST), "text"),
    "documentation, 10,000 characters from nothing, keyed": Scene((NOTHING, "workload.symbols=10000", KEYED), "text"),
}
"""The shipped job, and one that grows more: half a minute each."""


@dataclass(frozen=True, slots=True)
class Played:
    """A scene on the reference engine, and what it must have counted."""

    plan: Plan
    raw: RawRun
    counted: Counted


@cache
def lowered(name: str) -> tuple[Loaded, Plan]:
    """Everything that comes before an engine."""
    prepared, _, plan = lower((SCENES | LARGE)[name].experiment())
    return prepared, plan


def play_anew(name: str) -> Played:
    """Run a scene and derive its counts."""
    prepared, plan = lowered(name)
    with watched() as taken:
        raw = runner("reference")(plan, Watch())
    given = prepared.given
    return Played(plan, raw, count(plan, raw, given.stimulus, given.rules, given.first_item, taken))


play = cache(play_anew)
"""Likewise, once."""
