"""Whatever the golden model alone tells of a shipped experiment, the chip tells too, on every engine; and alerts in the same order."""

from __future__ import annotations

import re
from typing import Any

import pytest

from chipsim.config import catalogue
from chipsim.config.load import load_experiment
from chipsim.pipeline import simulate
from chipsim.results.result import Result
from tests.needs import needs

NAMES = [
    name
    for name in catalogue.experiments()
    if re.search(r"^  kind: (text|log)$", catalogue.config_path(f"experiments/{name}.yaml").read_text(), re.MULTILINE)
]
"""Shipped experiments with a neurosemantic network."""

CASES = [(name, "new") for name in NAMES] + [(name, "all") for name in NAMES if name != "text"]
"""With the host told of what; the longest experiment once."""

ON_CHIP = {"rounds", "deepest_buffer"}
"""Of a layer: what only a chip has, null for the golden model."""


def run(name: str, engine: str, alerts: str) -> Result:
    return simulate(load_experiment(name, [f"engine={engine}", f"workload.alerts={alerts}"]))


ALONE = {"candidates_apart"}
"""Likewise told by the golden model alone: who begins whom no core knows."""


def shared(golden: dict[str, Any], chip: dict[str, Any]) -> dict[str, Any]:
    """Of ``nsn`` on the chip what the golden model tells as well."""
    layers = [{key: row[key] for key in mine} for mine, row in zip(golden["layers"], chip["layers"], strict=True)]
    return {key: golden[key] if key in ALONE else chip[key] for key in golden} | {"layers": layers}


def without(nsn: dict[str, Any], keys: set[str]) -> dict[str, Any]:
    return nsn | {"layers": [{key: value for key, value in row.items() if key not in keys} for row in nsn["layers"]]}


@needs("nsn")
@pytest.mark.parametrize(("name", "alerts"), CASES)
def test_what_the_golden_model_tells_the_chip_tells(name: str, alerts: str) -> None:
    golden = run(name, "golden", alerts)
    mine = golden.summary["nsn"]
    assert golden.alerts and all(alert["time_s"] is None for alert in golden.alerts)
    assert mine["alerts"] == len(golden.alerts)
    for engine in ("reference", "compiled"):
        chip = run(name, engine, alerts)
        assert chip.summary["functional_digest"] == golden.summary["functional_digest"]
        assert without(shared(mine, chip.summary["nsn"]), ON_CHIP) == without(mine, ON_CHIP)
        assert chip.alerts is not None
        times = [alert["time_s"] for alert in chip.alerts]
        assert times == sorted(times)
        assert [alert | {"time_s": None} for alert in chip.alerts] == golden.alerts
        for column, values in golden.tables.get("events", {}).items():
            assert list(values) == list(chip.tables["events"][column]), column


def test_shipped_experiments_are_found() -> None:
    assert set(NAMES) >= {"text", "text-small", "log-sample"}


@needs("nsn")
def test_a_log_that_asks_for_no_alerts_has_none() -> None:
    golden = run("log-sample", "golden", "none")
    assert golden.alerts is None and golden.summary["nsn"]["alerts"] == 0
