"""Flat tables that every run has: cores, links, energy lines, constants, and packets where they were kept."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import numpy.typing as npt

from chipsim import units
from chipsim.config.chip import ChipSpec
from chipsim.config.constant import Constant, EnergyConstant, PowerConstant, TimeConstant
from chipsim.energy import Account, Ends
from chipsim.energy.power import core_power_mw
from chipsim.lookup import Columns
from chipsim.machine.raw import RawRun
from chipsim.noc import Mesh
from chipsim.plan.plan import Plan
from chipsim.programs.base import Held
from chipsim.results.links import direction_names, link_busy_ps, links_there, stall_columns

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]

MOST_LISTED = 2**16
"""Cores up to which the tables of cores and links list every one; above, those that hold or did something."""


def listed_cores(mesh: Mesh, *used: npt.NDArray[Any]) -> Ints:
    """Cores that a table lists: all of them, or on a chip of more than MOST_LISTED cores those for which some array is not 0.

    Args:
        mesh: the chip.
        used: arrays[cores] of what cores hold or did.
    """
    if mesh.cores <= MOST_LISTED:
        return np.arange(mesh.cores)
    touched = np.zeros(mesh.cores, bool)
    for one in used:
        touched |= one != 0
    return np.flatnonzero(touched)


def core_table(chip: ChipSpec, plan: Plan, raw: RawRun, held: Held, spent: Account, utilisation: Floats) -> Columns:
    """One row per core: place, role, what it holds of what is allowed, what it did, what it cost; ``utilisation``: float64[endpoints]."""
    mesh = plan.mesh
    done = raw.actions[: mesh.cores]
    seated = np.zeros(mesh.cores, bool)
    seated[list(held.roles)] = True
    core = listed_cores(mesh, held.neurons, raw.used_bits, raw.operations[: mesh.cores], seated)
    x, y = mesh.xy(core // mesh.concentration)
    table: Columns = {
        "core": core,
        "x": x,
        "y": y,
        "role": [held.roles.get(number, "") for number in core.tolist()],
        "neurons": held.neurons[core],
        "neurons_allowed": np.full(len(core), chip.core.neurons),
        "axons": held.axons[core],
        "axons_allowed": np.full(len(core), chip.core.axons if chip.core.axons is not None else -1),
        "memory_bits": raw.used_bits[core],
        "memory_bits_allowed": np.full(len(core), chip.core.memory_bits),
        "keyed_entries": held.keyed[core],
        "operations": raw.operations[core],
        "busy_ps": raw.busy_ps[core],
        "utilisation": utilisation[core],
        "late_ticks": raw.late_ticks[core],
    }
    table |= {action.name: done[core, action.number] for action in spent.table if action.of_cores}
    table["dynamic_pj"] = spent.core_pj[core]
    table["power_mw"] = core_power_mw(chip, spent)[core]
    return table


def link_table(plan: Plan, raw: RawRun, spent: Account) -> Columns:
    """One row per directed link between routers; on a chip of more than MOST_LISTED cores, per link that carried something."""
    mesh = plan.mesh
    link, source, target = links_there(plan)
    if mesh.cores > MOST_LISTED:
        used = raw.link_packets[link] > 0
        link, source, target = link[used], source[used], target[used]
    (x, y), (to_x, to_y) = mesh.xy(source), mesh.xy(target)
    return {
        "link": link,
        "x": x,
        "y": y,
        "to_x": to_x,
        "to_y": to_y,
        "tile": source,
        "to_tile": target,
        "level": plan.noc.fabric.level[link] if plan.noc is not None else np.zeros(len(link), np.int64),
        "direction": direction_names(plan, link),
        "packets": raw.link_packets[link],
        "flits": raw.link_flits[link],
        "wait_ps": raw.link_wait_ps[link],
        "wait_max_ps": raw.link_wait_max_ps[link],
        **stall_columns(raw, link),
        **({"credits": raw.credits[link]} if len(raw.credits) else {}),
        "utilisation": link_busy_ps(plan, raw)[link] / max(raw.end_ps, 1),
        "energy_pj": spent.link_pj[link],
    }


def energy_table(spent: Account) -> Columns:
    """The account, line by line."""
    return {
        "share": [line.share for line in spent.lines],
        "action": [line.action for line in spent.lines],
        "count": [line.count for line in spent.lines],
        "pj_each": [line.each for line in spent.lines],
        "joules": [line.joules for line in spent.lines],
    }


def constant_table(chip: ChipSpec, moved: Mapping[str, Ends] | None = None) -> Columns:
    """Every constant of the chip with its grade and source, the barrier's table included.

    Args:
        chip: whose.
        moved: a run's power with each constant at the ends of its range, by path: with it the columns ``mean_low_mw``, ``mean_high_mw``,
            ``hottest_low_mw`` and ``hottest_high_mw`` (mW per core), None where a constant was not moved; without these where none was.
    """
    rows = list(chip.constants().items())
    table: Columns = {
        "path": [path for path, _ in rows],
        "value": [_text(c, c.value) for _, c in rows],
        "grade": [c.grade for _, c in rows],
        "source": [c.source for _, c in rows],
        "proxy": [c.proxy or "" for _, c in rows],
        "range": [" to ".join(_text(c, end) for end in c.range) if c.range else "" for _, c in rows],
        "range_source": [c.range_source or "" for _, c in rows],
    }
    sync = chip.core.sync
    if sync is not None:
        for name, text in zip(table, ("core.sync", sync.text(), sync.grade, sync.source, "", "", ""), strict=True):
            table[name].append(text)
    if moved:
        at = [moved.get(path) for path in table["path"]]
        for number, end in enumerate(("low", "high")):
            table[f"mean_{end}_mw"] = [None if ends is None else ends[number].mean_mw for ends in at]
            table[f"hottest_{end}_mw"] = [None if ends is None else ends[number].hottest_mw for ends in at]
    return table


def _text(constant: Constant, value: float | int | None) -> str:
    if value is None:
        return "unknown"
    if isinstance(constant, TimeConstant):
        return units.format_time(int(value))
    if isinstance(constant, EnergyConstant):
        return units.format_energy(float(value))
    assert isinstance(constant, PowerConstant)
    return units.format_power(float(value))


def packet_table(raw: RawRun) -> Columns:
    """Delivered messages, if probed."""
    injected, delivered, kind, source, destination, sequence, flits, hops, entered = raw.packets.T
    return {
        "injected_ps": injected,
        "delivered_ps": delivered,
        "kind": [raw.kinds[k] for k in kind.tolist()],
        "source": source,
        "destination": destination,
        "sequence": sequence,
        "flits": flits,
        "hops": hops,
        "entered_ps": entered,
    }
