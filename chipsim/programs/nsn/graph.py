"""What a neurosemantic network hands its mapper: stored neurons, and what an axon access takes on the network-on-chip."""

from __future__ import annotations

from chipsim.config.experiment import Experiment
from chipsim.network import longest_interval, memory
from chipsim.network.nsn_input import NsnInput
from chipsim.plan.graph import StoredGraph
from chipsim.programs.nsn.kinds import STILL
from chipsim.programs.nsn.messages import SPIKE, message_bits


def stored_graph(experiment: Experiment, given: NsnInput) -> StoredGraph:
    """The network as its mapper takes it."""
    chip, longest = experiment.chip, longest_interval(given.rules, given.stimulus)
    misses, strays = given.rules.misses, given.rules.strays
    widths = memory.widths_of(chip.noc.cores, chip.core.neurons, longest, misses=misses, strays=strays)
    flits = -(-message_bits(widths, SPIKE) // chip.noc.flit_bits)
    return StoredGraph(given.state, given.match, longest, STILL, flits, misses, strays)
