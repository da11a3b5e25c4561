"""The sleeper: it compacts the network when all is read, one message after the other; beside the record keeper.

The rules are in ``docs/nsn.md``, *Sleep* and *Sleep on the chip*. It waits for one answer at a time (``sleep_stages``).
"""

from __future__ import annotations

from chipsim.machine.ints import Ints, Row
from chipsim.machine.message import F1, F2, TRACE, emit
from chipsim.programs.nsn.core import Core
from chipsim.programs.nsn.messages import E_ROOM, T_ERROR, T_SLEEP
from chipsim.programs.nsn.sleep_choice import (
    chosen,
    do_choose,
    do_layer,
    do_pass_over,
    do_pick,
    do_picked,
    flattened,
    forgotten,
    keep_choice,
)
from chipsim.programs.nsn.sleep_messages import REFUSED
from chipsim.programs.nsn.sleep_reading import begin_reading, do_read, fetched, look, walked
from chipsim.programs.nsn.sleep_replace import (
    called_old,
    cleared,
    do_end,
    do_grow,
    do_records,
    do_replace,
    dropped,
    ended,
    entry_fetched,
    give_part,
    kept,
    made,
    next_entry,
    recalled,
    unfolded,
)
from chipsim.programs.nsn.sleep_roll import (
    called,
    climbed,
    do_call,
    do_called,
    do_enter,
    do_entry,
    do_expand,
    do_name,
    do_room,
    entered,
    entry_read,
    found,
    keeper_sought,
    measured,
)
from chipsim.programs.nsn.sleep_stages import (
    ASKING_ORDINAL,
    CALLING,
    CALLING_OLD,
    CHOOSING,
    CHOOSING_ANEW,
    CLEARING,
    CLIMBING,
    COUNTING,
    COUNTS,
    DO_ANEW,
    DO_CALL,
    DO_CALLED,
    DO_CHOOSE,
    DO_END,
    DO_ENTER,
    DO_ENTRY,
    DO_EXPAND,
    DO_GROW,
    DO_LAYER,
    DO_LIST,
    DO_NAME,
    DO_ORDINALS,
    DO_PASS_OVER,
    DO_PICK,
    DO_PICKED,
    DO_READ,
    DO_READ_OVER,
    DO_RECORDS,
    DO_REPLACE,
    DO_ROOM,
    DO_USES,
    DROPPING,
    ENDING,
    ENTERING,
    FETCHING,
    FETCHING_ENTRY,
    FINDING,
    FLATTENING,
    FORGETTING,
    GIVING,
    GROWING,
    KEEPING,
    LISTING,
    LISTING_ANEW,
    LOCATING,
    MEASURING,
    NAMING,
    READING_ENTRY,
    RECALLING,
    RECORDING,
    RESETTING,
    SEEKING_KEEPER,
    SETTING_ORDINAL,
    SWEEPING,
    TAPING,
    UNFOLDING,
    USES,
    WALKING,
    WRITES,
    WRITING,
)
from chipsim.programs.nsn.sleep_uses import (
    do_list,
    do_ordinals,
    do_uses,
    list_anew,
    listed,
    listed_anew,
    ordinal_known,
    reset,
    sweep,
    swept,
)
from chipsim.programs.nsn.state import DUE, LOST, MAKING, SCALARS, Constants, Root


def begin_sleep(K: Constants, m: Core, c: int, r: Root, b: int, out: Ints) -> None:
    """Fall asleep if what was kept just now is the end of the input."""
    if r.scalar[b * SCALARS + MAKING] == DUE:
        r.scalar[b * SCALARS + MAKING] = 0
        fall_asleep(K, m, c, r, b, out)


