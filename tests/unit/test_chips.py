"""Shipped chips: Loihi as in SANA-FE's reference, barrier times, what may be unknown for whom, chips of millions of cores."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from chipsim.config import ChipSpec, load_chip, load_experiment
from chipsim.config.catalogue import chips
from chipsim.energy import account
from chipsim.errors import ConfigError
from chipsim.machine.actions import A_ACCESS, A_FIRED, A_SOMA, TIMED
from chipsim.machine.raw import RawRun
from chipsim.noc import Mesh, mesh_of
from chipsim.plan.chip import action_times, refuse_unknown
from chipsim.programs.nsn.collect import held_of
from chipsim.programs.nsn.lower import NSN_CONSTANTS
from chipsim.results.summary import core_utilisation
from chipsim.results.tables import MOST_LISTED, constant_table, core_table, link_table
from tests.engines import lower
from tests.folders import SANAFE
from tests.own import replace_own
from tests.scenarios import run, small
from tests.work import calls_of

PRICES = {
    "soma_access": "soma_access", "soma_update": "soma_update", "soma_spike": "soma_spike", "axon_in": "message_in",
    "axon_out": "spike_out", "syn": "synaptic_op",
}  # fmt: skip
"""Names of the reference's constants and of ours."""


def test_loihi_has_exactly_the_constants_of_the_reference() -> None:
    told = json.loads((SANAFE / "rand1k_loihi.json").read_text())
    constants, shape = told["constants"], told["mesh"]
    for chip in (load_chip("loihi-sanafe"), load_chip("loihi")):
        noc = chip.noc
        assert (noc.width, noc.height, noc.concentration) == (shape["w"], shape["h"], shape["cpt"])
        found: dict[str, float | None] = {
            "hop_t_ew": noc.link_latency_ew.value, "hop_e_ew": chip.energy.hop_ew.value,
            "hop_t_ns": noc.link_latency_ns.value, "hop_e_ns": chip.energy.hop_ns.value,
            # a dendrite is no component of its own here: it must cost nothing
            "den_t": 0, "den_e": 0,
        }  # fmt: skip
        for theirs, ours in PRICES.items():
            found[f"{theirs}_t"] = getattr(chip.core.times, ours).value
            found[f"{theirs}_e"] = getattr(chip.energy, ours).value
        assert found == {name: pytest.approx(value * 1e12, rel=1e-12) for name, value in constants.items()}
        assert (chip.core.times.axon_lookup.value, chip.energy.axon_lookup.value, chip.energy.router_flit.value) == (0, 0, 0)


def test_loihi_is_numbered_by_columns_and_steps_by_a_barrier() -> None:
    plain, timed = load_chip("loihi-sanafe"), load_chip("loihi")
    mesh = mesh_of(plain.noc)
    assert mesh == Mesh(8, 4, 4, column=True) and mesh.xy(5) == (1, 1)
    assert (plain.noc.cast, plain.noc.router, plain.core.pace, plain.core.memory_bits) == (
        "unicast",
        "queued",
        "barrier",
        2**20,
    )
    assert (plain.power.static_per_core.value, timed.power.static_per_core.value) == (0, 0.82)
    assert plain.core.sync is not None and timed.core.sync is not None
    assert [plain.core.sync.time(tiles) for tiles in (1, 32)] == [100, 100]
    expected = {1: 600, 2: 1000, 3: 1000, 4: 1400, 28: 1400, 29: 1800, 32: 1800}
    assert {tiles: timed.core.sync.time(tiles) / 1000 for tiles in expected} == expected
    table = constant_table(timed)
    assert (table["path"][-1], table["grade"][-1]) == ("core.sync", "measured")
    assert table["value"][-1] == "600 ns from 1 tile, 1 us from 2 tiles, 1.4 us from 4 tiles, 1.8 us from 29 tiles"


