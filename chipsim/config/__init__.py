"""What the user describes: chips, workloads, experiments. With the kinds of workload (`workloads.kinds`) all that knows pydantic.

Reading goes text -> document with positions (`yaml12`) -> names resolved, overrides applied (`load`, `overrides`, `tree`) ->
frozen models (`chip`, `workload`, `experiment`); what is wrong comes back with its place (`problems`).
"""

from chipsim.config.chip import ChipSpec
from chipsim.config.constant import Constant
from chipsim.config.experiment import Experiment
from chipsim.config.load import load_chip, load_experiment
from chipsim.config.mapping import MappingSpec
from chipsim.config.rate import Rate
from chipsim.config.write import resolved_yaml

__all__ = [
    "ChipSpec",
    "Constant",
    "Experiment",
    "MappingSpec",
    "Rate",
    "load_chip",
    "load_experiment",
    "resolved_yaml",
]
