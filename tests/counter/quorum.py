"""An item is presented, and all cores that hold its axon answer."""

from __future__ import annotations

from chipsim.network.rules import NsnRules
from tests.counter.index import Index
from tests.counter.network import Held
from tests.counter.places import Places
from tests.counter.tally import Tally
from tests.counter.told import Vector


def present(places: Places, tally: Tally, index: Index, held: Held, layer: int, pairs: Vector, rules: NsnRules) -> None:
    """PRESENT of the last of the pairs, to RESULT."""
    lower, root = pairs[-1][0], places.roots[layer]
    home, readers = places.core[lower], held.readers[lower]
    index.find_list(tally.mail("present", layer, root, home), home, lower, layer)
    if not readers:
        tally.add(home, "null_answers")
        tally.mail("result", layer, home, root)
        return
    tally.add(home, "spikes")
    if places.multicast:
        moments = tally.cast("spike", layer, home, readers)
    else:
        tally.read(home, len(readers))
        moments = [tally.mail("spike", layer, home, core) for core in readers]
    for core, moment in zip(readers, moments, strict=True):
        tally.add(core, "axon_lookups")
        index.find_axon(moment, core, layer, lower)
        tally.add(core, "synaptic_ops", held.rows[core, lower])
        if rules.sums[layer]:
            going = held.go_on(core, pairs, rules)
            tally.add(core, "neuron_updates", len(going))
            tally.add(core, "null_answers", not any(whole and len(vector) == len(pairs) for vector, whole in going))
            continue
        if all(core in held.readers[earlier] for earlier, _ in pairs):  # a neuron that was taken back may lack a link
            tally.add(core, "neuron_updates", held.begins[pairs][core])
        tally.add(core, "null_answers", not held.complete[pairs][core])
    for i, core in enumerate(readers[1:]):
        above = readers[i // places.arity]
        index.find_axon(tally.mail("answer", layer, core, above), above, layer, lower)
        tally.add(above, "axon_lookups")
        tally.add(above, "answers_combined")
    tally.mail("result", layer, readers[0], root)
