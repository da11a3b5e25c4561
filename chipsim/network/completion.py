"""Going on from a prefix: how stored episodes continue where they hold given symbols, and nothing that is not stored.

An episode is searched as its symbols, which replay has told; patterns are not asked what they may stand for. A *place* is the number of
a symbol among those of all episodes, one after the other.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Ints = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Stored:
    """Symbols of episodes, one after the other.

    Attributes:
        code: int64[symbols].
        number: int64[episodes], numbers of the episodes, in the order in which they were stored.
        start: int64[episodes + 1], where each of them starts.
        end: int64[symbols], of the place of a symbol, where its episode ends.
    """

    code: Ints
    number: Ints
    start: Ints
    end: Ints

    def at(self, place: int) -> tuple[int, int]:
        """Number of the episode that holds a place, and the place in it, from 0."""
        row = int(np.searchsorted(self.start, place, side="right")) - 1
        return int(self.number[row]), place - int(self.start[row])

    def episodes(self, places: Ints) -> int:
        """In how many episodes places are, which are behind a symbol each."""
        return len(np.unique(self.end[places - 1]))


@dataclass(frozen=True, slots=True)
class Next:
    """A symbol that follows.

    Attributes:
        code: the symbol.
        count: how often.
        last: the last place where it does.
    """

    code: int
    count: int
    last: int


def stored(found: Mapping[int, Sequence[tuple[int, int]]]) -> Stored:
    """Lay episodes one after the other, from their items, (code, time) each, by number."""
    number = np.array(sorted(found), np.int64)
    sizes = [len(found[one]) for one in number.tolist()]
    start = np.concatenate([[0], np.cumsum(sizes)]).astype(np.int64)
    codes = (code for one in number.tolist() for code, _ in found[one])
    code = np.fromiter(codes, np.int64, count=int(start[-1]))
    return Stored(code, number, start, np.repeat(start[1:], sizes))


def places_behind(episodes: Stored, prefix: Sequence[int]) -> tuple[Ints, int]:
    """Every place behind symbols that stand in one episode, and how many of the symbols, from the first on, do so together.

    Where that is fewer than all, the places are those behind the fewer; none where it is 0.
    """
    places = np.arange(len(episodes.code))
    for matched, code in enumerate(prefix):
        here = places[places < episodes.end[places - 1]] if matched else places
        here = here[episodes.code[here] == code]
        if not len(here):
            return (places if matched else places[:0]), matched
        places = here + 1
    return places, len(prefix)


def longest_end(episodes: Stored, prefix: Sequence[int]) -> int:
    """How many of some symbols, from the last one back, stand together in one episode."""
    places = np.arange(len(episodes.code))  # of the symbol that is compared
    end = episodes.end
    for matched, code in enumerate(reversed(prefix)):
        here = places[episodes.code[places] == code]
        if not len(here):
            return matched
        before = here[here > 0] - 1
        places = before[end[before] == end[before + 1]]
        if not len(places):
            return matched + 1
    return len(prefix)


def following(episodes: Stored, places: Ints) -> tuple[list[Next], int]:
    """What follows at places, the most often seen first, then the one seen last; and how many of the places are episodes' ends."""
    going = places[places < episodes.end[places - 1]]
    codes, back, counts = np.unique(episodes.code[going][::-1], return_index=True, return_counts=True)
    last = going[len(going) - 1 - back]
    found = [Next(*row) for row in zip(codes.tolist(), counts.tolist(), last.tolist(), strict=True)]
    return sorted(found, key=lambda one: (-one.count, -one.last)), len(places) - len(going)


def continued(episodes: Stored, places: Ints, first: int | None = None) -> tuple[int, int]:
    """Choose how it goes on: symbol by symbol what follows most often where the symbols before it, chosen ones included, stand too.

    What is chosen stands in one episode behind one of the places, and goes to the end of that episode.

    Args:
        episodes: what is stored.
        places: behind each occurrence of a prefix, in order.
        first: the first symbol, where it is not to be chosen.

    Returns:
        The place of the first symbol chosen, of the last occurrence that goes on so, and how many there are; the last place and 0 if
        nothing follows.
    """
    alive, chosen = places, 0
    while True:
        going = alive[alive + chosen < episodes.end[alive - 1]]
        if len(going) == 1:  # nothing left to choose
            place = int(going[0])
            return place, int(episodes.end[place]) - place
        codes = episodes.code[going + chosen]
        if not len(codes):
            return int(alive[-1]), chosen
        best = first if first is not None and not chosen else _most(codes)
        alive, chosen = going[codes == best], chosen + 1


def _most(codes: Ints) -> int:
    """The code that stands most often, of equal ones the one that stands last."""
    if (codes == codes[-1]).all():
        return int(codes[-1])
    distinct, back, counts = np.unique(codes[::-1], return_index=True, return_counts=True)
    most = np.flatnonzero(counts == counts.max())
    return int(distinct[most[np.argmin(back[most])]])
