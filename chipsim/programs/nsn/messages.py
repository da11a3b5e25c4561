"""Messages of a neurosemantic network: kinds, fields and sizes.

A message is a row as in ``chipsim.machine.message``, with fields as listed below.
"""

from __future__ import annotations

from chipsim.machine.message import F2, F8, ROW
from chipsim.network.memory import (
    CHILDREN_BITS,
    COUNT_BITS,
    FLAG_BITS,
    MASK_BITS,
    POSITION_BITS,
    PROBE_BITS,
    TIME_BITS,
    USE_BITS,
    Widths,
)
from chipsim.programs.nsn.state import PAIRS, Constants

# kind             fields
ITEM = 1  # id (raw code on layer 0), address, event time, flags, number, needed, start      -> root of the layer
TAKEN = 2  # number                                                                    -> root of the layer, or host
PRESENT = 3  # slot, id, class, position, probe; from F6 on ordinals that are primed          -> core of the lower neuron
SPIKE = 4  # id, class, position, probe; from F6 on ordinals that are primed            -> cores that hold axon (layer, id)
ANSWER = 5  # id, position, probe, ordinal, address, count, first, open (sums.py), score; behind F8, of the vector that can go on best,
# count, first, ordinal and the id that it expects                                      -> parent in the reduction tree
RESULT = 6  # as ANSWER                                                                 -> root of the layer
KEY_PROBE = 7  # parent node, id, class, position, probe                                   -> home core
KEY_RESULT = 8  # node, ordinal, address, open, position, probe                             -> root
ALLOC = 9  # pairs, refused core or -1, regions asked so far, root's core, why refused, wanted core or -1, how   -> slot server
SLOT = 10  # address or -1, core to be split or -1                                      -> root
GROW = 11  # slot, ordinal, k, root's core, then k pairs (id, class)                   -> chosen core
GROWN = 12  # 1 if stored, mask of pairs whose id is new to the core, or why not                    -> root
LINK = 13  # slot, id, child core, who asks, 1 if a core asks (neurons move)            -> core of the lower neuron
LINKED = 14  # 1 if linked                                                               -> root
SET_PARENT = 15  # id, parent core or -1, asker, slot of the lower neuron, accesses so far  -> child core
SET_ROUTE = 16  # id, bit, asker                                                       -> core that writes its router's table
ADD_CHILD = 17  # id, asker                                                            -> parent core
WROTE = 18  #                                                                      -> asker
KEY_WRITE = 19  # node or -1, parent node, id, class, ordinal, address, open, root's core   -> home core
KEY_WROTE = 20  # node or -1                                                                -> root
KEY_OPEN = 21  # node, root's core                                                         -> home core of the node
ERASE = 22  # slot, root's core                                                         -> core
ERASED = 23  #                                                                           -> root
FIRE = 24  # slot, event time, flags, number, needed, start                    -> core of the winner
ALERT = 25  # id, event time, first item, last item, 1 if new                           -> host

ESCAPED = 29
"""Kinds from here on begin with a header of ones. (26 to 28 are other programs', see there.)"""

