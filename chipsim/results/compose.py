"""A result put together from sections: the machine's, and those of the program that ran."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from chipsim.config.experiment import Experiment
from chipsim.energy import Account, Ran, influence
from chipsim.energy.over_time import timeline_table
from chipsim.errors import PluginError
from chipsim.lookup import Columns
from chipsim.machine.digest import digest_text
from chipsim.machine.histogram import quantiles_s
from chipsim.programs.base import Collected, InSoftware, Program, Run, Section
from chipsim.results import tables
from chipsim.results.network import network_summary, network_tables
from chipsim.results.passes import NO_PASSES, Passes
from chipsim.results.result import Result
from chipsim.results.summary import busiest, claim_summary, core_counts, core_utilisation, counts_summary, head, power_summary

MACHINE = "machine"
"""Kind of the section that every run on a chip has."""


@dataclass(frozen=True, slots=True)
class Took:
    """What a run took, and what it ran.

    Attributes:
        wall_s: seconds by stage.
        plan_hash: of the plan.
        passes: what further passes showed of its limits.
        warnings: what was to be known of the input before it ran.
    """

    wall_s: dict[str, float]
    plan_hash: str
    passes: Passes = NO_PASSES
    warnings: tuple[str, ...] = ()


def run_result(program: Program, run: Run, spent: Account, took: Took) -> Result:
    """The result of a run on a chip.

    Args:
        program: what ran; it sums the run up.
        run: what there is to sum up.
        spent: its energy.
        took: how long it took.
    """
    collected = program.collect(run)
    sections = (_machine(program, run, collected, spent, took), *collected.sections)
    top = head(run.experiment, program.name, took.wall_s, run.raw.engine, run.raw.status)
    top["warnings"] = [*took.warnings, *collected.warnings]
    return Result(
        run.experiment,
        merged(top, sections),
        tables_of(sections),
        collected.alerts,
        collected.files,
        run.mapping,
        run.raw.snapshot,
    )


def software_result(program: Program, experiment: Experiment, done: InSoftware, wall_s: dict[str, float]) -> Result:
    """The result of a run in software alone: no chip time, no energy."""
    top = head(experiment, program.name, wall_s, "golden", "done") | {"functional_digest": done.functional_digest}
    return Result(experiment, merged(top, done.sections), tables_of(done.sections), done.alerts, done.files)


def merged(top: dict[str, Any], sections: Iterable[Section]) -> dict[str, Any]:
    """A summary from its parts: a mapping is added to what stands under its key, anything else fills a key that is null or not there.

    Raises:
        PluginError: a section has a key that another one has filled.
    """
    summary = dict(top)
    for section in sections:
        for key, part in section.summary.items():
            before = summary.get(key)
            if isinstance(before, Mapping) and isinstance(part, Mapping):
                summary[key] = {**before, **part}
            elif before is None:
                summary[key] = part
            else:
                raise PluginError(
                    f"{section.kind}: its summary has {key}, which is there already; allowed: another key, or a mapping where that is one"
                )
    return summary


def tables_of(sections: Iterable[Section]) -> dict[str, Columns]:
    """Tables by name. Raises PluginError where two sections have one of a name."""
    found: dict[str, Columns] = {}
    for section in sections:
        for name, table in section.tables.items():
            if name in found:
                raise PluginError(f"{section.kind}: its table {name} is there already; allowed: another name")
            found[name] = table
    return found


def _machine(program: Program, run: Run, collected: Collected, spent: Account, took: Took) -> Section:
    chip, plan, raw = run.experiment.chip, run.plan, run.raw
    ran = Ran(chip, plan, raw, collected.events, program.counted)
    moved = influence(ran)
    made: dict[str, Columns] = {
        "cores": tables.core_table(chip, plan, raw, collected.held, spent, core_utilisation(raw, program.sides)),
        "links": tables.link_table(plan, raw, spent),
        **network_tables(plan, raw),
        "energy": tables.energy_table(spent),
        "constants": tables.constant_table(chip, moved),
    }
    if len(raw.timeline):
        made["timeline"] = timeline_table(ran)
    if len(raw.packets) or "packets" in run.experiment.probes:
        made["packets"] = tables.packet_table(raw)
    summary = {
        "sim_time_s": spent.seconds,
        "counts": counts_summary(raw, plan.mesh.cores, program.counted),
        "latency_s": quantiles_s(collected.latency),
        "service_s": quantiles_s(collected.service or collected.latency),
        "latency_of": collected.latency_of,
        **power_summary(chip, plan, spent),
        "claim": claim_summary(ran, program, collected, took.passes, moved),
        "cores": core_counts(plan, raw, collected),
        "busiest": busiest(plan, raw, program.sides),
        "digest": digest_text(raw.digest),
        "plan_hash": took.plan_hash,
        "run_cpu_s": raw.cpu_s,
        "noc": network_summary(plan, raw),
        "mapping": {"method": "given" if run.mapping is None else run.mapping.method},
    }
    return Section(MACHINE, summary, made)
