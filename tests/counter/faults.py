"""Where the core programs count, and a scene in which an error there shows: the list of the errors that are planted.

Every place at which a program counts stands in one of these tables; each is dropped, doubled and cut to a third.
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
        Place("root", "root_message", "wta_rounds"),
        Place("root", "take_item", "memory_writes"),
        Place("slots", "follow", "slot_ops"),
    ),
    "two recursive networks from nothing, listeners": (
        Place("hear", "hear", "memory_writes"),
        Place("prime", "take_prime", "memory_writes"),
        Place("prime", "primed", "memory_reads"),
    ),
    "verses from nothing, keyed": (
        Place("keyed", "part_bucket", "memory_reads"),
        Place("keyed", "part_bucket", "memory_writes"),
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
        Place("present", "present", "null_answers"),
        Place("present", "present", "spikes"),
        Place("root", "result", "wta_rounds"),
    ),
    "documentation from nothing, summing with half, unicast": (
        Place("substitute", "substitute", "memory_writes"),
        Place("sums", "child_sum", "axon_lookups"),
        Place("sums", "child_sum", "answers_combined"),
        Place("sums", "sum_spike", "axon_lookups"),
        Place("sums", "sum_spike", "synaptic_ops"),
        Place("sums", "sum_spike", "neuron_updates"),
        Place("sums", "sum_spike", "null_answers"),
    ),
    "rivals, inhibition, unicast, arity 3": (
        Place("contest", "voted", "wta_rounds"),
        Place("inhibit", "child_vote", "axon_lookups"),
        Place("inhibit", "child_vote", "answers_combined"),
        Place("inhibit", "spread", "memory_reads"),
        Place("inhibit", "inhibit", "axon_lookups"),
        Place("inhibit", "inhibit", "memory_reads"),
        Place("inhibit", "inhibit", "neuron_updates"),
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
    "four regions of keepers": (
        Place("record", "find_keeper", "slot_ops"),
        Place("record", "keep", "memory_reads"),
        Place("record", "keep", "memory_writes"),
        Place("record", "keep", "memory_writes", 1),
        Place("record", "keeper", "memory_reads"),
    ),
}
"""The quickest scene of the counter that shows an error of any kind at a place."""

RECORDED_IN = {
    "text: log, neurons move": (
        Place("bisect", "divide", "memory_reads"),
        Place("bisect", "divide", "memory_writes"),
        Place("bisect", "members", "memory_reads"),
        Place("bisect", "accesses", "memory_reads"),
        Place("bisect", "collect", "memory_writes"),
        Place("bisect", "tie", "memory_reads"),
        Place("bisect", "swap", "memory_reads"),
        Place("bisect", "swap", "memory_reads", 1),
        Place("bisect", "mark", "memory_writes"),
        Place("depart", "depart", "memory_reads"),
        Place("depart", "depart", "memory_reads", 1),
        Place("depart", "list_bits", "memory_reads"),
        Place("depart", "take_in", "memory_writes"),
        Place("depart", "join_next", "memory_reads"),
        Place("depart", "history", "memory_writes"),
        Place("depart", "hand_over", "memory_writes"),
        Place("depart", "clear_next", "memory_reads"),
        Place("depart", "relink_next", "memory_reads"),
        Place("link", "set_home", "memory_writes"),
        Place("migrate", "settled", "memory_reads"),
        Place("neurogenesis", "got_slot", "memory_writes"),
        Place("pause", "moved", "memory_reads"),
        Place("slots", "empty", "slot_ops"),
        Place("unlink", "drop_member", "memory_writes"),
        Place("unlink", "drop_member", "memory_reads"),
        Place("unlink", "unlink_on", "memory_reads"),
        Place("unlink", "set_node", "memory_writes"),
        Place("unlink", "clear_route", "table_writes"),
        Place("withdraw", "withdraw", "memory_writes"),
        Place("withdraw", "drop_row", "memory_writes"),
        Place("withdraw", "drop_axon", "memory_writes"),
    ),
    "text: neurons move, loaded, axons run out": (
        Place("bisect", "collect", "memory_reads"),
        Place("bisect", "swap", "memory_writes"),
        Place("bisect", "swap", "memory_writes", 1),
        Place("bisect", "renew", "memory_reads"),
        Place("withdraw", "drop_row", "memory_reads"),
    ),
    "text: growth by axons": (
        Place("match", "placement_score", "memory_writes"),
        Place("present", "present", "memory_writes"),
        Place("slots", "choose", "slot_ops"),
        Place("slots", "own", "slot_ops"),
        Place("slots", "own", "slot_ops", 1),
    ),
}
"""Neurons that move, and cores that score new ones: what the counter does not derive is held to the counts that were recorded
(``tests/unchanged``); the quickest scenario that shows an error of any kind."""

BY_HAND = {
    Place("depart", "take_in", "memory_reads"): "test_a_core_that_refuses_a_neuron_that_comes_reads_one_word_and_writes_none",
    Place("pause", "moved", "memory_writes"): "test_every_buffered_item_is_read_and_those_of_the_neuron_written",
    Place("withdraw", "drop_axon", "memory_reads"): "test_an_axon_that_goes_is_met_behind_the_newer_ones_of_its_bucket",
}
"""Likewise, where no recorded run comes by: tests in ``tests/unit/test_moving_counts.py``."""

COMPILED = Place("kernels", "keep_outputs", "messages_out")
"""What the compiled engine counts itself."""
