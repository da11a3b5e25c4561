"""What is done later: counts that depend on which of several layers came first to a core, when the moments of all are known."""

from __future__ import annotations

from collections.abc import Callable


class Later:
    """Deeds with their moments, done in that order; those of one moment in the order in which they were asked for."""

    def __init__(self) -> None:
        self.deeds: list[tuple[int, int, Callable[[], None]]] = []

    def at(self, moment: int, deed: Callable[[], None]) -> None:
        """Do something at a moment."""
        self.deeds.append((moment, len(self.deeds), deed))

    def do(self) -> None:
        """Do it all."""
        for _, _, deed in sorted(self.deeds, key=lambda d: d[:2]):
            deed()