@pytest.mark.parametrize(
    ("setting", "steps"),
    [
        ("core.sync=2 us", [(1, 2_000_000)]),
        ("core.sync=[{tiles: 1, time: 2 us}, {tiles: 9, time: 3 us}]", [(1, 2_000_000), (9, 3_000_000)]),
        ("core.sync={steps: [{tiles: 1, time: 7 ns}], grade: derived, source: by hand}", [(1, 7000)]),
    ],
)
def test_barrier_times_may_be_given_shortly(setting: str, steps: list[tuple[int, int]]) -> None:
    sync = load_chip("loihi", [setting]).core.sync
    assert sync is not None and [(step.tiles, step.time) for step in sync.steps] == steps
    assert sync.grade == ("derived" if "derived" in setting else "assumed")


@pytest.mark.parametrize(
    ("setting", "said"),
    [
        ("core.sync=0 us", "chip.core.sync"),
        ("core.sync=[]", "chip.core.sync: found 0 items; allowed: at least 1 item"),
        ("core.sync=null", "chip.core.sync: no time for pace"),
        ("core.sync=[{tiles: 2, time: 1 us}]", "found tiles 2; allowed: 1 first, then ascending"),
        ("core.sync=[{tiles: 1, time: 1 us}, {tiles: 1, time: 2 us}]", "found tiles 1, 1; allowed"),
        (
            "core.sync={steps: [{tiles: 1, time: 1 us}], grade: unknown, source: x}",
            "chip.core.sync.grade: found unknown, with times",
        ),
        ("core.late_spikes=keep", "allowed: next, drop"),
        ("noc.tile_order=columns", "did you mean 'column'"),
        ("core.times.synaptic_op.value=-1 ns", "negative; allowed: 0 ps or later"),
        ("noc.local_latency.value=0 ns", "a delay of 0 between components"),
        ("noc.width=4096", "allowed: up to 16777216 of them together"),
    ],
)
def test_broken_barriers_and_sizes(setting: str, said: str) -> None:
    settings = [setting] if "width" not in setting else [setting, "noc.height=1024"]
    with pytest.raises(ConfigError) as caught:
        load_chip("loihi", settings)
    assert said in str(caught.value)


def test_texts_do_not_run_with_a_barrier() -> None:
    with pytest.raises(ConfigError, match=r"barrier.*event or tick"):
        lower(small("chip.core.pace=barrier", "chip.core.sync=1 us"))


SOMA = [f"chip.{group}.soma_{what}=null" for group in ("core.times", "energy") for what in ("access", "update", "spike")]


def test_texts_run_without_the_constants_of_spiking_neurons() -> None:
    plain, bare = run(small()), run(small(*SOMA))
    assert (bare.raw.digest, bare.raw.end_ps) == (plain.raw.digest, plain.raw.end_ps)
    chip = small(*SOMA).chip
    assert len(chip.unknown()) == len(SOMA)
    assert len(action_times(chip)) == TIMED and not action_times(chip)[A_ACCESS:].any()
    spent = account(chip, bare.plan.mesh, bare.raw)
    assert spent.total == account(small().chip, plain.plan.mesh, plain.raw).total
    unpriced = [line for line in spent.lines if line.each is None]
    assert [(line.action, line.count, line.joules) for line in unpriced] == [
        ("soma_access", 0, 0.0), ("soma_update", 0, 0.0), ("soma_spike", 0, 0.0),
    ]  # fmt: skip
    with pytest.raises(ConfigError, match=r"core.times.soma_spike, which the chip file leaves unknown"):
        refuse_unknown(chip, ("core.times.soma_spike",))
    counted = bare.raw.actions.copy()
    counted[3, A_SOMA] = 2
    with pytest.raises(ConfigError, match="2 times soma_update, whose energy"):
        account(chip, bare.plan.mesh, replace(bare.raw, actions=counted))


def test_neurons_of_spiking_networks_are_priced() -> None:
    chip = load_chip("mesh-16")
    done = run(small())
    counted = done.raw.actions.copy()
    core = int(done.raw.operations[:16].argmax())
    counted[core, [A_ACCESS, A_SOMA, A_FIRED]] = 5, 4, 2
    before, after = (account(chip, done.plan.mesh, raw) for raw in (done.raw, replace(done.raw, actions=counted)))
    extra = 5 * 51 + 4 * 28 + 2 * 3
    assert after.core_pj[core] - before.core_pj[core] == pytest.approx(extra)
    assert after.share("core") - before.share("core") == pytest.approx(extra * 1e-12, rel=1e-6)


