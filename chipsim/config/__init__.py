"""What the user describes: chips, workloads, experiments. The only package that knows pydantic and YAML.

Reading goes text -> document with positions (`yaml12`) -> names resolved, overrides applied (`load`, `overrides`, `tree`) ->
frozen models (`chip`, `workload`, `experiment`); what is wrong comes back with its place (`problems`).
"""

from chipsim.config.chip import ChipSpec
from chipsim.config.constant import Constant
from chipsim.config.experiment import Experiment, MappingSpec
from chipsim.config.given import ArraysWorkload, GenerateSpec, SyntheticWorkload, TrafficWorkload
from chipsim.config.load import load_chip, load_experiment
from chipsim.config.workload import LogWorkload, Rate, TextWorkload
from chipsim.config.write import resolved_yaml

__all__ = [
    "ArraysWorkload",
    "ChipSpec",
    "Constant",
    "Experiment",
    "GenerateSpec",
    "LogWorkload",
    "MappingSpec",
    "Rate",
    "TextWorkload",
    "SyntheticWorkload",
    "TrafficWorkload",
    "load_chip",
    "load_experiment",
    "resolved_yaml",
]
