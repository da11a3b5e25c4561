"""What runs, before it is anywhere: the stored network and the stream of numbered input items."""

from chipsim.network.nsn import EpisodeRecord, NsnState, OpenItems
from chipsim.network.rules import longest_interval
from chipsim.network.stimulus import END_EPISODE, END_SEGMENT, Stimulus

__all__ = ["END_EPISODE", "END_SEGMENT", "EpisodeRecord", "NsnState", "OpenItems", "Stimulus", "longest_interval"]
