"""What a run stands for: the settings it was made with, what the emulator models, and what it leaves out."""

from __future__ import annotations

import logging
from typing import Any

from chipsim.errors import ChipsimError
from chipsim.quantity import count
from reports.run import Run

log = logging.getLogger(__name__)

EXPERIMENT = "experiment.yaml"

MODELLED = (
    "Every message between cores, hop by hop: router and link delays, multicast copies, with the queued router the wait for busy "
    "links, with the wormhole router every flit, its virtual channel and its credit.",
    "Every core as a serial server: a message takes the time of the actions that it causes, and waits while the core is busy.",
    "The network's work inside the chip: matching, the answers of all addressed cores, winner-takes-all, growth of neurons.",
    "Memory of each core in bits, and what no longer fits.",
    "Energy as counted actions times a price each, plus static power of all powered cores over the chip time covered.",
)

NOT_MODELLED = (
    "The silicon itself: nothing here was measured on this chip. Prices and delays graded assumed are another chip's.",
    "Voltage and frequency scaling, temperature, clock tree, power switching: static power is the same for every powered core, "
    "all the time.",
    "Back-pressure and finite buffers in ideal and queued routers; link errors and retransmission.",
    "Energy of the host computer, of off-chip memory, and of loading the learned network before the run.",
)


def settings(run: Run) -> list[tuple[str, str]]:
    """The choices behind the run as (key, value), from its ``experiment.yaml``; empty where that cannot be read."""
    path = run.folder / EXPERIMENT
    if not path.is_file():
        return []
    from chipsim.config.load import load_experiment  # pydantic takes its time, and only this needs it

    try:
        experiment = load_experiment(str(path))
    except ChipsimError as error:
        log.warning("%s: settings are left out of the report: %s", path, error)
        return []
    chip = experiment.chip
    found: dict[str, Any] = {"chip": chip.name}
    found |= {
        f"chip.noc.{name}": getattr(chip.noc, name) for name in ("topology", "width", "height", "router", "cast", "routing")
    }
    found |= {"chip.core.neurons": chip.core.neurons, "chip.core.axons": chip.core.axons, "chip.core.pace": chip.core.pace}
    found |= {f"workload.{name}": item for name, item in experiment.workload.model_dump(mode="json", exclude_none=True).items()}
    found |= {f"mapping.{name}": item for name, item in experiment.mapping.model_dump(mode="json", exclude_none=True).items()}
    found |= {"seed": experiment.seed, "faults": f"{len(experiment.faults)} on purpose" if experiment.faults else "none"}
    return [(name, _text(item)) for name, item in found.items()]


def identity(run: Run) -> list[tuple[str, str]]:
    """What tells this run from others, and how to see that a repeat is the same."""
    found = [
        (name, run.summary.get(name)) for name in ("engine", "version", "seed", "digest", "functional_digest", "plan_hash")
    ]
    wall = run.summary.get("wall_s") or {}  # its own time is left out, so that a report made again is the same
    took = ", ".join(f"{stage} {seconds:.1f} s" for stage, seconds in wall.items() if stage != "report")
    rss = run.summary.get("peak_rss_bytes")
    found += [("wall time", took or None), ("memory of the process", f"{count(rss / 2**20)} MiB" if rss else None)]
    return [(name, str(item)) for name, item in found if item is not None]


def _text(item: Any) -> str:
    if isinstance(item, dict):
        return ", ".join(f"{key}: {_text(inner)}" for key, inner in item.items())
    if isinstance(item, list):
        return ", ".join(_text(inner) for inner in item)
    return "none" if item is None else str(item).lower() if isinstance(item, bool) else str(item)
