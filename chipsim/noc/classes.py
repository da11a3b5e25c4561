"""Classes of messages: kinds that are sent because another kind was taken in get virtual channels of their own.

A core that holds back its router (``noc.ejection``) holds back whatever queues behind, and among that may be the very message that somebody
waits for. Here no core is held up by what it sends, since outboxes have no limit, so the dependency of a kind on those that it may
cause ends in the core, and one class is free of deadlock as well. Ordered classes are for chips whose cores have less to spare: a
kind is in a higher class than those that cause it, so the messages of the highest class always drain, then those of the next. Kinds that
cause each other, over any detour, cannot be ordered and share a class.
"""

from __future__ import annotations

from collections.abc import Mapping, Set

import numpy as np
import numpy.typing as npt

from chipsim.noc.cycles import components
from chipsim.programs.nsn.messages import (
    ADD_CHILD,
    ALERT,
    ALLOC,
    ANSWER,
    CLEAR_ROUTE,
    CROWDED,
    DATA,
    DEPART,
    DEPARTED,
    ERASE,
    ERASED,
    FIRE,
    FREE,
    GROW,
    GROWN,
    HISTORY,
    IMPORT,
    IMPORTED,
    ITEM,
    JOINED,
    KEPT,
    KEY_OPEN,
    KEY_PROBE,
    KEY_RESULT,
    KEY_WRITE,
    KEY_WROTE,
    KINDS,
    LIF_SPIKE,
    LINK,
    LINKED,
    MOVED,
    PAUSE,
    PRESENT,
    READY,
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
    UNLINK,
    UNLINKED,
    WITHDRAW,
    WITHDRAWN,
    WROTE,
)

Ints = npt.NDArray[np.int64]
Sends = Mapping[int, Set[int]]

LIF_SENDS: Sends = {LIF_SPIKE: frozenset()}
"""A spiking core sends nothing on taking a spike in; it does so in steps."""

TRAFFIC_SENDS: Sends = {DATA: frozenset()}

_FROM_ROOT = frozenset({ITEM, TAKEN, PRESENT, KEY_PROBE, ALLOC, GROW, LINK, KEY_WRITE, KEY_OPEN, ERASE, FIRE, ALERT})
_TO_ROOT = (ITEM, TAKEN, RESULT, KEY_RESULT, SLOT, GROWN, LINKED, KEY_WROTE, ERASED)

NSN_SENDS: Sends = dict.fromkeys(_TO_ROOT, _FROM_ROOT) | {
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
    ALERT: frozenset(),
}
"""A neurosemantic network; nearly everything may cause everything else, for an item sets off the next."""


_MOVE_ROOT = frozenset({FREE, SPLIT, DEPART, PAUSE, MOVED, RESUME, SETTLED})
_ON_LEAVING = frozenset({UNLINK, DEPARTED})

MOVE_SENDS: Sends = {
    **NSN_SENDS,
    **dict.fromkeys((*_TO_ROOT, READY, DEPARTED, PAUSE, MOVED, RESUME, SETTLED), _FROM_ROOT | _MOVE_ROOT),
    FREE: frozenset({FREE}),
    LINK: NSN_SENDS[LINK] | {JOINED, CROWDED},
    CROWDED: frozenset(),
    WROTE: NSN_SENDS[WROTE] | {JOINED, RELINKED, SET_NODE, CLEAR_ROUTE, UNLINKED, RELINK} | _ON_LEAVING,
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
    ERASE: NSN_SENDS[ERASE] | {UNLINK},
}
"""A neurosemantic network whose neurons move, or whose slots are used again."""


def classes_of(sends: Sends) -> tuple[int, Ints]:
    """Classes of the kinds of a run.

    Args:
        sends: per kind, the kinds that its receiver may send on taking one in.

    Returns:
        Their number, and int64[KINDS] class of each kind, 0 for kinds that are not in the run. A kind is in a higher class than any
        that may cause it, except where they cause each other; no more classes are used than the longest such chain needs.
    """
    kinds = sorted(set(sends) | {kind for sent in sends.values() for kind in sent})
    pairs = np.array([(a, b) for a in kinds for b in sorted(sends.get(a, ()))], np.int64).reshape(-1, 2)
    part = components(KINDS, pairs[:, 0], pairs[:, 1])
    level = np.zeros(KINDS, np.int64)  # of each part; a chain has no more parts than there are kinds
    apart = pairs[part[pairs[:, 0]] != part[pairs[:, 1]]]
    for _ in range(len(kinds)):
        for a, b in apart.tolist():
            level[part[b]] = max(level[part[b]], level[part[a]] + 1)
    class_of = np.zeros(KINDS, np.int64)
    class_of[kinds] = level[part[kinds]]
    return int(class_of.max()) + 1, class_of
