"""Spiking networks from archives and by rule, and given packets: read exactly, refused with words where they are wrong."""

from __future__ import annotations

import subprocess
import sys
import zipfile
from collections import defaultdict
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chipsim.errors import WorkloadError
from chipsim.machine.message import MOST_FLITS
from chipsim.network import rows
from chipsim.network.spiking import SpikingNetwork
from workloads.kinds.arrays import ArraysWorkload, GenerateSpec
from workloads.snn import generate_network, load_network, load_traffic, network_sizes
from workloads.snn.fixed import floor_fixed, leak_fraction
from workloads.snn.traffic import LATEST_PS

SMALL: dict[str, Any] = {
    "src": np.array([2, 0, 0, 2], np.int32),
    "dst": np.array([1, 2, 0, 1], np.int32),
    "weight": np.array([0.5, -1.25, 3, 2], np.float32),
    "neuron_kind": np.array([0, 0, 1], np.int8),
    "neuron_core": np.array([0, 1, 1], np.int32),
    "v0": np.array([0, 1.5, 0], np.float32),
    "bias": np.zeros(3, np.float32),
    "threshold": np.float32(1.1),
    "leak": np.float32(0.5),
    "in_step": np.array([3, 1, 4], np.int32),
    "in_neuron": np.array([2, 2, 2], np.int32),
    "steps": np.int32(10),
}


def read(path: Path, **arrays: Any) -> SpikingNetwork:
    np.savez(path, **arrays)
    return load_network(ArraysWorkload(kind="arrays", path=str(path)))


def rows_of(network: SpikingNetwork) -> dict[int, list[tuple[int, Fraction, int]]]:
    """Synapses by source: target, weight, delay."""
    found = {}
    for n in range(len(network)):
        part = slice(int(network.start[n]), int(network.start[n + 1]))
        delay = network.delay[part].tolist() if len(network.delay) else [1] * (part.stop - part.start)
        weight = [Fraction(w, 2**network.fraction) for w in network.weight[part].tolist()]
        found[n] = list(zip(network.target[part].tolist(), weight, delay, strict=True))
    return found


def test_a_small_network(tmp_path: Path) -> None:
    network = read(tmp_path / "net.npz", **SMALL, exp_fired=np.zeros(3), mesh_w=np.int32(8))
    half = Fraction(1, 2)
    assert rows_of(network) == {0: [(0, 3, 1), (2, Fraction(-5, 4), 1)], 1: [], 2: [(1, half, 1), (1, 2, 1)]}
    assert network.fraction == 6 and network.weight.dtype == np.int16 and len(network.delay) == 0
    assert network.potential.tolist() == [0, 96, 0]
    assert network.threshold.tolist() == [70] * 3  # 1.1 x 64, rounded down: no whole potential lies between
    assert (network.leak, network.leak_shift) == (1, 1)
    assert network.input_start.tolist() == [0, 0, 0, 3] and network.input_step.tolist() == [1, 3, 4]
    assert network.core.tolist() == [0, 1, 1] and network.steps == 10


@settings(max_examples=60, deadline=None)
@given(data=st.data(), packed=st.booleans(), block=st.sampled_from([3, 7, 2**20]))
def test_rows_equal_those_of_a_naive_reader(
    data: st.DataObject, packed: bool, block: int, tmp_path_factory: pytest.TempPathFactory
) -> None:
    neurons = data.draw(st.integers(1, 9))
    number, weight = st.integers(0, neurons - 1), st.integers(-(2**12), 2**12)
    synapses = data.draw(st.lists(st.tuples(number, number, weight, st.integers(1, 63)), max_size=60))
    digits = data.draw(st.integers(0, 20))
    source, target, given_weight, delay = (list(column) for column in zip(*synapses, strict=True)) if synapses else ([],) * 4
    arrays = {
        "src": np.array(source, np.int64), "dst": np.array(target, np.uint16),
        "weight": np.ldexp(np.array(given_weight, np.float32), -digits), "v0": np.zeros(neurons),
    }  # fmt: skip
    if data.draw(st.booleans()):
        arrays["delay"] = np.array(delay, np.uint8)
    path = tmp_path_factory.mktemp("arrays") / "net.npz"
    (np.savez_compressed if packed else np.savez)(path, **arrays)
    naive: dict[int, list[tuple[int, Fraction, int]]] = defaultdict(list)
    for s, t, w, d in zip(source, target, given_weight, delay, strict=True):
        naive[s].append((t, Fraction(w, 2**digits), d if "delay" in arrays else 1))
    with pytest.MonkeyPatch.context() as patch:
        for module in (rows, sys.modules["workloads.snn.arrays"]):
            patch.setattr(module, "BLOCK", block)
        network = load_network(ArraysWorkload(kind="arrays", path=str(path), steps=3))
    assert rows_of(network) == {n: sorted(naive[n], key=lambda row: row[0]) for n in range(neurons)}
    sizes = network_sizes(ArraysWorkload(kind="arrays", path=str(path), steps=3))
    assert (sizes.neurons, sizes.synapses, sizes.steps) == (neurons, len(source), 3) and sizes.delay == network.longest


