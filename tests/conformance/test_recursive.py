"""Recursive networks and listeners on the chip: decisions are the golden model's, and a listener changes none (AT2 to AT4, CX8)."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import pytest

from chipsim.engines.reference import run_reference
from chipsim.errors import ConfigError, DeadlockError
from chipsim.machine.snapshot import load_snapshot, save_snapshot
from chipsim.pipeline import simulate
from tests.conformance.compare import compare_runs
from tests.engines import ENGINE_NAMES, lower
from tests.needs import needs
from tests.scenarios import golden_digests, run, small

pytestmark = needs("nsn")

EMPTY, ROOM = "workload.learned=0", "chip.core.neurons=16"
MANY = "workload.recursive={networks: 5, scale: 2, delay: 3, linked: true}"

SETTINGS = {
    "one network": ("workload.recursive=1", EMPTY),
    "two, unicast": ("workload.recursive=2", "chip.noc.cast=unicast"),
    "three, saturated, arity 5": ("workload.recursive=3", "workload.rate=saturate", "workload.wta_arity=5", ROOM),
    "five, linked, later": (MANY, EMPTY, ROOM),
    "five, linked, later, learned": (MANY, ROOM),
    "clocked": ("workload.recursive=2", "chip.core.pace=tick", "chip.core.tick=1 us"),
    "log2": ("workload.recursive=2", "workload.interval=log2", EMPTY),
    "pass": ("workload.recursive=2", "workload.reading=pass", EMPTY),
    "sum": ("workload.recursive=3", "workload.recognise.mode=sum", "workload.symbols=300", EMPTY, ROOM),
    "sum, unicast, later": (MANY, "workload.recognise.mode=sum", "chip.noc.cast=unicast", "workload.wta_arity=3", ROOM),
    "inhibition": ("workload.recursive=2", "workload.wta=inhibition", "workload.recognise.mode=sum", EMPTY, ROOM),
    "by axons": ("workload.recursive=1", "mapping.growth.policy=axons", EMPTY, ROOM),
}


@pytest.mark.parametrize("name", SETTINGS)
def test_decisions_are_the_golden_models(name: str) -> None:
    outcomes = [run(small(*SETTINGS[name], "workload.listeners=5"), engine) for engine in ENGINE_NAMES]
    assert {outcome.functional for outcome in outcomes} == {golden_digests(outcomes[0].prepared)[0]}
    for outcome in outcomes[1:]:
        assert compare_runs(outcomes[0].raw, outcome.raw) is None
    assert len(outcomes[0].raw.own.expected)


def test_a_log() -> None:
    outcome = run(small("workload.recursive=2", "workload.listeners=2", base="log-sample"))
    assert outcome.functional == golden_digests(outcome.prepared)[0]


def test_a_listener_changes_no_winner() -> None:
    """And hears every neuron that fires on its layer."""
    subscriptions = (
        "workload.listeners=[{layer: 0}, {layer: 1}, {layer: 1}, {layer: 2, network: 1}, {layer: 3, network: 0}, {layer: 3}]"
    )
    base = run(small("workload.recursive=2", ROOM))
    packets = [int(base.raw.sent.sum())]
    for more in ("workload.listeners=1", "workload.listeners=8", subscriptions):
        outcome = run(small("workload.recursive=2", ROOM, more))
        assert outcome.functional == base.functional
        packets.append(int(outcome.raw.sent.sum()))
    assert packets == sorted(set(packets))
    told = simulate(small("workload.recursive=2", ROOM, subscriptions)).summary["nsn"]
    fired = [told["layers"][layer]["recognised"] + told["layers"][layer]["created"] for layer in (0, 1, 1)]
    fired += [told["networks"][n]["recognised"] + told["networks"][n]["created"] for n in (3, 4)]
    fired.append(told["layers"][3]["recognised"] + told["layers"][3]["created"])
    assert [one["heard"] for one in told["listeners"]] == fired and fired[1] > 0
    assert [(one["layer"], one["network"]) for one in told["listeners"]][3:5] == [(2, 1), (3, 0)]


def test_every_network_and_listener_costs_packets() -> None:
    packets = {
        (networks, listeners): int(
            run(small(f"workload.recursive={networks}", f"workload.listeners={listeners}", ROOM)).raw.sent.sum()
        )
        for networks in range(6)
        for listeners in (0, 3)
    }
    assert [packets[n, 0] for n in range(6)] == sorted({packets[n, 0] for n in range(6)})
    assert all(packets[n, 3] > packets[n, 0] for n in range(6))


def test_priming_decides_on_the_chip_as_in_software() -> None:
    """Among vectors that sum, and between lengths where all pairs must match."""
    for mode in ("sum", "exact"):
        settings = ("workload.recursive=2", f"workload.recognise.mode={mode}", "workload.symbols=300", EMPTY, ROOM)
        told = [simulate(small(*settings, f"engine={engine}")).summary["nsn"] for engine in (*ENGINE_NAMES, "golden")]
        for key in ("candidates", "decided_by", "networks", "synchrony"):
            assert told[0][key] == told[1][key] == told[-1][key], key
        assert told[0]["decided_by"]["primed"] > 0


def test_listeners_need_no_networks_and_go_with_keys() -> None:
    keyed = ("workload.match=keyed", EMPTY)
    base, heard = run(small(*keyed)), run(small(*keyed, "workload.listeners=4"))
    assert base.functional == heard.functional and int(heard.raw.sent.sum()) > int(base.raw.sent.sum())


@pytest.mark.parametrize("engine", ENGINE_NAMES)
def test_forty_eight_blocks(engine: str) -> None:
    """Eight layers with five networks each."""
    outcome = run(
        small("workload.layers=8", "workload.recursive=5", EMPTY, "chip.core.neurons=32", "workload.symbols=150"), engine
    )
    constants = outcome.plan.own.constants
    roots = [number for number in range(1, constants.numbers) if number != constants.layers + 1]
    assert len(roots) == 48 and len(constants.root_core) == 50
    assert outcome.functional == golden_digests(outcome.prepared)[0]
    decided = {int(layer) for layer in outcome.raw.own.winners[:, 1]}
    assert decided == set(roots) | {0}


def test_numbers_of_layers_from_sixteen_on_take_more_bits() -> None:
    few, many = lower(small("workload.recursive=3"))[2], lower(small("workload.recursive=5"))[2]
    assert (few.own.constants.numbers, many.own.constants.numbers) == (14, 20)
    assert many.own.constants.bits_axon - few.own.constants.bits_axon == 2 * 2  # its layer's and its id's


def test_priming_costs_what_it_carries() -> None:
    plain, primed = lower(small())[2], lower(small("workload.recursive=5", "workload.layers=2"))[2]
    ids = 5 * (4 + 4 + 3)
    assert primed.own.layer_flits[:2].max() <= -(-ids // 32) + 1 and primed.own.layer_flits[:2].min() >= ids // 32
    assert not plain.own.layer_flits.any() and primed.own.layer_flits.all()
    more = primed.used_bits.sum() - plain.used_bits.sum()
    assert more > 0 and primed.own.constants.bits_expected == 4 + 4 + 3


@pytest.mark.parametrize("engine", ENGINE_NAMES)
def test_an_expectation_that_is_lost_is_told(engine: str) -> None:
    faults = "faults=[{kind: lose_message, message: prime, number: 3}]"
    said = r"layer \d: its root on core \d+ waits for what its recursive networks expect \(segment at item \d+\)"
    with pytest.raises(DeadlockError, match=said):
        run(small("workload.recursive=2", faults), engine)


@pytest.mark.parametrize("engine", ENGINE_NAMES)
def test_what_a_listener_misses_holds_nobody_up(engine: str) -> None:
    settings = ("workload.recursive=2", "workload.listeners=[{layer: 1}]", f"engine={engine}")
    whole = simulate(small(*settings)).summary
    missed = simulate(small(*settings, "faults=[{kind: lose_message, message: hear, number: 1}]")).summary  # of every core
    assert missed["functional_digest"] == whole["functional_digest"]
    assert missed["nsn"]["listeners"][0]["heard"] == whole["nsn"]["listeners"][0]["heard"] - missed["counts"]["drops"]
    assert missed["counts"]["drops"] > 0


def test_the_terminal_says_what_networks_and_listeners_did() -> None:
    from chipsim.programs.nsn.told import network

    said = network(simulate(small("workload.recursive=2", "workload.listeners=3", ROOM)).summary)
    assert "6 recursive networks with " in said and " decided by priming; 3 listeners heard " in said
    assert "recursive" not in network(simulate(small()).summary)


@pytest.mark.parametrize("name", ["two, unicast", "five, linked, later"])
def test_a_run_in_pieces_equals_the_whole(name: str, tmp_path: Path) -> None:
    plan = lower(small(*SETTINGS[name], "workload.listeners=3"))[2]
    whole = run_reference(plan)
    snapshot = None
    for share in (0.1, 0.4, 0.41, 0.9):
        piece = run_reference(dataclasses.replace(plan, until=int(whole.end_ps * share) + 1), start=snapshot)
        assert piece.snapshot is not None
        save_snapshot(piece.snapshot, tmp_path / "snapshot.npz")
        snapshot = load_snapshot(tmp_path / "snapshot.npz")
    assert compare_runs(run_reference(plan, start=snapshot), whole) is None


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        (("workload.match=keyed",), "found keyed, with workload.recursive"),
        (("mapping.growth.policy=axons", "mapping.growth.migrate.batch=2"), "found neurons that move, with workload.recursive"),
        (("workload.listeners=[{layer: 4}]",), "found 4; allowed: 0 to workload.layers, 3"),
        (("workload.listeners=[{layer: 1, network: 2}]",), "found 2 of layer 1; allowed: null, or a number below"),
    ],
)
def test_what_does_not_go_together_is_refused_by_name(settings: tuple[str, ...], said: str) -> None:
    with pytest.raises(ConfigError, match=said):
        small("workload.recursive=2", *settings)
