"""What a neurosemantic network hands its mapper: stored neurons, and what an axon access takes on the network-on-chip."""

from __future__ import annotations

from chipsim.config.experiment import Experiment
from chipsim.network import longest_interval, memory
from chipsim.network.nsn_input import NsnInput
from chipsim.plan.graph import StoredGraph
from chipsim.programs.nsn.kinds import kinds_of
from chipsim.programs.nsn.messages import HAS_NETWORKS, PLAIN, SPIKE, message_bits


def stored_graph(experiment: Experiment, given: NsnInput) -> StoredGraph:
    """The network as its mapper takes it."""
    chip, longest = experiment.chip, longest_interval(given.rules, given.stimulus)
    misses, strays, networks = given.rules.misses, given.rules.strays, given.rules.networks
    widths = memory.widths_of(chip.noc.cores, chip.core.neurons, longest, given.rules.numbers, misses=misses, strays=strays)
    flits = -(-message_bits(widths, SPIKE, networks=networks, role=HAS_NETWORKS if networks else PLAIN) // chip.noc.flit_bits)
    kinds = kinds_of(moving=False, heard=networks > 0 or len(given.listeners) > 0)
    return StoredGraph(given.state, given.match, longest, kinds, flits, misses, strays, given.listeners)
