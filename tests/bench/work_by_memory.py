"""Work per event against stored neurons, from 10^3 to 6 10^4 (CX18, AT8): the same stretches are read behind more and more of the texts.

python -m tests.bench.work_by_memory TEXT ...         the texts, learned one after the other; the last one's end is read

The golden model learns; at each size its network is mapped onto one chip (altai-256 with 24 x 24 cores), for each way of matching, and each
of the stretches at the end, of 1,024 characters, is read from there as one episode by the compiled engine. A stretch gives a slope of its own
(least squares of logarithms); told is the mean with Student's interval at 95 % over stretches, and, from smaller sizes too, between which
of them keyed matching becomes the cheaper way. One line of JSON per size, way and stretch, then these.
"""

from __future__ import annotations

import json
import logging
import sys
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from chipsim.config.load import load_experiment
from chipsim.engines.base import Watch
from chipsim.pipeline import Loaded, collect, load, make_mapping, make_plan, ready_engine
from chipsim.sweep.complexity.fits import interval, slope_of
from chipsim.sweep.complexity.runs import episode_of
from workloads.nsn.golden import GoldenModel

SIZES = (8_192, 24_576, 65_536, 196_608, 425_984, 851_968)
"""Characters that are learned: whole episodes of 512."""

FEW = (64, 128, 256, 512, 1_024, 2_048, 4_096)
"""Likewise, to find where one way becomes cheaper than the other: each as an episode of its own or several of 512."""

STRETCHES, LENGTH = 6, 1_024
SETTINGS = (
    "workload.learned=0", "workload.symbols=null", "chip.noc.width=24", "chip.noc.height=24", "engine=compiled", "limits=extrapolated",
)  # fmt: skip
WAYS = ("keyed", "associative")
COUNTS = {"synaptic_ops": "synaptic_ops", "reads": "memory_reads", "updates": "neuron_updates", "messages": "messages_in"}
ON_CHIP = ("core", "router", "link", "interchip")

log = logging.getLogger(__name__)


def joined(texts: Sequence[str]) -> Loaded:
    """An experiment on the texts, one after the other."""
    with tempfile.NamedTemporaryFile("w", suffix=".txt", encoding="utf-8") as file:
        file.write("".join(Path(text).read_text(encoding="utf-8") for text in texts))
        file.flush()
        return load(load_experiment("text", (*SETTINGS, f"workload.path={file.name}")))


def rows(loaded: Loaded, sizes: Sequence[int]) -> Iterator[dict[str, Any]]:
    """Per size, way of matching and stretch: what reading a character took."""
    whole, golden = loaded.given.stimulus, GoldenModel(loaded.given.rules)
    starts = [len(whole) - (n + 1) * LENGTH for n in range(STRETCHES)]
    for size in sizes:
        if size in FEW:
            golden = GoldenModel(loaded.given.rules)
            golden.advance(episode_of(whole, size, whole, starts[0], LENGTH), size, recording=False)
        else:
            golden.advance(whole, size, recording=False)
        given = replace(loaded.given, state=golden.state(), first_item=size, golden=None)
        for way in WAYS:
            workload = loaded.experiment.workload.model_copy(update={"match": way})
            experiment = loaded.experiment.model_copy(update={"workload": workload})
            mapping = None
            for stretch, start in enumerate(starts):
                read = episode_of(whole, size, whole, start, LENGTH)
                one = replace(loaded, experiment=experiment, given=replace(given, match=way, stimulus=read), wall_s={})
                mapping = make_mapping(one) if mapping is None else mapping
                plan = make_plan(one, mapping)
                raw = ready_engine("compiled", plan, Watch())(plan, Watch(), None)
                summary = collect(one, mapping, plan, raw, plan.fingerprint()).summary
                counted = {name: summary["counts"][key] / LENGTH for name, key in COUNTS.items()}
                energy = sum(summary["energy_j"][share] for share in ON_CHIP) / LENGTH
                found = {
                    "learned": size,
                    "neurons": len(given.state),
                    "match": way,
                    "stretch": stretch,
                    **counted,
                    "joules": energy,
                }
                yield found | {"cores_used": summary["mapping"]["cores_used"], "unstored": summary["nsn"]["unstored"]}


def fits(found: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """Slope of each count in neurons, by way of matching."""
    told = []
    for way in WAYS:
        for name in (*COUNTS, "joules"):
            by = [[r for r in found if r["match"] == way and r["stretch"] == n] for n in range(STRETCHES)]
            slope, low, high = interval([slope_of([r["neurons"] for r in one], [r[name] for r in one]) for one in by])
            told.append({"match": way, "of": name, "slope": slope, "low": low, "high": high})
    return told


def crossing(found: Sequence[dict[str, Any]], name: str) -> tuple[int, int] | None:
    """Two sizes that follow each other between which keyed matching becomes the cheaper one, by means over stretches; None: it is at all."""
    sizes = sorted({r["neurons"] for r in found})
    cheaper = [_mean(found, "keyed", size, name) < _mean(found, "associative", size, name) for size in sizes]
    if all(cheaper):
        return None
    last = max(n for n, is_so in enumerate(cheaper) if not is_so)
    return sizes[last], sizes[last + 1]


def _mean(found: Sequence[dict[str, Any]], way: str, size: int, name: str) -> float:
    return float(np.mean([r[name] for r in found if r["match"] == way and r["neurons"] == size]))


def main() -> None:
    """See above."""
    logging.basicConfig(level=logging.INFO, format="%(message)s")
    loaded = joined(sys.argv[1:])
    few, many = (list(_told(rows(loaded, sizes))) for sizes in (FEW, SIZES))
    for one in fits(many):
        log.info(json.dumps(one))
    for name in (*COUNTS, "joules"):
        log.info(json.dumps({"of": name, "keyed_is_cheaper_between": crossing([*few, *many], name)}))


def _told(found: Iterator[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    for one in found:
        log.info(json.dumps(one))
        yield one


if __name__ == "__main__":
    main()