def fall_asleep(K: Constants, m: Core, c: int, r: Root, b: int, out: Ints) -> None:
    """The last item of the run is kept, and so is its episode: everything is at rest. What was lost cannot be read again."""
    s, own = m.sleepers[c], m.ledgers[c]
    if r.scalar[b * SCALARS + LOST] > 0:
        emit(out, T_ERROR, TRACE, K.layers + 1, E_ROOM, own.number)
        return
    m.dreams[c].peak = own.used
    emit(out, T_SLEEP, TRACE, K.layers + 1, 1, 0)
    s.home = 0
    s.slot = 0
    s.layer = K.asleep
    s.run = 0
    s.before = 0
    s.threshold = 0
    s.homes = 0
    do_room(K, m, c, out)


def told(K: Constants, m: Core, c: int, r: Root, b: int, msg: Row, out: Ints, act: Ints) -> None:
    """TOLD or MADE: the answer that the sleeper waits for; then it goes on until it has to wait again."""
    s = m.sleepers[c]
    s.todo = 0
    if s.stage <= TAPING:
        told_of_roll(K, m, c, r, b, msg, out, act)
    elif s.stage <= WRITING:
        told_of_reading(K, m, c, msg, out, act)
    elif s.stage <= SETTING_ORDINAL:
        told_of_vectors(K, m, c, msg, out, act)
    else:
        told_of_neurons(K, m, c, r, b, msg, out, act)
    while s.todo > 0:
        todo = s.todo
        s.todo = 0
        if todo <= DO_READ_OVER:
            go_on_reading(K, m, c, todo, out, act)
        else:
            go_on_making(K, m, c, r, b, todo, out, act)


def no_room(K: Constants, m: Core, c: int, core: int, out: Ints) -> None:
    """A core has no room for what the sleep wants it to keep: the run ends, before anything of the old network is touched."""
    s = m.sleepers[c]
    s.todo = 0
    emit(out, T_ERROR, TRACE, K.layers + 1, E_ROOM, core)


def told_of_roll(K: Constants, m: Core, c: int, r: Root, b: int, msg: Row, out: Ints, act: Ints) -> None:
    """Answers while vectors are entered and episodes expanded."""
    s = m.sleepers[c]
    stage = s.stage
    if stage == MEASURING:
        measured(K, m, c, msg, act)
        if s.home == K.key_homes and s.homes == 0:
            no_room(K, m, c, m.ledgers[c].number, out)
    elif stage == CALLING:
        called(K, m, c, msg)
    elif stage == ENTERING:
        if entered(m, c, msg) == 0:
            no_room(K, m, c, msg[REFUSED], out)
    elif stage == NAMING:
        s.todo = s.then
        if msg[F1] == 0:
            no_room(K, m, c, msg[REFUSED], out)
    elif stage == READING_ENTRY:
        entry_read(K, m, c, r, b, msg, out)
    elif stage == SEEKING_KEEPER:
        keeper_sought(K, m, c, msg, out)
    elif stage == FINDING:
        found(K, m, c, msg, out)
    elif stage == CLIMBING:
        climbed(K, m, c, msg, out)
    elif stage == TAPING:
        s.todo = DO_EXPAND if s.deep > 0 or not s.hole else DO_ENTRY
        if msg[F1] == 0:
            no_room(K, m, c, msg[REFUSED], out)


def told_of_reading(K: Constants, m: Core, c: int, msg: Row, out: Ints, act: Ints) -> None:
    """Answers while a layer's input is read."""
    s = m.sleepers[c]
    if s.stage == FETCHING:
        fetched(K, m, c, msg, act)
        look(K, m, c, out, act)
    elif s.stage == WALKING:
        walked(K, m, c, msg, out, act)
    else:  # a digram was counted, a use noted, or a unit written
        s.todo = DO_READ
        if s.stage == COUNTING and msg[F1] == 0:
            no_room(K, m, c, msg[REFUSED], out)


