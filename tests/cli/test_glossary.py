"""``chipsim show glossary``: every word of the output has its entry, from the one glossary that there is."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from chipsim.cli.glossary import entries, looked_up
from chipsim.config.catalogue import glossary_path

WORDS = [
    *("core", "tile", "link", "hop", "packet", "flit", "spike", "neuron", "synaptic operation", "digest", "engine"),
    *("budget", "verdict", "mean core", "hottest core", "static power", "share", "powered core", "envelope", "break-even"),
    *("saturated", "limit", "binds first", "measured", "extrapolated", "out of reach", "quorum", "growth", "utilisation"),
    *("p50", "p99", "latency", "service latency", "event", "pattern", "layer", "replay", "episode", "fill"),
    *("naive mapping", "tree links", "maximum link load", "edge cut", "partition", "placement", "axon", "seed"),
    *("leak", "tau", "drive", "refractory time", "rms error", "scale", "rounding"),
    *("offered load", "accepted", "knee", "saturation", "node", "flit-hop", "virtual channel", "VC", "paid rate", "bottom-up"),
]
"""What `run`, `map`, `noc`, `scale` and their tables say without explaining it there."""


@pytest.mark.parametrize("word", WORDS)
def test_every_word_of_the_output_is_explained(word: str) -> None:
    assert any(len(entry.text) > 20 for entry in looked_up(word))


def test_the_whole_glossary_is_read_and_nothing_else() -> None:
    text = glossary_path().read_text(encoding="utf-8")
    assert len(entries()) == len(re.findall(r"^\*\*", text, re.MULTILINE)) > 80
    assert not any("**" in entry.text or "`" in entry.text or "](" in entry.text for entry in entries())


def test_show_glossary(cli):
    outcome = cli("show", "glossary", "synaptic", "operation")
    assert outcome.code == 0 and outcome.out.startswith("synaptic operation (SOP)\n    one synapse is used")
    assert cli("show", "glossary", "flits").out == cli("show", "glossary", "FLIT").out
    assert json.loads(cli("show", "glossary", "--json").out)[0].keys() == {"term", "text"}
    assert len(cli("show", "glossary").out.splitlines()) == len(entries()) + 1
    outcome = cli("show", "glossary", "flitt")
    assert outcome.code == 2 and "no entry for 'flitt'" in outcome.err and "flit" in outcome.err
    assert cli("show", "text", "flit").code == 2


def test_a_key_tells_meaning_unit_range_and_default(cli):
    text = cli("show", "chip.noc.link_latency_ew").out
    for part in ("one hop to the east", "unit: ", "ps", "at least 1 ps", "default: none, a chip file gives it"):
        assert part in text
    assert "allowed: number above 0 to 1 | null" in cli("show", "mapping.fill").out
    assert "default: null" in cli("show", "mapping.fill").out
    assert "1 bit to 128 GiB" in cli("show", "chip.core.memory").out


def test_the_folder_of_a_sweep_is_shown_as_the_sweep(cli):
    Path("swept").mkdir()
    assert cli("new", "sweep", "swept/sweep.yaml").code == 0
    outcome = cli("show", "swept")
    assert outcome.code == 0 and "points      8" in outcome.out
