"""Whatever a file or a setting holds, the loader gives an experiment that can be written and read again, or says what is wrong."""

from __future__ import annotations

import json
import re
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

from hypothesis import assume, example, given, settings
from hypothesis import strategies as st

from chipsim.config import Experiment, load_experiment, resolved_yaml
from chipsim.config.catalogue import configs_folder
from chipsim.config.describe import experiment_keys
from chipsim.config.yaml12 import parse_document
from chipsim.errors import ConfigError, UsageError

SHIPPED = [path.read_bytes() for path in sorted(configs_folder().glob("experiments/*.yaml"))]
CHIP = (configs_folder() / "chips/mesh-16.yaml").read_bytes()
SCRAPS = [
    b"{", b"}", b"[", b"]", b": ", b"- ", b"&a ", b"*a", b"!!int ", b"'", b'"', b"|\n", b"\t", b"\n", b"#", b"null",
    b"~", b"0", b"-1", b"1e-12", b".inf", b"99999999999999999999", b"on", b"5 ns", b"\x00", b"\xff", b"\xef\xbb\xbf",
    b"? ", b"<<: ", b"---\n", b"...\n", b"%YAML 1.1\n", b"\xe2\x80\xa8", b"\\ud800", b"kind: log", b"{base: mesh-16}",
]  # fmt: skip

LEAVES = st.none() | st.booleans() | st.integers(-(2**63), 2**63 - 1)
KEYS = [
    "chip", "workload", "mapping", "faults", "probes", "chip.noc", "chip.noc.link_latency", "chip.core.times", "workload.only",
    "workload.fields", "chip.provenance", "chip.energy.hop_ew.range", "name", "until",
]  # fmt: skip

PATHS = sorted({re.sub(r"\[\w+\]", "", key.path) for key in experiment_keys()})
"""All keys of an experiment; what is under ``[kind]`` of a workload or a fault without it."""


