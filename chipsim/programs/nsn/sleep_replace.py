"""All layers are compacted: the old network goes, the records are written anew, and what was made grows into neurons."""

from __future__ import annotations

from chipsim.ids import LAYER_SHIFT, neuron_id
from chipsim.machine.actions import A_READ, A_WRITE
from chipsim.machine.ints import Ints, Row
from chipsim.machine.message import F0, F1, F2, F3, F4, TRACE, emit
from chipsim.network.stimulus import END_EPISODE
from chipsim.programs.nsn.core import Core
from chipsim.programs.nsn.messages import ITEM, MAKE, T_SLEEP
from chipsim.programs.nsn.migrate import free
from chipsim.programs.nsn.sleep_choice import add_part
from chipsim.programs.nsn.sleep_messages import CALL, CLEAR, DROP, END, FIND, KEEP, UP, WHO
from chipsim.programs.nsn.sleep_reading import fetched
from chipsim.programs.nsn.sleep_roll import ask, get, home_of, node_core
from chipsim.programs.nsn.sleep_rows import A_NAME, NODES, WINDOW
from chipsim.programs.nsn.sleep_stages import (
    AWAKE,
    CALLING_OLD,
    CLEARING,
    DO_ANEW,
    DO_END,
    DO_LIST,
    DO_NAME,
    DO_RECORDS,
    DROPPING,
    ENDING,
    FETCHING_ENTRY,
    GROWING,
    GROWS,
    KEEPING,
    LOCATING,
    RECALLING,
    RECORDING,
    UNFOLDING,
)
from chipsim.programs.nsn.state import ANEW, EPISODES, MAKING, PAIRS, RECEIVED, RECORDS, SCALARS, TAIL, Constants, Root


def do_replace(K: Constants, m: Core, c: int, out: Ints) -> None:
    """Look for old neurons on the first core."""
    s = m.sleepers[c]
    s.home = 0
    s.slot = 0
    call_old(K, m, c, out)


def call_old(K: Constants, m: Core, c: int, out: Ints) -> None:
    """Ask a core for its next neuron; when none is left on any, records and keys go."""
    s = m.sleepers[c]
    if s.home == K.key_homes:
        s.home = 0
        s.stage = CLEARING
        ask(K, out, K.home[0], CLEAR, K.asleep)
        return
    s.stage = CALLING_OLD
    ask(K, out, K.home[s.home], CALL, s.slot)


def called_old(K: Constants, m: Core, c: int, msg: Row, out: Ints) -> None:
    """A neuron of a layer that sleeps is taken out."""
    s = m.sleepers[c]
    if msg[F1] == 0:
        s.home += 1
        s.slot = 0
        call_old(K, m, c, out)
        return
    s.slot = msg[F1]
    s.id = msg[F2]
    if s.id >> LAYER_SHIFT < K.asleep:
        call_old(K, m, c, out)
        return
    s.stage = DROPPING
    ask(K, out, K.home[s.home], DROP, s.slot - 1)


def dropped(K: Constants, m: Core, c: int, out: Ints) -> None:
    """Its slot is free again."""
    s = m.sleepers[c]
    free(K, s.id >> LAYER_SHIFT, K.home[s.home] * K.slots + s.slot - 1, 1, out)
    call_old(K, m, c, out)


def cleared(K: Constants, m: Core, c: int, out: Ints) -> None:
    """When all cores have dropped their records, new ones are written."""
    s = m.sleepers[c]
    s.home += 1
    if s.home < K.key_homes:
        ask(K, out, K.home[s.home], CLEAR, K.asleep)
    else:
        s.todo = DO_RECORDS


def do_records(K: Constants, m: Core, c: int, r: Root, b: int, out: Ints, act: Ints) -> None:
    """The record keeper begins anew."""
    s, at = m.sleepers[c], b * SCALARS
    r.scalar[at + RECORDS] = 0
    r.scalar[at + EPISODES] = 0
    r.scalar[at + TAIL] = m.ledgers[c].number
    r.scalar[at + RECEIVED] -= s.items
    r.scalar[at + MAKING] = ANEW
    s.at = 0
    s.held = 0
    next_entry(K, m, c, r, b, out, act)


