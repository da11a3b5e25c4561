"""The page of ``chipsim complexity``: units and what does not hold come first, every figure follows the rows, what is missing is said."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from chipsim.errors import UsageError
from chipsim.sweep.complexity.answer import complexity_object
from chipsim.sweep.complexity.spec import complexity_spec
from reports.complexity import build_complexity_report, tell_complexity
from reports.run import Run

LENGTHS = (128, 256, 512, 1024)


def layer(number: int, inputs: int, segments: int, recognised: int, k: float, ops: int) -> dict[str, Any]:
    return {
        "layer": number, "inputs": inputs, "segments": segments, "recognised": recognised, "created": 3, "leftover": 0, "mean_k": k,
        "covered": 0.5 if recognised else 0.0, "narrowing": segments / inputs, "rounds": inputs, "messages": 4 * inputs,
        "narrowing_by_cover": 1 - 0.5 * (1 - 1 / k) if recognised else None, "synaptic_ops": ops, "core_joules": ops * 1e-12,
    }  # fmt: skip


def row(
    stretch: int, length: int, match: str = "keyed", learned: int = 4096, power: float = 1.0, **more: Any
) -> dict[str, Any]:
    """A run whose work grows as a power of its length, and with memory where it is associative."""
    neurons = learned // 16
    ops = round((10 + stretch) * length**power * (neurons / 256 if match == "associative" else 1.0))
    return {
        "learned": learned, "neurons": neurons, "cores_used": 4, "stretch": stretch, "start": 8192 + 1024 * stretch, "length": length,
        "match": match, "recursive": 0, "synaptic_ops": ops, "messages_in": 5 * length, "neurons_created": 3, "dynamic_j": length * 4e-9,
        "static_j": length * 4e-5, "functional_digest": f"{stretch} {length} {learned}", "lost": 0,
        "layers": [
            layer(0, length, length, length, 1.0, length), layer(1, length, length // 2, length // 8, 4.0, ops),
            layer(2, 8, 1, 0, 7.5, 1),
        ],
    } | more  # fmt: skip


def rows(power: float = 1.0) -> list[dict[str, Any]]:
    base = [row(s, length, match, power=power) for s in range(3) for match in ("keyed", "associative") for length in LENGTHS]
    others = (1024, 2048, 8192)
    return base + [row(s, 1024, m, learned, power) for learned in others for s in range(3) for m in ("keyed", "associative")]


def told(made: list[dict[str, Any]], status: str = "done", **words: Any) -> Any:
    spec = complexity_spec("128,256,512,1024", learned=4096, stretches=3, **words)
    return tell_complexity(Run(Path(), json.loads(json.dumps(complexity_object(spec, made, status))), {}), ())


def test_units_come_first() -> None:
    page = told(rows())
    assert page.tone == "depends"
    assert page.headline == (
        "The table sets different units beside each other, and not all of it holds on this text. What does hold: the counted work of keyed"
        " matching grows as L to the 1.000 (1.000 to 1.000), linear within 0.05."
    )
    assert [reason.partition(":")[0] for reason in page.reasons[:4]] == [
        "A matter of units (ER6)",
        "A matter of what is counted (CX17)",
        "The table disagrees with itself (ER5)",
        "Does not hold (CX7)",
    ]
    assert "12 L d² + 2 L² d a block, the slope is 1.00 to 1.01 over these lengths" in page.reasons[1]
    assert "layer 1 0.5, 1/k 0.25, winners alone 0.62" in page.reasons[3] and "mostly new" not in page.reasons[3]
    assert any("without moving a weight" in reason and "Horowitz" in reason for reason in page.reasons)


def test_growth_with_memory_follows_the_rows() -> None:
    (reason,) = (one for one in told(rows()).reasons if "(CX18)" in one)
    assert "of keyed does not grow, exponents 0.000" in reason
    assert "of associative grows in part, exponents 1.000 (1.000 to 1.000) in synaptic operations" in reason
    (reason,) = (one for one in told([one for one in rows() if one["learned"] == 4096]).reasons if "(CX18)" in one)
    assert "one memory only" in reason


def test_narrowing_follows_the_rows() -> None:
    made = rows()
    for one in made:
        one["layers"][1] |= {"mean_k": 2.0, "narrowing_by_cover": 0.9}
    assert any(reason.startswith("Holds (CX7): every layer narrows by about 1/k") for reason in told(made).reasons)
    for one in made:
        one["layers"][1]["mean_k"] = 4.0
    (reason,) = (one for one in told(made).reasons if "(CX7)" in one)
    assert "On layer 1 it is mostly new neurons that take items together" in reason


def test_recursive_networks_are_told_where_they_ran() -> None:
    assert not any("(CX16)" in one for one in told(rows()).reasons)
    base = [one for one in rows() if (one["learned"], one["length"], one["match"]) == (4096, 1024, "associative")]
    more = [
        one | {"recursive": 5, "synaptic_ops": 3 * one["synaptic_ops"], "messages_in": 4 * one["messages_in"]} for one in base
    ]
    (reason,) = (one for one in told(rows() + more).reasons if "(CX16)" in one)
    assert (
        "With 5 a layer, associative" in reason and "3 times the synaptic operations (3 to 3), 4 times the messages" in reason
    )
    assert reason.endswith("it would be 6 times.")
    assert told(rows() + more).headline == told(rows()).headline, "slopes are of the plain network"


def test_what_is_not_linear_fails() -> None:
    page = told(rows(1.2))
    assert page.tone == "fails" and "L to the 1.200" in page.headline and "not linear within 0.05" in page.headline
    few = [one for one in rows() if one["length"] < 512]
    assert told(few).tone == "none" and "Too few lengths" in told(few).headline


def test_a_layer_that_takes_more_than_the_one_below_is_told() -> None:
    made = rows()
    for one in made:
        one["layers"][2] |= {"core_joules": 1.0}
    assert not any("Does not hold (CX12)" in reason for reason in told(made).reasons), "it reads eight items"
    for one in made:
        one["layers"][2] |= {"inputs": 16}
    assert any(reason.startswith("Does not hold (CX12): layer 2") for reason in told(made).reasons)
    for one in made:
        one["layers"][2] |= {"core_joules": 1e-15}
    assert any(reason.startswith("Holds (CX12): of the layers that read 16 items") for reason in told(made).reasons)


def test_different_winners_are_a_fault() -> None:
    assert any("the same winners" in reason for reason in told(rows()).reasons)
    made = rows()
    made[0]["functional_digest"] = "another"
    assert any("different winners, which is a fault" in reason for reason in told(made).reasons)


def test_sheets_have_every_row() -> None:
    page = told(rows(), multiply_add="3 pJ")
    found = {sheet.key: sheet for sheet in page.sheets}
    assert list(found) == ["slopes", "layers", "symbols", "memory", "talk", "forms", "transformer", "remarks"]
    assert len(found["forms"].lines) == 8 and found["forms"].lines[1][2] == "16,367.1"
    assert len(found["talk"].lines) == 12 and len(found["remarks"].lines) == 8
    assert ("keyed", "all", "messages_in of runs.csv", "1.000", "1.000 to 1.000", "128 to 1,024", "1.00", "1.00") in found[
        "slopes"
    ].lines
    assert "layers 2" in found["slopes"].note, "eight items are too few"
    assert [line[0] for line in found["transformer"].lines] == ["128", "256", "512", "1,024", "131,072", "2,048"]
    token = 96 * (12 * 12288**2 + 2 * 128 * 12288) * 3e-12
    assert found["symbols"].lines[0][-2] == f"{token * 1e3:.0f} mJ"
    assert all(len(line) == len(sheet.columns) == len(sheet.numeric) for sheet in page.sheets for line in sheet.lines)
    assert dict(page.settings)["multiply-add"] == "3 pJ, assumed: set by the user"


def test_a_series_that_was_cut_says_so(tmp_path: Path) -> None:
    cut = complexity_object(complexity_spec("128,256,512,1024", learned=4096, stretches=3), rows()[:6], "interrupted")
    (tmp_path / "complexity.json").write_text(json.dumps(cut), encoding="utf-8")
    page = build_complexity_report(tmp_path).read_text(encoding="utf-8")
    assert "Interrupted: slopes are of the stretches that were read whole" in page
    assert "was read with one memory only, so nothing is known of growth with it" in page, "a sentence for a figure"


@pytest.mark.parametrize("text", ["", "[]", '{"runs": 3}', '{"runs": [{"length": 1}]}', '{"runs": []}'])
def test_what_is_no_series_is_refused(tmp_path: Path, text: str) -> None:
    (tmp_path / "complexity.json").write_text(text, encoding="utf-8")
    with pytest.raises(UsageError, match=r"complexity\.json"):
        build_complexity_report(tmp_path)


def test_the_page_is_whole_and_repeats(tmp_path: Path) -> None:
    found = complexity_object(complexity_spec("128,256,512,1024", learned=4096, stretches=3), rows(), "done")
    (tmp_path / "complexity.json").write_text(json.dumps(found), encoding="utf-8")
    page = build_complexity_report(tmp_path).read_bytes()
    assert build_complexity_report(tmp_path).read_bytes() == page
    text = page.decode()
    assert text.count("<figure>") == 4 and "L = 6 d = 73,728" in text
    assert (tmp_path / "runs.csv").read_text().count("\n") == len(rows()) + 1
    assert (tmp_path / "layers.csv").read_text().count("\n") == 3 * len(rows()) + 1