def test_constants_that_texts_need_are_all_but_the_neurons_of_spiking_networks() -> None:
    for name in chips():
        paths = set(load_chip(name).constants())
        rest = {path for path in paths - set(NSN_CONSTANTS) if "soma" not in path}
        rest = {path for path in rest if not path.startswith("noc.levels.")}  # always needed, where there are levels
        assert rest == {"power.budget_per_core"}, "a chip without a budget has no verdict, and runs"
        assert set(NSN_CONSTANTS) <= paths
    with pytest.raises(ConfigError, match=r"power.static_per_core"):
        lower(small("chip.power.static_per_core=null"))


def test_a_price_is_needed_where_it_is_spent() -> None:
    """Nothing is looked up on a mesh where packets go one by one, and only wormhole routers have credits."""
    unknown = "chip.energy.table_read=null"
    lower(small(unknown, "chip.noc.cast=unicast"))
    for network in ((), ("chip.noc.cast=unicast", "chip.noc.topology=torus", "chip.noc.routing=table")):
        with pytest.raises(ConfigError, match=r"the run needs energy.table_read"):
            lower(small(unknown, *network))
    lower(small("chip.energy.credit=null"))
    with pytest.raises(ConfigError, match=r"the run needs energy.credit"):
        lower(small("chip.energy.credit=null", "chip.noc.router=wormhole", "chip.noc.cast=unicast"))


