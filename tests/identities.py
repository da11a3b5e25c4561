"""What holds in every summary, whatever ran: one function an identity, as ``docs/claim.md`` lists them.

Each takes summary and tables of a run on a chip and gives what is wrong, nothing where the identity holds or says nothing of the run.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

Summary = dict[str, Any]
Tables = dict[str, dict[str, Any]]
Identity = Callable[[Summary, Tables], Iterator[str]]

IDENTITIES: list[Identity] = []

SHARES = ("static", "core", "router", "link", "interchip", "host")
ON_SLOT_SERVERS = ("messages_in", "messages_out", "slot_ops", "memory_reads", "memory_writes")
"""Actions that slot servers do too; they are no cores, so the table of cores has less of these."""


def identity(check: Identity) -> Identity:
    """Put into the list."""
    IDENTITIES.append(check)
    return check


def close(a: float, b: float, rel: float = 1e-12) -> bool:
    """Equal to the last digits of a sum of floats."""
    return math.isclose(a, b, rel_tol=rel, abs_tol=1e-30)


def total(tables: Tables, table: str, column: str) -> Any:
    """Sum of a column."""
    return np.asarray(tables[table][column]).sum()


@identity
def joules_of_parts_are_those_of_the_whole(s: Summary, t: Tables) -> Iterator[str]:
    """The total is the sum of the lines, each a count times a price, and of the shares."""
    lines = t["energy"]
    if math.fsum(lines["joules"]) != s["energy_j"]["total"]:
        yield "the table of energy does not sum to the total"
    if not close(math.fsum(s["energy_j"][share] for share in SHARES), s["energy_j"]["total"]):
        yield "the shares do not sum to the total"
    for share in SHARES:
        if not close(
            math.fsum(j for j, of in zip(lines["joules"], lines["share"], strict=True) if of == share), s["energy_j"][share]
        ):
            yield f"share {share} is not the sum of its lines"
    for share, action, count, each, joules in zip(
        *(lines[name] for name in ("share", "action", "count", "pj_each", "joules")), strict=True
    ):
        if share != "static" and not close(count * (each or 0.0) * 1e-12, joules):
            yield f"{action}: {count} times {each} pJ are not {joules} J"


@identity
def places_sum_to_the_whole(s: Summary, t: Tables) -> Iterator[str]:
    """Cores, links and routers sum to what the summary counts; slot servers are no cores."""
    counts, lines = s["counts"], t["energy"]
    for name in sorted(set(t["cores"]) & set(counts)):
        column = (
            "soma_updates" if name == "neuron_updates" and s["kind"] != "nsn" else name
        )  # updates of somas are told as updates
        found, all_of = int(total(t, "cores", column)), counts[name] - (counts["items_in"] if name == "spikes" else 0)
        if found != all_of and not (name in ON_SLOT_SERVERS and found < all_of):
            yield f"cores: {name} sum to {found}, the summary has {all_of}"
    if (total(t, "links", "packets"), total(t, "links", "flits")) != (counts["hops"], counts["flit_hops"]):
        yield "links do not sum to hops and flit_hops"
    over_links = ("hop_ew", "hop_ns", "credit")
    on_links = math.fsum(
        joules
        for share, action, joules in zip(lines["share"], lines["action"], lines["joules"], strict=True)
        if action in over_links or share == "interchip"
    )
    if not close(float(total(t, "links", "energy_pj")) * 1e-12, on_links, 1e-9):
        yield "energy of links is not that of the hops over them"
    in_cores = float(total(t, "cores", "dynamic_pj")) * 1e-12
    if in_cores > s["energy_j"]["core"] * (1 + 1e-12) or (
        not counts["slot_ops"] and not close(in_cores, s["energy_j"]["core"], 1e-9)
    ):
        yield "energy of cores is not their share"
    if sum(counts["messages"].values()) != counts["packets"]:
        yield "messages by kind do not sum to packets"


@identity
def power_is_energy_over_time(s: Summary, t: Tables) -> Iterator[str]:
    """Mean power is energy over time; of a core, what the budget is held against, over all powered ones."""
    seconds, energy, claim = s["sim_time_s"], s["energy_j"], s["claim"]
    if not seconds:
        return
    if not close(s["power_w"]["mean"] * seconds, energy["total"]):
        yield "power_w.mean is not energy over time"
    held = math.fsum(energy[share] for share in SHARES if share != "host")
    if not close(s["power_per_core_mw"]["mean"] * 1e-3 * s["cores"]["powered"] * seconds, held, 1e-9):
        yield "power_per_core_mw.mean is not static, cores, routers and links over time and cores"
    if (claim["mean"]["mw"], claim["hottest"]["mw"]) != (s["power_per_core_mw"]["mean"], s["power_per_core_mw"]["max"]):
        yield "claim and power_per_core_mw tell different powers"
    if len(t["cores"]["core"]) == s["cores"]["powered"] and not close(
        math.fsum(t["cores"]["power_mw"]) / s["cores"]["powered"], claim["mean"]["mw"], 1e-9
    ):
        yield "the powers of cores are not the mean"
    if claim["hottest"]["mw"] < claim["mean"]["mw"] * (1 - 1e-12):
        yield "the hottest core draws less than the mean"


@identity
def cores_are_counted_by_one_definition_each(s: Summary, t: Tables) -> Iterator[str]:
    """Powered, holding neurons, holding anything, worked, in use."""
    cores, claim, table = s["cores"], s["claim"], t["cores"]
    if not cores["neurons"] <= cores["holding"] <= cores["in_use"] <= cores["powered"] or cores["worked"] > cores["in_use"]:
        yield f"cores {cores} do not hold each other"
    if (s["chip"]["cores"], claim["cores_in_use"]) != (cores["powered"], cores["in_use"]):
        yield "chip.cores or claim.cores_in_use is another count"
    found = {
        "neurons": np.asarray(table["neurons"]) > 0,
        "worked": np.asarray(table["operations"]) > 0,
        "holding": np.logical_or.reduce([np.asarray(table[name]) > 0 for name in ("neurons", "axons", "keyed_entries")])
        | np.array([bool(role) for role in table["role"]]),
    }
    for name, there in found.items():
        if int(there.sum()) != cores[name]:
            yield f"the table of cores has {int(there.sum())} of {name}, the summary {cores[name]}"
    if s["kind"] != "packets" and s["mapping"]["cores_used"] != cores["neurons"]:
        yield "mapping.cores_used is not the number of cores that hold neurons"
    if claim["cores"] != -(-claim["neurons"] // s["chip"]["neurons_per_core"]):
        yield "claim.cores is not neurons over neurons per core"


@identity
def watts_follow_from_the_cores_in_use(s: Summary, t: Tables) -> Iterator[str]:
    """Static power of the cores in use and all dynamic power; 10^6 neurons at the mean of these cores."""
    static, claim = dict(zip(t["energy"]["action"], t["energy"]["pj_each"], strict=True))["static_per_core"], s["claim"]
    dynamic = (s["power_per_core_mw"]["mean"] - static) * s["cores"]["powered"]
    if not close(claim["watts"] * 1e3, s["cores"]["in_use"] * static + dynamic, 1e-9):
        yield "claim.watts is not what the cores in use draw"
    million = claim["at_1e6"]
    if million["cores"] is not None:
        if million["cores"] < 10**6 * s["cores"]["neurons"] / claim["neurons"]:
            yield "at_1e6.cores is less than the fill of this run takes"
        if not close(million["watts"], million["cores"] * claim["watts"] / s["cores"]["in_use"]):
            yield "at_1e6.watts is not cores times what one in use draws"


@identity
def the_verdict_follows_from_powers_and_limits(s: Summary, _: Tables) -> Iterator[str]:
    """One word for the mean and the hottest core, the least limit in reach, and no rate above it that holds."""
    claim, budget = s["claim"], s["power_per_core_mw"]["budget"]
    limits = claim["limits"]
    reach = {
        name: one["rate_hz"] for name, one in limits.items() if one["rate_hz"] is not None and one["how"] != "out_of_reach"
    }
    if claim["max_rate_hz"] != min(reach.values(), default=None):
        yield "max_rate_hz is not the least limit in reach"
    if not claim["unstored"] and reach and reach[claim["limit"]] != claim["max_rate_hz"]:
        yield "limit does not name the least one"
    if {one["how"] for one in limits.values()} - {"measured", "interpolated", "out_of_reach", "extrapolated"}:
        yield "a limit does not say how it is known"
    if budget is None:
        if claim["verdict"] is not None or "mean_power" in limits:
            yield "a verdict without a budget"
        return
    over = claim["mean"]["mw"] > budget or claim["hottest"]["mw"] > budget
    words = {"fails"} if over else {"holds", "holds_to"}
    if claim["verdict"] not in words | ({"depends_on_assumed"} if claim["assumed"] else set()):
        yield f"verdict {claim['verdict']} with powers {claim['mean']['mw']} and {claim['hottest']['mw']}"
    above = bool(claim["rate_hz"] and claim["max_rate_hz"] and claim["rate_hz"] > claim["max_rate_hz"] * (1 + 1e-9))
    if claim["verdict"] == "holds" and above:
        yield "a rate above the greatest one, and it holds"
    kept = [name for name in ("mean_power", "hottest_core") if name in reach]
    if claim["verdict"] in ("holds", "holds_to") and (claim["verdict"] == "holds_to") != (bool(kept) or above):
        yield f"verdict {claim['verdict']}, within reach {kept}"


@identity
def checks_meet_the_budget(s: Summary, t: Tables) -> Iterator[str]:
    """Where the budget is used up within reach, a pass at that rate drew what static power leaves of it within 2 %."""
    claim, budget = s["claim"], s["power_per_core_mw"]["budget"]
    static = dict(zip(t["energy"]["action"], t["energy"]["pj_each"], strict=True))["static_per_core"]
    for name in ("mean_power", "hottest_core") if budget and len(claim["points"]) > 2 else ():
        limit = claim["limits"][name]
        if limit["how"] != "interpolated" or not limit["rate_hz"]:
            continue
        if "checked_mw" not in limit:
            yield f"{name} is interpolated and was not checked"
        elif abs(limit["checked_mw"] - budget) > 0.02 * (budget - static):
            yield f"{name}: the pass drew {limit['checked_mw']} mW of {budget}"


@identity
def break_even_spends_the_budget(s: Summary, t: Tables) -> Iterator[str]:
    """Static power at break-even and the dynamic power of this run make up the budget."""
    claim, budget = s["claim"], s["power_per_core_mw"]["budget"]
    if budget is None:
        return
    static = dict(zip(t["energy"]["action"], t["energy"]["pj_each"], strict=True))["static_per_core"]
    for name, key in (("mean", "mean_mw"), ("hottest", "hottest_mw")):
        if not close(claim["static"][key] + claim[name]["mw"] - static, budget, 1e-9):
            yield f"claim.static.{key} and dynamic power do not make up the budget"
    if claim["break_even_static_mw"] != claim["static"]["mean_mw"]:
        yield "two figures for the static power at break-even"


@identity
def nothing_has_room_where_something_found_none(s: Summary, _: Tables) -> Iterator[str]:
    """Unstored novelties mean room for no more events, and memory binds."""
    claim = s["claim"]
    if claim["unstored"] and (claim["limits"]["memory"]["events"] != 0 or claim["limit"] != "memory"):
        yield f"{claim['unstored']} novelties unstored, and {claim['limits']['memory']}"


@identity
def service_is_latency_without_the_wait(s: Summary, _: Tables) -> Iterator[str]:
    """Latency has the wait for later input in it, service has not."""
    latency, service = s["latency_s"], s["service_s"]
    if latency["mean"] is None:
        return
    if any(service[name] > latency[name] for name in latency):
        yield "service takes longer than latency"
    if not close(latency["mean"] - service["mean"], (s.get("lookahead_wait_s") or {"mean": 0.0})["mean"], 1e-9):
        yield "latency less service is not the look-ahead wait"


@identity
def layers_sum_to_the_summary(s: Summary, t: Tables) -> Iterator[str]:
    """Of a neurosemantic network: neurons, growth and rounds by layer."""
    if "nsn" not in s:
        return
    layers = s["nsn"]["layers"]
    sums = {name: sum(layer[name] or 0 for layer in layers) for name in ("neurons", "created", "rounds")}
    told = {"neurons": s["claim"]["neurons"], "created": s["counts"]["neurons_created"], "rounds": s["counts"]["wta_rounds"]}
    if sums != told:
        yield f"layers sum to {sums}, the summary has {told}"
    if len(t["growth"]["time_ps"]) != s["counts"]["neurons_created"]:
        yield "the table of growth has another number of neurons"


@identity
def steps_sum_to_the_summary(s: Summary, t: Tables) -> Iterator[str]:
    """Of a spiking network: counts and joules by step."""
    if "steps" not in t:
        return
    counts = s["counts"]
    for column, name in (("fired", "spikes"), ("packets", "packets"), ("synaptic_ops", "synaptic_ops")):
        if int(total(t, "steps", column)) != counts[name]:
            yield f"steps: {column} sum to {total(t, 'steps', column)}, the summary has {counts[name]}"
    dynamic = s["energy_j"]["total"] - s["energy_j"]["static"] - s["energy_j"]["host"]
    if not close(math.fsum(t["steps"]["energy_total_j"]), dynamic, 1e-9):
        yield "joules of steps do not sum to the dynamic energy"


def broken(summary: Summary, tables: Tables) -> list[str]:
    """All that is wrong with a run."""
    return [f"{check.__name__}: {said}" for check in IDENTITIES for said in check(summary, tables)]
