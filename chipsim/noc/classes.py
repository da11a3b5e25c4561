"""Classes of messages: kinds that are sent because another kind was taken in get virtual channels of their own.

A core that holds back its router (``noc.ejection``) holds back whatever queues behind, and among that may be the very message that somebody
waits for. Here no core is held up by what it sends, since outboxes have no limit, so the dependency of a kind on those that it may
cause ends in the core, and one class is free of deadlock as well. Ordered classes are for chips whose cores have less to spare: a
kind is in a higher class than those that cause it, so the messages of the highest class always drain, then those of the next. Kinds that
cause each other, over any detour, cannot be ordered and share a class.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from chipsim.machine.message import Kinds
from chipsim.noc.cycles import components

Ints = npt.NDArray[np.int64]


def classes_of(of: Kinds) -> tuple[int, Ints]:
    """Classes of the kinds of a run.

    Args:
        of: the kinds of a program.

    Returns:
        Their number, and int64[kinds] class of each kind, 0 for kinds that are not in the run. A kind is in a higher class than any
        that may cause it, except where they cause each other; no more classes are used than the longest such chain needs.
    """
    sends, every = of.sends, len(of.names)
    kinds = sorted(set(sends) | {kind for sent in sends.values() for kind in sent})
    pairs = np.array([(a, b) for a in kinds for b in sorted(sends.get(a, ()))], np.int64).reshape(-1, 2)
    part = components(every, pairs[:, 0], pairs[:, 1])
    level = np.zeros(every, np.int64)  # of each part; a chain has no more parts than there are kinds
    apart = pairs[part[pairs[:, 0]] != part[pairs[:, 1]]]
    for _ in range(len(kinds)):
        for a, b in apart.tolist():
            level[part[b]] = max(level[part[b]], level[part[a]] + 1)
    class_of = np.zeros(every, np.int64)
    class_of[kinds] = level[part[kinds]]
    return int(class_of.max()) + 1, class_of
