"""What the cores hold of a layer: holder rows, neurons by their beginnings, and who reads whom."""

from __future__ import annotations

from collections import Counter, defaultdict

from tests.counter.told import Vector


class Held:
    """Of one layer, by core."""

    def __init__(self) -> None:
        self.rows: Counter[tuple[int, int]] = Counter()
        self.begins: dict[Vector, Counter[int]] = defaultdict(Counter)
        self.complete: dict[Vector, Counter[int]] = defaultdict(Counter)
        self.readers: dict[int, list[int]] = defaultdict(list)

    def store(self, core: int, vector: Vector, whole: bool = True) -> None:
        """A neuron is stored on a core; one that is taken back leaves its rows, which still go on, but completes nothing."""
        for k, (lower, _) in enumerate(vector, 1):
            self.rows[core, lower] += 1
            self.begins[vector[:k]][core] += 1
        self.complete[vector][core] += whole

    def drop(self, core: int, vector: Vector) -> None:
        """The rows of a neuron that was taken back go."""
        for k, (lower, _) in enumerate(vector, 1):
            self.rows[core, lower] -= 1
            self.begins[vector[:k]][core] -= 1