@given(order=st.permutations(range(6)), data=st.data())
def test_renamed_rows_are_the_same_synapses(order: list[int], data: st.DataObject) -> None:
    size = data.draw(st.lists(st.integers(0, 4), min_size=6, max_size=6))
    start = np.concatenate([[0], np.cumsum(size)]).astype(np.int64)
    target = np.array([data.draw(st.integers(0, 5)) for _ in range(start[-1])], np.int32)
    rows.sort_rows(start, target, ())
    name = np.arange(start[-1])
    moved, renamed, (named,) = rows.permuted(start, target, (name,), np.array(order))
    found = {(order[p], order[renamed[i]], int(named[i])) for p in range(6) for i in range(moved[p], moved[p + 1])}
    assert found == {(n, int(target[i]), int(name[i])) for n in range(6) for i in range(start[n], start[n + 1])}
    assert all(np.all(np.diff(renamed[moved[p] : moved[p + 1]]) >= 0) for p in range(6))


@given(leak=st.floats(0, 1, width=32), potential=st.integers(-(2**37), 2**37), fraction=st.integers(6, 30))
def test_a_leak_is_exact(leak: float, potential: int, fraction: int) -> None:
    numerator, shift = leak_fraction(leak, fraction - 6)
    exact = abs(Fraction(potential, 2**fraction) * Fraction(leak))
    kept = (abs(potential) * numerator >> (shift + fraction - 6)) if numerator else 0
    assert Fraction(kept, 64) <= exact < Fraction(kept + 1, 64)


@given(threshold=st.floats(-1e6, 1e6, width=32), fraction=st.integers(6, 30))
def test_a_threshold_rounded_down_is_passed_by_the_same_potentials(threshold: float, fraction: int) -> None:
    floor = int(floor_fixed(np.array([threshold]), fraction)[0])
    assert Fraction(floor, 2**fraction) <= Fraction(threshold) < Fraction(floor + 1, 2**fraction)


def test_values_need_their_digits(tmp_path: Path) -> None:
    tenth = SMALL | {"bias": np.array([0.1, 0, 0], np.float32)}
    network = read(tmp_path / "net.npz", **tenth)
    assert network.fraction == 27 and Fraction(int(network.bias[0]), 2**27) == Fraction(float(np.float32(0.1)))
    assert network.weight.dtype == np.int32
    again = read(tmp_path / "net.npz", **SMALL | {"bias": np.array([0.1, 0, 0])})  # 64 bits are taken as 32, as the peer does
    assert np.array_equal(again.bias, network.bias)
    assert read(tmp_path / "net.npz", **SMALL | {"leak": np.float32(1e-30)}).leak == 0


def test_whole_numbers_are_exact_up_to_53_digits(tmp_path: Path) -> None:
    potential = np.array([2.0**24 + 1, 2**24 + 1.5, 2**53 - 1])
    network = read(tmp_path / "net.npz", **SMALL | {"v0": potential, "steps": np.int32(1), "threshold": np.int64(2**63 - 1)})
    assert [Fraction(v, 2**network.fraction) for v in network.potential.tolist()] == [Fraction(v) for v in potential.tolist()]
    assert network.quantised is not None and network.quantised.rounded == 0


