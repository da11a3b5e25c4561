"""Neurosemantic cores: an operation runs the program's kernels; what it leaves is recorded and sent when it ends."""

from __future__ import annotations

from chipsim.ids import LAYER_SHIFT
from chipsim.jit.records import I32, I64, Column, Handle, Row, Rows
from chipsim.machine.actions import A_SENT, ACTIONS
from chipsim.machine.digest import GROWTH, MIGRATION, PAIR, PRIMED, WINNER, WRITE
from chipsim.machine.digest import SPIKE as SPIKE_RECORD
from chipsim.machine.hooks import answered, side, step, work
from chipsim.machine.message import DEST, F0, F1, F2, F3, F4, F5, F6, KIND, LAYER, ROW, TRACE, TREE
from chipsim.machine.state import (
    ALERTS,
    EXPECTED_LIST,
    GROWTHS,
    NEED_ENTRIES,
    NEED_LOG,
    NEED_OWN,
    NEED_PACKETS,
    NEVER,
    OWN_ERROR,
    RUNNING,
    SPIKE_LIST,
    UNSTOREDS,
    WAITS,
    WINNERS,
    Machine,
)
from chipsim.machine.tally import add, add_decision, close, duration, fold, hash3, log_is_full, log_row
from chipsim.machine.tally import begin as hash_of
from chipsim.programs.nsn.banks import load_banks
from chipsim.programs.nsn.core import Core
from chipsim.programs.nsn.messages import (
    ALERT,
    ASK,
    FOR_SLEEP,
    GROW,
    IMPORT,
    ITEM,
    PRESENT,
    PURPOSES,
    RESULT,
    SPIKE,
    T_CLEAR,
    T_GROWTH,
    T_MOVED,
    T_PAIR,
    T_PRIME,
    T_ROUTE,
    T_SLEEP,
    T_UNSTORED,
    T_WAIT,
    T_WINNER,
    T_WRITE,
    TAKEN,
    TOLD,
    is_longer,
    purpose,
    used_words,
)
from chipsim.programs.nsn.program import core_message
from chipsim.programs.nsn.sleep_messages import ASLEEP, place_of_flits
from chipsim.programs.nsn.slots import server_message
from chipsim.programs.nsn.state import SATURATE, Constants, Root, Server

__all__ = ["answered", "begin", "held", "offer", "load_banks", "release", "side", "step", "work"]
EXPORTS = tuple(__all__)
INLINE = ("release_row", "take_row")

NEED_ROWS, NEED_BANK = NEED_OWN, NEED_OWN + 1
NOTE = OWN_ERROR

MOST_NOTES = 32
"""Rows that one operation can leave in the log at most."""


class Message(Row):
    """What belongs to a message beside its words: the next of a list, and the packets and lists that hold it. Row 0 is never used."""

    next: I32
    references: I32


class Neurosemantic(Handle):
    """What the program keeps.

    Attributes:
        free_row, free_rows: first of the free messages, and how many there are.
        banks: core memories in use.
        next_item, taken_items, items, first_item: of the stimulus: next to be offered, taken by the chip, in all, number of the first.
        events, overruns: offered so far; of them late.
        constants, cores, roots, servers: see ``state`` and ``core``.
        messages, words: rows and their words, ``ROW`` each; message: that which is being handled; out: what the operation leaves.
        waiting: since when each layer waits, ps.
        spent: by layer of the message that an operation handles, purpose and action: what it counted.
        slept: when a sleep began and ended, ps, the most bits in use meanwhile, and 1 while it lasts; sleep_flits: see ``NsnPlan``.
        flits_of, grow_flits, layer_flits: of each kind, and more of GROW by pairs and of what recursive networks make longer.
        code, time, flags, event: of the items; offer, offered: of events: when they are to be, and were, ps.
    """

    free_row: I64
    free_rows: I64
    banks: I64
    next_item: I64
    taken_items: I64
    items: I64
    first_item: I64
    events: I64
    overruns: I64
    constants: Constants
    cores: Core
    roots: Root
    servers: Server
    messages: Rows[Message]
    words: Column[I64]
    message: Column[I64]
    out: Column[I64]
    waiting: Column[I64]
    spent: Column[I64]
    slept: Column[I64]
    sleep_flits: Column[I64]
    flits_of: Column[I64]
    grow_flits: Column[I64]
    layer_flits: Column[I64]
    code: Column[I64]
    time: Column[I64]
    flags: Column[I64]
    event: Column[I64]
    offer: Column[I64]
    offered: Column[I64]


def take_row(own: Neurosemantic) -> int:
    """A message row that was free."""
    row = own.free_row
    own.free_row = own.messages[row].next
    own.free_rows -= 1
    return row


def release_row(own: Neurosemantic, row: int) -> None:
    """One holder of a message less."""
    message = own.messages[row]
    message.references -= 1
    if message.references == 0:
        message.next = own.free_row
        own.free_row = row
        own.free_rows += 1


