"""The same seed gives the same partition in other processes and with other numbers of threads."""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
THREADS = ("OMP_NUM_THREADS", "NUMBA_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")

PROGRAM = """
import hashlib
import sys

import numpy as np

from nsn_mapping.hypergraph import from_graph, plain_caps
from nsn_mapping.partition import edge_cut, multilevel
from nsn_mapping.partition.streaming import stream
from workloads.synthetic.graphs import generate_graph

made = generate_graph("topics", 3000, 1)
h = from_graph(made.indptr, made.targets, made.spikes)
wide, tight = plain_caps(len(h), 252), plain_caps(len(h), 252, 300)
found = [
    multilevel.partition(h, wide, 12, 1),
    multilevel.partition(h, wide, 12, 2),
    multilevel.partition(h, tight, 12, 1),
    stream(h, wide, 12, 1, passes=3, order="random"),
    edge_cut.partition(h, wide, 12, 1),
]
for part in found:
    assert part.dtype == np.int32
    sys.stdout.write(hashlib.sha256(part.tobytes()).hexdigest() + "\\n")
"""


def digests(threads: int) -> list[str]:
    """Hashes of five partitions, made by a process of its own."""
    more = {name: str(threads) for name in THREADS} | {"PYTHONHASHSEED": str(threads), "PYTHONPATH": str(ROOT)}
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM], env={**os.environ, **more}, cwd=ROOT, check=False, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.split()


def test_partitions_repeat_in_other_processes_and_with_other_threads() -> None:
    pytest.importorskip("pymetis")
    one = digests(1)
    assert len(one) == 5 and one[0] != one[1], "the seed matters"
    assert len(one[0]) == hashlib.sha256().digest_size * 2
    assert digests(2) == one