@given(
    weight=st.lists(st.floats(-(2.0**24), 2.0**24), min_size=1, max_size=30).filter(any),
    bias=st.floats(-8, 8),
    leak=st.sampled_from([1.0, 0.5, 0.9]),
)
def test_ordinary_floats_are_rounded_with_the_error_told(
    weight: list[float], bias: float, leak: float, tmp_path_factory: pytest.TempPathFactory
) -> None:
    path = tmp_path_factory.mktemp("floats") / "net.npz"
    zeros = np.zeros(len(weight), np.int32)
    arrays = {"src": zeros, "dst": zeros, "weight": np.array(weight), "bias": np.array([bias]), "leak": leak}
    if max(map(abs, weight)) < 2.0**-31:
        with pytest.raises(WorkloadError, match="scale"):
            read(path, **arrays, steps=np.int32(5))
        return
    network = read(path, **arrays, steps=np.int32(5))
    told = network.quantised
    assert told is not None and told.step == 2.0**-network.fraction and told.values == len(weight) + 2
    step = Fraction(1, 2**network.fraction)
    used = [Fraction(w) * step for w in network.weight.tolist()] + [Fraction(int(network.bias[0])) * step]
    errors = [abs(a - Fraction(b)) for a, b in zip(used, [*weight, bias], strict=True)]
    assert told.worst == pytest.approx(float(max(errors)), rel=1e-9, abs=1e-18)
    assert told.mean == pytest.approx(float(sum(errors)) / told.values, rel=1e-9, abs=1e-18)
    assert told.rounded == sum(error != 0 for error in errors)
    most = [step / 2 + Fraction(abs(b)) / 2**24 for b in [*weight, bias]]  # half a step, and what 32-bit floats lose
    assert all(error <= bound for error, bound in zip(errors, most, strict=True)) or told.saturated


BROKEN: dict[str, tuple[dict[str, Any], tuple[str, ...]]] = {
    "no weights": ({"weight": None}, ("no weight", "src, dst and weight")),
    "another length": ({"dst": np.zeros(3, np.int32)}, ("dst has shape (3,)", "(4,)")),
    "floats for numbers": ({"src": np.zeros(4)}, ("src holds float64", "whole numbers")),
    "no such source": ({"src": np.array([0, 1, 3, 0])}, ("src[2] is 3", "0 to 2")),
    "below zero": ({"dst": np.array([0, 1, 1, -1])}, ("dst[3] is -1", "0 to 2")),
    "larger than any": ({"dst": np.array([0, 1, 1, 2**64 - 1], np.uint64)}, ("dst[3] is -1",)),
    "no number": ({"weight": np.array([0, np.nan, 0, 0])}, ("weight[1] is nan", "finite")),
    "text": ({"weight": np.array(list("abcd"))}, ("weight holds <U1", "numbers")),
    "too fine": ({"weight": np.array([0, 0, 2.0**-32, 0])}, ("weight: the largest is", "2^-30", "scale")),
    "too wide": ({"weight": np.array([2.0**25, 2.0**-20, 0, 0])}, ("weight: the largest is 33554432.0", "31 binary digits")),
    "whole weight": ({"weight": np.array([1, 2**53 + 1, 0, 0])}, ("weight[1] is 9007199254740993", "2^53")),
    "whole potential": ({"v0": np.array([0, 0, 2**53 + 1], np.uint64)}, ("v0[2] is 9007199254740993", "2^53")),
    "whole bias": ({"bias": np.array([0, -(2**60) - 1, 0])}, ("bias[1] is -1152921504606846977", "2^53")),
    "whole threshold": ({"threshold": np.array([2**53 + 1])}, ("threshold[0] is 9007199254740993", "2^53")),
    "equal inputs": ({"in_step": np.array([3, 1, 3])}, ("in_step[2]", "spike 0", "input 2 in step 3", "allowed: each once")),
    "delay 0": ({"delay": np.array([1, 0, 1, 1])}, ("delay[1] is 0", "1 to 63")),
    "delay 64": ({"delay": np.array([1, 1, 1, 64])}, ("delay[3] is 64", "1 to 63")),
    "negative delay": ({"delay": np.array([1, 1, 1, -2])}, ("delay[3] is -2",)),
    "short delays": ({"delay": np.array([1, 1])}, ("delay has shape (2,)",)),
    "kind": ({"neuron_kind": np.array([0, 2, 1])}, ("neuron_kind[1] is 2", "1 for an input")),
    "core": ({"neuron_core": np.array([0, -1, 1])}, ("neuron_core[1] is -1",)),
    "two lengths": ({"bias": np.zeros(4)}, ("bias has 4 values", "3")),
    "leak": ({"leak": np.float32(1.5)}, ("leak[0] is 1.5", "0 (nothing remains) to 1")),
    "leaks": ({"leak": np.array([1, 0.5, 1])}, ("leak[1] is 0.5", "one leak for all")),
    "infinite": ({"v0": np.array([0, np.inf, 0])}, ("v0[1] is inf", "finite")),
    "input of a neuron": ({"in_neuron": np.array([2, 1, 2])}, ("in_neuron[1] is 1", "inputs (neuron_kind 1)")),
    "input of nobody": ({"in_neuron": np.array([2, 2, 9])}, ("in_neuron[2] is 9",)),
    "step 0": ({"in_step": np.array([3, 0, 3])}, ("in_step[1] is 0", "counted from 1")),
    "lone steps": ({"in_neuron": None}, ("in_step is there alone",)),
    "uneven inputs": ({"in_step": np.array([1])}, ("in_step has 1 values, in_neuron 3",)),
    "no steps": ({"steps": None}, ("no steps", "--set workload.steps=")),
    "steps": ({"steps": np.int32(0)}, ("steps is 0", "1 to")),
    "objects": ({"src": np.array([0, 1, None, 2], object)}, ("src holds Python objects", "pickle")),
    "out of range": ({"bias": np.full(3, 1e30, np.float32)}, ("neuron 0: its potential could reach", "allowed: below", "fewer steps")),
    "nobody": ({name: None if np.size(SMALL[name]) == 1 else SMALL[name][:0] for name in SMALL if name != "steps"}, ("no neurons",)),
}  # fmt: skip


