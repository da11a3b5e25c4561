"""An item is presented, and all cores that hold its axon answer; or vote, and their candidates drop out bit by bit."""

from __future__ import annotations

from dataclasses import dataclass

from chipsim.ids import neuron_id
from chipsim.network.rules import NsnRules
from tests.counter.index import Index
from tests.counter.network import Held
from tests.counter.places import Places
from tests.counter.tally import Tally
from tests.counter.told import Rival, Vector


@dataclass(frozen=True, slots=True)
class Quorum:
    """The cores that an item of a layer is presented to, in the order of their tree; ``home``: core of the lower neuron."""

    places: Places
    tally: Tally
    index: Index
    layer: int
    lower: int
    home: int
    readers: list[int]

    @property
    def root(self) -> int:
        """Core of the layer's root."""
        return self.places.roots[self.layer]

    def spread(self, kind: str) -> list[int]:
        """The lower neuron's core sends to all; the moments at which they take it."""
        if self.places.multicast:
            return self.tally.cast(kind, self.layer, self.home, self.readers)
        self.tally.read(self.home, len(self.readers))
        return [self.tally.mail(kind, self.layer, self.home, core) for core in self.readers]

    def look_up(self, moment: int, core: int) -> None:
        """A message is about the axon."""
        self.tally.add(core, "axon_lookups")
        self.index.find_axon(moment, core, self.layer, self.lower)

    def gather(self, kind: str, last: str) -> None:
        """Up the tree to the root."""
        for i, core in enumerate(self.readers[1:]):
            above = self.readers[i // self.places.arity]
            self.look_up(self.tally.mail(kind, self.layer, core, above), above)
            self.tally.add(above, "answers_combined")
        self.tally.mail(last, self.layer, self.readers[0], self.root)

    def ask(self) -> None:
        """CONTEST and INHIBIT: every core looks at its candidate."""
        moment = self.tally.mail("contest", self.layer, self.root, self.home)
        self.index.find_list(moment, self.home, self.lower, self.layer)
        for core, at in zip(self.readers, self.spread("inhibit"), strict=True):
            self.look_up(at, core)
            self.tally.read(core)

    def compete(self, rivals: list[Rival]) -> None:
        """VOTE and VOTED, then bit after bit until one core is left, which answers."""
        self.gather("vote", "voted")
        left: dict[int, int] = {}
        for rival in rivals:
            core = self.places.core[neuron_id(self.layer, rival.ordinal)]
            left[core] = max(left.get(core, -1), self.key(rival))
        if not left:
            return
        bit, out = 5 + 1 + 4 + 24 + 32 + self.places.address, set()
        while len(left) > 1:
            bit -= 1
            self.ask()
            self._drop(out)
            self.gather("vote", "voted")
            having = {core: key for core, key in left.items() if key >> bit & 1}
            out = set(left) - set(having) if having else set()
            left = having or left
        self.ask()
        self._drop(out)
        self.tally.mail("result", self.layer, next(iter(left)), self.root)

    def _drop(self, out: set[int]) -> None:
        for core in out:
            self.tally.add(core, "neuron_updates")

    def key(self, rival: Rival) -> int:
        """In bits, highest first: 16 less the words of residual, primed, response, count, first event time and ordinal turned."""
        key = 0
        for value, bits in (
            (16 - rival.words, 5),
            (0, 1),
            (rival.response, 4),
            (rival.count, 24),
            (2**32 - 1 - rival.first, 32),
            (2**self.places.address - 1 - rival.ordinal, self.places.address),
        ):
            key = key << bits | value
        return key


def present(
    places: Places, tally: Tally, index: Index, held: Held, layer: int, pairs: Vector, rules: NsnRules, rivals: list[Rival]
) -> None:
    """PRESENT of the last of the pairs, to RESULT."""
    lower, root = pairs[-1][0], places.roots[layer]
    home, readers = places.core[lower], held.readers[lower]
    index.find_list(tally.mail("present", layer, root, home), home, lower, layer)
    if not readers:
        tally.add(home, "null_answers")
        tally.mail("result", layer, home, root)
        return
    tally.add(home, "spikes")
    quorum = Quorum(places, tally, index, layer, lower, home, readers)
    for core, moment in zip(readers, quorum.spread("spike"), strict=True):
        quorum.look_up(moment, core)
        tally.add(core, "synaptic_ops", held.rows[core, lower])
        if rules.sums[layer]:
            going = held.go_on(core, pairs, rules)
            tally.add(core, "neuron_updates", len(going))
            tally.add(core, "null_answers", not any(whole and len(vector) == len(pairs) for vector, whole in going))
            continue
        if all(core in held.readers[earlier] for earlier, _ in pairs):  # a neuron that was taken back may lack a link
            tally.add(core, "neuron_updates", held.begins[pairs][core])
        tally.add(core, "null_answers", not held.complete[pairs][core])
    if places.inhibits and layer <= places.layers:  # recursive networks keep the tree of answers
        quorum.compete(rivals)
    else:
        quorum.gather("answer", "result")
