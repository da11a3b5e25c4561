"""Python entry point: an experiment in, a result out.

>>> from chipsim.api import simulate
>>> from chipsim.spec.load import load_experiment
>>> result = simulate(load_experiment("text-small", []))
>>> result.summary["nsn"]["replay_exact"]
True
"""

from chipsim.api.common import MappingReport
from chipsim.api.engine import ENGINES, run_engine
from chipsim.api.nsn import Prepared, make_mapping, make_plan, prepare, rules_of
from chipsim.api.nsn_result import chip_result as _chip_result
from chipsim.api.run import plan_mapping, simulate
from chipsim.api.spiking import load_spiking, make_spiking_mapping, make_spiking_plan
from chipsim.api.traffic import make_traffic_plan, synthetic_packets

__all__ = [
    "ENGINES",
    "MappingReport",
    "Prepared",
    "_chip_result",
    "load_spiking",
    "make_mapping",
    "make_plan",
    "make_spiking_mapping",
    "make_spiking_plan",
    "make_traffic_plan",
    "plan_mapping",
    "prepare",
    "rules_of",
    "run_engine",
    "simulate",
    "synthetic_packets",
]
