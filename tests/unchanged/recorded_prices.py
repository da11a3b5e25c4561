"""Constants of the shipped chips as they were when the scenarios were recorded: what has been priced since, or otherwise, is put back.

So the record goes on holding everything that prices do not change: digests, times and counts, and the joules that follow from them.
"""

from __future__ import annotations

from typing import Any

from chipsim.config.chip import ChipSpec
from chipsim.config.constant import Constant
from chipsim.config.experiment import Experiment
from chipsim.lookup import Columns

Before = dict[str, Any]

AS_RECORDED: dict[str, dict[str, Before]] = {
    "altai-256": {
        "core.times.spike_out": {"value": 30_000},
        "core.times.soma_spike": {"value": 0},
        "energy.spike_out": {"value": 69.3},
        "energy.soma_spike": {"value": 0.0},
        "energy.message_in": {"value": 0.0},
        "energy.axon_lookup": {"value": 0.0},
        "power.static_per_core": {"range": (0.0, 2.0)},
    },
}
"""By chip and key path: what was another value or range."""

NOTHING = (0.0, 0.0)

PRICED_SINCE = ("combine", "table_read", "credit")
"""Lines of the account that there were none of; as they were recorded, runs spend nothing on them."""


def as_recorded(experiment: Experiment) -> Experiment:
    """The experiment with the constants of its chip as they were recorded, where it has not set others itself."""
    chip = experiment.chip
    before = AS_RECORDED.get(chip.name, {}) | {f"energy.{name}": {"value": 0.0, "range": NOTHING} for name in PRICED_SINCE}
    return experiment.model_copy(update={"chip": _with(chip, before)})


def lines_as_recorded(energy: Columns) -> Columns:
    """The table of the account without the lines that are new."""
    keep = [
        row for row, action in enumerate(energy["action"]) if action.split("_")[0] != "credit" and action not in PRICED_SINCE
    ]
    return {name: [values[row] for row in keep] for name, values in energy.items()}


def _with(chip: ChipSpec, before: dict[str, Before]) -> ChipSpec:
    constants = chip.constants()
    for path, changes in before.items():
        if constants[path].range is not None or changes.get("range") == NOTHING:  # one that a scenario sets has none
            chip = _changed(chip, path.split("."), changes)
    return chip


def _changed(part: Any, path: list[str], changes: Before) -> Any:
    """A description with a constant of it changed."""
    if isinstance(part, Constant):
        return part.model_copy(update=changes)
    return part.model_copy(update={path[0]: _changed(getattr(part, path[0]), path[1:], changes)})


__all__ = ["AS_RECORDED", "PRICED_SINCE", "as_recorded", "lines_as_recorded"]