def held(m: Machine, packet: int, more: int) -> None:
    """Copies of a packet share its message."""
    own: Neurosemantic = m.own
    row = m.packets[packet].payload
    if more < 0:
        release_row(own, row)
    else:
        own.messages[row].references += more


def begin(m: Machine, endpoint: int, packet: int) -> int:
    """Run the program on a message that a packet brought: state changes now, rows wait for the end; returns the duration in units."""
    own: Neurosemantic = m.own
    if endpoint == m.host:
        return take_at_host(m, packet)
    if own.free_rows < len(own.out) // ROW:
        return -NEED_ROWS
    e = m.endpoints[endpoint]
    if endpoint < m.cores and e.own == 0:
        return -NEED_BANK
    row = m.packets[packet].payload
    message, words, out = own.message, own.words, own.out
    for word in range(used_words(words[row * ROW + KIND], own.constants.networks)):
        message[word] = words[row * ROW + word]
    release_row(own, row)
    out[0] = 0
    if endpoint < m.cores:
        core_message(own.constants, own.cores, e.own - 1, own.roots, message[LAYER], message, out, m.act)
    else:
        server_message(own.constants, own.servers, endpoint - m.cores, message, out, m.act)
    keep_outputs(m, endpoint)
    count_by_layer(m, message[LAYER], FOR_SLEEP if own.slept[ASLEEP] else purpose(message[KIND]))
    return max(1, duration(m))


def count_by_layer(m: Machine, layer: int, growth: int) -> None:
    """What an operation counted is also counted for the layer that its message is about, apart if it is for growth."""
    own: Neurosemantic = m.own
    act, spent = m.act, own.spent
    at = (PURPOSES * layer + growth) * ACTIONS
    for action in range(ACTIONS):
        spent[at + action] += act[action]


def keep_outputs(m: Machine, endpoint: int) -> None:
    """What an operation leaves waits in rows for its end."""
    own: Neurosemantic = m.own
    words, out, e = own.words, own.out, m.endpoints[endpoint]
    rows = out[0]
    head, sent = 0, 0
    for n in range(rows - 1, -1, -1):
        row = take_row(own)
        base = 1 + n * ROW
        for word in range(used_words(out[base], own.constants.networks)):
            words[row * ROW + word] = out[base + word]
        own.messages[row].next = head
        own.messages[row].references = 1
        if out[base + DEST] != TRACE:
            sent += 1
        head = row
    e.out = head
    e.rows = rows
    m.act[A_SENT] = sent


def release(m: Machine, endpoint: int) -> int:
    """An operation has ended: traced rows become records, the others messages."""
    own: Neurosemantic = m.own
    words, e = own.words, m.endpoints[endpoint]
    if m.free_packets < e.rows:
        return NEED_PACKETS
    if log_is_full(m, min(e.rows, MOST_NOTES)):
        return NEED_LOG
    if 2 * (m.entries_used + 2) > len(m.table):
        return NEED_ENTRIES
    now = m.now * m.unit
    row = e.out
    e.out = 0
    if row != 0 and words[row * ROW + DEST] != TRACE:
        note_spike(m, endpoint, row, now)
    while row != 0:
        after = own.messages[row].next
        if words[row * ROW + DEST] == TRACE:
            note(m, endpoint, row, now)
            release_row(own, row)
        else:
            send(m, endpoint, row)
        row = after
    return RUNNING


def send(m: Machine, endpoint: int, row: int) -> None:
    """A message leaves its core."""
    own: Neurosemantic = m.own
    words, at = own.words, row * ROW
    kind = words[at + KIND]
    size = own.flits_of[kind]
    if kind in (GROW, IMPORT):
        size += own.grow_flits[words[at + F2]]
    elif kind in (ASK, TOLD):
        size += own.sleep_flits[place_of_flits(kind, words[at + F0], words[at + F3])]
    elif own.constants.networks != 0 and PRESENT <= kind <= RESULT and is_longer(own.constants, kind, words[at + LAYER]):
        size += own.layer_flits[kind - PRESENT]
    tree, layer = 0, 0
    if words[at + DEST] == TREE:
        tree, layer = words[at + F0], words[at + LAYER]
    if not m.services.inject(m, endpoint, words[at + DEST], kind, size, m.now, row, tree, layer):
        release_row(own, row)


def note_spike(m: Machine, core: int, row: int, now: int) -> None:
    """The first message of an operation may be a spike."""
    own: Neurosemantic = m.own
    kind, layer, neuron = own.words[row * ROW + KIND], own.words[row * ROW + LAYER], own.words[row * ROW + F0]
    if kind == SPIKE or (kind == ITEM and neuron >> LAYER_SHIFT == layer - 1):
        add(m, hash3(SPIKE_RECORD, now, core << 8 | layer, neuron))
        if m.keep_spikes != 0:
            log_row(m, SPIKE_LIST, now, core, layer, neuron, 0, 0, 0, 0)