def next_entry(K: Constants, m: Core, c: int, r: Root, b: int, out: Ints, act: Ints) -> None:
    """What the last layer fired goes to the record keeper, once it is known whether an episode ends with it; behind the last, neurons grow."""
    s = m.sleepers[c]
    number = s.at + s.held
    if s.held < 2 and number < s.items:
        s.stage = FETCHING_ENTRY
        get(K, m, c, number, out)
        return
    if s.held == 0:
        r.scalar[b * SCALARS + MAKING] = 0
        s.mode = GROWS
        s.layer = K.asleep
        s.todo = DO_LIST
        return
    item, after = m.window[c * WINDOW + s.at % WINDOW], m.window[c * WINDOW + (s.at + 1) % WINDOW]
    ends = END_EPISODE if s.held == 1 or after.begins else 0
    act[A_READ] += 1
    s.stage = RECORDING
    s.at += 1
    s.held -= 1
    keeper = K.layers + 1
    emit(out, ITEM, K.root_core[keeper], keeper, item.id, -1, item.end, ends, s.at - 1, -1, item.start)


def entry_fetched(K: Constants, m: Core, c: int, r: Root, b: int, msg: Row, out: Ints, act: Ints) -> None:
    """An item of the tape for the record."""
    fetched(K, m, c, msg, act)
    next_entry(K, m, c, r, b, out, act)


def do_grow(K: Constants, m: Core, c: int, out: Ints) -> None:
    """The pairs of the next vector, from the last one on; behind the last of a layer comes the next layer."""
    s = m.sleepers[c]
    if s.pick < 0:
        s.layer += 1
        s.todo = DO_LIST if s.layer <= K.layers else DO_END
        return
    one = m.picks[c * K.key_homes + s.pick]
    s.node = one.place
    s.id = neuron_id(s.layer, one.left - 1)
    s.part = PAIRS
    s.stage = UNFOLDING
    ask(K, out, node_core(K, s.node), UP, s.node)


def unfolded(K: Constants, m: Core, c: int, msg: Row, out: Ints) -> None:
    """A pair of the vector."""
    s = m.sleepers[c]
    add_part(m, c, msg[F2], msg[F3])
    if msg[F1] >= NODES:
        ask(K, out, node_core(K, msg[F1]), UP, msg[F1])
        return
    s.first = s.part
    locate(K, m, c, out)


def locate(K: Constants, m: Core, c: int, out: Ints) -> None:
    """Ask where the neuron of the next pair is; nobody needs to know where accesses go by key."""
    s = m.sleepers[c]
    if K.keyed:
        give_part(K, m, c, -1, out)
        return
    neuron = m.parts[c * PAIRS + s.part].id
    s.stage = LOCATING
    ask(K, out, home_of(K, m, c, A_NAME, 0, neuron, 0), FIND, neuron)


def give_part(K: Constants, m: Core, c: int, address: int, out: Ints) -> None:
    """Hand a pair to the layer's root, which grows the neuron behind the last one."""
    s = m.sleepers[c]
    part = m.parts[c * PAIRS + s.part]
    ordinal, size = s.id & ((1 << LAYER_SHIFT) - 1), PAIRS - s.first
    s.stage = GROWING
    emit(out, MAKE, K.root_core[s.layer], s.layer, s.part - s.first, part.id, address, part.cls, ordinal, size)


def made(K: Constants, m: Core, c: int, msg: Row, out: Ints) -> None:
    """The root has taken the pair, or grown the neuron."""
    s = m.sleepers[c]
    s.part += 1
    if s.part < PAIRS:
        locate(K, m, c, out)
        return
    s.address = msg[F0]
    s.stage = RECALLING
    ask(K, out, node_core(K, s.node), WHO, s.node)


def recalled(K: Constants, m: Core, c: int, msg: Row, out: Ints) -> None:
    """How often the vector fired in the last reading, and when."""
    s = m.sleepers[c]
    s.stage = KEEPING
    ask(K, out, s.address // K.slots, KEEP, s.address % K.slots, msg[F2], msg[F3], msg[F4])


def kept(m: Core, c: int) -> None:
    """The neuron has its history: its address is named for those that name it."""
    s = m.sleepers[c]
    s.then = DO_ANEW
    s.todo = DO_NAME


def do_end(K: Constants, m: Core, c: int, out: Ints) -> None:
    """Home cores forget the sleep."""
    s = m.sleepers[c]
    s.home = 0
    s.peak = 0
    s.stage = ENDING
    ask(K, out, K.home[0], END)


def ended(K: Constants, m: Core, c: int, msg: Row, out: Ints, act: Ints) -> None:
    """When all have, the network is awake."""
    s = m.sleepers[c]
    s.home += 1
    s.peak += msg[F1]
    if s.home < K.key_homes:
        ask(K, out, K.home[s.home], END)
        return
    act[A_WRITE] += 1
    s.stage = AWAKE
    emit(out, T_SLEEP, TRACE, K.layers + 1, 0, s.peak, s.before)