@pytest.mark.parametrize("match", ["associative", "keyed"])
def test_numbering_by_columns_changes_no_decision(match: str) -> None:
    """Growth, trees and links included, on a mesh that is not square."""
    shape = (
        "chip.noc.width=5",
        "chip.noc.height=3",
        "chip.noc.concentration=2",
        f"workload.match={match}",
        "workload.learned=20",
    )
    rows, columns = (run(small(*shape, f"chip.noc.tile_order={order}")) for order in ("row", "column"))
    assert columns.plan.mesh.column and len(columns.raw.own.growth) > 10
    assert columns.functional == rows.functional
    # the curve goes the same way over the mesh, so that parts sit in the same places
    ours, theirs = (o.plan.mesh.xy(o.mapping.fill_order // 2) for o in (columns, rows))
    assert np.array_equal(ours, theirs)


# -- size --------------------------------------------------------------------------------------------------------------------

LARGE = ("chip.noc.width=2000", "chip.noc.height=1000", "workload.learned=0", "workload.symbols=10")


def test_a_chip_of_two_million_cores_is_planned_without_a_loop_over_them() -> None:
    experiment = small(*LARGE, "chip.growth.region_width=7", "chip.growth.region_height=9")
    (_, mapping, plan), calls = calls_of(lambda: lower(experiment))
    assert calls < 1_000_000, "there is a loop over cores"
    mesh = plan.mesh
    assert mesh.cores == 2_000_000 and len(mapping.fill_order) == mesh.cores
    regions = 286 * 112  # the last of 2000 / 7 and of 1000 / 9 are smaller
    assert len(plan.own.server_core) == regions and len(plan.endpoint_tile) == mesh.cores + regions + 1
    held = plan.own.server_core[plan.own.server_core >= 0]
    assert np.array_equal(np.sort(held), np.arange(mesh.cores))
    rank = np.argsort(mapping.fill_order)
    for region in (0, 1, 285, 286, regions - 1):
        x, y = mesh.xy(plan.own.server_core[region][plan.own.server_core[region] >= 0])
        assert set((x // 7 + y // 9 * 286).tolist()) == {region}
        sx, sy = mesh.xy(int(plan.endpoint_tile[mesh.cores + region]))
        assert sx // 7 + sy // 9 * 286 == region
        order = rank[plan.own.server_core[region][plan.own.server_core[region] >= 0]]
        assert (np.diff(order) > 0).all(), "cores of a region open in the order of growth"


def test_keyed_matching_keeps_no_room_for_axons() -> None:
    K = lower(small("workload.match=keyed"))[2].own.constants
    assert (K.rows, K.axons, K.lists, K.members) == (1, 1, 1, 1)


def test_tables_of_a_large_chip_list_what_is_in_use() -> None:
    done = run(small("chip.growth.region_width=2", "chip.growth.region_height=2"))
    chip, plan = small().chip, done.plan
    full = core_table(
        chip, plan, done.raw, held_of(plan, done.raw.own), account(chip, plan.mesh, done.raw), core_utilisation(done.raw, 1)
    )
    large, raw = _enlarged(chip, done.raw, plan.mesh)
    spent = account(large, mesh_of(large.noc), raw)
    wide = replace(plan, mesh=mesh_of(large.noc))
    cores, links = (
        core_table(large, wide, raw, held_of(wide, raw.own), spent, core_utilisation(raw, 1)),
        link_table(wide, raw, spent),
    )
    used = np.flatnonzero(np.asarray(full["operations"]) + np.asarray(full["memory_bits"]))
    assert wide.mesh.cores > MOST_LISTED and list(cores["core"]) == used.tolist()
    for name in ("operations", "memory_bits", "spikes", "dynamic_pj"):
        assert np.asarray(cores[name]).tolist() == np.asarray(full[name])[used].tolist()
    assert sum(bool(role) for role in cores["role"]) == sum(bool(role) for role in full["role"])
    assert list(links["link"]) == np.flatnonzero(raw.link_packets).tolist()
    assert set(map(tuple, np.stack([links["to_x"], links["to_y"]]).T.tolist())) <= {
        (x, y) for x in range(4) for y in range(wide.mesh.height)
    }


def _enlarged(chip: ChipSpec, raw: RawRun, mesh: Mesh) -> tuple[ChipSpec, RawRun]:
    """The chip with more rows of tiles below, and what a run on the small one would have left there: nothing."""
    noc = chip.noc.model_copy(update={"height": MOST_LISTED})
    large = mesh_of(noc)

    def longer(array: np.ndarray, old: int, new: int) -> np.ndarray:  # type: ignore[type-arg]
        more = np.zeros((new - old, *array.shape[1:]), array.dtype)
        return np.concatenate([array[:old], more, array[old:]])

    cores = {
        name: longer(getattr(raw, name), mesh.cores, large.cores) for name in ("actions", "busy_ps", "operations", "late_ticks")
    }
    links = {
        name: longer(getattr(raw, name), mesh.link_ids, large.link_ids)
        for name in ("link_packets", "link_flits", "link_wait_ps", "link_wait_max_ps")
    }
    kept = {name: longer(getattr(raw.own.memory, name), mesh.cores, large.cores) for name in ("key_count", "axon_count")}
    cores["used_bits"] = longer(raw.used_bits, mesh.cores, large.cores)
    tiles = {name: longer(getattr(raw, name), mesh.tiles, large.tiles) for name in ("tile_flits", "router_lookups")}
    return chip.model_copy(update={"noc": noc}), replace(
        replace_own(raw, memory=replace(raw.own.memory, **kept)), **cores, **links, **tiles
    )


def test_a_number_that_somebody_set_is_not_said_to_be_published(tmp_path: Path) -> None:
    file = tmp_path / "mine.yaml"
    file.write_text("base: altai-256\ncore: {neurons: 1024, axons: 512}\nnoc: {width: 32}\n", encoding="utf-8")
    chip, shipped = load_chip(str(file)), load_chip("altai-256")
    told = {path: one.source for path, one in chip.provenance.items()}
    assert told["core.neurons"] == told["noc.width"] == "set by the user"
    assert told["core.axons"] == shipped.provenance["core.axons"].source, "the same number, so the same source"
    assert told["noc.height"] == shipped.provenance["noc.height"].source
    assert chip.description == "", "the base was described, not this one"
    set_here = load_experiment("text", ["chip.core.neurons=256"]).chip.provenance
    assert (set_here["core.neurons"].grade, set_here["core.neurons"].source) == ("assumed", "set by the user")
    assert set_here["noc.width"] == shipped.provenance["noc.width"]
