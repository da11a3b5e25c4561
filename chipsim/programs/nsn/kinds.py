"""Which messages of a neurosemantic network are sent because of which."""

from __future__ import annotations

from collections.abc import Mapping, Set

from chipsim.machine.message import Kinds
from chipsim.programs.nsn.messages import (
    ADD_CHILD,
    ALERT,
    ALLOC,
    ANSWER,
    ASK,
    CLEAR_ROUTE,
    CONTEST,
    CROWDED,
    DEPART,
    DEPARTED,
    ERASE,
    ERASED,
    FIND_KEEPER,
    FIRE,
    FREE,
    GROW,
    GROWN,
    HEAR,
    HISTORY,
    IMPORT,
    IMPORTED,
    INHIBIT,
    ITEM,
    JOINED,
    KEEPER,
    KEPT,
    KEY_OPEN,
    KEY_PROBE,
    KEY_RESULT,
    KEY_WRITE,
    KEY_WROTE,
    LINK,
    LINKED,
    MADE,
    MAKE,
    MOVED,
    NAMES,
    PAUSE,
    PRESENT,
    PRIME,
    READY,
    RECORD,
    RECORDED,
    RELINK,
    RELINKED,
    RESULT,
    RESUME,
    SET_HOME,
    SET_NODE,
    SET_PARENT,
    SET_ROUTE,
    SETTLED,
    SLOT,
    SPIKE,
    SPLIT,
    TAKEN,
    TOLD,
    UNLINK,
    UNLINKED,
    VOTE,
    VOTED,
    WITHDRAW,
    WITHDRAWN,
    WROTE,
)

Sends = Mapping[int, Set[int]]

_FROM_ROOT = frozenset(
    {ITEM, RECORD, FIND_KEEPER, TAKEN, PRESENT, KEY_PROBE, ALLOC, GROW, LINK, KEY_WRITE, KEY_OPEN, ERASE, FIRE, ALERT}
)
_TO_ROOT = (ITEM, TAKEN, RESULT, KEY_RESULT, SLOT, GROWN, LINKED, KEY_WROTE, ERASED)

_SENDS: Sends = dict.fromkeys(_TO_ROOT, _FROM_ROOT) | {
    # TAKEN may have the host offer the next item, so ITEM is among what it causes there too
    PRESENT: frozenset({SPIKE, RESULT}),
    SPIKE: frozenset({ANSWER, RESULT}),
    ANSWER: frozenset({ANSWER, RESULT}),
    KEY_PROBE: frozenset({KEY_RESULT}),
    ALLOC: frozenset({ALLOC, SLOT}),
    GROW: frozenset({GROWN}),
    LINK: frozenset({LINKED, SET_PARENT}),
    SET_PARENT: frozenset({WROTE}),
    SET_ROUTE: frozenset({WROTE}),
    ADD_CHILD: frozenset({WROTE}),
    WROTE: frozenset({LINKED, SET_ROUTE, ADD_CHILD}),
    KEY_WRITE: frozenset({KEY_WROTE}),
    KEY_OPEN: frozenset({KEY_WROTE}),
    ERASE: frozenset({ERASED}),
    FIRE: frozenset({ITEM}),
    RECORD: frozenset({RECORDED}),
    RECORDED: frozenset({TAKEN, FIND_KEEPER}),
    FIND_KEEPER: frozenset({FIND_KEEPER, KEEPER}),
    KEEPER: frozenset({TAKEN, RECORD}),
    ALERT: frozenset(),
}
"""Nearly everything may cause everything else, for an item sets off the next."""


_MOVE_ROOT = frozenset({FREE, SPLIT, DEPART, PAUSE, MOVED, RESUME, SETTLED})
_ON_LEAVING = frozenset({UNLINK, DEPARTED})

