"""Keys that an experiment does not look at: whoever sets one is told, for else equal results come as a surprise.

Only what is sure is said: a key that is not named here may or may not matter.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

from chipsim.config import overrides
from chipsim.config.mapping import PARTITIONERS, PLACERS
from chipsim.config.workload import kind_of
from chipsim.programs.base import PROGRAMS

if TYPE_CHECKING:
    from chipsim.config.chip import ChipSpec
    from chipsim.config.experiment import Experiment

_WORKLOAD = "workload."

_WORMHOLE = ("vcs", "buffer", "timing", "vc_reuse", "ejection", "classes", "allow_deadlock")
"""Keys of a network-on-chip that only wormhole routers have."""

_TIES = ("torus", "dateline")
"""Routings that draw which way round packets go where both are equally long."""


def without_effect(experiment: Experiment, settings: Sequence[str]) -> tuple[str, ...]:
    """What to say of ``--set`` texts that change nothing of an experiment, or that a later one undoes, a sentence each.

    Args:
        experiment: with all of them applied.
        settings: ``path=value`` texts.
    """
    said: dict[str, str] = {}
    values: dict[str, Any] = {}
    for setting in settings:
        given = overrides.parse(setting)
        path = ".".join(map(str, given.path))
        if path in values and values[path] != given.part.value:
            said[f"{path} twice"] = f"{path} is set more than once; the last value counts: {setting.partition('=')[2]:.60}"
        for gone in (".".join(map(str, other)) for other in overrides.replaced_by(given.path)):
            if values.get(gone) is not None and given.part.value is not None:
                said[gone] = f"{gone} changes nothing here: {path}, set after it, excludes it"
        values[path] = given.part.value
        for key in _leaves(path, given.part.value):
            if why := why_unused(experiment, key):
                said[key] = f"{key} changes nothing here: {why}"
    return tuple(said.values())


def why_unused(experiment: Experiment, path: str) -> str:
    """Why a key path changes nothing of an experiment, and what does instead; empty where it may."""
    rule = _RULES.get(path)
    if rule is not None:
        return rule(experiment)
    if path.startswith(_WORKLOAD):
        return experiment.workload.why_unused(path.removeprefix(_WORKLOAD))
    return why_unused_of_chip(experiment.chip, path)


def why_unused_of_chip(chip: ChipSpec, path: str) -> str:
    """The same of a chip, whatever runs on it."""
    rule = _OF_CHIP.get(path)
    return rule(chip) if rule else ""


def _leaves(path: str, value: object) -> tuple[str, ...]:
    """The key that is set, or where its value is a mapping the keys within it that are."""
    if not isinstance(value, dict):
        return (path,)
    return tuple(leaf for key, one in value.items() for leaf in _leaves(f"{path}.{key}", one))


def _seed(experiment: Experiment) -> str:
    drawn = any(fault.kind == "flit_loss" for fault in experiment.faults) or experiment.chip.noc.routing_name in _TIES
    if drawn or PROGRAMS.get(kind_of(experiment.workload).program).draws:
        return ""
    key = experiment.workload.seed_key
    instead = f"what runs is drawn from {key}" if key else "nothing of it is drawn"
    return f"seed is for lost flits and for ties between two ways round a torus; {instead}"


def _mapping_seed(experiment: Experiment) -> str:
    spec = experiment.mapping
    if PROGRAMS.get(kind_of(experiment.workload).program).mapper is None:
        return "what runs names its cores, and nothing is mapped"
    partitioner = PARTITIONERS.get(spec.partitioner) if spec.partitioner else None
    if partitioner is None or partitioner.draws or PLACERS.get(spec.placer).draws:
        return ""
    return f"neither partitioner {spec.partitioner} nor placer {spec.placer} draws anything"


def _wormhole(chip: ChipSpec) -> str:
    router = chip.noc.router
    return "" if router == "wormhole" else f"only wormhole routers have it, and chip.noc.router is {router}"


def _pace(needed: str) -> Callable[[ChipSpec], str]:
    def rule(chip: ChipSpec) -> str:
        pace = chip.core.pace
        return "" if pace == needed else f"it goes with chip.core.pace {needed}, and that is {pace}"

    return rule


def _tree(chip: ChipSpec) -> str:
    topology = chip.noc.topology
    return "" if topology == "tree" else f"only a tree has it, and chip.noc.topology is {topology}"


_RULES: dict[str, Callable[[Experiment], str]] = {
    "seed": _seed,
    "mapping.seed": _mapping_seed,
}

_OF_CHIP: dict[str, Callable[[ChipSpec], str]] = {
    "chip.core.tick": _pace("tick"),
    "chip.core.sync": _pace("barrier"),
    "chip.noc.arity": _tree,
    **{f"chip.noc.{key}": _wormhole for key in _WORMHOLE},
}
