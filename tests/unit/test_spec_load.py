"""Names, paths, bases and settings become one experiment, and writing it out loses nothing."""

from __future__ import annotations

import pickle
from pathlib import Path

import pytest
from pydantic import ValidationError

from chipsim.config import ChipSpec, Rate, catalogue, load_chip, load_experiment, resolved_yaml
from chipsim.config.faults import LoseMessage, MessageName
from chipsim.config.keys import key_paths
from chipsim.errors import ConfigError
from tests.needs import needs
from workloads.kinds.log import LogWorkload
from workloads.kinds.text import TextWorkload


def test_the_shipped_files_are_the_documented_ones() -> None:
    assert {"altai-256", "mesh-16"} <= set(catalogue.chips())
    assert {"text", "text-small", "log-sample"} <= set(catalogue.experiments())
    assert "docs-topics" in catalogue.sources(".txt")
    assert "sshd-sample" in catalogue.sources(".log")


def test_no_name_is_the_main_job() -> None:
    experiment = load_experiment()
    assert experiment == load_experiment("text")
    assert isinstance(experiment.workload, TextWorkload)
    workload = experiment.workload
    assert (workload.learned, workload.symbols, workload.layers, workload.episode) == (100_000, 2048, 8, 512)
    assert workload.rate == Rate("fixed", 5000.0)
    assert workload.rate.period_ps == 200_000_000
    assert (experiment.mapping.partitioner, experiment.mapping.placer, experiment.mapping.seed) == ("default", "hilbert", 1)
    noc = experiment.chip.noc
    assert (noc.width, noc.height, noc.cores, noc.router, noc.cast) == (16, 16, 256, "queued", "multicast")
    core = experiment.chip.core
    assert (core.neurons, core.axons, core.memory_bits) == (512, 512, 262_144)


def test_constants_have_the_documented_values_grades_and_proxies() -> None:
    constants = load_chip("altai-256").constants()
    values = {path: constant.value for path, constant in constants.items()}
    assert values["energy.synaptic_op"] == 23.6
    assert values["energy.neuron_update"] == 81.0
    assert values["energy.pair_write"] == 120.0
    assert (values["energy.hop_ew"], values["energy.hop_ns"]) == (3.0, 4.0)
    assert (values["noc.link_latency_ew"], values["noc.link_latency_ns"]) == (4100, 6500)
    assert (values["power.static_per_core"], values["power.budget_per_core"]) == (0.82, 2.0)
    assert all(constant.grade == "assumed" for constant in constants.values())
    assert all(constant.range is not None and constant.source for constant in constants.values())
    assert all(constant.proxy for path, constant in constants.items() if path != "power.budget_per_core")
    assert "Loihi" in (constants["energy.synaptic_op"].proxy or "")


def test_nothing_derived_from_the_claim_enters_the_account() -> None:
    """7.5 pJ per synaptic operation is 0.5 W divided by 67 G operations per second: the claim in other words."""
    for name in catalogue.chips():
        for path, constant in load_chip(name).constants().items():
            assert path == "power.budget_per_core" or "0.5 W" not in constant.source
            assert not (path.startswith("energy.") and constant.value == 7.5)


def test_all_times_of_the_small_chip_differ() -> None:
    chip = load_chip("mesh-16")
    times = [constant.value for path, constant in chip.constants().items() if not path.startswith(("energy.", "power."))]
    assert len(times) == len(set(times)) == 17


def test_every_constant_is_listed_under_the_path_that_sets_it() -> None:
    chip = load_chip("mesh-16")
    constants = chip.constants()
    assert len(constants) == 4 + 11 + 20 + 2 + 1 + 1
    assert set(constants) <= set(key_paths(ChipSpec))
    for path in constants:
        unit = {"energy": "pJ", "power": "mW"}.get(path.split(".")[0], "ns")
        changed = load_chip("mesh-16", [f"{path}=77 {unit}"]).constants()
        assert changed[path].value == (77_000 if unit == "ns" else 77.0)
        assert {other: changed[other] for other in changed if other != path} == {
            other: constants[other] for other in constants if other != path
        }


