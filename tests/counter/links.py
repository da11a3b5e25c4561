"""A core becomes a reader of a lower neuron: leaf first, root last."""

from __future__ import annotations

from tests.counter.index import Index
from tests.counter.network import Held
from tests.counter.places import Places, Step
from tests.counter.tally import Tally


def link(places: Places, tally: Tally, index: Index, held: Held, layer: int, lower: int, reader: int) -> None:
    """LINK to LINKED."""
    root, home, readers = places.roots[layer], places.core[lower], held.readers[lower]
    above = (len(readers) - 1) // places.arity if readers else -1
    tally.read(root)
    index.find_list(tally.mail("link", layer, root, home), home, lower, layer)
    tally.read(home, 1 + max(above, 0))
    index.find_axon(tally.mail("set_parent", layer, home, reader), reader, layer, lower)
    tally.write(reader)
    moment = _back(tally, index, layer, lower, reader, home)
    if places.multicast:
        earlier = [places.way(home, other) for other in readers]
        for step in reversed(places.way(home, reader)):
            looked, met = members_looked_at(earlier, step)
            tally.read(home, looked)
            if met:
                break
            writer = step[0] * places.concentration
            tally.mail("set_route", layer, home, writer)
            tally.add(writer, "table_writes")
            moment = _back(tally, index, layer, lower, writer, home)
    if readers:
        tally.read(home, 1 + above)
        index.find_axon(tally.mail("add_child", layer, home, readers[above]), readers[above], layer, lower)
        tally.write(readers[above])
        moment = _back(tally, index, layer, lower, readers[above], home)
    tally.write(home)
    if not readers:
        index.open_list(moment, lower, layer)
    readers.append(reader)
    tally.mail("linked", layer, home, root)


def link_in_vain(places: Places, tally: Tally, index: Index, held: Held, layer: int, lower: int, reader: int) -> None:
    """LINK where the lower neuron's core has no room for one more member."""
    root, home = places.roots[layer], places.core[lower]
    tally.read(root)
    index.find_list(tally.mail("link", layer, root, home), home, lower, layer)
    tally.mail("linked", layer, home, root)


def members_looked_at(earlier: list[list[Step]], step: Step) -> tuple[int, bool]:
    """How many members are looked at, in order, until the way of one takes a step, and whether one does; the last step is nobody else's."""
    if step[1] < 0:
        return 0, False
    for looked, way in enumerate(earlier, 1):
        if step in way:
            return looked, True
    return len(earlier), False


def _back(tally: Tally, index: Index, layer: int, lower: int, source: int, home: int) -> int:
    """WROTE: the lower neuron's core goes on; the moment of that."""
    moment = tally.mail("wrote", layer, source, home)
    index.find_list(moment, home, lower, layer)
    return moment
