"""Votes of cores on their candidates, where winners are found by inhibition: kept, counted and sent up the tree (``inhibit``)."""

from __future__ import annotations

from chipsim.machine.ints import Ints
from chipsim.machine.message import TRACE, emit
from chipsim.programs.nsn.answers import candidates_of, horizon_of
from chipsim.programs.nsn.core import Axon, Core, Wait
from chipsim.programs.nsn.messages import E_TAG, T_ERROR, VOTE, VOTED
from chipsim.programs.nsn.state import Constants

MORE = 2
"""Cores left, or more."""


def offer_candidate(  # noqa: PLR0913  one parameter is one word of what a core has to offer
    K: Constants, m: Core, c: int, axon: Axon, layer: int, neuron: int, tag: int, ordinal: int, address: int, count: int, first: int,
    word: int, score: int, out: Ints,
) -> None:  # fmt: skip
    """The core has matched an item: it keeps its best candidate, and votes whether it has one."""
    own, wait = m.contests[c * K.numbers + layer], m.waits[c * K.numbers + layer]
    own.ordinal = ordinal
    own.address = address
    own.seniority = count
    own.first = first
    own.word = word
    take_vote(wait, layer, tag, 1 if ordinal >= 0 else 0, 0, candidates_of(word), horizon_of(word), score, out)
    wait.own = 1
    pass_on(K, wait, axon, layer, neuron, out)


def take_vote(
    wait: Wait, layer: int, tag: int, having: int, lacking: int, candidates: int, horizon: int, score: int, out: Ints
) -> None:
    """Take a vote (the core's own or a child's) into those being counted, in the words in which answers are combined otherwise."""
    if wait.tag == 0:
        wait.tag = tag
        wait.own = 0
        wait.got = 0
        wait.ordinal = having
        wait.address = lacking
        wait.seniority = candidates
        wait.open = horizon
        wait.score = score
        return
    if wait.tag != tag:
        emit(out, T_ERROR, TRACE, layer, E_TAG, tag)
        return
    wait.ordinal = min(MORE, wait.ordinal + having)
    wait.address = min(MORE, wait.address + lacking)
    wait.seniority += candidates
    wait.open = max(wait.open, horizon)
    wait.score = max(wait.score, score)


def pass_on(K: Constants, wait: Wait, axon: Axon, layer: int, neuron: int, out: Ints) -> None:
    """Send the votes on, once the core's own and those of all children are in."""
    if not wait.own or wait.got < axon.children:
        return
    tag, parent = wait.tag, axon.parent
    kind, dest = (VOTED, K.root_core[layer]) if parent < 0 else (VOTE, parent)
    emit(
        out, kind, dest, layer, neuron, tag % 8, tag // 8, wait.ordinal, wait.address, wait.seniority, 0, wait.open, wait.score,
    )  # fmt: skip
    wait.tag = 0
