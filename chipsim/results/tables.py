"""Flat tables of a run: cores, links, layers, latency histograms, growth, energy lines, constants, and what probes kept."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from chipsim import units
from chipsim.config.chip import ChipSpec
from chipsim.config.constant import Constant, EnergyConstant, PowerConstant, TimeConstant
from chipsim.energy.account import Account
from chipsim.energy.claim import core_power_mw
from chipsim.machine.actions import A_SLOT, A_TABLE, ACTION_NAMES, ACTIONS
from chipsim.machine.raw import RawRun
from chipsim.network import NsnState
from chipsim.noc import Mesh
from chipsim.plan.plan import Plan
from chipsim.programs import nsn, snn
from chipsim.programs.nsn.image import Memory
from chipsim.programs.nsn.state import Constants
from chipsim.results.histogram import Histogram, edges
from chipsim.results.links import direction_names, link_busy_ps, links_there, stall_columns
from chipsim.results.result import Table

Ints = npt.NDArray[np.int64]

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


def core_table(chip: ChipSpec, plan: Plan, raw: RawRun, spent: Account) -> Table:
    """One row per core: place, role, what it holds of what is allowed, what it did, what it cost."""
    mesh = plan.mesh
    neurons, axons, keyed = np.zeros((3, mesh.cores), np.int64)
    if plan.program == snn.NAME:
        neurons[plan.own.used] = np.diff(plan.own.first)
    elif plan.program == nsn.NAME:
        memory: Memory = raw.own.memory
        neurons, axons, keyed = np.bincount(memory.neuron[:, 0], minlength=mesh.cores), memory.axon_count, memory.key_count
    done = raw.actions[: mesh.cores]
    roles = _roles(plan)
    seated = np.zeros(mesh.cores, bool)
    seated[list(roles)] = True
    core = listed_cores(mesh, neurons, raw.used_bits, raw.operations[: mesh.cores], seated)
    x, y = mesh.xy(core // mesh.concentration)
    table: Table = {
        "core": core,
        "x": x,
        "y": y,
        "role": [roles.get(number, "") for number in core.tolist()],
        "neurons": neurons[core],
        "neurons_allowed": np.full(len(core), chip.core.neurons),
        "axons": axons[core],
        "axons_allowed": np.full(len(core), chip.core.axons if chip.core.axons is not None else -1),
        "memory_bits": raw.used_bits[core],
        "memory_bits_allowed": np.full(len(core), chip.core.memory_bits),
        "keyed_entries": keyed[core],
        "operations": raw.operations[core],
        "busy_ps": raw.busy_ps[core],
        "utilisation": raw.busy_ps[core] / max(raw.end_ps, 1),
        "late_ticks": raw.late_ticks[core],
    }
    for action in range(ACTIONS):
        if action not in (A_SLOT, A_TABLE):
            table[ACTION_NAMES[action]] = done[core, action]
    table["dynamic_pj"] = spent.core_pj[core]
    table["power_mw"] = core_power_mw(chip, spent)[core]
    return table


def _roles(plan: Plan) -> dict[int, str]:
    """What each core plays beside holding neurons, by core."""
    names: dict[int, list[str]] = {}
    if plan.program == nsn.NAME:
        known: Constants = plan.own.constants
        for layer, core in enumerate(known.root_core):
            names.setdefault(core, []).append(f"root {layer}" if layer <= known.layers else "records")
    return {core: ", ".join(parts) for core, parts in names.items()}


def link_table(plan: Plan, raw: RawRun, spent: Account) -> Table:
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
        "utilisation": link_busy_ps(plan, raw)[link] / max(raw.end_ps, 1),
        "energy_pj": spent.link_pj[link],
    }


def layer_table(layers: list[dict[str, object]]) -> Table:
    """The layers of ``summary.nsn.layers`` as columns."""
    return {key: [layer[key] for layer in layers] for key in layers[0]} if layers else {}


def latency_table(histograms: list[Histogram]) -> Table:
    """Histograms of layers 1..L, one row per bin."""
    columns: Table = {"layer": [], "lower_ps": [], "upper_ps": [], "count": []}
    for layer, h in enumerate(histograms, 1):
        lower, upper = edges(h.bins)
        columns["layer"] += [layer] * len(h.bins)
        columns["lower_ps"] += lower.tolist()
        columns["upper_ps"] += upper.tolist()
        columns["count"] += h.counts.tolist()
    return {name: np.array(values, np.int64) for name, values in columns.items()}


def growth_table(plan: Plan, raw: RawRun) -> Table:
    """Neurons in the order in which they were grown on the chip."""
    time, layer, ordinal, address = raw.own.growth.T
    slots = plan.own.constants.slots
    return {"time_ps": time, "layer": layer, "ordinal": ordinal, "core": address // slots, "slot": address % slots}


def energy_table(spent: Account) -> Table:
    """The account, line by line."""
    return {
        "share": [line.share for line in spent.lines],
        "action": [line.action for line in spent.lines],
        "count": [line.count for line in spent.lines],
        "pj_each": [line.each for line in spent.lines],
        "joules": [line.joules for line in spent.lines],
    }


def constant_table(chip: ChipSpec) -> Table:
    """Every constant of the chip with its grade and source, the barrier's table included."""
    rows = list(chip.constants().items())
    table: dict[str, list[str]] = {
        "path": [path for path, _ in rows],
        "value": [_text(c, c.value) for _, c in rows],
        "grade": [c.grade for _, c in rows],
        "source": [c.source for _, c in rows],
        "proxy": [c.proxy or "" for _, c in rows],
        "range": [" to ".join(_text(c, end) for end in c.range) if c.range else "" for _, c in rows],
    }
    sync = chip.core.sync
    if sync is not None:
        for name, text in zip(table, ("core.sync", sync.text(), sync.grade, sync.source, "", ""), strict=True):
            table[name].append(text)
    return dict(table)


def _text(constant: Constant, value: float | int | None) -> str:
    if value is None:
        return "unknown"
    if isinstance(constant, TimeConstant):
        return units.format_time(int(value))
    if isinstance(constant, EnergyConstant):
        return units.format_energy(float(value))
    assert isinstance(constant, PowerConstant)
    return units.format_power(float(value))


def packet_table(raw: RawRun) -> Table:
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


def spike_table(raw: RawRun) -> Table:
    """Spikes of neurons, if probed: when, from which core, for which layer, which neuron."""
    time, core, layer, neuron = raw.spikes.T
    return {"time_ps": time, "core": core, "layer": layer, "id": neuron}


def stored_layers(state: NsnState) -> tuple[list[int], list[float]]:
    """Neurons and mean number of pairs per layer 0..L."""
    k = np.diff(state.pair_start)
    neurons = state.neurons_per_layer()
    pairs = np.bincount(state.layer, weights=k, minlength=state.layers + 1)
    return neurons.tolist(), [float(p / n) if n else 0.0 for p, n in zip(pairs, neurons, strict=True)]