_MOVE_SENDS: Sends = {
    **_SENDS,
    **dict.fromkeys((*_TO_ROOT, READY, DEPARTED, PAUSE, MOVED, RESUME, SETTLED), _FROM_ROOT | _MOVE_ROOT),
    FREE: frozenset({FREE}),
    LINK: _SENDS[LINK] | {JOINED, CROWDED},
    CROWDED: frozenset(),
    WROTE: _SENDS[WROTE] | {JOINED, RELINKED, SET_NODE, CLEAR_ROUTE, UNLINKED, RELINK} | _ON_LEAVING,
    SPLIT: frozenset({READY}),
    DEPART: frozenset({IMPORT, DEPARTED}),
    IMPORT: frozenset({IMPORTED}),
    IMPORTED: frozenset({LINK, HISTORY, DEPARTED}),
    JOINED: frozenset({LINK, HISTORY, WITHDRAW}),
    HISTORY: frozenset({KEPT}),
    KEPT: frozenset({CLEAR_ROUTE, RELINK}) | _ON_LEAVING,
    RELINK: frozenset({SET_HOME}),
    RELINKED: frozenset({CLEAR_ROUTE, RELINK}) | _ON_LEAVING,
    SET_HOME: frozenset({WROTE}),
    UNLINK: frozenset({SET_NODE, CLEAR_ROUTE, UNLINKED}),
    UNLINKED: frozenset({UNLINK, DEPARTED, WITHDRAWN, ERASED}),
    SET_NODE: frozenset({WROTE}),
    CLEAR_ROUTE: frozenset({WROTE}),
    WITHDRAW: frozenset({UNLINK, WITHDRAWN}),
    WITHDRAWN: frozenset({DEPARTED}),
    ERASE: _SENDS[ERASE] | {UNLINK},
}

_CONTEST_SENDS: Sends = {
    SPIKE: frozenset({VOTE, VOTED}),
    VOTE: frozenset({VOTE, VOTED}),
    CONTEST: frozenset({INHIBIT}),
    INHIBIT: frozenset({VOTE, VOTED, RESULT}),
}
"""Where winners are found by inhibition; an answer is a RESULT."""


def _contested(sends: Sends, heard: bool) -> Sends:
    """With winners found by inhibition; the layers of recursive networks, if there are any, keep their trees of answers."""
    kept = sends if heard else {kind: caused for kind, caused in sends.items() if kind != ANSWER}
    spike = _CONTEST_SENDS[SPIKE] | (sends[SPIKE] if heard else frozenset())
    return {**kept, **_CONTEST_SENDS, SPIKE: spike, VOTED: sends[RESULT] | {CONTEST}}


def _heard(sends: Sends) -> Sends:
    """With recursive networks and listeners: roots tell what they expect, and go on when they are told."""
    causes = {kind: sent | {PRIME} if sent >= _FROM_ROOT else sent for kind, sent in sends.items()}
    return causes | {PRIME: causes[TAKEN], FIRE: sends[FIRE] | {TAKEN, HEAR}, HEAR: frozenset()}


_ASLEEP = frozenset({ASK, MAKE, MADE, ITEM, FREE})


def _asleep(sends: Sends) -> Sends:
    """With a sleep: behind the last record, or an answer to the sleeper, it goes on; roots that grow what it has made answer it."""
    causes = {kind: sent | {MADE, ASK} if sent >= _FROM_ROOT else sent for kind, sent in sends.items()}
    causes |= {kind: sends[kind] | {MADE, ASK} for kind in (RECORDED, KEEPER)}
    return causes | {
        ASK: frozenset({TOLD, UNLINK}),
        UNLINKED: sends[UNLINKED] | {TOLD},
        TOLD: _ASLEEP,
        MADE: _ASLEEP,
        MAKE: frozenset({MADE, ALLOC, KEY_PROBE}),
    }


def kinds_of(moving: bool, heard: bool, inhibition: bool = False, sleeps: bool = False) -> Kinds:
    """The kinds of a run.

    Args:
        moving: neurons move, or slots are used again.
        heard: there are recursive networks or listeners.
        inhibition: winners are found by inhibition.
        sleeps: the network sleeps when all is read.
    """
    sends = _MOVE_SENDS if moving else _SENDS
    sends = _heard(sends) if heard else sends
    sends = _asleep(sends) if sleeps else sends
    return (
        Kinds(NAMES, _contested(sends, heard), frozenset({SPIKE, INHIBIT}))
        if inhibition
        else Kinds(NAMES, sends, frozenset({SPIKE}))
    )
