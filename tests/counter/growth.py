"""A novelty becomes a neuron: a slot, the vector, and links or keyed entries; or there is no room for it.

How far that comes before room ends is taken from the run: which cores were tried, and whether the neuron was taken back.
"""

from __future__ import annotations

from tests.counter.index import Index
from tests.counter.links import link, link_in_vain
from tests.counter.network import Held
from tests.counter.places import FOLLOW, LOCALITY, Places
from tests.counter.tally import Tally
from tests.counter.told import Segment, Vector
from tests.counter.trie import Trie


class BeyondError(Exception):
    """What is not derived."""


class Growth:
    """Of one layer."""

    def __init__(self, layer: int, places: Places, tally: Tally, index: Index, trie: Trie, held: Held) -> None:
        self.layer, self.places, self.tally, self.index, self.trie, self.held = layer, places, tally, index, trie, held
        self.root, self.by_key = places.roots[layer], places.keyed or layer == 0
        self.grows_at = [row[layer] for row in places.current]

    def grow(self, segment: Segment, home: int) -> None:
        """A neuron comes to a core, and is linked or has its keys written."""
        *refused, core = self._tried()
        if core != home:
            raise LookupError(f"layer {self.layer}: the neuron of item {segment.first} is on core {home}, not on {core}")
        for other in refused:
            self._refuse(other, segment.vector)
        unlinked = self._store(core, segment.vector, whole=True)
        if self.by_key:
            self.tally.read(self.root, self.trie.write(self.layer, segment.vector, segment.probes[0].known))
        for lower in unlinked:
            link(self.places, self.tally, self.index, self.held, self.layer, lower, core)

    def fail(self, segment: Segment) -> None:
        """A novelty is flagged: it holds one that was, or its residuals, or itself, or a link or entry of it finds no room."""
        self.tally.write(self.root)
        order = self.tally.order
        if not order.meanwhile("alloc", self.layer, self.root):
            return
        tried = self._tried()
        made = tried.pop() if order.meanwhile("erase", self.layer, self.root) else None
        for other in tried:
            self._refuse(other, segment.vector)
        if made is None:
            self._find_no_slot(len(segment.vector))
        else:
            self._take_back(made, segment.vector)

    def _tried(self) -> list[int]:
        return self.tally.order.meanwhile("grow", self.layer, self.root)

    def _unlinked(self, core: int, vector: Vector) -> list[int]:
        """Ids without a linked axon on a core; where matching is by key there are none to link."""
        ids = dict.fromkeys(lower for lower, _ in vector)
        return [] if self.by_key else [lower for lower in ids if core not in self.held.readers[lower]]

    def _ask_core(self, core: int, k: int) -> int:
        """ALLOC, SLOT and GROW; the moment at which the core has the vector."""
        self._ask_slot(core, k)
        self.tally.read(self.root, k)
        return self.tally.mail("grow", self.layer, self.root, core, pairs=k)

    def _refuse(self, core: int, vector: Vector) -> None:
        """A core has no room, which it tells after it has looked for the ids."""
        moment = self._ask_core(core, len(vector))
        if not self.by_key:
            self.index.search(moment, core, self.layer, [*(lower for lower, _ in vector), *self._unlinked(core, vector)])
        self.tally.read(core)
        self.tally.mail("grown", self.layer, core, self.root)
        if self.places.policy != FOLLOW:
            self._free(core)

    def _store(self, core: int, vector: Vector, whole: bool) -> list[int]:
        """A core stores a vector; the ids that are to be linked there."""
        moment = self._ask_core(core, len(vector))
        self.tally.add(core, "pair_writes", len(vector))
        self.tally.write(core)
        self.tally.mail("grown", self.layer, core, self.root)
        unlinked = self._unlinked(core, vector)
        if not self.by_key:
            self.index.store(moment, core, self.layer, [lower for lower, _ in vector], unlinked)
            self.held.store(core, vector, whole)
        return unlinked

    def _take_back(self, core: int, vector: Vector) -> None:
        """The last of the links that were asked for, or the only entry, finds no room: ERASE, and where slots are used again FREE."""
        unlinked = self._store(core, vector, whole=False)
        if self.by_key:
            if len(vector) > 1:
                raise BeyondError("entries written in vain are probed again, which the golden model does not know")
            self.tally.read(self.root)
            self.trie.write_in_vain(self.layer, vector)
        asked = len(self.tally.order.meanwhile("link", self.layer, self.root))
        for n, lower in enumerate(unlinked[:asked], 1):
            (link if n < asked else link_in_vain)(self.places, self.tally, self.index, self.held, self.layer, lower, core)
        moment = self.tally.mail("erase", self.layer, self.root, core)
        self.tally.write(core)
        self.tally.mail("erased", self.layer, core, self.root)
        if self.places.policy == FOLLOW:
            return
        if not self.by_key:
            self.index.search(moment, core, self.layer, [lower for lower, _ in vector])
            self.tally.write(core, len(vector))
            self.held.drop(core, vector)
        self._free(core)

    def _free(self, core: int) -> None:
        """FREE: the slot goes back to the server of its region."""
        places, region, asker = self.places, self.places.region[self.layer], self.root
        while True:
            server = places.cores + region
            self.tally.mail("free", self.layer, asker, server)
            self.tally.add(server, "slot_ops")
            if core in places.growth[region]:
                return
            region, asker = (region + 1) % len(places.growth), server

    def _ask_slot(self, core: int, k: int) -> None:
        """ALLOC, from region to region until one has a slot, and SLOT."""
        region, asker, policy = self._begin(k)
        while core not in self.places.growth[region]:
            asker = self._asked(region, asker, looks=1 + (policy != FOLLOW))
            region = (region + 1) % len(self.places.growth)
        cores = self.places.growth[region]
        asker = self._asked(region, asker, looks=policy != FOLLOW)
        at = cores.index(core)
        if policy == FOLLOW:
            self.tally.add(asker, "slot_ops", (at - max(self.grows_at[region], 0)) % len(cores) + 1)
        self.grows_at[region] = at
        self.tally.mail("slot", self.layer, asker, self.root)

    def _find_no_slot(self, k: int) -> None:
        """ALLOC in all regions, and SLOT with none."""
        region, asker, policy = self._begin(k)
        for n in range(len(self.places.growth)):
            asker = self._asked((region + n) % len(self.places.growth), asker, looks=1 + (policy != FOLLOW))
        self.tally.mail("slot", self.layer, asker, self.root)

    def _begin(self, k: int) -> tuple[int, int, str]:
        """The region that is asked first, who asks, and the policy, which may have to know where those are that the neuron names."""
        if self.places.policy == LOCALITY and not self.by_key:
            self.tally.read(self.root, k)
        return self.places.region[self.layer], self.root, self.places.policy

    def _asked(self, region: int, asker: int, looks: int) -> int:
        """The slot server of a region is asked, and looks at all of its cores so many times."""
        server = self.places.cores + region
        self.tally.mail("alloc", self.layer, asker, server)
        self.tally.add(server, "slot_ops", looks * len(self.places.growth[region]))
        return server
