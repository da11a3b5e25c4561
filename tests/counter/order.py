"""In which order cores and slot servers took what the layers sent them: chip time decides that, which the golden model does not know.

Layers work at once. What one of them does follows from its items; which of two layers is first at a core that both use does not, and it
decides how an index is threaded and so how many entries a search goes through.
"""

from __future__ import annotations

from collections import defaultdict, deque
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any
from unittest.mock import patch

from chipsim.machine.message import KIND, LAYER
from chipsim.programs.nsn.reference.cores import NsnCores

Handled = tuple[int, str, int]
"""(endpoint, kind of message, layer)."""


@contextmanager
def watched() -> Iterator[list[Handled]]:
    """What endpoints take while the reference engine runs, in order."""
    taken: list[Handled] = []
    handle = NsnCores.handle

    def watch(self: NsnCores, endpoint: int, message: Any, act: list[int]) -> Any:
        taken.append((endpoint, self.plan.kinds[message[KIND]], message[LAYER]))
        return handle(self, endpoint, message, act)

    with patch.object(NsnCores, "handle", watch):
        yield taken


class Order:
    """When a message is taken: the n-th of a kind and layer at an endpoint, or the n-th of a kind and layer anywhere."""

    def __init__(self, taken: Sequence[Handled]) -> None:
        self.at: dict[Handled, deque[int]] = defaultdict(deque)
        self.of: dict[tuple[str, int], list[tuple[int, int]]] = defaultdict(list)
        self.next: dict[tuple[str, int], Iterator[tuple[int, int]]] = {}
        self.last: dict[Handled, int] = {}
        for moment, (endpoint, kind, layer) in enumerate(taken):
            self.at[endpoint, kind, layer].append(moment)
            self.of[kind, layer].append((moment, endpoint))

    def taken(self, endpoint: int, kind: str, layer: int) -> int:
        """The moment at which the next of a kind and layer is taken at an endpoint."""
        found = self.at[endpoint, kind, layer]
        if not found:
            raise LookupError(f"no {kind} of layer {layer} comes to {endpoint} any more")
        self.last[endpoint, kind, layer] = found.popleft()
        return self.last[endpoint, kind, layer]

    def anywhere(self, kind: str, layer: int) -> tuple[int, int]:
        """Moment and endpoint of the next of a kind and layer."""
        rest = self.next.setdefault((kind, layer), iter(self.of[kind, layer]))
        found = next(rest, None)
        if found is None:
            raise LookupError(f"no {kind} of layer {layer} is taken any more")
        return found

    def meanwhile(self, kind: str, layer: int, root: int) -> list[int]:
        """Where messages of a kind and layer are taken while its root decides a segment: from one TAKEN to the next."""
        begin, ends = self.last.get((root, "taken", layer), -1), self.at[root, "taken", layer]
        return [where for moment, where in self.of[kind, layer] if begin < moment and (not ends or moment < ends[0])]