def note(m: Machine, core: int, row: int, now: int) -> None:
    """Record what a program traced."""
    own: Neurosemantic = m.own
    words, at = own.words, row * ROW
    what, layer = words[at + KIND], words[at + LAYER]
    a, b, c, d, e = words[at + F0], words[at + F1], words[at + F2], words[at + F3], words[at + F4]
    tile = m.endpoints[core].tile
    if what == T_PAIR:
        h = fold(fold(fold(hash_of(PAIR), layer), a), b)
        add_decision(m, close(fold(fold(h, c), d)))
    elif what == T_WINNER:
        h = fold(fold(fold(hash_of(WINNER), layer), a), b)
        add_decision(m, close(fold(fold(h, c), d)))
        add(m, close(fold(fold(fold(fold(hash_of(WINNER), now), layer), a), b)))
        log_row(m, WINNERS, now, layer, a, b, c, d, e, core)
    elif what == T_PRIME:
        add_decision(m, hash3(PRIMED, layer, a, b))
        log_row(m, EXPECTED_LIST, layer, a, b, 0, 0, 0, 0, 0)
    elif what == T_WAIT:
        if b < 0:
            own.waiting[layer] = now
        else:
            log_row(m, WAITS, layer, a, own.waiting[layer], now, b, 0, 0, 0)
    elif what == T_WRITE:
        h = fold(fold(fold(hash_of(WRITE), now), core << 8 | layer), a)
        add(m, close(fold(fold(h, b), c)))
    elif what == T_GROWTH:
        add(m, close(fold(fold(fold(fold(hash_of(GROWTH), now), layer), a), b)))
        log_row(m, GROWTHS, now, layer, a, b, 0, 0, 0, 0)
    elif what == T_UNSTORED:
        log_row(m, UNSTOREDS, now, layer, a, b, 0, 0, 0, 0)
    elif what == T_ROUTE:
        m.services.add_entry(m, tile, layer, a, b)
        h = fold(fold(fold(hash_of(WRITE), now), tile << 8 | layer), a)
        add(m, close(fold(h, b)))
    elif what == T_CLEAR:
        m.services.clear_entry(m, tile, layer, a, b)
        h = fold(fold(fold(hash_of(WRITE), now), tile << 8 | layer), a)
        add(m, close(fold(h, -1 - b)))
    elif what == T_SLEEP:
        own.slept[0 if a else 1] = now
        own.slept[2] = b
        own.slept[4] = c
        own.slept[ASLEEP] = a
        add(m, close(fold(fold(fold(hash_of(WRITE), now), core << 8 | layer), a)))
    elif what == T_MOVED:
        add(m, close(fold(fold(fold(fold(hash_of(MIGRATION), now), layer), a), b)))
    elif m.error == 0:
        m.error, m.detail_a, m.detail_b, m.detail_c, m.detail_d = NOTE, core, layer, a, b


def offer(m: Machine) -> int:
    """The host offers the next item."""
    own: Neurosemantic = m.own
    if m.free_packets < 1:
        return NEED_PACKETS
    if own.free_rows < 1:
        return NEED_ROWS
    m.offer_at = NEVER
    offer_item(m)
    return RUNNING


def offer_item(m: Machine) -> None:
    """The next item is offered if its event is due and the item before was taken."""
    own: Neurosemantic = m.own
    i = own.next_item
    if i >= own.items or own.taken_items < i:
        return
    now = m.now * m.unit
    number = own.event[i]
    if number == own.events:
        due = now if own.offer[number] == SATURATE else own.offer[number]
        if due > now:
            m.offer_at = due // m.unit
            return
        if due < now:
            own.overruns += 1
        own.offered[number] = due
        own.events += 1
    own.next_item = i + 1
    add(m, hash3(SPIKE_RECORD, now, m.host << 8, own.code[i]))
    row = take_row(own)
    own.messages[row].references = 1
    words, at = own.words, row * ROW
    for word in range(ROW):
        words[at + word] = 0
    words[at + KIND] = ITEM
    words[at + DEST] = own.constants.root_core[0]
    words[at + F0] = own.code[i]
    words[at + F1] = -1
    words[at + F2] = own.time[i]
    words[at + F3] = own.flags[i]
    words[at + F4] = own.first_item + i
    words[at + F5] = own.first_item + i
    words[at + F6] = own.time[i]
    send(m, m.host, row)


def take_at_host(m: Machine, packet: int) -> int:
    """What the chip sent to the host is taken at once; after an acknowledgement the next item may be offered."""
    own: Neurosemantic = m.own
    if m.free_packets < 1:
        return -NEED_PACKETS
    if own.free_rows < 1:
        return -NEED_ROWS
    t, words = m.packets[packet], own.words
    at = t.payload * ROW
    if t.kind == ALERT:
        log_row(
            m, ALERTS, m.now * m.unit, words[at + F0], words[at + F1], words[at + F2], words[at + F3], words[at + F4], 0, 0
        )  # fmt: skip
    release_row(own, t.payload)
    if t.kind == TAKEN:
        own.taken_items += 1
        offer_item(m)
    return 0