FREE = 29  # address, regions asked so far, 1 if its core has room again                        -> slot server
# Neurons that move; what the layer's root asks for, then what cores ask each other for.
SPLIT = 30  # root's core, 1 if it must, k, then k ids that half is to read                  -> core that is full
READY = 31  # neurons that are to leave                                                  -> root
DEPART = 32  # address to go to, root's core                                              -> core that is full
DEPARTED = 33  # ordinal or -1, slot, 1 if moved                                            -> root
IMPORT = 34  # slot, ordinal, k, asker, then k pairs (id, class); last word: bits of its lists       -> new core
IMPORTED = 35  # mask of pairs whose id is new to the core, or why not                        -> old core
JOINED = 36  # 1 if linked                                                                -> core that asked for a link
HISTORY = 37  # slot, count, first, last, asker                                            -> new core
KEPT = 38  #                                                                            -> old core
RELINK = 39  # slot, id, reader, asker, accesses so far; layer: the reader's               -> new core
RELINKED = 40  # slot at the asker                                                          -> old core
SET_HOME = 41  # id, address, asker                                                         -> reader
UNLINK = 42  # slot, id, reader, asker                                                    -> core of the lower neuron
UNLINKED = 43  #                                                                            -> reader
SET_NODE = 44  # id, parent core or -1, children, asker                                     -> reader
CLEAR_ROUTE = (
    45  # id, bit, asker                                                             -> core that writes its router's table
)
WITHDRAW = 46  # slot, asker, bits of its lists                                             -> new core, if a link found no room
WITHDRAWN = 47  #                                                                            -> old core
PAUSE = 48  # layer whose neurons are to move                                            -> root above
MOVED = 49  # id, new address, layer                                                     -> root above
RESUME = 50  # layer                                                                      -> root above
SETTLED = 51  #                                                                            -> root of the layer
CROWDED = 52  # core                                                                     -> root of a layer that lives there
# Recursive networks and listeners.
PRIME = 53  # which network of the layer, number of the output that it had read, id or -1           -> root of its layer
HEAR = 54  # id, event time; layer: the listener's number                                      -> listener
# Record keepers.
FIND_KEEPER = 55  # record keeper, regions asked so far                                 -> slot server
KEEPER = 56  # core or -1                                                           -> record keeper
RECORD = 57  # id, class or time, flags, keeper before, who asks, 1 if it is a time           -> further keeper
RECORDED = 58  # 1 if it had room, which core                                         -> record keeper
# Winner-takes-all by inhibition.
VOTE = 59  # id, position, probe, cores left with the bit, without it (2: more), candidates, -, horizon, score   -> parent in the tree
VOTED = 60  # as VOTE                                                                     -> root of the layer
# CONTEST: slot, id, position, probe, bit asked for or -1, bit before or -1, 1 if somebody had that -> core of the lower neuron
CONTEST = 61
INHIBIT = 62  # id, position, probe, then as CONTEST                                       -> cores that hold axon (layer, id)
# A sleep (sleep_messages.py).
ASK = 63  # operation and its words                                                     -> home core
TOLD = 64  # operation and its words                                                    -> sleeper
MAKE = 65  # position or -1, id, address, class, ordinal or -1, k                       -> root
MADE = 66  # ordinal or address                                                         -> sleeper
KINDS = 67

MOVES = tuple(range(SPLIT, CROWDED + 1))
"""Kinds of which there are none unless neurons move."""

FIRST_NAMED = F2 + 1
"""Column of a SPLIT's first id."""

LAST = 20
"""Field number of the last word of a row."""

NAMES = (
    "", "item", "taken", "present", "spike", "answer", "result", "key_probe", "key_result", "alloc", "slot", "grow", "grown",
    "link", "linked", "set_parent", "set_route", "add_child", "wrote", "key_write", "key_wrote", "key_open", "erase", "erased",
    "fire", "alert", "", "", "", "free", "split", "ready", "depart", "departed", "import", "imported", "joined", "history",
    "kept", "relink", "relinked", "set_home", "unlink", "unlinked", "set_node", "clear_route", "withdraw", "withdrawn", "pause",
    "moved", "resume", "settled", "crowded",
    "prime", "hear", "find_keeper", "keeper", "record", "recorded", "vote", "voted", "contest", "inhibit", "ask", "told", "make", "made",
)  # fmt: skip
"""Names of the kinds, as counters, faults and reports spell them."""

# Rows with destination TRACE.
T_WINNER = 1  # item number, id, cover, new, needed
T_PAIR = 2  # item number, position, lower id, class
T_WAIT = 3  # item number, needed (-1 when the wait begins)
T_GROWTH = 4  # ordinal, address
T_WRITE = 5  # what (a message kind), index, value
T_ROUTE = 6  # id, bit: the core's router takes it up
T_UNSTORED = 7  # item number, cover
T_ERROR = 8  # code, detail
T_CLEAR = 9  # id, bit: the core's router gives it up
T_MOVED = 10  # ordinal, address
T_SLEEP = 12  # 1 where it begins, 0 where it ends; most bits in use meanwhile
T_PRIME = 11  # number of the item that a recursive network read last, id that it expects