def told_of_vectors(K: Constants, m: Core, c: int, msg: Row, out: Ints, act: Ints) -> None:
    """Answers while vectors are made, freed and numbered."""
    s = m.sleepers[c]
    stage = s.stage
    if stage == CHOOSING:
        chosen(K, m, c, msg, out, act)
    elif stage == FLATTENING:
        flattened(K, m, c, msg, out)
    elif stage == CHOOSING_ANEW:
        keep_choice(K, m, c, s.pick, msg, act)
        s.todo = DO_PICK
    elif stage == FORGETTING:
        forgotten(K, m, c, out)
    elif stage == RESETTING:
        reset(K, m, c, out)
    elif stage == SWEEPING:
        swept(K, m, c, msg, out)
    elif stage == ASKING_ORDINAL:
        ordinal_known(m, c, msg)
    elif stage == LISTING:
        listed(K, m, c, msg, out, act)
    elif stage == GIVING:
        list_anew(K, m, c, out)
    elif stage == LISTING_ANEW:
        listed_anew(K, m, c, msg, out, act)
    elif stage == SETTING_ORDINAL:
        begin_reading(m, c, WRITES)


def told_of_neurons(K: Constants, m: Core, c: int, r: Root, b: int, msg: Row, out: Ints, act: Ints) -> None:
    """Answers while the old network is replaced."""
    stage = m.sleepers[c].stage
    if stage == CALLING_OLD:
        called_old(K, m, c, msg, out)
    elif stage == DROPPING:
        dropped(K, m, c, out)
    elif stage == CLEARING:
        cleared(K, m, c, out)
    elif stage == FETCHING_ENTRY:
        entry_fetched(K, m, c, r, b, msg, out, act)
    elif stage == RECORDING:
        next_entry(K, m, c, r, b, out, act)
    elif stage == UNFOLDING:
        unfolded(K, m, c, msg, out)
    elif stage == LOCATING:
        give_part(K, m, c, msg[F2], out)
    elif stage == GROWING:
        made(K, m, c, msg, out)
    elif stage == RECALLING:
        recalled(K, m, c, msg, out)
    elif stage == KEEPING:
        kept(m, c)
    elif stage == ENDING:
        ended(K, m, c, msg, out, act)


def go_on_reading(K: Constants, m: Core, c: int, todo: int, out: Ints, act: Ints) -> None:
    """Steps up to the end of a reading."""
    s = m.sleepers[c]
    if todo == DO_ROOM:
        do_room(K, m, c, out)
    elif todo == DO_CALL:
        do_call(K, m, c, out)
    elif todo == DO_CALLED:
        do_called(m, c)
    elif todo == DO_ENTER:
        do_enter(K, m, c, out)
    elif todo == DO_NAME:
        do_name(K, m, c, out)
    elif todo == DO_ENTRY:
        do_entry(K, m, c, out)
    elif todo == DO_EXPAND:
        do_expand(K, m, c, out)
    elif todo == DO_READ:
        if s.mode == 0:
            begin_reading(m, c, COUNTS)
        else:
            do_read(K, m, c, out, act)
    elif s.mode == COUNTS:
        s.todo = DO_CHOOSE
    elif s.mode == USES:
        sweep(K, m, c, out)
    else:
        s.items = s.out
        s.todo = DO_LAYER


def go_on_making(K: Constants, m: Core, c: int, r: Root, b: int, todo: int, out: Ints, act: Ints) -> None:
    """Steps from the end of a reading on."""
    if todo == DO_CHOOSE:
        do_choose(K, m, c, out)
    elif todo == DO_PICK:
        do_pick(K, m, c, out, act)
    elif todo == DO_PICKED:
        do_picked(K, m, c, out)
    elif todo == DO_PASS_OVER:
        do_pass_over(K, m, c, out)
    elif todo == DO_USES:
        do_uses(K, m, c, out)
    elif todo == DO_ORDINALS:
        do_ordinals(K, m, c, out)
    elif todo == DO_LIST:
        do_list(K, m, c, out)
    elif todo == DO_LAYER:
        do_layer(K, m, c)
    elif todo == DO_REPLACE:
        do_replace(K, m, c, out)
    elif todo == DO_RECORDS:
        do_records(K, m, c, r, b, out, act)
    elif todo == DO_GROW:
        do_grow(K, m, c, out)
    elif todo == DO_ANEW:
        list_anew(K, m, c, out)
    elif todo == DO_END:
        do_end(K, m, c, out)
