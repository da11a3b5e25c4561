"""What is counted where neurons move and no recorded run comes by: by hand."""

from __future__ import annotations

from functools import cache

from chipsim.machine.actions import ACTION_NAMES, ACTIONS
from chipsim.machine.message import F0, LAYER, ROW
from chipsim.plan.plan import Plan
from chipsim.programs.nsn.depart import take_in
from chipsim.programs.nsn.grow import add_axon
from chipsim.programs.nsn.match import find_axon
from chipsim.programs.nsn.messages import LAST
from chipsim.programs.nsn.pause import moved
from chipsim.programs.nsn.reference.load import load_roots, make_room, new_core
from chipsim.programs.nsn.state import RECEIVED
from chipsim.programs.nsn.withdraw import drop_axon
from tests.engines import lower
from tests.scenarios import small

LAYER_OF_READERS = 2


@cache
def plan() -> Plan:
    """Of a chip on which neurons move."""
    return lower(small("workload.learned=0", "mapping.growth.policy=axons", "mapping.growth.migrate.batch=8"))[2]


def counted(act: list[int]) -> dict[str, int]:
    """Actions that were counted at all."""
    return {name: times for name, times in zip(ACTION_NAMES, act, strict=True) if times}


def test_an_axon_that_goes_is_met_behind_the_newer_ones_of_its_bucket() -> None:
    K, act = plan().own.constants, [0] * ACTIONS
    core = new_core(K, 0)
    make_room(K, core)
    for neuron in (5, 5 + 256, 5 + 512, 6):  # the first three share a bucket
        add_axon(K, core, 0, LAYER_OF_READERS, neuron)
    oldest = find_axon(K, core, 0, LAYER_OF_READERS, 5, [0] * ACTIONS)
    drop_axon(K, core, 0, oldest, act)
    assert counted(act) == {"memory_reads": 2, "memory_writes": 1}
    assert find_axon(K, core, 0, LAYER_OF_READERS, 5, act) < 0


def test_every_buffered_item_is_read_and_those_of_the_neuron_written() -> None:
    own, act = plan().own, [0] * ACTIONS
    root, (neuron, other) = load_roots(own)[LAYER_OF_READERS], (7, 8)
    root.item_id[:4] = [neuron, other, neuron, other]
    root.scalar[RECEIVED] = 4
    message = [0] * ROW
    message[LAYER], message[F0], message[F0 + 1], message[F0 + 2] = LAYER_OF_READERS, neuron, 99, 1
    moved(own.constants, root, 0, LAYER_OF_READERS, message, [0] * (1 + 8 * ROW), act)
    assert counted(act) == {"memory_reads": 4, "memory_writes": 2}
    assert root.item_address[:4] == [99, 0, 99, 0]


def test_a_core_that_refuses_a_neuron_that_comes_reads_one_word_and_writes_none() -> None:
    """Beside what it reads of its index, which is empty here."""
    K, act, out = plan().own.constants, [0] * ACTIONS, [0] * (1 + 8 * ROW)
    core = new_core(K, 0)
    make_room(K, core, 0)
    message = [0] * ROW
    slot, ordinal, k, asker = range(F0, F0 + 4)
    message[LAYER], message[slot], message[ordinal], message[k], message[asker] = LAYER_OF_READERS, 0, 3, 2, 1
    message[asker + 1 : asker + 5] = [5, 0, 6, 1]
    message[F0 + LAST] = K.memory_bits  # its lists alone fill the core
    take_in(K, core, 0, message, out, act)
    assert counted(act) == {"memory_reads": 1}
    assert core.ledgers[0].used == 0
