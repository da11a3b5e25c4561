"""Python entry point: an experiment in, a result out.

>>> from chipsim.pipeline import simulate
>>> from chipsim.config.load import load_experiment
>>> result = simulate(load_experiment("text-small", []))
>>> result.summary["nsn"]["replay_exact"]
True
"""

from chipsim.pipeline.engine import ENGINES, ready_engine, watched
from chipsim.pipeline.run import MappingReport, plan_mapping, simulate
from chipsim.pipeline.stages import Loaded, collect, graph_of, load, make_mapping, make_plan
from chipsim.results.comparison import Comparison, compare

__all__ = [
    "ENGINES",
    "Comparison",
    "Loaded",
    "MappingReport",
    "collect",
    "compare",
    "graph_of",
    "load",
    "make_mapping",
    "make_plan",
    "plan_mapping",
    "ready_engine",
    "simulate",
    "watched",
]
