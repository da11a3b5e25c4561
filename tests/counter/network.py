"""What the cores hold of a layer: holder rows, neurons by their beginnings, and who reads whom."""

from __future__ import annotations

from collections import Counter, defaultdict

from chipsim.network.rules import NsnRules
from tests.counter.told import Vector, matches


class Held:
    """Of one layer, by core."""

    def __init__(self) -> None:
        self.rows: Counter[tuple[int, int]] = Counter()
        self.begins: dict[Vector, Counter[int]] = defaultdict(Counter)
        self.complete: dict[Vector, Counter[int]] = defaultdict(Counter)
        self.readers: dict[int, list[int]] = defaultdict(list)
        self.vectors: dict[int, list[tuple[Vector, bool]]] = defaultdict(list)

    def store(self, core: int, vector: Vector, whole: bool = True) -> None:
        """A neuron is stored on a core; one that is taken back leaves its rows, which still go on, but completes nothing."""
        for k, (lower, _) in enumerate(vector, 1):
            self.rows[core, lower] += 1
            self.begins[vector[:k]][core] += 1
        self.complete[vector][core] += whole
        self.vectors[core].append((vector, whole))

    def drop(self, core: int, vector: Vector) -> None:
        """The rows of a neuron that was taken back go."""
        for k, (lower, _) in enumerate(vector, 1):
            self.rows[core, lower] -= 1
            self.begins[vector[:k]][core] -= 1
        self.vectors[core].remove((vector, False))

    def go_on(self, core: int, pairs: Vector, rules: NsnRules) -> list[tuple[Vector, bool]]:
        """The vectors of a core that sum and go on with the last of the pairs: they match there and at the first, and have not missed too many.

        A neuron that was taken back may miss none, and has met only what its core reads.
        """
        p = len(pairs) - 1
        found = []
        for vector, whole in self.vectors[core]:
            met = [
                core in self.readers[read[0]] and (stored[0] == read[0] if m == 0 else matches(stored, read, rules))
                for m, (stored, read) in enumerate(zip(vector, pairs, strict=False))
            ]
            spare = len(vector) - rules.least[len(vector)] if whole else 0
            if len(vector) > p and met[0] and met[p] and p + 1 - sum(met) <= spare:
                found.append((vector, whole))
        return found
