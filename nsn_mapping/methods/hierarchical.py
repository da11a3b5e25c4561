"""The partitioner for millions of neurons."""

from __future__ import annotations

from chipsim.config.mapping import Partitioner
from nsn_mapping.partition import hierarchical

HIERARCHICAL = Partitioner(
    name="hierarchical",
    about="groups of about 100,000 neurons by a few passes of streaming, each by the search of default, then neurons across all borders",
    nets=hierarchical.partition,
)