def load(data: bytes) -> None:
    """Load a file of these bytes; anything but an equal round trip or a one-piece ConfigError fails."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "fuzz.yaml"
        path.write_bytes(data)
        try:
            experiment = load_experiment(str(path))
        except ConfigError as error:
            assert str(error)
            return
        assert isinstance(experiment, Experiment)
        same_again(experiment, path)


def same_again(experiment: Experiment, path: Path) -> None:
    """What was read is the same once written."""
    path.write_text(resolved_yaml(experiment), encoding="utf-8")
    assert load_experiment(str(path)) == experiment


def set_one(base: str, key: str, text: str) -> Experiment | None:
    """A shipped experiment with one setting; None where it is refused, with words."""
    try:
        experiment = load_experiment(base, [f"{key}={text}"])
    except (ConfigError, UsageError) as error:
        assert len(str(error)) > 10
        return None
    with tempfile.TemporaryDirectory() as folder:
        same_again(experiment, Path(folder) / "set.yaml")
    return experiment


def is_key(path: str) -> bool:
    """Whether something can be set under a path: a key, a part of the description, or a part of what a key holds."""
    return any(key == path or key.startswith(f"{path}.") or path.startswith(f"{key}.") for key in PATHS)


@given(st.binary(max_size=300))
def test_random_bytes(data: bytes) -> None:
    load(data)


@given(st.text(max_size=300))
def test_random_text(text: str) -> None:
    load(text.encode("utf-8", "surrogatepass"))


@st.composite
def mutated(draw: st.DrawFn, originals: list[bytes]) -> bytes:
    """A shipped file with a few cuts, copies and scraps put in."""
    data = draw(st.sampled_from(originals))
    for _ in range(draw(st.integers(1, 4))):
        a = draw(st.integers(0, len(data)))
        b = min(len(data), a + draw(st.integers(0, 30)))
        scrap = draw(st.sampled_from(SCRAPS) | st.binary(max_size=4) | st.just(data[a:b] * 2))
        data = data[:a] + scrap + data[b:]
    return data


@settings(max_examples=150)
@given(mutated(SHIPPED))
def test_mutated_experiments(data: bytes) -> None:
    load(data)


@given(mutated([CHIP]))
def test_mutated_chips(data: bytes) -> None:
    indented = b"\n".join(b"  " + line for line in data.split(b"\n"))
    load(b"workload: {kind: text, source: docs-topics, symbols: 9}\nchip:\n" + indented)


def trees(leaves: st.SearchStrategy[object]) -> st.SearchStrategy[object]:
    """Lists and mappings of leaves."""
    return st.recursive(leaves, lambda part: st.lists(part, max_size=4) | st.dictionaries(st.text("abc xyz"), part, max_size=4))


@example("mesh-16", "chip")
@example([], "faults")
@example(["user"], "workload.fields")
@example(None, "until")
@example(5, "chip.nock")
@given(trees(LEAVES | st.integers() | st.floats() | st.text(max_size=8)), st.sampled_from(KEYS))
def test_any_value_under_any_key(value: object, key: str) -> None:
    text = repr(value).replace("True", "true").replace("False", "false").replace("None", "null")
    if set_one("log-sample", key, text) is not None:
        assert is_key(key)


@example("workload.symbols", "5")
@given(st.text(max_size=40) | st.sampled_from(KEYS), st.text(max_size=40))
def test_any_setting(key: str, value: str) -> None:
    if set_one("text-small", key, value) is not None:
        assert is_key(key.strip()), "what is no key was taken, and nobody will know"


@given(st.sampled_from(PATHS), st.integers(0, 40), st.sampled_from(["", "x", ".", "_"]))
def test_a_key_with_a_slip_is_refused(key: str, at: int, slip: str) -> None:
    """One character is left out, doubled or another."""
    at %= len(key)
    wrong = key[:at] + slip + key[at + 1 :]
    assume(not is_key(wrong))
    assert set_one("text-small", wrong, "1") is None


TAKEN: dict[str, tuple[st.SearchStrategy[Any], Callable[[Experiment], object]]] = {
    "workload.symbols": (st.integers(1, 10**6), lambda e: e.workload.symbols),  # type: ignore[union-attr]
    "workload.layers": (st.integers(1, 8), lambda e: e.workload.layers),  # type: ignore[union-attr]
    "chip.noc.width": (st.integers(1, 64), lambda e: e.chip.noc.width),
    "chip.core.neurons": (st.integers(1, 4096), lambda e: e.chip.core.neurons),
    "chip.noc.flit_time.value": (st.integers(1, 10**6).map("{} ps".format), lambda e: f"{e.chip.noc.flit_time.value} ps"),
    "mapping.fill": (st.floats(0.01, 1.0), lambda e: e.mapping.fill),
    "mapping.seed": (st.integers(0, 2**40), lambda e: e.mapping.seed),
    "seed": (st.integers(0, 2**40), lambda e: e.seed),
    "name": (st.text("abcdefgh", min_size=1, max_size=20), lambda e: e.name),
}
"""Keys, values that are right, and where an experiment holds them."""


@given(st.sampled_from(sorted(TAKEN)), st.data())
def test_what_is_right_is_taken_as_it_was_set(key: str, data: st.DataObject) -> None:
    values, found = TAKEN[key]
    value = data.draw(values)
    experiment = set_one("text-small", key, str(value))
    assert experiment is not None
    assert found(experiment) == value


@given(trees(LEAVES))
def test_every_value_of_a_document_has_a_place(value: object) -> None:
    document = parse_document(json.dumps(value), "x")
    assert document.value == value

    def walk(part: object, path: tuple[str | int, ...]) -> None:
        assert document.values[path].line == 1
        items = part.items() if isinstance(part, dict) else enumerate(part) if isinstance(part, list) else ()
        for key, inner in items:
            walk(inner, (*path, key))

    walk(value, ())