@pytest.mark.parametrize("name", BROKEN)
def test_broken_archives_are_refused_with_words(name: str, tmp_path: Path) -> None:
    changes, words = BROKEN[name]
    arrays = {key: value for key, value in (SMALL | changes).items() if value is not None}
    with pytest.raises(WorkloadError) as caught:
        read(tmp_path / "net.npz", **arrays)
    for word in (str(tmp_path / "net.npz"), *words):
        assert word in str(caught.value)


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"not an archive", "not a NumPy archive"),
        (b"", "the file is empty; allowed: a NumPy archive"),
        (None, "there is no such file"),
    ],
)
def test_what_is_no_archive(content: bytes | None, words: str, tmp_path: Path) -> None:
    path = tmp_path / "net.npz"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(WorkloadError, match=words):
        load_network(ArraysWorkload(kind="arrays", path=str(path), steps=1))


@pytest.mark.parametrize("packed", [False, True])
def test_damaged_archives(packed: bool, tmp_path: Path) -> None:
    path = tmp_path / "net.npz"
    (np.savez_compressed if packed else np.savez)(path, **SMALL)
    whole = path.read_bytes()
    rng = np.random.Generator(np.random.PCG64(1))
    refused = 0
    for _ in range(150):
        broken = bytearray(whole)
        for at in rng.integers(0, len(whole), 3):
            broken[at] = rng.integers(0, 256)
        path.write_bytes(broken[: len(whole) - int(rng.integers(0, 40))] if rng.integers(0, 2) else broken)
        try:
            found = load_network(ArraysWorkload(kind="arrays", path=str(path), steps=2))
        except WorkloadError as error:
            assert str(path) in str(error)
            refused += 1
        else:  # what is damaged has no meaning of its own, but holds together
            assert found.start[0] == 0 and (np.diff(found.start) >= 0).all() and found.start[-1] == len(found.target)
            assert ((found.target >= 0) & (found.target < len(found.potential))).all()
    assert refused >= 50
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("src.npy", "nonsense")
    with pytest.raises(WorkloadError, match="src: not an array"):
        load_network(ArraysWorkload(kind="arrays", path=str(path), steps=2))


def test_a_generated_network_is_what_its_rule_says() -> None:
    spec = GenerateSpec(neurons=2000, fan_out=50, period=20, seed=3)
    network, again = generate_network(spec, 5), generate_network(spec, 5)
    assert np.array_equal(network.target, again.target) and np.array_equal(network.potential, again.potential)
    assert np.array_equal(np.diff(network.start), np.full(2000, 50))
    phases = network.potential / 2**network.fraction
    assert set(phases.tolist()) == set(range(20))
    assert np.bincount(network.target, minlength=2000).std() < 2 * 50**0.5  # uniform: Poisson of mean 50
    larger = generate_network(GenerateSpec(neurons=2000, fan_out=50, period=20, seed=4), 5)
    assert not np.array_equal(network.target, larger.target)


MEASURE = """
import resource, sys, numpy as np
from workloads.kinds.arrays import ArraysWorkload
from workloads.snn import load_network
def peak(): return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
small, large = sys.argv[1:]
load_network(ArraysWorkload(kind="arrays", path=small))
before = peak()
load_network(ArraysWorkload(kind="arrays", path=large))
print(peak() - before)
"""


