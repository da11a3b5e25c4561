"""Write down what must not change.

python -m tests.unchanged.record              every scenario that is not written down yet, on the reference engine
python -m tests.unchanged.record --check compiled [PART]   hold what is written down against an engine; PART: of the names

A scenario that is written down is never written again. Where one has to change, its line moves to ``unchanged_changes.json`` by hand, with the
reason, before it is recorded anew: from both files a test makes the first one again, and holds it to its hash.
"""

from __future__ import annotations

import argparse
import json
import logging
import os
import sys
import tempfile
from concurrent.futures import ProcessPoolExecutor, as_completed
from functools import cache
from pathlib import Path
from typing import Any

from tests.unchanged.scenarios import Record, Scenario, scenarios
from tests.unchanged.since import as_now, same

FILE = Path(__file__).resolve().parent.parent / "data" / "unchanged.json"

log = logging.getLogger(__name__)


def recorded() -> dict[str, Record]:
    """What is written down."""
    found: dict[str, Record] = json.loads(FILE.read_text(encoding="utf-8")) if FILE.exists() else {}
    return found


def text_of(records: dict[str, Record]) -> str:
    """The file's text: one line a scenario, in the order of their names."""
    lines = [f"{json.dumps(name)}: {json.dumps(records[name])}" for name in sorted(records)]
    return "{\n" + ",\n".join(lines) + "\n}\n"


@cache
def known() -> dict[str, Scenario]:
    """Every scenario, made once in a process."""
    return scenarios(Path(tempfile.mkdtemp(prefix="unchanged-")))


def outcome(name: str, engine: str) -> Record:
    """Run a scenario; values as JSON has them."""
    found: Record = json.loads(json.dumps(known()[name](engine)))
    return found


def differences(expected: Record, found: Record) -> list[str]:
    """Paths whose values differ, by the names of today (``since``); what is new is none."""
    lost: Any = "nothing"
    return [
        f"{path}: {value!r}, now {found.get(path, lost)!r}"
        for path, value in as_now(expected).items()
        if not same(path, value, found.get(path, lost))
    ]


def write(records: dict[str, Record]) -> None:
    """Replace the file."""
    part = FILE.with_suffix(".part")
    part.write_text(text_of(records), encoding="utf-8")
    part.replace(FILE)


def main() -> None:
    """See above."""
    logging.basicConfig(level=logging.INFO, format="%(message)s")
    parser = argparse.ArgumentParser()
    parser.add_argument("--check", metavar="ENGINE")
    parser.add_argument("part", nargs="?", default="")
    given = parser.parse_args()
    before = recorded()
    names = [name for name in (before if given.check else known()) if given.part in name]
    todo = names if given.check else [name for name in names if name not in before]
    wrong = 0
    with ProcessPoolExecutor(int(os.environ.get("JOBS", "2"))) as pool:
        runs = {pool.submit(outcome, name, given.check or "reference"): name for name in todo}
        for number, run in enumerate(as_completed(runs), 1):
            name = runs[run]
            if given.check:
                differ = differences(before[name], run.result())
                wrong += bool(differ)
                log.info("%d of %d %s%s", number, len(todo), name, "".join(f"\n    {line}" for line in differ[:8]))
            else:
                before[name] = run.result()
                log.info("%d of %d %s", number, len(todo), name)
                if number % 20 == 0:
                    write(before)
    if not given.check:
        write(before)
    log.info("%d scenarios, %d differ", len(todo), wrong)
    sys.exit(wrong > 0)


if __name__ == "__main__":
    main()
