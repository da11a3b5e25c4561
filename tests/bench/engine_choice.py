"""What ``auto`` takes on five sizes, held against both engines: processor seconds of making an engine ready and running, each in a new process.

``python -m tests.bench.engine_choice [cold]``; with ``cold`` each process has an empty cache. The constants of ``chipsim.pipeline.choice`` and
``chipsim.engines.compiled.cost`` are from here: a line through the times of the two largest runs of an engine gives seconds per record, what is
left of the smallest gives seconds to begin.
"""

from __future__ import annotations

import json
import os
import statistics
import subprocess
import sys
import tempfile

SIZES = (
    ("text-small", ("workload.symbols=50",)),
    ("text-small", ("workload.symbols=300",)),
    ("text-small", ("workload.symbols=2000",)),
    ("text-small", ("workload.symbols=20000",)),
    ("lif-small", ()),
)
ENGINES = ("reference", "compiled", "auto")
REPEATS = 3

_RUN = """
import json, os, sys
from chipsim.config.load import load_experiment
from chipsim.engines.base import Watch
from chipsim.pipeline import load, make_mapping, make_plan
from chipsim.pipeline.engine import run_plan
name, engine, *settings = sys.argv[1:]
loaded = load(load_experiment(name, settings))
plan = make_plan(loaded, make_mapping(loaded))
begin = sum(os.times()[:4])
raw = run_plan(engine, plan, Watch())
print(json.dumps([sum(os.times()[:4]) - begin, raw.records, raw.engine]))
"""


def measure(name: str, settings: tuple[str, ...], engine: str, cold: bool) -> tuple[float, int, str]:
    """Processor seconds, records, and the engine that ran."""
    with tempfile.TemporaryDirectory() as empty:
        environment = dict(os.environ, **({"CHIPSIM_CACHE_DIR": empty, "TMPDIR": empty} if cold else {}))
        command = [sys.executable, "-c", _RUN, name, engine, *settings]
        done = subprocess.run(command, env=environment, check=True, capture_output=True, text=True)
    seconds, records, ran = json.loads(done.stdout)
    return seconds, records, ran


def main() -> None:
    """Print a table; engines alternate."""
    cold = "cold" in sys.argv[1:]
    for name, settings in SIZES:
        taken: dict[str, list[tuple[float, int, str]]] = {engine: [] for engine in ENGINES}
        for _ in range(1 if cold else REPEATS):
            for engine in ENGINES:
                taken[engine].append(measure(name, settings, engine, cold))
        median = {engine: statistics.median(seconds for seconds, *_ in found) for engine, found in taken.items()}
        records, ran = taken["auto"][-1][1:]
        ratio = median["auto"] / min(median["reference"], median["compiled"])
        times = ", ".join(f"{engine} {seconds:.2f} s" for engine, seconds in median.items())
        title = f"{name} {' '.join(settings)}: {records:,} records"
        sys.stdout.write(f"{title}; {times} ({ran}), {ratio:.2f} times the faster one\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()