def test_memory_per_synapse(tmp_path: Path) -> None:
    """Eight bytes of rows and the chunks; the file is 32 MB."""
    rng = np.random.Generator(np.random.PCG64(1))
    for name, synapses in (("small", 2**21), ("large", 6 * 10**6)):
        source, target = rng.integers(0, 10**4, (2, synapses)).astype(np.int32)
        np.savez(tmp_path / name, src=source, dst=target, weight=np.ones(synapses, np.float32), steps=np.int32(1))
    command = [sys.executable, "-c", MEASURE, str(tmp_path / "small.npz"), str(tmp_path / "large.npz")]
    grown = int(subprocess.run(command, check=True, capture_output=True, text=True).stdout)
    assert grown / (6 * 10**6) < 12


# -- packets -----------------------------------------------------------------------------------------------------------------


def test_given_packets(tmp_path: Path) -> None:
    path = tmp_path / "p.npz"
    np.savez(path, time_ps=[5, 0, 5], source=[1, 2, 0], destination=[3, 3, 3])
    assert load_traffic(path, 4).tolist() == [[0, 2, 3, 1], [5, 1, 3, 1], [5, 0, 3, 1]]
    for arrays, word in (
        ({"destination": [3, 4, 3]}, r"destination\[1\] is 4; allowed: 0 to 3"),
        ({"time_ps": [5, -1, 5]}, r"time_ps\[1\] is -1"),
        ({"flits": [1, 1, 0]}, r"flits\[2\] is 0"),
        ({"flits": [1, 1]}, r"flits has shape \(2,\)"),
        ({"source": [0.5, 1, 2]}, "source holds float64"),
    ):
        np.savez(path, **({"time_ps": [5, 0, 5], "source": [1, 2, 0], "destination": [3, 3, 3]} | arrays))
        with pytest.raises(WorkloadError, match=word):
            load_traffic(path, 4)
    np.savez(path, time_ps=[1])
    with pytest.raises(WorkloadError, match="no source, destination"):
        load_traffic(path, 4)


def test_given_packets_are_held_to_times_and_lengths(tmp_path: Path) -> None:
    path = tmp_path / "p.npz"
    for key, most in (("time_ps", LATEST_PS), ("flits", MOST_FLITS)):
        for value in (most, most + 1):
            arrays = {"time_ps": np.array([5]), "source": np.array([1]), "destination": np.array([3]), key: np.array([value])}
            np.savez(path, **arrays)  # type: ignore[arg-type]
            if value == most:
                assert most in load_traffic(path, 4)[0]
                continue
            with pytest.raises(WorkloadError, match=rf"{key}\[0\] is {value}; allowed: \d+ to {most}"):
                load_traffic(path, 4)


def test_potentials_stay_within_63_bits(tmp_path: Path) -> None:
    """Without decay, in one step, with six digits behind the point: below 2^56, which is 2^62 steps."""
    arrays = {name: value for name, value in SMALL.items() if name not in ("bias", "in_step", "in_neuron")}
    arrays |= {"weight": np.zeros(4), "leak": np.float32(1), "steps": np.int32(1), "threshold": np.float32(0)}
    most = 2.0**56
    below = read(tmp_path / "net.npz", **arrays | {"v0": np.array([0, np.nextafter(most, 0), 0])})
    assert int(below.potential[1]) == 2**62 - 2**9
    with pytest.raises(
        WorkloadError, match=r"neuron 1: its potential could reach 7.20576e\+16 in 1 steps; allowed: below 7.20576e\+16"
    ):
        read(tmp_path / "net.npz", **arrays | {"v0": np.array([0, most, 0])})


def test_packets_of_a_run(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    path = tmp_path / "packets.parquet"
    columns = {"injected_ps": [9, 4, 4, 4], "source": [0, 1, 1, 9], "destination": [1, 0, 1, 0], "sequence": [0, 1, 0, 0]}
    pq.write_table(pa.table(columns | {"flits": [1, 2, 3, 1], "kind": ["spike"] * 4}), path)
    with caplog.at_level("INFO"):
        assert load_traffic(path, 4).tolist() == [[4, 1, 1, 3], [4, 1, 0, 2], [9, 0, 1, 1]]
    assert "1 of 4 packets are not from core to core" in caplog.text
    path.write_bytes(b"nonsense")
    with pytest.raises(WorkloadError, match="not a table of packets"):
        load_traffic(path, 4)
