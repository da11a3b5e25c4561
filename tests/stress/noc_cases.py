"""Many random networks at saturation, then drained: is every packet delivered or accounted for, and does nothing deadlock that should not?

python -m tests.stress.noc_cases --cases 100000 --jobs 2 --seed 1 --out FILE

Writes a line of JSON per block of cases as it goes, and goes on where FILE ends. Prints what was found so far.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Iterable
from multiprocessing import get_context
from pathlib import Path
from statistics import median
from time import perf_counter, process_time
from typing import Any

from chipsim.machine.raw import CAUSES
from tests.stress.check import run_case
from tests.stress.draw import draw_case

BLOCK = 100
"""Cases of a line."""

SUMS = (
    "cases", "packets", *CAUSES, "flit_hops", "busy", "refused", "refused_deadlocked", "passed_deadlocked", "named",
    "with_faults",
)  # fmt: skip


def run_block(job: tuple[int, int, int]) -> dict[str, Any]:
    """A block of cases: sums, the sizes, and the cases in which something was wrong."""
    seed, block, last = job
    begin, spent = perf_counter(), process_time()
    found: dict[str, Any] = {
        "seed": seed,
        "block": block,
        **dict.fromkeys(SUMS, 0),
        "routers": [],
        "by_routing": {},
        "wrong": [],
    }
    for number in range(block * BLOCK, min((block + 1) * BLOCK, last)):
        case = draw_case(seed, number)
        try:
            one = run_case(case)
        except Exception as error:  # of a hundred thousand cases none may be the last
            found["wrong"].append({"number": number, "what": f"{type(error).__name__}: {error}"[:2000], "case": repr(case)})
            found["cases"] += 1
            continue
        found["cases"] += 1
        found["packets"] += one.packets
        for cause, count in zip(CAUSES, one.losses, strict=True):
            found[cause] += count
        found["flit_hops"] += one.hops
        found["busy"] += one.busy
        found["refused"] += one.refused
        found["refused_deadlocked"] += one.refused and one.deadlocked
        found["passed_deadlocked"] += one.deadlocked and not one.refused
        found["named"] += one.named
        found["with_faults"] += sum(case.dead) > 0 or case.loss != "0"
        found["routers"].append(one.routers)
        kind = found["by_routing"].setdefault(f"{case.topology} {case.routing}", [0, 0, 0])
        for i, count in enumerate((1, one.refused, one.deadlocked)):
            kind[i] += int(count)
        if one.wrong:
            found["wrong"].append({"number": number, "what": one.wrong[:2000], "case": repr(case)})
    return found | {"cpu_s": process_time() - spent, "wall_s": perf_counter() - begin}


def summary_of(blocks: Iterable[dict[str, Any]]) -> dict[str, Any]:
    """All blocks in one."""
    whole: dict[str, Any] = dict.fromkeys(SUMS, 0) | {"cpu_s": 0.0, "by_routing": {}, "wrong": []}
    routers: list[int] = []
    for block in blocks:
        for name in (*SUMS, "cpu_s"):
            whole[name] += block[name]
        for kind, counts in block["by_routing"].items():
            whole["by_routing"][kind] = [a + b for a, b in zip(whole["by_routing"].get(kind, [0, 0, 0]), counts, strict=True)]
        whole["wrong"] += block["wrong"]
        routers += block["routers"]
    whole["median_routers"] = median(routers) if routers else 0
    whole["cases_per_cpu_s"] = round(whole["cases"] / whole["cpu_s"], 2) if whole["cpu_s"] else 0
    whole["by_routing"] = dict(sorted(whole["by_routing"].items()))
    return whole


def read_blocks(path: Path, seed: int) -> list[dict[str, Any]]:
    """Whole lines of an earlier run with this seed; one that was cut off in the middle does not count."""
    found = []
    for line in path.read_text(encoding="utf-8").splitlines() if path.exists() else []:
        try:
            block = json.loads(line)
        except ValueError:
            continue
        if block["seed"] == seed:
            found.append(block)
    return found


def main(arguments: list[str]) -> int:
    """Run what is missing; 1 if anything was wrong."""
    parser = argparse.ArgumentParser(prog="python -m tests.stress.noc_cases", description=__doc__.splitlines()[0])
    parser.add_argument("--cases", type=int, default=1_000)
    parser.add_argument("--jobs", type=int, default=1)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--out", type=Path, required=True)
    given = parser.parse_args(arguments)
    blocks = read_blocks(given.out, given.seed)
    done = {block["block"] for block in blocks}
    jobs = [(given.seed, block, given.cases) for block in range(-(-given.cases // BLOCK)) if block not in done]
    begin = perf_counter()
    with given.out.open("a", encoding="utf-8") as file, get_context("spawn").Pool(given.jobs) as pool:
        for count, block in enumerate(pool.imap_unordered(run_block, jobs), 1):
            blocks.append(block)
            file.write(json.dumps(block) + "\n")
            file.flush()
            for wrong in block["wrong"]:
                sys.stderr.write(json.dumps(wrong) + "\n")
            if count % 10 == 0:
                rate = count * BLOCK / (perf_counter() - begin)
                sys.stderr.write(f"{len(blocks) * BLOCK} cases, {rate:.1f} per second\n")
    whole = summary_of(blocks)
    sys.stdout.write(json.dumps(whole, indent=1) + "\n")
    return 1 if whole["wrong"] or whole["passed_deadlocked"] else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