@pytest.mark.parametrize("name", ["text", "text-small", "log-sample"])
def test_what_is_written_is_read_as_the_same(name: str, tmp_path: Path) -> None:
    settings = {
        "text": [
            "until=10 ms",
            "probes=[spikes, alerts]",
            "chip.energy.hop_ew=null",
            "mapping.file=m.npz",
            "chip.noc.table_entries=9",
        ],
        "text-small": [
            "faults=[{kind: flip_bit, at: 1.5 us, core: 3, slot: 2, pair: 1, bit: 4, field: id}]",
            "workload.rate=saturate",
        ],
        "log-sample": ["workload.only={event: [accepted, 'on', '012']}", "workload.rate=source x 1e3", "name='1e-12'"],
    }
    if name == "log-sample":
        settings[name][1] = "workload.rate=source x 1000"
    for changes in ([], settings[name]):
        experiment = load_experiment(name, changes)
        path = tmp_path / "experiment.yaml"
        path.write_text(resolved_yaml(experiment), encoding="utf-8")
        again = load_experiment(str(path))
        assert again == experiment
        assert resolved_yaml(again) == resolved_yaml(experiment)
        assert pickle.loads(pickle.dumps(experiment)) == experiment


def test_descriptions_cannot_be_changed() -> None:
    experiment = load_experiment("text-small")
    with pytest.raises(ValidationError, match="frozen"):
        experiment.chip.noc.width = 5  # type: ignore[misc]


def test_a_setting_acts_on_the_chip_behind_a_name() -> None:
    assert load_experiment("text", ["chip.noc.router=ideal"]).chip.noc.router == "ideal"
    noc = load_experiment("text", ["chip.noc.link_latency=5 ns"]).chip.noc
    assert (noc.link_latency_ew.value, noc.link_latency_ns.value) == (5000, 5000)
    assert (noc.link_latency_ew.grade, noc.link_latency_ew.source, noc.link_latency_ew.proxy) == (
        "assumed",
        "set by the user",
        None,
    )
    noc = load_experiment("text", ["chip.noc.link_latency_ew.value=5 ns"]).chip.noc
    assert (noc.link_latency_ew.value, noc.link_latency_ew.source, noc.link_latency_ns.value) == (5000, "set by the user", 6500)
    noc = load_experiment("text", ['chip.noc.link_latency_ew.value="5 ns"', "chip.noc.link_latency_ew.grade=measured"]).chip.noc
    assert (noc.link_latency_ew.value, noc.link_latency_ew.grade) == (5000, "measured")


def test_settings_act_in_order_a_whole_before_its_parts() -> None:
    experiment = load_experiment("text", ["chip.noc.router=ideal", "chip=mesh-16", "chip.noc.cast=unicast", "seed=4", "seed=5"])
    assert (experiment.chip.name, experiment.chip.noc.router, experiment.chip.noc.cast) == ("mesh-16", "ideal", "unicast")
    assert experiment.seed == 5


def test_ones_own_text_displaces_the_shipped_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    workload = load_experiment("text", ["workload.path=my.txt"]).workload
    assert (workload.source, workload.path, workload.input_path()) == (None, str(tmp_path / "my.txt"), tmp_path / "my.txt")
    assert load_experiment("text", ["workload.path=x", "workload.source=docs-topics"]).workload.path is None


def test_a_mapping_file_displaces_how_to_make_one() -> None:
    mapping = load_experiment("text", ["mapping.file=/m.npz"]).mapping
    assert (mapping.file, mapping.model_fields_set) == ("/m.npz", {"file"})
    assert load_experiment("text", ["mapping.file=/m.npz", "mapping.seed=3"]).mapping.file is None


def test_a_constant_set_to_null_is_unknown_and_listed() -> None:
    chip = load_chip("altai-256", ["energy.hop_ew=null", "chip.host.latency.value=null"])
    assert chip.unknown() == ("energy.hop_ew", "host.latency")
    assert chip.energy.hop_ew.grade == "unknown"
    assert load_chip("altai-256").unknown() == ()


def test_paths_start_from_the_file_that_names_them(tmp_path: Path) -> None:
    (tmp_path / "chips").mkdir()
    (tmp_path / "chips/mine.yaml").write_text("base: ./small.yaml\nname: mine\nnoc: {router: ideal, link_latency: 9 ns}\n")
    (tmp_path / "chips/small.yaml").write_text("base: mesh-16\nname: small\nnoc: {width: 2}\ngrowth: {region_width: 2}\n")
    (tmp_path / "e.yaml").write_text(
        "chip: chips/mine.yaml\nworkload: {kind: text, path: in.txt, symbols: 5}\nmapping: {file: m.npz}\n"
    )
    experiment = load_experiment(str(tmp_path / "e.yaml"))
    noc = experiment.chip.noc
    assert (experiment.chip.name, noc.width, noc.height, noc.router, noc.link_latency_ns.value) == ("mine", 2, 4, "ideal", 9000)
    assert (experiment.name, experiment.workload.path) == ("e", str(tmp_path / "in.txt"))
    assert experiment.mapping.file == str(tmp_path / "m.npz")


