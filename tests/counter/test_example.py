"""The worked example of ``docs/nsn.md``: a second core becomes a reader, behind the first on the same way."""

from __future__ import annotations

import itertools
from dataclasses import replace

from chipsim.ids import neuron_id
from tests.counter.index import Index
from tests.counter.later import Later
from tests.counter.links import link
from tests.counter.network import Held
from tests.counter.places import places_of
from tests.counter.scenes import play
from tests.counter.tally import Tally


class Moments:
    """Every message is taken at a moment of its own."""

    def __init__(self) -> None:
        self.counter = itertools.count()

    def taken(self, endpoint: int, kind: str, layer: int) -> int:
        """The next moment."""
        return next(self.counter)


def test_link_behind_the_first_reader() -> None:
    """Core 4 is the home of p of a mesh of 4 x 4, its readers on cores 5 and 6."""
    played = play("verses from nothing")
    p, layer = neuron_id(0, 0), 1
    places = replace(places_of(played.plan, played.raw.own.memory), core={p: 4})
    tally, later = Tally(Moments(), places), Later()  # type: ignore[arg-type]
    index, held = Index(tally, later), Held()
    held.readers[p] = [5]
    index.load_list(p, layer)
    index.load_axon(5, layer, p)
    index.load_axon(6, layer, p)
    link(places, tally, index, held, layer, p, reader=6)
    later.do()
    assert held.readers[p] == [5, 6]
    assert (tally.actions[4, "memory_reads"], tally.actions[4, "memory_writes"]) == (9, 1)
    assert (tally.actions[5, "table_writes"], tally.actions[6, "table_writes"]) == (1, 1)
    assert tally.sent == {"link": 1, "set_parent": 1, "set_route": 2, "add_child": 1, "wrote": 4, "linked": 1}
    assert tally.sent.total() == 10
