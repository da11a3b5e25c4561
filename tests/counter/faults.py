"""Where the core programs count, and a scene in which an error there shows: the list of the errors that are planted.

Every place at which a program counts stands here or in ``ELSEWHERE``; each is dropped, doubled and cut to a third.
"""

from __future__ import annotations

from tests.counter.planting import Place

SEEN_IN = {
    "verses, a symbol alone": (
        Place("decide", "leftover", "memory_reads"),
        Place("grow", "store", "pair_writes"),
        Place("grow", "grow", "memory_writes"),
        Place("items", "have", "memory_reads"),
        Place("keyed", "find_key", "synaptic_ops"),
        Place("keyed", "key_probe", "memory_reads"),
        Place("keyed", "key_probe", "neuron_updates"),
        Place("keyed", "key_probe", "null_answers"),
        Place("keyed", "key_write", "pair_writes"),
        Place("keyed", "key_open", "memory_writes"),
        Place("neurogenesis", "got_slot", "memory_reads"),
        Place("neurogenesis", "write_key", "memory_reads"),
        Place("present", "fire", "neuron_updates"),
        Place("present", "fire", "spikes"),
        Place("present", "fire", "memory_writes"),
        Place("probe", "ask", "memory_reads"),
        Place("program", "core_message", "messages_in"),
        Place("record", "record", "memory_writes"),
        Place("reference/cores", "handle", "messages_out"),
        Place("root", "root_message", "wta_rounds", 1),
        Place("root", "take_item", "memory_writes"),
        Place("slots", "follow", "slot_ops"),
    ),
    "no slots for a log": (
        Place("decide", "unstored", "memory_writes"),
        Place("link", "on_tree", "memory_reads"),
        Place("link", "link_on", "memory_reads"),
        Place("link", "add_child", "memory_writes"),
        Place("match", "child_answer", "axon_lookups"),
        Place("match", "child_answer", "answers_combined"),
    ),
    "log, learned half, alerts for all": (
        Place("decide", "keep_residuals", "memory_writes"),
        Place("grow", "store", "memory_writes"),
        Place("grow", "store", "memory_writes", 1),
        Place("link", "link", "memory_reads"),
        Place("link", "link_on", "memory_writes"),
        Place("link", "set_parent", "memory_writes"),
        Place("link", "set_route", "table_writes"),
        Place("match", "find_axon", "memory_reads"),
        Place("match", "spike", "axon_lookups"),
        Place("match", "spike", "synaptic_ops"),
        Place("match", "spike", "neuron_updates"),
        Place("match", "spike", "null_answers"),
        Place("neurogenesis", "link_next", "memory_reads"),
        Place("present", "find_list", "memory_reads"),
        Place("present", "present", "spikes"),
        Place("root", "root_message", "wta_rounds"),
    ),
    "no axons": (Place("grow", "grow", "memory_reads"),),
    "growth by locality, four regions": (
        Place("neurogenesis", "middle", "memory_reads"),
        Place("slots", "nearest", "slot_ops"),
    ),
    "verses from nothing, unicast, arity 8": (Place("present", "present", "memory_reads"),),
    "growth by load without axons, four regions": (Place("slots", "freed", "slot_ops"),),
    "growth by load, unicast": (Place("slots", "emptiest", "slot_ops"),),
    "no room for the record": (Place("withdraw", "erase", "memory_writes"),),
}
"""The quickest scene that shows an error of any kind at a place."""

ELSEWHERE = {
    "bisect": "neurons that move",
    "depart": "neurons that move",
    "migrate": "neurons that move",
    "pause": "neurons that move",
    "unlink": "neurons that move",
    "withdraw.withdraw": "neurons that move",
    "withdraw.drop_row": "neurons that move",
    "withdraw.drop_axon": "neurons that move",
    "link.set_home": "neurons that move",
    "slots.empty": "neurons that move",
    "neurogenesis.got_slot.memory_writes": "neurons that move",
    "slots.choose": "cores that score",
    "slots.own": "cores that score",
    "match.placement_score": "cores that score",
    "present.present.memory_writes": "cores that score",
    "kernels.keep_outputs": "the compiled engine: planted in a test of its own",
}
"""Places that the counter does not derive, by the beginning of their names, and what they are about."""
