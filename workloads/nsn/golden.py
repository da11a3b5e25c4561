"""The golden model: an NSN in plain software, the oracle that the chip's core programs are held against.

It shares no matching or growth code with them: matching here is a walk in a trie of Python dictionaries, or where vectors sum a few
operations on sets of them (``summing``), held in one process, without messages. The rules themselves are prose in ``docs/nsn.md``.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import pairwise

import numpy as np

from chipsim.ids import UNSTORED, neuron_id
from chipsim.machine.digest import SUM, digest_text
from chipsim.network.nsn import EpisodeRecord, NsnState, OpenItems
from chipsim.network.rules import CUT, EXACT, MAX_PAIRS, NO_TIME, PASS, UNIT, NsnRules
from chipsim.network.stimulus import END_EPISODE, END_SEGMENT, Stimulus
from workloads.nsn.choice import Candidate, Choices, Pair
from workloads.nsn.decisions import Decision, Decisions
from workloads.nsn.recursive import Network, Recursion
from workloads.nsn.summing import Group, Sums

Item = tuple[int, int, int, int, int]
"""(id, event time, flags, last input item needed to decide it, event time at which it starts)."""


@dataclass(slots=True)
class _Node:
    """A partial match: what can follow it, and the neuron that is complete here."""

    children: dict[Pair, _Node] = field(default_factory=dict)
    neuron: int = -1


@dataclass(slots=True)
class _Neuron:
    """A stored neuron; one without pairs was freed, its ordinal is not given again."""

    pairs: tuple[Pair, ...]
    count: int = 0
    first: int = 0
    last: int = 0


@dataclass(slots=True)
class _Layer:
    """What a layer stores, in a trie or where its vectors sum in groups by first id, and what it has not decided yet."""

    root: _Node = field(default_factory=_Node)
    groups: dict[int, Group] | None = None
    neurons: list[_Neuron] = field(default_factory=list)
    items: list[Item] = field(default_factory=list)
    consumed: int = 0
    decided: int = 0
    needed: int = -1
    ended: int = 0
    fired: int = 0
    substitutions: list[tuple[int, int, int, int, int]] = field(default_factory=list)


@dataclass(slots=True)
class _Record:
    time: int
    end: int
    top: list[int] = field(default_factory=list)
    classes: list[int] = field(default_factory=list)
    complete: bool = False


NOTHING: tuple[int, ...] = ()


class _Wait(Exception):
    """More items are needed before the segment can be decided."""


class GoldenModel:
    """A network that learns a stimulus item by item; what it knows can be taken out as an ``NsnState`` at any item."""

    def __init__(self, rules: NsnRules) -> None:
        self.rules = rules
        self._sums = Sums(rules)
        self._layers = [
            _Layer(groups={} if rules.summing and reading not in (UNIT, CUT) else None) for reading in rules.reading
        ]
        self._choices = Choices()
        self._primed: frozenset[int] = frozenset()
        self._residuals: list[int] = []
        self._residual_ends: list[int] = []
        self._before = NO_TIME
        self._records: list[_Record] = []
        self._decisions = Decisions()
        self._gaps = rules.gaps
        self._recursion = Recursion(rules)
        self._fed = 0
        self._unstored = np.zeros(len(rules.reading), np.int64)
        self._recording = True

    @classmethod
    def knowing(cls, state: NsnState, rules: NsnRules) -> GoldenModel:
        """A model that has the neurons of a stored network and no episodes: what it is given begins at item 0.

        Args:
            state: its vectors, counts and times.
            rules: how to read from now on.
        """
        model = cls(rules)
        start, pairs = state.pair_start.tolist(), list(zip(state.pair_id.tolist(), state.pair_interval.tolist(), strict=True))
        history = zip(state.layer.tolist(), state.count.tolist(), state.first.tolist(), state.last.tolist(), strict=True)
        for n, (number, count, first, last) in enumerate(history):
            layer = model._layers[number]
            layer.neurons += [_Neuron(()) for _ in range(int(state.ordinal[n]) - len(layer.neurons))]
            model._store(layer, _Neuron(tuple(pairs[start[n] : start[n + 1]]), count, first, last))
        for layer, given in zip(model._layers, state.ordinals_given().tolist(), strict=True):
            layer.neurons += [_Neuron(()) for _ in range(given - len(layer.neurons))]
        return model

    @classmethod
    def resumed(cls, state: NsnState, rules: NsnRules, fed: int = 0) -> GoldenModel:
        """A model that goes on between two episodes with all that is stored.

        Args:
            state: what it knows; nothing is undecided.
            rules: how to read from now on.
            fed: number of the first item of a stimulus that it is to be given.

        Raises:
            ValueError: an episode has begun and not ended.
        """
        if not state.between_episodes():
            raise ValueError("a model resumes between two episodes; one has begun and not ended")
        model = cls.knowing(state, rules)
        model._fed, model._unstored = fed, state.unstored
        for number, layer in enumerate(model._layers):
            layer.consumed, layer.decided = state.open_items[number].number, int(state.decided[number])
            layer.ended = int(state.ended[number])
            rows = state.substitutions[state.substitutions[:, 0] == number, 1:].tolist()
            layer.substitutions = [(episode, fired, at, one, cls) for episode, fired, at, one, cls in rows]
        model._residuals, model._residual_ends = state.residuals.tolist(), state.residual_ends.tolist()
        model._records = [_Record(r.time, r.time, list(r.top), list(r.classes), complete=True) for r in state.records]
        return model

    def advance(self, stimulus: Stimulus, stop: int, *, recording: bool = True) -> None:
        """Learn the items up to number ``stop`` (exclusive), deciding all that can be decided without later ones.

        With ``recording``, decisions are kept and enter the functional digest.
        """
        self._recording = recording
        code, time, flags = (a[self._fed : stop].tolist() for a in (stimulus.code, stimulus.time, stimulus.flags))
        fresh = [(c, t, f, n, t) for n, (c, t, f) in enumerate(zip(code, time, flags, strict=True), self._fed)]
        self._fed = max(self._fed, stop)
        for number, layer in enumerate(self._layers):
            layer.items += fresh
            fresh = list(self._decide_all(number, layer))
        for item in fresh:
            self._record(item)

    @property
    def decisions(self) -> tuple[Decision, ...]:
        """Decisions made while recording."""
        return self._decisions.all()

    @property
    def choices(self) -> dict[str, dict[str, int]]:
        """Segments that stored neurons won while recording, counted."""
        return self._choices.summary()

    @property
    def expectations(self) -> tuple[tuple[int, int, int], ...]:
        """What recursive networks expected while recording: number of the network, of the output that it had read, id or -1."""
        return tuple(self._recursion.expectations)

    # -- reading -------------------------------------------------------------------------------------------------------------

    def _decide_all(self, number: int, layer: _Layer) -> Iterator[Item]:
        start = 0
        items = layer.items
        reading, recurs = self.rules.reading[number], number > 0 and self.rules.networks > 0
        while start < len(items):
            if recurs:
                self._primed = self._recursion.primed(number, layer.decided)
            try:
                if reading == UNIT:
                    end, found = start + 1, self._walk(layer, items, start, start + 1)
                elif reading == CUT:
                    end = self._cut_end(items, start)
                    found = self._walk(layer, items, start, end)
                else:
                    end, found = self._cover(layer, items, start, reading)
            except _Wait:
                break
            fired = self._fire(number, layer, items[start:end], found)
            if recurs:
                self._recursion.take(number, layer.decided - 1, fired, self._decisions if self._recording else None)
            yield fired
            start = end
        del items[:start]

    def _cut_end(self, items: list[Item], start: int) -> int:
        for end in range(start, len(items)):
            if items[end][2] & END_SEGMENT:
                return end + 1
        raise _Wait

    def _walk(self, layer: _Layer, items: list[Item], start: int, end: int) -> int:
        """The neuron whose vector is exactly the items [start, end), or -1."""
        node, pairs = layer.root, self._pairs(items[start:end])
        for at, pair in enumerate(pairs, 1):
            child = self._extend(node, pair)
            if child is None or (at < len(pairs) and not child.children):
                return -1
            node = child
        return node.neuron

    def _extend(self, node: _Node, pair: tuple[int, int]) -> _Node | None:
        """Present one more pair to a partial match: where that leads, None if nothing stored goes on with it."""
        return node.children.get(pair)

    def _cover(self, layer: _Layer, items: list[Item], start: int, reading: int) -> tuple[int, int]:
        """End of the segment that starts here and the winner that covers it, -1 if the segment is a novelty or a left-over."""
        layer.needed = max(layer.needed, items[start][3])
        if items[start][0] == UNSTORED:
            return start + 1, -1
        probe = self._match if layer.groups is None else self._sum
        found = probe(layer, items, start)
        if found:
            winner = self._choose(layer, items, start, found)
            return start + len(layer.neurons[winner].pairs), winner
        end = start + 1
        if reading == PASS:
            return end, -1
        while end - start < MAX_PAIRS and not self._boundary(layer, items, end):
            if probe(layer, items, end):
                break
            end += 1
        return end, -1

    def _choose(self, layer: _Layer, items: list[Item], start: int, found: Sequence[int]) -> int:
        """The winner among the neurons that are complete at a start."""
        neurons = layer.neurons
        if len(found) == 1:
            self._choices.without_others += self._recording
            return found[0]
        if layer.groups is None:
            candidates = [Candidate(one, len(neurons[one].pairs), 0) for one in found]
        else:
            read = self._pairs(items[start : start + max(len(neurons[one].pairs) for one in found)])
            candidates = [self._sums.candidate(one, neurons[one].pairs, read) for one in found]
        return self._choices.choose(candidates, neurons, self._primed, counting=self._recording)

    def _boundary(self, layer: _Layer, items: list[Item], at: int) -> bool:
        """True if no segment may go on from item at-1 to item at."""
        if items[at - 1][2] & END_EPISODE:
            return True
        if at == len(items):
            raise _Wait
        layer.needed = max(layer.needed, items[at][3])
        gap = self._between(items[at - 1], items[at])
        return items[at][0] == UNSTORED or (self.rules.max_gap > 0 and gap > self.rules.max_gap)

    def _match(self, layer: _Layer, items: list[Item], start: int) -> Sequence[int]:
        """Probe: the stored vectors that begin with an item and agree in every pair, the shorter ones first."""
        node, found = layer.root, NOTHING
        for at in range(start, start + MAX_PAIRS):
            if at > start and self._boundary(layer, items, at):
                break
            interval = self._between(items[at - 1], items[at]) if at > start else 0
            child = self._extend(node, (items[at][0], self._class_of(interval)))
            if child is None:
                break
            node = child
            if node.neuron >= 0:
                found = (*found, node.neuron)
            if not node.children:
                break
        return found

    def _sum(self, layer: _Layer, items: list[Item], start: int) -> Sequence[int]:
        """Probe: the stored vectors that begin with an item and respond well enough."""
        assert layer.groups is not None
        group = layer.groups.get(items[start][0])
        if group is None:
            return NOTHING
        probe, at = group.probe(), start
        while at - start < probe.reach and not self._boundary(layer, items, at + 1):
            at += 1
            probe.present(at - start, items[at][0], self._class_of(self._between(items[at - 1], items[at])))
        return tuple(probe.ordinals()) if probe.complete else NOTHING

    # -- firing and growing --------------------------------------------------------------------------------------------------

    def _fire(self, number: int, layer: _Layer, segment: list[Item], winner: int) -> Item:
        flags = segment[-1][2] if number == 0 else segment[-1][2] & END_EPISODE
        time = segment[-1][1]
        layer.needed = max(layer.needed, segment[-1][3])
        leftover = self.rules.reading[number] not in (UNIT, CUT) and winner < 0 and len(segment) == 1
        new = winner < 0 and not leftover
        if new:
            winner = self._store(layer, _Neuron(self._pairs(segment)))
        read: tuple[Pair, ...] = ((segment[0][0], 0),)
        if leftover:
            fired = segment[0][0]
        else:
            neuron = layer.neurons[winner]
            neuron.first = neuron.first if neuron.count else time
            neuron.count += 1
            neuron.last = time
            fired = neuron_id(number, winner)
            read = neuron.pairs if new or layer.groups is None else self._pairs(segment)
            if read != neuron.pairs:
                differences = self._sums.differences(neuron.pairs, read)
                layer.substitutions += [(layer.ended, layer.fired, *row) for row in differences]
            layer.fired += 1
        if self._recording:
            self._decisions.add(number, layer.consumed, fired, read, new=new, time=time, needed=layer.needed)
        if number == self._gaps and fired != UNSTORED:
            self._keep_residuals(segment)
        self._close(number, layer, segment)
        return fired, time, flags, layer.needed, segment[0][4]

    def _close(self, number: int, layer: _Layer, segment: list[Item]) -> None:
        """A segment is done."""
        last = segment[-1]
        ends = bool(last[2] & END_EPISODE)
        layer.ended += ends
        layer.fired = 0 if ends else layer.fired
        if number == self._gaps:
            self._before = NO_TIME if ends else last[1]
            if ends:
                self._residual_ends.append(len(self._residuals))
        layer.consumed += len(segment)
        layer.decided += 1

    def _store(self, layer: _Layer, neuron: _Neuron) -> int:
        """Take up a neuron: its ordinal."""
        pairs, ordinal = neuron.pairs, len(layer.neurons)
        if layer.groups is None:
            node = layer.root
            for pair in pairs:
                node = node.children.setdefault(pair, _Node())
            node.neuron = ordinal
        else:
            group = layer.groups.get(pairs[0][0])
            if group is None:
                group = layer.groups[pairs[0][0]] = Group(self._sums)
            group.add(ordinal, pairs)
        layer.neurons.append(neuron)
        return ordinal

    def _pairs(self, segment: list[Item]) -> tuple[Pair, ...]:
        later = [(item[0], self._class_of(self._between(before, item))) for before, item in pairwise(segment)]
        return ((segment[0][0], 0), *later)

    def _between(self, before: Item, item: Item) -> int:
        """The interval between two items that follow each other: exact ones from end to end, the others from end to start."""
        return item[4 if self._gaps >= 0 else 1] - before[1]

    def _class_of(self, interval: int) -> int:
        if self.rules.interval == EXACT:
            return interval
        return (1 + interval // self.rules.unit).bit_length() - 1

    def _keep_residuals(self, segment: list[Item]) -> None:
        """What the class of each gap leaves out, of the one before the segment too, whichever layer may come to join what it parts."""
        before = self._before
        for _, time, _, _, start in segment:
            if before != NO_TIME:
                gap = start - before
                self._residuals.append(gap - ((1 << self._class_of(gap)) - 1) * self.rules.unit)
            before = time

    # -- what is kept of an episode ------------------------------------------------------------------------------------------

    def _record(self, item: Item) -> None:
        exact = self._gaps < 0
        to = item[1] if exact else item[4]
        if not self._records or self._records[-1].complete:
            self._records.append(_Record(to, to))
        record = self._records[-1]
        record.top.append(item[0])
        record.classes.append(to - record.end if exact else self._class_of(to - record.end))
        record.end, record.complete = item[1], bool(item[2] & END_EPISODE)

    # -- taking it out -------------------------------------------------------------------------------------------------------

    def state(self) -> NsnState:
        """Everything that the network knows, as arrays."""
        layers = list(self._layers)
        if self.rules.networks:  # the record keeper's number is between those of layers and networks
            layers += [_Layer(), *(_as_layer(network) for networks in self._recursion.networks for network in networks)]
        ordinals = [[o for o, neuron in enumerate(layer.neurons) if neuron.pairs] for layer in layers]
        given = [len(layer.neurons) for layer in layers]
        neurons = [(number, n) for number, layer in enumerate(layers) for n in layer.neurons if n.pairs]
        start = np.zeros(len(neurons) + 1, np.int64)
        np.cumsum([len(n.pairs) for _, n in neurons], out=start[1:])
        pairs = np.array([pair for _, n in neurons for pair in n.pairs], np.int64).reshape(-1, 2)
        open_items = []
        for number, layer in enumerate(layers):
            columns = np.array(layer.items, np.int64).reshape(-1, 5)
            ids, times, flags, needed, begun = (columns[:, c].copy() for c in range(5))
            before = self._before if number == self._gaps else NO_TIME
            open_items.append(OpenItems(ids, times, flags, needed, begun, layer.consumed, before, layer.fired))
        records = tuple(EpisodeRecord(tuple(r.top), tuple(r.classes), r.time, r.complete) for r in self._records)
        goes_on = self._records and not self._records[-1].complete
        return NsnState(
            layers=self.rules.layers,
            networks=self.rules.networks,
            layer=np.array([number for number, _ in neurons], np.int64),
            ordinal=np.array([o for numbers in ordinals for o in numbers], np.int64),
            pair_start=start,
            pair_id=pairs[:, 0].copy(),
            pair_interval=pairs[:, 1].copy(),
            count=np.array([n.count for _, n in neurons], np.int64),
            first=np.array([n.first for _, n in neurons], np.int64),
            last=np.array([n.last for _, n in neurons], np.int64),
            decided=np.array([layer.decided for layer in layers], np.int64),
            open_items=tuple(open_items),
            records=records,
            residuals=np.array(self._residuals, np.int64),
            residual_ends=np.array(self._residual_ends, np.int64),
            ended=np.array([layer.ended for layer in layers], np.int64),
            unstored=np.append(self._unstored, np.zeros(len(layers) - len(self._layers), np.int64)),
            substitutions=np.array(
                [(number, *row) for number, layer in enumerate(layers) for row in layer.substitutions], np.int64
            ).reshape(-1, 6),
            before=self._records[-1].end if goes_on else NO_TIME,
            given=np.array(given if sum(given) > len(neurons) else [], np.int64),
            expected=np.array(list(self._recursion.pending()), np.int64).reshape(-1, 3),
        )

    def decision_digest(self) -> int:
        """Sum of the hashes of the decisions made while recording."""
        return self._decisions.digest() + self._recursion.digest() & SUM

    def __repr__(self) -> str:
        sizes = [len(layer.neurons) for layer in self._layers]
        return f"<GoldenModel of {sum(sizes)} neurons {sizes}, {digest_text(self.decision_digest())}>"


def _as_layer(network: Network) -> _Layer:
    """A recursive network as if it were a layer, to be taken out."""
    layer = _Layer(items=network.items, consumed=network.consumed, decided=network.decided)
    layer.neurons = [_Neuron(one.pairs, one.count, one.first, one.last) for one in network.neurons]
    return layer
