"""A sleep begins: the stored vectors are entered among the beginnings, and the stored episodes are expanded onto the tape."""

from __future__ import annotations

from chipsim.ids import LAYER_SHIFT, UNSTORED
from chipsim.machine.actions import A_WRITE
from chipsim.machine.ints import Ints, Row
from chipsim.machine.message import F1, F2, F3, F4, emit
from chipsim.network.stimulus import END_EPISODE
from chipsim.programs.nsn.core import Core
from chipsim.programs.nsn.keyed import key_hash
from chipsim.programs.nsn.messages import ASK
from chipsim.programs.nsn.sleep_messages import CALL, ENTER, ENTRY, FIND, GET, NAME, PUT, ROOM_LEFT, UP
from chipsim.programs.nsn.sleep_rows import A_NAME, A_NODE, NODES, STRIPE
from chipsim.programs.nsn.sleep_stages import (
    CALLING,
    CLIMBING,
    DO_CALL,
    DO_CALLED,
    DO_ENTER,
    DO_ENTRY,
    DO_EXPAND,
    DO_NAME,
    DO_READ,
    DO_ROOM,
    ENTERING,
    FINDING,
    MEASURING,
    NAMING,
    READING_ENTRY,
    SEEKING_KEEPER,
    TAPING,
)
from chipsim.programs.nsn.state import PAIRS, SCALARS, TAIL, Constants, Root


def ask(K: Constants, out: Ints, core: int, op: int, a: int = 0, b: int = 0, x: int = 0, y: int = 0, z: int = 0) -> None:
    """A question with up to five words."""
    emit(out, ASK, core, K.layers + 1, op, a, b, x, y, z)


def bed(K: Constants, m: Core, c: int, home: int) -> int:
    """The core that is one of the homes of this sleep."""
    return m.beds[c * K.key_homes + home]


def home_of(K: Constants, m: Core, c: int, what: int, parent: int, neuron: int, cls: int) -> int:
    """The home core of a note or counter."""
    return bed(K, m, c, key_hash(what, parent, neuron, cls) % m.sleepers[c].homes)


def node_core(K: Constants, node: int) -> int:
    """The home core of a node."""
    return (node - NODES) // K.notes


