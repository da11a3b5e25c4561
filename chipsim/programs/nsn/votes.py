"""Votes of cores on their candidates, where winners are found by inhibition: kept, counted and sent up the tree (``inhibit``)."""

from __future__ import annotations

from chipsim.machine.ints import Ints
from chipsim.machine.message import TRACE, emit
from chipsim.programs.nsn.answers import candidates_of, horizon_of
from chipsim.programs.nsn.core import Axon, Contest, Core, Wait
from chipsim.programs.nsn.messages import E_TAG, T_ERROR, VOTE, VOTED
from chipsim.programs.nsn.state import Constants

MORE = 2
"""Cores left, or more."""


def keep_candidate(own: Contest, ordinal: int, address: int, count: int, first: int, word: int) -> None:
    """A core's best candidate for the item that it has matched, ordinal -1 for none; ``word`` as in an answer."""
    own.ordinal = ordinal
    own.address = address
    own.seniority = count
    own.first = first
    own.word = word


def offer_candidate(
    K: Constants, m: Core, c: int, axon: Axon, layer: int, neuron: int, tag: int, score: int, out: Ints
) -> None:
    """The core has matched an item: it votes whether it has a candidate."""
    own, wait = m.contests[c * K.numbers + layer], m.waits[c * K.numbers + layer]
    having = 1 if own.ordinal >= 0 else 0
    take_vote(wait, layer, tag, having, 0, candidates_of(own.word), horizon_of(own.word), score, out)
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