E_TAG, E_AXON, E_PHASE, E_FULL, E_ROOM = 1, 2, 3, 4, 5
"""Codes of ``T_ERROR``: an answer to another question, a spike without an axon, a message out of turn, memory full under ``stop``, no room to
sleep."""

FOR_SLEEP, PURPOSES = 2, 3
"""Of operations, see ``purpose``."""

HEADER_BITS = 5
ESCAPE_BITS = 5
"""Of a second header; those of a sleep have one bit more."""

SCORE_BITS = 19 + 4
"""A placement score: accesses of eight axons, and sixteenths of a core (``match.ROOMS``)."""

NETWORK_BITS = 3
"""Which of the recursive networks of a layer."""

LISTENER_BITS = 8
"""Which listener of the chip; in place of a layer."""

PLAIN, HAS_NETWORKS, NETWORK = range(3)
"""What a layer is: neither, one with recursive networks, or a recursive network."""
LEFT_BITS = 2
"""None, one or more cores."""

ASKED_BITS = 7 + 1
"""A bit of the key or that whoever is left is to answer, and whether somebody had the bit before."""

ROOM_BITS = 32
"""Bits of forwarding lists."""


def purpose(kind: int) -> int:
    """What operations on a message are for: 1 to grow (slots, vectors, links, neurons that move), else 0: to read, match and fire."""
    if ASK <= kind <= MADE:
        return FOR_SLEEP
    return 1 if ALLOC <= kind <= ERASED or FREE <= kind < PRIME else 0


GOES_ON = F8 + 1
"""Column of an answer: of the best vector that can go on count, first, ordinal and the id expected; on layers of recursive networks."""

ANSWER_WORDS = GOES_ON + 4


def used_words(kind: int, networks: int) -> int:
    """How many words of a row say anything; what lies behind them may be anything. Only vectors, and with recursive networks answers, go beyond
    the fixed fields.
    """
    if networks and kind in (ANSWER, RESULT):
        return ANSWER_WORDS
    return ROW if kind in (GROW, IMPORT, SPLIT, TOLD) else F8 + 1


def is_longer(K: Constants, kind: int, layer: int) -> bool:
    """Are PRESENT and SPIKE, or ANSWER and RESULT, of a layer longer than others: for a layer with recursive networks, or of one of these?"""
    if kind >= ANSWER:
        return layer > K.layers
    return 0 < layer <= K.layers