def put(K: Constants, m: Core, c: int, out: Ints, number: int, neuron: int, end: int, start: int, begins: int) -> None:
    """Put an item on the tape: ``STRIPE`` of them on a home core, then as many on the next, round and round."""
    homes = m.sleepers[c].homes
    place = number // (STRIPE * homes) * STRIPE + number % STRIPE
    ask(K, out, bed(K, m, c, number // STRIPE % homes), PUT, place, neuron, end, start, begins)


def get(K: Constants, m: Core, c: int, number: int, out: Ints) -> None:
    """Ask for an item of the tape."""
    homes = m.sleepers[c].homes
    place = number // (STRIPE * homes) * STRIPE + number % STRIPE
    ask(K, out, bed(K, m, c, number // STRIPE % homes), GET, place)


def do_room(K: Constants, m: Core, c: int, out: Ints) -> None:
    """Ask the next core for the room that it has; behind the last, cores are called for their neurons."""
    s = m.sleepers[c]
    if s.home == K.key_homes:
        s.home = 0
        s.todo = DO_CALL if s.homes > 0 else 0
        return
    s.stage = MEASURING
    ask(K, out, K.home[s.home], ROOM_LEFT)


def measured(K: Constants, m: Core, c: int, msg: Row, act: Ints) -> None:
    """A core with half of its memory free is a home of this sleep."""
    s = m.sleepers[c]
    if 2 * msg[F1] >= K.memory_bits:
        m.beds[c * K.key_homes + s.homes] = K.home[s.home]
        s.homes += 1
        act[A_WRITE] += 1
    s.home += 1
    s.todo = DO_ROOM


def do_call(K: Constants, m: Core, c: int, out: Ints) -> None:
    """Ask the next core for its next neuron; behind the last the records are read."""
    s = m.sleepers[c]
    if s.home == K.key_homes:
        s.keeper = K.root_core[K.layers + 1]
        s.entry = 0
        s.begins = 1
        s.hole = 0
        s.items = 0
        s.origin = 0
        s.todo = DO_ENTRY
        return
    s.stage = CALLING
    ask(K, out, K.home[s.home], CALL, s.slot)


def called(K: Constants, m: Core, c: int, msg: Row) -> None:
    """A neuron with its vector: layers that sleep have it entered."""
    s = m.sleepers[c]
    if msg[F1] == 0:
        s.home += 1
        s.slot = 0
        s.todo = DO_CALL
        return
    s.slot = msg[F1]
    s.id = msg[F2]
    s.address = K.home[s.home] * K.slots + s.slot - 1
    s.node = 0
    layer, size = s.id >> LAYER_SHIFT, msg[F3]
    if layer > 0:
        s.before += size
    if layer < K.asleep:
        s.todo = DO_NAME
        s.then = DO_CALL
        return
    for p in range(size):
        part = m.parts[c * PAIRS + PAIRS - size + p]
        part.id = msg[F4 + 2 * p]
        part.cls = msg[F4 + 2 * p + 1]
    s.part = PAIRS - size
    s.parent = layer
    s.number = 0
    s.old = (s.id & ((1 << LAYER_SHIFT) - 1)) + 1
    s.then = DO_CALLED
    s.todo = DO_ENTER


def do_called(m: Core, c: int) -> None:
    """The vector is entered: its id is named."""
    s = m.sleepers[c]
    s.node = s.parent
    s.then = DO_CALL
    s.todo = DO_NAME


def do_enter(K: Constants, m: Core, c: int, out: Ints) -> None:
    """Enter the next pair of a vector."""
    s = m.sleepers[c]
    part = m.parts[c * PAIRS + s.part]
    last = s.part == PAIRS - 1
    layer = s.layer if s.number > 0 else s.id >> LAYER_SHIFT
    s.stage = ENTERING
    core = home_of(K, m, c, A_NODE, s.parent, part.id, part.cls)
    emit(
        out, ASK, core, K.layers + 1, ENTER, s.parent, part.id, part.cls, layer, s.number if last else 0, s.old if last else 0
    )  # fmt: skip


def entered(m: Core, c: int, msg: Row) -> int:
    """The node of the pair; 0 if there was no room."""
    s = m.sleepers[c]
    s.parent = msg[F1]
    s.freed = msg[F2]
    s.part += 1
    s.todo = DO_ENTER if s.part < PAIRS else s.then
    return msg[F1]


def do_name(K: Constants, m: Core, c: int, out: Ints) -> None:
    """Keep where an id is: its node and its address."""
    s = m.sleepers[c]
    s.stage = NAMING
    ask(K, out, home_of(K, m, c, A_NAME, 0, s.id, 0), NAME, s.id, s.node, s.address)


def do_entry(K: Constants, m: Core, c: int, out: Ints) -> None:
    """Ask for the next entry of the records."""
    s = m.sleepers[c]
    s.stage = READING_ENTRY
    ask(K, out, s.keeper, ENTRY, s.entry, s.begins)


def entry_read(K: Constants, m: Core, c: int, r: Root, b: int, msg: Row, out: Ints) -> None:
    """An entry of a record: its id is expanded, with the event time of its end. Behind the last one of a keeper comes the next keeper."""
    s = m.sleepers[c]
    if msg[F3] < 0:
        tail = r.scalar[b * SCALARS + TAIL]
        if s.keeper == tail:
            s.todo = DO_READ
        else:
            s.stage = SEEKING_KEEPER
            s.address = tail
            ask(K, out, tail, ENTRY, -1, 0)
        return
    s.entry += 1
    s.before += 1
    s.time = msg[F2] if s.begins else s.time + msg[F2]
    if s.begins:
        s.origin = s.items
        s.hole = 0
        s.first = s.time
    s.last = 1 if msg[F3] & END_EPISODE else 0
    if msg[F1] == UNSTORED:
        s.hole = 1
    s.deep = 0
    if not s.hole:
        top = m.stack[c * K.stack]
        top.id = msg[F1]
        top.cls = s.time
        s.deep = 1
    s.fresh = s.begins
    s.begins = s.last
    s.todo = DO_EXPAND


def keeper_sought(K: Constants, m: Core, c: int, msg: Row, out: Ints) -> None:
    """The keeper whose predecessor is the one that was read is next; else the one before is asked."""
    s = m.sleepers[c]
    before = msg[F4] - 1
    if before == s.keeper:
        s.keeper = s.address
        s.entry = 0
        s.todo = DO_ENTRY
    else:
        s.address = before
        ask(K, out, before, ENTRY, -1, 0)


def do_expand(K: Constants, m: Core, c: int, out: Ints) -> None:
    """Take the next id from the stack: an item for the tape, or a neuron to be expanded. An episode with a hole is one hole."""
    s = m.sleepers[c]
    if s.deep == 0:
        s.todo = DO_ENTRY
        if s.hole and s.last:
            s.items = s.origin + 1
            s.stage = TAPING
            s.todo = 0
            put(K, m, c, out, s.origin, UNSTORED, s.first, s.first, 1)
        return
    s.deep -= 1
    top = m.stack[c * K.stack + s.deep]
    if top.id >> LAYER_SHIFT < K.asleep:
        s.stage = TAPING
        s.items += 1
        put(K, m, c, out, s.items - 1, top.id, top.cls, top.cls, s.fresh)
        s.fresh = 0
        return
    s.end = top.cls
    s.stage = FINDING
    ask(K, out, home_of(K, m, c, A_NAME, 0, top.id, 0), FIND, top.id)


def found(K: Constants, m: Core, c: int, msg: Row, out: Ints) -> None:
    """The node of the neuron's last pair."""
    m.sleepers[c].stage = CLIMBING
    ask(K, out, node_core(K, msg[F1]), UP, msg[F1])


def climbed(K: Constants, m: Core, c: int, msg: Row, out: Ints) -> None:
    """A pair of the neuron that is expanded: it ends before the one behind it by that one's interval."""
    s = m.sleepers[c]
    top = m.stack[c * K.stack + s.deep]
    s.deep += 1
    top.id = msg[F2]
    top.cls = s.end
    s.end -= msg[F3]
    if msg[F1] >= NODES:
        ask(K, out, node_core(K, msg[F1]), UP, msg[F1])
    else:
        s.todo = DO_EXPAND
