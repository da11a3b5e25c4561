"""The YAML reader: the scalars of YAML 1.2, and where everything stands."""

from __future__ import annotations

import random
from pathlib import Path
from typing import Any

import pytest

from chipsim.config import yaml12
from chipsim.config.yaml12 import Mark, parse_document
from chipsim.errors import ConfigError


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("1e-12", 1e-12), ("2e9", 2e9), ("1.0e-12", 1e-12), (".5", 0.5), ("5.", 5.0), ("+3.5E+2", 350.0),
        ("012", 12), ("0o14", 12), ("0x1F", 31), ("-7", -7), ("+7", 7), ("9223372036854775807", 2**63 - 1),
        ("on", "on"), ("off", "off"), ("yes", "yes"), ("No", "No"), ("y", "y"),
        ("true", True), ("FALSE", False), ("tRUE", "tRUE"),
        ("null", None), ("~", None), ("", None), ("Null", None), ("nULL", "nULL"),
        ("12:30:45", "12:30:45"), ("2026-11-22", "2026-11-22"), ("1_000", "1_000"), ("0b11", "0b11"),
        ("'12'", "12"), ('"on"', "on"),
        ("=", "="), ("1.2.3", "1.2.3"), ("5 ns", "5 ns"),
        ("[1, [a, 2]]", [1, ["a", 2]]), ("{a: {b: null}}", {"a": {"b": None}}),
        ("{a: &x [1, 2], b: *x}", {"a": [1, 2], "b": [1, 2]}),
        ("!!str 12", "12"), ("!!int '12'", 12), ("{on: 1, null : 2}", None),
    ],
)  # fmt: skip
def test_scalars_follow_the_core_schema(text: str, value: Any) -> None:
    if text.startswith("{on"):
        with pytest.raises(ConfigError, match="key 'null' is not text"):
            parse_document(text, "x")
        return
    found = parse_document(text, "x").value
    assert found == value
    assert type(found) is type(value)


def test_every_key_and_value_has_its_place() -> None:
    document = parse_document("a:\n  - {b: 1,  c: two}\n'd e': |\n  text\n", "f.yaml")
    assert document.keys[("a",)] == Mark("f.yaml", 1, 1)
    assert document.values[("a",)] == Mark("f.yaml", 2, 3)
    assert document.keys[("a", 0, "c")] == Mark("f.yaml", 2, 13)
    assert document.values[("a", 0, "c")] == Mark("f.yaml", 2, 16)
    assert document.keys[("d e",)] == Mark("f.yaml", 3, 1)
    assert str(document.values[("d e",)]) == "f.yaml:3:8"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("a: 1\na: 2", "x:2:1: a: key given twice; it stands first at line 1"),
        ("a: .inf", "x:1:4: a: .inf is not a finite number"),
        ("a: .nan", "not a finite number"),
        ("a: 1e999", "not a finite number"),
        ("a: 9223372036854775808", "too large"),
        ("a: " + "9" * 10_000, "too large"),
        ("1: a", "key '1' is not text"),
        ("[a]: b", "a list or mapping as a key"),
        ("a: !!python/name:os.system x", "tag tag:yaml.org,2002:python/name:os.system is not allowed"),
        ("a: !mine x", "tag !mine is not allowed"),
        ("a: !!binary aGk=", "is not allowed"),
        ("a: !!set {b}", "is not allowed"),
        ("a: !!int xyz", "is not allowed"),
        ("a: !!float 1_0", "is not allowed"),
        ("&a [*a]", "an alias that contains itself"),
        ("a: *b", "x:1:4: not well-formed YAML: found undefined alias 'b'; an alias"),
        ("a: 1\n---\nb: 2", "a second document"),
        ("a:\n\tb: 1", "x:2:1: not well-formed YAML: found character '\\t' that cannot start any token; indent with spaces"),
        ("a: b: c", "x:1:5: not well-formed YAML: mapping values are not allowed here"),
        ("a: [1, 2", "not well-formed YAML"),
        ("a: 'b", "not well-formed YAML"),
        ("a: \x00", "U+0000"),
        ('a: "\\0"', "NUL"),
        ('a: "\\ud800"', "surrogate"),
        ('a: "\\UFFFFFFFF"', "not readable as YAML"),
        ("%YAML 3.0\n---\na: 1", "not well-formed YAML"),
        ("[" * 5000, "nested more than 40 levels"),
        ("{a: " * 5000, "nested more than 40 levels"),
        ("- " * 5000, "nested more than 40 levels"),
        ("a: @b", "not well-formed YAML"),
        ("? a\n? b", None),
    ],
)
def test_what_no_description_needs_is_refused_with_its_place(text: str, said: str | None) -> None:
    if said is None:
        assert parse_document(text, "x").value == {"a": None, "b": None}
        return
    with pytest.raises(ConfigError) as caught:
        parse_document(text, "x")
    assert said in str(caught.value)
    assert "\n" not in str(caught.value)
    assert len(str(caught.value)) < 300


def test_an_alias_bomb_does_not_go_off() -> None:
    lines = ["a0: &a0 [x, x, x, x, x, x, x, x, x, x]"]
    lines += [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 10)}]" for n in range(1, 10)]
    with pytest.raises(ConfigError, match=r"more than 100,000 values once aliases are followed"):
        parse_document("\n".join(lines), "x")


def test_the_parser_in_c_reads_what_the_other_reads(monkeypatch: pytest.MonkeyPatch) -> None:
    """Shipped descriptions, whole and with slips in them: the same values at the same places, or the same message."""
    assert yaml12._QUICK is not None, "PyYAML was built without libyaml: every description is parsed in Python"
    texts = [file.read_text(encoding="utf-8") for file in sorted(Path("configs").rglob("*.yaml"))]
    slips = [*"[]{}:,-&*|>'\"%#\n ~0aé\t?!", "- ", ": ", "\n  ", "&a ", "*a", "|\n", "<<: "]
    rng = random.Random(3)
    for number in range(1500):
        text = texts[number % len(texts)]
        if number >= len(texts):
            lines = text.split("\n")
            first = rng.randrange(len(lines))
            text = "\n".join(lines[first : first + 15])
            for _ in range(rng.randrange(3)):
                at = rng.randrange(len(text) + 1)
                text = text[:at] + rng.choice(slips) + text[at + rng.randrange(3) :]
        found = []
        for quick in (yaml12._QUICK, None):
            with monkeypatch.context() as patch:
                patch.setattr(yaml12, "_QUICK", quick)
                found.append(_read(text))
        assert found[0] == found[1], text


def _read(text: str) -> object:
    try:
        document = parse_document(text, "f")
    except ConfigError as error:
        return str(error)
    return repr(document.value), document.keys, document.values
