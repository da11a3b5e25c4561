"""Text with planted ambiguity: two patterns that share their first and last pair, read so that each is missed in as many pairs as the other.

What came before tells which one was meant: each pattern has a context of its own. Layer 1 knows the four words; a spoilt pattern is as far
from one as from the other, so by itself the key falls to count and age.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from fractions import Fraction

import numpy as np

from chipsim.ids import neuron_id
from chipsim.network import END_EPISODE, END_SEGMENT, Stimulus
from chipsim.network.rules import NsnRules, least_of, text_rules
from workloads.nsn.golden import GoldenModel

CONTEXTS = ("uv", "wz")

PATTERNS = {4: ("abcd", "axyd"), 8: ("abcdefgh", "apqrsfgh")}
"""By pairs: first and last are shared, half of the misses that the threshold allows is planted on either side."""


@dataclass(frozen=True, slots=True)
class Planted:
    """A text and where its spoilt patterns are.

    Attributes:
        stimulus: the four words first, an episode each; where it is taught, each context once with its pattern; then episodes of contexts
            and patterns.
        spoilt: number of the first item of each spoilt pattern; meant: which of the two it was.
    """

    stimulus: Stimulus
    spoilt: tuple[int, ...]
    meant: tuple[int, ...]


def plant(pairs: int, episodes: int, seed: int, *, words: int = 4, share: float = 0.5, taught: bool = True) -> Planted:
    """A text.

    Args:
        pairs: of a pattern, 4 or 8.
        episodes: how many, each of ``words`` contexts with a pattern behind each.
        seed: of what is drawn.
        words: contexts of an episode.
        share: of the patterns that are spoilt.
        taught: each context is read once with its pattern before any is spoilt.
    """
    draw = np.random.Generator(np.random.PCG64(seed))
    told: list[str] = [*CONTEXTS, *PATTERNS[pairs]]
    if taught:
        told += [context + pattern for context, pattern in zip(CONTEXTS, PATTERNS[pairs], strict=True)]
    spoilt: list[int] = []
    meant: list[int] = []
    at = sum(map(len, told))
    for _ in range(episodes):
        text = ""
        for which in draw.integers(0, 2, words).tolist():
            text += CONTEXTS[which]
            pattern = PATTERNS[pairs][which]
            if draw.random() < share:
                spoilt.append(at + len(text))
                meant.append(which)
                pattern = spoil(pairs, draw)
            text += pattern
        told.append(text)
        at += len(text)
    flags = np.full(at, END_SEGMENT)
    flags[np.cumsum([len(one) for one in told]) - 1] |= END_EPISODE
    number = np.arange(at)
    stimulus = Stimulus(code=np.array([ord(c) for c in "".join(told)]), time=number, flags=flags, event=number)
    return Planted(stimulus, tuple(spoilt), tuple(meant))


def spoil(pairs: int, draw: np.random.Generator) -> str:
    """Half of the places at which the patterns differ from one, half from the other."""
    one, other = PATTERNS[pairs]
    differ = [n for n in range(pairs) if one[n] != other[n]]
    taken = set(draw.permutation(differ)[: len(differ) // 2].tolist())
    return "".join(one[n] if n in taken else other[n] for n in range(pairs))


def rules(networks: int) -> NsnRules:
    """One layer that sums, with networks."""
    return replace(text_rules(1), summing=True, least=least_of(Fraction(3, 4)), tolerance=1, networks=networks)


def right(planted: Planted, networks: int) -> list[bool]:
    """Of each spoilt pattern whether the neuron that was meant won."""
    golden = GoldenModel(rules(networks))
    golden.advance(planted.stimulus, len(planted.stimulus))
    won = {d.item: d.id for d in golden.decisions if d.layer == 1}
    return [
        won.get(item) == neuron_id(1, len(CONTEXTS) + which) for item, which in zip(planted.spoilt, planted.meant, strict=True)
    ]
