"""Whatever a file holds, the loader gives an experiment or a ConfigError."""

from __future__ import annotations

import json
import tempfile
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from chipsim.config import Experiment, load_experiment, resolved_yaml
from chipsim.config.catalogue import configs_folder
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
        path.write_text(resolved_yaml(experiment), encoding="utf-8")
        assert load_experiment(str(path)) == experiment


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


@given(trees(LEAVES | st.integers() | st.floats() | st.text(max_size=8)), st.sampled_from(KEYS))
def test_any_value_under_any_key(value: object, key: str) -> None:
    text = repr(value).replace("True", "true").replace("False", "false").replace("None", "null")
    try:
        load_experiment("log-sample", [f"{key}={text}"])
    except (ConfigError, UsageError) as error:
        assert str(error)


@given(st.text(max_size=40), st.text(max_size=40))
def test_any_setting(key: str, value: str) -> None:
    try:
        load_experiment("text-small", [f"{key}={value}"])
    except (ConfigError, UsageError) as error:
        assert str(error)


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
