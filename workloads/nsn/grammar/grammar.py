"""A straight-line grammar: rules, and what is left of each episode."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Grammar:
    """A grammar that makes certain episodes and nothing else.

    Attributes:
        rules: the right side of each rule; symbol ``-1 - r`` stands for rule r, symbols from 0 on for themselves.
        episodes: what is left of each episode, in symbols.
    """

    rules: tuple[tuple[int, ...], ...]
    episodes: tuple[tuple[int, ...], ...]

    @property
    def elements(self) -> int:
        """Symbols on the right sides and in what is left: as the pairs of vectors and the entries of records of a network are counted."""
        return sum(map(len, self.rules)) + sum(map(len, self.episodes))


def uses(grammar: Grammar) -> Counter[int]:
    """How often each symbol stands on a right side or in what is left of an episode."""
    found: Counter[int] = Counter()
    for symbols in (*grammar.rules, *grammar.episodes):
        found.update(symbols)
    return found


def expand(grammar: Grammar) -> list[list[int]]:
    """The episodes, symbol by symbol."""
    whole = []
    for episode in grammar.episodes:
        symbols: list[int] = []
        stack = list(reversed(episode))
        while stack:
            symbol = stack.pop()
            if symbol >= 0:
                symbols.append(symbol)
            else:
                stack.extend(reversed(grammar.rules[-1 - symbol]))
        whole.append(symbols)
    return whole
