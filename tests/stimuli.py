"""Inputs of texts and logs, as their kinds read them."""

from __future__ import annotations

from chipsim.network import Stimulus
from workloads.kinds.log import LogWorkload
from workloads.kinds.log import read_stimulus as read_log
from workloads.kinds.text import TextWorkload
from workloads.kinds.text import read_stimulus as read_text


def build_stimulus(workload: TextWorkload | LogWorkload) -> tuple[Stimulus, int]:
    """The stimulus, and how many of its items belong to the learned events."""
    stimulus = read_text(workload) if isinstance(workload, TextWorkload) else read_log(workload)
    return stimulus, stimulus.item_of_event(workload.learned)
