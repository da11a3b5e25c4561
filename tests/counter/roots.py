"""What the root of a layer does with its segments, and what that makes others do."""

from __future__ import annotations

from chipsim.network.rules import NsnRules
from tests.counter.growth import Growth
from tests.counter.index import Index
from tests.counter.keepers import Keepers
from tests.counter.network import Held
from tests.counter.places import Places
from tests.counter.quorum import present
from tests.counter.tally import Tally
from tests.counter.told import GROWS, HOLE, PASSES, WAITS, WINS, Rival, Segment, Vector
from tests.counter.trie import Trie

ALERT_NEW, ALERT_ALL = 1, 2


class Root:
    """The root of one layer; ``held`` grows as it decides."""

    def __init__(
        self, layer: int, places: Places, tally: Tally, index: Index, trie: Trie, held: Held, rules: NsnRules, keepers: Keepers
    ) -> None:
        self.rules = rules
        self.layer, self.places, self.tally, self.index, self.trie, self.held = layer, places, tally, index, trie, held
        self.keepers = keepers
        self.core, self.is_network = places.roots[layer], layer > places.layers
        self.growth = Growth(layer, places, tally, index, trie, held)

    def attend(self, number: int) -> None:
        """What the recursive networks of the layer expect of its output of a number is read, if they have read an output so far behind."""
        if 0 < self.layer <= self.places.layers and number >= self.places.delay:
            self.tally.read(self.core, self.places.networks)

    def decide(self, segment: Segment) -> None:
        """A segment, as far as it came."""
        self.tally.read(self.core, segment.looked)
        competes = self.places.inhibits and 0 < self.layer <= self.places.layers
        for probe in segment.probes:
            for k in range(1, len(probe.presented) + 1):
                self._present(tuple(probe.presented[:k]), probe.rivals[k - 1] if competes else [])
        if segment.end == WAITS:
            return
        self.tally.write(self.core, segment.residuals)
        source = self.core
        if segment.end == WINS:
            source = self._fire(segment, new=False)
        elif segment.end == GROWS:
            self.growth.grow(segment, self.places.core[segment.fired])
            source = self._fire(segment, new=True)
        elif segment.end == PASSES:
            self.tally.read(self.core)
        elif segment.end == HOLE:
            self.growth.fail(segment)
        self._tell_host(segment)
        self._pass_up(source)

    def _present(self, pairs: Vector, rivals: list[Rival]) -> None:
        self.tally.read(self.core)
        if self.places.keyed or self.layer == 0:
            self.trie.probe(self.layer, pairs)
        else:
            present(self.places, self.tally, self.index, self.held, self.layer, pairs, self.rules, rivals)
        self.tally.add(self.core, "wta_rounds")

    def _fire(self, segment: Segment, new: bool) -> int:
        """FIRE: the neuron's core, whose spike is the item for the layer above."""
        core = self.places.core[segment.fired]
        self.tally.mail("fire", self.layer, self.core, core)
        self.tally.add(core, "neuron_updates")
        self.tally.add(core, "spikes")
        self.tally.write(core, new)
        for number, heard in enumerate(self.places.listened, self.places.numbers):
            if heard == self.layer:
                self.tally.mail("hear", number, core, self.places.roots[number])
                self.tally.write(self.places.roots[number])
        return core

    def _pass_up(self, source: int) -> None:
        """ITEM, and TAKEN from the layer above or the record keeper, and from each recursive network, which tells what it expects.

        A network's root is told by the neuron that fires, or tells itself.
        """
        if self.is_network:
            self.tally.mail("taken", self.layer, source, self.core)
            return
        for number in (self.layer + 1, *self.places.networks_of(self.layer)):
            reader = self.places.roots[number]
            self.tally.mail("item", number, source, reader)
            if number == self.places.layers + 1:
                self.keepers.take()
            else:
                self.tally.write(reader, 2)
            self.tally.mail("taken", self.layer, reader, self.core)
            if number > self.places.layers + 1:
                self.tally.mail("prime", self.layer, reader, self.core)
                self.tally.write(self.core)

    def _tell_host(self, segment: Segment) -> None:
        new = segment.end in (GROWS, HOLE)
        if self.layer == 1 and (self.places.alerts == ALERT_ALL or (self.places.alerts == ALERT_NEW and new)):
            self.tally.mail("alert", self.layer, self.core, self.places.host)