def message_bits(
    w: Widths,
    kind: int,
    pairs: int = 0,
    asks: bool = False,
    scores: bool = False,
    moves: bool = False,
    gaps: bool = False,
    networks: int = 0,
    role: int = PLAIN,
) -> int:
    """Payload bits of a message on the network: destination and kind, layer, and its fields; ``pairs`` counts for GROW.

    Slot requests name a core where the policy of growth ``asks`` for one; where cores score new neurons, answers carry a score and links
    bring the accesses so far; and where neurons move, links tell who asks for them and in which slot the lower neuron is, and the slot
    server which core is full. Where intervals are ``gaps``, from the end of an item to the start of the next one, items have a start too.
    Where there are recursive ``networks`` answers tell whether their candidate is primed; what is presented to a layer that has them
    (``role``) brings an id of each, and answers to one of them bring the best vector that can go on and what it expects.
    """
    pair = w.id + w.interval
    node = w.core + w.entry
    number = TIME_BITS
    tag = POSITION_BITS + PROBE_BITS
    # an answer tells whether something can go on, or where pairs may be missed how long it may get; and the masks of its candidate
    horizon = POSITION_BITS if w.misses else 1
    reach = horizon + (MASK_BITS if w.misses else 0) + (MASK_BITS if w.strays else 0)
    vote = w.id + tag + 2 * LEFT_BITS + horizon
    fields = {
        ITEM: w.id + w.address + TIME_BITS + FLAG_BITS,
        TAKEN: 0,
        PRESENT: w.slot + w.id + w.interval + tag,
        SPIKE: pair + tag,
        ANSWER: w.id + tag + w.address + w.address + COUNT_BITS + TIME_BITS + reach,
        RESULT: w.id + tag + w.address + w.address + COUNT_BITS + TIME_BITS + reach,
        KEY_PROBE: node + pair + tag,
        KEY_RESULT: node + w.address + w.address + 1 + tag,
        ALLOC: POSITION_BITS + 1 + w.core + w.core + w.core + 2,
        SLOT: w.address + 1,
        GROW: w.slot + w.address + POSITION_BITS + 1 + w.core + pairs * pair,
        GROWN: 1 + 8,
        LINK: w.slot + w.id + w.core + w.core,
        LINKED: 1,
        SET_PARENT: w.id + w.core + 1 + w.address,
        SET_ROUTE: w.id + 8 + w.address,
        ADD_CHILD: w.id + w.address,
        WROTE: w.slot,
        KEY_WRITE: node + node + pair + w.address + w.address + 2 + w.core,
        KEY_WROTE: node + 1,
        KEY_OPEN: node + w.core,
        ERASE: w.slot + w.core,
        ERASED: 0,
        FIRE: w.slot + TIME_BITS + FLAG_BITS + w.core,
        ALERT: w.id + TIME_BITS + 2 * number + 1,
        FREE: w.address + w.core + 1,
        SPLIT: w.core + 1 + POSITION_BITS + 1 + PAIRS * w.id,
        READY: w.slot + 1,
        DEPART: w.address + w.core,
        DEPARTED: w.address + w.slot + 2,
        IMPORT: 0,  # a GROW with the bits of its lists: one flit more, see build_plan
        IMPORTED: 1 + 8,
        JOINED: 1,
        HISTORY: w.slot + COUNT_BITS + 2 * TIME_BITS + w.core,
        KEPT: 0,
        RELINK: w.slot + w.id + w.core + w.core + USE_BITS,
        RELINKED: w.slot,
        SET_HOME: w.id + w.address + w.core,
        UNLINK: w.slot + w.id + w.core + w.core,
        UNLINKED: 0,
        SET_NODE: w.id + w.core + 1 + CHILDREN_BITS + w.core,
        CLEAR_ROUTE: w.id + 8 + w.address,
        WITHDRAW: w.slot + w.core + ROOM_BITS,
        WITHDRAWN: 0,
        PAUSE: w.layer,
        MOVED: w.id + w.address + w.layer,
        RESUME: w.layer,
        SETTLED: 0,
        CROWDED: w.core,
        ASK: 0,  # and those of the operation, see sleep_messages
        TOLD: 0,
        MAKE: POSITION_BITS + 1 + pair + w.address + w.address + 1 + POSITION_BITS + 1,
        MADE: w.address + 1,
        PRIME: NETWORK_BITS + w.id,
        HEAR: w.id + TIME_BITS + LISTENER_BITS - w.layer,
        FIND_KEEPER: w.core + w.core,
        KEEPER: w.core + 1,
        RECORD: w.id + TIME_BITS + FLAG_BITS + w.core + w.core + 1,
        RECORDED: 1 + w.core,
        VOTE: vote,
        VOTED: vote,
        CONTEST: w.slot + w.id + tag + ASKED_BITS,
        INHIBIT: w.id + tag + ASKED_BITS,
    }
    bits = HEADER_BITS + w.core + w.layer + fields[kind] + (ESCAPE_BITS if kind >= ESCAPED else 0) + (1 if kind >= ASK else 0)
    if asks and kind == ALLOC:
        bits += w.core + 2
    if scores:
        score = SCORE_BITS + w.core
        bits += {ANSWER: score, RESULT: score, VOTE: score, VOTED: score, SET_PARENT: USE_BITS}.get(kind, 0)
    if gaps:
        bits += {ITEM: TIME_BITS, FIRE: TIME_BITS}.get(kind, 0)
    if networks and kind in (ANSWER, RESULT):
        bits += 1 + (COUNT_BITS + TIME_BITS + w.address + w.id if role == NETWORK else 0)
    if role == HAS_NETWORKS and kind in (PRESENT, SPIKE):
        bits += networks * w.id
    if moves:
        bits += {SET_PARENT: w.slot, LINK: 1, SLOT: w.core + 1}.get(kind, 0)
    return bits
