"""A result is put together from sections, and none takes the place of another."""

from __future__ import annotations

import pytest

from chipsim.errors import PluginError
from chipsim.programs.base import Section
from chipsim.results.compose import merged, tables_of

MACHINE = Section("machine", {"digest": "d", "counts": {"packets": 2, "spikes": 0}}, {"cores": {"core": [0]}})


def test_sections_add_to_each_other() -> None:
    own = Section("echo", {"counts": {"spikes": 3}, "echo": {"pings": 1}, "functional_digest": "f"}, {"echoes": {"back": [1]}})
    assert merged({"kind": "echo", "functional_digest": None}, (MACHINE, own)) == {
        "kind": "echo",
        "functional_digest": "f",
        "digest": "d",
        "counts": {"packets": 2, "spikes": 3},
        "echo": {"pings": 1},
    }
    assert list(tables_of((MACHINE, own))) == ["cores", "echoes"]


@pytest.mark.parametrize(
    ("summary", "message"),
    [
        ({"digest": "another"}, "echo: its summary has digest, which is there already"),
        ({"kind": {"a": 1}}, "echo: its summary has kind, which is there already"),
        ({"counts": 3}, "echo: its summary has counts, which is there already"),
    ],
)
def test_a_key_that_is_filled(summary: dict[str, object], message: str) -> None:
    with pytest.raises(PluginError, match=message):
        merged({"kind": "echo"}, (MACHINE, Section("echo", summary, {})))


def test_a_table_that_is_there() -> None:
    with pytest.raises(PluginError, match="echo: its table cores is there already"):
        tables_of((MACHINE, Section("echo", {}, {"cores": {"core": [1]}})))
