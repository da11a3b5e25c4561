"""The independent checker of limits: every resource counted as by hand, every planted violation found at its limit and not before."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from chipsim.errors import MappingError
from nsn_mapping.check.limits import check_limits, count_use
from nsn_mapping.hypergraph import NO_LIMIT, Caps, Hypergraph, build_hypergraph
from tests.limited_graphs import planted_case

CORE = np.array([0, 0, 1, 1, 2], np.int32)


def five() -> tuple[Hypergraph, Caps]:
    """Two neurons each on cores 0 and 1, one on core 2; two nets of neuron 0, one read by its own source, one empty, one without a source.

    Readers by core: net 0 (of 0) on 0, 1, 2; net 1 (of 0) on 1; net 2 (of 3) on 1, its own; net 3 (of 4) nowhere; net 4 (of none) on 0 and 2.
    """
    nets = [(0, [1, 2, 3, 4]), (0, [2]), (3, [3]), (4, []), (-1, [0, 1, 4])]
    start = np.cumsum([0, *(len(pins) for _, pins in nets)]).astype(np.int64)
    pins = np.array([pin for _, some in nets for pin in some], np.int32)
    h = build_hypergraph(5, start, pins, np.array([s for s, _ in nets], np.int32), np.array([3, 0, 1, 9, 2], np.int64))
    own = np.array([10, 20, 30, 40, 50], np.int64)
    return h, Caps(neurons=NO_LIMIT, own_bits=own, axon_bits=7, forward_bits=100)


def test_what_every_core_holds_by_hand() -> None:
    h, caps = five()
    use = count_use(h, replace(caps, forward_bits=2), CORE, 4)
    assert use.neurons.tolist() == [2, 2, 1, 0]
    assert use.axons.tolist() == [2, 3, 2, 0]
    assert use.entries.tolist() == [4, 1, 0, 0]
    assert use.bits.tolist() == [30 + 14 + 8, 70 + 21 + 2, 50 + 14, 0]


@pytest.mark.parametrize(
    ("resource", "name", "core", "used"),
    [
        ("neurons", "neurons", 0, 2),
        ("axons", "axons", 1, 3),
        ("bits", "memory bits", 0, 30 + 14 + 400),
        ("entries", "forwarding entries", 0, 4),
    ],
)
def test_every_limit_is_sharp(resource: str, name: str, core: int, used: int) -> None:
    h, caps = five()
    assert check_limits(h, replace(caps, **{resource: used}), CORE, 3).neurons.sum() == 5
    with pytest.raises(MappingError, match=f"core {core} holds {used} {name}, allowed are {used - 1};") as caught:
        check_limits(h, replace(caps, **{resource: used - 1}), CORE, 3)
    assert caught.value.exit_code == 4


def test_labels_out_of_range_or_of_another_network() -> None:
    h, caps = five()
    for value, said in ((3, r"neuron 2 is on core 3, allowed are 0\.\.2"), (-1, r"neuron 2 is on core -1, allowed are 0\.\.2")):
        wrong = CORE.copy()
        wrong[2] = value
        with pytest.raises(MappingError, match=said):
            check_limits(h, caps, wrong, 3)
    with pytest.raises(MappingError, match=r"shape \(4,\), it must be \(5,\)"):
        check_limits(h, caps, CORE[:-1], 3)
    with pytest.raises(MappingError, match=r"shape \(1, 5\)"):
        check_limits(h, caps, CORE[None], 3)
    with pytest.raises(MappingError, match="core holds float64"):
        check_limits(h, caps, CORE.astype(np.float64), 3)
    with pytest.raises(MappingError, match=r"neuron 0 is on core 0, allowed are 0\.\.-1"):
        check_limits(h, caps, CORE, 0)


def test_a_core_that_is_out_of_order() -> None:
    h, caps = five()
    check_limits(h, caps, CORE, 4, np.array([True, True, True, False]))
    with pytest.raises(MappingError, match=r"neuron 2 is on core 1, which is out of order; allowed are the other 3 cores"):
        check_limits(h, caps, CORE, 4, np.array([True, False, True, True]))


def test_a_network_of_nothing() -> None:
    none = np.zeros(0, np.int32)
    h = build_hypergraph(0, np.zeros(1, np.int64), none, none, np.zeros(0, np.int64))
    assert check_limits(h, Caps(1, np.zeros(0, np.int64)), none, 2).neurons.tolist() == [0, 0]


@pytest.mark.parametrize("seed", range(40))
def test_violations_planted_in_random_mappings(seed: int) -> None:
    """Exact limits are kept; one vertex is moved, and the checker finds fault exactly where a recount with sets does."""
    rng = np.random.default_rng(seed)
    case = planted_case(seed, parts=int(rng.integers(2, 7)), neurons=int(rng.integers(2, 15)), free=0, slack=0, forwarding=True)
    check_limits(case.h, case.caps, case.planted, case.parts)
    for _ in range(20):
        moved = case.planted.copy()
        moved[rng.integers(len(moved))] = rng.integers(case.parts)
        broken = recount(case.h, case.caps, moved, case.parts)
        if not broken:
            check_limits(case.h, case.caps, moved, case.parts)
            continue
        resource, core, used = broken[0]
        with pytest.raises(MappingError, match=f"core {core} holds {used} {resource}, allowed are "):
            check_limits(case.h, case.caps, moved, case.parts)


def recount(h: Hypergraph, caps: Caps, core: np.ndarray, cores: int) -> list[tuple[str, int, int]]:
    """Resource, core and use of every limit that is broken, resources in the checker's order."""
    read: list[set[int]] = [{int(core[v]) for v in h.pins[h.pin_start[e] : h.pin_start[e + 1]]} for e in range(h.edges)]
    broken = []
    for resource in ("neurons", "axons", "memory bits", "forwarding entries"):
        for c in range(cores):
            held = [v for v in range(len(h)) if core[v] == c]
            axons = sum(c in cores_of for cores_of in read)
            entries = sum(len(read[e]) for e in range(h.edges) if h.source[e] >= 0 and core[h.source[e]] == c)
            bits = sum(int(caps.own_bits[v]) for v in held) + axons * caps.axon_bits + entries * caps.forward_bits
            used, most = {
                "neurons": (len(held), caps.neurons),
                "axons": (axons, caps.axons),
                "memory bits": (bits, caps.bits),
                "forwarding entries": (entries, caps.entries),
            }[resource]
            if used > most:
                broken.append((resource, c, used))
    return broken
