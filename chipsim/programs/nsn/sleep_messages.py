"""Messages of a sleep: what a sleeper asks home cores (ASK), what they answer (TOLD), and their sizes.

MAKE goes to a layer's root, which takes one pair of a vector and grows the neuron behind its last one, or tells or sets its next ordinal;
MADE is its answer.
"""

from __future__ import annotations

from chipsim.machine.message import F0
from chipsim.network.memory import COUNT_BITS, POSITION_BITS, TIME_BITS, Widths, sleep_node_bits, sleep_unit_bits
from chipsim.programs.nsn.messages import ASK

# operation   asked                                                          told
CALL = 1  # slot from which on                                            slot + 1 or 0, id, k, pairs
ENTER = 2  # node before, id, class, layer, number, ordinal               node or 0, 1 if made (or the core)
WALK = 3  # node before, id, class                                       node or 0, number, ordinal
UP = 4  # node                                                            node before, id, class
NAME = 5  # id, node, address                                             0 without room, the core
FIND = 6  # id                                                            node, address
COUNT = 7  # unit, unit, class, place                                     0 without room, the core
BEST = 8  # count, place                                                  count, place, unit, unit, class
FORGET = 9  #
RESET = 10  # layer
SWEEP = 11  # layer                                                       freed
LIST = 12  # layer, number                                                number or 0, node, ordinal
GIVE = 13  # node, ordinal
USE = 14  # node, event time
WHO = 15  # node                                                          ordinal, uses, first, last
PUT = 16  # place, id, end, start, 1 if an episode begins                 0 without room, the core
GET = 17  # place                                                         id, end, start, 1 if an episode begins
ENTRY = 18  # entry, 1 if an episode begins                               id, class or time, flags or -1, keeper before
DROP = 19  # slot
CLEAR = 20  # layer
KEEP = 21  # slot, count, first, last
END = 22  #                                                              most bits
ROOM_LEFT = 23  #                                                        free bits
OPERATIONS = 24

OPERATION_BITS = 5

REFUSED = F0 + 2
"""Column of the core that had no room."""


def asked_bits(w: Widths, gaps: bool) -> list[int]:
    """Payload bits of ASK by operation, without what every message has."""
    node, unit, item = sleep_node_bits(w), sleep_unit_bits(w), w.id + TIME_BITS + gaps * TIME_BITS + 1
    fields = {
        CALL: w.slot,
        ENTER: node + w.id + w.interval + w.layer + 2 * w.address,
        WALK: node + w.id + w.interval,
        UP: node,
        NAME: w.id + node + w.address,
        FIND: w.id,
        COUNT: 2 * unit + w.interval + TIME_BITS,
        BEST: COUNT_BITS + TIME_BITS,
        FORGET: 0,
        RESET: w.layer,
        SWEEP: w.layer,
        LIST: w.layer + w.address,
        GIVE: node + w.address,
        USE: node + TIME_BITS,
        WHO: node,
        PUT: TIME_BITS + item,
        GET: TIME_BITS,
        ENTRY: w.entry + 2,
        DROP: w.slot,
        CLEAR: w.layer,
        KEEP: w.slot + COUNT_BITS + 2 * TIME_BITS,
        END: 0,
        ROOM_LEFT: 0,
    }
    return [OPERATION_BITS + fields.get(operation, 0) for operation in range(OPERATIONS)]


def told_bits(w: Widths, gaps: bool) -> list[int]:
    """Likewise of TOLD; of CALL without pairs."""
    node, unit, item = sleep_node_bits(w), sleep_unit_bits(w), w.id + TIME_BITS + gaps * TIME_BITS + 1
    done = 1 + w.core
    fields = {
        CALL: w.slot + w.id + POSITION_BITS + 2,
        ENTER: node + w.core,
        WALK: node + 2 * w.address,
        UP: node + w.id + w.interval,
        NAME: done,
        FIND: node + w.address,
        COUNT: done,
        BEST: COUNT_BITS + TIME_BITS + 2 * unit + w.interval,
        SWEEP: w.entry,
        LIST: 2 * w.address + node,
        WHO: w.address + COUNT_BITS + 2 * TIME_BITS,
        PUT: done,
        GET: item,
        ENTRY: w.id + TIME_BITS + 2 + w.core,
        END: TIME_BITS,
        ROOM_LEFT: TIME_BITS,
    }
    return [fields.get(operation, 0) for operation in range(OPERATIONS)]


ASLEEP = 3
"""Place in ``NsnRun.slept``: 1 while a sleep lasts."""


def place_of_flits(kind: int, operation: int, pairs: int) -> int:
    """Where ``NsnPlan.sleep_flits`` has the flits of ASK or TOLD; of the vector of a CALL by its pairs."""
    if kind == ASK:
        return operation
    return 2 * OPERATIONS + pairs if operation == CALL else OPERATIONS + operation
