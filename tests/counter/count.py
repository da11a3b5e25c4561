"""Every action and message of a neurosemantic run, derived from the probes of the golden model by the prose of ``docs/nsn.md``.

Nothing of the core programs is used. From the chip come where neurons live (the placement of the plan; for those that grew the memories at
the end), which novelties found no room, and in which order a core took what different layers sent it: chip time decides those.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from chipsim.ids import neuron_id
from chipsim.machine.actions import ACTION_NAMES
from chipsim.machine.raw import RawRun
from chipsim.network import Stimulus
from chipsim.network.rules import NsnRules
from chipsim.plan.plan import Plan
from tests.counter.index import Index
from tests.counter.keepers import Keepers
from tests.counter.later import Later
from tests.counter.network import Held
from tests.counter.order import Handled, Order
from tests.counter.places import Places, places_of
from tests.counter.roots import Root
from tests.counter.tally import Tally
from tests.counter.told import ToldModel, Vector
from tests.counter.trie import Trie

Ints = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Counted:
    """What a run must have counted.

    Attributes:
        actions: int64[endpoints, actions].
        sent, delivered: int64[kinds], messages, and arrivals of them or their copies.
        link_packets, link_flits: int64[link numbers].
        tile_flits, router_lookups: int64[tiles].
        host_flits: between chip and host.
    """

    actions: Ints
    sent: Ints
    delivered: Ints
    link_packets: Ints
    link_flits: Ints
    tile_flits: Ints
    router_lookups: Ints
    host_flits: int


def count(plan: Plan, raw: RawRun, stimulus: Stimulus, rules: NsnRules, first_item: int, taken: list[Handled]) -> Counted:
    """Count a run that read its whole input."""
    unstored = {(layer, item) for _, layer, item, _ in raw.own.unstored.tolist()}
    places = places_of(plan, raw.own.memory)
    model = ToldModel(rules, unstored, rivals=places.inhibits)
    model.read(stimulus, first_item)
    tally, later = Tally(Order(taken), places), Later()
    index, trie = Index(tally, later), Trie(places, tally, later)
    held = [Held() for _ in range(rules.numbers)]
    load(model.stored_before, places, index, trie, held)
    for _ in range(first_item, len(stimulus)):
        tally.mail("item", 0, places.host, places.roots[0])
        tally.write(places.roots[0], 2)
        tally.mail("taken", -1, places.roots[0], places.host)
    keepers = Keepers(places, tally, plan, raw.own.memory)
    for layer, segments in enumerate(model.segments):
        if layer == rules.layers + 1:  # the record keeper's number
            continue
        root = Root(layer, places, tally, index, trie, held[layer], rules, keepers)
        for number, segment in enumerate(segments, model.decided_before[layer] if layer <= rules.layers else 0):
            root.attend(number)
            root.decide(segment)
    later.do()
    return as_arrays(tally, plan)


def load(stored: list[list[Vector]], places: Places, index: Index, trie: Trie, held: list[Held]) -> None:
    """What is there before the first item: keyed entries by layer and order of creation; axons by core and slot; lists by layer and neuron."""
    vector_of = {neuron_id(layer, n): v for layer, vectors in enumerate(stored) for n, v in enumerate(vectors)}
    layer_of = {neuron_id(layer, n): layer for layer, vectors in enumerate(stored) for n in range(len(vectors))}
    for neuron, vector in vector_of.items():
        if places.keyed or layer_of[neuron] == 0:
            trie.load(layer_of[neuron], vector)
    if places.keyed:
        return
    upper = sorted((n for n in vector_of if layer_of[n] > 0), key=lambda n: (places.core[n], places.slot[n]))
    for neuron in upper:
        layer, core = layer_of[neuron], places.core[neuron]
        held[layer].store(core, vector_of[neuron])
        for lower, _ in vector_of[neuron]:
            index.load_axon(core, layer, lower)
            if core not in held[layer].readers[lower]:
                held[layer].readers[lower].append(core)
    for layer, one in enumerate(held):
        for lower in sorted(one.readers):
            one.readers[lower].sort(key=lambda core, layer=layer: (places.hops(core, places.roots[layer]), core))
            index.load_list(lower, layer)


def as_arrays(tally: Tally, plan: Plan) -> Counted:
    """As raw runs have them."""
    actions = np.zeros((plan.endpoints, len(ACTION_NAMES)), np.int64)
    for (endpoint, name), times in tally.actions.items():
        actions[endpoint, ACTION_NAMES.index(name)] = times
    net, tiles, links = tally.net, range(plan.mesh.tiles), range(plan.mesh.link_ids)
    return Counted(
        actions=actions,
        sent=_array(tally.sent, plan.kinds),
        delivered=_array(tally.arrived, plan.kinds),
        link_packets=_array(net.packets, links),
        link_flits=_array(net.flits, links),
        tile_flits=_array(net.local, tiles),
        router_lookups=_array(net.lookups, tiles),
        host_flits=net.outside,
    )


def _array(counter: Mapping[Any, int], keys: Iterable[Any]) -> Ints:
    return np.array([counter.get(key, 0) for key in keys], np.int64)