def test_a_base_keeps_what_is_not_overlaid_and_a_constant_is_overlaid_whole(tmp_path: Path) -> None:
    path = tmp_path / "c.yaml"
    path.write_text('base: mesh-16\nenergy:\n  hop_ew: "9 pJ"\n  hop_ns: {range: ["1 pJ", "5 pJ"]}\n')
    chip, base = load_chip(str(path)), load_chip("mesh-16")
    assert (chip.energy.hop_ew.value, chip.energy.hop_ew.source, chip.energy.hop_ew.range) == (9.0, "set by the user", None)
    assert (chip.energy.hop_ns.value, chip.energy.hop_ns.proxy, chip.energy.hop_ns.range) == (4.0, "Loihi 1", (1.0, 5.0))
    assert chip.model_copy(update={"energy": base.energy}) == base


SOURCED = "base: mesh-16\nenergy:\n  hop_ew: {range: ['2.3 pJ', '3 pJ'], range_source: 'two papers'}\n"


def test_the_source_of_a_range_does_not_stand_for_another_range(tmp_path: Path) -> None:
    path, above = tmp_path / "c.yaml", tmp_path / "above.yaml"
    path.write_text(SOURCED)
    above.write_text("base: ./c.yaml\nenergy: {hop_ew: {range: ['1 pJ', '9 pJ']}}\n")
    loaded = load_chip(str(path)).energy.hop_ew
    assert (loaded.value, loaded.range, loaded.range_source) == (3.0, (2.3, 3.0), "two papers")
    assert load_chip("mesh-16").energy.hop_ew.range_source is None
    for other in (load_chip(str(above)), load_chip(str(path), ["energy.hop_ew.range=[1 pJ, 9 pJ]"])):
        assert (other.energy.hop_ew.range, other.energy.hop_ew.range_source) == ((1.0, 9.0), None)
    assert load_chip(str(path), ["energy.hop_ew.value=4 pJ"]).energy.hop_ew.range_source is None
    both = ["energy.hop_ew.range=[1 pJ, 9 pJ]", "energy.hop_ew.range_source=a third"]
    assert load_chip(str(path), both).energy.hop_ew.range_source == "a third"


def test_a_chip_file_alone_is_checked_like_one_in_an_experiment(tmp_path: Path) -> None:
    path = tmp_path / "c.yaml"
    path.write_text("base: mesh-16\nnoc:\n  widht: 3\n")
    with pytest.raises(ConfigError, match=r"c.yaml:3:3: chip.noc.widht: unknown key \(did you mean 'width'\?\)"):
        load_chip(str(path))


def test_log_rates_and_filters() -> None:
    workload = load_experiment("log-sample", ["workload.rate=source x 2.5", "workload.only={event: [a, b], user: c}"]).workload
    assert isinstance(workload, LogWorkload)
    assert (workload.rate, workload.rate.period_ps) == (Rate("source", None, 2.5), None)
    assert workload.only == {"event": ("a", "b"), "user": ("c",)}
    assert workload.fields == ("user", "source")
    assert workload.input_path().name == "sshd-sample.log"


@pytest.mark.parametrize(
    ("text", "period"), [("5 kHz", 200_000_000), ("3 Hz", 333_333_333_333), ("1000 GHz", 1), ("0.5 mHz", None)]
)
def test_the_period_of_a_rate_is_a_whole_number_of_ps(text: str, period: int | None) -> None:
    if period is None:
        with pytest.raises(ConfigError, match="'mHz' is not a unit of rate"):
            load_experiment("text", [f"workload.rate={text}"])
    else:
        assert load_experiment("text", [f"workload.rate={text}"]).workload.rate.period_ps == period


@needs("nsn")
def test_a_fault_can_name_every_message_of_a_neurosemantic_network_and_no_other() -> None:
    from chipsim.programs.nsn.messages import NAMES

    assert set(MessageName.__args__) == set(NAMES) - {""}
    fault = load_experiment("text-small", ["faults=[{kind: lose_message, message: answer, number: 7}]"]).faults[0]
    assert fault == LoseMessage(kind="lose_message", message="answer", number=7)
