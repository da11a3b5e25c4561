"""Flat tables of a run: cores, links, layers, latency histograms, growth, energy lines, constants, and what probes kept."""

from __future__ import annotations

import numpy as np

from chipsim import units
from chipsim.energy.account import Account
from chipsim.energy.claim import core_power_mw
from chipsim.model.messages import NAMES
from chipsim.model.state import A_SLOT, A_TABLE, ACTION_NAMES, ACTIONS
from chipsim.network import NsnState
from chipsim.plan.plan import Plan
from chipsim.results.histogram import Histogram, edges
from chipsim.results.result import Table
from chipsim.spec.chip import ChipSpec
from chipsim.spec.constant import Constant, EnergyConstant, PowerConstant, TimeConstant
from chipsim.topology import PORTS
from chipsim.trace.raw import RawRun

DIRECTIONS = ("east", "west", "south", "north")


def core_table(chip: ChipSpec, plan: Plan, raw: RawRun, spent: Account) -> Table:
    """One row per core: place, role, what it holds of what is allowed, what it did, what it cost."""
    mesh, K = plan.mesh, plan.constants
    core = np.arange(mesh.cores)
    tile = core // mesh.concentration
    neurons = np.bincount(raw.memory.neuron[:, 0], minlength=mesh.cores)
    power = core_power_mw(chip, spent)
    table: Table = {
        "core": core,
        "x": tile % mesh.width,
        "y": tile // mesh.width,
        "role": _roles(plan),
        "neurons": neurons,
        "neurons_allowed": np.full(mesh.cores, K.slots),
        "axons": raw.memory.axon_count,
        "axons_allowed": np.full(mesh.cores, chip.core.axons if chip.core.axons is not None else -1),
        "memory_bits": raw.memory.used_bits,
        "memory_bits_allowed": np.full(mesh.cores, K.memory_bits),
        "keyed_entries": raw.memory.key_count,
        "operations": raw.operations[: mesh.cores],
        "busy_ps": raw.busy_ps[: mesh.cores],
        "utilisation": raw.busy_ps[: mesh.cores] / max(raw.end_ps, 1),
        "late_ticks": raw.late_ticks[: mesh.cores],
    }
    for action in range(ACTIONS):
        if action not in (A_SLOT, A_TABLE):
            table[ACTION_NAMES[action]] = raw.actions[: mesh.cores, action]
    table["dynamic_pj"] = spent.core_pj
    table["power_mw"] = power
    return table


def _roles(plan: Plan) -> list[str]:
    names: dict[int, list[str]] = {}
    for layer, core in enumerate(plan.constants.root_core):
        names.setdefault(core, []).append(f"root {layer}" if layer <= plan.constants.layers else "records")
    return [", ".join(names.get(core, [])) for core in range(plan.mesh.cores)]


def link_table(plan: Plan, raw: RawRun, spent: Account) -> Table:
    """One row per directed link between routers."""
    rows = list(plan.mesh.links())
    link = np.array([row[0] for row in rows], np.int64)
    source = np.array([row[1] for row in rows], np.int64)
    target = np.array([row[2] for row in rows], np.int64)
    width = plan.mesh.width
    return {
        "link": link,
        "x": source % width,
        "y": source // width,
        "to_x": target % width,
        "to_y": target // width,
        "direction": [DIRECTIONS[n % PORTS] for n in link.tolist()],
        "packets": raw.link_packets[link],
        "flits": raw.link_flits[link],
        "wait_ps": raw.link_wait_ps[link],
        "wait_max_ps": raw.link_wait_max_ps[link],
        "utilisation": raw.link_flits[link] * plan.flit_time / max(raw.end_ps, 1),
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
    time, layer, ordinal, address = raw.growth.T
    slots = plan.constants.slots
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
    """Every constant of the chip with its grade and source."""
    rows = list(chip.constants().items())
    return {
        "path": [path for path, _ in rows],
        "value": [_text(c, c.value) for _, c in rows],
        "grade": [c.grade for _, c in rows],
        "source": [c.source for _, c in rows],
        "proxy": [c.proxy or "" for _, c in rows],
        "range": [" to ".join(_text(c, end) for end in c.range) if c.range else "" for _, c in rows],
    }


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
    injected, delivered, kind, source, destination, sequence, flits, hops = raw.packets.T
    return {
        "injected_ps": injected,
        "delivered_ps": delivered,
        "kind": [NAMES[k] for k in kind.tolist()],
        "source": source,
        "destination": destination,
        "sequence": sequence,
        "flits": flits,
        "hops": hops,
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
