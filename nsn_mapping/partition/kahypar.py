"""Mt-KaHyPar (Gottesbüren, Heuer, Maas, Sanders and Schlag, 2024) as a partitioner: packets as its km1 objective, one thread.

A net is a sender and its readers, so its km1, weight x (parts with pins - 1), is what the chip pays in packets. The library runs in a process
of its own with one thread: it keeps its random state and its pool of threads for the life of a process, so what it gives would depend on
earlier calls; and it takes nets as lists of Python, several times the memory of the arrays, which the child gives back.

Measured on one thread, the same seed in two processes: LARGE_K and DETERMINISTIC repeat exactly as shipped; QUALITY does not, since it looks at
the clock, and is run without that (``kahypar_settings``), as DEFAULT is. The seed has no influence on DETERMINISTIC; it has on the others.
"""

from __future__ import annotations

import importlib.util
import logging
import subprocess
import sys
import tempfile
from pathlib import Path

import numpy as np
import numpy.typing as npt

from chipsim.errors import MappingError
from nsn_mapping.hypergraph import Caps, Hypergraph
from nsn_mapping.partition.kahypar_settings import settings_file

Ints = npt.NDArray[np.int64]
Words = npt.NDArray[np.int32]

log = logging.getLogger(__name__)

PRESETS = ("large_k", "default", "quality", "deterministic")
"""From fast to good, but for the last, which lies between ``large_k`` and ``default``."""

_QUALITY_PARTS = 512
_QUALITY_PINS = 4_000_000
"""Above either, the preset ``quality`` takes longer than it is worth: time grows with parts x pins."""

_TOTAL = 2**31 - 1
"""The library adds weights up in 32 bits."""

_SEEDS = 2**31 - 1


def is_worth_it(h: Hypergraph, parts: int) -> bool:
    """Whether the preset ``quality`` is worth its time. For more parts or pins the library has ``large_k``, and own search gives less packets
    in less time.
    """
    return parts <= _QUALITY_PARTS and len(h.pins) <= _QUALITY_PINS


def is_installed() -> bool:
    """Whether the library is there."""
    return importlib.util.find_spec("mtkahypar") is not None


def partition(h: Hypergraph, caps: Caps, parts: int, seed: int, preset: str = "quality") -> Words:
    """Partition with Mt-KaHyPar. Of the limits it keeps the one on neurons; the others are for whoever refines its result.

    CPU time and memory are those of a child process: ``os.times`` and ``resource.RUSAGE_CHILDREN`` have them afterwards.

    Args:
        h: the nets.
        caps: what a part may hold.
        parts: how many; some may stay empty.
        seed: the same seed gives the same parts.
        preset: one of ``PRESETS``.

    Returns:
        int32[n], parts 0..parts - 1, none with more neurons than ``caps.neurons``.

    Raises:
        MappingError: the library is not installed or fails, the preset is not known, or the neurons do not fit the parts.
    """
    if preset not in PRESETS:
        raise MappingError(f"mapping: preset {preset!r} of Mt-KaHyPar is not known; allowed: {', '.join(PRESETS)}")
    if not is_installed():
        raise MappingError(
            "mapping: quality mode needs the package mtkahypar, which is not installed; "
            "run `pip install 'chipsim[mtkahypar]'`, or use the default method"
        )
    n = len(h)
    if n > parts * caps.neurons:
        raise MappingError(
            f"mapping: {n} neurons on {parts} cores of {caps.neurons} neurons; allowed: {parts * caps.neurons}; use more cores"
        )
    if n <= caps.neurons or parts == 1:
        return np.zeros(n, np.int32)  # one core holds all, nothing has to leave it
    return _run(h, caps.neurons, parts, seed, preset)


def nets_with_sources(h: Hypergraph) -> tuple[Ints, Words, Ints]:
    """Nets of two or more vertices, the sender one of them.

    Returns:
        int64[nets + 1] and int32[pins], CSR of their vertices; int64[nets], weights, positive.
    """
    nets = np.repeat(np.arange(h.edges, dtype=np.int64), np.diff(h.pin_start))
    readers = h.pins != h.source[nets]
    sender = np.flatnonzero(h.source >= 0)
    net = np.concatenate((sender, nets[readers]))
    vertex = np.concatenate((h.source[sender], h.pins[readers]))
    size = np.bincount(net, minlength=h.edges)
    wanted = (size >= 2) & (h.weight > 0)
    kept = wanted[net]
    order = np.argsort(net[kept], kind="stable")
    start = np.concatenate((np.zeros(1, np.int64), np.cumsum(size[wanted])))
    return start, vertex[kept][order].astype(np.int32), h.weight[wanted]


def _run(h: Hypergraph, neurons: int, parts: int, seed: int, preset: str) -> Words:
    n = len(h)
    start, vertices, weight = nets_with_sources(h)
    most = int((weight * (np.minimum(np.diff(start), parts) - 1)).sum())
    if most > _TOTAL:
        weight = np.maximum(1, weight * _TOTAL // (2 * most))  # cuts are compared to about nine digits instead of exactly
    with tempfile.TemporaryDirectory(prefix="chipsim-") as folder:
        given, result = Path(folder, "nets.npz"), Path(folder, "part.npy")
        # Parts may weigh floor((1 + epsilon) ceil(n / parts)); half a neuron keeps the product clear of the next lower number.
        epsilon = (neurons + 0.5) / -(-n // parts) - 1
        words = np.array([n, parts, seed % _SEEDS])
        np.savez(given, start=start, vertices=vertices, weight=weight, words=words, epsilon=np.array(epsilon))
        child = Path(__file__).with_name("kahypar_child.py")
        settings, used = settings_file(preset), preset.upper()
        if settings is not None:
            used = str(Path(folder, "settings.ini"))
            Path(used).write_text(settings, encoding="ascii")
        done = subprocess.run(
            [sys.executable, str(child), str(given), str(result), used], capture_output=True, check=False, text=True
        )
        if done.returncode or not result.exists():
            last = (done.stderr.strip() or done.stdout.strip() or "no message").splitlines()[-1]
            raise MappingError(
                f"mapping: Mt-KaHyPar ({preset}) ended with code {done.returncode}: {last}; use the default method, or more memory"
            )
        part = np.load(result).astype(np.int32)
    held = np.bincount(part, minlength=parts)
    if held.max() > neurons:
        core = int(held.argmax())
        raise MappingError(
            f"mapping: Mt-KaHyPar gave core {core} {int(held[core])} neurons; allowed: {neurons}; use the default method"
        )
    log.debug("Mt-KaHyPar %s: %d vertices, %d nets, %d parts used", preset, n, len(weight), int((held > 0).sum()))
    return part
