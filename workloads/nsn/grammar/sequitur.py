"""Sequitur (Nevill-Manning and Witten, Identifying hierarchical structure in sequences, JAIR 7, 1997): a grammar symbol by symbol.

Two properties hold after every symbol: no digram stands at two places (that do not overlap), and every rule is used at least twice.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from workloads.nsn.grammar.grammar import Grammar

_HEAD, _END = -1, -2
"""What marks the ring of a rule, and the end of an episode; no digram holds either."""


class _Node:
    """A symbol of a right side, in a ring that begins and ends at the rule's head.

    ``rule`` is the rule that the symbol stands for, of a head the one whose ring it is; None for a terminal.
    """

    __slots__ = ("before", "next", "rule", "value")

    before: _Node
    next: _Node

    def __init__(self, value: int, rule: _Rule | None = None) -> None:
        self.value = value
        self.rule = rule


class _Rule:
    """A rule: the head of its ring, and the places that use it."""

    __slots__ = ("head", "uses")

    def __init__(self) -> None:
        self.head = _Node(_HEAD, self)
        self.head.next = self.head.before = self.head
        self.uses: set[_Node] = set()

    def __iter__(self) -> Iterator[_Node]:
        node = self.head.next
        while node is not self.head:
            yield node
            node = node.next


_Digram = tuple[object, object]


def sequitur(episodes: Sequence[Sequence[int]]) -> Grammar:
    """The grammar of some episodes, in which no digram goes from one to the next; in time in proportion to the symbols.

    Args:
        episodes: symbols from 0 on.
    """
    text = _Sequitur()
    for episode in episodes:
        for symbol in episode:
            text.append(symbol)
        text.append(_END)
    return text.grammar()


class _Sequitur:
    def __init__(self) -> None:
        self._start = _Rule()
        self._index: dict[_Digram, _Node] = {}

    def append(self, symbol: int) -> None:
        """Read one more symbol."""
        head = self._start.head
        _insert(head.before, _Node(symbol))
        self._check(head.before.before)

    def grammar(self) -> Grammar:
        """All rules, in the order in which they are first used."""
        number: dict[_Rule, int] = {}
        sides = list(self._start)
        for node in sides:
            if node.rule is not None and node.rule not in number:
                number[node.rule] = len(number)
                sides.extend(node.rule)
        rules = tuple(tuple(_symbol(node, number) for node in rule) for rule in number)
        episodes: list[tuple[int, ...]] = []
        symbols: list[int] = []
        for node in self._start:
            if node.value == _END and node.rule is None:
                episodes.append(tuple(symbols))
                symbols = []
            else:
                symbols.append(_symbol(node, number))
        return Grammar(rules, tuple(episodes))

    # -- the two properties --------------------------------------------------------------------------------------------------

    def _check(self, node: _Node) -> bool:
        """Hold the digram that begins at a node against the index; True if it was replaced."""
        digram = _digram(node)
        if digram is None:
            return False
        found = self._index.setdefault(digram, node)
        if found is node or found.next is node:
            return False
        if node.next is not found:  # the same in aaa
            self._match(node, found)
            return True
        return False

    def _match(self, node: _Node, found: _Node) -> None:
        """A digram stands at two places: make it one rule."""
        if found.before.value == _HEAD and found.next.next is found.before:
            rule = found.before.rule
            assert rule is not None
            self._substitute(node, rule)
        else:
            rule = _Rule()
            for part in (node, node.next):
                _insert(rule.head.before, _copy(part))
            self._substitute(found, rule)
            self._substitute(node, rule)
            digram = _digram(rule.head.next)
            assert digram is not None
            self._index[digram] = rule.head.next
        for part in (rule.head.next, rule.head.before):
            if part.rule is not None and len(part.rule.uses) == 1:
                self._dissolve(part)

    def _substitute(self, node: _Node, rule: _Rule) -> None:
        """Put a rule in the place of the two symbols from a node on."""
        before = node.before
        self._delete(before.next)
        self._delete(before.next)
        put = _Node(0, rule)
        rule.uses.add(put)
        _insert(before, put)
        if not self._check(before):
            self._check(put)

    def _dissolve(self, node: _Node) -> None:
        """A rule is used at one place only: its right side takes that place."""
        rule, before, after = node.rule, node.before, node.next
        assert rule is not None
        first, last = rule.head.next, rule.head.before
        self._forget(before)
        self._forget(node)
        _join(before, first)
        _join(last, after)
        for at in (before, last):
            digram = _digram(at)
            if digram is not None:
                self._index[digram] = at

    def _delete(self, node: _Node) -> None:
        self._forget(node.before)
        self._forget(node)
        _join(node.before, node.next)
        self._restore(node.before)
        if node.rule is not None:
            node.rule.uses.discard(node)

    def _restore(self, node: _Node) -> None:
        """Digrams of a run of equals that were left out because they overlapped the one that is gone."""
        for at in (node.before, node.next):
            digram = _digram(at)
            if digram is not None and digram[0] == digram[1]:
                self._index.setdefault(digram, at)

    def _forget(self, node: _Node) -> None:
        digram = _digram(node)
        if digram is not None and self._index.get(digram) is node:
            del self._index[digram]


def _name(node: _Node) -> object:
    return node.rule if node.rule is not None else node.value


def _digram(node: _Node) -> _Digram | None:
    """What stands at a node and behind it; None where one of the two is no symbol."""
    if node.value < 0 or node.next.value < 0:
        return None
    return _name(node), _name(node.next)


def _copy(node: _Node) -> _Node:
    copy = _Node(node.value, node.rule)
    if node.rule is not None:
        node.rule.uses.add(copy)
    return copy


def _symbol(node: _Node, number: dict[_Rule, int]) -> int:
    return node.value if node.rule is None else -1 - number[node.rule]


def _insert(before: _Node, node: _Node) -> None:
    _join(node, before.next)
    _join(before, node)


def _join(left: _Node, right: _Node) -> None:
    left.next = right
    right.before = left
