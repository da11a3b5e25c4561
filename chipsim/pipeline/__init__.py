"""Python entry point: an experiment in, a result out.

>>> from chipsim.pipeline import simulate
>>> from chipsim.config.load import load_experiment
>>> result = simulate(load_experiment("text-small", []))
>>> result.summary["nsn"]["replay_exact"]
True
"""

from chipsim.pipeline.common import MappingReport
from chipsim.pipeline.engine import ENGINES, run_engine
from chipsim.pipeline.nsn import Prepared, make_mapping, make_plan, prepare
from chipsim.pipeline.nsn_result import chip_result as _chip_result
from chipsim.pipeline.run import plan_mapping, simulate
from chipsim.pipeline.spiking import make_spiking_mapping, make_spiking_plan
from chipsim.pipeline.traffic import make_traffic_plan

__all__ = [
    "ENGINES",
    "MappingReport",
    "Prepared",
    "_chip_result",
    "make_mapping",
    "make_plan",
    "make_spiking_mapping",
    "make_spiking_plan",
    "make_traffic_plan",
    "plan_mapping",
    "prepare",
    "run_engine",
    "simulate",
]
