"""Online growth against a fresh mapping: a text is learned on the chip under each policy, then the same network is mapped anew.

Run from the project's folder; ``--symbols`` for a shorter text:

    python -m tests.bench.mapping_online

Per text and policy the network grows on ``altai-256`` (unicast, one region or as the chip says) from nothing. Told are

* what the run itself took: spikes to readers, messages about growth and about neurons that moved, hops, joules, latency;
* packets of the final mapping: over all nets, readings (activations of the neurons that name it) times cores that read it,
  against those of a fresh mapping of the same network by
  the default method;
* packets measured: both mappings run on through the same further symbols, and SPIKE packets are counted by the engine.
"""

from __future__ import annotations

import argparse
import json
import logging
import time
from pathlib import Path
from typing import Any

import numpy as np

from chipsim import pipeline
from chipsim.config.experiment import Experiment
from chipsim.config.load import load_experiment
from chipsim.engines.base import Watch
from chipsim.engines.compiled import run_compiled
from chipsim.machine.raw import RawRun
from chipsim.network import NsnState
from chipsim.plan.inputs import Mapping
from chipsim.programs.nsn.functional import functional_digest
from chipsim.programs.nsn.image import stored_network
from chipsim.programs.nsn.messages import MOVES, NAMES, SPIKE
from tests.folders import SHARED

HERE = Path(__file__).parent
TEXTS = {
    "docs-topics": "workload.source=docs-topics",
    "en_tinyshakespeare": f"workload.path={SHARED / 'text/en_tinyshakespeare.txt'}",
}
POLICIES = ("follow", "load", "locality", "axons")
LOG = logging.getLogger("mapping_online")


def experiment(text: str, learned: int, symbols: int, policy: str, batch: int, *more: str) -> Experiment:
    """A text on ``altai-256`` with unicast spikes, offered as soon as the chip takes it."""
    growth = [f"mapping.growth.policy={policy}", *([f"mapping.growth.migrate.batch={batch}"] if batch else [])]
    sizes = [f"workload.learned={learned}", f"workload.symbols={symbols}", "workload.rate=saturate", "chip.noc.cast=unicast"]
    return load_experiment("text", (TEXTS[text], *sizes, *growth, *more))


def readers(state: NsnState, core: np.ndarray[Any, Any]) -> tuple[int, int]:
    """Readings times reader cores over all nets, and readings; a net is read with each activation of a neuron that names it."""
    row = np.repeat(np.arange(len(state)), np.diff(state.pair_start))
    keep = state.layer[row] > 0
    net = state.layer[row][keep] << 50 | state.pair_id[keep]
    number = np.unique(net, return_inverse=True)[1]
    weight = np.bincount(number, state.count[row][keep]).astype(np.int64)
    pins = np.unique(np.stack([number, core[row][keep]], axis=1), axis=0)
    return int(weight[pins[:, 0]].sum()), int(weight.sum())


def grown_mapping(raw: RawRun, plain: Mapping) -> Mapping:
    """Where the neurons are that grew, as a mapping."""
    order = np.lexsort((raw.own.memory.neuron[:, 3], raw.own.memory.neuron[:, 2]))
    core, slot = (raw.own.memory.neuron[order, column].astype(np.int32) for column in (0, 1))
    return Mapping(core=core, slot=slot, roots=plain.roots, fill_order=plain.fill_order, method="online")


def run(one: Experiment, mapping: Mapping | None = None) -> tuple[pipeline.Loaded, Mapping, RawRun, dict[str, Any]]:
    """Run on the compiled engine; the summary is that of the command."""
    prepared = pipeline.load(one)
    mapping = mapping if mapping is not None else pipeline.make_mapping(prepared)
    plan = pipeline.make_plan(prepared, mapping)
    raw = run_compiled(plan, Watch())
    result: Any = pipeline.collect(prepared, mapping, plan, raw, "")
    return prepared, mapping, raw, result.summary


def figures(raw: RawRun, summary: dict[str, Any]) -> dict[str, Any]:
    """What a run took."""
    return {
        "spike_packets": int(raw.sent[SPIKE]),
        "move_packets": int(raw.sent[list(MOVES)].sum()),
        "packets": int(raw.sent.sum()),
        "hops": int(raw.hops),
        "migrations": int(raw.sent[NAMES.index("history")]),
        "splits": int(raw.sent[NAMES.index("split")]),
        "slot_ops": summary["counts"]["slot_ops"],
        "joules_dynamic": summary["energy_j"]["total"] - summary["energy_j"]["static"],
        "joules": summary["energy_j"]["total"],
        "latency_mean_s": summary["latency_s"]["mean"],
        "latency_p99_s": summary["latency_s"]["p99"],
        "sim_time_s": summary["sim_time_s"],
        "cores_used": summary["mapping"]["cores_used"],
        "unstored": summary["nsn"]["unstored"],
        "cpu_s": raw.cpu_s,
    }


def study(text: str, symbols: int, further: int, cases: list[tuple[str, int]]) -> dict[str, Any]:
    """All policies on one text."""
    after = experiment(text, symbols, further, "follow", 0)
    prepared = pipeline.load(after)
    begin = time.process_time()
    fresh = pipeline.make_mapping(prepared)
    map_s = time.process_time() - begin
    packets, readings = readers(prepared.given.state, fresh.core)
    _, _, raw, summary = run(after, fresh)
    offline = {
        "method": fresh.method,
        "packets": packets,
        "readings": readings,
        "cpu_s": map_s,
        "further": figures(raw, summary),
    }
    result: dict[str, Any] = {"neurons": len(prepared.given.state), "offline": offline, "online": []}
    LOG.info("%s offline %s", text, offline)
    model = prepared.given.golden
    assert model is not None
    for policy, batch in cases:
        _, plain, raw, summary = run(experiment(text, 0, symbols, policy, batch))
        state = stored_network(raw.own.memory)
        mapping = grown_mapping(raw, plain)
        packets, _ = readers(state, mapping.core)
        case: dict[str, Any] = {"policy": policy, "migrate": batch, "learning": figures(raw, summary), "packets": packets}
        case["ratio"] = packets / offline["packets"]
        case["functional_digest"] = functional_digest(raw.own.decisions, state)
        same = len(state) == len(prepared.given.state)  # episodes are whole at 391 x 512 characters, so both networks end alike
        case["same_network"] = same and bool(np.array_equal(state.pair_id, prepared.given.state.pair_id))
        if case["same_network"]:
            _, _, raw, summary = run(after, mapping)
            case["further"] = figures(raw, summary)
            case["ratio_measured"] = case["further"]["spike_packets"] / offline["further"]["spike_packets"]
        result["online"].append(case)
        LOG.info("%s", case)
    return result


def main() -> None:
    """Measure and write ``measured/mapping_online.json``."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--symbols", type=int, default=200_192)
    parser.add_argument("--further", type=int, default=10_000)
    parser.add_argument("--texts", default=",".join(TEXTS))
    parser.add_argument("--cases", default=",".join(f"{p}:0" for p in POLICIES) + ",axons:8")
    parser.add_argument("--out", type=Path, default=HERE / "measured" / "mapping_online.json")
    given = parser.parse_args()
    logging.basicConfig(level=logging.INFO, format="%(message)s")
    cases = [(policy, int(batch)) for policy, batch in (case.split(":") for case in given.cases.split(","))]
    found: dict[str, Any] = {"symbols": given.symbols, "further": given.further}
    for text in given.texts.split(","):
        found[text] = study(text, given.symbols, given.further, cases)
        given.out.write_text(json.dumps(found, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
