"""Re-Pair (Larsson and Moffat, Off-line dictionary-based compression, Proc. IEEE 88(11), 2000): the commonest digram becomes a rule.

Until no digram occurs twice. Then rules that are used once are put in their place, as far as no rule gets longer than a vector may be.
"""

from __future__ import annotations

import heapq
from collections.abc import Sequence
from itertools import chain

from workloads.nsn.grammar.grammar import Grammar, uses

Digram = tuple[int, int]

_END, _GONE = -(1 << 62), -(1 << 62) - 1
"""Behind each episode, and in the place of a symbol that was taken into the one before it; neither is ever part of a digram."""


def repair(episodes: Sequence[Sequence[int]], longest: int = 8) -> Grammar:
    """The grammar of some episodes, in which no digram goes from one to the next.

    Time grows with the symbols, times the logarithm of the digrams.

    Args:
        episodes: symbols from 0 on.
        longest: symbols on a right side at most, at least 2.
    """
    text = _Text(list(chain.from_iterable((*episode, _END) for episode in episodes)))
    rules: list[Digram] = []
    while (digram := text.commonest()) is not None:
        rules.append(digram)
        text.replace(digram, -len(rules))
    return _shortened(Grammar(tuple(rules), text.episodes()), longest)


class _Text:
    """Symbols as a linked list, with every place that each digram occurs at, overlaps (in ``aaa``) left out."""

    def __init__(self, symbols: list[int]) -> None:
        self._symbols = symbols
        self._next = list(range(1, len(symbols) + 1))
        self._before = list(range(-1, len(symbols) - 1))
        self._at: dict[int, Digram] = {}
        self._places: dict[Digram, list[int]] = {}
        self._count: dict[Digram, int] = {}
        self._changed: set[Digram] = set()
        self._heap: list[tuple[int, int, Digram]] = []
        for place in range(len(symbols)):
            self._take(place)
        self._push_changed()

    def commonest(self) -> Digram | None:
        """The digram that occurs most often, the first found among equals; None if none occurs twice."""
        while self._heap:
            minus, place, digram = heapq.heappop(self._heap)
            count = self._count[digram]
            if count == -minus:
                return digram
            if 2 <= count < -minus:
                heapq.heappush(self._heap, (-count, place, digram))
        return None

    def replace(self, digram: Digram, symbol: int) -> None:
        """Put a symbol where a digram occurs."""
        symbols, following, before = self._symbols, self._next, self._before
        for place in self._places.pop(digram):
            if self._at.get(place) != digram:
                continue
            second, left = following[place], before[place]
            right = following[second]
            self._leave(place)
            self._leave(second)
            lost = self._leave(left)
            symbols[place], symbols[second] = symbol, _GONE
            following[place] = right
            before[right] = place
            self._take(left)
            self._take(place)
            if lost is not None and lost[0] == lost[1]:
                self._take(before[left])  # the overlap that left it out is gone
            self._take(right)
        self._count[digram] = 0
        self._changed.discard(digram)
        self._push_changed()

    def episodes(self) -> tuple[tuple[int, ...], ...]:
        """What is left of each episode."""
        found: list[tuple[int, ...]] = []
        symbols: list[int] = []
        for symbol in self._symbols:
            if symbol == _END:
                found.append(tuple(symbols))
                symbols = []
            elif symbol != _GONE:
                symbols.append(symbol)
        return tuple(found)

    def _take(self, place: int) -> None:
        """Note the digram at a place."""
        if place < 0 or place in self._at or self._symbols[place] == _END:
            return
        second = self._next[place]
        digram = self._symbols[place], self._symbols[second]
        if digram[1] == _END:
            return
        if digram[0] == digram[1] and digram in (self._at.get(self._before[place]), self._at.get(second)):
            return
        self._at[place] = digram
        self._places.setdefault(digram, []).append(place)
        self._count[digram] = self._count.get(digram, 0) + 1
        self._changed.add(digram)

    def _leave(self, place: int) -> Digram | None:
        digram = self._at.pop(place, None)
        if digram is not None:
            self._count[digram] -= 1
        return digram

    def _push_changed(self) -> None:
        for digram in self._changed:
            if self._count[digram] >= 2:
                heapq.heappush(self._heap, (-self._count[digram], self._places[digram][0], digram))
        self._changed.clear()


def _shortened(grammar: Grammar, longest: int) -> Grammar:
    """Without the rules that are used once and fit where they are used."""
    used = uses(grammar)
    sides: dict[int, tuple[int, ...]] = {}
    for number, side in enumerate(grammar.rules):  # a rule names earlier ones only
        parts = [sides[s] if s < 0 and used[s] == 1 else (s,) for s in side]
        while sum(map(len, parts)) > longest:
            far = max(range(len(parts)), key=lambda at: len(parts[at]))
            parts[far] = (side[far],)
        for symbol, part in zip(side, parts, strict=True):
            if part != (symbol,):
                del sides[symbol]
        sides[-1 - number] = tuple(chain.from_iterable(parts))
    episodes = []
    for episode in grammar.episodes:
        episodes.append(tuple(chain.from_iterable(sides.pop(s) if s < 0 and used[s] == 1 else (s,) for s in episode)))
    new = {old: -1 - number for number, old in enumerate(sides)}
    return Grammar(
        tuple(tuple(new.get(s, s) for s in side) for side in sides.values()),
        tuple(tuple(new.get(s, s) for s in episode) for episode in episodes),
    )
